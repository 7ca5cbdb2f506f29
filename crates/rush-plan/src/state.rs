//! The states a node goes through during a run.
//!
//! Which steps between them are legal is the executor's business; this is how a state is told to others.

use serde::{Deserialize, Serialize};

use crate::NodeId;

/// The state of a node. Readers meet states of later versions as [`NodeState::Unknown`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum NodeState {
    /// Something has to happen first.
    Waiting {
        /// What.
        reason: WaitingReason,
    },
    /// It could start now.
    Ready,
    /// An attempt is running.
    Running {
        /// Which, from 1.
        attempt: u32,
    },
    /// The pause between two attempts.
    BackingOff {
        /// The attempt that will follow.
        attempt: u32,
        /// How long the pause is.
        delay_ms: u64,
    },
    /// A service that can be used; it runs on until its last dependant has ended.
    Serving {
        /// The attempt that serves.
        attempt: u32,
    },
    /// It ended well.
    Succeeded,
    /// Its result was there already.
    Cached,
    /// It ended badly.
    Failed {
        /// Whether the run goes on as if it had succeeded.
        #[serde(default)]
        allowed: bool,
    },
    /// Its last attempt took too long.
    TimedOut,
    /// It does not run.
    Skipped {
        /// Why.
        reason: SkipReason,
    },
    /// It was stopped, or the run ended before it started.
    Cancelled,
    /// A state that this reader does not know.
    #[serde(other)]
    Unknown,
}

impl NodeState {
    /// Whether nothing follows it within a run.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Waiting { .. }
            | Self::Ready
            | Self::Running { .. }
            | Self::BackingOff { .. }
            | Self::Serving { .. }
            | Self::Unknown => false,
            Self::Succeeded
            | Self::Cached
            | Self::Failed { .. }
            | Self::TimedOut
            | Self::Skipped { .. }
            | Self::Cancelled => true,
        }
    }

    /// Whether it ended badly, also where that was allowed.
    pub const fn has_failed(&self) -> bool {
        match self {
            Self::Failed { .. } | Self::TimedOut => true,
            Self::Waiting { .. }
            | Self::Ready
            | Self::Running { .. }
            | Self::BackingOff { .. }
            | Self::Serving { .. }
            | Self::Succeeded
            | Self::Cached
            | Self::Skipped { .. }
            | Self::Cancelled
            | Self::Unknown => false,
        }
    }

    /// Whether what needs the node may start.
    pub const fn is_satisfied(&self) -> bool {
        match self {
            Self::Succeeded
            | Self::Cached
            | Self::Serving { .. }
            | Self::Failed { allowed: true }
            | Self::Skipped { reason: SkipReason::When | SkipReason::NotNeeded } => true,
            Self::Waiting { .. }
            | Self::Ready
            | Self::Running { .. }
            | Self::BackingOff { .. }
            | Self::Failed { allowed: false }
            | Self::TimedOut
            | Self::Skipped { .. }
            | Self::Cancelled
            | Self::Unknown => false,
        }
    }
}

/// What a waiting node waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WaitingReason {
    /// Nodes that come before it.
    Needs {
        /// How many have not ended.
        remaining: u32,
    },
    /// A free worker (`-j`).
    Worker,
    /// Processors, memory or slots.
    Resources,
    /// Its `limit` group.
    Limit {
        /// The group.
        group: String,
    },
    /// The terminal, which another node has.
    Terminal,
    /// A person's answer.
    Confirm,
    /// Another Rush, which makes the same result or writes to the same place.
    Another {
        /// The number of its process, if that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<u32>,
    },
    /// A reason that this reader does not know.
    #[serde(other)]
    Unknown,
}

/// Why a node does not run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SkipReason {
    /// Its `when` is false.
    When,
    /// A node it requires did not succeed.
    Needs {
        /// Which.
        node: NodeId,
    },
    /// Nothing new starts after a failure.
    RunFailed,
    /// It is a service, and everything that needs it has ended without it.
    NotNeeded,
    /// A reason that this reader does not know.
    #[serde(other)]
    Unknown,
}
