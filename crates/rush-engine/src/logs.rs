//! `rush logs`: what tasks wrote, line by line, also while they write it.

use std::collections::VecDeque;

use rush_exec::without_escapes;
use rush_plan::{LogStream, NodeState};
use rush_store::{LogPiece, LogQuery, NodeRecord, RunRecord, Store, StoreError, Visit};
use rustc_hash::FxHashMap;

/// A line that does not end is handed out in pieces of this size.
const LINE_BYTES_MAX: usize = 64 << 10;

/// Which lines are wanted.
#[derive(Clone, Debug, Default)]
pub struct LineFilter {
    /// Of these nodes, by their positions in the plan; of all if empty.
    pub positions: Vec<u32>,
    /// Of this attempt.
    pub attempt: Option<u32>,
    /// That match.
    pub pattern: Option<LinePattern>,
    /// The last ones.
    pub tail: Option<usize>,
    /// Without colours and other sequences for terminals.
    pub is_plain: bool,
}

/// A regular expression that lines are held against; they need not be UTF-8.
#[derive(Clone, Debug)]
pub struct LinePattern(regex::bytes::Regex);

impl LinePattern {
    /// Reads a regular expression; the error is in words for the person.
    pub fn parse(text: &str) -> Result<Self, String> {
        regex::bytes::Regex::new(text).map(Self).map_err(|error| error.to_string())
    }
}

/// A line that a task wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The position of its node in the plan.
    pub position: u32,
    /// Its attempt; 0 for what an earlier result had written.
    pub attempt: u32,
    /// Where it went.
    pub stream: LogStream,
    /// When its last part was written, in nanoseconds since the run started.
    pub at_ns: u64,
    /// The bytes, with the line end if there was one.
    pub bytes: Vec<u8>,
    /// How many bytes are missing after it, because they could not be stored.
    pub missing: u64,
}

/// Reads the lines of one run, once or again and again while it goes on.
pub struct LineReader {
    filter: LineFilter,
    /// Where to go on in the log.
    from: u64,
    /// Lines that have not ended, by who writes them.
    open: FxHashMap<Writer, Open>,
}

/// Who writes: a node by its position, an attempt, and to which stream.
type Writer = (u32, u32, LogStream);

/// A line that has not ended.
#[derive(Debug, Default)]
struct Open {
    bytes: Vec<u8>,
    /// When the last of it was written.
    at_ns: u64,
}

impl LineReader {
    /// A reader of all lines that pass a filter.
    pub fn new(filter: LineFilter) -> Self {
        Self { filter, from: 0, open: FxHashMap::default() }
    }

    /// Hands out what was written since the last call. `tail` counts on the first call only.
    pub fn read(
        &mut self,
        store: &Store,
        run: &RunRecord,
        mut each: impl FnMut(LogLine) -> Visit,
    ) -> Result<(), StoreError> {
        let position = match self.filter.positions.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        let query = LogQuery { from: self.from, position, attempt: self.filter.attempt };
        let tail = self.filter.tail.take();
        let mut last: VecDeque<LogLine> = VecDeque::new();
        let mut hand_out = |line: LogLine| match tail {
            None => each(line),
            Some(count) => {
                last.push_back(line);
                if last.len() > count {
                    last.pop_front();
                }
                Visit::Next
            }
        };
        let (filter, open) = (&self.filter, &mut self.open);
        self.from = store.log(run, &query, |piece| {
            if !filter.positions.is_empty() && !filter.positions.contains(&piece.position) {
                return Visit::Next;
            }
            split(filter, open, piece, &mut hand_out)
        })?;
        if let Some(count) = tail {
            // A line without an end is one of the last, too.
            let open = self.keep_open(count);
            let more = last.len().saturating_sub(count - open);
            last.drain(..more);
        }
        for line in last {
            if each(line) == Visit::Stop {
                break;
            }
        }
        Ok(())
    }

    /// Keeps at most so many of the lines without an end, and returns how many.
    fn keep_open(&mut self, count: usize) -> usize {
        let mut writers: Vec<Writer> = self.open.keys().copied().collect();
        writers.sort_by_key(in_order);
        for writer in writers.iter().rev().skip(count) {
            self.open.remove(writer);
        }
        self.open.len()
    }

    /// Hands out what has no line end and will not get one.
    pub fn finish(&mut self, mut each: impl FnMut(LogLine) -> Visit) {
        let mut open: Vec<_> = self.open.drain().collect();
        open.sort_by_key(|(writer, _)| in_order(writer));
        for ((position, attempt, stream), Open { bytes, at_ns }) in open {
            let line = LogLine { position, attempt, stream, at_ns, bytes, missing: 0 };
            if let Some(line) = passed(&self.filter, line)
                && each(line) == Visit::Stop
            {
                return;
            }
        }
    }
}

/// The order of lines that nothing else puts in one.
fn in_order((position, attempt, stream): &Writer) -> (u32, u32, bool) {
    (*position, *attempt, *stream == LogStream::Stderr)
}

fn split(
    filter: &LineFilter,
    open: &mut FxHashMap<Writer, Open>,
    piece: LogPiece,
    each: &mut impl FnMut(LogLine) -> Visit,
) -> Visit {
    let LogPiece { position, attempt, stream, at_ns, bytes, missing } = piece;
    let key = (position, attempt, stream);
    let mut of = |bytes: Vec<u8>, missing| {
        let line = LogLine { position, attempt, stream, at_ns, bytes, missing };
        passed(filter, line).map_or(Visit::Next, &mut *each)
    };
    for part in bytes.split_inclusive(|it| *it == b'\n') {
        let begun = open.entry(key).or_default();
        begun.bytes.extend_from_slice(part);
        begun.at_ns = at_ns;
        if (part.ends_with(b"\n") || begun.bytes.len() >= LINE_BYTES_MAX)
            && of(std::mem::take(&mut begun.bytes), 0) == Visit::Stop
        {
            return Visit::Stop;
        }
    }
    open.retain(|_, begun| !begun.bytes.is_empty());
    if missing > 0 {
        return of(open.remove(&key).unwrap_or_default().bytes, missing);
    }
    Visit::Next
}

fn passed(filter: &LineFilter, mut line: LogLine) -> Option<LogLine> {
    if filter.is_plain {
        line.bytes = without_escapes(&line.bytes);
    }
    let is_match = filter.pattern.as_ref().is_none_or(|it| it.0.is_match(&line.bytes));
    (is_match || line.missing > 0).then_some(line)
}

/// Whether a node ended as a word says: `failed`, `succeeded`, `cached`, `timed_out`, `skipped`, `cancelled`,
/// `running`.
pub fn has_status(node: &NodeRecord, word: &str) -> bool {
    status_word(&node.state) == word
        || (word == "failed" && matches!(node.state, NodeState::TimedOut))
        || (word == "running" && matches!(node.state, NodeState::BackingOff { .. }))
}

/// The state of a node as one word.
pub const fn status_word(state: &NodeState) -> &'static str {
    match state {
        // Between two attempts nothing runs.
        NodeState::Waiting { .. } | NodeState::Ready | NodeState::BackingOff { .. } => "waiting",
        NodeState::Running { .. } | NodeState::Serving { .. } => "running",
        NodeState::Succeeded => "succeeded",
        NodeState::Cached => "cached",
        NodeState::Failed { .. } => "failed",
        NodeState::TimedOut => "timed_out",
        NodeState::Skipped { .. } => "skipped",
        NodeState::Cancelled => "cancelled",
        NodeState::Unknown => "unknown",
    }
}
