//! RUSH0501: tasks that wait for each other in a circle.

use std::collections::{BTreeSet, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;
use rush_diagnostics::{Diagnostic, ItemId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::lists::Lists;
use super::network::{Link, LinkKind, Network, NodeId};
use super::site::{label, span};
use super::{Call, Finding, Site};
use crate::db::Db;
use crate::report::{self, CircleStep};

/// A circle: each step waits for the next, the last for the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    steps: Vec<Waits>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Waits {
    who: Call,
    how: How,
    site: Site,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum How {
    Needs,
    After,
    StepOf(Call),
}

impl Circle {
    pub fn report(&self, db: &dyn Db) -> Diagnostic {
        let from = self.steps.first().map(|it| it.site.item);
        let name = |call: &Call| label(db, from.unwrap_or(call.item), call);
        let next = self.steps.iter().cycle().skip(1);
        let steps = self.steps.iter().zip(next).map(|(step, next)| {
            let (who, whom) = (name(&step.who), name(&next.who));
            let says = match &step.how {
                How::Needs => format!("`{who}` needs `{whom}`"),
                How::After => format!("`{who}` comes after `{whom}`"),
                How::StepOf(of) => {
                    format!("`{who}` is a later step of `{}` than `{whom}`", name(of))
                }
            };
            CircleStep { span: span(db, &step.site), label: who, says }
        });
        report::needs_cycle(&steps.collect::<Vec<_>>())
    }
}

/// Every circle of certain edges: one for each group of tasks that can all reach each other.
pub fn find(network: &Network<'_>) -> Vec<Finding> {
    let left = in_circles(network);
    if left.is_empty() {
        return Vec::new();
    }
    let needs_only = components(network, &left, |link| link.kind == LinkKind::Needs);
    let accused: FxHashSet<NodeId> = needs_only.iter().flatten().copied().collect();
    let mixed = components(network, &left, |_| true);
    let mixed = mixed.into_iter().filter(|them| them.iter().all(|it| !accused.contains(it)));
    let mut found: Vec<Vec<(NodeId, Link<'_>)>> = Vec::new();
    for them in needs_only {
        found.extend(shortest(network, &them, |link| link.kind == LinkKind::Needs));
    }
    for them in mixed {
        let circle = shortest(network, &them, |_| true);
        found.extend(circle.filter(|it| is_in_one_plan(network, it)));
    }
    found.sort_by_key(|circle| circle.first().map(|(node, _)| *node));
    // A circle that hands a parameter on is there again for each of its tasks.
    let mut seen = FxHashSet::default();
    found.retain(|circle| seen.insert(items(network, circle)));
    let circles = found.iter().map(|it| circle(network, it));
    circles.map(Finding::Circle).collect()
}

/// The nodes that remain when what waits for nothing is taken away again and again.
fn in_circles(network: &Network<'_>) -> Vec<NodeId> {
    let mut waits_for = Vec::with_capacity(network.len());
    let mut waiting = Vec::with_capacity(network.len());
    let mut open: Vec<NodeId> = Vec::new();
    for (id, _) in network.nodes() {
        let before = waiting.len();
        waiting.extend(counted(network, id).map(|link| (link.to, id)));
        let links = waiting.len() - before;
        waits_for.push(links);
        if links == 0 {
            open.push(id);
        }
    }
    let waiting = Lists::new(network.len(), &waiting);
    while let Some(done) = open.pop() {
        network.give_way();
        for &id in waiting.of(done) {
            let Some(left) = waits_for.get_mut(id as usize) else { continue };
            *left -= 1;
            if *left == 0 {
                open.push(id);
            }
        }
    }
    let left = (0..).zip(&waits_for).filter(|(_, left)| **left > 0);
    left.map(|(id, _)| id).collect()
}

/// The links that can be part of a circle: between calls whose identity is certain, that run.
fn counted<'a, 'db>(
    network: &'a Network<'db>,
    id: NodeId,
) -> impl Iterator<Item = Link<'db>> + use<'a, 'db> {
    let is_sure = |id: NodeId| network.get(id).is_some_and(|it| it.facts.is_sure);
    let links = if is_sure(id) { network.links(id) } else { &[] };
    links.iter().copied().filter(move |link| is_sure(link.to))
}

/// The groups of nodes that reach each other along some of the links.
fn components(
    network: &Network<'_>,
    nodes: &[NodeId],
    accept: impl Fn(&Link<'_>) -> bool,
) -> Vec<Vec<NodeId>> {
    let mut graph = DiGraph::<NodeId, ()>::new();
    let at: FxHashMap<NodeId, _> = nodes.iter().map(|it| (*it, graph.add_node(*it))).collect();
    let mut loops = FxHashSet::default();
    for (&id, &from) in &at {
        network.give_way();
        for link in counted(network, id).filter(|it| accept(it)) {
            if let Some(&to) = at.get(&link.to) {
                graph.add_edge(from, to, ());
            }
            if link.to == id {
                loops.insert(id);
            }
        }
    }
    let components = kosaraju_scc(&graph).into_iter().map(|component| {
        let nodes = component.iter().filter_map(|it| graph.node_weight(*it).copied());
        let mut nodes: Vec<NodeId> = nodes.collect();
        nodes.sort_unstable();
        nodes
    });
    let is_circle =
        |them: &Vec<NodeId>| them.len() > 1 || them.first().is_some_and(|it| loops.contains(it));
    let mut components: Vec<_> = components.filter(is_circle).collect();
    components.sort();
    components
}

/// A shortest circle through the first of the nodes.
fn shortest<'db>(
    network: &Network<'db>,
    them: &[NodeId],
    accept: impl Fn(&Link<'_>) -> bool,
) -> Option<Vec<(NodeId, Link<'db>)>> {
    let start = *them.first()?;
    let inside: FxHashSet<NodeId> = them.iter().copied().collect();
    let mut came_by: FxHashMap<NodeId, (NodeId, Link<'db>)> = FxHashMap::default();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        network.give_way();
        let links = counted(network, node).filter(|it| accept(it) && inside.contains(&it.to));
        for link in links {
            if link.to == start {
                let mut circle = vec![(node, link)];
                let mut at = node;
                while let Some((before, link)) = came_by.get(&at).copied() {
                    circle.push((before, link));
                    at = before;
                }
                circle.reverse();
                return Some(circle);
            }
            if let std::collections::hash_map::Entry::Vacant(entry) = came_by.entry(link.to) {
                entry.insert((node, link));
                queue.push_back(link.to);
            }
        }
    }
    None
}

/// Whether some plan has all tasks of the circle, and the tasks whose steps are part of it.
fn is_in_one_plan(network: &Network<'_>, circle: &[(NodeId, Link<'_>)]) -> bool {
    let mut nodes: Vec<NodeId> = circle.iter().map(|(node, _)| *node).collect();
    nodes.extend(circle.iter().filter_map(|(_, link)| match link.kind {
        LinkKind::StepOf(of) => Some(of),
        LinkKind::Needs | LinkKind::After => None,
    }));
    network.share_a_plan(&nodes)
}

fn items(network: &Network<'_>, circle: &[(NodeId, Link<'_>)]) -> BTreeSet<ItemId> {
    let nodes = circle.iter().filter_map(|(node, _)| network.get(*node));
    nodes.map(|it| it.item.id(network.db)).collect()
}

fn circle(network: &Network<'_>, links: &[(NodeId, Link<'_>)]) -> Circle {
    let steps = links.iter().filter_map(|(node, link)| {
        let how = match link.kind {
            LinkKind::Needs => How::Needs,
            LinkKind::After => How::After,
            LinkKind::StepOf(of) => How::StepOf(network.get(of)?.call()),
        };
        Some(Waits { who: network.get(*node)?.call(), how, site: link.site.clone() })
    });
    Circle { steps: steps.collect() }
}
