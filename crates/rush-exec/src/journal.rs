//! Turns what happens into numbered events, in the one order that all readers see.
//!
//! The sink is bounded, so a slow reader slows the run down instead of filling the memory; what can't be
//! delivered at once waits in an outbox of limited length. It does not know what the events mean.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rush_plan::{EventBody, NodeId, PlaceName, RunEvent, RunId, Timestamp};
use rush_system::System;
use tokio::sync::mpsc;

/// How many undelivered events a run holds before it stops listening to its processes.
const OUTBOX_EVENTS_MAX: usize = 64;

/// How many undelivered bytes of output, likewise.
const OUTBOX_BYTES_MAX: usize = 1 << 20;

/// After this much output its reader gets a turn, so that it finds the bytes still in the caches of the processor.
const TURN_BYTES: usize = 512 * 1024;

/// One event, with the exact bytes where it is output.
#[derive(Clone, Debug)]
pub struct Emitted {
    /// The event; that of output leaves its text empty.
    pub event: RunEvent,
    /// What the process wrote, secrets masked; empty unless the event is output.
    pub bytes: Vec<u8>,
}

impl Emitted {
    /// The event as one line of JSON, without its line end.
    pub fn to_line(&self) -> String {
        self.event.to_line_with(&self.bytes)
    }
}

/// Which attempt of which node something is about.
#[derive(Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) node: NodeId,
    pub(crate) attempt: Option<u32>,
}

/// The writer of one run's events.
pub(crate) struct Journal {
    run: RunId,
    place: Option<PlaceName>,
    world: Arc<dyn System>,
    start: Duration,
    seq: u64,
    sink: mpsc::Sender<Emitted>,
    outbox: VecDeque<Emitted>,
    /// The bytes of output in the outbox.
    outbox_bytes: usize,
    /// The bytes of output since its reader had a turn.
    turn_bytes: usize,
}

impl Journal {
    pub(crate) fn new(
        run: RunId,
        place: PlaceName,
        world: Arc<dyn System>,
        sink: mpsc::Sender<Emitted>,
    ) -> Self {
        let place = (place != PlaceName::local()).then_some(place);
        let start = world.monotonic();
        Self {
            run,
            place,
            world,
            start,
            seq: 0,
            sink,
            outbox: VecDeque::new(),
            outbox_bytes: 0,
            turn_bytes: 0,
        }
    }

    /// The time since the run started.
    pub(crate) fn elapsed(&self) -> Duration {
        self.world.monotonic().saturating_sub(self.start)
    }

    /// Notes something about the run as a whole.
    pub(crate) fn note(&mut self, body: EventBody) {
        self.append(None, body, Vec::new());
    }

    /// Notes something about a node.
    pub(crate) fn note_node(&mut self, subject: Subject, body: EventBody) {
        self.append(Some(subject), body, Vec::new());
    }

    /// Notes output.
    pub(crate) fn note_output(&mut self, subject: Subject, body: EventBody, bytes: Vec<u8>) {
        self.turn_bytes += bytes.len();
        self.append(Some(subject), body, bytes);
    }

    fn append(&mut self, subject: Option<Subject>, body: EventBody, bytes: Vec<u8>) {
        let event = RunEvent {
            version: RunEvent::VERSION,
            run: self.run.clone(),
            seq: self.seq,
            time: timestamp(self.world.now()),
            monotonic_ns: self.elapsed().as_nanos() as u64,
            node: subject.map(|it| it.node),
            attempt: subject.and_then(|it| it.attempt),
            place: subject.and_then(|_| self.place.clone()),
            cause: None,
            body,
        };
        self.seq += 1;
        let emitted = Emitted { event, bytes };
        if self.outbox.is_empty() {
            match self.sink.try_send(emitted) {
                Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
                Err(mpsc::error::TrySendError::Full(emitted)) => self.hold(emitted),
            }
        } else {
            self.hold(emitted);
        }
    }

    fn hold(&mut self, emitted: Emitted) {
        self.outbox_bytes += emitted.bytes.len();
        self.outbox.push_back(emitted);
    }

    /// Whether nothing waits for delivery.
    pub(crate) fn is_delivered(&self) -> bool {
        self.outbox.is_empty()
    }

    /// Whether more events can be taken without growing beyond the limit.
    pub(crate) fn has_room(&self) -> bool {
        self.outbox.len() < OUTBOX_EVENTS_MAX && self.outbox_bytes < OUTBOX_BYTES_MAX
    }

    /// Gives whoever reads a turn if there was much output since the last one.
    pub(crate) async fn take_turns(&mut self) {
        if self.turn_bytes >= TURN_BYTES {
            self.turn_bytes = 0;
            tokio::task::yield_now().await;
        }
    }

    /// Delivers what waits, as far as the sink takes it; waits until it takes at least one.
    pub(crate) async fn deliver(&mut self) {
        let Ok(permit) = self.sink.reserve().await else {
            // Nobody listens any more; the run goes on without.
            self.outbox.clear();
            self.outbox_bytes = 0;
            return;
        };
        if let Some(emitted) = self.outbox.pop_front() {
            self.outbox_bytes -= emitted.bytes.len();
            permit.send(emitted);
        }
        while let Some(emitted) = self.outbox.pop_front() {
            self.outbox_bytes -= emitted.bytes.len();
            match self.sink.try_send(emitted) {
                Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
                Err(mpsc::error::TrySendError::Full(emitted)) => {
                    self.outbox_bytes += emitted.bytes.len();
                    self.outbox.push_front(emitted);
                    break;
                }
            }
        }
    }
}

fn timestamp(time: SystemTime) -> Timestamp {
    let micros = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_micros() as i64,
        Err(before) => -(before.duration().as_micros() as i64),
    };
    Timestamp(micros)
}
