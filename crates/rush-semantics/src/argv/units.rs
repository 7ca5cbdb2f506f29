//! The pieces of a command as one row of characters and holes, each with its place.

use rush_syntax::ast::{ExprId, Part};
use text_size::TextRange;

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
    let mut units = Vec::new();
    for part in parts {
        match part {
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
