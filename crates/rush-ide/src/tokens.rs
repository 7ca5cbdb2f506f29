//! What each word of a file is, so that an editor can colour it by its meaning.
//!
//! `semantic_tokens(db, file, range: Option<TextRange>) -> Vec<Token>`: sorted, without overlap, each
//! inside one line. Two layers: what the lexer knows of every word, and above it what is known of
//! names, of the words of commands, and of scripts in other languages. In a script only what Rush
//! adds or is sure of is told: captured variables, reserved words, comments; the rest is left to the
//! grammar of an editor. With a range, only the items in it are looked at.
//!
//! The legend of the protocol is [`TokenKind::ALL`] and [`Modifiers::ALL`]; a kind that is no standard
//! one has a standard one to stand for it ([`TokenKind::standard`]).

mod commands;
mod lexical;
mod names;
mod scripts;

#[cfg(test)]
mod tests;

use rush_semantics::{Db, Item, SourceFile};
use text_size::{TextRange, TextSize};

use crate::names::Origins;
use crate::place::Placed;
use crate::syntax::slice;

/// A word and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The bytes, counted from the start of the file.
    pub range: TextRange,
    /// What it is.
    pub kind: TokenKind,
    /// What else is known of it.
    pub modifiers: Modifiers,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenKind {
    /// A comment.
    Comment,
    /// A reserved word, or one that opens an item.
    Keyword,
    /// A kind of declaration: `task`.
    Kind,
    /// The name of a task.
    Task,
    /// The name of a service.
    Service,
    /// The name of a template.
    Template,
    /// The name of a secret.
    Secret,
    /// The name of a profile.
    Profile,
    /// The alias of a `use`.
    Namespace,
    /// A type.
    Type,
    /// A tag, or a text of a union of texts.
    Member,
    /// A function.
    Function,
    /// A method.
    Method,
    /// A parameter.
    Parameter,
    /// A `let`, or the variable of a `for`.
    Variable,
    /// A field of a kind or a record.
    Field,
    /// An axis of a matrix.
    Axis,
    /// A text.
    Text,
    /// An escape in a text.
    Escape,
    /// A regular expression.
    Pattern,
    /// A number, a duration or a size.
    Number,
    /// An operator.
    Operator,
    /// `${` and `}`.
    Hole,
    /// The program a command starts.
    Program,
    /// An argument that begins with `-`.
    Flag,
    /// The tag of a script: `sh`.
    Interpreter,
    /// `@merge`, in the prelude.
    Attribute,
}

impl TokenKind {
    /// All kinds; the number of a kind in the protocol is its place here.
    pub const ALL: [Self; 27] = [
        Self::Comment,
        Self::Keyword,
        Self::Kind,
        Self::Task,
        Self::Service,
        Self::Template,
        Self::Secret,
        Self::Profile,
        Self::Namespace,
        Self::Type,
        Self::Member,
        Self::Function,
        Self::Method,
        Self::Parameter,
        Self::Variable,
        Self::Field,
        Self::Axis,
        Self::Text,
        Self::Escape,
        Self::Pattern,
        Self::Number,
        Self::Operator,
        Self::Hole,
        Self::Program,
        Self::Flag,
        Self::Interpreter,
        Self::Attribute,
    ];

    /// Its name in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Task => "task",
            Self::Service => "service",
            Self::Template => "template",
            Self::Secret => "secret",
            Self::Profile => "profile",
            Self::Axis => "axis",
            Self::Escape => "escape",
            Self::Hole => "hole",
            Self::Program => "program",
            Self::Flag => "flag",
            Self::Interpreter => "interpreter",
            standard => standard.standard(),
        }
    }

    /// The kind of the protocol's own that is closest, for clients that know no others.
    pub fn standard(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Keyword | Self::Kind => "keyword",
            Self::Task | Self::Service | Self::Function | Self::Program => "function",
            Self::Template | Self::Profile => "class",
            Self::Secret | Self::Variable => "variable",
            Self::Namespace => "namespace",
            Self::Type => "type",
            Self::Member => "enumMember",
            Self::Method => "method",
            Self::Parameter | Self::Flag => "parameter",
            Self::Field | Self::Axis => "property",
            Self::Text => "string",
            Self::Escape | Self::Pattern => "regexp",
            Self::Number => "number",
            Self::Operator | Self::Hole => "operator",
            Self::Interpreter => "macro",
            Self::Attribute => "decorator",
        }
    }

    /// Its number in the protocol.
    pub fn index(self) -> u32 {
        self as u32
    }
}

/// What else is known of a word: a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Modifiers(u32);

impl Modifiers {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// The name is declared here.
    pub const DECLARATION: Self = Self(1);
    /// It comes with Rush.
    pub const DEFAULT_LIBRARY: Self = Self(2);
    /// It never changes its value.
    pub const READONLY: Self = Self(4);
    /// It is known in the whole file.
    pub const STATIC: Self = Self(8);
    /// A comment that documents what follows.
    pub const DOCUMENTATION: Self = Self(16);
    /// A script reads it from its environment.
    pub const CAPTURED: Self = Self(32);

    /// The names in the protocol, by the number of the bit.
    pub const ALL: [&'static str; 6] =
        ["declaration", "defaultLibrary", "readonly", "static", "documentation", "captured"];

    /// The bits of the protocol.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Both sets together.
    #[must_use]
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The words of a file, or of those of its items that are in a range.
pub fn semantic_tokens(db: &dyn Db, file: SourceFile, range: Option<TextRange>) -> Vec<Token> {
    let mut found = Vec::new();
    let origins = Origins::new(db);
    for placed in Placed::all(db, file) {
        db.unwind_if_revision_cancelled();
        let all = TextRange::at(placed.start, TextSize::of(&**placed.item.text(db)));
        if range.is_none_or(|it| it.intersect(all).is_some()) {
            item_tokens(&origins, placed, &mut found);
        }
    }
    if let Some(range) = range {
        found.retain(|it| it.range.intersect(range).is_some());
    }
    found
}

/// Both layers of an item, one above the other.
fn item_tokens(origins: &Origins<'_>, placed: Placed, found: &mut Vec<Token>) {
    let (db, item): (&dyn Db, Item) = (origins.db(), placed.item);
    let text = item.text(db);
    let base = lexical::tokens(db, item);
    let mut above = names::tokens(db, origins, item);
    let is_sorted = above.len();
    commands::tokens(item.ast(db), text, &mut above);
    scripts::tokens(item.ast(db), text, &mut above);
    if above.len() > is_sorted {
        // Names come first, so that a captured variable wins over the word it stands in.
        above.sort_by_key(|it| it.range.start());
    }
    let mut end = TextSize::new(0);
    above.retain(|it| {
        let is_free = it.range.start() >= end && !it.range.is_empty();
        end = if is_free { it.range.end() } else { end };
        is_free
    });
    let mut lines = Lines { text, start: placed.start, found };
    let mut above = above.into_iter().peekable();
    for token in base {
        let mut from = token.range.start();
        while let Some(over) = above.next_if(|it| it.range.start() < token.range.end()) {
            if over.range.start() > from {
                lines.push(Token { range: TextRange::new(from, over.range.start()), ..token });
            }
            lines.push(over);
            from = from.max(over.range.end());
        }
        if from < token.range.end() {
            lines.push(Token { range: TextRange::new(from, token.range.end()), ..token });
        }
    }
    above.for_each(|it| lines.push(it));
}

/// Writes tokens of an item as tokens of the file, cut at line ends.
struct Lines<'a> {
    text: &'a str,
    start: TextSize,
    found: &'a mut Vec<Token>,
}

impl Lines<'_> {
    fn push(&mut self, token: Token) {
        let written = slice(self.text, token.range);
        if memchr::memchr(b'\n', written.as_bytes()).is_none() {
            let written = written.trim_end_matches('\r');
            return self.push_line(token, token.range.start(), written);
        }
        let mut start = token.range.start();
        for line in written.split_inclusive('\n') {
            let content = line.trim_start_matches([' ', '\t']);
            let indentation = TextSize::of(line) - TextSize::of(content);
            self.push_line(token, start + indentation, content.trim_end_matches(['\n', '\r']));
            start += TextSize::of(line);
        }
    }

    fn push_line(&mut self, token: Token, start: TextSize, written: &str) {
        if !written.is_empty() {
            let range = TextRange::at(start + self.start, TextSize::of(written));
            self.found.push(Token { range, ..token });
        }
    }
}
