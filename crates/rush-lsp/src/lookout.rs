//! Notices that something ran while somebody is shown how tasks ran last.
//!
//! Runs are started elsewhere: by the editor, in a terminal, by another program. Nobody tells the
//! server, so it looks, on a thread of its own, for to look may mean to read a file. While nobody is
//! shown anything the thread sleeps.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use crate::history::TaskHistory;
use crate::message::{Inbox, Message};

/// How long after the end of a run it may go unnoticed.
const PAUSE: Duration = Duration::from_millis(500);

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
        Self { orders, watch: Watch::Off }
    }

    /// Says whether news are of use from now on.
    pub(crate) fn set(&mut self, watch: Watch) {
        if watch != self.watch {
            self.watch = watch;
            // Without the thread there is no news.
            let _ = self.orders.send(watch);
        }
    }
}

fn look(history: &dyn TaskHistory, orders: &Receiver<Watch>, inbox: &Inbox) {
    let mut watch = Watch::Off;
    loop {
        let order = match watch {
            Watch::Off => orders.recv().map_err(RecvTimeoutError::from),
            Watch::On => orders.recv_timeout(PAUSE),
        };
        match order {
            Ok(order) => watch = order,
            Err(RecvTimeoutError::Timeout) if history.has_news() => inbox.send(Message::Ran),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
