//! What chumsky is given: tokens in which a group counts as one, and the rules that every grammar here
//! is made of.
//!
//! It knows neither expressions nor types.

use std::ops::Range;

use chumsky::error::{Error as ChumskyError, LabelError};
use chumsky::input::{Checkpoint, Cursor, Input, MapExtra, ValueInput};
use chumsky::inspector::Inspector;
use chumsky::prelude::*;
use chumsky::primitive::custom;
use chumsky::util::MaybeRef;
use chumsky::{Boxed, DefaultExpected};
use text_size::TextRange;

use super::{Parser as Item, Rc};
use crate::kind::SyntaxKind;
use crate::token::Token;

/// A stretch of tokens in which a group counts as one.
pub(super) struct Terms {
    tokens: Rc<Vec<Token>>,
    from: usize,
    end: usize,
}

/// The grammar's error: that it failed; the words are found where the message is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure;

pub(super) type Extra = extra::Full<Failure, Item, ()>;
pub(super) type Rule<T> = Boxed<'static, 'static, Terms, T, Extra>;
pub(super) type Scene<'b> = MapExtra<'static, 'b, Terms, Extra>;

impl Terms {
    pub(super) fn new(tokens: &Rc<Vec<Token>>, from: usize, end: usize) -> Self {
        Self { tokens: Rc::clone(tokens), from, end }
    }

    fn advance(&self, cursor: &mut usize) -> Option<Token> {
        if *cursor >= self.end {
            return None;
        }
        let token = *self.tokens.get(*cursor)?;
        *cursor = if token.kind.is_opener() { token.mate as usize + 1 } else { *cursor + 1 };
        Some(token)
    }
}

impl Input<'static> for Terms {
    type Span = SimpleSpan<usize>;
    type Token = Token;
    type MaybeToken = Token;
    type Cursor = usize;
    type Cache = Self;

    fn begin(self) -> (usize, Self) {
        (self.from, self)
    }

    fn cursor_location(cursor: &usize) -> usize {
        *cursor
    }

    unsafe fn next_maybe(cache: &mut Self, cursor: &mut usize) -> Option<Token> {
        cache.advance(cursor)
    }

    unsafe fn span(_: &mut Self, range: Range<&usize>) -> SimpleSpan<usize> {
        (*range.start..*range.end).into()
    }
}

impl ValueInput<'static> for Terms {
    unsafe fn next(cache: &mut Self, cursor: &mut usize) -> Option<Token> {
        cache.advance(cursor)
    }
}

impl ChumskyError<'static, Terms> for Failure {}

impl LabelError<'static, Terms, DefaultExpected<'static, Token>> for Failure {
    fn expected_found<E: IntoIterator<Item = DefaultExpected<'static, Token>>>(
        _: E,
        _: Option<MaybeRef<'static, Token>>,
        _: SimpleSpan<usize>,
    ) -> Self {
        Self
    }
}

impl Inspector<'static, Terms> for Item {
    type Checkpoint = ();

    fn on_token(&mut self, _: &Token) {}

    fn on_save(&self, _: &Cursor<'static, '_, Terms>) {}

    fn on_rewind(&mut self, _: &Checkpoint<'static, '_, Terms, ()>) {}
}

/// One token that `is` accepts.
pub(super) fn one(is: impl Fn(Token) -> bool + 'static) -> Rule<Token> {
    any().filter(move |token: &Token| is(*token)).boxed()
}

/// One token of a kind.
pub(super) fn kind(kind: SyntaxKind) -> Rule<Token> {
    one(move |token| token.kind == kind)
}

/// Notes where the grammar stopped, and lets the rest of the stretch be.
pub(super) fn stop() -> Rule<()> {
    custom(|input| {
        let at = *input.cursor().inner();
        let state: &mut Item = input.state();
        state.stop = at;
        while input.next().is_some() {}
        Ok(())
    })
    .boxed()
}

/// Nothing, where something had to be; notes the place.
pub(super) fn missing<T: 'static>(make: impl Fn(TextRange) -> T + 'static) -> Rule<T> {
    custom(move |input| {
        let at = *input.cursor().inner();
        let state: &mut Item = input.state();
        state.missing_at.get_or_insert(at);
        let range = state.bytes(at, at);
        Ok(make(range))
    })
    .boxed()
}
