//! Holds back what a person must not see as done before it is committed.
//!
//! Events come in their order and leave in it, but for one thing: where only results are held, the rest may overtake
//! those of other nodes. Of one node nothing overtakes anything.

use std::collections::VecDeque;

use rush_exec::Emitted;
use rush_plan::{EventBody, NodeId, NodeState};
use rustc_hash::FxHashMap;

/// How many bytes and events may be held; then the run waits for the store.
const HELD_BYTES_MAX: usize = 16 << 20;
const HELD_EVENTS_MAX: usize = 65_536;

/// What is held until it is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// How nodes ended; the rest is shown at once.
    Results,
    /// Everything, because it is read by programs.
    Everything,
}

/// The events between the executor and whoever shows them.
pub(crate) struct Gate {
    pace: Option<Pace>,
    held: VecDeque<Emitted>,
    bytes: usize,
    /// The nodes of held events, with how many of them are held.
    nodes: FxHashMap<NodeId, u32>,
}

impl Gate {
    /// A gate that holds by this pace; `None` holds nothing.
    pub(crate) fn new(pace: Option<Pace>) -> Self {
        Self { pace, held: VecDeque::new(), bytes: 0, nodes: FxHashMap::default() }
    }

    /// Whether more may come in.
    pub(crate) fn has_room(&self) -> bool {
        self.bytes < HELD_BYTES_MAX && self.held.len() < HELD_EVENTS_MAX
    }

    /// Takes in an event; returns it if it may leave at once.
    pub(crate) fn pass(&mut self, emitted: Emitted) -> Option<Emitted> {
        if !self.holds(&emitted) {
            return Some(emitted);
        }
        self.bytes += emitted.bytes.len();
        if let Some(node) = emitted.event.node {
            *self.nodes.entry(node).or_default() += 1;
        }
        self.held.push_back(emitted);
        None
    }

    fn holds(&self, emitted: &Emitted) -> bool {
        match self.pace {
            None => false,
            Some(Pace::Everything) => true,
            Some(Pace::Results) => {
                let is_result = match &emitted.event.body {
                    // That an earlier result was used is no result of this run.
                    EventBody::NodeChanged(NodeState::Cached) => false,
                    EventBody::NodeChanged(state) => state.is_final(),
                    EventBody::RunEnded { .. } => true,
                    _ => false,
                };
                is_result || emitted.event.node.is_some_and(|it| self.nodes.contains_key(&it))
            }
        }
    }

    /// The next event that may leave, when everything up to `committed` is.
    pub(crate) fn next(&mut self, committed: u64) -> Option<Emitted> {
        self.held.pop_front_if(|it| it.event.seq <= committed).map(|emitted| self.let_go(emitted))
    }

    /// Holds nothing any more.
    pub(crate) fn open(&mut self) {
        self.pace = None;
    }

    fn let_go(&mut self, emitted: Emitted) -> Emitted {
        self.bytes -= emitted.bytes.len();
        if let Some(node) = emitted.event.node
            && let Some(count) = self.nodes.get_mut(&node)
        {
            *count -= 1;
            if *count == 0 {
                self.nodes.remove(&node);
            }
        }
        emitted
    }
}

#[cfg(test)]
mod tests {
    use rush_plan::{Arguments, LogStream, RunEvent, RunId, Timestamp};

    use super::*;

    fn node(name: &str) -> NodeId {
        NodeId::of(name, &Arguments::new(), &Arguments::new())
    }

    /// Events of nodes: `a` writes, `a!` ends.
    fn check(pace: Pace, told: &[&str], committed: u64, expect: &str) {
        let mut gate = Gate::new(Some(pace));
        let mut seen = Vec::new();
        for (seq, word) in (0..).zip(told) {
            let body = if word.ends_with('!') {
                EventBody::NodeChanged(NodeState::Succeeded)
            } else {
                EventBody::AttemptOutput { stream: LogStream::Stdout, text: (*word).to_owned() }
            };
            let event = RunEvent {
                version: 1,
                run: RunId::new("r"),
                seq,
                time: Timestamp(0),
                monotonic_ns: 0,
                node: Some(node(word.trim_end_matches('!'))),
                attempt: None,
                place: None,
                cause: None,
                body,
            };
            seen.extend(gate.pass(Emitted { event, bytes: Vec::new() }));
        }
        while let Some(emitted) = gate.next(committed) {
            seen.push(emitted);
        }
        let seen: Vec<String> = seen.iter().map(|it| it.event.seq.to_string()).collect();
        assert_eq!(seen.join(" "), expect);
    }

    #[test]
    fn results_wait_and_output_does_not() {
        check(Pace::Results, &["a", "a!", "b", "b!"], 0, "0 2");
        check(Pace::Results, &["a", "a!", "b", "b!"], 2, "0 2 1");
        check(Pace::Results, &["a", "a!", "b", "b!"], 3, "0 2 1 3");
    }

    #[test]
    fn nothing_of_a_node_overtakes_its_end() {
        check(Pace::Results, &["a!", "a", "b"], 9, "2 0 1");
    }

    #[test]
    fn for_programs_everything_waits() {
        check(Pace::Everything, &["a", "b"], 0, "0");
        check(Pace::Everything, &["a", "b"], 1, "0 1");
    }
}
