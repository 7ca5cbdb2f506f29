//! Where each node and field of a plan was written, for messages.
//!
//! Not part of a plan's identity: moving a task or adding a comment changes this and nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{NodeId, WorkspacePath, is_default};

/// The places of all nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Origin {
    /// The files that positions point into, by index.
    files: Vec<WorkspacePath>,
    /// The places of each node.
    nodes: BTreeMap<NodeId, NodeOrigin>,
}

/// Where one node was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeOrigin {
    /// The declaration.
    pub at: Position,
    /// The fields, by path: `run`, `env.TOKEN`, `retry.attempts`, `needs`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fields: BTreeMap<String, Position>,
}

/// A position in one of the files, as `[file, line, column]`; line and column start at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(u32, u32, u32)", into = "(u32, u32, u32)")]
pub struct Position {
    /// The index of the file.
    pub file: u32,
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

impl From<(u32, u32, u32)> for Position {
    fn from((file, line, column): (u32, u32, u32)) -> Self {
        Self { file, line, column }
    }
}

impl From<Position> for (u32, u32, u32) {
    fn from(position: Position) -> Self {
        (position.file, position.line, position.column)
    }
}

impl Origin {
    /// The index of a file, added if it is new.
    pub fn file(&mut self, path: &WorkspacePath) -> u32 {
        let index = self.files.iter().position(|known| known == path).unwrap_or_else(|| {
            self.files.push(path.clone());
            self.files.len() - 1
        });
        index as u32
    }

    /// Notes where a node was written.
    pub fn insert(&mut self, node: NodeId, origin: NodeOrigin) {
        self.nodes.insert(node, origin);
    }

    /// Where a node was written.
    pub fn node(&self, node: NodeId) -> Option<&NodeOrigin> {
        self.nodes.get(&node)
    }

    /// Where a field was written, else the nearest enclosing field, else the node.
    pub fn field(&self, node: NodeId, field: &str) -> Option<Position> {
        let origin = self.nodes.get(&node)?;
        let mut path = field;
        loop {
            if let Some(position) = origin.fields.get(path) {
                return Some(*position);
            }
            match path.rsplit_once('.') {
                Some((outer, _)) => path = outer,
                None => return Some(origin.at),
            }
        }
    }

    /// The path of a file by its index.
    pub fn path(&self, file: u32) -> Option<&WorkspacePath> {
        self.files.get(file as usize)
    }

    /// `file:line:column` of a position.
    pub fn show(&self, position: Position) -> String {
        let path = self.path(position.file).map_or("?", WorkspacePath::as_str);
        format!("{path}:{}:{}", position.line, position.column)
    }

    /// All nodes that have an origin.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &NodeOrigin)> {
        self.nodes.iter().map(|(id, origin)| (*id, origin))
    }

    /// The files, in the order of their indices.
    pub fn files(&self) -> &[WorkspacePath] {
        &self.files
    }
}
