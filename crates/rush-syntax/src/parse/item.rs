//! The heads of items: which kind of item it is, and its parts up to the body.

use super::foreign::Foreign;
use super::{Entries, Parser};
use crate::Dialect;
use crate::ast::{Decl, Doc, Extends, ItemKind, KindDecl, Name, Record, TypeExpr};
use crate::error::{self, habits};
use crate::kind::SyntaxKind;
use crate::opening::Kind;
use crate::token::Token;

impl Parser {
    /// Parses the item these tokens are.
    pub(super) fn item(&mut self, dialect: Dialect) -> (Option<Doc>, ItemKind) {
        let end = self.tokens.len();
        let Some(first) = self.token(0) else { return (self.file_doc(), ItemKind::Nothing) };
        let doc = self.doc(0);
        let is_indented = self.is_indented(0);
        if is_indented && self.is_item_head() {
            self.indented_item();
        } else if !first.kind.is_word() || is_indented {
            self.text_outside_items(0);
            self.undeclared_from(0);
            let found = if self.is_headless(end) { self.headless(end) } else { ItemKind::Nothing };
            return (doc, found);
        }
        if self.is_rule(0, end) {
            // Nothing of such a file is Rush, so this is all there is to say.
            self.errors.clear();
            self.early.clear();
            self.rule_outside_items(0);
            self.undeclared_from(0);
            return (doc, ItemKind::Nothing);
        }
        if self.is_setting_of_just(end) {
            self.errors.clear();
            self.early.clear();
            let name = self.word(1).to_owned();
            self.errors.push(habits::setting_of_just(self.range_at(0), self.word(0), &name));
            self.undeclared_from(1);
            return (doc, ItemKind::Nothing);
        }
        self.foreign_head();
        let end = self.tokens.len();
        self.column_zero_lines();
        let (kind, stop) = self.item_at(end, dialect);
        if stop < end {
            self.after_item(stop);
            self.undeclared_from(stop);
        }
        (doc, kind)
    }

    /// Whether the first word opens items, and something follows it on its line.
    fn is_item_head(&self) -> bool {
        let kind = Kind::of(self.word(0));
        let next = self.token(1).filter(|it| !it.is_first());
        let is_name = next.is_some_and(|it| it.kind.is_word() || it.kind == SyntaxKind::Text);
        let is_body = next.is_some_and(|it| it.kind == SyntaxKind::LeftBrace);
        match kind {
            Kind::Nothing | Kind::Unknown | Kind::Kind => false,
            _ => is_name || (is_body && Kind::DECLARED.contains(&kind)),
        }
    }

    /// Notes what the lines from `from` on would declare, had they the word that begins an item: what
    /// means it is no mistake of its own.
    fn undeclared_from(&mut self, from: usize) {
        let end = self.tokens.len();
        let mut at = from;
        while let Some(token) = self.token(at) {
            if at == from || token.is_first() {
                let name = self.undeclared_at(at, end);
                self.undeclared.extend(name);
            }
            at = self.after(at);
        }
    }

    fn undeclared_at(&self, at: usize, end: usize) -> Option<smol_str::SmolStr> {
        use SyntaxKind as K;
        let opens = matches!(
            self.kind(at + 1, end),
            Some(K::Colon | K::Equals | K::LeftParen | K::LeftBrace)
        );
        let is_import = self.kind(at, end) == Some(K::Text) && self.word(at + 1) == "as";
        match self.kind(at, end)? {
            K::Text if is_import && self.is_word(at + 2, end) => Some(self.name(at + 2).text),
            K::Ident if opens || self.is_extends(at + 1, end) => Some(self.name(at).text),
            _ => None,
        }
    }

    /// Whether what is there is a declaration, or a function, that lacks its first word.
    fn is_headless(&self, end: usize) -> bool {
        self.token(0).is_some_and(|it| it.kind.is_word())
            && (matches!(self.kind(1, end), Some(SyntaxKind::LeftParen | SyntaxKind::LeftBrace))
                || self.is_extends(1, end))
    }

    /// Parses a declaration whose kind is missing, so that editors still see its parts. That it
    /// begins no item was said, and is all there is to say.
    fn headless(&mut self, end: usize) -> ItemKind {
        let said = self.errors.len();
        let (found, _) = self.decl(end);
        self.errors.truncate(said);
        found
    }

    fn is_indented(&self, at: usize) -> bool {
        let bom = usize::from(self.text.starts_with('\u{feff}')) * 3;
        self.column(at) > bom
    }

    fn item_at(&mut self, end: usize, dialect: Dialect) -> (ItemKind, usize) {
        let word = self.head.clone().unwrap_or_else(|| self.word(0).into());
        match word.as_str() {
            "let" => {
                let (value, stop) = self.let_at(0, end);
                (ItemKind::Let(value), stop)
            }
            "use" if !self.is_decl_head(end) => self.use_item(end),
            "param" if !self.is_decl_head(end) => {
                let (param, stop) = self.param_item(0, end);
                (ItemKind::Param(param), stop)
            }
            "fn" if !self.is_decl_head(end) => self.fn_item(end),
            "type" if !self.is_decl_head(end) => self.type_item(end),
            "check" if !self.is_decl_head(end) => {
                let (check, stop) = self.check_at(0, end);
                (ItemKind::Check(check), stop)
            }
            "kind" if dialect == Dialect::Prelude => self.kind_item(end),
            _ => self.decl(end),
        }
    }

    /// Whether `name:` or `name =` stands where an item begins, as in a makefile or in YAML.
    pub(super) fn is_rule(&self, at: usize, end: usize) -> bool {
        self.kind(at, end) == Some(SyntaxKind::Ident)
            && matches!(self.kind(at + 1, end), Some(SyntaxKind::Colon | SyntaxKind::Equals))
            && !crate::foreign::is_keyword(self.word(at))
            && !self.token(at + 1).is_some_and(Token::is_first)
    }

    /// `alias b := build`, `set shell := ["bash", "-c"]`
    fn is_setting_of_just(&self, end: usize) -> bool {
        matches!(self.word(0), "alias" | "set")
            && self.is_word(1, end)
            && self.kind(2, end) == Some(SyntaxKind::Colon)
            && self.opens_with_equals(3)
    }

    /// Reads the opening words of other languages as what they are meant to be.
    fn foreign_head(&mut self) {
        let start = self.token(0).map_or(0, |it| it.start as usize);
        let line = self.text.get(start..).and_then(|it| it.lines().next()).unwrap_or_default();
        let Some(found) = crate::foreign::head(line) else { return };
        let range = crate::lex::range(start, start + found.length);
        let written = self.slice(range).to_owned();
        self.errors.push(habits::foreign_head(range, &written, &found.ours));
        if found.words == 2 {
            self.drop_first_token();
        }
        self.head = Some(found.ours);
    }

    fn drop_first_token(&mut self) {
        let tokens = std::rc::Rc::make_mut(&mut self.tokens);
        tokens.remove(0);
        for token in tokens {
            if token.mate != u32::MAX {
                token.mate = token.mate.saturating_sub(1);
            }
        }
    }

    /// Whether the first word is a kind although it could be a keyword: `check {`.
    fn is_decl_head(&self, end: usize) -> bool {
        self.kind(1, end) == Some(SyntaxKind::LeftBrace)
            || (self.kind(1, end) == Some(SyntaxKind::Ident)
                && self.kind(2, end) == Some(SyntaxKind::LeftBrace)
                && !matches!(self.word(0), "check" | "type"))
    }

    fn use_item(&mut self, end: usize) -> (ItemKind, usize) {
        let mut at = 1;
        let path = self
            .token(at)
            .filter(|it| matches!(it.kind, SyntaxKind::Text | SyntaxKind::Raw))
            .map(|it| Name { text: self.plain_text(it), range: it.range() });
        if path.is_some() {
            at += 1;
        } else {
            self.expected_after(at, end, "a path in quotes after `use`");
        }
        let has_as = self.kind(at, end) == Some(SyntaxKind::Ident) && self.word(at) == "as";
        if has_as {
            at += 1;
        } else if let Some(path) = &path {
            self.use_without_as(at, end, path);
        }
        let mut alias = self.opt_name(at, end);
        if let Some(name) = alias.take() {
            let (name, stop) = self.dashed_name(name, at, end);
            (alias, at) = (Some(name), stop);
        }
        if alias.is_none() && has_as {
            self.expected_name(at - 1, end, "a name after `as`");
        }
        if path.is_none() || !has_as {
            self.undeclared.extend(alias.as_ref().map(|it| it.text.clone()));
        }
        (ItemKind::Use { path, alias }, at)
    }

    fn declared_name(&mut self, end: usize) -> (Option<Name>, usize) {
        let name = self.opt_name(1, end).filter(|_| !self.is_extends(1, end));
        let Some(name) = name else { return (None, 1) };
        let (name, next) = self.dashed_name(name, 1, end);
        (Some(name), next)
    }

    /// `task "build"`: a name between quotes.
    fn quoted_name(&mut self, end: usize) -> Option<Name> {
        let token = self.token(1).filter(|it| it.kind == SyntaxKind::Text && 1 < end)?;
        let text = self.plain_text(token);
        let is_name = text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
        let is_plain = text.chars().all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '-');
        if token.is_first() || !is_name || !is_plain {
            return None;
        }
        let text: smol_str::SmolStr = text.replace('-', "_").into();
        self.errors.push(error::quoted_name(token.range(), &text));
        Some(Name { text, range: token.range() })
    }

    fn fn_item(&mut self, end: usize) -> (ItemKind, usize) {
        let (name, mut at) = self.declared_name(end);
        if name.is_none() {
            self.expected_name(0, end, "a name after `fn`");
        }
        let mut params = Vec::new();
        if self.kind(at, end) == Some(SyntaxKind::LeftParen) {
            params = self.params(at + 1, self.mate(at));
            at = self.after(at);
        } else {
            self.expected_after(at, end, "`(` and the parameters");
        }
        let mut result = None;
        if let Some(from) = self.result_start(at, end) {
            let limit = self.type_end(from, end);
            let (ty, stop) = self.type_at(from, limit, None);
            (result, at) = (Some(ty), stop);
        }
        if self.kind(at, end) == Some(SyntaxKind::LeftBrace)
            && !self.token(at).is_some_and(Token::is_first)
        {
            let place = self.range_at(at);
            self.errors.push(error::block_of_fn(place));
            let body = self.new_expr(crate::ast::Expr::Missing, self.bytes(at, at));
            return (ItemKind::Fn { name, params, result, body }, self.after(at));
        }
        let (body, stop) = self.defined_value(0, at, end, "fn");
        (ItemKind::Fn { name, params, result, body }, stop)
    }

    /// Where the type of a result starts, if a function says one; what leads to it is mended.
    fn result_start(&mut self, at: usize, end: usize) -> Option<usize> {
        let token = self.token(at).filter(|it| at < end && !it.is_separated());
        match self.kind(at, end)? {
            SyntaxKind::Arrow => return Some(at + 1),
            SyntaxKind::Colon => {
                self.errors.push(error::result_colon(self.range_at(at)));
                return Some(at + 1);
            }
            SyntaxKind::Ident | SyntaxKind::LeftBracket | SyntaxKind::Text => {}
            _ => return None,
        }
        // `fn f() string = ..`
        let limit = self.type_end(at, end);
        let is_type = limit > at && self.kind(limit, end) == Some(SyntaxKind::Equals);
        if token.is_none() || !is_type {
            return None;
        }
        self.errors.push(error::result_without_arrow(self.bytes(at, limit)));
        Some(at)
    }

    fn type_item(&mut self, end: usize) -> (ItemKind, usize) {
        let (name, mut at) = self.declared_name(end);
        if name.is_none() {
            self.expected_name(0, end, "a name after `type`");
        }
        if self.kind(at, end) == Some(SyntaxKind::Equals) {
            at += 1;
        } else if self.kind(at, end) == Some(SyntaxKind::LeftBrace) && name.is_some() {
            self.missing_equals(at);
        } else {
            self.expected_after(at, end, "`=` and a type");
            if name.is_none() || at >= end || self.token(at).is_some_and(Token::is_separated) {
                let place = self.bytes(at, at);
                let ty = self.new_type(TypeExpr::Missing, place);
                return (ItemKind::Type { name, ty }, at);
            }
        }
        let limit = if at < end { self.entry_end(at, end, Entries::Named) } else { end };
        let (ty, stop) = self.type_at(at, limit, None);
        (ItemKind::Type { name, ty }, stop)
    }

    fn kind_item(&mut self, end: usize) -> (ItemKind, usize) {
        let (name, mut at) = self.declared_name(end);
        if name.is_none() {
            self.expected_name(0, end, "a name after `kind`");
        }
        let mut abilities = Vec::new();
        if self.kind(at, end) == Some(SyntaxKind::LeftParen) {
            let close = self.mate(at);
            abilities = (at + 1..close)
                .filter(|it| self.is_word(*it, close))
                .map(|it| self.name(it))
                .collect();
            at = self.after(at);
        }
        if self.kind(at, end) == Some(SyntaxKind::Equals) {
            at += 1;
        } else {
            self.expected_after(at, end, "`=` and the fields");
        }
        let mut fields = Vec::new();
        if self.kind(at, end) != Some(SyntaxKind::LeftBrace) {
            at = self.skip_to_body(at, end);
        }
        if self.kind(at, end) == Some(SyntaxKind::LeftBrace) {
            fields = self.params(at + 1, self.mate(at));
            at = self.after(at);
        } else {
            self.expected_after(at, end, "`{` and the fields");
        }
        (ItemKind::Kind(KindDecl { name, abilities, fields }), at)
    }

    fn decl(&mut self, end: usize) -> (ItemKind, usize) {
        let kind = self.name(0);
        let (name, mut at) = match self.quoted_name(end) {
            Some(name) => (Some(name), 2),
            None => self.declared_name(end),
        };
        if name.is_some() && at == 2 {
            at = self.joined_name_end(1, end);
        }
        if name.is_none() && Kind::of(&kind.text) == Kind::Unknown {
            // What stands where the kind does is the name.
            self.undeclared.extend(self.undeclared_at(0, end));
        }
        let mut params = None;
        if self.kind(at, end) == Some(SyntaxKind::LeftParen) {
            params = Some(self.params(at + 1, self.mate(at)));
            at = self.after(at);
        }
        let mut extends = None;
        if self.is_extends(at, end) {
            let (value, stop) = self.extends(at, end);
            (extends, at) = (value.map(Box::new), stop);
        }
        if at < end && self.kind(at, end) != Some(SyntaxKind::LeftBrace) {
            at = self.skip_to_body(at, end);
        }
        let body = if self.kind(at, end) == Some(SyntaxKind::LeftBrace) {
            if self.token(at).is_some_and(Token::is_first) {
                self.brace_on_own_line(at);
            }
            let word = self.head.as_deref().unwrap_or(&kind.text);
            self.body = Some((Kind::of(word), self.mate(at)));
            let record = self.record(at);
            at = self.after(at);
            record
        } else {
            self.missing_body(at, end);
            Record { members: Vec::new(), range: self.bytes(at, at), is_complete: false }
        };
        (ItemKind::Decl(Decl { kind, name, params, extends, body }), at)
    }

    /// Looks for the body past something in the head that does not belong there.
    fn skip_to_body(&mut self, at: usize, end: usize) -> usize {
        let mut next = at;
        while next < end {
            let is_body = self.kind(next, end) == Some(SyntaxKind::LeftBrace);
            let is_new_line = self.token(next).is_some_and(Token::is_separated);
            if is_body {
                if !self.foreign_base(at, next) {
                    self.unexpected_in_head(at);
                }
                return next;
            }
            if is_new_line && next > at {
                break;
            }
            next = self.after(next);
        }
        at
    }

    fn is_extends(&self, at: usize, end: usize) -> bool {
        self.kind(at, end) == Some(SyntaxKind::Ident)
            && self.word(at) == "extends"
            && (at > 1 || (self.is_word(at + 1, end) && !self.is_named_extends(at, end)))
    }

    /// `task extends extends base`: the first of the two is the name.
    fn is_named_extends(&self, at: usize, end: usize) -> bool {
        self.word(at + 1) == "extends" && self.is_word(at + 2, end)
    }

    fn extends(&mut self, head: usize, end: usize) -> (Option<Extends>, usize) {
        let mut at = head + 1;
        if self.kind(at, end) == Some(SyntaxKind::Colon) && self.is_word(at + 1, end) {
            let colon = self.range_at(at);
            self.errors.push(error::extends_colon(colon));
            at += 1;
        }
        match self.foreign_base_name(at, end) {
            Some(Foreign::Base(name)) => {
                let range = self.bytes(head + 1, self.after(at));
                return (Some(Extends { path: vec![name], args: None, range }), self.after(at));
            }
            Some(Foreign::Bases) => return (None, self.after(at)),
            None => {}
        }
        if !self.is_word(at, end) {
            self.expected_name(head, end, "a template after `extends`");
            return (None, at);
        }
        let mut path = vec![self.name(at)];
        at += 1;
        while self.kind(at, end) == Some(SyntaxKind::Dot) {
            if self.is_word(at + 1, end) {
                path.push(self.name(at + 1));
                at += 2;
            } else {
                self.expected_name(at, end, "a name after `.`");
                at += 1;
            }
        }
        let mut args = None;
        if self.kind(at, end) == Some(SyntaxKind::LeftParen) {
            args = Some(self.args(at));
            at = self.after(at);
        }
        let range = self.bytes(head + 1, at);
        (Some(Extends { path, args, range }), at)
    }

    /// The `//!` lines, which document the file.
    fn file_doc(&self) -> Option<Doc> {
        let mut lines = Vec::new();
        let mut range: Option<text_size::TextRange> = None;
        for (index, raw) in self.raw.iter().enumerate() {
            if raw.kind == SyntaxKind::FileDoc {
                let end = self.raw.get(index + 1).map_or(self.text.len() as u32, |it| it.start);
                let line = text_size::TextRange::new(raw.start.into(), end.into());
                let text = self.slice(line).trim_end().trim_start_matches("//!");
                lines.push(text.strip_prefix(' ').unwrap_or(text));
                range = Some(range.map_or(line, |it| it.cover(line)));
            }
        }
        range.map(|range| Doc { text: lines.join("\n"), range })
    }
}
