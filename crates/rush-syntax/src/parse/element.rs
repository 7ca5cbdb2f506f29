//! Elements of lists, arguments of calls, and what else stands in a group of an expression.

use text_size::TextRange;

use super::{Entries, Parser, Task, fitted};
use crate::ast::{Arg, Element, Expr, ExprId, Name};
use crate::error::{self, habits};
use crate::kind::SyntaxKind;
use crate::token::{DEPTH_MAX, Token};

/// How often parsing starts anew on one line of a list; the rest of the line is skipped then.
const RESUMES_MAX: usize = 8;

/// `for x in e if c:` or `if c:` before an element.
enum Prefix {
    For { name: Option<Name>, iterable: ExprId, condition: Option<ExprId> },
    If { condition: ExprId },
}

impl Parser {
    /// Parses the group at `open` into the expression that waits for it.
    pub(super) fn expr_group(&mut self, target: ExprId, open: usize) {
        let (from, end) = (open + 1, self.mate(open));
        match self.exprs.get(target.0 as usize) {
            Some(Expr::List(_)) => {
                let elements = self.elements(from, end);
                self.set_expr(target, Expr::List(elements));
            }
            Some(Expr::Record(_)) => {
                let record = self.record(open);
                self.set_expr(target, Expr::Record(Box::new(record)));
            }
            Some(Expr::Call { callee, args_range, .. }) => {
                let (callee, args_range) = (*callee, *args_range);
                let args = self.args(open);
                self.set_expr(target, Expr::Call { callee, args, args_range });
            }
            Some(Expr::Index { index, .. }) => {
                let index = *index;
                let (_, stop) = self.expr(from, end, Some(index));
                self.expect_group_end(stop, end);
            }
            Some(Expr::Text(_) | Expr::Command(_)) => self.fill_text(target, open),
            _ => {
                let (_, stop) = self.expr(from, end, Some(target));
                self.expect_group_end(stop, end);
            }
        }
    }

    fn elements(&mut self, from: usize, end: usize) -> Vec<Element> {
        let mut elements = Vec::with_capacity(self.entries_about(from, end));
        let mut at = from;
        while at < end {
            if self.skip_comma(&mut at, from, "a value") {
                continue;
            }
            let limit = self.entry_end(at, end, Entries::Elements);
            let limit = self.colon_on_next_line(at, limit, end);
            if self.kind(at, limit) == Some(SyntaxKind::Colon) {
                self.expected_entry(at, "a value");
                at = limit;
                continue;
            }
            for resumes in 0.. {
                let (element, stop) = self.element(at, limit);
                let (element, stop) = if stop < limit {
                    self.arguments_in_braces(element, at, stop)
                } else {
                    (element, limit)
                };
                elements.push(element);
                let stop = stop.max(at + 1);
                let Some(token) = self.token(stop).filter(|_| stop < limit) else {
                    at = limit;
                    break;
                };
                if self.element_before_for(at, stop, limit) {
                    at = limit;
                    break;
                }
                if resumes == RESUMES_MAX || !token.kind.starts_value() {
                    self.unexpected(stop);
                    at = limit;
                    break;
                }
                let before = self.bytes(stop - 1, stop);
                self.errors.push(error::missing_comma(token.range(), before.end(), "values"));
                at = stop;
            }
        }
        fitted(elements)
    }

    /// `a { x: 1 }` in a list: a name and a record, which is read as the call that it most likely is.
    fn arguments_in_braces(
        &mut self,
        element: Element,
        at: usize,
        stop: usize,
    ) -> (Element, usize) {
        let end = self.after(stop);
        let is_name = stop == at + 1 && self.is_word(at, stop);
        let Element::Value(callee) = element else { return (element, stop) };
        if !is_name || self.kind(stop, end) != Some(SyntaxKind::LeftBrace) {
            return (element, stop);
        }
        let args_range = self.group_range(stop);
        let (name, record) = (self.word(at).to_owned(), self.slice(args_range));
        let entries = record.trim_matches(['{', '}']).trim().to_owned();
        let gap = TextRange::new(self.range_at(at).end(), args_range.end());
        self.errors.push(habits::arguments_in_braces(gap, args_range, (&name, &entries)));
        let expr = Expr::Call { callee, args: Vec::new(), args_range };
        let call = self.new_expr(expr, self.range_at(at).cover(args_range));
        self.tasks.push(Task::Expr { target: call, open: stop });
        (Element::Value(call), end)
    }

    /// Where the element at `at` ends, which seems to end at `limit`: later, if the `:` of its `for`
    /// or `if` begins the next line. Reports that.
    fn colon_on_next_line(&mut self, at: usize, limit: usize, end: usize) -> usize {
        let is_head =
            matches!(self.kind(at, limit), Some(SyntaxKind::ForWord | SyntaxKind::IfWord));
        let is_colon = self.kind(limit, end) == Some(SyntaxKind::Colon);
        if !is_head || !is_colon || self.element_colon(at, limit).is_some() {
            return limit;
        }
        let word = self.found(at);
        let (before, colon) = (self.bytes(at, limit), self.range_at(limit));
        self.errors.push(error::colon_on_next_line(colon, &word, before.end()));
        self.entry_end(limit + 1, end, Entries::Elements)
    }

    /// The element at `at`, which may reach up to `limit`.
    fn element(&mut self, at: usize, limit: usize) -> (Element, usize) {
        let mut prefixes = Vec::new();
        let mut from = at;
        loop {
            let colon = match self.kind(from, limit) {
                Some(SyntaxKind::ForWord) => self.element_colon(from, limit),
                Some(SyntaxKind::IfWord) => match self.element_colon(from, limit) {
                    Some(colon) => Some(colon),
                    None => break,
                },
                _ => break,
            };
            if prefixes.len() >= DEPTH_MAX {
                let range = self.bytes(from, limit);
                self.errors.push(error::too_deep(range));
                let value = self.new_expr(Expr::Missing, range);
                return (nest(prefixes, Element::Value(value)), limit);
            }
            let head_end = colon.unwrap_or(limit);
            prefixes.push(self.prefix(from, head_end));
            let Some(colon) = colon else {
                self.missing_element_colon(from, limit);
                let value = self.new_expr(Expr::Missing, self.bytes(limit, limit));
                return (nest(prefixes, Element::Value(value)), limit);
            };
            from = colon + 1;
        }
        let is_spread = self.kind(from, limit) == Some(SyntaxKind::Ellipsis);
        let (value, stop) = self.expr(from + usize::from(is_spread), limit, None);
        let last = if is_spread { Element::Spread(value) } else { Element::Value(value) };
        (nest(prefixes, last), stop)
    }

    /// The `:` that ends the head of a `for` or `if` element; an `if` with `then` has none.
    fn element_colon(&self, from: usize, limit: usize) -> Option<usize> {
        let is_if = self.kind(from, limit) == Some(SyntaxKind::IfWord);
        let mut inner = 0_u32;
        let mut at = from + 1;
        while at < limit {
            match self.kind(at, limit)? {
                SyntaxKind::Colon => return Some(at),
                SyntaxKind::ForWord => return None,
                SyntaxKind::IfWord => inner += 1,
                SyntaxKind::ThenWord if inner == 0 && is_if => return None,
                SyntaxKind::ElseWord => inner = inner.saturating_sub(1),
                _ => {}
            }
            at = self.after(at);
        }
        None
    }

    fn prefix(&mut self, from: usize, end: usize) -> Prefix {
        if self.kind(from, end) == Some(SyntaxKind::IfWord) {
            let (condition, stop) = self.expr(from + 1, end, None);
            self.expect_group_end(stop, end);
            return Prefix::If { condition };
        }
        let name = self.opt_name(from + 1, end).filter(|it| it.text != "in");
        let mut at = from + 1 + usize::from(name.is_some());
        if name.is_none() {
            self.expected_name(from, end, "a name after `for`");
        }
        if self.kind(at, end) == Some(SyntaxKind::InWord) {
            at += 1;
        } else {
            self.expected_after(at, end, "`in`");
        }
        let filter = self.filter_word(at, end);
        let (iterable, stop) = self.expr(at, filter.unwrap_or(end), None);
        self.expect_group_end(stop, filter.unwrap_or(end));
        let condition = filter.map(|filter| {
            let (condition, stop) = self.expr(filter + 1, end, None);
            self.expect_group_end(stop, end);
            condition
        });
        Prefix::For { name, iterable, condition }
    }

    /// The `if` that filters: the one that comes after an operand.
    fn filter_word(&self, from: usize, end: usize) -> Option<usize> {
        let mut at = from;
        let mut is_operand_before = false;
        while at < end {
            let kind = self.kind(at, end)?;
            if kind == SyntaxKind::IfWord && is_operand_before {
                return Some(at);
            }
            is_operand_before = !kind.is_infix()
                && !matches!(kind, SyntaxKind::IfWord | SyntaxKind::ThenWord)
                && !matches!(kind, SyntaxKind::ElseWord | SyntaxKind::Bang | SyntaxKind::Dot);
            at = self.after(at);
        }
        None
    }

    /// The arguments in the parentheses at `open`.
    pub(super) fn args(&mut self, open: usize) -> Vec<Arg> {
        let (from, end) = (open + 1, self.mate(open));
        let mut args = Vec::with_capacity(self.entries_about(from, end));
        let mut at = from;
        while at < end {
            if self.skip_comma(&mut at, from, "a value") {
                continue;
            }
            let behind = self.dashed_end(at, end);
            let is_equals = self.kind(behind, end) == Some(SyntaxKind::Equals)
                && self.kind(at, end) == Some(SyntaxKind::Ident)
                && !self.token(behind).is_some_and(Token::is_first);
            if is_equals {
                self.equals_for_colon(behind - 1, "arguments");
            }
            let is_dashed = behind > at + 1 && self.kind(behind, end) == Some(SyntaxKind::Colon);
            let is_named = is_equals || is_dashed || self.is_labelled(at, end);
            let name = is_named.then(|| self.name(at));
            let name = name.map(|it| self.dashed_name(it, at, end).0);
            let value_at = if name.is_some() { behind + 1 } else { at };
            let is_empty = self.token(value_at).is_none_or(|it| {
                value_at >= end
                    || it.kind == SyntaxKind::Comma
                    || (name.is_some() && it.is_separated())
            });
            if is_empty {
                self.report_missing(value_at, value_at);
                let value = self.new_expr(Expr::Missing, self.bytes(value_at, value_at));
                args.push(Arg { name, value });
                at = value_at;
                continue;
            }
            let limit = self.entry_end(value_at, end, Entries::Named);
            let (value, stop) = self.expr(value_at, limit, None);
            args.push(Arg { name, value });
            at = self.after_arg(value_at, stop, (limit, end));
        }
        fitted(args)
    }

    fn after_arg(&mut self, at: usize, stop: usize, ends: (usize, usize)) -> usize {
        let (limit, end) = ends;
        let stop = stop.max(at + 1);
        let is_value = |it: Token| it.kind.starts_value();
        if stop < limit && self.token(stop).is_some_and(is_value) {
            let before = self.bytes(stop - 1, stop);
            let place = self.token(stop).map(Token::range).unwrap_or_default();
            self.errors.push(error::missing_comma(place, before.end(), "arguments"));
            return limit;
        }
        if stop < limit {
            self.unexpected(stop);
            return limit;
        }
        self.after_entry(at, stop, end, "arguments")
    }
}

fn nest(prefixes: Vec<Prefix>, last: Element) -> Element {
    prefixes.into_iter().rev().fold(last, |element, prefix| {
        let element = Box::new(element);
        match prefix {
            Prefix::For { name, iterable, condition } => {
                Element::For { name: name.map(Box::new), iterable, condition, element }
            }
            Prefix::If { condition } => Element::If { condition, element },
        }
    })
}
