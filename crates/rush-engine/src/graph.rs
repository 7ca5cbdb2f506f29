//! `rush graph`: which declaration waits for which, as far as the source says.
//!
//! This is the graph of declarations: one node for a task whatever its arguments. That of a request,
//! with arguments and cells, is the plan's.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rush_diagnostics::ItemId;
use rush_plan::Call;
use rush_project::Project;
use rush_semantics::graph::{Edge, Reason, graph_facts};
use rush_semantics::{Item, names};

use crate::check::findings;
use crate::label::{LabelError, find, short};

/// Declarations and what they wait for.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The declarations, by label.
    pub nodes: Vec<GraphNode>,
    /// The edges, sorted by the node that waits and then by reason, each pair and reason once.
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// `steps`, with its number from 1; those of which only one is taken have the same.
    Step(usize),
    /// `after`
    After,
    /// Its `outputs` are read.
    Outputs,
}

impl Graph {
    /// The edges of one node; its steps in their order.
    pub fn edges_of(&self, node: usize) -> &[GraphEdge] {
        let start = self.edges.partition_point(|it| it.from < node);
        let end = self.edges.partition_point(|it| it.from <= node);
        self.edges.get(start..end).unwrap_or_default()
    }
}

impl GraphReason {
    /// The word in a task file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Needs => "needs",
            Self::Step(_) => "steps",
            Self::After => "after",
            Self::Outputs => "outputs",
        }
    }
}

/// The graph of the workspace, or of what a label names with all it waits for.
pub fn graph(project: &Project, label: Option<&str>) -> Result<Graph, LabelError> {
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
            .filter(|it| it.kind(db).is_runnable())
            .collect(),
    };
    let reached = reach(project, roots, is_sound);
    Ok(Graph { broken: broken.len(), ..lay_out(project, &reached) })
}

/// A declaration that was reached, with what it waits for.
struct Reached {
    item: Item,
    edges: Vec<Waits>,
}

/// One thing a declaration waits for.
struct Waits {
    target: Item,
    reason: GraphReason,
    is_conditional: bool,
}

/// What the roots wait for, themselves included, with the edges of each.
fn reach(
    project: &Project,
    roots: Vec<Item>,
    is_sound: impl Fn(&Item) -> bool,
) -> BTreeMap<String, Reached> {
    let db = project.db();
    let mut reached = BTreeMap::new();
    let mut queue = roots;
    while let Some(item) = queue.pop() {
        let label = names::label(db, item);
        if !is_sound(&item) || reached.contains_key(&label) {
            continue;
        }
        let edges = graph_facts(db, item).edges.as_slice();
        let edges: Vec<_> = edges
            .iter()
            .zip(reasons(edges))
            .map(|(edge, reason)| Waits {
                target: edge.target.item,
                reason,
                is_conditional: !edge.is_certain,
            })
            .filter(|it| is_sound(&it.target))
            .collect();
        queue.extend(edges.iter().map(|it| it.target));
        reached.insert(label, Reached { item, edges });
    }
    reached
}

fn lay_out(project: &Project, reached: &BTreeMap<String, Reached>) -> Graph {
    let db = project.db();
    let nodes = reached.iter().map(|(label, it)| GraphNode {
        name: short(project, label),
        label: label.clone(),
        kind: it.item.kind(db).to_string(),
    });
    let positions: HashMap<Item, usize> =
        reached.values().enumerate().map(|(at, it)| (it.item, at)).collect();
    let mut edges: HashMap<_, GraphEdge> = HashMap::new();
    for (from, reached) in reached.values().enumerate() {
        for Waits { target, reason, is_conditional } in &reached.edges {
            let Some(&to) = positions.get(target) else { continue };
            let new = GraphEdge { from, to, reason: *reason, is_conditional: *is_conditional };
            // Of two edges for the same reason the one without conditions counts.
            let same = edges.entry((from, to, reason.word())).or_insert(new);
            same.is_conditional &= is_conditional;
        }
    }
    let mut edges: Vec<GraphEdge> = edges.into_values().collect();
    edges.sort_unstable_by_key(|it| (it.from, it.reason, it.to));
    Graph { nodes: nodes.collect(), edges, broken: 0 }
}

/// Why there is each of the edges of a declaration.
fn reasons(edges: &[Edge]) -> impl Iterator<Item = GraphReason> {
    let mut step = 0;
    let mut before: Option<&Edge> = None;
    edges.iter().map(move |edge| match edge.reason {
        Reason::Needs => GraphReason::Needs,
        Reason::Steps => {
            let is_one_of = |it: &Edge| {
                it.site == edge.site
                    && it.site.element.is_some()
                    && !it.is_certain
                    && !edge.is_certain
            };
            step += usize::from(!before.is_some_and(is_one_of));
            before = Some(edge);
            GraphReason::Step(step)
        }
        Reason::After => GraphReason::After,
        Reason::Outputs => GraphReason::Outputs,
    })
}
