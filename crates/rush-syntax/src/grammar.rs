//! The grammar as text: the EBNF people read, and what it becomes for programs that generate text.
//!
//! `grammar/rush.ebnf` is the only source. The parser does not read it; tests hold the two together.

mod ebnf;
mod gaps;
mod gbnf;
mod terminals;

use std::fmt;

/// The grammar in EBNF, as it is read by people.
pub const EBNF: &str = include_str!("../../../grammar/rush.ebnf");

/// Why a grammar in EBNF could not be converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrammarError {
    /// What is wrong, and where.
    pub message: String,
}

impl fmt::Display for GrammarError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for GrammarError {}

impl GrammarError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// Converts a grammar in EBNF to GBNF, the notation in which llama.cpp and others are told what a
/// model may write.
///
/// The EBNF says nothing of white space, comments and the letters of its tokens; those are added
/// here. `kinds` are the kinds a declaration may have.
pub fn gbnf(ebnf: &str, kinds: &[&str]) -> Result<String, GrammarError> {
    gbnf::convert(&ebnf::parse(ebnf)?, kinds)
}

#[cfg(test)]
mod tests;
