//! What differs between two plans, as data.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::Plan;
use crate::{Node, NodeId};

/// The difference between two plans; empty if their content is equal.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PlanDiff {
    /// Differences outside the nodes, by path: `host.cpus`, `goal.profile`.
    pub content: BTreeMap<String, Change>,
    /// Nodes only the second plan has.
    pub added: Vec<NodeId>,
    /// Nodes only the first plan has.
    pub removed: Vec<NodeId>,
    /// Nodes that both have and that differ.
    pub changed: Vec<NodeChange>,
}

/// The difference between two nodes of the same id.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeChange {
    /// The node.
    pub node: NodeId,
    /// The fields that differ, by path.
    pub fields: BTreeMap<String, Change>,
}

/// A value that differs; `None` where it is not written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// In the first plan.
    pub before: Option<Json>,
    /// In the second plan.
    pub after: Option<Json>,
}

impl PlanDiff {
    /// Whether the plans do the same.
    pub fn is_empty(&self) -> bool {
        self.content.is_empty()
            && self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
    }
}

impl Plan {
    /// What differs between this plan and a later one.
    pub fn diff(&self, after: &Self) -> PlanDiff {
        let mut diff =
            PlanDiff { content: changes(&self.frame(), &after.frame()), ..PlanDiff::default() };
        diff.added =
            after.nodes().iter().map(Node::id).filter(|id| self.node(*id).is_none()).collect();
        for node in self.nodes() {
            match after.node(node.id()) {
                None => diff.removed.push(node.id()),
                Some(later) if later != node => {
                    diff.changed.push(NodeChange {
                        node: node.id(),
                        fields: changes(&json(node), &json(later)),
                    });
                }
                Some(_) => {}
            }
        }
        diff
    }

    /// The content without its nodes.
    fn frame(&self) -> Json {
        let content = &self.content;
        serde_json::json!({
            "goal": content.goal, "host": content.host, "reads": content.reads,
            "settings": content.settings, "secrets": content.secrets, "roots": content.roots,
        })
    }
}

fn json(node: &Node) -> Json {
    serde_json::to_value(node).expect("nodes have string keys, so they always serialise")
}

/// The differing leaves of two objects; lists differ as a whole.
fn changes(before: &Json, after: &Json) -> BTreeMap<String, Change> {
    let mut found = BTreeMap::new();
    let mut open = vec![(String::new(), Some(before), Some(after))];
    while let Some((path, before, after)) = open.pop() {
        if before == after {
            continue;
        }
        if let (Some(Json::Object(left)), Some(Json::Object(right))) = (before, after) {
            for key in left.keys().chain(right.keys().filter(|key| !left.contains_key(*key))) {
                let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                open.push((inner, left.get(key), right.get(key)));
            }
            continue;
        }
        found.insert(path, Change { before: before.cloned(), after: after.cloned() });
    }
    found
}
