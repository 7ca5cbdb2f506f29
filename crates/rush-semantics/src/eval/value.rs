//! The values expressions have while a plan is made.
//!
//! Paths and patterns stay as written until they reach a task, because they belong to its package;
//! a leading `//` means the workspace root. References name a declaration and its arguments and are
//! turned into nodes later. A secret is only ever a name.

use std::rc::Rc;

use rush_plan::Command;
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

/// A piece of a text that may hold secrets.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    Secret(Item),
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
    /// Whether it is a command or has one in it.
    pub(super) fn holds_command(&self) -> bool {
        match self {
            Self::Command(_) => true,
            Self::List(elements) => elements.iter().any(Self::holds_command),
            Self::Record(record) => record.iter().any(|(_, value)| value.holds_command()),
            Self::Tag(tag) => tag.fields.iter().any(|(_, value)| value.holds_command()),
            _ => false,
        }
    }

    pub(super) fn list(elements: Vec<Self>) -> Self {
        Self::List(Rc::from(elements))
    }

    pub(super) fn record(record: Record) -> Self {
        Self::Record(Rc::new(record))
    }

    pub(super) fn text(text: impl Into<SmolStr>) -> Self {
        Self::Text(text.into())
    }

    /// A call of a declaration with its defaults.
    pub(super) fn reference(item: Item) -> Self {
        Self::Reference(Rc::new(Reference { item, args: Vec::new(), axes: Vec::new() }))
    }

    pub(super) fn as_record(&self) -> Option<&Record> {
        match self {
            Self::Record(record) => Some(record),
            _ => None,
        }
    }

    /// The text of everything that is spelled as text.
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

    /// Equality as `==` has it: numbers by value, texts by their letters.
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(int), Self::Float(float)) | (Self::Float(float), Self::Int(int)) => {
                (*int as f64).total_cmp(float).is_eq()
            }
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b))
            }
            (Self::Record(a), Self::Record(b)) => a.equals(b),
            (Self::Tag(a), Self::Tag(b)) => a.name == b.name && a.fields.equals(&b.fields),
            _ => match (self.as_text(), other.as_text()) {
                (Some(a), Some(b)) => a == b,
                _ => self == other,
            },
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
            Self::Text(_) => "text",
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

    fn equals(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().all(|(key, value)| other.get(key).is_some_and(|it| it.equals(value)))
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
