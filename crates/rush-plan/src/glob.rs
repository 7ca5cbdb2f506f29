//! Patterns of paths: parse, match, intersect.

use std::ops::Range;

/// A pattern of paths relative to the workspace root.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Glob {
    text: String,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct GlobError {
    /// What is wrong, in words for the person.
    pub message: String,
    /// Where, in bytes of the pattern.
    pub range: Range<usize>,
    /// What to write instead, if that is clear.
    pub fix: Option<GlobFix>,
}

/// A change of a pattern's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobFix {
    /// What is replaced, in bytes of the pattern.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub replacement: String,
}

/// An index of patterns by literal prefix.
#[derive(Clone, Debug, Default)]
pub struct PatternIndex {}

impl Glob {
    /// Parses a pattern.
    pub fn parse(text: &str) -> Result<Self, GlobError> {
        Ok(Self { text: text.to_owned() })
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}
