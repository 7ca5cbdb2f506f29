//! What stands before an element of a list, `for x in xs if c:` and `if c:`, also as other languages write it.

use text_size::{TextRange, TextSize};

use super::{Entries, Parser};
use crate::ast::{ExprId, Name};
use crate::error::habits;
use crate::kind::SyntaxKind;

/// `for x in e if c:` or `if c:` before an element.
pub(super) enum Prefix {
    For { name: Option<Name>, iterable: ExprId, condition: Option<ExprId> },
    If { condition: ExprId },
}

/// What is left of an element.
#[derive(Clone, Copy)]
pub(super) struct Rest {
    pub(super) from: usize,
    pub(super) end: usize,
    /// Where it goes on behind `end`: later, if the element stands in braces.
    pub(super) behind: usize,
}

impl Parser {
    /// Whether a `for` stands at `from`, or an `if` that is no expression.
    pub(super) fn has_prefix(&self, from: usize, limit: usize) -> bool {
        match self.kind(from, limit) {
            Some(SyntaxKind::ForWord) => true,
            Some(SyntaxKind::IfWord) => {
                self.element_colon(from, limit).is_some() || self.lone_then(from, limit).is_some()
            }
            _ => false,
        }
    }

    /// The `for` or `if` that `rest` begins with, and what follows it; nothing if there is no element.
    pub(super) fn prefix(&mut self, rest: Rest) -> (Prefix, Option<Rest>) {
        let Rest { from, end: limit, .. } = rest;
        let colon = self.element_colon(from, limit);
        let end = colon.unwrap_or(limit);
        let from_colon = colon.map(|colon| Rest { from: colon + 1, ..rest });
        if self.kind(from, limit) == Some(SyntaxKind::IfWord) {
            let then = if colon.is_none() { self.lone_then(from, limit) } else { None };
            let (condition, stop) = self.expr(from + 1, then.unwrap_or(end), None);
            self.expect_group_end(stop, then.unwrap_or(end));
            if let Some(then) = then {
                let gap = self.gap_before(then, then + 1);
                self.errors.push(habits::then_before_element(self.range_at(from), gap));
            }
            let behind = then.map(|then| Rest { from: then + 1, ..rest });
            return (Prefix::If { condition }, from_colon.or(behind));
        }
        let (prefix, stop) = self.for_head(from, end);
        if colon.is_some() {
            self.expect_group_end(stop, end);
            return (prefix, from_colon);
        }
        (prefix, self.without_colon(from, stop, rest))
    }

    /// `for x in e if c` from `from`, before `end`; also where it stopped.
    fn for_head(&mut self, from: usize, end: usize) -> (Prefix, usize) {
        let name = self.opt_name(from + 1, end).filter(|it| it.text != "in");
        let mut at = from + 1 + usize::from(name.is_some());
        if name.is_none() {
            let place = self.place_of(from + 1, end);
            self.errors.push(habits::broken_for(place, "expected a name after `for`"));
        }
        if self.kind(at, end) == Some(SyntaxKind::InWord) {
            at += 1;
        } else if self.word(at) == "of" && name.is_some() && at < end {
            self.errors.push(habits::word_in_for(self.range_at(at), "of", "in"));
            at += 1;
        } else {
            let place = self.place_of(at, end);
            self.errors.push(habits::broken_for(place, "expected `in`"));
        }
        let filter = self.filter_word(at, end);
        let (iterable, mut stop) = self.expr(at, filter.unwrap_or(end), None);
        let mut filters = filter.filter(|it| stop >= *it);
        if filter.is_none() && stop < end && matches!(self.word(stop), "where" | "when") {
            let word = self.word(stop).to_owned();
            self.errors.push(habits::word_in_for(self.range_at(stop), &word, "if"));
            filters = Some(stop);
        }
        let condition = filters.map(|filter| {
            let (condition, behind) = self.expr(filter + 1, end, None);
            stop = behind;
            condition
        });
        (Prefix::For { name, iterable, condition }, stop)
    }

    /// What follows a `for` without a `:`, whose head stopped at `stop`. Reports that.
    fn without_colon(&mut self, from: usize, stop: usize, rest: Rest) -> Option<Rest> {
        let limit = rest.end;
        if stop >= limit {
            let end = self.bytes(from, limit).end();
            self.errors.push(habits::for_without_element(self.range_at(from), end));
            return None;
        }
        let place = self.range_at(stop);
        let is_braced = self.kind(stop, limit) == Some(SyntaxKind::LeftBrace)
            && self.after(stop) == limit
            && !self.is_labelled(stop + 1, limit);
        if is_braced {
            let close = self.mate(stop);
            let is_one =
                stop + 1 < close && self.entry_end(stop + 1, close, Entries::Elements) == close;
            let edits = is_one.then(|| {
                vec![
                    (self.gap_before(stop, stop + 1), ":".to_owned()),
                    (self.close_with_gap(close), String::new()),
                ]
            });
            self.errors.push(habits::element_without_colon(place, edits));
            return Some(Rest { from: stop + 1, end: close, behind: limit });
        }
        let sign = match self.kind(stop, limit) {
            Some(SyntaxKind::Arrow) => 1,
            Some(SyntaxKind::Equals) if self.kind(stop + 1, limit) == Some(SyntaxKind::Greater) => {
                2
            }
            _ if matches!(self.word(stop), "do" | "yield" | "then") => 1,
            Some(kind) if kind.starts_value() => 0,
            _ => {
                self.errors.push(habits::element_without_colon(place, None));
                return None;
            }
        };
        let edit = (self.gap_before(stop, stop + sign), ":".to_owned());
        let is_last = stop + sign >= limit;
        self.errors.push(habits::element_without_colon(place, (!is_last).then(|| vec![edit])));
        (!is_last).then_some(Rest { from: stop + sign, ..rest })
    }

    /// The `:` that ends the head of a `for` or `if` element; an `if` with `then` has none.
    pub(super) fn element_colon(&self, from: usize, limit: usize) -> Option<usize> {
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

    /// The `then` of the `if` at `from`, if that has no `else`.
    fn lone_then(&self, from: usize, limit: usize) -> Option<usize> {
        let then = self.matching(from + 1, limit, SyntaxKind::ThenWord)?;
        let has_else = self.matching(then + 1, limit, SyntaxKind::ElseWord).is_some();
        (!has_else && then + 1 < limit).then_some(then)
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

    /// How many tokens the `->` or `=>` at `at` has.
    pub(super) fn arrow(&self, at: usize, end: usize) -> Option<usize> {
        match self.kind(at, end)? {
            SyntaxKind::Arrow => Some(1),
            SyntaxKind::Equals if self.kind(at + 1, end) == Some(SyntaxKind::Greater) => Some(2),
            _ => None,
        }
    }

    /// The tokens from `at` up to `end`, with the blanks before them; empty if there are none.
    fn gap_before(&self, at: usize, end: usize) -> TextRange {
        let (before, own) = (self.bytes(at, at), self.bytes(at, end));
        let gap = TextRange::new(before.start(), own.start().max(before.start()));
        if self.slice(gap).trim().is_empty() { gap.cover(own) } else { own }
    }

    /// The `}` at `at` with the blanks before it. Behind a comment, which stays, a `}` alone on its line goes with
    /// that line, and what else follows takes its place.
    fn close_with_gap(&self, at: usize) -> TextRange {
        let (own, next) = (self.bytes(at, at + 1), self.bytes(at + 1, at + 2));
        let before = self.slice(TextRange::new(self.bytes(at, at).start(), own.start()));
        if before.trim().is_empty() {
            return self.gap_before(at, at + 1);
        }
        let behind = self.slice(TextRange::new(own.end(), next.start().max(own.end())));
        let rest = behind.trim_start_matches([' ', '\t']);
        if rest.starts_with(['\n', '\r']) {
            let kept = own.start() - TextSize::of(before) + TextSize::of(before.trim_end());
            return TextRange::new(kept, own.end());
        }
        TextRange::new(own.start(), own.end() + TextSize::of(behind) - TextSize::of(rest))
    }
}
