//! Types: what a value may be, and when one fits where another is expected.
//!
//! Types are structural but for declarations and tags. A literal is the smallest range or text type,
//! so `8080` is `int(8080..=8080)` and nothing needs a case of its own for it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rush_syntax::Kind;
use rush_syntax::ast::ExprId;
use smol_str::SmolStr;

use crate::db::Item;

mod example;
mod fit;
mod limit;
mod settable;
mod show;

pub use example::{example, examples};
pub use fit::{Fit, fits, is_subtype, join, may_fit, overlaps, strip_none, union, without};
pub use limit::is_too_large;
pub use settable::is_settable;
pub use show::{duration, read_duration, read_size, size};

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    /// Unknown because of an error that was reported; fits everywhere.
    Error,
    /// The element of an empty list; fits everywhere.
    Never,
    /// `none`
    None,
    /// `bool`
    Bool,
    /// `int`, `int(1..=9)`, `1`
    Int(Limits<i64>),
    /// `float`, `float(0..=1)`
    Float(Limits<Number>),
    /// `duration`, in nanoseconds.
    Duration(Limits<i64>),
    /// `size`, in bytes.
    Size(Limits<i64>),
    /// `string`, `"x"`, `string(r"v\d+")`
    Text(TextTy),
    /// `path`
    Path,
    /// `glob`
    Glob,
    /// `regex`
    Regex,
    /// `cron`
    Cron,
    /// `command`
    Command,
    /// `secret`
    Secret,
    /// `[T]`
    List(Arc<Ty>),
    /// `map(T)`
    Map(Arc<Ty>),
    /// `{ a: T }`
    Record(Arc<RecordTy>),
    /// `exponential(first: duration)`
    Tag(Arc<TagTy>),
    /// `T | U`: two or more members, none of which is a union or an alias of one.
    Union(Arc<[Ty]>),
    /// A named type; `ty` is never an alias itself.
    Alias(Arc<AliasTy>),
    /// Any declaration of a kind: `task`, `service`.
    Kind(Kind),
    /// One declaration, called or to be called with its defaults.
    Decl {
        /// The declaration.
        item: Item,
        /// Its kind, so that whether it fits a kind needs no database.
        kind: Kind,
    },
}

// There is one for each expression, kept for as long as the file is open.
const _: () = assert!(size_of::<Ty>() <= 32);

/// An inclusive range, open where there is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limits<T> {
    /// All values.
    Any,
    /// This value and those above.
    AtLeast(T),
    /// This value and those below.
    AtMost(T),
    /// From the first value to the second.
    Between(T, T),
}

impl<T: Copy> Limits<T> {
    /// Exactly one value.
    pub const fn only(value: T) -> Self {
        Self::Between(value, value)
    }

    /// The range with these bounds.
    pub const fn new(low: Option<T>, high: Option<T>) -> Self {
        match (low, high) {
            (None, None) => Self::Any,
            (Some(low), None) => Self::AtLeast(low),
            (None, Some(high)) => Self::AtMost(high),
            (Some(low), Some(high)) => Self::Between(low, high),
        }
    }

    /// The least value.
    pub const fn low(&self) -> Option<T> {
        match self {
            Self::AtLeast(low) | Self::Between(low, _) => Some(*low),
            Self::Any | Self::AtMost(_) => None,
        }
    }

    /// The greatest value.
    pub const fn high(&self) -> Option<T> {
        match self {
            Self::AtMost(high) | Self::Between(_, high) => Some(*high),
            Self::Any | Self::AtLeast(_) => None,
        }
    }
}

impl<T: PartialEq + Copy> Limits<T> {
    /// The value, when there is exactly one.
    pub fn single(&self) -> Option<T> {
        match self {
            Self::Between(low, high) if low == high => Some(*low),
            Self::Any | Self::AtLeast(_) | Self::AtMost(_) | Self::Between(..) => None,
        }
    }
}

impl<T: PartialOrd + Copy> Limits<T> {
    /// Whether a value is within them.
    pub fn contains(&self, value: T) -> bool {
        self.low().is_none_or(|low| low <= value) && self.high().is_none_or(|high| value <= high)
    }

    /// The value itself where it is allowed, else the limit that is next to it.
    pub fn nearest(&self, value: T) -> T {
        match (self.low(), self.high()) {
            (Some(low), _) if value < low => low,
            (_, Some(high)) if value > high => high,
            _ => value,
        }
    }
}

/// A floating-point number that is compared by its bits, so that types can be compared.
#[derive(Clone, Copy, Debug)]
pub struct Number(pub f64);

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.0.total_cmp(&other.0))
    }
}

/// Which texts a text type holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TextTy {
    /// Every text.
    Any,
    /// One text.
    Literal(SmolStr),
    /// The texts a regular expression matches as a whole.
    Pattern(Arc<str>),
}

/// A closed record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordTy {
    /// The fields in the order declared.
    pub fields: Vec<FieldTy>,
}

/// A field of a record, of a tag or of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldTy {
    /// The field's name.
    pub name: SmolStr,
    /// The type of its value.
    pub ty: Ty,
    /// The value when the field is absent.
    pub default: Option<DefaultRef>,
}

/// Where a default is written; evaluated in that item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DefaultRef {
    /// The item that declares the field.
    pub item: Item,
    /// The default's expression in that item.
    pub expr: ExprId,
}

/// A tagged variant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TagTy {
    /// The tag.
    pub name: SmolStr,
    /// The item in which it is declared.
    pub item: Item,
    /// Its fields, in the order of positional arguments.
    pub fields: Vec<FieldTy>,
}

/// A type with a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AliasTy {
    /// The name as declared.
    pub name: SmolStr,
    /// The item that declares it.
    pub item: Item,
    /// What it stands for; never an alias.
    pub ty: Ty,
}

impl Ty {
    /// `string`
    pub const TEXT: Self = Self::Text(TextTy::Any);
    /// `int`
    pub const INT: Self = Self::Int(Limits::Any);
    /// `float`
    pub const FLOAT: Self = Self::Float(Limits::Any);
    /// `duration`
    pub const DURATION: Self = Self::Duration(Limits::Any);
    /// `size`
    pub const SIZE: Self = Self::Size(Limits::Any);

    /// The type of one text.
    pub fn literal(text: impl Into<SmolStr>) -> Self {
        Self::Text(TextTy::Literal(text.into()))
    }

    /// `[T]`
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// `T?`
    pub fn optional(self) -> Self {
        join(self, Self::None)
    }

    /// A record of these fields without defaults.
    pub fn record(fields: impl IntoIterator<Item = (SmolStr, Self)>) -> Self {
        let fields = fields.into_iter();
        let fields = fields.map(|(name, ty)| FieldTy { name, ty, default: None }).collect();
        Self::Record(Arc::new(RecordTy { fields }))
    }

    /// The type without its name.
    pub fn bare(&self) -> &Self {
        match self {
            Self::Alias(alias) => &alias.ty,
            _ => self,
        }
    }

    /// The members of a union, or the type itself.
    pub fn members(&self) -> &[Self] {
        match self.bare() {
            Self::Union(members) => members,
            _ => std::slice::from_ref(self),
        }
    }

    /// Whether a value may be `none`.
    pub fn may_be_none(&self) -> bool {
        self.members().contains(&Self::None)
    }

    /// Whether it is an error that was reported already.
    pub fn is_error(&self) -> bool {
        matches!(self.bare(), Self::Error)
    }

    /// The texts of a union of literal texts, in the order written.
    pub fn literal_texts(&self) -> Option<Vec<SmolStr>> {
        self.members()
            .iter()
            .map(|member| match member.bare() {
                Self::Text(TextTy::Literal(text)) => Some(text.clone()),
                _ => None,
            })
            .collect()
    }
}

impl RecordTy {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&FieldTy> {
        self.fields.iter().find(|field| field.name == name)
    }
}
