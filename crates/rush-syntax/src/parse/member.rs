//! Members of records, with recovery.

use text_size::TextRange;

use super::{Entries, Parser, fitted};
use crate::ast::{Check, Expr, Field, Let, Member, Name, Record};
use crate::error::{self, habits};
use crate::kind::SyntaxKind;
use crate::token::Token;

impl Parser {
    /// The record whose `{` is at `open`.
    pub(super) fn record(&mut self, open: usize) -> Record {
        let end = self.mate(open);
        let before = self.errors.len();
        let members = self.members(open + 1, end);
        let is_written = |at: usize| self.token(at).is_some_and(|it| !it.is_inserted());
        let has_braces = is_written(open) && is_written(end);
        Record {
            members,
            range: self.group_range(open),
            is_complete: has_braces
                && self.errors.len() == before
                && !self.has_early_error(open, end),
        }
    }

    fn members(&mut self, from: usize, end: usize) -> Vec<Member> {
        let mut members = Vec::new();
        let mut at = from;
        while at < end {
            if self.skip_comma(&mut at, from, "a field") {
                continue;
            }
            if let Some(stop) = self.values_without_name(at, end, &members) {
                at = stop;
                continue;
            }
            let stop = self.member(at, end, &mut members);
            at = self.after_entry(at, stop, end, "fields");
        }
        fitted(members)
    }

    /// Values behind a comma where a field should be: the rest of a list without its brackets.
    fn values_without_name(&mut self, at: usize, end: usize, members: &[Member]) -> Option<usize> {
        let next = self.kind(at + 1, end);
        let is_alone = next.is_none()
            || next == Some(SyntaxKind::Comma)
            || self.token(at + 1).is_some_and(Token::is_separated)
            || !self.kind(at, end).is_some_and(|it| it.is_word() || is_key(it));
        let before = at.checked_sub(1).and_then(|it| self.kind(it, end));
        let Some(Member::Field(field)) = members.last().filter(|_| is_alone) else { return None };
        if before != Some(SyntaxKind::Comma) || self.token(at)?.is_first() {
            return None;
        }
        let value = self.expr_ranges.get(field.value.0 as usize).copied()?;
        let has_colon = field.range.start() < value.start() && !value.is_empty();
        if self.is_word(at, end) && !self.opens_list(field, value) {
            return None;
        }
        if has_colon { self.list_without_brackets(at, end, value) } else { None }
    }

    /// Whether a word behind the comma after `field` goes on with its value; it may as well be a
    /// field of which no more than the name is there yet.
    fn opens_list(&self, field: &Field, value: TextRange) -> bool {
        let before = self.text.get(..usize::from(field.range.start())).unwrap_or_default();
        let is_name = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '.';
        before.trim_end_matches(' ').ends_with('\n') && self.slice(value).chars().all(is_name)
    }

    /// Parses the member at `at` and returns where it stopped.
    fn member(&mut self, at: usize, end: usize, members: &mut Vec<Member>) -> usize {
        let next = self.kind(at + 1, end);
        let is_field = matches!(next, Some(SyntaxKind::Colon | SyntaxKind::LeftBrace));
        match self.kind(at, end) {
            Some(SyntaxKind::Ellipsis) => {
                let limit = self.entry_end(at, end, Entries::Named);
                let (value, stop) = self.expr(at + 1, limit, None);
                members.push(Member::Spread { value, range: self.bytes(at, stop) });
                stop
            }
            Some(SyntaxKind::LetWord) if !is_field => {
                let (value, stop) = self.let_at(at, end);
                members.push(Member::Let(value));
                stop
            }
            Some(SyntaxKind::Ident) if !is_field && self.is_check(at, end) => {
                let (check, stop) = self.check_at(at, end);
                members.push(Member::Check(check));
                stop
            }
            Some(SyntaxKind::Ident) if self.word(at) == "assert" && next.is_some() && !is_field => {
                let range = self.range_at(at);
                self.errors.push(habits::foreign_head(range, "assert", "check"));
                let (check, stop) = self.check_at(at, end);
                members.push(Member::Check(check));
                stop
            }
            Some(kind) if kind.is_word() || is_key(kind) => match self.foreign_member(at, end) {
                Some(stop) => stop,
                None => self.field(at, end, members),
            },
            _ => self.nameless(at, end),
        }
    }

    /// Something that begins no member. A value whose name is missing is read all the same, so that
    /// what it holds is known.
    fn nameless(&mut self, at: usize, end: usize) -> usize {
        self.expected_entry(at, "a field");
        let limit = self.entry_end(at, end, Entries::Named);
        let from = at + usize::from(self.kind(at, end) == Some(SyntaxKind::Colon));
        let has_value = from > at || self.kind(at, end) == Some(SyntaxKind::LeftBrace);
        if has_value && self.kind(from, limit).is_some_and(SyntaxKind::starts_value) {
            self.expr(from, limit, None);
        }
        limit
    }

    fn is_check(&self, at: usize, end: usize) -> bool {
        self.word(at) == "check"
            && self.kind(at + 1, end) != Some(SyntaxKind::Equals)
            && self.token(at + 1).is_none_or(|it| !it.is_separated() || at + 1 >= end)
    }

    fn field(&mut self, at: usize, end: usize, members: &mut Vec<Member>) -> usize {
        let (name, behind) = self.field_name(at, end);
        let doc = self.doc(at).map(Box::new);
        let next = self.token(behind).filter(|it| behind < end && !it.is_first());
        let (value, stop) = match next.map(|it| it.kind) {
            Some(SyntaxKind::Colon) => self.field_value(at, behind + 1, end),
            Some(SyntaxKind::LeftBrace) => {
                let stop = self.after(behind).min(self.entry_end(at, end, Entries::Named));
                self.expr(behind, stop, None)
            }
            Some(SyntaxKind::Equals) => {
                self.equals_for_colon(behind - 1, "fields");
                self.field_value(at, behind + 1, end)
            }
            Some(kind) if kind.starts_value() => {
                if kind.is_word() {
                    self.missing_colon(at);
                } else {
                    self.forgotten_colon(at);
                }
                self.field_value(at, at + 1, end)
            }
            _ => self.lone_field(at, end),
        };
        let range = self.bytes(at, stop.max(at + 1));
        members.push(Member::Field(Field { doc, name, value, range }));
        stop
    }

    fn field_value(&mut self, head: usize, from: usize, end: usize) -> (crate::ast::ExprId, usize) {
        if let Some(found) = self.foreign_value(head, from, end) {
            return found;
        }
        let is_on_line = self.token(from).is_some_and(|it| from < end && !it.is_separated());
        if is_on_line && !self.is_labelled(from, end) {
            let limit = self.entry_end(from, end, Entries::Named);
            return self.expr(from, limit, None);
        }
        if self.is_value_below(head, from, end) {
            self.value_on_next_line(head, from);
            let limit = self.entry_end(from, end, Entries::Named);
            return self.expr(from, limit, None);
        }
        self.missing_at = None;
        self.report_missing(from, from);
        (self.new_expr(Expr::Missing, self.bytes(from, from)), from)
    }

    /// Whether the value of the field at `head` stands on the next line, indented deeper.
    fn is_value_below(&self, head: usize, from: usize, end: usize) -> bool {
        let Some(token) = self.token(from).filter(|it| from < end && it.is_separated()) else {
            return false;
        };
        let is_head_of_line = self.kind(from + 1, end).is_some_and(|it| {
            matches!(it, SyntaxKind::Colon | SyntaxKind::LeftBrace | SyntaxKind::Equals)
        });
        let is_value = token.kind.starts_value() && token.kind != SyntaxKind::LetWord;
        is_value && !is_head_of_line && self.column(from) > self.line_indent(head)
    }

    /// A word alone on its line.
    fn lone_field(&mut self, at: usize, end: usize) -> (crate::ast::ExprId, usize) {
        self.missing_value(at);
        let next = self.token(at + 1).filter(|_| at + 1 < end);
        let stop = match next {
            Some(it) if !it.is_separated() && it.kind != SyntaxKind::Comma => {
                self.entry_end(at, end, Entries::Named)
            }
            _ => at + 1,
        };
        (self.new_expr(Expr::Missing, self.bytes(at + 1, at + 1)), stop)
    }

    /// The name of the field at `at`, and the index behind it.
    fn field_name(&mut self, at: usize, end: usize) -> (Name, usize) {
        if let Some(token) = self.token(at).filter(|it| is_key(it.kind)) {
            let text = self.plain_text(token);
            return (Name { text, range: token.range() }, at + 1);
        }
        match self.dashed_end(at, end) {
            next if next > at + 1 && self.opens_value(next, end) => {
                (self.dashed_field(at, next, end), next)
            }
            _ => (self.name(at), at + 1),
        }
    }

    /// Whether what stands before `at` on its line can only be the name of a field.
    fn opens_value(&self, at: usize, end: usize) -> bool {
        let next = self.token(at).filter(|it| at < end && !it.is_first());
        next.is_some_and(|it| {
            matches!(it.kind, SyntaxKind::Colon | SyntaxKind::LeftBrace | SyntaxKind::Equals)
        })
    }

    /// `let name: T = value`, whose `let` is at `at`.
    pub(super) fn let_at(&mut self, at: usize, end: usize) -> (Let, usize) {
        let name = self.opt_name(at + 1, end);
        let mut next = at + 1 + usize::from(name.is_some());
        if name.is_none() {
            self.expected_name(at, end, "a name after `let`");
        }
        let mut ty = None;
        if self.kind(next, end) == Some(SyntaxKind::Colon)
            && !self.is_colon_before_equals(next, end)
        {
            let limit = self.type_end(next + 1, end);
            let (id, stop) = self.type_at(next + 1, limit, None);
            (ty, next) = (Some(id), stop);
        }
        next = self.colon_before_equals(next, end);
        let (value, stop) = self.defined_value(at, next, end, "let");
        (Let { name, ty, value, range: self.bytes(at, stop.max(at + 1)) }, stop)
    }

    /// `name := value`: reports the `:`, and returns where the `=` is.
    pub(super) fn colon_before_equals(&mut self, at: usize, end: usize) -> usize {
        if !self.is_colon_before_equals(at, end) {
            return at;
        }
        self.errors.push(error::colon_before_equals(self.range_at(at)));
        at + 1
    }

    pub(super) fn is_colon_before_equals(&self, at: usize, end: usize) -> bool {
        self.kind(at, end) == Some(SyntaxKind::Colon) && self.opens_with_equals(at + 1)
    }

    /// `= value`, which has to be at `at`.
    pub(super) fn defined_value(
        &mut self,
        head: usize,
        at: usize,
        end: usize,
        what: &str,
    ) -> (crate::ast::ExprId, usize) {
        let next = self.token(at).filter(|it| at < end && !it.is_separated());
        let from = match next.map(|it| it.kind) {
            Some(SyntaxKind::Equals) => at + 1,
            Some(kind) if kind.starts_value() && at > head + 1 => {
                self.missing_equals(at);
                at
            }
            _ => {
                self.expected_after(at, end, &format!("`=` and a value in this `{what}`"));
                return (self.new_expr(Expr::Missing, self.bytes(at, at)), at);
            }
        };
        if self.is_labelled(from, end) && self.token(from).is_some_and(Token::is_first) {
            self.report_missing(from, from);
            return (self.new_expr(Expr::Missing, self.bytes(from, from)), from);
        }
        let limit = if from < end { self.entry_end(from, end, Entries::Named) } else { end };
        self.expr(from, limit, None)
    }

    /// `check condition, message`, whose `check` is at `at`.
    pub(super) fn check_at(&mut self, at: usize, end: usize) -> (Check, usize) {
        let limit = self.entry_end(at, end, Entries::Named);
        let (condition, stop) = self.expr(at + 1, limit, None);
        let (message, stop) = self.message_at(stop, limit, end);
        (Check { condition, message, range: self.bytes(at, stop.max(at + 1)) }, stop)
    }

    /// `, message` behind the condition of a `check`; the condition's entry ends at `limit`.
    fn message_at(&mut self, at: usize, limit: usize, end: usize) -> (crate::ast::ExprId, usize) {
        if self.kind(at, end) != Some(SyntaxKind::Comma) {
            if self.kind(at, limit) == Some(SyntaxKind::Text) {
                let place = self.range_at(at);
                let before = self.bytes(at - 1, at).end();
                self.errors.push(error::missing_message_comma(place, before));
                return self.expr(at, limit, None);
            }
            self.missing_message(at, limit);
            return (self.new_expr(Expr::Missing, self.bytes(at, at)), at);
        }
        let from = at + 1;
        let is_message = self.token(from).is_some_and(|it| from < end && it.kind.starts_value());
        if !is_message || self.is_labelled(from, end) {
            self.missing_message(from, from);
            return (self.new_expr(Expr::Missing, self.bytes(from, from)), from);
        }
        let limit = self.entry_end(from, end, Entries::Named);
        self.expr(from, limit, None)
    }

    /// Steps over a comma; a comma with nothing before it is reported.
    pub(super) fn skip_comma(&mut self, at: &mut usize, from: usize, what: &str) -> bool {
        let Some(token) = self.token(*at).filter(|it| it.kind == SyntaxKind::Comma) else {
            return false;
        };
        let is_extra =
            *at == from || self.token(*at - 1).is_some_and(|it| it.kind == SyntaxKind::Comma);
        if is_extra {
            let message = format!("expected {what} before this comma");
            self.errors.push(error::extra_comma(token.range(), message));
        }
        *at += 1;
        true
    }

    /// Where the next entry begins after one that stopped at `stop`; reports what is between.
    pub(super) fn after_entry(&mut self, at: usize, stop: usize, end: usize, what: &str) -> usize {
        let stop = stop.max(at + 1);
        let Some(token) = self.token(stop).filter(|_| stop < end) else { return end };
        if token.kind == SyntaxKind::Comma || token.is_separated() {
            return stop;
        }
        if token.is_first() && self.is_labelled(stop, end) {
            return stop;
        }
        let is_entry = self.is_labelled(stop, end)
            || (token.kind.is_word() && self.kind(stop + 1, end) == Some(SyntaxKind::LeftBrace))
            || token.kind == SyntaxKind::LetWord;
        if is_entry {
            let before = self.bytes(stop - 1, stop);
            self.errors.push(error::missing_comma(token.range(), before.end(), what));
            return stop;
        }
        self.unexpected(stop);
        self.entry_end(stop, end, Entries::Named)
    }

    pub(super) fn column(&self, at: usize) -> usize {
        let start = self.token(at).map_or(0, |it| it.start as usize);
        let before = self.text.get(..start).unwrap_or_default();
        start - before.rfind('\n').map_or(0, |at| at + 1)
    }

    pub(super) fn line_indent(&self, at: usize) -> usize {
        let first = (0..=at).rev().find(|it| self.token(*it).is_some_and(Token::is_first));
        self.column(first.unwrap_or(at))
    }

    /// Whether the lexer or the bracket pass reported something inside a group.
    fn has_early_error(&self, open: usize, end: usize) -> bool {
        let range: TextRange = self.bytes(open, end + 1);
        self.early.iter().any(|it| range.contains_inclusive(it.range.start()))
    }
}

fn is_key(kind: SyntaxKind) -> bool {
    kind == SyntaxKind::Text
}
