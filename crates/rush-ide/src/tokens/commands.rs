//! The words of commands: the program, and what begins with `-`.

use rush_semantics::argv::{Piece, Word, split};
use rush_syntax::ast::{self, Expr};
use text_size::{TextRange, TextSize};

use super::{Modifiers, Token, TokenKind};
use crate::syntax::{exprs, slice};

/// Adds the programs and flags of an item's commands.
pub(super) fn tokens(ast: &ast::Item, text: &str, found: &mut Vec<Token>) {
    for (_, expr) in exprs(ast) {
        let Expr::Command(parts) = expr else { continue };
        let argv = split(parts, text);
        let mut words = argv.words.iter();
        if let Some(program) = words.next() {
            found.extend(fixed(program).map(|it| token(it, TokenKind::Program)));
        }
        for word in words {
            found.extend(flag(text, word).map(|it| token(it, TokenKind::Flag)));
        }
    }
}

fn token(range: TextRange, kind: TokenKind) -> Token {
    Token { range, kind, modifiers: Modifiers::NONE }
}

/// The pieces of a word that are no holes.
fn fixed(word: &Word) -> impl Iterator<Item = TextRange> {
    word.pieces.iter().filter_map(|piece| match piece {
        Piece::Text { range, .. } => Some(*range),
        Piece::Hole { .. } | Piece::Spread { .. } => None,
    })
}

/// `--flag` of `--flag=value`.
fn flag(text: &str, word: &Word) -> Option<TextRange> {
    let Some(Piece::Text { range, .. }) = word.pieces.first() else { return None };
    let written = slice(text, *range);
    if range.start() != word.range.start() || !written.starts_with('-') || written == "-" {
        return None;
    }
    let length = written.find('=').unwrap_or(written.len());
    Some(TextRange::at(range.start(), TextSize::new(length as u32)))
}
