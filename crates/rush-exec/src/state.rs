//! The states of all nodes of a run, and the one function that changes them.
//!
//! `waiting -> ready -> running <-> backing off`, and from each of them to the ends it can have. A step that is
//! not in the table is an error in Rush, not in anybody's task.

use rush_plan::{NodeState, RunCounts, WaitingReason};

/// The state of each node, by its position in the plan.
pub(crate) struct States(Vec<NodeState>);

impl States {
    pub(crate) fn new(initial: Vec<NodeState>) -> Self {
        Self(initial)
    }

    pub(crate) fn get(&self, node: usize) -> &NodeState {
        self.0.get(node).expect("nodes are numbered by the plan that the states were made for")
    }

    /// Takes one step; the only way a state ever changes.
    pub(crate) fn change(&mut self, node: usize, to: NodeState) {
        let state = self.0.get_mut(node).expect("nodes are numbered by the same plan");
        assert!(is_step(state, &to), "a node can't go from {state:?} to {to:?}");
        *state = to;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &NodeState)> {
        self.0.iter().enumerate()
    }

    /// Counts the final states.
    pub(crate) fn counts(&self) -> RunCounts {
        let mut counts = RunCounts::default();
        for state in &self.0 {
            match state {
                NodeState::Succeeded => counts.succeeded += 1,
                NodeState::Cached => counts.cached += 1,
                NodeState::Failed { .. } => counts.failed += 1,
                NodeState::TimedOut => counts.timed_out += 1,
                NodeState::Skipped { .. } => counts.skipped += 1,
                NodeState::Cancelled => counts.cancelled += 1,
                NodeState::Waiting { .. }
                | NodeState::Ready
                | NodeState::Running { .. }
                | NodeState::BackingOff { .. }
                | NodeState::Serving { .. }
                | NodeState::Unknown => {}
            }
        }
        counts
    }
}

/// Whether a state can follow another.
fn is_step(from: &NodeState, to: &NodeState) -> bool {
    use NodeState::{
        BackingOff, Cached, Cancelled, Failed, Ready, Running, Serving, Skipped, Succeeded,
        TimedOut, Unknown, Waiting,
    };
    match from {
        Waiting { .. } => {
            matches!(to, Waiting { .. } | Ready | Skipped { .. } | Cancelled)
        }
        // Who looks for an earlier result may have to wait for another Rush.
        Ready => matches!(
            to,
            Waiting { reason: WaitingReason::Another { .. } }
                | Running { attempt: 1 }
                | Cached
                | Skipped { .. }
                | Cancelled
        ),
        Running { attempt } => match to {
            BackingOff { attempt: next, .. } => *next == attempt + 1,
            Serving { attempt: same } => same == attempt,
            Succeeded | Failed { .. } | TimedOut | Cancelled => true,
            Waiting { .. } | Ready | Running { .. } | Cached | Skipped { .. } | Unknown => false,
        },
        Serving { attempt } => match to {
            BackingOff { attempt: next, .. } => *next == attempt + 1,
            Succeeded | Failed { .. } | Cancelled => true,
            Waiting { .. }
            | Ready
            | Running { .. }
            | Serving { .. }
            | Cached
            | TimedOut
            | Skipped { .. }
            | Unknown => false,
        },
        BackingOff { attempt, .. } => match to {
            Running { attempt: next } => next == attempt,
            // A service that it needs is gone for good, or it is one and nobody needs it any more.
            Succeeded | Failed { .. } | Cancelled => true,
            Waiting { .. }
            | Ready
            | BackingOff { .. }
            | Serving { .. }
            | Cached
            | TimedOut
            | Skipped { .. }
            | Unknown => false,
        },
        Succeeded | Cached | Failed { .. } | TimedOut | Skipped { .. } | Cancelled | Unknown => {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_goes_through_its_attempts_to_one_end() {
        let mut states = States::new(vec![NodeState::Ready]);
        for state in [
            NodeState::Running { attempt: 1 },
            NodeState::BackingOff { attempt: 2, delay_ms: 10 },
            NodeState::Running { attempt: 2 },
            NodeState::Succeeded,
        ] {
            states.change(0, state.clone());
            assert_eq!(*states.get(0), state);
        }
        assert_eq!(states.counts().succeeded, 1);
    }

    #[test]
    #[should_panic(expected = "can't go from")]
    fn nothing_follows_an_end() {
        let mut states = States::new(vec![NodeState::Cancelled]);
        states.change(0, NodeState::Ready);
    }
}
