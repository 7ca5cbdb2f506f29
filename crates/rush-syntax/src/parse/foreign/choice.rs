//! `match`, `switch` and `case`: how other languages choose one of several values.

use super::{Parser, Remedy};
use crate::error::habits;
use crate::kind::SyntaxKind;

/// The words that open such a choice.
pub(super) const WORDS: &[&str] = &["match", "switch", "case", "select"];

impl Parser {
    /// Whether what begins at `from` and stopped at `stop` is one: a value follows the word, or a `{`
    /// its value in parentheses.
    pub(super) fn is_choice(&self, from: usize, stop: usize) -> bool {
        let Some(token) = self.token(stop).filter(|it| !it.is_separated()) else { return false };
        let is_word = WORDS.contains(&self.word(from)) && stop > from;
        let is_value = stop == from + 1 && (token.kind.starts_value() || token.kind.is_word());
        let opens = token.kind == SyntaxKind::LeftBrace;
        let has_body =
            opens || self.kind(self.after(stop), usize::MAX) == Some(SyntaxKind::LeftBrace);
        is_word && has_body && (is_value || opens)
    }

    /// Reports the choice at `from`; its body is at `stop` or behind the value there.
    pub(super) fn choice(&mut self, from: usize, stop: usize) -> Remedy {
        let is_body = self.kind(stop, usize::MAX) == Some(SyntaxKind::LeftBrace);
        let body = if is_body { stop } else { self.after(stop) };
        let end = self.after(body);
        let word = self.word(from).to_owned();
        self.forget_inside(self.bytes(body, end));
        self.errors.push(habits::choice(self.range_at(from), &word));
        Remedy::SkipTo(end)
    }
}
