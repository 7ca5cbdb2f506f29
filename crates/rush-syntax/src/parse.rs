//! Tokens to the typed tree of one item.
//!
//! The skeleton (items, members, parameters, elements, arguments) is a hand-written loop that
//! knows how to go on after a mistake; expressions and types are chumsky grammars over token trees
//! in which a group is one token. Groups found on the way wait in a list of tasks, so nothing here
//! recurses with the nesting of the text.

mod comprehension;
mod condition;
mod element;
mod expr;
mod foreign;
mod item;
mod member;
mod param;
mod report;
mod tabs;
mod terms;
mod text;
mod types;

use std::rc::Rc;

use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

use crate::ast::{Doc, Expr, ExprId, Item, ItemKind, Name, TypeExpr, TypeId};
use crate::error::SyntaxError;
use crate::kind::SyntaxKind;
use crate::lex::{Lexed, RawToken, labels_as_values, lex};
use crate::token::{Token, significant};
use crate::{Dialect, Kind, balance};

/// The languages of scripts, as they are written before `"""`.
pub(crate) const SCRIPT_TAGS: &[&str] =
    &["sh", "bash", "zsh", "fish", "pwsh", "python", "node", "ruby", "nu"];

/// An item and what is wrong with the way it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// What could be read.
    pub item: Item,
    /// What could not, by position.
    pub errors: Vec<SyntaxError>,
    /// The names that words beside the item would have declared, did they begin one.
    pub undeclared: Vec<SmolStr>,
}

/// Parses the text of one item, as `split` cuts it.
///
/// Never fails and never panics: what is unreadable becomes `Missing` and an error.
pub fn parse_item(text: &str, dialect: Dialect) -> Parsed {
    parse_with_tokens(text, dialect).parsed
}

/// A parse with the tokens it was made from.
pub(crate) struct Detailed {
    pub(crate) parsed: Parsed,
    /// All tokens; they tile the text.
    pub(crate) raw: Vec<RawToken>,
    /// The tokens that are not trivia, with brackets matched.
    pub(crate) tokens: Rc<Vec<Token>>,
}

/// Parses, and gives the tokens as well.
pub(crate) fn parse_with_tokens(text: &str, dialect: Dialect) -> Detailed {
    let mut lexed = lex(text);
    let (mut tokens, mut errors) = matched(text, &lexed);
    if let Some(labelled) = labels_as_values(text, &lexed, &errors) {
        (tokens, errors) = matched(text, &labelled);
        lexed = labelled;
    }
    let capacity = tokens.len() / 3;
    let mut parser = Parser {
        text: text.to_owned(),
        tokens: Rc::new(tokens),
        raw: lexed.tokens,
        exprs: Vec::with_capacity(capacity),
        expr_ranges: Vec::with_capacity(capacity),
        types: Vec::new(),
        type_ranges: Vec::new(),
        tasks: Vec::new(),
        early: errors,
        errors: Vec::new(),
        stop: 0,
        missing_at: None,
        head: None,
        body: None,
        undeclared: Vec::new(),
    };
    let (doc, kind) = parser.item(dialect);
    parser.run_tasks();
    parser.finish(doc, kind)
}

/// The tokens that are not trivia, with brackets matched, and what was found so far.
fn matched(text: &str, lexed: &Lexed) -> (Vec<Token>, Vec<SyntaxError>) {
    let mut errors = lexed.errors.clone();
    let mut tokens = significant(&lexed.tokens, text);
    tabs::report(text, &lexed.tokens, &mut errors);
    balance::balance(text, &mut tokens, &mut errors);
    errors.truncate(report::ERRORS_MAX);
    (tokens, errors)
}

/// A list without room for more: trees are made once and kept for long. To shrink a list in its place
/// gives nothing back as long as half of it is in use, so it is moved.
fn fitted<T>(list: Vec<T>) -> Vec<T> {
    if list.len() == list.capacity() {
        return list;
    }
    let mut exact = Vec::with_capacity(list.len());
    exact.extend(list);
    exact
}

/// A group that waits to be parsed into a place that is already there.
#[derive(Clone, Copy, Debug)]
enum Task {
    Expr { target: ExprId, open: usize },
    Type { target: TypeId, open: usize },
}

/// The state of one item's parse.
pub(crate) struct Parser {
    text: String,
    tokens: Rc<Vec<Token>>,
    raw: Vec<RawToken>,
    exprs: Vec<Expr>,
    expr_ranges: Vec<TextRange>,
    types: Vec<TypeExpr>,
    type_ranges: Vec<TextRange>,
    tasks: Vec<Task>,
    /// What was found before the first member was read: by the lexer, by the bracket pass, of the lines.
    early: Vec<SyntaxError>,
    errors: Vec<SyntaxError>,
    /// Where the last grammar run stopped.
    stop: usize,
    /// Where the last grammar run lacked an operand.
    missing_at: Option<usize>,
    /// The word of Rush for the one the item opens with.
    head: Option<SmolStr>,
    /// The kind of the declaration and where its body ends.
    body: Option<(Kind, usize)>,
    /// The names of what lacks its first word.
    undeclared: Vec<SmolStr>,
}

/// Which lines go on within an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entries {
    /// Entries may open with `name:`; such a line is never a continuation.
    Named,
    /// List elements: a newline after a `:` counts for nothing.
    Elements,
}

impl Parser {
    fn token(&self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied()
    }

    /// The kind of the token at `at`, if that is before `end`.
    fn kind(&self, at: usize, end: usize) -> Option<SyntaxKind> {
        if at < end { self.tokens.get(at).map(|it| it.kind) } else { None }
    }

    fn slice(&self, range: TextRange) -> &str {
        self.text.get(std::ops::Range::<usize>::from(range)).unwrap_or_default()
    }

    fn word(&self, at: usize) -> &str {
        self.token(at).map_or("", |it| self.slice(it.range()))
    }

    fn mate(&self, open: usize) -> usize {
        self.token(open).map_or(open, |it| (it.mate as usize).min(self.tokens.len()))
    }

    /// The index after the token or the group at `at`.
    fn after(&self, at: usize) -> usize {
        match self.token(at) {
            Some(it) if it.kind.is_opener() => self.mate(at) + 1,
            _ => at + 1,
        }
    }

    /// The bytes of the tokens from `from` up to `end`; empty after the token before otherwise.
    fn bytes(&self, from: usize, end: usize) -> TextRange {
        let before = |at: usize| at.checked_sub(1).and_then(|it| self.token(it));
        match (self.token(from), before(end)) {
            (Some(first), Some(last)) if from < end => {
                TextRange::new(first.range().start(), last.range().end().max(first.range().start()))
            }
            _ => TextRange::empty(before(from).map_or(TextSize::new(0), |it| it.range().end())),
        }
    }

    fn name(&self, at: usize) -> Name {
        let range = self.token(at).map(Token::range).unwrap_or_default();
        Name { text: SmolStr::new(self.slice(range)), range }
    }

    fn is_word(&self, at: usize, end: usize) -> bool {
        self.kind(at, end).is_some_and(SyntaxKind::is_word)
    }

    /// The name at `at`, if a word stands there; a reserved word is reported.
    fn opt_name(&mut self, at: usize, end: usize) -> Option<Name> {
        let kind = self.kind(at, end).filter(|kind| kind.is_word())?;
        let name = self.name(at);
        if kind != SyntaxKind::Ident {
            self.reserved_name(&name);
        }
        Some(name)
    }

    /// Whether `name:` stands at `at`.
    fn is_labelled(&self, at: usize, end: usize) -> bool {
        self.kind(at + 1, end) == Some(SyntaxKind::Colon)
            && self.kind(at, end).is_some_and(|it| it.is_word() || it == SyntaxKind::Text)
    }

    /// Where the entry that starts at `at` ends: at a comma, a newline that counts, or `end`.
    fn entry_end(&self, at: usize, end: usize, entries: Entries) -> usize {
        let mut index = self.after(at);
        while index < end {
            let Some(token) = self.token(index) else { break };
            if token.kind == SyntaxKind::Comma {
                break;
            }
            let is_continued = entries == Entries::Elements
                && self.kind(index - 1, end) == Some(SyntaxKind::Colon);
            if token.is_separated() && !is_continued {
                break;
            }
            if entries == Entries::Named && index >= at + 2 && self.is_labelled(index, end) {
                break;
            }
            index = self.after(index);
        }
        index.min(end)
    }

    /// How many entries a group has if commas part them: enough room for most lists.
    fn entries_about(&self, from: usize, end: usize) -> usize {
        let tokens = std::iter::successors(Some(from), |at| Some(self.after(*at)));
        let mut kinds = tokens.map_while(|at| self.kind(at, end));
        let mut count = 0;
        while let Some(first) = kinds.next() {
            count += usize::from(first != SyntaxKind::Comma);
            if first != SyntaxKind::Comma {
                kinds.by_ref().take_while(|it| *it != SyntaxKind::Comma).for_each(drop);
            }
        }
        count
    }

    /// The `///` lines directly before the token at `at`.
    fn doc(&self, at: usize) -> Option<Doc> {
        let token = self.token(at).filter(|it| it.is_documented())?;
        let before = self.raw.get(..token.raw as usize)?;
        let trivia = before.iter().rposition(|it| !it.kind.is_trivia()).map_or(0, |it| it + 1);
        let mut lines = Vec::new();
        let mut range: Option<TextRange> = None;
        for (index, raw) in before.iter().enumerate().skip(trivia) {
            if raw.kind != SyntaxKind::DocComment {
                continue;
            }
            let end = self.raw.get(index + 1).map_or(self.text.len() as u32, |it| it.start);
            let line = TextRange::new(TextSize::new(raw.start), TextSize::new(end));
            let text = self.slice(line).trim_end().trim_start_matches('/');
            lines.push(text.strip_prefix(' ').unwrap_or(text));
            range = Some(range.map_or(line, |it| it.cover(line)));
        }
        range.map(|range| Doc { text: lines.join("\n"), range })
    }

    fn new_expr(&mut self, expr: Expr, range: TextRange) -> ExprId {
        self.exprs.push(expr);
        self.expr_ranges.push(range);
        ExprId(self.exprs.len() as u32 - 1)
    }

    fn new_type(&mut self, ty: TypeExpr, range: TextRange) -> TypeId {
        self.types.push(ty);
        self.type_ranges.push(range);
        TypeId(self.types.len() as u32 - 1)
    }

    fn set_expr(&mut self, target: ExprId, expr: Expr) {
        if let Some(place) = self.exprs.get_mut(target.0 as usize) {
            *place = expr;
        }
    }

    fn set_type(&mut self, target: TypeId, ty: TypeExpr) {
        if let Some(place) = self.types.get_mut(target.0 as usize) {
            *place = ty;
        }
    }

    fn run_tasks(&mut self) {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Expr { target, open } => self.expr_group(target, open),
                Task::Type { target, open } => self.type_group(target, open),
            }
        }
    }

    fn finish(mut self, doc: Option<Doc>, kind: ItemKind) -> Detailed {
        self.settle_errors();
        let item = Item {
            doc,
            kind,
            exprs: fitted(self.exprs),
            expr_ranges: fitted(self.expr_ranges),
            types: fitted(self.types),
            type_ranges: fitted(self.type_ranges),
        };
        let parsed = Parsed { item, errors: self.errors, undeclared: self.undeclared };
        Detailed { parsed, raw: self.raw, tokens: self.tokens }
    }
}
