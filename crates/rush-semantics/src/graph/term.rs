//! What of an item matters to the graph of tasks, as small trees without numbers or places.
//!
//! An item's expressions are numbered in the order written, so a change of `run` renumbers what
//! comes after it. Terms have names only: the sketch of an item is equal before and after such a
//! change, and nothing that was computed from it runs again.

use std::sync::Arc;

use rush_syntax::ast::BinaryOp;
use smol_str::SmolStr;

use crate::db::Item;

/// The part of an item that decides edges and patterns.
#[derive(Debug, Default, PartialEq)]
pub struct Sketch {
    /// The parameters with their defaults.
    pub params: Vec<Param>,
    /// What it extends, and with which arguments for the parameters there.
    pub extends: Option<(Item, Vec<Option<Term>>)>,
    /// The fields the graph depends on, and spreads, in the order written.
    pub members: Vec<RecordEntry>,
    /// The `let`s of the body.
    pub lets: Vec<(SmolStr, Term)>,
    /// What the other fields refer to.
    pub mentions: Vec<Mention>,
    /// The value of a `let`, the body of a `fn`.
    pub value: Option<Term>,
    /// Whether something was left out because it is nested too deeply.
    pub is_cut: bool,
}

/// A parameter.
#[derive(Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: SmolStr,
    /// The value when no argument is given.
    pub default: Option<Term>,
    /// Whether it takes what follows `--`.
    pub is_rest: bool,
    /// What its texts stand for where paths are matched.
    pub texts: Texts,
}

/// What the text of a value stands for where paths are matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texts {
    /// For all paths that it matches, as a pattern.
    Patterns,
    /// For itself, whatever letters are in it.
    Paths,
}

/// Something outside the fields of the graph that may read the outputs of a task.
#[derive(Debug, PartialEq)]
pub struct Mention {
    /// The field it stands in; empty for a `check`.
    pub field: SmolStr,
    /// What it computes.
    pub term: Term,
    /// Whether it is computed whenever the field is.
    pub is_certain: bool,
}

/// An expression as far as the graph cares.
#[derive(Debug, PartialEq)]
pub enum Term {
    /// A value that is not known before a plan is made, computed from these.
    Unknown(Vec<Term>),
    /// `none`
    None,
    /// `true`, `false`
    Bool(bool),
    /// A number without a unit.
    Int(i64),
    /// A duration or a size in its smallest parts.
    Amount(i64),
    /// A text.
    Text(Vec<Piece>),
    /// A parameter, a `let` or a `for` variable of the item.
    Name(SmolStr),
    /// A file-level `let`.
    Let(Item),
    /// The call of a task or a service, with an argument for each parameter.
    Call(Item, Vec<Option<Term>>),
    /// The call of a `fn`.
    Apply(Item, Vec<Option<Term>>),
    /// `all(packages, task)`
    All {
        /// The pattern of package directories.
        packages: SmolStr,
        /// The task's name.
        task: SmolStr,
    },
    /// `tcp(port)`, with the names that were written.
    Tag(SmolStr, Vec<(Option<SmolStr>, Term)>),
    /// `path(text)`
    Path(Box<Term>),
    /// `glob(text)`
    Glob(Box<Term>),
    /// `task.outputs`
    Outputs(Box<Term>),
    /// `value.name`
    Member(Box<Term>, SmolStr),
    /// `value.name(args)`
    Method(Box<Term>, SmolStr, Vec<Term>),
    /// `value[index]`
    Index(Box<Term>, Box<Term>),
    /// `matrix.name`
    Axis(SmolStr),
    /// `base.name`
    Inherited(SmolStr),
    /// A list.
    List(Vec<Entry>),
    /// A record.
    Record(Vec<RecordEntry>),
    /// `!x`
    Not(Box<Term>),
    /// `-x`
    Negate(Box<Term>),
    /// `a + b`, `a == b`, `a && b` ..
    Binary(BinaryOp, Box<Term>, Box<Term>),
    /// `if c then a else b`
    If(Box<[Term; 3]>),
}

/// A piece of a text.
#[derive(Debug, PartialEq)]
pub enum Piece {
    /// What is written.
    Fixed(SmolStr),
    /// A hole.
    Hole {
        /// Its value.
        term: Term,
        /// Every text it can be, when its type says so.
        alternatives: Option<Arc<[SmolStr]>>,
    },
}

/// An element of a list.
#[derive(Debug, PartialEq)]
pub enum Entry {
    /// `e`
    Value(Term),
    /// `...e`
    Spread(Term),
    /// `for x in e if c: element`
    For {
        /// The variable.
        name: SmolStr,
        /// What it runs through.
        iterable: Term,
        /// The `if` before the colon.
        condition: Option<Term>,
        /// What is made for each.
        element: Box<Entry>,
    },
    /// `if c: element`
    If(Term, Box<Entry>),
}

/// A member of a record.
#[derive(Debug, PartialEq)]
pub enum RecordEntry {
    /// `name: value`
    Field(SmolStr, Term),
    /// `let name = value`
    Let(SmolStr, Term),
    /// `...value`
    Spread(Term),
}

impl Term {
    /// A value nothing is known of.
    pub const UNKNOWN: Self = Self::Unknown(Vec::new());
}
