//! The changes that format a text, as small as they can be, so that cursors and folds stay.

use std::ops::Range;
use std::time::{Duration, Instant};

use ls_types::TextEdit;
use rush_semantics::kinds::KIND_NAMES;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use crate::position::{Encoding, Lines};

/// How long the search for the smallest changes may take; after it, larger ones do.
const SEARCH_MAX: Duration = Duration::from_millis(200);

/// The changes that format a text; none if it is formatted. Items with syntax errors are left alone.
pub(crate) fn format(lines: &Lines, encoding: Encoding) -> Vec<TextEdit> {
    edits(lines, &rush_syntax::format(lines.text(), KIND_NAMES).text, encoding)
}

fn edits(lines: &Lines, new: &str, encoding: Encoding) -> Vec<TextEdit> {
    let old: &str = lines.text();
    if old == new {
        return Vec::new();
    }
    let (old_lines, new_lines) = (split(old), split(new));
    let deadline = Some(Instant::now() + SEARCH_MAX);
    let operations =
        capture_diff_slices_deadline(Algorithm::Myers, &old_lines, &new_lines, deadline);
    let (old_starts, new_starts) = (starts(&old_lines), starts(&new_lines));
    let change = |(old_range, new_range): (Range<usize>, Range<usize>)| {
        let replaced = bytes(&old_starts, old_range)?;
        let text = new.get(bytes(&new_starts, new_range)?)?;
        let (before, after) = shared_ends(old.get(replaced.clone())?, text);
        let range = replaced.start + before..replaced.end - after;
        let text = text.get(before..text.len() - after)?;
        Some(TextEdit::new(lines.range(range, encoding), text.to_owned()))
    };
    operations.iter().flat_map(replacements).filter_map(change).collect()
}

/// The lines an operation replaces, and those it puts there: line by line if they are as many.
fn replacements(operation: &DiffOp) -> Vec<(Range<usize>, Range<usize>)> {
    let (old, new) = (operation.old_range(), operation.new_range());
    match operation {
        DiffOp::Equal { .. } => Vec::new(),
        DiffOp::Replace { .. } if old.len() == new.len() => {
            old.zip(new).map(|(old, new)| (old..old + 1, new..new + 1)).collect()
        }
        DiffOp::Replace { .. } | DiffOp::Insert { .. } | DiffOp::Delete { .. } => vec![(old, new)],
    }
}

fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Where each line starts, and where the last one ends.
fn starts(lines: &[&str]) -> Vec<usize> {
    let ends = lines.iter().scan(0, |end, line| {
        *end += line.len();
        Some(*end)
    });
    std::iter::once(0).chain(ends).collect()
}

fn bytes(starts: &[usize], lines: Range<usize>) -> Option<Range<usize>> {
    Some(*starts.get(lines.start)?..*starts.get(lines.end)?)
}

/// How many bytes two texts share at the start and at the end: whole characters, and never half of
/// a line end, for which editors have no position.
fn shared_ends(old: &str, new: &str) -> (usize, usize) {
    let pairs = old.chars().zip(new.chars());
    let mut before: usize = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    if old.get(..before).is_some_and(|it| it.ends_with('\r')) {
        before -= 1;
    }
    let (old_rest, new_rest) = (old.get(before..), new.get(before..));
    let (old_rest, new_rest) = (old_rest.unwrap_or_default(), new_rest.unwrap_or_default());
    let pairs = old_rest.chars().rev().zip(new_rest.chars().rev());
    let mut after: usize = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let cuts_line_end = |rest: &str| {
        let at = rest.len() - after;
        rest.get(..at).is_some_and(|it| it.ends_with('\r'))
            && rest.get(at..).is_some_and(|it| it.starts_with('\n'))
    };
    if cuts_line_end(old_rest) || cuts_line_end(new_rest) {
        after -= 1;
    }
    (before, after)
}

#[cfg(test)]
mod tests {
    use super::edits;
    use crate::document::{Document, PathKind};
    use crate::position::{Encoding, Lines};
    use ls_types::TextDocumentContentChangeEvent;
    use proptest::prelude::{prop_assert_eq, proptest};

    /// Applies the changes from the end, as editors may.
    fn apply(old: &str, new: &str) -> (Vec<String>, String) {
        let edits = edits(&Lines::new(old.into()), new, Encoding::Utf16);
        let mut document = Document::new("/x".into(), PathKind::Editor, 0, old.to_owned());
        let mut shown = Vec::new();
        for edit in edits.into_iter().rev() {
            let (start, end) = (edit.range.start, edit.range.end);
            let place = (start.line, start.character, end.line, end.character);
            shown.push(format!("{place:?} {:?}", edit.new_text));
            let change = TextDocumentContentChangeEvent {
                range: Some(edit.range),
                range_length: None,
                text: edit.new_text,
            };
            document.edit(0, vec![change], Encoding::Utf16);
        }
        shown.reverse();
        (shown, document.lines.text().to_string())
    }

    fn check(old: &str, new: &str, expect: &[&str]) {
        let (shown, text) = apply(old, new);
        assert_eq!(text, new);
        assert_eq!(shown, expect);
    }

    #[test]
    fn only_what_differs_is_replaced() {
        check("a\nb\n", "a\nb\n", &[]);
        check("a\n🦀b c\nd", "a\n🦀b  c\nd\n", &["(1, 4, 1, 4) \" \"", "(2, 1, 2, 1) \"\\n\""]);
        check("a\n\n\nb\n", "a\n\nb\n", &["(2, 0, 3, 0) \"\""]);
    }

    #[test]
    fn line_ends_are_replaced_whole() {
        check("a\r\nb\n", "a\nb\n", &["(0, 1, 1, 0) \"\\n\""]);
        check("a\nb\r\n", "a\r\nb\r\n", &["(0, 1, 1, 0) \"\\r\\n\""]);
    }

    proptest! {
        #[test]
        fn the_changes_lead_from_one_text_to_the_other(
            old in "[a\u{e9}\u{1f980}\r\n ]{0,30}", new in "[a\u{e9}\u{1f980}\r\n ]{0,30}",
        ) {
            prop_assert_eq!(apply(&old, &new).1, new);
        }
    }
}
