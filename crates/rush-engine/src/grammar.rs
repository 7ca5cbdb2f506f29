//! `rush grammar`: the grammar of task files as text.

use rush_semantics::kinds::KIND_NAMES;
use rush_syntax::grammar;

/// How a grammar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// For people: the productions of the reference.
    Ebnf,
    /// For programs that constrain what a model writes: with white space, comments and tokens.
    Gbnf,
}

/// Returns the grammar of task files.
pub fn grammar(notation: Notation) -> String {
    match notation {
        Notation::Ebnf => grammar::EBNF.to_owned(),
        Notation::Gbnf => grammar::gbnf(grammar::EBNF, KIND_NAMES)
            .expect("the grammar of the language can be converted, a test does so"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Notation, grammar};

    #[test]
    fn both_notations_have_every_production() {
        assert!(grammar(Notation::Ebnf).contains("file     = { item } ;"));
        let gbnf = grammar(Notation::Gbnf);
        assert!(gbnf.contains("\nfile ::= "), "{gbnf}");
        assert!(gbnf.contains("kind-word ::= \"task\" | "), "{gbnf}");
    }
}
