//! The graph of all tasks of the workspace: who waits for whom, and who gets in whose way.
//!
//! A second wave behind the checks of single items. [`graph_facts`] says what one declaration adds to
//! the graph, without places, so that it stays equal when only `run` changed. The rules look at these
//! facts alone; places are looked up when something was found. They accuse only what is certain to
//! be wrong in some plan, because the plan itself is checked again when it is made.

mod circle;
mod evaluate;
mod facts;
mod fold;
mod lists;
mod need;
mod network;
mod port;
mod race;
mod reach;
mod site;
mod sketch;
mod skipped;
mod term;
#[cfg(test)]
mod tests;
mod value;

use std::borrow::Cow;

pub use facts::local_port;

use rush_diagnostics::Diagnostic;
use rush_plan::Glob;
use smol_str::SmolStr;

use crate::db::{Db, Item, Workspace};
use crate::report;

/// A task or a service with arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// What is called.
    pub item: Item,
    /// The argument for each parameter.
    pub args: Vec<Known>,
}

/// What is known of an argument when a file is checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// Nothing.
    Unknown,
    /// It is left out.
    Default,
    /// `none`
    None,
    /// `true`, `false`
    Bool(bool),
    /// A number without a unit.
    Int(i64),
    /// A duration or a size in its smallest parts.
    Amount(i64),
    /// A text or a path.
    Text(SmolStr),
    /// A list.
    List(Vec<Self>),
    /// Whatever this declaration is given for the parameter at this position.
    Symbol(Item, u32),
}

/// What one declaration adds to the graph.
#[derive(Debug, PartialEq, Eq)]
pub struct GraphFacts {
    /// The arguments of the call these facts are about.
    pub args: Vec<Known>,
    /// What it waits for.
    pub edges: Vec<Edge>,
    /// Whether it may wait for anything else.
    pub is_open: bool,
    /// Whether it runs.
    pub when: When,
    /// Whether it can be part of a circle: nothing of its arguments is unknown, and it runs.
    pub is_sure: bool,
    /// What it reads.
    pub inputs: Patterns,
    /// What it writes.
    pub outputs: Patterns,
    /// The axes whose values certainly make two cells or more.
    pub axes: Vec<SmolStr>,
    /// The port it listens on, for a service.
    pub port: Option<i64>,
}

/// Something a declaration waits for.
#[derive(Debug, PartialEq, Eq)]
pub struct Edge {
    /// What it waits for.
    pub target: Call,
    /// Why.
    pub reason: Reason,
    /// Whether the edge is there in every plan that has the declaration.
    pub is_certain: bool,
    /// Where it is written.
    pub site: Site,
}

/// Why there is an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It stands in `needs`.
    Needs,
    /// It stands in `steps`.
    Steps,
    /// It stands in `after`.
    After,
    /// Its `outputs` are read.
    Outputs,
}

/// Whether a declaration runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// In every plan.
    Always,
    /// In some plans.
    Sometimes,
    /// In none.
    Never,
}

/// Where something is written, in terms that survive edits around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// The declaration whose body it is; for what is inherited, the template.
    pub item: Item,
    /// The field.
    pub field: SmolStr,
    /// The element, when the field is a list literal.
    pub element: Option<u32>,
}

/// The paths a declaration reads or writes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Patterns {
    /// Those that are certainly declared.
    pub wanted: Vec<Pattern>,
    /// Those that are taken out, certainly or not.
    pub excluded: Vec<Glob>,
}

/// A pattern of paths, relative to the workspace root.
#[derive(Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The pattern; `*` stands for what is not known, too.
    pub glob: Glob,
    /// Whether it has parts that depend on parameters, cells or settings.
    pub has_holes: bool,
    /// Whether it has no wildcards of its own.
    pub is_plain: bool,
    /// The arguments its unknown parts are computed from.
    pub follows: Arguments,
    /// The axes it depends on, and nothing else; `None` when it depends on something else too.
    pub axes: Option<Vec<SmolStr>>,
    /// Where it is written.
    pub site: Site,
}

/// Some of the arguments of a declaration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arguments(u64);

impl Arguments {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// Nobody knows which.
    pub const ANY: Self = Self(u64::MAX);

    /// The argument at this position; the last bit stands for all that have none of their own.
    pub fn only(at: usize) -> Self {
        Self(1 << at.min(63))
    }

    /// These and those.
    pub fn and(self, those: Self) -> Self {
        Self(self.0 | those.0)
    }

    /// Whether some are among those.
    pub fn meet(self, those: Self) -> bool {
        self.0 & those.0 != 0
    }
}

impl Pattern {
    /// The pattern with what is below the paths it names, since a path may be a directory.
    pub fn covers(&self) -> Cow<'_, Glob> {
        if self.is_plain {
            Cow::Owned(self.glob.with_contents())
        } else {
            Cow::Borrowed(&self.glob)
        }
    }

    /// What all paths it covers start with.
    pub fn covered_prefix(&self) -> &str {
        let prefix = self.glob.literal_prefix();
        let is_root = self.is_plain && self.glob.is_literal() && prefix == ".";
        if is_root { "" } else { prefix }
    }
}

/// What a declaration, called with its defaults, adds to the graph.
///
/// A parameter without a default stands for itself.
#[salsa::tracked(returns(ref))]
pub fn graph_facts(db: &dyn Db, item: Item) -> GraphFacts {
    facts::root_facts(db, item)
}

/// Computes what an item adds to the graph ahead of [`workspace_diagnostics`], on any thread.
pub fn prepare(db: &dyn Db, item: Item) {
    if is_node(db, item) {
        graph_facts(db, item);
    }
}

/// Whether a declaration is part of the graph.
fn is_node(db: &dyn Db, item: Item) -> bool {
    item.kind(db).is_runnable() && !item.name(db).is_empty()
}

/// Everything that is wrong with the graph of the workspace.
pub fn workspace_diagnostics(db: &dyn Db) -> &[Diagnostic] {
    crate::check::prepare(db);
    diagnostics(db, db.workspace())
}

/// The same of a scratch database, for as long as nobody writes to the one whose question it answers.
/// Nothing of it is remembered.
pub fn workspace_diagnostics_for(asker: &dyn Db, db: &dyn Db) -> Vec<Diagnostic> {
    crate::check::prepare_for(asker, db);
    find(db, asker).iter().map(|it| it.report(db)).collect()
}

#[salsa::tracked(returns(ref))]
fn diagnostics(db: &dyn Db, workspace: Workspace) -> Vec<Diagnostic> {
    findings(db, workspace).iter().map(|it| it.report(db)).collect()
}

/// What is wrong, without places; so that looking places up again is all that an edit costs.
#[salsa::tracked(returns(ref))]
fn findings(db: &dyn Db, _workspace: Workspace) -> Vec<Finding> {
    find(db, db)
}

fn find(db: &dyn Db, asker: &dyn Db) -> Vec<Finding> {
    let network = network::Network::of_workspace(db, asker);
    let mut found = circle::find(&network);
    found.extend(skipped::find(&network));
    found.extend(race::find(&network));
    found.extend(port::find(&network));
    found
}

/// Something that is wrong with the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Finding {
    Circle(circle::Circle),
    Skipped(skipped::Skipped),
    Race(race::Race),
    Port(port::PortClash),
    /// From here on no races were looked for.
    Unproved(Site),
}

impl Finding {
    fn report(&self, db: &dyn Db) -> Diagnostic {
        match self {
            Self::Circle(it) => it.report(db),
            Self::Skipped(it) => it.report(db),
            Self::Race(it) => it.report(db),
            Self::Port(it) => it.report(db),
            Self::Unproved(at) => report::unproved_races(site::span(db, at), race::PAIRS_MAX),
        }
    }
}

impl Call {
    /// Whether nothing of the arguments is unknown or stands for something else.
    fn is_constant(&self) -> bool {
        self.args.iter().all(Known::is_constant)
    }
}

impl Known {
    /// What a copy of it takes up, in bytes and roughly.
    fn bytes(&self) -> usize {
        let inner = match self {
            Self::Unknown
            | Self::Default
            | Self::None
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Amount(_)
            | Self::Symbol(..) => 0,
            Self::Text(text) => text.len(),
            Self::List(items) => items.iter().map(Self::bytes).sum(),
        };
        size_of::<Self>() + inner
    }

    fn is_constant(&self) -> bool {
        match self {
            Self::Unknown | Self::Default | Self::Symbol(..) => false,
            Self::List(items) => items.iter().all(Self::is_constant),
            Self::None | Self::Bool(_) | Self::Int(_) | Self::Amount(_) | Self::Text(_) => true,
        }
    }

    fn is_definite(&self) -> bool {
        match self {
            Self::Symbol(..) => true,
            Self::List(items) => items.iter().all(Self::is_definite),
            it => it.is_constant(),
        }
    }

    /// Texts that spell one path differently are not certain to differ.
    fn differs_from(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => {
                let bare = |text: &str| {
                    let parts = text.split('/').filter(|it| !matches!(*it, "" | "."));
                    parts.map(str::to_owned).collect::<Vec<_>>()
                };
                left != right && bare(left) != bare(right)
            }
            (Self::List(left), Self::List(right)) => {
                left.len() != right.len()
                    || left.iter().zip(right).any(|(left, right)| left.differs_from(right))
            }
            (left, right) => left.is_constant() && right.is_constant() && left != right,
        }
    }
}
