//! Notices that something ran while somebody is shown how tasks ran last.
//!
//! Runs are started elsewhere: by the editor, in a terminal, by another program. Nobody tells the
//! server, so it looks, on a thread of its own, for to look may mean to read a file. While nobody is
//! shown anything the thread sleeps, and while nothing runs and nobody works it looks seldom.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::history::{Look, TaskHistory};
use crate::message::{Inbox, Message};

/// How long after its end a run may go unnoticed while there is something to see: a run goes on, or
/// somebody works in the editor.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest pause between two looks. Each one that sees nothing doubles it up to here.
const PAUSE_MAX: Duration = Duration::from_secs(8);

/// Whether somebody is shown how tasks ran last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watch {
    /// Somebody is: news are of use.
    On,
    /// Nobody is.
    Off,
}

/// Where the thread is told what to do. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Lookout {
    orders: Sender<Watch>,
    watch: Watch,
    /// When it was last told to look often.
    told: Option<Instant>,
}

impl Lookout {
    /// Starts the thread. What it notices is told to `inbox`.
    pub(crate) fn start(history: Arc<dyn TaskHistory>, inbox: Inbox) -> Self {
        let (orders, received) = channel();
        let thread = thread::Builder::new().name("rush-lookout".to_owned());
        let started = thread.spawn(move || look(&*history, &received, &inbox));
        if let Err(error) = started {
            tracing::error!("a thread could not be started, so lenses may be late: {error}");
        }
        Self { orders, watch: Watch::Off, told: None }
    }

    /// Says whether news are of use from now on. It is said whenever somebody does something in the
    /// editor, which makes the next looks frequent.
    pub(crate) fn set(&mut self, watch: Watch, now: Instant) {
        let is_known = self.told.is_some_and(|it| now.duration_since(it) < PAUSE);
        if watch != self.watch || watch == Watch::On && !is_known {
            (self.watch, self.told) = (watch, Some(now));
            // Without the thread there is no news.
            let _ = self.orders.send(watch);
        }
    }
}

/// When to look next.
#[derive(Clone, Copy, Debug)]
struct Pace {
    pause: Duration,
    next: Instant,
}

impl Pace {
    fn often(now: Instant) -> Self {
        Self { pause: PAUSE, next: now + PAUSE }
    }

    /// Somebody is there; what was to be soon is not put off.
    fn hurried(self, now: Instant) -> Self {
        let Self { pause, next } = Self::often(now);
        Self { pause, next: next.min(self.next) }
    }

    fn after(self, seen: Look, now: Instant) -> Self {
        let pause = match seen {
            Look::Quiet => (self.pause * 2).min(PAUSE_MAX),
            Look::GoesOn | Look::News => PAUSE,
        };
        Self { pause, next: now + pause }
    }
}

fn look(history: &dyn TaskHistory, orders: &Receiver<Watch>, inbox: &Inbox) {
    let mut pace: Option<Pace> = None;
    loop {
        let order = match pace {
            None => orders.recv().map_err(RecvTimeoutError::from),
            Some(pace) => orders.recv_timeout(pace.next.saturating_duration_since(Instant::now())),
        };
        let now = Instant::now();
        pace = match order {
            Ok(Watch::On) => Some(pace.map_or(Pace::often(now), |it| it.hurried(now))),
            Ok(Watch::Off) => None,
            Err(RecvTimeoutError::Timeout) => {
                let seen = history.look();
                if seen == Look::News {
                    inbox.send(Message::Ran);
                }
                pace.map(|it| it.after(seen, now))
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pauses before the next looks, each of which sees this.
    fn pauses(seen: &[Look]) -> Vec<u64> {
        let now = Instant::now();
        let mut pace = Pace::often(now);
        let mut after = |it: &Look| {
            pace = pace.after(*it, now);
            pace.pause.as_millis() as u64
        };
        seen.iter().map(&mut after).collect()
    }

    #[test]
    fn who_sees_nothing_looks_less_often() {
        use Look::{GoesOn, News, Quiet};
        assert_eq!(pauses(&[Quiet; 6]), [1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        assert_eq!(pauses(&[Quiet, Quiet, News, GoesOn, Quiet]), [1_000, 2_000, 500, 500, 1_000]);
    }

    #[test]
    fn somebody_at_work_makes_it_look_soon_and_puts_nothing_off() {
        let now = Instant::now();
        let late = Pace { pause: PAUSE_MAX, next: now + PAUSE_MAX };
        assert_eq!(late.hurried(now).next, now + PAUSE);
        let soon = Pace::often(now).hurried(now + PAUSE / 2);
        assert_eq!(soon.next, now + PAUSE);
    }
}
