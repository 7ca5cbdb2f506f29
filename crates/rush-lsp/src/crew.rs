//! The threads that answer questions.
//!
//! A question waits without a snapshot, for an edit would wait for every snapshot there is; one is
//! taken when a thread is free, and given to it together with the question. So there are never more
//! snapshots than threads, and each is in use.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::document::Edition;
use crate::ground::Ground;
use crate::message::{Inbox, Message};
use crate::question::{Pending, Tried, Urgency, modified};

/// The most threads that are ever started, besides the one for who is typing.
const THREADS_MAX: usize = 4;

/// The stack of a thread: generous, because a body's own nesting is recursion.
const STACK_BYTES: usize = 8 << 20;

/// How long a thread has nothing to do before it gives back the memory that questions needed.
const REST: Duration = Duration::from_millis(200);

/// How often a question is asked again because a text changed that it is not about.
const TRIES_MAX: u8 = 8;

/// A question that waits, and the text it is about.
pub(crate) struct Waiting {
    pub(crate) pending: Box<dyn Pending>,
    /// The text of the document when it was asked, if the editor holds it.
    pub(crate) edition: Option<Edition>,
    tries: u8,
}

/// A question that was tried, and the thread that is free again.
pub(crate) struct Returned {
    thread: usize,
    waiting: Waiting,
    pub(crate) tried: Tried,
}

/// A thread's work.
struct Work {
    waiting: Waiting,
    ground: Ground,
}

/// The threads, and the questions that wait for one.
pub(crate) struct Crew {
    threads: Vec<Worker>,
    queue: VecDeque<Waiting>,
}

struct Worker {
    sender: SyncSender<Work>,
    is_free: bool,
}

impl Waiting {
    pub(crate) fn new(pending: Box<dyn Pending>, edition: Option<Edition>) -> Self {
        Self { pending, edition, tries: 0 }
    }

    fn is_outdated(&self) -> bool {
        self.edition.as_ref().is_some_and(|it| !it.is_current())
    }
}

impl Crew {
    /// Starts the threads; they end when the crew is dropped. What was freed is given back by the
    /// thread that freed it.
    pub(crate) fn new(inbox: &Inbox, give_back: fn()) -> Self {
        // One core stays free: whoever reads and writes would else wait for a turn of several
        // milliseconds while long questions are answered, and a withdrawal with it.
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let count = (cores - 1).clamp(1, THREADS_MAX) + 1;
        let threads = (0..count).filter_map(|index| Worker::start(index, inbox.clone(), give_back));
        Self { threads: threads.collect(), queue: VecDeque::new() }
    }

    /// Takes a question in. The editor's requests in flight bound the queue.
    pub(crate) fn take_in(&mut self, waiting: Waiting) {
        self.queue.push_back(waiting);
    }

    /// Takes back a thread, and the question if it has no answer yet.
    pub(crate) fn take_back(&mut self, returned: Returned) {
        let Returned { thread, mut waiting, tried } = returned;
        if let Some(worker) = self.threads.get_mut(thread) {
            worker.is_free = true;
        }
        if tried != Tried::Overtaken {
            return;
        }
        waiting.tries += 1;
        if waiting.tries < TRIES_MAX {
            self.queue.push_front(waiting);
        } else {
            waiting.pending.refuse(modified());
        }
    }

    /// The next question for which a thread is free. Those nobody waits for, and those about texts
    /// that are no more, are answered on the way.
    pub(crate) fn next(&mut self) -> Option<Waiting> {
        self.queue.retain_mut(|waiting| {
            if waiting.is_outdated() {
                waiting.pending.refuse(modified());
                return false;
            }
            !waiting.pending.is_abandoned()
        });
        let free = self.threads.iter().filter(|it| it.is_free).count();
        if free == 0 {
            return None;
        }
        let urgent = self.queue.iter().enumerate().min_by_key(|(_, it)| it.pending.urgency());
        let (at, waiting) = urgent?;
        // The last thread is for whoever is typing.
        let kept = usize::from(waiting.pending.urgency() != Urgency::Typing);
        if free <= kept.min(self.threads.len() - 1) { None } else { self.queue.remove(at) }
    }

    /// Has a free thread answer a question.
    pub(crate) fn hand_out(&mut self, waiting: Waiting, ground: Ground) {
        let Some(worker) = self.threads.iter_mut().find(|it| it.is_free) else {
            drop(ground);
            self.queue.push_front(waiting);
            return;
        };
        if worker.sender.send(Work { waiting, ground }).is_ok() {
            worker.is_free = false;
        } else {
            tracing::error!("a thread that answers questions has ended");
        }
    }
}

impl Worker {
    fn start(index: usize, inbox: Inbox, give_back: fn()) -> Option<Self> {
        let (sender, receiver) = sync_channel(1);
        let thread = thread::Builder::new().name("rush-request".to_owned()).stack_size(STACK_BYTES);
        match thread.spawn(move || {
            while let Some(work) = next(&receiver, give_back) {
                answer(index, work, &inbox);
            }
        }) {
            Ok(_) => Some(Self { sender, is_free: true }),
            Err(error) => {
                tracing::error!("a thread could not be started: {error}");
                None
            }
        }
    }
}

/// Waits for work.
fn next(receiver: &Receiver<Work>, give_back: fn()) -> Option<Work> {
    match receiver.recv_timeout(REST) {
        Ok(work) => Some(work),
        Err(RecvTimeoutError::Timeout) => {
            give_back();
            receiver.recv().ok()
        }
        Err(RecvTimeoutError::Disconnected) => None,
    }
}

fn answer(thread: usize, work: Work, inbox: &Inbox) {
    let Work { mut waiting, ground } = work;
    let tried = waiting.pending.answer(ground, waiting.edition.as_ref());
    inbox.send(Message::Returned(Box::new(Returned { thread, waiting, tried })));
}
