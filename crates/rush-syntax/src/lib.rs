//! Text to trees: lexer, item splitter, parser, lossless tree, typed AST, formatter.

pub mod ast;
