//! What is remembered, as data: runs, their nodes, and the attempts of these.

use std::sync::Arc;

use rush_plan::{
    AttemptEnd, Cause, Digest, NodeId, NodeState, Plan, RunCounts, RunId, RunOutcome, Timestamp,
    UsageRecord,
};

/// What is known of a run before it begins.
#[derive(Clone, Debug)]
pub struct RunStart {
    /// Its name.
    pub id: RunId,
    /// What it carries out.
    pub plan: Arc<Plan>,
    /// What was asked for, in words for people.
    pub asked: String,
    /// What it comes from.
    pub lineage: Lineage,
    /// The choices that were made for it, in a form that only the writer knows; no values of variables.
    pub choices: String,
    /// The version of the program.
    pub program: String,
    /// The process that runs it.
    pub process: ProcessMark,
    /// When it begins.
    pub now: Timestamp,
}

/// What a run comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lineage {
    /// It was asked for.
    Run,
    /// The plan of an earlier run, without what had succeeded.
    Retry(RunId),
    /// The request of an earlier run, planned anew.
    Replay(RunId),
}

/// A process that can be told from a later one with the same number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessMark {
    /// Its number.
    pub pid: u32,
    /// When it began, on a scale of the system's own; 0 if that is not known.
    pub started: u64,
    /// Which machine since which boot, opaque; empty if that is not known.
    pub machine: String,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Its number in the store, which means nothing outside.
    pub(crate) key: i64,
    pub(crate) plan_key: i64,
    /// Its name.
    pub id: RunId,
    /// When it began.
    pub started: Timestamp,
    /// How long it took, or how far it had got when it was last heard of.
    pub elapsed_ns: u64,
    /// How it ended; `None` until then.
    pub outcome: Option<RunOutcome>,
    /// Its nodes by their final states, as far as they have one.
    pub counts: RunCounts,
    /// How many nodes it has.
    pub nodes: u32,
    /// The number of the next event.
    pub next_seq: u64,
    /// The digest of the plan's content.
    pub plan: Digest,
    /// What was asked for, in words for people.
    pub asked: String,
    /// Who asked.
    pub cause: Cause,
    /// What it comes from.
    pub lineage: Lineage,
    /// The choices that were made for it.
    pub choices: String,
    /// The version of the program that ran it.
    pub program: String,
    /// The process that ran it last.
    pub process: ProcessMark,
    /// How many bytes its tasks wrote.
    pub log_bytes: u64,
}

/// One node of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRecord {
    /// Its position in the plan.
    pub position: u32,
    /// Which.
    pub node: NodeId,
    /// Its last known state.
    pub state: NodeState,
    /// How many attempts it had.
    pub attempts: u32,
    /// When what it needs had ended.
    pub ready_ns: Option<u64>,
    /// When its first attempt began.
    pub started_ns: Option<u64>,
    /// When it had its final state.
    pub ended_ns: Option<u64>,
    /// What it waited for last between being ready and its start: `worker`, `resources`, `limit db` ...
    pub waited: Option<String>,
}

/// One attempt of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRecord {
    /// The position of its node in the plan.
    pub position: u32,
    /// Which, from 1.
    pub number: u32,
    /// When it began.
    pub started_ns: u64,
    /// When it ended; `None` until then.
    pub ended_ns: Option<u64>,
    /// How it ended; `None` until then.
    pub end: Option<AttemptEnd>,
    /// What its processes used.
    pub usage: UsageRecord,
    /// Between which bytes of the run's log its output lies, that of others with it.
    pub log: Option<(u64, u64)>,
}

impl Lineage {
    pub(crate) const fn verb(&self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Retry(_) => "retry",
            Self::Replay(_) => "replay",
        }
    }

    /// The run it comes from.
    pub const fn parent(&self) -> Option<&RunId> {
        match self {
            Self::Run => None,
            Self::Retry(parent) | Self::Replay(parent) => Some(parent),
        }
    }

    pub(crate) fn of(verb: &str, parent: Option<String>) -> Self {
        match (verb, parent) {
            ("retry", Some(parent)) => Self::Retry(RunId::new(parent)),
            ("replay", Some(parent)) => Self::Replay(RunId::new(parent)),
            _ => Self::Run,
        }
    }
}

impl NodeRecord {
    /// How long it took from its first attempt to its end.
    pub fn wall_ns(&self) -> Option<u64> {
        Some(self.ended_ns?.saturating_sub(self.started_ns?))
    }
}
