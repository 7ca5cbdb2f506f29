//! What must hold of every plan, whoever made it.
//!
//! The graph first (ids, edges, circles), then each node's fields. The first violation found in canonical
//! order is reported; a compiler that makes plans never meets one, a person who edits a plan may.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::feature::UsedFeatures;
use super::neighbours::{Neighbours, UnknownEnd};
use super::{Content, Feature, SecretDeclaration};
use crate::{Edge, Node, NodeId};

mod fields;

/// Why a content is no valid plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Two nodes with the same label, arguments and cell.
    #[error("the node `{label}` is in the plan twice")]
    DuplicateNode {
        /// Its label.
        label: String,
    },
    /// An id that is not the hash of what it stands for.
    #[error("the id of `{label}` does not belong to its label, arguments and cell")]
    WrongId {
        /// The node's label.
        label: String,
    },
    /// An edge or root that names no node.
    #[error("{user} the node `{id}`, which is not in the plan")]
    UnknownNode {
        /// Who names it and how, as the start of the sentence.
        user: String,
        /// The id.
        id: NodeId,
    },
    /// Nodes that wait for each other.
    #[error("tasks need each other in a circle: {}", labels.join(" -> "))]
    Cycle {
        /// The labels along the circle; the first is repeated at the end.
        labels: Vec<String>,
    },
    /// A secret that is not declared.
    #[error("`{label}` uses the secret `{secret}`, which the plan does not declare")]
    UnknownSecret {
        /// The node's label.
        label: String,
        /// The secret.
        secret: String,
    },
    /// A value that the field can't have.
    #[error("`{field}` of `{label}` {why}")]
    BadField {
        /// The node's label.
        label: String,
        /// The field.
        field: &'static str,
        /// What is wrong, as the rest of the sentence.
        why: String,
    },
    /// Something that is there twice.
    #[error("{what} is in the plan twice")]
    Duplicate {
        /// What.
        what: String,
    },
}

/// What checking finds out on the way.
pub(super) struct Checked {
    pub(super) graph: Graph,
    pub(super) requires: Vec<Feature>,
}

/// From how many nodes on a second thread is worth its start.
const PARALLEL_MIN: usize = 2_000;

/// The order of nodes in a plan: by label, arguments and cell.
pub(super) fn canonical_order(a: &Node, b: &Node) -> Ordering {
    let text = |values| {
        serde_json::to_string(values).expect("values have string keys, so they always serialise")
    };
    a.label()
        .cmp(b.label())
        .then_with(|| text(a.arguments()).cmp(&text(b.arguments())))
        .then_with(|| text(a.cell()).cmp(&text(b.cell())))
}

/// Checks everything that must hold of a content whose nodes and reads are in canonical order.
pub(super) fn check(content: &Content) -> Result<Checked, PlanError> {
    let check_nodes = || check_nodes(&content.nodes, &content.secrets);
    if content.nodes.len() < PARALLEL_MIN {
        return conclude(content, check_graph(content), check_nodes());
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new();
        let nodes = builder.spawn_scoped(scope, check_nodes).ok();
        let graph = check_graph(content);
        let nodes = nodes.and_then(|it| it.join().ok());
        conclude(content, graph, nodes.unwrap_or_else(check_nodes))
    })
}

/// The same where the nodes have been checked already.
pub(super) fn check_rest(content: &Content, nodes: NodeFindings) -> Result<Checked, PlanError> {
    conclude(content, check_graph(content), nodes)
}

/// What is between the nodes, by their positions.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    /// Where each node is.
    pub(super) index: FxHashMap<NodeId, usize>,
    /// What each node's edges name.
    pub(super) before: Neighbours,
    /// All nodes, each behind what its edges name.
    pub(super) order: Vec<usize>,
}

impl Graph {
    /// The graph of nodes that were checked before and have this order; `None` if they were not.
    pub(super) fn in_order(nodes: &[Node], order: Vec<usize>) -> Option<Self> {
        let mut index = empty_index(nodes);
        index.extend(nodes.iter().enumerate().map(|(position, node)| (node.id(), position)));
        let before = Neighbours::before(nodes, &index).ok()?;
        Some(Self { index, before, order })
    }
}

/// What is in the nodes.
#[derive(Default)]
pub(super) struct NodeFindings {
    /// The first id that is not that of its node.
    wrong_id: Option<PlanError>,
    /// The first violation in a field.
    bad_field: Option<PlanError>,
    features: UsedFeatures,
}

impl NodeFindings {
    /// Adds what is in the nodes that follow.
    pub(super) fn add(&mut self, later: Self) {
        self.wrong_id = self.wrong_id.take().or(later.wrong_id);
        self.bad_field = self.bad_field.take().or(later.bad_field);
        self.features.add(later.features);
    }
}

fn conclude(
    content: &Content,
    graph: Result<Graph, PlanError>,
    nodes: NodeFindings,
) -> Result<Checked, PlanError> {
    // Where an id is wrong, nothing can be said of the graph.
    nodes.wrong_id.map_or(Ok(()), Err)?;
    let graph = graph?;
    nodes.bad_field.map_or(Ok(()), Err)?;
    Ok(Checked { graph, requires: nodes.features.required(&content.secrets) })
}

fn check_graph(content: &Content) -> Result<Graph, PlanError> {
    let index = index(content)?;
    check_roots(content, &index)?;
    let before = before(content, &index)?;
    check_twins(content)?;
    let order = order(content, &before)?;
    Ok(Graph { index, before, order })
}

/// Checks what can be said of each node by itself.
pub(super) fn check_nodes(
    nodes: &[Node],
    secrets: &BTreeMap<String, SecretDeclaration>,
) -> NodeFindings {
    let mut findings = NodeFindings::default();
    for node in nodes {
        if !node.id_holds() {
            let label = node.label().to_owned();
            findings.wrong_id = Some(PlanError::WrongId { label });
            return findings;
        }
        if findings.bad_field.is_none() {
            findings.bad_field = fields::check(node, secrets).err();
        }
        findings.features.note(node);
    }
    findings
}

fn empty_index(nodes: &[Node]) -> FxHashMap<NodeId, usize> {
    FxHashMap::with_capacity_and_hasher(nodes.len(), FxBuildHasher)
}

fn index(content: &Content) -> Result<FxHashMap<NodeId, usize>, PlanError> {
    let mut index = empty_index(&content.nodes);
    for (position, node) in content.nodes.iter().enumerate() {
        if index.insert(node.id(), position).is_some() {
            return Err(PlanError::DuplicateNode { label: node.label().to_owned() });
        }
    }
    Ok(index)
}

/// Roots name nodes.
fn check_roots(content: &Content, index: &FxHashMap<NodeId, usize>) -> Result<(), PlanError> {
    match content.roots.iter().find(|id| !index.contains_key(*id)) {
        Some(id) => Err(PlanError::UnknownNode { user: "the plan asks for".to_owned(), id: *id }),
        None => Ok(()),
    }
}

/// What each node's edges name.
fn before(content: &Content, index: &FxHashMap<NodeId, usize>) -> Result<Neighbours, PlanError> {
    Neighbours::before(&content.nodes, index).map_err(|UnknownEnd { position, id }| {
        let label = content.nodes.get(position).map_or("", Node::label);
        PlanError::UnknownNode { user: format!("`{label}` waits for"), id }
    })
}

/// Nothing is listed twice.
fn check_twins(content: &Content) -> Result<(), PlanError> {
    let mut roots = HashSet::new();
    let root = content.roots.iter().find(|id| !roots.insert(**id));
    let node = || content.nodes.iter().find(|node| has_twins(&node.edges));
    let reads = || content.reads.windows(2).find(|pair| matches!(pair, [a, b] if a.key == b.key));
    let what = root.map(|id| format!("the root `{id}`"));
    let what = what.or_else(|| Some(format!("an edge of `{}`", node()?.label())));
    let what = what.or_else(|| Some(format!("the read of {}", reads()?.first()?.key)));
    what.map_or(Ok(()), |what| Err(PlanError::Duplicate { what }))
}

/// Whether two edges are the same. Most nodes have a few, and one that stands for all has thousands.
fn has_twins(edges: &[Edge]) -> bool {
    const FEW: usize = 16;
    if edges.len() <= FEW {
        return edges.iter().enumerate().any(|(at, it)| edges.iter().take(at).any(|to| to == it));
    }
    let mut seen = FxHashSet::with_capacity_and_hasher(edges.len(), FxBuildHasher);
    !edges.iter().all(|it| seen.insert(*it))
}

/// Each node behind all that its edges name; among those that could come next, the first in canonical order.
fn order(content: &Content, before: &Neighbours) -> Result<Vec<usize>, PlanError> {
    let count = content.nodes.len();
    let mut open_edges: Vec<usize> = (0..count).map(|position| before.of(position).len()).collect();
    let behind = before.reversed();
    let is_ready = |position: &usize| before.of(*position).is_empty();
    let mut ready: BinaryHeap<_> = (0..count).filter(is_ready).map(Reverse).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(Reverse(position)) = ready.pop() {
        order.push(position);
        for dependant in behind.of(position).iter().map(|it| *it as usize) {
            let Some(open) = open_edges.get_mut(dependant) else { continue };
            *open -= 1;
            if *open == 0 {
                ready.push(Reverse(dependant));
            }
        }
    }
    if order.len() == count { Ok(order) } else { Err(circle(content, before, &open_edges)) }
}

/// One circle among the nodes that still wait for something.
fn circle(content: &Content, before: &Neighbours, open_edges: &[usize]) -> PlanError {
    let waits = |position: usize| open_edges.get(position).is_some_and(|open| *open > 0);
    let mut way: Vec<usize> = Vec::new();
    let mut seen: HashMap<usize, usize> = HashMap::new();
    let mut next = open_edges.iter().position(|open| *open > 0);
    // A node that waits has an edge to one that waits, so this ends only by coming back.
    while let Some(position) = next {
        if let Some(start) = seen.insert(position, way.len()) {
            way.drain(..start);
            way.push(position);
            break;
        }
        way.push(position);
        next = before.of(position).iter().map(|it| *it as usize).find(|before| waits(*before));
    }
    let label = |position: &usize| content.nodes.get(*position).map(|node| node.label().to_owned());
    PlanError::Cycle { labels: way.iter().filter_map(label).collect() }
}
