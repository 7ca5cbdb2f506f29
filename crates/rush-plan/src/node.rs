//! Nodes of a plan: one task or service with its arguments and matrix cell.
//!
//! Invariant of [`Node`]: its id is the hash of label, arguments and cell; these four never change after
//! construction. Everything a node declares is in [`Work`], already evaluated; only secrets, file contents
//! and globs are left open.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fitted::list;
use crate::{Arguments, NodeId, Service, Task, WorkspacePath, is_default};

/// One node of the graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    id: NodeId,
    label: String,
    #[serde(default, skip_serializing_if = "is_default")]
    arguments: Arguments,
    #[serde(default, skip_serializing_if = "is_default")]
    cell: Arguments,
    /// The directory of the package that declares it.
    pub package: WorkspacePath,
    /// The nodes that come before this one, as written, each pair of node and reason once.
    #[serde(default, skip_serializing_if = "is_default", deserialize_with = "list")]
    pub edges: Vec<Edge>,
    /// What it is and does.
    pub work: Work,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Runs to its end.
    Task(Box<Task>),
    /// Runs beside what needs it.
    Service(Box<Service>),
}

/// One node that comes before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The node that comes first.
    pub node: NodeId,
    /// Why.
    pub reason: EdgeReason,
}

/// Why one node comes before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeReason {
    /// It is named in `needs`.
    Needs,
    /// It is named in `steps`.
    Step,
    /// It stands in the `steps` of a third one before this node, or before one that needs this node.
    Sequence,
    /// Its `outputs` are read.
    Outputs,
    /// It is named in `after`: order only, whatever becomes of it.
    After,
    /// It stands on the command line before this node, or before one that needs it: order, as `after`.
    Request,
}

impl EdgeReason {
    /// Whether the earlier node has to be satisfied; otherwise it only has to have ended.
    pub const fn is_requirement(self) -> bool {
        match self {
            Self::Needs | Self::Step | Self::Sequence | Self::Outputs => true,
            Self::After | Self::Request => false,
        }
    }
}

/// Whether a node is a task or a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// A task.
    Task,
    /// A service.
    Service,
}

impl Node {
    /// A node without edges; its id follows from label, arguments and cell.
    pub fn new(
        label: impl Into<String>,
        arguments: Arguments,
        cell: Arguments,
        work: Work,
    ) -> Self {
        let label = label.into();
        let id = NodeId::of(&label, &arguments, &cell);
        Self { id, label, arguments, cell, package: WorkspacePath::root(), edges: Vec::new(), work }
    }

    /// The identity.
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// The label, `//web:build`, without arguments.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The arguments, by parameter, defaults filled in.
    pub const fn arguments(&self) -> &Arguments {
        &self.arguments
    }

    /// The matrix cell, by axis; empty without a matrix.
    pub const fn cell(&self) -> &Arguments {
        &self.cell
    }

    /// Whether it is a task or a service.
    pub const fn kind(&self) -> NodeKind {
        match self.work {
            Work::Task(_) => NodeKind::Task,
            Work::Service(_) => NodeKind::Service,
        }
    }

    /// The task, if it is one.
    pub fn as_task(&self) -> Option<&Task> {
        match &self.work {
            Work::Task(task) => Some(task),
            Work::Service(_) => None,
        }
    }

    /// The service, if it is one.
    pub fn as_service(&self) -> Option<&Service> {
        match &self.work {
            Work::Service(service) => Some(service),
            Work::Task(_) => None,
        }
    }

    /// Adds an edge unless the same node is there for the same reason.
    pub fn add_edge(&mut self, node: NodeId, reason: EdgeReason) {
        let edge = Edge { node, reason };
        if !self.edges.contains(&edge) {
            self.edges.push(edge);
        }
    }

    /// Whether the id is the hash of what it stands for.
    pub(crate) fn id_holds(&self) -> bool {
        self.id == NodeId::of(&self.label, &self.arguments, &self.cell)
    }
}

/// As a call: the label with the arguments and the axes of the cell.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)?;
        let mut separator = "(";
        for (name, value) in self.arguments.iter().chain(self.cell.iter()) {
            write!(f, "{separator}{name}: {}", value.seen_from(&self.package))?;
            separator = ", ";
        }
        if separator == "(" { Ok(()) } else { f.write_str(")") }
    }
}
