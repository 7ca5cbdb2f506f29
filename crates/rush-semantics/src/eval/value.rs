//! The values expressions have while a plan is made.
//!
//! Paths and patterns stay as written until they reach a task, because they belong to its package;
//! a leading `//` means the workspace root. In a text, too, they stay paths: only the task or service
//! whose process reads the text says from where it looks. References name a declaration and its
//! arguments and are turned into nodes later. A secret is only ever a name.

use std::rc::Rc;

use rush_plan::Interpreter;
use smol_str::SmolStr;

use crate::db::Item;

/// A value; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// In nanoseconds.
    Duration(i64),
    /// In bytes.
    Size(i64),
    Text(SmolStr),
    /// A text with at least one path in it, which is not seen from anywhere yet.
    PlacedText(Rc<[Piece]>),
    Path(SmolStr),
    Glob(SmolStr),
    Regex(SmolStr),
    Cron(SmolStr),
    /// The `secret` item.
    Secret(Item),
    /// A text with at least one secret in it.
    SecretText(Rc<[Piece]>),
    Command(Rc<Command>),
    List(Rc<[Value]>),
    Record(Rc<Record>),
    Tag(Rc<Tag>),
    Reference(Rc<Reference>),
}

/// How something that counts from a package is written.
#[derive(Clone, Copy)]
pub(super) enum Spelled<'a> {
    Path(&'a str),
    /// What has special characters, or may have them: nothing counts but where it leads.
    Freely(&'a str),
}

/// A piece of a text whose letters are not all known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    /// A path or a pattern as it is written.
    Path(SmolStr),
    Secret(Item),
}

/// A command whose texts are not seen from anywhere yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Command {
    /// The program and its arguments.
    Argv(Vec<Value>),
    Script(Script),
}

/// A script with the values it is given; a variable that is `none` is unset.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Script {
    pub(super) interpreter: Interpreter,
    pub(super) text: Value,
    pub(super) variables: Vec<(SmolStr, Value)>,
    pub(super) arguments: Vec<Value>,
}

/// A record or a map; keys in the order written, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Record(Vec<(SmolStr, Value)>);

/// `exponential(1s)`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tag {
    pub(super) name: SmolStr,
    pub(super) fields: Record,
}

/// A declaration and what it is called with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reference {
    pub(super) item: Item,
    /// For each parameter the argument, where one was given; shorter when the rest is absent.
    pub(super) args: Vec<Option<Value>>,
    /// The matrix axes that were narrowed.
    pub(super) axes: Vec<(SmolStr, Value)>,
}

impl Value {
    pub(super) fn list(elements: Vec<Self>) -> Self {
        Self::List(Rc::from(elements))
    }

    pub(super) fn record(record: Record) -> Self {
        Self::Record(Rc::new(record))
    }

    pub(super) fn text(text: impl Into<SmolStr>) -> Self {
        Self::Text(text.into())
    }

    /// The text of these pieces, of which no two texts are neighbours.
    pub(super) fn joined(pieces: Vec<Piece>) -> Self {
        match pieces.as_slice() {
            [] => Self::text(""),
            [Piece::Text(text)] => Self::text(text.as_str()),
            _ if pieces.iter().any(|it| matches!(it, Piece::Secret(_))) => {
                Self::SecretText(pieces.into())
            }
            _ => Self::PlacedText(pieces.into()),
        }
    }

    /// A call of a declaration with its defaults.
    pub(super) fn reference(item: Item) -> Self {
        Self::Reference(Rc::new(Reference { item, args: Vec::new(), axes: Vec::new() }))
    }

    /// Whether a path or a pattern is part of it; what a call in it is given is not looked at.
    pub(super) fn has_paths(&self) -> bool {
        self.find_place(&|_| Some(())).is_some()
    }

    /// The first answer to a question that is asked about each path and pattern in it; what a call in it is given is
    /// not looked at.
    pub(super) fn find_place<T>(&self, ask: &impl Fn(Spelled<'_>) -> Option<T>) -> Option<T> {
        let in_fields = |record: &Record| record.iter().find_map(|(_, it)| it.find_place(ask));
        match self {
            Self::Path(path) => ask(Spelled::Path(path)),
            Self::Glob(pattern) => ask(Spelled::Freely(pattern)),
            Self::PlacedText(pieces) | Self::SecretText(pieces) => {
                pieces.iter().find_map(|piece| match piece {
                    Piece::Path(path) => ask(Spelled::Freely(path)),
                    Piece::Text(_) | Piece::Secret(_) => None,
                })
            }
            Self::List(elements) => elements.iter().find_map(|it| it.find_place(ask)),
            Self::Record(record) => in_fields(record),
            Self::Tag(tag) => in_fields(&tag.fields),
            Self::Command(command) => match &**command {
                Command::Argv(words) => words.iter().find_map(|it| it.find_place(ask)),
                Command::Script(Script { text, variables, arguments, .. }) => {
                    let variables = variables.iter().map(|(_, it)| it);
                    variables.chain(arguments).chain([text]).find_map(|it| it.find_place(ask))
                }
            },
            _ => None,
        }
    }

    pub(super) fn as_record(&self) -> Option<&Record> {
        match self {
            Self::Record(record) => Some(record),
            _ => None,
        }
    }

    /// The letters of what is spelled as text and has the same ones for everybody.
    pub(super) fn as_text(&self) -> Option<&SmolStr> {
        match self {
            Self::Text(it) | Self::Path(it) | Self::Glob(it) | Self::Regex(it) | Self::Cron(it) => {
                Some(it)
            }
            _ => None,
        }
    }

    /// The elements of a list; none for anything else.
    pub(super) fn elements(&self) -> &[Self] {
        match self {
            Self::List(elements) => elements,
            _ => &[],
        }
    }

    /// What kind of value it is, with its article.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::None => "`none`",
            Self::Bool(_) => "a bool",
            Self::Int(_) => "a number",
            Self::Float(_) => "a number with a fraction",
            Self::Duration(_) => "a duration",
            Self::Size(_) => "a size",
            Self::Text(_) | Self::PlacedText(_) => "text",
            Self::Path(_) => "a path",
            Self::Glob(_) => "a glob",
            Self::Regex(_) => "a regular expression",
            Self::Cron(_) => "a cron line",
            Self::Secret(_) | Self::SecretText(_) => "a secret",
            Self::Command(_) => "a command",
            Self::List(_) => "a list",
            Self::Record(_) => "a record",
            Self::Tag(_) => "a tagged value",
            Self::Reference(_) => "a declaration",
        }
    }
}

/// Appends a piece; texts that meet become one.
pub(super) fn push_piece(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Text(last)), Piece::Text(text)) => last.push_str(&text),
        (_, Piece::Text(text)) if text.is_empty() => {}
        (_, piece) => pieces.push(piece),
    }
}

impl Record {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Adds an entry or replaces the one with its key.
    pub(super) fn set(&mut self, name: SmolStr, value: Value) {
        match self.0.iter_mut().find(|(key, _)| *key == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&SmolStr, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl FromIterator<(SmolStr, Value)> for Record {
    /// The keys must differ.
    fn from_iter<I: IntoIterator<Item = (SmolStr, Value)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}
