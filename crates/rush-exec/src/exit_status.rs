//! The exit status that follows from a run, as a pure function.

use rush_plan::NodeState;

use crate::summary::{Interruption, RunSummary};

/// Returns the exit status: interruption before a bug, a bug before failures, failures before timeouts.
pub fn exit_status(summary: &RunSummary) -> u8 {
    match summary.interruption {
        Some(Interruption::Interrupted) => return 130,
        Some(Interruption::Terminated) => return 143,
        None => {}
    }
    if !summary.bugs.is_empty() {
        return 101;
    }
    let has = |wanted: fn(&NodeState) -> bool| summary.nodes.iter().any(|it| wanted(&it.state));
    if has(|state| matches!(state, NodeState::Failed { allowed: false })) {
        1
    } else if has(|state| matches!(state, NodeState::TimedOut)) {
        124
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rush_plan::{Arguments, NodeId, RunCounts, RunId, RunOutcome, SkipReason};

    use super::*;
    use crate::place::Usage;
    use crate::summary::NodeSummary;

    const FAILED: NodeState = NodeState::Failed { allowed: false };

    fn check(states: &[NodeState], stopped: Option<Interruption>, bugs: usize, expect: u8) {
        let nodes = states.iter().map(|state| NodeSummary {
            node: NodeId::of("a", &Arguments::new(), &Arguments::new()),
            label: "a".to_owned(),
            state: state.clone(),
            attempts: 1,
            end: None,
            started: Duration::ZERO,
            duration: Duration::ZERO,
            usage: Usage::default(),
            warnings: Vec::new(),
            problem: None,
            last_lines: Vec::new(),
            unlike_before: None,
            refused: None,
        });
        let summary = RunSummary {
            run: RunId::new("r"),
            outcome: RunOutcome::Failed,
            interruption: stopped,
            counts: RunCounts::default(),
            nodes: nodes.collect(),
            duration: Duration::ZERO,
            bugs: vec![String::new(); bugs],
        };
        assert_eq!(exit_status(&summary), expect, "{states:?} {stopped:?} {bugs}");
    }

    #[test]
    fn the_strongest_reason_decides() {
        use NodeState::{Cancelled, Skipped, Succeeded, TimedOut};
        let skipped = Skipped { reason: SkipReason::When };
        check(&[], None, 0, 0);
        check(&[Succeeded, skipped], None, 0, 0);
        check(&[NodeState::Failed { allowed: true }], None, 0, 0);
        check(&[TimedOut, Succeeded], None, 0, 124);
        check(&[TimedOut, FAILED], None, 0, 1);
        check(&[FAILED], None, 1, 101);
        check(&[FAILED, Cancelled], Some(Interruption::Interrupted), 1, 130);
        check(&[Cancelled], Some(Interruption::Terminated), 0, 143);
    }
}
