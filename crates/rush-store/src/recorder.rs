//! Writes down a run while it goes, on a thread of its own.
//!
//! Events that come within a moment of each other are committed together, so a run waits for no disk and a crash
//! costs at most that moment. The writer says how far it has got; whoever shows a result waits for that.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use rush_plan::{NodeId, RunEvent};

use crate::draft::{Batch, Draft, Pending};
use crate::error::StoreError;
use crate::record::RunStart;
use crate::store::Store;
use crate::write::{LostLog, Writer};

/// How long an event may wait for others to be committed with it.
const COMMIT_PAUSE: Duration = Duration::from_millis(20);

/// How many bytes of output may wait for the disk; more slow the run down.
pub(crate) const LOG_BYTES_MAX: usize = 4 << 20;

/// Output beyond this is written without waiting for more.
const LOG_BYTES_SOON: usize = 1 << 20;

/// What the recorder tells whoever follows it.
#[derive(Debug)]
pub enum Recorded {
    /// Every event up to this one is committed.
    UpTo(u64),
    /// What these nodes wrote is missing in the log, the rest goes on.
    LogLost {
        /// Why.
        error: StoreError,
        /// Those that wrote it.
        nodes: Vec<NodeId>,
    },
    /// Nothing is committed any more. Only if there is room again later, how the run ends still is.
    GivenUp(StoreError),
}

/// Writes down one run.
#[derive(Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    inbox: Mutex<Inbox>,
    /// Something was heard, or it has to be fast.
    heard: Condvar,
    /// The writer took what was there.
    taken: Condvar,
    has_given_up: AtomicBool,
}

#[derive(Debug)]
struct Inbox {
    draft: Draft,
    is_closed: bool,
}

impl Store {
    /// Begins to write down a run. `told` is called from another thread.
    pub fn begin(
        self,
        start: RunStart,
        told: impl FnMut(Recorded) + Send + 'static,
    ) -> Result<Recorder, StoreError> {
        let (writer, draft) = Writer::begin(self, start);
        Recorder::spawn(writer, draft, told)
    }
}

impl Recorder {
    pub(crate) fn spawn(
        writer: Writer,
        draft: Draft,
        told: impl FnMut(Recorded) + Send + 'static,
    ) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared {
            inbox: Mutex::new(Inbox { draft, is_closed: false }),
            heard: Condvar::new(),
            taken: Condvar::new(),
            has_given_up: AtomicBool::new(false),
        });
        let path = writer.path().to_owned();
        let mine = Arc::clone(&shared);
        let thread = Builder::new()
            .name("recorder".to_owned())
            .spawn(move || record(&mine, writer, told))
            .map_err(|error| StoreError::of_io(path, &error))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Takes in an event, with what was written if it is output. Waits only if the disk is slower than the tasks.
    pub fn hear(&self, event: &RunEvent, bytes: &[u8]) {
        if self.shared.has_given_up.load(Ordering::Relaxed) {
            return;
        }
        let mut inbox = self.shared.lock();
        while inbox.draft.log_bytes() > LOG_BYTES_MAX
            && !self.shared.has_given_up.load(Ordering::Relaxed)
        {
            inbox = self.shared.taken.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
        let (was_empty, was_urgent) = (inbox.draft.is_empty(), inbox.is_urgent());
        inbox.draft.hear(event, bytes);
        if was_empty || (inbox.is_urgent() && !was_urgent) {
            self.shared.heard.notify_one();
        }
    }

    /// Waits until everything is committed, or will never be.
    pub fn finish(mut self) {
        self.close();
    }

    fn close(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.shared.lock().is_closed = true;
        self.shared.heard.notify_one();
        // A panic of the writer was told on its own thread; the run does not die of it.
        let _ = thread.join();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for something to commit; `None` once there will be no more.
    fn next(&self, spare: Pending, pause: Duration) -> Option<Batch> {
        let mut inbox = self.lock();
        while inbox.draft.is_empty() {
            if inbox.is_closed {
                return None;
            }
            inbox = self.heard.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
        let deadline = Instant::now() + pause;
        while !inbox.is_urgent() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.heard.wait_timeout(inbox, left);
            inbox = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let batch = inbox.draft.take(spare);
        self.taken.notify_all();
        Some(batch)
    }
}

impl Inbox {
    fn is_urgent(&self) -> bool {
        self.is_closed || self.draft.is_over() || self.draft.log_bytes() > LOG_BYTES_SOON
    }
}

/// Ends the wait of whoever delivers events, also if the writer panics.
struct Gone<'a>(&'a Shared);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.has_given_up.store(true, Ordering::Relaxed);
        let _inbox = self.0.lock();
        self.0.taken.notify_all();
    }
}

fn record(shared: &Shared, mut writer: Writer, mut told: impl FnMut(Recorded)) {
    let _gone = Gone(shared);
    let mut spare = Pending::default();
    // Others can see the run as soon as it has begun.
    let mut pause = Duration::ZERO;
    while let Some(batch) = shared.next(std::mem::take(&mut spare), pause) {
        let began = Instant::now();
        let last = batch.pending.last;
        let written = writer.write(batch);
        if let Some(LostLog { error, nodes }) = writer.take_lost() {
            told(Recorded::LogLost { error, nodes });
        }
        match written {
            Ok(emptied) => {
                spare = emptied;
                if let Some((seq, _)) = last {
                    told(Recorded::UpTo(seq));
                }
            }
            Err(error) => {
                let may_go_on = matches!(error, StoreError::Full { .. });
                told(Recorded::GivenUp(error));
                if !may_go_on {
                    return;
                }
            }
        }
        // Where many processes share the store, each takes its turn less often.
        pause = COMMIT_PAUSE.max(began.elapsed());
    }
}
