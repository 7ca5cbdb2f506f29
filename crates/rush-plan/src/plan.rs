//! The plan: nodes, the facts they were made for, and an identity.
//!
//! A plan has a `content`, which its first digest identifies, and around it what does not belong to its
//! identity: who asked, and where everything was written. The second digest covers every byte of the file.
//! A [`Plan`] is made by [`PlanDraft::build`] or [`Plan::from_json`], both of which validate.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::{
    Cause, Digest, Goal, Host, Node, NodeId, Origin, RecordedRead, WorkspaceId, WorkspacePath,
    is_default,
};

mod compact;
mod diff;
mod feature;
mod graph;
mod json;
mod neighbours;
mod pretty;
mod side_by_side;
mod validate;

pub use diff::{Change, NodeChange, PlanDiff};
pub use feature::Feature;
pub use graph::Summary;
pub use json::LoadError;
pub use validate::PlanError;
use validate::{Checked, Graph, NodeFindings};

/// The version of the plan's JSON form that this build reads and writes.
pub const FORMAT_VERSION: u32 = 1;

/// A valid plan.
#[derive(Clone, Debug)]
pub struct Plan {
    workspace: WorkspaceId,
    cause: Cause,
    content: Content,
    origin: Origin,
    /// In positions of `content.nodes`.
    graph: Graph,
    requires: Vec<Feature>,
    /// Computed when first asked for: it takes the whole JSON form.
    digests: OnceLock<Digests>,
}

/// The identities of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    /// Of the content: equal for plans that do the same.
    pub content: Digest,
    /// Of every byte of the file.
    pub whole: Digest,
}

/// What a plan does; the part that has an identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// What was asked for.
    pub goal: Goal,
    /// The facts it was planned for.
    pub host: Host,
    /// What was read while planning, sorted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reads: Vec<RecordedRead>,
    /// Settings of the workspace.
    #[serde(default, skip_serializing_if = "is_default")]
    pub settings: WorkspaceSettings,
    /// The secrets that nodes refer to, by name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub secrets: BTreeMap<String, SecretDeclaration>,
    /// The nodes that were asked for, in that order; the others are there because these need them.
    pub roots: Vec<NodeId>,
    /// All nodes, sorted by label, arguments and cell.
    pub nodes: Vec<Node>,
}

impl Content {
    /// Everything but the nodes.
    fn without_nodes(&self) -> Self {
        let Self { goal, host, reads, settings, secrets, roots, nodes: _ } = self;
        Self {
            goal: goal.clone(),
            host: host.clone(),
            reads: reads.clone(),
            settings: settings.clone(),
            secrets: secrets.clone(),
            roots: roots.clone(),
            nodes: Vec::new(),
        }
    }
}

/// Settings of the workspace that running needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkspaceSettings {
    /// The directory of the cache; `None` is the user's.
    #[serde(skip_serializing_if = "is_default")]
    pub cache_dir: Option<WorkspacePath>,
    /// The size at which old entries go.
    pub cache_size_bytes_max: u64,
    /// How long an entry holds.
    pub cache_ttl_ms: u64,
}

impl Default for WorkspaceSettings {
    fn default() -> Self {
        Self {
            cache_dir: None,
            cache_size_bytes_max: 10 << 30,
            cache_ttl_ms: 30 * 24 * 60 * 60 * 1000,
        }
    }
}

/// Where a secret comes from and how a process gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretDeclaration {
    /// Where its value is read when running.
    pub from: SecretSource,
    /// How a process gets it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mount: SecretMount,
}

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// The environment variable of this name.
    Env(String),
    /// A file.
    File(WorkspacePath),
}

/// How a process gets a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretMount {
    /// The variable holds the value.
    #[default]
    Env,
    /// The variable holds the path of a private file with the value.
    File,
}

/// A plan in the making; everything may be set, nothing is checked before [`PlanDraft::build`].
#[derive(Clone, Debug)]
pub struct PlanDraft {
    /// Which workspace.
    pub workspace: WorkspaceId,
    /// Who asked.
    pub cause: Cause,
    /// What the plan does; nodes and reads in any order.
    pub content: Content,
    /// Where it was written.
    pub origin: Origin,
}

impl PlanDraft {
    /// Puts everything into canonical order and validates it.
    pub fn build(mut self) -> Result<Plan, PlanError> {
        self.content.nodes.sort_by(validate::canonical_order);
        self.build_sorted()
    }

    /// The same for nodes in canonical order.
    fn build_sorted(mut self) -> Result<Plan, PlanError> {
        self.content.reads.sort_by(|a, b| a.key.cmp(&b.key));
        let checked = validate::check(&self.content)?;
        Ok(self.with(checked))
    }

    /// The same for nodes that have been checked by themselves.
    fn build_checked(mut self, nodes: NodeFindings) -> Result<Plan, PlanError> {
        self.content.reads.sort_by(|a, b| a.key.cmp(&b.key));
        let checked = validate::check_rest(&self.content, nodes)?;
        Ok(self.with(checked))
    }

    fn with(self, checked: Checked) -> Plan {
        Plan {
            workspace: self.workspace,
            cause: self.cause,
            content: self.content,
            origin: self.origin,
            graph: checked.graph,
            requires: checked.requires,
            digests: OnceLock::new(),
        }
    }
}

impl Plan {
    /// Which workspace it is for.
    pub const fn workspace(&self) -> &WorkspaceId {
        &self.workspace
    }

    /// The same plan, asked for by somebody else; what it does is as before.
    #[must_use]
    pub fn caused_by(self, cause: Cause) -> Self {
        Self { cause, digests: OnceLock::new(), ..self }
    }

    /// Who asked for it.
    pub const fn cause(&self) -> &Cause {
        &self.cause
    }

    /// What it does.
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// Where it was written.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What a reader has to be able to do to run it, sorted.
    pub fn requires(&self) -> &[Feature] {
        &self.requires
    }

    /// Its identities.
    pub fn digests(&self) -> Digests {
        *self.digests.get_or_init(|| json::digests(self))
    }

    /// All nodes, sorted by label, arguments and cell.
    pub fn nodes(&self) -> &[Node] {
        &self.content.nodes
    }

    /// The node with this id.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.position(id).and_then(|position| self.content.nodes.get(position))
    }

    /// Where the node with this id stands among [`Plan::nodes`].
    pub fn position(&self, id: NodeId) -> Option<usize> {
        self.graph.index.get(&id).copied()
    }

    /// The nodes that were asked for, in that order.
    pub fn roots(&self) -> impl Iterator<Item = &Node> {
        self.content.roots.iter().filter_map(|id| self.node(*id))
    }

    /// Back to a draft, to make another plan from it.
    pub fn into_draft(self) -> PlanDraft {
        PlanDraft {
            workspace: self.workspace,
            cause: self.cause,
            content: self.content,
            origin: self.origin,
        }
    }
}
