//! Which nodes of a plan have succeeded, and nothing they read has changed since.

use std::collections::{BTreeSet, HashMap};

use rush_exec::RunSummary;
use rush_plan::{CacheMode, Node, NodeId, NodeState, Plan, SkipReason};

/// The nodes that need not run again, each as it was when it succeeded.
#[derive(Default)]
pub(super) struct Fresh {
    nodes: HashMap<NodeId, Node>,
}

impl Fresh {
    /// Takes in what a run came to.
    pub(super) fn note(&mut self, plan: &Plan, summary: &RunSummary) {
        for ended in &summary.nodes {
            let is_fine = matches!(
                ended.state,
                NodeState::Succeeded
                    | NodeState::Cached
                    | NodeState::Skipped { reason: SkipReason::When }
            );
            match plan.node(ended.node).filter(|_| is_fine) {
                Some(node) => drop(self.nodes.insert(ended.node, node.clone())),
                None => drop(self.nodes.remove(&ended.node)),
            }
        }
    }

    /// Forgets what is not in this plan as it was, and what needs a node that is not fresh.
    pub(super) fn hold_against(&mut self, plan: &Plan) {
        self.nodes.retain(|id, before| plan.node(*id) == Some(before));
        self.forget(plan, &self.stale(plan));
    }

    /// Forgets nodes, and all that need them.
    pub(super) fn forget(&mut self, plan: &Plan, nodes: &BTreeSet<NodeId>) {
        let mut users: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
        for node in plan.nodes() {
            for edge in node.edges.iter().filter(|it| it.reason.is_requirement()) {
                users.entry(edge.node).or_default().push(node.id());
            }
        }
        let mut open: Vec<NodeId> = nodes.iter().copied().collect();
        let mut seen = nodes.clone();
        while let Some(node) = open.pop() {
            self.nodes.remove(&node);
            let next = users.get(&node).into_iter().flatten();
            open.extend(next.filter(|it| seen.insert(**it)));
        }
    }

    /// Forgets the nodes of which only this knows that they succeeded, and all that need them.
    pub(super) fn forget_uncached(&mut self, plan: &Plan) {
        let nodes = plan.nodes().iter().filter(|it| is_uncached(it)).map(Node::id).collect();
        self.forget(plan, &nodes);
    }

    /// The tasks of a plan that may run again.
    pub(super) fn stale(&self, plan: &Plan) -> BTreeSet<NodeId> {
        let tasks = plan.nodes().iter().filter(|it| it.as_task().is_some()).map(Node::id);
        tasks.filter(|it| !self.nodes.contains_key(it)).collect()
    }

    /// Whether there is nothing to run.
    pub(super) fn covers(&self, plan: &Plan) -> bool {
        let is_asked_for = |node: &Node| plan.roots().any(|it| it.id() == node.id());
        plan.nodes().iter().all(|it| match it.as_service() {
            // Its run goes on for as long as it is up.
            Some(_) => !is_asked_for(it),
            None => self.nodes.contains_key(&it.id()),
        })
    }

    /// The states of nodes that are to be left as they are. Of the others the cache knows better: it also sees that an
    /// output is gone.
    pub(super) fn settled(&self, plan: &Plan) -> HashMap<NodeId, NodeState> {
        let nodes = plan.nodes().iter().filter(|it| self.nodes.contains_key(&it.id()));
        nodes.filter(|it| is_uncached(it)).map(|it| (it.id(), NodeState::Succeeded)).collect()
    }
}

/// Whether it is a task that the cache knows nothing of.
fn is_uncached(node: &Node) -> bool {
    node.as_task().is_some_and(|task| {
        task.skip.is_none() && (task.inputs.is_none() || task.cache.mode == CacheMode::Off)
    })
}
