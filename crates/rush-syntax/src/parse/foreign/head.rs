//! Heads of declarations as other languages write them: several bases, `:` for `extends`, a second
//! item on the line.

use text_size::TextRange;

use super::Parser;
use crate::ast::Name;
use crate::error::{self, SyntaxFix, habits};
use crate::kind::SyntaxKind;
use crate::token::Token;

/// What other languages write behind `extends`.
pub(in crate::parse) enum Foreign {
    /// One name, between quotes.
    Base(Name),
    /// Several.
    Bases,
}

impl Parser {
    /// What stands at `at` between the head of a declaration and its body; whether it was reported.
    pub(in crate::parse) fn foreign_base(&mut self, at: usize, body: usize) -> bool {
        let is_list = |it: &Self, from: usize| {
            (from..body).any(|at| it.kind(at, body) == Some(SyntaxKind::Comma))
        };
        let has_base = (1..at).any(|it| self.word(it) == "extends");
        match self.kind(at, body) {
            Some(SyntaxKind::Comma | SyntaxKind::LeftBracket) if has_base => self.several_bases(at),
            Some(SyntaxKind::Colon | SyntaxKind::Less)
                if !has_base && self.is_word(at + 1, body) =>
            {
                let sign = self.range_at(at);
                let gap =
                    TextRange::new(self.bytes(at - 1, at).end(), self.range_at(at + 1).start());
                let gap = (!is_list(self, at)).then_some(gap);
                self.errors.push(habits::base_without_extends(sign, gap));
            }
            _ => return false,
        }
        true
    }

    /// `task test:unit {`, `task test.unit {`: reports names that a sign joins, and returns the index
    /// behind them.
    pub(in crate::parse) fn joined_name_end(&mut self, at: usize, end: usize) -> usize {
        let mut next = at + 1;
        let sign = self.kind(next, end);
        while matches!(sign, Some(SyntaxKind::Colon | SyntaxKind::Dot))
            && self.kind(next, end) == sign
            && self.is_word(next + 1, end)
            && self.touches_next(next - 1)
            && self.touches_next(next)
        {
            next += 2;
        }
        if next > at + 1 {
            let name = self.bytes(at, next);
            let sign = self.word(at + 1).to_owned();
            let text = self.slice(name).replace(&sign, "_");
            self.errors.push(habits::sign_in_name(name, &sign, &text));
        }
        next
    }

    /// Whether nothing stands between a token and the next one.
    fn touches_next(&self, at: usize) -> bool {
        self.range_at(at).end() == self.range_at(at + 1).start()
    }

    fn several_bases(&mut self, at: usize) {
        self.errors.push(habits::several_bases(self.range_at(at)));
    }

    /// `extends "base"` and `extends [a, b]`: what stands at `at`, if that was reported.
    pub(in crate::parse) fn foreign_base_name(&mut self, at: usize, end: usize) -> Option<Foreign> {
        let token = self.token(at).filter(|it| at < end && !it.is_first())?;
        match token.kind {
            SyntaxKind::Text => {
                let text = self.plain_text(token);
                let is_plain = text.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
                if !is_plain || text.is_empty() {
                    return None;
                }
                self.errors.push(error::quoted_name(token.range(), &text));
                Some(Foreign::Base(Name { text, range: token.range() }))
            }
            SyntaxKind::LeftBracket => {
                self.several_bases(at);
                Some(Foreign::Bases)
            }
            _ => None,
        }
    }

    /// Whether an item begins at `at`, in the middle of a line; reports it.
    pub(in crate::parse) fn item_on_line(&mut self, at: usize) -> bool {
        if !self.begins_item(at) {
            return false;
        }
        let gap = TextRange::new(self.bytes(at - 1, at).end(), self.range_at(at).start());
        if self.slice(gap).contains('\r') {
            self.errors.push(error::lone_return(gap));
            return true;
        }
        let head = self.bytes(at, at + 2);
        let written = self.slice(head).to_owned();
        self.errors.push(habits::item_on_line(head, &written, gap));
        true
    }

    /// Whether the tokens at `at` are the head of an item.
    pub(in crate::parse) fn begins_item(&self, at: usize) -> bool {
        let next =
            |by: usize| self.token(at + by).filter(|it| !it.is_first()).map(|it: Token| it.kind);
        let is_named = next(1) == Some(SyntaxKind::Ident);
        match self.word(at) {
            "let" | "type" => {
                is_named && matches!(next(2), Some(SyntaxKind::Equals | SyntaxKind::Colon))
            }
            "param" => is_named && next(2) == Some(SyntaxKind::Colon),
            "fn" => is_named && next(2) == Some(SyntaxKind::LeftParen),
            "use" => next(1) == Some(SyntaxKind::Text),
            _ => {
                let is_body =
                    matches!(next(2), Some(SyntaxKind::LeftBrace | SyntaxKind::LeftParen));
                let is_extended = self.word(at + 2) == "extends";
                self.kind(at, usize::MAX) == Some(SyntaxKind::Ident)
                    && is_named
                    && (is_body || is_extended)
            }
        }
    }

    /// `use "./web.rush"` and `use "./web.rush" web`.
    pub(in crate::parse) fn use_without_as(&mut self, at: usize, end: usize, path: &Name) {
        let place = TextRange::empty(path.range.end());
        let is_named = self.is_word(at, end) && !self.token(at).is_some_and(Token::is_first);
        let stem = path.text.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = stem.strip_suffix(".rush").unwrap_or(stem).replace(['-', '.', ' '], "_");
        let is_name = stem.starts_with(|it: char| it.is_ascii_alphabetic())
            && stem.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
        let fix = if is_named {
            Some(SyntaxFix::automatic("insert `as`", vec![(place, " as".to_owned())]))
        } else if is_name && !crate::foreign::is_keyword(&stem) {
            let text = format!(" as {stem}");
            Some(SyntaxFix::offered(format!("insert `as {stem}`"), vec![(place, text)]))
        } else {
            None
        };
        let shown = if is_named { self.range_at(at) } else { path.range };
        self.errors.push(habits::use_without_as(shown, fix));
    }
}
