//! Types as they are written.

use smol_str::SmolStr;
use text_size::TextRange;

use super::{Name, ParamDecl, TypeId};

/// The bound of a range type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// `5`, `-5`
    Int(i64),
    /// `0.5`
    Float(f64),
    /// `1h`, in nanoseconds.
    Duration(i64),
    /// `1GiB`, in bytes.
    Size(i64),
}

/// What stands in the parentheses of `int(1..=5)` or `string(r"v\d+")`.
#[derive(Clone, Debug, PartialEq)]
pub enum Refinement {
    /// `low..high` (exclusive) or `low..=high` (inclusive); a bound may be absent.
    Range {
        /// The lower bound, inclusive.
        low: Option<Bound>,
        /// The upper bound.
        high: Option<Bound>,
        /// Whether the upper bound belongs to the range.
        is_inclusive: bool,
    },
    /// A regular expression the whole text must match.
    Pattern(Name),
}

/// A type expression.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeExpr {
    /// What could not be read; it was reported.
    Missing,
    /// `none`
    None,
    /// `"x"`
    Text(SmolStr),
    /// `1`, `-1`
    Int(i64),
    /// `0.5`
    Float(f64),
    /// `a.B`, `int(1..)`
    Path {
        /// The dotted path, never empty.
        path: Vec<Name>,
        /// What narrows it, and where that is written.
        refinement: Option<(Refinement, TextRange)>,
    },
    /// `map(T)`
    Map(TypeId),
    /// `fixed(delay: duration)` declares a tag.
    Tag {
        /// The tag.
        name: Name,
        /// Its fields.
        fields: Vec<ParamDecl>,
    },
    /// `[T]`
    List(TypeId),
    /// `{ a: T, b: T = d }`
    Record(Vec<ParamDecl>),
    /// `T | U`
    Union(Vec<TypeId>),
    /// `T?`
    Optional(TypeId),
}
