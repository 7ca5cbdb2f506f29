//! Values that may be known in part.

use std::sync::Arc;

use rush_plan::Glob;
use smol_str::{SmolStr, ToSmolStr as _};

use super::term::Texts;
use super::{Arguments, Call, Known};

/// A value of which something may be known.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Anything.
    Unknown,
    /// `none`
    None,
    /// `true`, `false`
    Bool(bool),
    /// A number without a unit.
    Int(i64),
    /// A duration or a size in its smallest parts.
    Amount(i64),
    /// A text, a path or a pattern.
    Text(Vec<TextPiece>),
    /// The argument for a parameter that has none yet.
    Symbol(crate::db::Item, u32),
    /// A list.
    List(List),
    /// A record.
    Record(Vec<(SmolStr, Self)>),
    /// A variant with arguments.
    Tag(SmolStr, Vec<(Option<SmolStr>, Self)>),
    /// A task or a service with arguments.
    Call(Call),
    /// What a task declares as its outputs.
    Outputs(Call),
    /// One of these.
    Choice(Vec<Self>),
}

/// A list of which some elements may be unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// The elements that are known.
    pub items: Vec<ListItem>,
    /// Whether there may be more.
    pub is_open: bool,
}

/// An element of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListItem {
    /// What it is.
    pub value: Value,
    /// Whether it is there for certain.
    pub is_certain: bool,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum TextPiece {
    /// Read as part of a pattern, where one is expected.
    Pattern(SmolStr),
    /// Never read as part of a pattern.
    Literal(SmolStr),
    /// Not known.
    Hole {
        /// Every text it can be, if that is known.
        alternatives: Option<Arc<[SmolStr]>>,
        /// The axis of the matrix it is the value of.
        axis: Option<SmolStr>,
        /// The arguments it was computed from, so that another call may have another text here.
        follows: Arguments,
    },
}

impl List {
    /// An empty list with room for so many elements.
    pub fn with_room(elements: usize) -> Self {
        Self { items: Vec::with_capacity(elements), is_open: false }
    }
}

impl Value {
    /// A text that is read as a pattern where one is expected.
    pub fn text(text: SmolStr) -> Self {
        Self::Text(vec![TextPiece::Pattern(text)])
    }

    /// The whole text, if all of it is known.
    pub fn whole_text(&self) -> Option<SmolStr> {
        let Self::Text(pieces) = self else { return None };
        if let [TextPiece::Pattern(text) | TextPiece::Literal(text)] = pieces.as_slice() {
            return Some(text.clone());
        }
        let texts = pieces.iter().map(|piece| match piece {
            TextPiece::Pattern(text) | TextPiece::Literal(text) => Some(text.as_str()),
            TextPiece::Hole { .. } => None,
        });
        Some(SmolStr::from(texts.collect::<Option<String>>()?))
    }

    /// The value as an argument that identifies a call.
    pub fn known(&self) -> Known {
        match self {
            Self::None => Known::None,
            Self::Bool(value) => Known::Bool(*value),
            Self::Int(value) => Known::Int(*value),
            Self::Amount(value) => Known::Amount(*value),
            Self::Text(_) => self.whole_text().map_or(Known::Unknown, Known::Text),
            Self::Symbol(item, at) => Known::Symbol(*item, *at),
            Self::List(list) if !list.is_open && list.items.iter().all(|it| it.is_certain) => {
                Known::List(list.items.iter().map(|it| it.value.known()).collect())
            }
            Self::Unknown
            | Self::List(_)
            | Self::Record(_)
            | Self::Tag(..)
            | Self::Call(_)
            | Self::Outputs(_)
            | Self::Choice(_) => Known::Unknown,
        }
    }

    /// The value an argument stands for.
    pub fn of_known(known: &Known, texts: Texts) -> Self {
        match known {
            Known::None => Self::None,
            Known::Bool(value) => Self::Bool(*value),
            Known::Int(value) => Self::Int(*value),
            Known::Amount(value) => Self::Amount(*value),
            Known::Text(text) => match texts {
                Texts::Paths => Self::Text(vec![TextPiece::Literal(text.clone())]),
                Texts::Patterns => Self::text(text.clone()),
            },
            Known::Symbol(item, at) => Self::Symbol(*item, *at),
            Known::List(items) => Self::List(List {
                items: items
                    .iter()
                    .map(|it| ListItem { value: Self::of_known(it, texts), is_certain: true })
                    .collect(),
                is_open: false,
            }),
            Known::Unknown | Known::Default => Self::Unknown,
        }
    }

    /// What a copy of it takes up, in bytes and roughly.
    pub fn bytes(&self) -> usize {
        let inner = match self {
            Self::Unknown
            | Self::None
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Amount(_)
            | Self::Symbol(..) => 0,
            Self::Text(pieces) => pieces.iter().map(TextPiece::bytes).sum(),
            Self::List(list) => list.items.iter().map(|it| it.value.bytes()).sum(),
            Self::Record(fields) => fields.iter().map(|(_, it)| it.bytes()).sum(),
            Self::Tag(_, args) => args.iter().map(|(_, it)| it.bytes()).sum(),
            Self::Call(call) | Self::Outputs(call) => call.args.iter().map(Known::bytes).sum(),
            Self::Choice(them) => them.iter().map(Self::bytes).sum(),
        };
        size_of::<Self>() + inner
    }

    /// Whether two values are the same; `None` when that is not known.
    pub fn equals(&self, other: &Self) -> Option<bool> {
        match (self.whole_text(), other.whole_text()) {
            (Some(left), Some(right)) => return Some(left == right),
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => {
                let is_none = *self == Self::None || *other == Self::None;
                return is_none.then_some(false);
            }
        }
        match (self, other) {
            (Self::Int(left), Self::Int(right)) | (Self::Amount(left), Self::Amount(right)) => {
                Some(left == right)
            }
            (Self::Bool(left), Self::Bool(right)) => Some(left == right),
            (Self::None, Self::None) => Some(true),
            (Self::None, Self::Int(_) | Self::Bool(_) | Self::List(_))
            | (Self::Int(_) | Self::Bool(_) | Self::List(_), Self::None) => Some(false),
            _ => None,
        }
    }

    /// Adds what the value becomes in a hole of a text.
    pub fn fill(
        self,
        alternatives: Option<&Arc<[SmolStr]>>,
        follows: Arguments,
        text: &mut Vec<TextPiece>,
    ) {
        let hole =
            |follows| TextPiece::Hole { alternatives: alternatives.cloned(), axis: None, follows };
        match self {
            Self::Text(pieces) => text.extend(literally(pieces)),
            Self::Int(value) if alternatives.is_none() => {
                text.push(TextPiece::Literal(value.to_smolstr()));
            }
            Self::Bool(value) => text.push(TextPiece::Literal(value.to_smolstr())),
            // The argument itself is compared as an argument.
            Self::Symbol(..) => text.push(hole(Arguments::NONE)),
            _ => text.push(hole(follows)),
        }
    }
}

impl TextPiece {
    fn bytes(&self) -> usize {
        let text = match self {
            Self::Pattern(text) | Self::Literal(text) => text.len(),
            Self::Hole { .. } => 0,
        };
        size_of::<Self>() + text
    }

    fn literally(self) -> Self {
        match self {
            Self::Pattern(text) => Self::Literal(text),
            other => other,
        }
    }
}

/// The text of a pattern, with `hole` for what is not known.
pub fn glob_text(pieces: &[TextPiece], hole: char) -> String {
    /// More alternatives than this make a pattern slow; it is a hole then.
    const ALTERNATIVES_MAX: usize = 32;
    /// Most patterns are no longer.
    const TEXT_BYTES: usize = 64;

    let mut text = String::with_capacity(TEXT_BYTES);
    for piece in pieces {
        match piece {
            TextPiece::Pattern(it) => text.push_str(it),
            TextPiece::Literal(it) => Glob::escape_into(&mut text, it),
            TextPiece::Hole { alternatives: Some(them), .. }
                if (1..=ALTERNATIVES_MAX).contains(&them.len())
                    && them.iter().all(|it| !it.is_empty()) =>
            {
                let is_choice = them.len() > 1;
                for (at, it) in them.iter().enumerate() {
                    if is_choice {
                        text.push(if at == 0 { '{' } else { ',' });
                    }
                    Glob::escape_into(&mut text, it);
                }
                if is_choice {
                    text.push('}');
                }
            }
            TextPiece::Hole { .. } => text.push(hole),
        }
    }
    text
}

/// Adds the elements of a value that is spread.
pub fn spread(value: Value, is_certain: bool, list: &mut List) {
    match value {
        Value::List(inner) => {
            list.is_open |= inner.is_open;
            list.items.extend(
                inner.items.into_iter().map(|it| ListItem {
                    value: it.value,
                    is_certain: it.is_certain && is_certain,
                }),
            );
        }
        Value::None => {}
        Value::Choice(them) => them.into_iter().for_each(|it| spread(it, false, list)),
        it @ (Value::Outputs(_)
        | Value::Call(_)
        | Value::Text(_)
        | Value::Int(_)
        | Value::Amount(_)
        | Value::Bool(_)) => list.items.push(ListItem { value: it, is_certain }),
        Value::Unknown | Value::Symbol(..) | Value::Record(_) | Value::Tag(..) => {
            list.is_open = true;
        }
    }
}

/// The text, no longer read as a pattern.
pub fn literally(pieces: Vec<TextPiece>) -> Vec<TextPiece> {
    pieces.into_iter().map(TextPiece::literally).collect()
}

/// `base.name`
pub fn member(base: Value, name: &str) -> Value {
    match base {
        Value::Record(fields) => {
            let found = fields.into_iter().find(|(it, _)| it == name);
            found.map_or(Value::Unknown, |(_, value)| value)
        }
        _ => Value::Unknown,
    }
}

/// `base[index]`
pub fn element(base: Value, index: &Value) -> Value {
    match (base, index) {
        (Value::List(list), Value::Int(at)) => {
            let is_known = !list.is_open && list.items.iter().all(|it| it.is_certain);
            let at = usize::try_from(*at).ok().filter(|_| is_known);
            let found = at.and_then(|it| list.items.into_iter().nth(it));
            found.map_or(Value::Unknown, |it| it.value)
        }
        (Value::Record(fields), index) => match index.whole_text() {
            Some(key) => member(Value::Record(fields), &key),
            None => Value::Choice(fields.into_iter().map(|(_, value)| value).collect()),
        },
        _ => Value::Unknown,
    }
}

/// `left + right`
pub fn sum(left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => {
            left.checked_add(right).map_or(Value::Unknown, Value::Int)
        }
        (Value::Text(mut left), Value::Text(right)) => {
            left.extend(right);
            Value::Text(left)
        }
        (Value::List(mut left), right @ (Value::List(_) | Value::Outputs(_))) => {
            spread(right, true, &mut left);
            Value::List(left)
        }
        (left @ Value::Outputs(_), right @ (Value::List(_) | Value::Outputs(_))) => {
            let mut list = List::default();
            spread(left, true, &mut list);
            spread(right, true, &mut list);
            Value::List(list)
        }
        (Value::List(mut list), _) | (_, Value::List(mut list)) => {
            list.is_open = true;
            Value::List(list)
        }
        _ => Value::Unknown,
    }
}
