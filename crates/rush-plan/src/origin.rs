//! Where each node and field of a plan was written, for messages.
//!
//! Not part of a plan's identity: moving a task or adding a comment changes this and nothing else.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::{Named, NodeId, WorkspacePath, is_default};

/// The places of all nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Origin {
    /// The files that positions point into, by index.
    files: Vec<WorkspacePath>,
    /// The places of each node.
    #[serde(deserialize_with = "all_at_once")]
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
    pub fields: FieldPositions,
}

/// The places of nodes as they are read, in any order; of two of the same node the later one holds.
struct NodeOrigins(Vec<(NodeId, NodeOrigin)>);

impl<'de> Deserialize<'de> for NodeOrigins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Nodes;
        impl<'de> Visitor<'de> for Nodes {
            type Value = NodeOrigins;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the places of nodes by id")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NodeOrigins, A::Error> {
                let mut nodes = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    nodes.push(entry);
                }
                Ok(NodeOrigins(nodes))
            }
        }
        deserializer.deserialize_map(Nodes)
    }
}

/// A map that is made of all its entries is denser than one that grows, and sooner there.
fn all_at_once<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<NodeId, NodeOrigin>, D::Error> {
    NodeOrigins::deserialize(deserializer).map(|nodes| nodes.0.into_iter().collect())
}

/// Where the fields of one node were written, by path.
pub type FieldPositions = Named<Position>;

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
    pub fn insert(&mut self, node: NodeId, mut origin: NodeOrigin) {
        origin.fields.fit();
        self.nodes.insert(node, origin);
    }

    /// The same files with the places of these nodes.
    pub(crate) fn with_nodes(self, nodes: Vec<(NodeId, NodeOrigin)>) -> Self {
        Self { nodes: nodes.into_iter().collect(), ..self }
    }

    /// The same files without any node.
    pub(crate) fn without_nodes(&self) -> Self {
        Self { files: self.files.clone(), nodes: BTreeMap::new() }
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
