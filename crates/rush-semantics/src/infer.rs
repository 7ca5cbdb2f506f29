//! Types of the expressions of one item, and what its names mean.
//!
//! The result of [`infer`] belongs to one item. It reads its own syntax and the *signatures* of
//! other items, never their bodies; so editing one body re-checks one item.
//! What it finds wrong is returned beside the types.

mod by_expr;
mod call;
mod command;
mod context;
pub mod context_free;
mod decl;
mod expect;
mod expr;
mod function;
mod habits;
mod item;
mod literal;
mod matrix;
mod member;
mod method;
mod name;
mod narrow;
mod needed_calls;
mod operator;
mod origin;
mod reads;
mod record;
mod shape;
mod unknown;
mod variables;
mod view;

pub use by_expr::ByExpr;
pub use view::{Call, Callee, Method, Param, View, Visible, methods, record_variant, view};

use rush_diagnostics::{Diagnostic, TextRange};
use rush_syntax::ast::{ExprId, Part};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::builtins::Builtin;
use crate::check::item_lints;
use crate::db::{Db, Item, SourceFile};
use crate::shell::{self, Language, Quoting, ScriptFacts};
use crate::ty::Ty;

pub use call::tag_of;
pub use matrix::{CELLS_MAX, PRODUCT_MAX};
pub use method::methods_of;
pub use name::word_type;
pub use variables::env_of_defaults;

/// What a name refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing; it was reported.
    Unknown,
    /// A parameter, a `let` or a `for` variable of this item.
    Local(LocalId),
    /// A `let`, `param`, `fn`, `type` or declaration at the level of a file.
    Item(Item),
    /// The file behind a `use`.
    Namespace(SourceFile),
    /// The current cell: a record of the axes' values.
    Matrix,
    /// What the declaration extends: a record of its data fields.
    Base,
    /// The facts about the host: a record.
    Host,
    /// The chosen profile: a record with the field `name`.
    Profile,
    /// A tag of the expected type. The type of the name is the tag, with the item that declares it.
    Tag(SmolStr),
    /// A function of Rush.
    Builtin(Builtin),
}

impl Meaning {
    /// Whether the word stands for one value wherever it is written.
    pub fn is_value(&self) -> bool {
        match self {
            Self::Local(_)
            | Self::Item(_)
            | Self::Matrix
            | Self::Base
            | Self::Host
            | Self::Profile => true,
            Self::Unknown | Self::Namespace(_) | Self::Tag(_) | Self::Builtin(_) => false,
        }
    }
}

/// A parameter, `let` or `for` variable of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(pub u32);

/// What a local is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Its name.
    pub name: SmolStr,
    /// Its type.
    pub ty: Ty,
    /// What gives it a value.
    pub source: LocalSource,
}

/// What gives a local its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LocalSource {
    /// The parameter at this position of the item's own parameter list.
    Parameter(usize),
    /// The value of a `let`.
    Let(ExprId),
    /// One element after the other of this iterable.
    For(ExprId),
}

/// What is known about the expressions of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inference {
    /// The type of each expression, by its number; after conversion where there is one.
    pub types: Vec<Ty>,
    /// What each name means; also for `a.b` where `a` is a namespace.
    pub meanings: ByExpr<Meaning>,
    /// The type an expression's value must be converted to after it is computed.
    pub conversions: ByExpr<Ty>,
    /// The parameters, `let`s and `for` variables. A `for` of a default stands before its parameter.
    pub locals: Vec<Local>,
    /// For a script: the locals and items whose values its text uses, by name.
    pub captures: FxHashMap<ExprId, Vec<(SmolStr, Meaning)>>,
    /// The secrets that scripts read by their name; a mistake of its own, but no secret without use.
    pub script_secrets: Vec<Item>,
    /// Everything that is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether something is wrong with the way the item is written, too.
    pub has_syntax_errors: bool,
}

impl Inference {
    /// The type of an expression of this item.
    pub fn ty(&self, expr: ExprId) -> &Ty {
        self.types.get(expr.0 as usize).unwrap_or(&Ty::Error)
    }

    /// The local that the parameter at this position is.
    pub fn parameter(&self, position: usize) -> LocalId {
        let source = LocalSource::Parameter(position);
        let is_it = |at: &usize| self.locals.get(*at).is_some_and(|it| it.source == source);
        // Mostly it stands there: only defaults with a `for` have locals of their own.
        let at = Some(position).filter(is_it).or_else(|| (0..self.locals.len()).find(is_it));
        LocalId(at.map_or(u32::MAX, |at| at as u32))
    }
}

/// The types and meanings of one item's expressions.
#[salsa::tracked(returns(ref))]
pub fn infer(db: &dyn Db, item: Item) -> Inference {
    let mut found = item::infer_item(db, item);
    found.diagnostics.extend(item_lints(db, item));
    // There is one of these for each item, and it stays.
    found.locals.shrink_to_fit();
    found.meanings.fit();
    found.conversions.fit();
    found.has_syntax_errors = !item.parsed(db).errors.is_empty();
    found
}

/// A place in a script where a variable is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptRead {
    /// The variable.
    pub name: SmolStr,
    /// Its name, without `$` and braces.
    pub range: TextRange,
    /// Whether a variable of the script has the same name, there or further down.
    pub is_own_name: bool,
}

/// Where a script reads variables, in the order written. What quotes keep from being read is left out.
pub fn script_reads(tag: &str, body: &[Part]) -> Vec<ScriptRead> {
    let Some(language) = Language::from_tag(tag) else { return Vec::new() };
    let ScriptFacts { uses, sets, .. } = shell::read(language, body);
    let uses = uses.into_iter().filter(|it| it.quoting != Quoting::SingleQuoted);
    let read = |it: shell::VarUse| ScriptRead {
        is_own_name: it.context == shell::Context::Destructured || sets.contains(&it.name),
        name: it.name,
        range: it.name_range,
    };
    let mut reads: Vec<ScriptRead> = uses.map(read).collect();
    reads.sort_by_key(|it| it.range.start());
    reads.dedup();
    reads
}

/// The names a script gives a value itself.
pub fn script_sets(tag: &str, body: &[Part]) -> Vec<SmolStr> {
    let Some(language) = Language::from_tag(tag) else { return Vec::new() };
    let mut sets: Vec<SmolStr> = shell::read(language, body).sets.into_iter().collect();
    sets.sort_unstable();
    sets
}

/// The axes an item's own `matrix` declares; `None` when it has no `matrix`.
pub fn own_axes(db: &dyn Db, item: Item) -> Option<Vec<(SmolStr, Ty)>> {
    item::infer_axes(db, item)
}
