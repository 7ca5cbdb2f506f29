//! What happens during a run, one JSON object a line.
//!
//! Writers and readers may be of different versions: a reader ignores fields it does not know and meets
//! bodies, states, reasons and ends it does not know as `Unknown`, so an old tool can follow a new run.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    AttemptEnd, Cause, Digest, NodeId, NodeKind, NodeState, PlaceName, RunId, WorkspaceId,
    is_default,
};

mod line;
mod time;

pub use line::EventLine;
pub use time::Timestamp;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEvent {
    /// The version of this form.
    pub version: u32,
    /// The run.
    pub run: RunId,
    /// The position within the run, from 0, without gaps.
    pub seq: u64,
    /// When, by the wall clock.
    pub time: Timestamp,
    /// When, in nanoseconds since the run started; never goes back.
    pub monotonic_ns: u64,
    /// The node it is about; `None` for the run as a whole.
    #[serde(default, skip_serializing_if = "is_default")]
    pub node: Option<NodeId>,
    /// The attempt it is about, from 1.
    #[serde(default, skip_serializing_if = "is_default")]
    pub attempt: Option<u32>,
    /// Where it happened; `None` is here.
    #[serde(default, skip_serializing_if = "is_default")]
    pub place: Option<PlaceName>,
    /// Who or what made it happen, where that is not the run's own cause.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cause: Option<Cause>,
    /// What happened.
    pub body: EventBody,
}

impl RunEvent {
    /// The version of the event's form that this build writes.
    pub const VERSION: u32 = 1;
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventBody {
    /// The run began.
    RunStarted {
        /// The workspace.
        workspace: WorkspaceId,
        /// The content digest of the plan.
        plan: Digest,
        /// Who asked.
        cause: Cause,
        /// The number of nodes.
        nodes: u32,
    },
    /// The run ended; the last event.
    RunEnded {
        /// How.
        outcome: RunOutcome,
        /// How many nodes ended in which way.
        counts: RunCounts,
    },
    /// A node is part of the run; one for each node, before any of its states. It waits for what it needs until
    /// another state is told.
    NodeAdded {
        /// Its label, which nodes with other arguments have as well.
        label: String,
        /// The label with the arguments and the cell of the matrix: no other node of the run has it.
        name: String,
        /// Whether it is a task or a service.
        kind: NodeKind,
    },
    /// A node is in a new state.
    NodeChanged(NodeState),
    /// A process of an attempt starts.
    AttemptStarted {
        /// Which of the node's commands, from 0.
        command: u32,
        /// The command for people, secrets masked.
        shown: String,
    },
    /// An attempt wrote something.
    AttemptOutput {
        /// To which stream.
        stream: LogStream,
        /// The bytes, secrets masked; what is not UTF-8 is replaced. Empty in an event that travels beside its
        /// bytes: the text is made by whoever writes the event down, see [`RunEvent::to_line_with`].
        text: String,
    },
    /// An attempt ended.
    AttemptEnded {
        /// How.
        #[serde(flatten)]
        end: AttemptEnd,
        /// What its processes used.
        usage: UsageRecord,
    },
    /// Something a person should know about a node beside its state.
    Noted {
        /// How much it matters.
        level: NoteLevel,
        /// What, in words for the person.
        message: String,
    },
    /// Something that this reader does not know.
    #[serde(other)]
    Unknown,
}

/// How a run ended. Readers meet outcomes of later versions as [`RunOutcome::Unknown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every node is satisfied.
    Succeeded,
    /// A node failed or took too long.
    Failed,
    /// A person or a signal stopped it.
    Interrupted,
    /// An outcome that this reader does not know.
    #[serde(other)]
    Unknown,
}

/// Nodes by their final state; together all nodes of the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct RunCounts {
    /// Ended well.
    pub succeeded: u32,
    /// Answered from the cache.
    pub cached: u32,
    /// Ended badly, also where that was allowed.
    pub failed: u32,
    /// Took too long.
    pub timed_out: u32,
    /// Did not run.
    pub skipped: u32,
    /// Stopped, or never started.
    pub cancelled: u32,
}

/// What the processes of an attempt used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct UsageRecord {
    /// Processor time in the programs, in microseconds.
    pub user_us: u64,
    /// Processor time in the kernel for them, in microseconds.
    pub system_us: u64,
    /// The largest resident size of one of the processes, if it is known.
    pub memory_bytes_peak: Option<u64>,
}

/// How much a note matters. Readers meet levels of later versions as [`NoteLevel::Unknown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteLevel {
    /// The result counts all the same.
    Warning,
    /// Why the node failed, where the end of its attempt does not say it.
    Problem,
    /// A level that this reader does not know.
    #[serde(other)]
    Unknown,
}

/// Where output went. Readers meet streams of later versions as [`LogStream::Unknown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// A stream that this reader does not know.
    #[serde(other)]
    Unknown,
}

impl fmt::Display for RunOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Unknown => "unknown",
        })
    }
}
