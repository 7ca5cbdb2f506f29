//! The compact form of a plan: for a Rush that reads again what the same build wrote.
//!
//! It says what the JSON form says, and also what checking found out, so that loading neither checks
//! nor digests anything. Nothing in it shows whether it was changed: whoever keeps it has to know that
//! the bytes are those that were written. Plans that travel are written as JSON.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::validate::Graph;
use super::{Content, Digests, Feature, Plan};
use crate::{Cause, Origin, WorkspaceId};

/// A plan as it is written.
#[derive(Serialize)]
struct Written<'a> {
    workspace: &'a WorkspaceId,
    cause: &'a Cause,
    content: &'a Content,
    origin: &'a Origin,
    order: &'a [usize],
    requires: &'a [Feature],
    digests: Digests,
}

/// A plan as it is read.
#[derive(Deserialize)]
struct Read {
    workspace: WorkspaceId,
    cause: Cause,
    content: Content,
    origin: Origin,
    order: Vec<usize>,
    requires: Vec<Feature>,
    digests: Digests,
}

impl Plan {
    /// The compact form.
    pub fn to_compact(&self) -> Vec<u8> {
        let written = Written {
            workspace: &self.workspace,
            cause: &self.cause,
            content: &self.content,
            origin: &self.origin,
            order: &self.graph.order,
            requires: &self.requires,
            digests: self.digests(),
        };
        rmp_serde::to_vec_named(&written)
            .expect("the parts of a plan have string keys, so they always serialise")
    }

    /// Reads the compact form that this build wrote. The caller answers for the bytes: they are taken
    /// apart but not checked. `None` if they have not even the form of a plan.
    pub fn from_compact(bytes: &[u8]) -> Option<Self> {
        let Read { workspace, cause, content, origin, order, requires, digests } =
            rmp_serde::from_slice(bytes).ok()?;
        let graph = Graph::in_order(&content.nodes, order)?;
        debug_assert!(super::validate::check(&content).is_ok(), "what was written was valid");
        let digests = OnceLock::from(digests);
        Some(Self { workspace, cause, content, origin, graph, requires, digests })
    }
}
