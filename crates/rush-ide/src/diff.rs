//! From one text to another by small replacements of lines.

use std::ops::Range;
use std::time::Instant;

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

/// A replacement, in bytes of the old text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// What is replaced.
    pub range: Range<usize>,
    /// What comes there.
    pub text: String,
}

/// The replacements that lead from `old` to `new`, in order: of whole lines, without what they share
/// at their start and end. The smallest ones are sought until the deadline; after it, larger ones do.
pub fn hunks(old: &str, new: &str, deadline: Option<Instant>) -> Vec<Hunk> {
    if old == new {
        return Vec::new();
    }
    let (old_lines, new_lines) = (split(old), split(new));
    let (old_starts, new_starts) = (starts(&old_lines), starts(&new_lines));
    let operations =
        capture_diff_slices_deadline(Algorithm::Myers, &old_lines, &new_lines, deadline);
    let hunk = |(from, to): (Range<usize>, Range<usize>)| {
        let range = bytes(&old_starts, from)?;
        let text = new.get(bytes(&new_starts, to)?)?;
        shortened(old.get(range.clone())?, range.start, text)
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

/// Leaves out what both texts start with, and what they end with.
fn shortened(old: &str, start: usize, new: &str) -> Option<Hunk> {
    let (before, after) = shared_ends(old, new);
    let text = new.get(before..new.len() - after)?.to_owned();
    Some(Hunk { range: start + before..start + old.len() - after, text })
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
