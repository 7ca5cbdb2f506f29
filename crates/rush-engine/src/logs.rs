//! `rush logs`: what tasks wrote, line by line, also while they write it.

use std::collections::VecDeque;

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
    open: FxHashMap<(u32, u32, LogStream), Vec<u8>>,
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
        for line in last {
            if each(line) == Visit::Stop {
                break;
            }
        }
        Ok(())
    }

    /// Hands out what has no line end and will not get one.
    pub fn finish(&mut self, mut each: impl FnMut(LogLine) -> Visit) {
        let mut open: Vec<_> = self.open.drain().collect();
        open.sort_by_key(|((position, attempt, stream), _)| {
            (*position, *attempt, *stream == LogStream::Stderr)
        });
        for ((position, attempt, stream), bytes) in open {
            let line = LogLine { position, attempt, stream, at_ns: 0, bytes, missing: 0 };
            if let Some(line) = passed(&self.filter, line)
                && each(line) == Visit::Stop
            {
                return;
            }
        }
    }
}

fn split(
    filter: &LineFilter,
    open: &mut FxHashMap<(u32, u32, LogStream), Vec<u8>>,
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
        begun.extend_from_slice(part);
        if (part.ends_with(b"\n") || begun.len() >= LINE_BYTES_MAX)
            && of(std::mem::take(begun), 0) == Visit::Stop
        {
            return Visit::Stop;
        }
    }
    open.retain(|_, begun| !begun.is_empty());
    if missing > 0 {
        return of(open.remove(&key).unwrap_or_default(), missing);
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

/// The bytes without the sequences that colour and move in a terminal.
fn without_escapes(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != 0x1b {
            out.push(byte);
            continue;
        }
        match rest.next() {
            // Up to the letter that ends it.
            Some(b'[') => while rest.next_if(|it| !(0x40..=0x7e).contains(it)).is_some() {},
            // Titles and links end with a bell, or with an escape and a backslash.
            Some(b']') => {
                while rest.next_if(|it| !matches!(it, 0x07 | 0x1b)).is_some() {}
                if rest.peek() == Some(&0x1b) {
                    rest.next();
                }
            }
            Some(_) | None => continue,
        }
        rest.next();
    }
    out
}

/// Whether a node ended as a word says: `failed`, `succeeded`, `cached`, `timed_out`, `skipped`, `cancelled`,
/// `running`.
pub fn has_status(node: &NodeRecord, word: &str) -> bool {
    status_word(&node.state) == word
        || (word == "failed" && matches!(node.state, NodeState::TimedOut))
}

/// The state of a node as one word.
pub const fn status_word(state: &NodeState) -> &'static str {
    match state {
        NodeState::Waiting { .. } | NodeState::Ready => "waiting",
        NodeState::Running { .. } | NodeState::BackingOff { .. } | NodeState::Serving { .. } => {
            "running"
        }
        NodeState::Succeeded => "succeeded",
        NodeState::Cached => "cached",
        NodeState::Failed { .. } => "failed",
        NodeState::TimedOut => "timed_out",
        NodeState::Skipped { .. } => "skipped",
        NodeState::Cancelled => "cancelled",
        NodeState::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::without_escapes;

    #[test]
    fn sequences_for_terminals_are_taken_out() {
        for (text, expect) in [
            ("plain", "plain"),
            ("\u{1b}[1;31mred\u{1b}[0m!", "red!"),
            ("\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{1b}\\.", "link."),
            ("half \u{1b}[3", "half "),
        ] {
            assert_eq!(without_escapes(text.as_bytes()), expect.as_bytes(), "{text:?}");
        }
    }
}
