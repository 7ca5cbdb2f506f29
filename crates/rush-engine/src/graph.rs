//! `rush graph`: which declaration waits for which, as far as the source says.
//!
//! This is the graph of declarations: one node for a task whatever its arguments. That of a request,
//! with arguments and cells, is the plan's.

use std::collections::{BTreeMap, BTreeSet};

use rush_diagnostics::ItemId;
use rush_plan::Call;
use rush_project::Project;
use rush_semantics::graph::{Reason, graph_facts};
use rush_semantics::{Item, names};

use crate::check::findings;
use crate::label::{find, short};
use crate::plan::UsageError;

/// Declarations and what they wait for.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The declarations, by label.
    pub nodes: Vec<GraphNode>,
    /// The edges, each pair and reason once.
    pub edges: Vec<GraphEdge>,
    /// How many items of the workspace have errors, and so are left out.
    pub broken: usize,
}

/// A task or service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphNode {
    /// What to type to run it from here.
    pub name: String,
    /// The full label.
    pub label: String,
    /// `task` or `service`.
    pub kind: String,
}

/// One declaration waits for another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GraphEdge {
    /// The position of the node that waits.
    pub from: usize,
    /// The position of the node that comes first.
    pub to: usize,
    /// Why.
    pub reason: GraphReason,
    /// Whether it depends on parameters, the profile or the host.
    pub is_conditional: bool,
}

/// Why one declaration waits for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GraphReason {
    /// `needs`
    Needs,
    /// `steps`
    Steps,
    /// `after`
    After,
    /// Its `outputs` are read.
    Outputs,
}

impl GraphReason {
    /// The word in a task file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Needs => "needs",
            Self::Steps => "steps",
            Self::After => "after",
            Self::Outputs => "outputs",
        }
    }
}

/// The graph of the workspace, or of what a label names with all it waits for.
pub fn graph(project: &Project, label: Option<&str>) -> Result<Graph, UsageError> {
    let db = project.db();
    let broken: BTreeSet<ItemId> = findings(project)
        .into_iter()
        .filter(rush_diagnostics::Diagnostic::is_error)
        .map(|it| it.primary.span.item)
        .collect();
    let is_sound = |item: &Item| !broken.contains(&item.id(db));
    let roots: Vec<Item> = match label {
        Some(label) => find(project, &Call::new(label).label)?,
        None => project
            .files()
            .flat_map(|(_, file)| file.items(db).iter().copied())
            .filter(|it| matches!(it.kind(db).as_str(), "task" | "service"))
            .collect(),
    };
    let reached = reach(project, roots, is_sound);
    Ok(Graph { broken: broken.len(), ..lay_out(project, &reached) })
}

/// What the roots wait for, themselves included, with the edges of each.
fn reach(
    project: &Project,
    roots: Vec<Item>,
    is_sound: impl Fn(&Item) -> bool,
) -> BTreeMap<String, (Item, Vec<(Item, GraphReason, bool)>)> {
    let db = project.db();
    let mut reached = BTreeMap::new();
    let mut queue = roots;
    while let Some(item) = queue.pop() {
        let label = names::label(db, item);
        if !is_sound(&item) || reached.contains_key(&label) {
            continue;
        }
        let edges = graph_facts(db, item).edges.iter();
        let edges: Vec<_> = edges
            .map(|edge| (edge.target.item, reason(edge.reason), !edge.is_certain))
            .filter(|(target, ..)| is_sound(target))
            .collect();
        queue.extend(edges.iter().map(|(target, ..)| *target));
        reached.insert(label, (item, edges));
    }
    reached
}

fn lay_out(
    project: &Project,
    reached: &BTreeMap<String, (Item, Vec<(Item, GraphReason, bool)>)>,
) -> Graph {
    let db = project.db();
    let nodes = reached.iter().map(|(label, (item, _))| GraphNode {
        name: short(project, label),
        label: label.clone(),
        kind: item.kind(db).to_string(),
    });
    let position = |item: Item| {
        let label = names::label(db, item);
        reached.keys().position(|it| *it == label)
    };
    let mut edges = BTreeMap::new();
    for (from, (_, targets)) in reached.values().enumerate() {
        for (target, reason, is_conditional) in targets {
            let Some(to) = position(*target) else { continue };
            // Of two edges for the same reason the one without conditions counts.
            let slot = edges.entry((from, to, *reason)).or_insert(true);
            *slot &= is_conditional;
        }
    }
    let edges = edges.into_iter().map(|((from, to, reason), is_conditional)| GraphEdge {
        from,
        to,
        reason,
        is_conditional,
    });
    Graph { nodes: nodes.collect(), edges: edges.collect(), broken: 0 }
}

const fn reason(reason: Reason) -> GraphReason {
    match reason {
        Reason::Needs => GraphReason::Needs,
        Reason::Steps => GraphReason::Steps,
        Reason::After => GraphReason::After,
        Reason::Outputs => GraphReason::Outputs,
    }
}
