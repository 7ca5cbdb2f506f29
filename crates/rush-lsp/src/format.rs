//! The changes that format a text, as small as they can be, so that cursors and folds stay.

use std::time::{Duration, Instant};

use ls_types::TextEdit;
use rush_ide::hunks;
use rush_semantics::kinds::KIND_NAMES;

use crate::position::{Encoding, Lines};

/// How long the search for the smallest changes may take; after it, larger ones do.
const SEARCH_MAX: Duration = Duration::from_millis(200);

/// The changes that format a text; none if it is formatted. Items with syntax errors are left alone.
pub(crate) fn format(lines: &Lines, encoding: Encoding) -> Vec<TextEdit> {
    edits(lines, &rush_syntax::format(lines.text(), KIND_NAMES).text, encoding)
}

fn edits(lines: &Lines, new: &str, encoding: Encoding) -> Vec<TextEdit> {
    let hunks = hunks(lines.text(), new, Some(Instant::now() + SEARCH_MAX)).into_iter();
    hunks.map(|it| TextEdit::new(lines.range(it.range, encoding), it.text)).collect()
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
