//! Which node may start next: the graph of a plan with a counter on each node.
//!
//! Pure bookkeeping: it starts nothing and knows no time, no limits and no policy. Among the nodes that may
//! start, the one with the longest chain of dependants comes first, so that the end of the run is not one
//! long node that started late; equal ones keep the order of the plan.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use rush_plan::{NodeId, Plan};

/// The graph and what has happened on it.
pub(crate) struct Schedule {
    /// For each node, how many of the nodes before it have not ended.
    remaining: Vec<u32>,
    /// For each node, who waits for it and whether it has to be satisfied for them.
    dependants: Vec<Vec<Dependant>>,
    /// For each node, the length of the longest chain of nodes that wait for it.
    heights: Vec<u32>,
    ready: BinaryHeap<(u32, Reverse<usize>)>,
}

#[derive(Clone, Copy)]
struct Dependant {
    node: usize,
    is_requirement: bool,
}

/// What the end of a node means for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// Everything before it has ended well enough.
    Free(usize),
    /// It can never start.
    Broken(usize),
}

impl Schedule {
    pub(crate) fn new(plan: &Plan) -> Self {
        let nodes = plan.nodes();
        let positions: HashMap<NodeId, usize> =
            nodes.iter().enumerate().map(|(index, node)| (node.id(), index)).collect();
        let mut schedule = Self {
            remaining: vec![0; nodes.len()],
            dependants: vec![Vec::new(); nodes.len()],
            heights: vec![0; nodes.len()],
            ready: BinaryHeap::new(),
        };
        for (node, remaining) in nodes.iter().zip(0..) {
            schedule.add_edges(node, remaining, &positions);
        }
        for node in plan.topological().rev() {
            if let Some(position) = positions.get(&node.id()) {
                schedule.raise_before(*position, node, &positions);
            }
        }
        schedule
    }

    fn add_edges(
        &mut self,
        node: &rush_plan::Node,
        position: usize,
        positions: &HashMap<NodeId, usize>,
    ) {
        let mut before: HashMap<usize, bool> = HashMap::new();
        for edge in &node.edges {
            let Some(earlier) = positions.get(&edge.node) else { continue };
            *before.entry(*earlier).or_default() |= edge.reason.is_requirement();
        }
        if let Some(remaining) = self.remaining.get_mut(position) {
            *remaining = before.len() as u32;
        }
        let mut before: Vec<(usize, bool)> = before.into_iter().collect();
        before.sort_unstable();
        for (earlier, is_requirement) in before {
            if let Some(dependants) = self.dependants.get_mut(earlier) {
                dependants.push(Dependant { node: position, is_requirement });
            }
        }
    }

    fn raise_before(
        &mut self,
        position: usize,
        node: &rush_plan::Node,
        positions: &HashMap<NodeId, usize>,
    ) {
        let above = self.heights.get(position).copied().unwrap_or(0) + 1;
        for edge in &node.edges {
            let earlier = positions.get(&edge.node).and_then(|it| self.heights.get_mut(*it));
            if let Some(height) = earlier {
                *height = above.max(*height);
            }
        }
    }

    /// How many nodes have to end before this one.
    pub(crate) fn remaining(&self, node: usize) -> u32 {
        self.remaining.get(node).copied().unwrap_or(0)
    }

    /// Puts a free node into the queue.
    pub(crate) fn push(&mut self, node: usize) {
        let height = self.heights.get(node).copied().unwrap_or(0);
        self.ready.push((height, Reverse(node)));
    }

    /// Takes the most urgent node out of the queue.
    pub(crate) fn pop(&mut self) -> Option<usize> {
        self.ready.pop().map(|(_, Reverse(node))| node)
    }

    /// Empties the queue.
    pub(crate) fn drain(&mut self) -> Vec<usize> {
        let mut nodes: Vec<usize> = self.ready.drain().map(|(_, Reverse(node))| node).collect();
        nodes.sort_unstable();
        nodes
    }

    /// Notes the end of a node. Each consequence is told once, but a broken node may be told more than once.
    pub(crate) fn end(&mut self, node: usize, is_satisfied: bool) -> Vec<Consequence> {
        let dependants = self.dependants.get(node).cloned().unwrap_or_default();
        let mut consequences = Vec::new();
        for dependant in dependants {
            let Some(remaining) = self.remaining.get_mut(dependant.node) else { continue };
            *remaining = remaining.saturating_sub(1);
            if dependant.is_requirement && !is_satisfied {
                consequences.push(Consequence::Broken(dependant.node));
            } else if *remaining == 0 {
                consequences.push(Consequence::Free(dependant.node));
            }
        }
        consequences
    }
}
