//! The JSON form of a plan, byte for byte the same for equal plans.

use super::{Digests, Plan, PlanError};
use crate::Digest;

/// Why bytes are no plan.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No JSON, or not that of a plan.
    #[error("this is not a plan: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A version this build does not know.
    #[error("the plan has version {found}; this Rush reads version {known}")]
    UnknownVersion {
        /// The version of the plan.
        found: u64,
        /// The version of this build.
        known: u32,
    },
    /// A feature this build does not know.
    #[error("the plan requires `{0}`, which this Rush does not know")]
    UnknownFeature(String),
    /// The bytes are not those that were written.
    #[error("the plan was changed after it was written: its {0} digest does not match")]
    Tampered(&'static str),
    /// It is no valid plan.
    #[error(transparent)]
    Invalid(#[from] PlanError),
}

/// Stands where a digest is not known yet.
pub(super) const ZERO: Digest = Digest::from_bytes([0; 32]);

pub(super) fn digests(_plan: &Plan) -> Digests {
    Digests { content: ZERO, whole: ZERO }
}

impl Plan {
    /// The canonical bytes.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(&self.content)
            .expect("plans have string keys, so they always serialise")
    }

    /// Reads and validates a plan.
    pub fn from_json(bytes: &[u8]) -> Result<Self, LoadError> {
        let content = serde_json::from_slice(bytes)?;
        let draft = super::PlanDraft {
            workspace: crate::WorkspaceId::default(),
            cause: crate::Cause::user(),
            content,
            origin: crate::Origin::default(),
        };
        Ok(draft.build()?)
    }
}
