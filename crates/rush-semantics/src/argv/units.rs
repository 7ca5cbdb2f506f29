//! The pieces of a command as one row of characters and holes, each with its place.

use rush_syntax::ast::{ExprId, Part};
use text_size::{TextRange, TextSize};

/// A character or a hole.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unit {
    /// A character as written.
    Char {
        /// The character.
        value: char,
        /// Its place.
        range: TextRange,
    },
    /// `${e}` or `${...e}`
    Hole {
        /// The expression.
        expr: ExprId,
        /// Whether `...` precedes it.
        is_spread: bool,
        /// From `$` to `}`.
        range: TextRange,
    },
}

impl Unit {
    /// Where it is written.
    pub(super) fn range(self) -> TextRange {
        match self {
            Self::Char { range, .. } | Self::Hole { range, .. } => range,
        }
    }
}

/// Lays the parts out as characters and holes.
pub(super) fn units(parts: &[Part]) -> Vec<Unit> {
    let lengths = parts.iter().map(|part| match part {
        Part::Text { value, .. } => value.len(),
        Part::Hole { .. } => 1,
    });
    let mut units = Vec::with_capacity(lengths.sum());
    for part in parts {
        match part {
            // One byte a character, each written as itself.
            Part::Text { value, range, is_escape: false }
                if value.is_ascii() && TextSize::of(value.as_str()) == range.len() =>
            {
                let mut at = range.start();
                units.extend(value.bytes().map(|byte| {
                    let range = TextRange::at(at, TextSize::new(1));
                    at = range.end();
                    Unit::Char { value: char::from(byte), range }
                }));
            }
            Part::Text { value, .. } => units.extend(value.char_indices().map(|(at, value)| {
                let range = TextRange::new(part.place(at), part.place(at + value.len_utf8()));
                Unit::Char { value, range }
            })),
            Part::Hole { value, is_spread, range } => {
                units.push(Unit::Hole { expr: *value, is_spread: *is_spread, range: *range });
            }
        }
    }
    units
}
