//! What a run came to.

use std::time::Duration;

use rush_plan::{AttemptEnd, NodeId, NodeState, RunCounts, RunId, RunOutcome};

use crate::place::Usage;

/// The result of a run that began.
#[derive(Clone, Debug)]
pub struct RunSummary {
    /// The run.
    pub run: RunId,
    /// How it ended.
    pub outcome: RunOutcome,
    /// What stopped it, if something did.
    pub interruption: Option<Interruption>,
    /// Nodes by their final state.
    pub counts: RunCounts,
    /// Every node, in the order of the plan.
    pub nodes: Vec<NodeSummary>,
    /// How long it took.
    pub duration: Duration,
    /// Errors in Rush itself that a node died of.
    pub bugs: Vec<String>,
}

/// What stopped a run from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// A person, with Ctrl-C.
    Interrupted,
    /// The system, with a request to terminate.
    Terminated,
}

/// What became of one node.
#[derive(Clone, Debug)]
pub struct NodeSummary {
    /// Which.
    pub node: NodeId,
    /// Its label.
    pub label: String,
    /// Its final state.
    pub state: NodeState,
    /// How many attempts it had.
    pub attempts: u32,
    /// How the last attempt ended; `None` if there was none.
    pub end: Option<AttemptEnd>,
    /// When it started, since the start of the run.
    pub started: Duration,
    /// How long it took.
    pub duration: Duration,
    /// What all its attempts used.
    pub usage: Usage,
    /// Sentences for the person that are no failures.
    pub warnings: Vec<String>,
    /// Why it failed, where the end of the attempt does not say it.
    pub problem: Option<String>,
    /// What a service wrote last, where that is a part of the answer.
    pub last_lines: Vec<String>,
    /// That the same inputs gave another result before; one of the warnings.
    pub unlike_before: Option<String>,
    /// Why its result is not remembered although it was to be; one of the warnings.
    pub refused: Option<String>,
}
