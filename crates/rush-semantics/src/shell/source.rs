//! The body of a script as one text, with the way back to places in the item.

use rush_syntax::ast::Part;
use text_size::{TextRange, TextSize};

/// A script's text; offsets count in it, ranges in the item.
pub(super) struct Source<'a> {
    pub(super) text: String,
    parts: &'a [Part],
    /// Where each part's text starts, ascending.
    starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(parts: &'a [Part]) -> Self {
        let mut text = String::new();
        let mut starts = Vec::with_capacity(parts.len());
        for part in parts {
            starts.push(text.len());
            if let Part::Text { value, .. } = part {
                text.push_str(value);
            }
        }
        Self { text, parts, starts }
    }

    /// Where the text from `start` to `end` is written.
    pub(super) fn range(&self, start: usize, end: usize) -> TextRange {
        let from = self.place(start, start);
        // An end at a line's start belongs to the line before, without the indentation between.
        let to = self.place(end, end.saturating_sub(1));
        TextRange::new(from, to.max(from))
    }

    /// The place of `offset`, seen from the part that holds the byte at `witness`.
    fn place(&self, offset: usize, witness: usize) -> TextSize {
        let index = self.starts.partition_point(|start| *start <= witness).saturating_sub(1);
        match (self.parts.get(index), self.starts.get(index)) {
            (Some(part), Some(start)) => part.place(offset.saturating_sub(*start)),
            _ => TextSize::default(),
        }
    }
}
