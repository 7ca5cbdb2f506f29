//! The tree-sitter language of Rush task files, for programs written in Rust. It knows nothing of
//! the compiler, which has a parser of its own.

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_rush() -> *const ();
}

/// The language, to be given to a parser.
// SAFETY: the function is what `tree-sitter generate` made of this folder's grammar.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_rush) };

/// What colours a file.
pub const HIGHLIGHTS_QUERY: &str = include_str!("../queries/highlights.scm");
/// Which parts of a file are in another language.
pub const INJECTIONS_QUERY: &str = include_str!("../queries/injections.scm");
/// Which names are declared where, and where they are used.
pub const LOCALS_QUERY: &str = include_str!("../queries/locals.scm");
/// What can be folded.
pub const FOLDS_QUERY: &str = include_str!("../queries/folds.scm");
/// How lines are indented.
pub const INDENTS_QUERY: &str = include_str!("../queries/indents.scm");
