//! The saving of what was found out while the run still goes on, so that a Rush that is killed leaves at most a moment's
//! results that the table knows nothing of: whose files they are is nowhere else.
//!
//! A thread waits until there is something new, and a moment longer. It does not know what is written.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::inner::Inner;

/// How long something new waits for more.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// How many times as long as the last saving took the next pause is at least.
const PAUSE_PER_SAVING: u32 = 20;

/// The thread that saves; it ends when this is dropped.
pub(super) struct Saver {
    /// None once it has to end.
    news: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Saver {
    pub(super) fn begin(inner: &Arc<Inner>) -> Self {
        let (news, heard) = mpsc::channel();
        let inner = Arc::clone(inner);
        let saves = move || save_now_and_then(&inner, &heard);
        // Where no thread can be had, the end of the run saves.
        let thread = thread::Builder::new().name("saver".to_owned()).spawn(saves).ok();
        Self { news: Some(news), thread }
    }

    /// There is something new.
    pub(super) fn tell(&self) {
        if let Some(news) = &self.news {
            // It may have ended, or never begun.
            let _ = news.send(());
        }
    }
}

impl Drop for Saver {
    fn drop(&mut self) {
        self.news = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked is told of by the hook for panics.
            let _ = thread.join();
        }
    }
}

/// Saves after each pause in which there was something new.
fn save_now_and_then(inner: &Inner, news: &Receiver<()>) {
    let mut pause = PAUSE_MIN;
    while news.recv().is_ok() {
        if !is_over(news, Instant::now() + pause) {
            return;
        }
        let begun = Instant::now();
        if inner.is_unsaved() {
            // What can't be written is told of at the end of the run.
            let _ = inner.save();
        }
        pause = PAUSE_MIN.max(begun.elapsed() * PAUSE_PER_SAVING);
    }
}

/// Waits so long, whatever is new meanwhile; `false` if nothing more will come.
fn is_over(news: &Receiver<()>, until: Instant) -> bool {
    loop {
        match news.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}
