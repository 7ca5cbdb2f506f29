//! What has happened in a run and is not yet committed.
//!
//! Hearing an event costs a look-up and a few bytes; what a commit writes is the last state of each node and attempt
//! that changed, however often it did. It does not know when commits happen, nor how rows are written.

use rush_plan::{
    AttemptEnd, EventBody, LogStream, NodeState, RunCounts, RunEvent, RunOutcome, UsageRecord,
    WaitingReason,
};
use rustc_hash::FxHashMap;

use crate::codec::{Encoder, Frame, Positions};
use crate::recorder::LOG_BYTES_MAX;

/// The state of a run between two commits.
#[derive(Debug)]
pub(crate) struct Draft {
    frame: Frame,
    positions: std::sync::Arc<Positions>,
    nodes: Vec<NodeDraft>,
    changed_nodes: Vec<u32>,
    attempts: FxHashMap<(u32, u32), AttemptDraft>,
    changed_attempts: Vec<(u32, u32)>,
    /// One bit a node, the lowest first: its result was there already.
    cached: Vec<u8>,
    is_cached_changed: bool,
    /// What the next commit writes besides.
    next: Pending,
    log_end: u64,
}

/// What piles up until a commit takes it.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) events: Encoder,
    pub(crate) log: Vec<u8>,
    /// Where `log` starts in the log of the run.
    pub(crate) log_start: u64,
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) end: Option<(RunOutcome, RunCounts)>,
    /// The number of the last event, and when it was; `None` if nothing was heard.
    pub(crate) last: Option<(u64, u64)>,
}

/// All that one commit writes.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) pending: Pending,
    pub(crate) nodes: Vec<(u32, NodeDraft)>,
    pub(crate) attempts: Vec<((u32, u32), AttemptDraft)>,
    pub(crate) cached: Option<Vec<u8>>,
    pub(crate) log_end: u64,
}

/// One node.
#[derive(Clone, Debug)]
pub(crate) struct NodeDraft {
    pub(crate) state: NodeState,
    pub(crate) attempts: u32,
    pub(crate) ready_ns: Option<u64>,
    pub(crate) started_ns: Option<u64>,
    pub(crate) ended_ns: Option<u64>,
    pub(crate) waited: Option<Box<str>>,
    is_changed: bool,
}

/// One attempt.
#[derive(Clone, Debug, Default)]
pub(crate) struct AttemptDraft {
    pub(crate) started_ns: u64,
    pub(crate) ended: Option<(u64, AttemptEnd)>,
    pub(crate) usage: UsageRecord,
    pub(crate) log: Option<(u64, u64)>,
    is_changed: bool,
}

/// A piece of the log that one attempt wrote to one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) start: u64,
    pub(crate) length: u64,
    pub(crate) position: u32,
    /// 0 for what is replayed from an earlier result.
    pub(crate) attempt: u32,
    pub(crate) stream: LogStream,
    pub(crate) at_ns: u64,
}

impl Default for NodeDraft {
    fn default() -> Self {
        Self {
            state: NodeState::Waiting { reason: WaitingReason::Needs { remaining: 0 } },
            attempts: 0,
            ready_ns: None,
            started_ns: None,
            ended_ns: None,
            waited: None,
            is_changed: false,
        }
    }
}

impl NodeDraft {
    /// A node as an earlier part of the run left it.
    pub(crate) fn of(record: &crate::record::NodeRecord) -> Self {
        Self {
            state: record.state.clone(),
            attempts: record.attempts,
            ready_ns: record.ready_ns,
            started_ns: record.started_ns,
            ended_ns: record.ended_ns,
            waited: record.waited.as_deref().map(Box::from),
            is_changed: false,
        }
    }
}

impl Draft {
    pub(crate) fn new(frame: Frame, positions: std::sync::Arc<Positions>) -> Self {
        let count = positions.len();
        Self {
            frame,
            nodes: vec![NodeDraft::default(); count],
            changed_nodes: Vec::new(),
            attempts: FxHashMap::default(),
            changed_attempts: Vec::new(),
            cached: vec![0; count.div_ceil(8)],
            is_cached_changed: false,
            next: Pending::default(),
            log_end: 0,
            positions,
        }
    }

    /// Goes on where an earlier part of the run stopped.
    pub(crate) fn go_on(&mut self, nodes: Vec<NodeDraft>, log_end: u64) {
        for (position, node) in nodes.iter().enumerate() {
            if node.state == NodeState::Cached {
                self.set_cached(position as u32);
            }
        }
        self.nodes = nodes;
        self.log_end = log_end;
    }

    /// How many bytes of output wait for the next commit.
    pub(crate) fn log_bytes(&self) -> usize {
        self.next.log.len()
    }

    /// Whether nothing waits for the next commit.
    pub(crate) fn is_empty(&self) -> bool {
        self.next.last.is_none()
    }

    /// Whether the run has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.next.end.is_some()
    }

    /// Takes in what happened; `bytes` is what was written, if the event is output.
    pub(crate) fn hear(&mut self, event: &RunEvent, bytes: &[u8]) {
        let position = event.node.and_then(|it| self.positions.position(it));
        if self.next.last.is_none() {
            self.next.log_start = self.log_end;
        }
        self.next.last = Some((event.seq, event.monotonic_ns));
        match (&event.body, position) {
            // Both follow from the plan and the row of the run.
            (EventBody::NodeAdded { .. }, _) => return,
            (EventBody::NodeChanged(NodeState::Cached), Some(position)) => {
                self.hear_cached(position, event.monotonic_ns);
                return;
            }
            (EventBody::NodeChanged(state), Some(position)) => {
                self.hear_state(position, state, event.monotonic_ns);
            }
            (EventBody::AttemptStarted { .. }, Some(position)) => {
                let key = (position, event.attempt.unwrap_or(0));
                self.attempt(key, event.monotonic_ns);
            }
            (EventBody::AttemptEnded { end, usage }, Some(position)) => {
                let key = (position, event.attempt.unwrap_or(0));
                let attempt = self.attempt(key, event.monotonic_ns);
                attempt.ended = Some((event.monotonic_ns, end.clone()));
                attempt.usage = *usage;
            }
            (EventBody::AttemptOutput { stream, .. }, Some(position)) if !bytes.is_empty() => {
                let key = (position, event.attempt.unwrap_or(0));
                self.hear_output(key, *stream, event.monotonic_ns, bytes.len());
            }
            (EventBody::RunEnded { outcome, .. }, _) => {
                self.next.end = Some((*outcome, self.counts()));
            }
            _ => {}
        }
        let output = (self.log_end, bytes.len());
        self.next.events.push(&self.frame, &self.positions, event, output);
        self.next.log.extend_from_slice(bytes);
        self.log_end += bytes.len() as u64;
    }

    fn hear_cached(&mut self, position: u32, now: u64) {
        let Some(node) = self.nodes.get_mut(position as usize) else { return };
        // What an earlier part of the run did was done by this run.
        if node.state.is_final() {
            return;
        }
        if node.started_ns.is_none() {
            node.state = NodeState::Cached;
            self.set_cached(position);
        } else {
            self.hear_state(position, &NodeState::Cached, now);
        }
    }

    fn set_cached(&mut self, position: u32) {
        if let Some(byte) = self.cached.get_mut(position as usize / 8) {
            *byte |= 1 << (position % 8);
            self.is_cached_changed = true;
        }
    }

    fn hear_state(&mut self, position: u32, state: &NodeState, now: u64) {
        let Some(node) = self.nodes.get_mut(position as usize) else { return };
        if node.state.is_final() {
            return;
        }
        match state {
            NodeState::Waiting { reason: WaitingReason::Needs { .. } } => {
                // Where nothing has begun there is no row.
                node.state = state.clone();
                return;
            }
            NodeState::Waiting { reason } => {
                node.ready_ns.get_or_insert(now);
                node.waited = Some(reason_text(reason));
                node.state = state.clone();
                return;
            }
            NodeState::Ready => {
                node.ready_ns.get_or_insert(now);
                node.state = NodeState::Ready;
                return;
            }
            NodeState::Running { attempt } => {
                node.attempts = node.attempts.max(*attempt);
                node.started_ns.get_or_insert(now);
            }
            _ => {}
        }
        if state.is_final() {
            node.ended_ns = Some(now);
        }
        node.state = state.clone();
        if !std::mem::replace(&mut node.is_changed, true) {
            self.changed_nodes.push(position);
        }
    }

    fn attempt(&mut self, key: (u32, u32), now: u64) -> &mut AttemptDraft {
        let attempt = self
            .attempts
            .entry(key)
            .or_insert_with(|| AttemptDraft { started_ns: now, ..AttemptDraft::default() });
        if !std::mem::replace(&mut attempt.is_changed, true) {
            self.changed_attempts.push(key);
        }
        attempt
    }

    fn hear_output(&mut self, key: (u32, u32), stream: LogStream, at_ns: u64, length: usize) {
        let (start, length) = (self.log_end, length as u64);
        let attempt = self.attempt(key, at_ns);
        let log = attempt.log.get_or_insert((start, start));
        log.1 = start + length;
        let (position, attempt) = key;
        if let Some(last) = self.next.chunks.last_mut()
            && (last.position, last.attempt, last.stream) == (position, attempt, stream)
            && last.start + last.length == start
        {
            last.length += length;
            return;
        }
        self.next.chunks.push(Chunk { start, length, position, attempt, stream, at_ns });
    }

    /// Counts the final states; an earlier part of the run counts as well.
    fn counts(&self) -> RunCounts {
        let mut counts = RunCounts::default();
        for node in &self.nodes {
            crate::read::count(&mut counts, &node.state);
        }
        counts
    }

    /// Takes what a commit has to write, and leaves `spare` to be filled.
    pub(crate) fn take(&mut self, spare: Pending) -> Batch {
        let pending = std::mem::replace(&mut self.next, spare);
        let mut batch = Batch { pending, log_end: self.log_end, ..Batch::default() };
        for position in self.changed_nodes.drain(..) {
            if let Some(node) = self.nodes.get_mut(position as usize) {
                node.is_changed = false;
                batch.nodes.push((position, node.clone()));
            }
        }
        for key in self.changed_attempts.drain(..) {
            let Some(attempt) = self.attempts.get_mut(&key) else { continue };
            attempt.is_changed = false;
            let is_over = self.nodes.get(key.0 as usize).is_none_or(|it| it.state.is_final());
            let attempt = if is_over { self.attempts.remove(&key) } else { Some(attempt.clone()) };
            batch.attempts.extend(attempt.map(|it| (key, it)));
        }
        batch.cached = std::mem::take(&mut self.is_cached_changed).then(|| self.cached.clone());
        batch
    }
}

impl Batch {
    /// Leaves only how far the run, its nodes and its attempts have got; it needs little room.
    pub(crate) fn thin(&mut self) {
        self.pending.events.bytes = Vec::new();
        self.pending.log = Vec::new();
        self.pending.chunks = Vec::new();
    }

    /// Puts what was to be written before this in front of it.
    pub(crate) fn owes(mut self, mut before: Self) -> Self {
        let is_later = |nodes: &[(u32, NodeDraft)], at: u32| nodes.iter().any(|it| it.0 == at);
        before.nodes.retain(|(at, _)| !is_later(&self.nodes, *at));
        before.attempts.retain(|(key, _)| !self.attempts.iter().any(|it| it.0 == *key));
        self.nodes.append(&mut before.nodes);
        self.attempts.append(&mut before.attempts);
        self.cached = self.cached.or(before.cached);
        self
    }
}

impl Pending {
    /// Empties it for the next use; of a buffer that a flood of output made large, no more is kept than the next part
    /// of the flood needs.
    pub(crate) fn clear(&mut self) {
        self.events.bytes.clear();
        self.log.clear();
        self.log.shrink_to(LOG_BYTES_MAX);
        self.chunks.clear();
        (self.end, self.last) = (None, None);
    }
}

fn reason_text(reason: &WaitingReason) -> Box<str> {
    match reason {
        WaitingReason::Needs { .. } => "needs".into(),
        WaitingReason::Worker => "worker".into(),
        WaitingReason::Resources => "resources".into(),
        WaitingReason::Limit { group } => format!("limit {group}").into(),
        WaitingReason::Terminal => "terminal".into(),
        WaitingReason::Confirm => "confirm".into(),
        WaitingReason::Another { .. } => "another".into(),
        WaitingReason::Unknown => "unknown".into(),
    }
}
