//! From one text to another by small replacements of lines.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A replacement, in bytes of the old text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hunk {
    /// What is replaced.
    pub(crate) range: Range<usize>,
    /// What comes there.
    pub(crate) text: String,
}

/// The replacements that lead from `old` to `new`, in order: of whole lines, without what they share
/// at their start and end.
pub(crate) fn hunks(old: &str, new: &str) -> Vec<Hunk> {
    if old == new {
        return Vec::new();
    }
    let (old_lines, new_lines) = (split(old), split(new));
    let (old_starts, new_starts) = (starts(&old_lines), starts(&new_lines));
    let operations = capture_diff_slices(Algorithm::Myers, &old_lines, &new_lines);
    let hunk = |(from, to): (Range<usize>, Range<usize>)| {
        let range = bytes(&old_starts, from)?;
        let text = new.get(bytes(&new_starts, to)?)?;
        Some(shortened(old.get(range.clone())?, range.start, text))
    };
    operations.iter().flat_map(lines).filter_map(hunk).collect()
}

/// The old text with some of the replacements made.
pub(crate) fn apply<'a>(old: &str, hunks: impl IntoIterator<Item = &'a Hunk>) -> String {
    let mut text = String::with_capacity(old.len());
    let mut end = 0;
    for hunk in hunks {
        text.push_str(old.get(end..hunk.range.start).unwrap_or_default());
        text.push_str(&hunk.text);
        end = hunk.range.end;
    }
    text.push_str(old.get(end..).unwrap_or_default());
    text
}

/// The lines an operation replaces, and those it puts there: one by one if they are as many.
fn lines(operation: &DiffOp) -> Vec<(Range<usize>, Range<usize>)> {
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

/// Leaves out what both texts start with, and what they end with; never half of a line end.
fn shortened(old: &str, start: usize, new: &str) -> Hunk {
    let same = |(a, b): &(char, char)| a == b && *a != '\r' && *a != '\n';
    let before: usize =
        old.chars().zip(new.chars()).take_while(same).map(|(it, _)| it.len_utf8()).sum();
    let (old_rest, new_rest) =
        (old.get(before..).unwrap_or_default(), new.get(before..).unwrap_or_default());
    let ends_alike = old_rest.ends_with("\r\n") == new_rest.ends_with("\r\n");
    let pairs = old_rest.chars().rev().zip(new_rest.chars().rev());
    let after: usize = if ends_alike {
        pairs.take_while(|(a, b)| a == b).map(|(it, _)| it.len_utf8()).sum()
    } else {
        0
    };
    let kept = new_rest.get(..new_rest.len() - after).unwrap_or_default();
    Hunk { range: start + before..start + old.len() - after, text: kept.to_owned() }
}
