//! The time during which Rush and its commands were stopped by Ctrl-Z; it counts for no limit.
//!
//! Deadlines are points on a clock that goes on meanwhile, so each remembers how much had been paused when it was
//! set, and is that much later when it comes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// All pauses of this process together.
static PAUSED_NANOS: AtomicU64 = AtomicU64::new(0);

/// Does something that stops the process, and counts how long it took as a pause.
pub(crate) fn during(stop: impl FnOnce()) {
    let begun = std::time::Instant::now();
    stop();
    PAUSED_NANOS.fetch_add(begun.elapsed().as_nanos() as u64, Ordering::Relaxed);
}

fn paused() -> Duration {
    Duration::from_nanos(PAUSED_NANOS.load(Ordering::Relaxed))
}

/// A point in time that pauses push back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    time: Instant,
    paused_before: Duration,
}

impl Deadline {
    /// The point in time after so much more of running.
    pub(crate) fn after(duration: Duration) -> Self {
        Self { time: Instant::now() + duration, paused_before: paused() }
    }

    /// Waits for a deadline; for ever if there is none.
    pub(crate) async fn wait_for(deadline: Option<Self>) {
        match deadline {
            Some(deadline) => deadline.wait().await,
            None => std::future::pending().await,
        }
    }

    fn now_at(self) -> Instant {
        self.time + paused().saturating_sub(self.paused_before)
    }

    async fn wait(self) {
        // Whoever wakes up because of a pause sleeps once more.
        while self.now_at() > Instant::now() {
            tokio::time::sleep_until(self.now_at()).await;
        }
    }
}
