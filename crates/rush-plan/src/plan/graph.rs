//! Ordinary questions about the graph of a plan.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Plan;
use crate::{Edge, Node, NodeId, NodeKind};

/// The counts of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Tasks that will run or be answered from the cache.
    pub tasks: usize,
    /// Services.
    pub services: usize,
    /// Tasks whose `when` is false.
    pub skipped: usize,
    /// Edges.
    pub edges: usize,
    /// The number of nodes on the longest chain.
    pub depth: usize,
}

impl Plan {
    /// The nodes, each behind all nodes that its edges name; the same for equal plans.
    pub fn topological(&self) -> impl DoubleEndedIterator<Item = &Node> {
        self.graph.order.iter().filter_map(|position| self.content.nodes.get(*position))
    }

    /// Who waits for each node, and why; nodes nobody waits for are absent.
    pub fn dependants(&self) -> HashMap<NodeId, Vec<Edge>> {
        let mut dependants: HashMap<NodeId, Vec<Edge>> = HashMap::new();
        for node in &self.content.nodes {
            for edge in &node.edges {
                let dependant = Edge { node: node.id(), reason: edge.reason };
                dependants.entry(edge.node).or_default().push(dependant);
            }
        }
        dependants
    }

    /// The counts.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        let mut depths = vec![0; self.content.nodes.len()];
        for position in &self.graph.order {
            let Some(node) = self.content.nodes.get(*position) else { continue };
            summary.edges += node.edges.len();
            match node.kind() {
                NodeKind::Service => summary.services += 1,
                NodeKind::Task if node.as_task().is_some_and(|task| task.skip.is_some()) => {
                    summary.skipped += 1;
                }
                NodeKind::Task => summary.tasks += 1,
            }
            let before = self.graph.before.of(*position).iter();
            let before = before.filter_map(|it| depths.get(*it as usize));
            let depth = before.max().copied().unwrap_or(0) + 1;
            summary.depth = summary.depth.max(depth);
            if let Some(own) = depths.get_mut(*position) {
                *own = depth;
            }
        }
        summary
    }
}
