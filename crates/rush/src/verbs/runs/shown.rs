//! How a run, a node and an attempt are told, in words and as JSON.

use std::time::Duration;

use rush_engine::{AttemptRecord, Lineage, NodeRecord, RunRecord, is_running, status_word};
use rush_plan::{AttemptEnd, NodeState, RunCounts, RunOutcome, WaitingReason};
use serde_json::{Value, json};

use crate::output::amount::duration;
use crate::output::events::another;
use crate::output::paint::Paint;

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It has ended.
    Ended(RunOutcome),
    /// It goes on.
    Running,
    /// Its process is gone, and it has no end.
    Lost,
}

impl Status {
    pub(crate) fn of(run: &RunRecord) -> Self {
        match run.outcome {
            Some(outcome) => Self::Ended(outcome),
            None if is_running(run) => Self::Running,
            None => Self::Lost,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Ended(RunOutcome::Succeeded) => "succeeded",
            Self::Ended(RunOutcome::Failed) => "failed",
            Self::Ended(RunOutcome::Interrupted) => "interrupted",
            Self::Ended(RunOutcome::Unknown) => "unknown",
            Self::Running => "running",
            Self::Lost => "lost",
        }
    }

    pub(crate) const fn is_good(self) -> bool {
        matches!(self, Self::Ended(RunOutcome::Succeeded) | Self::Running)
    }

    pub(crate) const fn paint(self) -> Paint {
        match self {
            Self::Ended(RunOutcome::Succeeded) => Paint::Good,
            Self::Ended(RunOutcome::Failed) => Paint::Bad,
            Self::Ended(RunOutcome::Interrupted | RunOutcome::Unknown) | Self::Lost => {
                Paint::Attention
            }
            Self::Running => Paint::Name,
        }
    }
}

/// A duration in nanoseconds for people.
pub(crate) fn time(ns: u64) -> String {
    duration(Duration::from_nanos(ns))
}

/// What was asked for, with where it comes from.
pub(crate) fn asked(run: &RunRecord) -> String {
    match &run.lineage {
        Lineage::Run => run.asked.clone(),
        Lineage::Retry(parent) => format!("{}  (retry of {parent})", run.asked),
        Lineage::Replay(parent) => format!("{}  (replay of {parent})", run.asked),
    }
}

/// How many nodes ended how.
pub(crate) fn counts(run: &RunRecord) -> String {
    let RunCounts { succeeded, cached, failed, timed_out, skipped, cancelled } = run.counts;
    let parts = [
        (succeeded, "succeeded"),
        (cached, "cached"),
        (failed, "failed"),
        (timed_out, "timed out"),
        (skipped, "skipped"),
        (cancelled, "cancelled"),
    ];
    let parts = parts.iter().filter(|it| it.0 > 0).map(|(count, word)| format!("{count} {word}"));
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        format!("{} task{}", run.nodes, if run.nodes == 1 { "" } else { "s" })
    } else {
        parts.join(", ")
    }
}

/// How an attempt ended, for people.
pub(crate) fn end(end: &AttemptEnd) -> String {
    match end {
        AttemptEnd::Exited { code } => format!("exit status {code}"),
        AttemptEnd::Signaled { signal } => format!("ended by signal {signal}"),
        AttemptEnd::TimedOut => "took longer than its `timeout`".to_owned(),
        AttemptEnd::Lost { message } | AttemptEnd::Refused { message } => message.clone(),
        AttemptEnd::Unknown => "ended in an unknown way".to_owned(),
    }
}

/// The lineage as JSON: the verb, and the run it began with.
fn lineage(run: &RunRecord) -> Value {
    let verb = match &run.lineage {
        Lineage::Run => "run",
        Lineage::Retry(_) => "retry",
        Lineage::Replay(_) => "replay",
    };
    json!({ "verb": verb, "parent": run.lineage.parent() })
}

/// A run as JSON.
pub(crate) fn json(run: &RunRecord) -> Value {
    json!({
        "id": run.id,
        "status": Status::of(run).word(),
        "started": run.started,
        "elapsed_ns": run.elapsed_ns,
        "asked": run.asked,
        "cause": run.cause,
        "lineage": lineage(run),
        "plan": run.plan,
        "nodes": run.nodes,
        "counts": run.counts,
        "log_bytes": run.log_bytes,
        "pid": run.process.pid,
        "program": run.program,
    })
}

/// A node as JSON, with its attempts.
pub(crate) fn node_json(name: &str, node: &NodeRecord, attempts: &[&AttemptRecord]) -> Value {
    let attempts: Vec<Value> = attempts.iter().map(|it| attempt_json(it)).collect();
    json!({
        "node": node.node,
        "name": name,
        "status": status_word(&node.state),
        "reason": reason(&node.state),
        "state": node.state,
        "ready_ns": node.ready_ns,
        "started_ns": node.started_ns,
        "ended_ns": node.ended_ns,
        "waited_for": node.waited,
        "attempts": attempts,
    })
}

/// Why a node does nothing, if it is in such a state: what it waits for, or why it was skipped.
fn reason(state: &NodeState) -> Value {
    match state {
        NodeState::Waiting { reason } => json!(reason),
        NodeState::BackingOff { attempt, delay_ms } => {
            json!({ "kind": "retry", "attempt": attempt, "delay_ms": delay_ms })
        }
        NodeState::Skipped { reason } => json!(reason),
        NodeState::Ready
        | NodeState::Running { .. }
        | NodeState::Serving { .. }
        | NodeState::Succeeded
        | NodeState::Cached
        | NodeState::Failed { .. }
        | NodeState::TimedOut
        | NodeState::Cancelled
        | NodeState::Unknown => Value::Null,
    }
}

/// What a node waits for, in words; nothing if this reader does not know the reason.
pub(crate) fn waits_for(reason: &WaitingReason) -> String {
    match reason {
        WaitingReason::Needs { remaining: 0 } => "for its turn".to_owned(),
        WaitingReason::Needs { remaining: 1 } => "for 1 other task".to_owned(),
        WaitingReason::Needs { remaining } => format!("for {remaining} other tasks"),
        WaitingReason::Worker => "for a worker (`-j`)".to_owned(),
        WaitingReason::Resources => "for processors, memory or slots".to_owned(),
        WaitingReason::Limit { group } => format!("for a place in `{group}`"),
        WaitingReason::Terminal => "for the terminal".to_owned(),
        WaitingReason::Confirm => "for an answer".to_owned(),
        WaitingReason::Another { process } => format!("for {}", another(*process)),
        WaitingReason::Unknown => String::new(),
    }
}

fn attempt_json(attempt: &AttemptRecord) -> Value {
    json!({
        "attempt": attempt.number,
        "started_ns": attempt.started_ns,
        "ended_ns": attempt.ended_ns,
        "end": attempt.end,
        "usage": attempt.usage,
    })
}
