//! Events and states as few bytes, and back.
//!
//! What happens to every node of every run has a form of a few bytes: a tag, and numbers in as many bytes as they
//! need. What is rare, or was added by a later version, is kept as its JSON form behind a tag of its own, so nothing
//! is ever lost for being unknown here.

mod bytes;
mod state;

use rush_plan::{
    AttemptEnd, EventBody, EventLine, LogStream, NodeId, RunEvent, RunId, Timestamp, UsageRecord,
};
use rustc_hash::FxHashMap;

use bytes::{Reader, put_bytes, put_number, put_signed};

pub(crate) use state::{decode_state, encode_state};

/// An event as its JSON line; all others are fields of a body.
const LINE: u8 = 0;
const STATE: u8 = 1;
const STARTED: u8 = 2;
const STDOUT: u8 = 3;
const STDERR: u8 = 4;
const EXITED: u8 = 5;

/// Stands for a size that is not known.
const UNKNOWN: u64 = 0;

/// The nodes of a plan by their ids, and back.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    by_id: FxHashMap<NodeId, u32>,
    ids: Vec<NodeId>,
}

impl Positions {
    pub(crate) fn of(ids: impl Iterator<Item = NodeId>) -> Self {
        let ids: Vec<NodeId> = ids.collect();
        let by_id = ids.iter().enumerate().map(|(at, id)| (*id, at as u32)).collect();
        Self { by_id, ids }
    }

    pub(crate) fn position(&self, id: NodeId) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    pub(crate) fn id(&self, position: u32) -> Option<NodeId> {
        self.ids.get(position as usize).copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}

/// What is the same for all events of a run.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) run: RunId,
    /// The time of day at the start of the run.
    pub(crate) started: Timestamp,
}

/// Events in the making: each is told as its distance from the one before.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    pub(crate) bytes: Vec<u8>,
    /// The number of the first event in `bytes`.
    pub(crate) first_seq: u64,
    last_seq: u64,
    last_ns: u64,
}

impl Encoder {
    /// Adds an event. Of output only the length and the place in the log are kept, `log_start`.
    pub(crate) fn push(
        &mut self,
        frame: &Frame,
        positions: &Positions,
        event: &RunEvent,
        (log_start, length): (u64, usize),
    ) {
        if self.bytes.is_empty() {
            (self.first_seq, self.last_seq, self.last_ns) = (event.seq, event.seq, 0);
        }
        let node = match event.node {
            Some(node) => positions.position(node).map(|it| u64::from(it) + 1),
            None => Some(0),
        };
        let tag = tag(&event.body);
        let is_plain = event.place.is_none() && event.cause.is_none();
        let Some((tag, node)) = tag.zip(node).filter(|_| is_plain) else {
            self.head(frame, event, LINE);
            put_number(&mut self.bytes, log_start);
            put_number(&mut self.bytes, length as u64);
            put_bytes(&mut self.bytes, event.to_line().as_bytes());
            return;
        };
        self.head(frame, event, tag);
        put_number(&mut self.bytes, node);
        put_number(&mut self.bytes, u64::from(event.attempt.map_or(0, |it| it.saturating_add(1))));
        match &event.body {
            EventBody::NodeChanged(state) => encode_state(&mut self.bytes, positions, state),
            EventBody::AttemptStarted { command, shown } => {
                put_number(&mut self.bytes, u64::from(*command));
                put_bytes(&mut self.bytes, shown.as_bytes());
            }
            EventBody::AttemptOutput { .. } => {
                put_number(&mut self.bytes, log_start);
                put_number(&mut self.bytes, length as u64);
            }
            EventBody::AttemptEnded { end: AttemptEnd::Exited { code }, usage } => {
                put_signed(&mut self.bytes, i64::from(*code));
                put_number(&mut self.bytes, usage.user_us);
                put_number(&mut self.bytes, usage.system_us);
                put_number(&mut self.bytes, usage.memory_bytes_peak.unwrap_or(UNKNOWN));
            }
            // `tag` has none for the others.
            _ => {}
        }
    }

    fn head(&mut self, frame: &Frame, event: &RunEvent, tag: u8) {
        let bytes = &mut self.bytes;
        bytes.push(tag);
        put_signed(bytes, event.seq.wrapping_sub(self.last_seq) as i64);
        put_signed(bytes, event.monotonic_ns.wrapping_sub(self.last_ns) as i64);
        put_signed(bytes, event.time.0.wrapping_sub(expected_us(frame, event.monotonic_ns)));
        (self.last_seq, self.last_ns) = (event.seq, event.monotonic_ns);
    }
}

/// The short form of a body; `None` for those that are kept as JSON.
fn tag(body: &EventBody) -> Option<u8> {
    match body {
        EventBody::NodeChanged(_) => Some(STATE),
        EventBody::AttemptStarted { .. } => Some(STARTED),
        EventBody::AttemptOutput { stream: LogStream::Stdout, text } if text.is_empty() => {
            Some(STDOUT)
        }
        EventBody::AttemptOutput { stream: LogStream::Stderr, text } if text.is_empty() => {
            Some(STDERR)
        }
        EventBody::AttemptEnded { end: AttemptEnd::Exited { .. }, .. } => Some(EXITED),
        _ => None,
    }
}

/// What the time of day should be, if nobody set the clock meanwhile.
fn expected_us(frame: &Frame, monotonic_ns: u64) -> i64 {
    frame.started.0.wrapping_add((monotonic_ns / 1000) as i64)
}

/// A recorded event; that of output knows where its bytes are in the log of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    /// The event; that of output leaves its text empty.
    pub event: RunEvent,
    /// Where its output starts in the log of the run.
    pub log_start: u64,
    /// How many bytes it wrote.
    pub log_length: u64,
}

/// Reads what an [`Encoder`] wrote; `None` if the bytes are none of its own.
pub(crate) fn decode(
    frame: &Frame,
    positions: &Positions,
    first_seq: u64,
    bytes: &[u8],
) -> Option<Vec<RecordedEvent>> {
    let mut reader = Reader(bytes);
    let (mut seq, mut monotonic_ns) = (first_seq, 0_u64);
    let mut events = Vec::new();
    while !reader.0.is_empty() {
        let tag = reader.byte()?;
        seq = seq.wrapping_add_signed(reader.signed()?);
        monotonic_ns = monotonic_ns.wrapping_add_signed(reader.signed()?);
        let time = Timestamp(expected_us(frame, monotonic_ns).wrapping_add(reader.signed()?));
        if tag == LINE {
            let (log_start, log_length) = (reader.number()?, reader.number()?);
            let line = std::str::from_utf8(reader.slice()?).ok()?;
            // An event of a later version is passed over: an older Rush can read the rest.
            if let EventLine::Event(event) = RunEvent::from_line(line).ok()? {
                events.push(RecordedEvent { event: *event, log_start, log_length });
            }
            continue;
        }
        let node = match reader.number()? {
            0 => None,
            at => Some(positions.id((at - 1) as u32)?),
        };
        let attempt = reader.number()?.checked_sub(1).map(|it| it as u32);
        let (body, (log_start, log_length)) = body(tag, positions, &mut reader)?;
        let event = RunEvent {
            version: RunEvent::VERSION,
            run: frame.run.clone(),
            seq,
            time,
            monotonic_ns,
            node,
            attempt,
            place: None,
            cause: None,
            body,
        };
        events.push(RecordedEvent { event, log_start, log_length });
    }
    Some(events)
}

fn body(
    tag: u8,
    positions: &Positions,
    reader: &mut Reader<'_>,
) -> Option<(EventBody, (u64, u64))> {
    let output = |stream| EventBody::AttemptOutput { stream, text: String::new() };
    Some(match tag {
        STATE => (EventBody::NodeChanged(state::read(reader, positions)?), (0, 0)),
        STARTED => {
            let command = reader.number()? as u32;
            let shown = std::str::from_utf8(reader.slice()?).ok()?.to_owned();
            (EventBody::AttemptStarted { command, shown }, (0, 0))
        }
        STDOUT => (output(LogStream::Stdout), (reader.number()?, reader.number()?)),
        STDERR => (output(LogStream::Stderr), (reader.number()?, reader.number()?)),
        EXITED => {
            let end = AttemptEnd::Exited { code: reader.signed()? as i32 };
            let usage = UsageRecord {
                user_us: reader.number()?,
                system_us: reader.number()?,
                memory_bytes_peak: Some(reader.number()?).filter(|it| *it != UNKNOWN),
            };
            (EventBody::AttemptEnded { end, usage }, (0, 0))
        }
        _ => return None,
    })
}
