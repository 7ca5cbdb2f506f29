//! Elements of lists, arguments of calls, and what else stands in a group of an expression.

use text_size::TextRange;

use super::comprehension::{Prefix, Rest};
use super::{Entries, Parser, Task, fitted};
use crate::ast::{Arg, Element, Expr, ExprId};
use crate::error::{self, habits};
use crate::kind::SyntaxKind;
use crate::token::{DEPTH_MAX, Token};

/// How often parsing starts anew on one line of a list; the rest of the line is skipped then.
const RESUMES_MAX: usize = 8;

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
        let mut rest = Rest { from: at, end: limit, behind: limit };
        while self.has_prefix(rest.from, rest.end) {
            if prefixes.len() >= DEPTH_MAX {
                let range = self.bytes(rest.from, limit);
                self.errors.push(error::too_deep(range));
                let value = self.new_expr(Expr::Missing, range);
                return (nest(prefixes, Element::Value(value)), limit);
            }
            let (prefix, next) = self.prefix(rest);
            prefixes.push(prefix);
            let Some(next) = next else {
                let value = self.new_expr(Expr::Missing, self.bytes(limit, limit));
                return (nest(prefixes, Element::Value(value)), limit);
            };
            rest = next;
        }
        let Rest { from, end, behind } = rest;
        let is_spread = self.kind(from, end) == Some(SyntaxKind::Ellipsis);
        let (value, mut stop) = self.expr(from + usize::from(is_spread), end, None);
        if end < behind {
            self.expect_group_end(stop, end);
            stop = behind;
        }
        let last = if is_spread { Element::Spread(value) } else { Element::Value(value) };
        (nest(prefixes, last), stop)
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
            if let Some(behind) = self.anonymous_function(at, end) {
                at = behind;
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

    /// `x => x * 2` among arguments; the index behind it.
    fn anonymous_function(&mut self, at: usize, end: usize) -> Option<usize> {
        let sign = self.after(at);
        let is_head = matches!(self.kind(at, end), Some(SyntaxKind::Ident | SyntaxKind::LeftParen));
        let behind = sign + self.arrow(sign, end).filter(|_| is_head)?;
        self.errors.push(habits::anonymous_function(self.bytes(at, behind)));
        Some(self.entry_end(behind - 1, end, Entries::Named))
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
