//! The words of the language, and those that say who runs a script.

use rush_semantics::{Db, SourceFile, words};
use text_size::{TextRange, TextSize};

use super::{Hover, Page};
use crate::place::{FileRange, Placed};
use crate::syntax::slice;
use crate::tokens::{TokenKind, semantic_tokens};

/// What there is to say about the keyword or the interpreter at `offset`.
pub(super) fn hover(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<Hover> {
    let (placed, _) = Placed::at(db, file, offset)?;
    let of_item = TextRange::at(placed.start, TextSize::of(&**placed.item.text(db)));
    let mut tokens = semantic_tokens(db, file, Some(of_item)).into_iter();
    let token = tokens.find(|it| {
        let is_word = matches!(it.kind, TokenKind::Keyword | TokenKind::Interpreter);
        is_word && it.range.contains_inclusive(offset)
    })?;
    let word = slice(file.text(db), token.range);
    let mut page = Page::default();
    page.say_code(match token.kind {
        TokenKind::Interpreter => words::interpreter(word)?,
        _ => words::keyword(word)?,
    });
    Some(Hover { at: FileRange { file: file.id(db), range: token.range }, text: page.text })
}
