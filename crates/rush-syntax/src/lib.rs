//! Text to trees: lexer, item splitter, parser, lossless tree, typed AST, formatter.
//!
//! ```
//! use rush_syntax::{Dialect, parse_item, split};
//!
//! let text = "task build {\n  run: `cargo build`\n}\n";
//! let slices = split(text, &["task"]);
//! let parsed = parse_item(&text[slices[0].range], Dialect::File);
//! assert_eq!(parsed.item.name().unwrap().text, "build");
//! assert!(parsed.errors.is_empty());
//! ```

pub mod ast;
mod balance;
mod error;
mod foreign;
mod format;
pub mod grammar;
mod kind;
mod lex;
mod number;
mod opening;
mod parse;
mod split;
mod token;
mod tree;

pub use error::habits::{FENCE, label_in_file};
pub use error::{SyntaxError, SyntaxFix};
pub use format::{Formatted, format, format_file, format_item, format_touched};
pub use kind::SyntaxKind;
pub use lex::{instead_of_label, label_of_comment};
pub use opening::Kind;
pub use parse::{Parsed, parse_item};
pub use split::{Slice, split};
pub use tree::{Node, NodeId, Tree, TreeToken, parse_tree, tokens};

/// Which items a file may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// A file of the user.
    File,
    /// The prelude, which also declares kinds.
    Prelude,
}

/// Reads a number, a duration or a size, as a source would spell it; `None` when it is none.
///
/// What the command line and the environment give is read by the same rules as a source.
pub fn parse_number(text: &str) -> Option<ast::Bound> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    Some(match number::read(text).ok()? {
        number::Number::Int(value) => ast::Bound::Int(value),
        number::Number::Float(value) => ast::Bound::Float(value),
        number::Number::Duration(value) => ast::Bound::Duration(value),
        number::Number::Size(value) => ast::Bound::Size(value),
    })
}
