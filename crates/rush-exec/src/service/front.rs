//! The services that each node waits for, whatever becomes of the tasks between them.
//!
//! A task that is answered from an earlier result starts nothing, so what needs it can't count on the services behind
//! it. Each node therefore waits for the services at the *front* of what it needs: those it names itself, and those
//! that it reaches through tasks alone. What lies behind a service is that service's own front. It knows no states.

use std::collections::HashMap;
use std::sync::Arc;

use rush_plan::{NodeKind, Plan};

use super::reaches;

/// The front of every node of a plan. Nodes are meant by their positions in it.
#[derive(Debug, Default)]
pub(crate) struct Fronts {
    /// For each node that has one, its services, sorted. Nodes with the same front share it.
    fronts: HashMap<usize, Arc<[usize]>>,
}

impl Fronts {
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut fronts = Self::default();
        if plan.nodes().iter().all(|it| it.kind() == NodeKind::Task) {
            return fronts;
        }
        for node in plan.topological() {
            let Some(position) = plan.position(node.id()) else { continue };
            let mut named = Vec::new();
            let mut behind: Vec<&Arc<[usize]>> = Vec::new();
            for edge in node.edges.iter().filter(|it| reaches(it.reason)) {
                let Some(before) = plan.position(edge.node) else { continue };
                if plan.nodes().get(before).is_some_and(|it| it.kind() == NodeKind::Service) {
                    named.push(before);
                } else {
                    behind.extend(fronts.fronts.get(&before));
                }
            }
            if let Some(front) = merge(named, &behind) {
                fronts.fronts.insert(position, front);
            }
        }
        fronts
    }

    /// The services at the front of what a node needs, each once, in the order of the plan.
    pub(crate) fn of(&self, node: usize) -> &[usize] {
        self.fronts.get(&node).map_or(&[], |it| it)
    }
}

/// One front of services that are named and the fronts behind tasks; `None` if it has no service.
fn merge(named: Vec<usize>, behind: &[&Arc<[usize]>]) -> Option<Arc<[usize]>> {
    let mut merged = named;
    if let Some((first, others)) = behind.split_first() {
        if merged.is_empty() && others.iter().all(|it| it == first) {
            return Some(Arc::clone(first));
        }
        merged.extend(behind.iter().flat_map(|it| it.iter()));
    }
    merged.sort_unstable();
    merged.dedup();
    (!merged.is_empty()).then(|| merged.into())
}
