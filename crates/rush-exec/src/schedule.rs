//! Which node may start next: the graph of a plan with a counter on each node.
//!
//! Pure bookkeeping: it starts nothing and knows no limits and no policy. Among the nodes that may start, the one
//! at the head of the longest way to the end of the run comes first, so that the end is not one long node that
//! started late. A way is as long as its nodes took in earlier runs; one that never ran counts as the middle of
//! those that did, and if none did, each counts the same. Equal ones keep the order of the plan.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use rush_plan::{Node, NodeId, Plan};

use crate::service::Fronts;

/// The graph and what has happened on it.
pub(crate) struct Schedule {
    /// For each node, how many of the nodes before it have not ended.
    remaining: Vec<u32>,
    /// For each node, where its dependants begin in `dependants`; one more at the end.
    starts: Vec<u32>,
    dependants: Vec<Dependant>,
    /// For each node, how long the longest way from its start to the end of the run is.
    urgency: Vec<u64>,
    ready: BinaryHeap<(u64, Reverse<usize>)>,
    /// Whether it is told that a node that can't start yet has one less before it: there are services in the plan.
    tells_closer: bool,
}

#[derive(Clone, Copy, Default)]
struct Dependant {
    node: u32,
    /// Whether the earlier node has to be satisfied for it.
    is_requirement: bool,
}

/// What the end of a node means for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// Everything before it has ended well enough.
    Free(usize),
    /// One node less is before it; told only in plans that have services.
    Closer(usize),
    /// It can never start.
    Broken(usize),
}

impl Schedule {
    /// The graph of a plan whose nodes took this long in earlier runs, as far as that is known.
    pub(crate) fn new(plan: &Plan, fronts: &Fronts, expected: &HashMap<NodeId, Duration>) -> Self {
        let nodes = plan.nodes().iter().enumerate();
        let before: Vec<Vec<Dependant>> =
            nodes.map(|(position, it)| before(plan, it, fronts.of(position))).collect();
        let mut starts = vec![0; plan.nodes().len() + 1];
        for earlier in before.iter().flatten() {
            if let Some(start) = starts.get_mut(earlier.node as usize + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut dependants = vec![Dependant::default(); sum as usize];
        for (node, earlier) in
            (0..).zip(&before).flat_map(|(node, all)| all.iter().map(move |it| (node, it)))
        {
            let Some(slot) = next.get_mut(earlier.node as usize) else { continue };
            if let Some(dependant) = dependants.get_mut(*slot as usize) {
                *dependant = Dependant { node, is_requirement: earlier.is_requirement };
            }
            *slot += 1;
        }
        let remaining = before.iter().map(|it| it.len() as u32).collect();
        let urgency = vec![0; plan.nodes().len()];
        let tells_closer = plan.nodes().iter().any(|it| it.as_service().is_some());
        let ready = BinaryHeap::new();
        let mut schedule = Self { remaining, starts, dependants, urgency, ready, tells_closer };
        schedule.measure(plan, expected);
        schedule
    }

    /// Works out how urgent each node is, those that come last first.
    fn measure(&mut self, plan: &Plan, expected: &HashMap<NodeId, Duration>) {
        let mut known: Vec<u64> = expected.values().map(micros).collect();
        known.sort_unstable();
        let unknown = known.get(known.len() / 2).copied().unwrap_or(1).max(1);
        for node in plan.topological().rev() {
            let Some(position) = plan.position(node.id()) else { continue };
            let own = expected.get(&node.id()).map_or(unknown, micros);
            let behind = self.dependants_of(position).iter();
            let behind = behind.filter_map(|it| self.urgency.get(it.node as usize)).max();
            let urgency = own + behind.copied().unwrap_or(0);
            if let Some(place) = self.urgency.get_mut(position) {
                *place = urgency;
            }
        }
    }

    /// Whether there are services in the plan.
    pub(crate) const fn tells_closer(&self) -> bool {
        self.tells_closer
    }

    /// The nodes that come after this one.
    pub(crate) fn after(&self, node: usize) -> impl Iterator<Item = usize> {
        self.dependants_of(node).iter().map(|it| it.node as usize)
    }

    fn dependants_of(&self, node: usize) -> &[Dependant] {
        let start = self.starts.get(node).copied().unwrap_or(0) as usize;
        let end = self.starts.get(node + 1).copied().unwrap_or(0) as usize;
        self.dependants.get(start..end).unwrap_or_default()
    }

    /// How many nodes have to end before this one.
    pub(crate) fn remaining(&self, node: usize) -> u32 {
        self.remaining.get(node).copied().unwrap_or(0)
    }

    /// Puts a free node into the queue.
    pub(crate) fn push(&mut self, node: usize) {
        self.ready.push((self.urgency(node), Reverse(node)));
    }

    /// Whether the queue is empty.
    pub(crate) fn is_idle(&self) -> bool {
        self.ready.is_empty()
    }

    /// Takes the most urgent node out of the queue.
    pub(crate) fn pop(&mut self) -> Option<usize> {
        self.ready.pop().map(|(_, Reverse(node))| node)
    }

    /// How long the longest way from the start of this node to the end of the run is.
    pub(crate) fn urgency(&self, node: usize) -> u64 {
        self.urgency.get(node).copied().unwrap_or(0)
    }

    /// Takes one node out of the queue, wherever it stands.
    pub(crate) fn remove(&mut self, node: usize) {
        self.ready.retain(|(_, Reverse(it))| *it != node);
    }

    /// Empties the queue.
    pub(crate) fn clear(&mut self) {
        self.ready.clear();
    }

    /// Notes the end of a node, or that a service can be used; tells each consequence once, though a broken node
    /// may be told more than once.
    pub(crate) fn end(&mut self, node: usize, is_satisfied: bool, acc: &mut Vec<Consequence>) {
        let start = self.starts.get(node).copied().unwrap_or(0) as usize;
        let end = self.starts.get(node + 1).copied().unwrap_or(0) as usize;
        for dependant in self.dependants.get(start..end).unwrap_or_default() {
            let position = dependant.node as usize;
            let Some(remaining) = self.remaining.get_mut(position) else { continue };
            *remaining = remaining.saturating_sub(1);
            if dependant.is_requirement && !is_satisfied {
                acc.push(Consequence::Broken(position));
            } else if *remaining == 0 {
                acc.push(Consequence::Free(position));
            } else if self.tells_closer {
                acc.push(Consequence::Closer(position));
            }
        }
    }
}

/// The nodes before this one, each once; also the services behind the tasks that it needs.
fn before(plan: &Plan, node: &Node, front: &[usize]) -> Vec<Dependant> {
    let mut before: Vec<Dependant> = Vec::with_capacity(node.edges.len() + front.len());
    before.extend(front.iter().map(|it| Dependant { node: *it as u32, is_requirement: true }));
    before.extend(node.edges.iter().filter_map(|edge| {
        let node = plan.position(edge.node)? as u32;
        Some(Dependant { node, is_requirement: edge.reason.is_requirement() })
    }));
    // Of two edges to the same node the requirement stays.
    before.sort_unstable_by_key(|it| (it.node, !it.is_requirement));
    before.dedup_by_key(|it| it.node);
    before
}

fn micros(duration: &Duration) -> u64 {
    duration.as_micros() as u64
}
