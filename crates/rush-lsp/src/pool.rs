//! A few threads for work that needs texts only.
//!
//! Nothing that holds a snapshot may be put here: it would wait in the queue, and every edit would
//! wait for it.

use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The most threads that are ever started.
const THREADS_MAX: usize = 4;

type Work = Box<dyn FnOnce() + Send>;

/// A few threads, and the work that waits for them. The editor's requests in flight bound the queue.
#[derive(Debug)]
pub(crate) struct Pool(Sender<Work>);

impl Pool {
    /// Starts the threads; they end when the pool is dropped and its work done.
    pub(crate) fn new() -> Self {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        for _ in 0..cores.min(THREADS_MAX) {
            let receiver = Arc::clone(&receiver);
            let thread = thread::Builder::new().name("rush-request".to_owned());
            if let Err(error) = thread.spawn(move || work(&receiver)) {
                tracing::error!("a thread could not be started: {error}");
            }
        }
        Self(sender)
    }

    /// Has something done. It must catch its own panics, or it costs a thread.
    pub(crate) fn run(&self, work: impl FnOnce() + Send + 'static) {
        if self.0.send(Box::new(work)).is_err() {
            tracing::error!("there is no thread left to answer a request");
        }
    }
}

fn work(receiver: &Mutex<Receiver<Work>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(work) => work(),
            Err(_) => return,
        }
    }
}
