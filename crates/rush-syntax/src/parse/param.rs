//! Parameters, the fields of record types and tags, and the fields of kinds.

use text_size::TextRange;

use super::{Entries, Parser, fitted};
use crate::ast::{Name, ParamDecl, TypeExpr, TypeId};
use crate::error::habits;
use crate::kind::SyntaxKind;
use crate::token::Token;

impl Parser {
    /// The declarations between `from` and `end`.
    pub(super) fn params(&mut self, from: usize, end: usize) -> Vec<ParamDecl> {
        let mut params = Vec::with_capacity(self.entries_about(from, end));
        let mut at = from;
        while at < end {
            if self.skip_comma(&mut at, from, "a name") {
                continue;
            }
            let Some((param, stop)) = self.param(at, end) else {
                match self.starred(at, end) {
                    Some((stars, name)) => {
                        self.errors.push(habits::starred_param(stars, &name.text));
                    }
                    None => self.expected_entry(at, "a parameter"),
                }
                at = self.entry_end(at, end, Entries::Named).max(at + 1);
                continue;
            };
            if params.last().is_some_and(|it: &ParamDecl| it.is_rest) {
                self.rest_not_last(param.range);
            }
            params.push(param);
            at = self.after_entry(at, stop, end, "parameters");
        }
        fitted(params)
    }

    /// The place and the name of `*args` or `**args`.
    fn starred(&self, at: usize, end: usize) -> Option<(TextRange, Name)> {
        let is_star = |at: usize| self.kind(at, end) == Some(SyntaxKind::Star);
        let name = at + usize::from(is_star(at)) + usize::from(is_star(at + 1));
        let is_named = is_star(at) && self.is_word(name, end);
        is_named.then(|| self.name(name)).map(|it| (self.range_at(at).cover(it.range), it))
    }

    /// One declaration: attributes, `...`, name, type, default.
    pub(super) fn param(&mut self, at: usize, end: usize) -> Option<(ParamDecl, usize)> {
        let doc = self.doc(at);
        let (attributes, start) = self.attributes(at, end);
        let is_rest = self.kind(start, end) == Some(SyntaxKind::Ellipsis);
        let name_at = start + usize::from(is_rest);
        let name = self.is_word(name_at, end).then(|| self.name(name_at));
        let name = name.map(|it| self.dashed_name(it, name_at, end));
        if name.is_none() && self.kind(name_at, end) != Some(SyntaxKind::Colon) {
            return None;
        }
        if name.is_none() {
            self.expected_name(name_at, end, "a name before `:`");
        }
        let (name, after_name) = match name {
            Some((name, next)) => (Some(name), next),
            None => (None, name_at),
        };
        let (ty, next) = self.param_type(after_name, end, is_rest);
        let next = self.colon_before_equals(next, end);
        let mut stop = next;
        let mut default = None;
        let is_equals = self.kind(next, end) == Some(SyntaxKind::Equals)
            && self.token(next).is_some_and(|it| !it.is_separated());
        if is_equals {
            let (value, after) = self.defined_value(next, next, end, "default");
            (default, stop) = (Some(value), after);
        }
        let range = self.bytes(start, stop);
        let param = ParamDecl { doc, attributes, is_rest, name, ty, default, range };
        Some((param, stop))
    }

    fn attributes(&mut self, at: usize, end: usize) -> (Vec<Name>, usize) {
        let mut attributes = Vec::new();
        let mut at = at;
        while self.kind(at, end) == Some(SyntaxKind::At) && self.is_word(at + 1, end) {
            attributes.push(self.name(at + 1));
            at += 2;
        }
        (attributes, at)
    }

    fn param_type(&mut self, at: usize, end: usize, is_rest: bool) -> (TypeId, usize) {
        let next = self.token(at).filter(|it| at < end && !it.is_separated());
        match next.map(|it| it.kind) {
            Some(SyntaxKind::Colon) => {
                let limit = self.type_end(at + 1, end);
                self.type_at(at + 1, limit, None)
            }
            Some(SyntaxKind::Question) if self.kind(at + 1, end) == Some(SyntaxKind::Colon) => {
                let limit = self.type_end(at + 2, end);
                let (ty, next) = self.type_at(at + 2, limit, None);
                let default = self.kind(next, end) == Some(SyntaxKind::Equals);
                let written = self.slice(self.bytes(at + 2, next)).to_owned();
                let name = self.word(at - 1).to_owned();
                let mark = self.range_at(at);
                let end_of_type = self.bytes(at + 2, next).end();
                self.errors.push(habits::optional_name(
                    mark,
                    (&name, &written),
                    default,
                    end_of_type,
                ));
                (ty, next)
            }
            Some(kind) if starts_type(kind) => {
                if self.is_word(at, end) && TYPES.contains(&self.word(at - 1)) {
                    let (ty, name) = (self.word(at - 1).to_owned(), self.word(at).to_owned());
                    self.errors.push(habits::type_before_name(
                        self.bytes(at - 1, at + 1),
                        &ty,
                        &name,
                    ));
                } else {
                    self.missing_colon(at - 1);
                }
                let limit = self.type_end(at, end);
                self.type_at(at, limit, None)
            }
            _ => {
                self.missing_type(at, is_rest);
                let place: TextRange = self.bytes(at, at);
                (self.new_type(TypeExpr::Missing, place), at)
            }
        }
    }

    /// Where a type that starts at `from` must end: before `=`, or where its entry ends.
    pub(super) fn type_end(&self, from: usize, end: usize) -> usize {
        let is_here = self.token(from).is_some_and(|it| {
            from < end
                && !it.is_separated()
                && !matches!(it.kind, SyntaxKind::Comma | SyntaxKind::Equals)
        });
        let is_named = self.is_labelled(from, end) && !self.is_colon_before_equals(from + 1, end);
        if !is_here || is_named {
            return from;
        }
        let limit = self.entry_end(from, end, Entries::Named);
        let mut at = from;
        while at < limit
            && self.kind(at, limit) != Some(SyntaxKind::Equals)
            && !self.is_colon_before_equals(at, limit)
        {
            at = self.after(at);
        }
        at.min(limit)
    }

    /// `name: type = default` of a `param` item, whose `param` is at `head`.
    pub(super) fn param_item(&mut self, head: usize, end: usize) -> (ParamDecl, usize) {
        if let Some((mut param, stop)) = self.param(head + 1, end) {
            param.doc = self.doc(head);
            return (param, stop);
        }
        self.expected_name(head, end, "a name after `param`");
        let place = self.bytes(head + 1, head + 1);
        let ty = self.new_type(TypeExpr::Missing, place);
        let param = ParamDecl {
            doc: self.doc(head),
            attributes: Vec::new(),
            is_rest: false,
            name: None,
            ty,
            default: None,
            range: self.token(head).map(Token::range).unwrap_or_default(),
        };
        (param, end)
    }
}

/// Types that other languages write before the name.
pub(super) const TYPES: &[&str] =
    &["string", "str", "int", "number", "bool", "boolean", "float", "path", "duration", "size"];

fn starts_type(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::Ident
            | SyntaxKind::Text
            | SyntaxKind::Number
            | SyntaxKind::NoneWord
            | SyntaxKind::LeftBracket
            | SyntaxKind::LeftBrace
            | SyntaxKind::Pipe
    )
}
