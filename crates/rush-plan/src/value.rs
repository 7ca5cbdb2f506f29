//! Values that arguments, matrix cells and flags can have, with their canonical text forms.
//!
//! The JSON form keeps the type: what JSON has stands for itself (`null`, `true`, `1`, `1.0`, `"a"`, `[..]`),
//! the rest is an object with one key that names the type (`{"duration": ..}`, `{"record": {..}}`).
//! It does not know the types of the language, and holds no secret.

use std::collections::BTreeMap;

use crate::{Command, Named, WorkspacePath};

mod json;
mod show;
mod text;

/// A value known at plan time. Equal values have equal JSON forms.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `none`
    None,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction; always finite in a valid plan.
    Float(f64),
    /// A text, also one of a literal union.
    Text(String),
    /// A duration, in nanoseconds.
    Duration(i64),
    /// A size, in bytes.
    Size(u64),
    /// A path of the workspace.
    Path(WorkspacePath),
    /// A pattern, relative to the workspace root, with its `!` if it excludes.
    Glob(String),
    /// A regular expression.
    Regex(String),
    /// A cron expression.
    Cron(String),
    /// A command.
    Command(Box<Command>),
    /// A text or a command with paths in it, as it would be written: what the paths read as depends on who
    /// reads them. Also a path with a spelling that programs tell from others of the same place, as `"./cmd"`.
    Expression(String),
    /// A task or service, by its label, or as a call by what it is called with.
    Reference(String),
    /// `[..]`
    List(Vec<Value>),
    /// `{..}` and `map(T)`
    Record(BTreeMap<String, Value>),
    /// `name(..)`, a member of a tagged union.
    Tag {
        /// The name of the variant.
        name: String,
        /// Its fields.
        fields: BTreeMap<String, Value>,
    },
}

/// Named values: the arguments of a call or the axes of a matrix cell.
pub type Arguments = Named<Value>;
