//! The units of a run, driven by the dispatcher itself.
//!
//! A unit is a future that tells things over its [`Line`] and comes to a [`Finish`]. All of them are polled within
//! the dispatcher's own task: a word from a unit is taken in the very poll in which it is said, a unit that said
//! something goes on when it was heard, and no queue, lock or wake-up of a runtime stands in between. A unit that
//! nobody can take a word from stands still, and so do its pipes: that is the back-pressure. It does not know what
//! the words mean.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::unit::{Finish, Report, Stop};

/// A unit at work.
pub(crate) type Working = Pin<Box<dyn Future<Output = Finish> + Send>>;

/// The units that are at work.
#[derive(Default)]
pub(crate) struct Crew {
    hub: Arc<Hub>,
    members: Vec<Option<Member>>,
    free: Vec<usize>,
    count: usize,
    stop: Stop,
}

struct Member {
    position: usize,
    line: Line,
    waker: Waker,
    working: Working,
}

/// Which members can go on.
#[derive(Default)]
struct Hub {
    awake: Mutex<Awake>,
}

#[derive(Default)]
struct Awake {
    members: VecDeque<usize>,
    /// Who drives the crew.
    driver: Option<Waker>,
}

/// What is heard from a unit.
pub(crate) enum Heard {
    /// It told something about an attempt; 0 is none.
    Told { attempt: u32, report: Report },
    /// It has ended.
    Finished(Finish),
    /// It died of an error in Rush, which said this.
    Died(String),
}

/// The line between a unit and the dispatcher.
#[derive(Clone)]
pub(crate) struct Line(Arc<Ends>);

struct Ends {
    member: usize,
    hub: Arc<Hub>,
    is_awake: AtomicBool,
    said: Mutex<Option<(u32, Report)>>,
    stop: AtomicU8,
    is_released: AtomicBool,
    is_let_in: AtomicBool,
    is_sent_back: AtomicBool,
}

impl Crew {
    /// Whether nobody is at work.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether all units at work are of such nodes.
    pub(crate) fn are_all(&self, is_such: impl Fn(usize) -> bool) -> bool {
        self.members.iter().flatten().all(|it| is_such(it.position))
    }

    /// Whether the unit of this node is at work.
    pub(crate) fn has(&self, position: usize) -> bool {
        self.members.iter().flatten().any(|it| it.position == position)
    }

    /// Puts a unit to work; it gets its line.
    pub(crate) fn start(&mut self, position: usize, unit: impl FnOnce(Line) -> Working) {
        let member = self.free.pop().unwrap_or(self.members.len());
        let line = Line(Arc::new(Ends {
            member,
            hub: Arc::clone(&self.hub),
            is_awake: AtomicBool::new(false),
            said: Mutex::new(None),
            stop: AtomicU8::new(self.stop as u8),
            is_released: AtomicBool::new(false),
            is_let_in: AtomicBool::new(false),
            is_sent_back: AtomicBool::new(false),
        }));
        let working = unit(line.clone());
        let waker = Waker::from(Arc::clone(&line.0));
        if member == self.members.len() {
            self.members.push(None);
        }
        if let Some(place) = self.members.get_mut(member) {
            *place = Some(Member { position, line: line.clone(), waker, working });
        }
        self.count += 1;
        line.wake();
    }

    /// Asks all units to stop at least this urgently, also those that come.
    pub(crate) fn stop_all(&mut self, level: Stop) {
        self.stop = self.stop.max(level);
        for member in self.members.iter().flatten() {
            member.line.raise(level);
        }
    }

    /// Asks some of the units to stop at least this urgently.
    pub(crate) fn stop_some(&self, level: Stop, is_meant: impl Fn(usize) -> bool) {
        let members = self.members.iter().flatten().filter(|it| is_meant(it.position));
        members.for_each(|it| it.line.raise(level));
    }

    /// Asks the unit of one node to stop at least this urgently.
    pub(crate) fn stop_one(&self, position: usize, level: Stop) {
        if let Some(member) = self.members.iter().flatten().find(|it| it.position == position) {
            member.line.raise(level);
        }
    }

    /// Tells the unit of a service that nobody needs it any more.
    pub(crate) fn release(&self, position: usize) {
        if let Some(member) = self.members.iter().flatten().find(|it| it.position == position) {
            member.line.0.is_released.store(true, Ordering::Relaxed);
            member.line.wake();
        }
    }

    /// Lets the unit of a node that made a pause go on.
    pub(crate) fn let_in(&self, position: usize) {
        if let Some(member) = self.members.iter().flatten().find(|it| it.position == position) {
            member.line.0.is_let_in.store(true, Ordering::Relaxed);
            member.line.wake();
        }
    }

    /// Lets the unit of a node that told that it begins look once more when it is let in.
    pub(crate) fn send_back(&self, position: usize) {
        if let Some(member) = self.members.iter().flatten().find(|it| it.position == position) {
            member.line.0.is_sent_back.store(true, Ordering::Relaxed);
            member.line.wake();
        }
    }

    /// Waits for the next word of any unit; never ends if nobody is at work. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> (usize, Heard) {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &Context<'_>) -> Poll<(usize, Heard)> {
        loop {
            let member = {
                let mut awake = lock(&self.hub.awake);
                let Some(member) = awake.members.pop_front() else {
                    if !awake.driver.as_ref().is_some_and(|it| it.will_wake(context.waker())) {
                        awake.driver = Some(context.waker().clone());
                    }
                    return Poll::Pending;
                };
                member
            };
            if let Some(heard) = self.advance(member) {
                return Poll::Ready(heard);
            }
        }
    }

    /// Lets one unit go on, until it waits, says something or ends.
    fn advance(&mut self, member: usize) -> Option<(usize, Heard)> {
        let place = self.members.get_mut(member)?;
        let Member { position, line, waker, working } = place.as_mut()?;
        line.0.is_awake.store(false, Ordering::Release);
        let position = *position;
        let mut context = Context::from_waker(waker);
        let polled = catch_unwind(AssertUnwindSafe(|| working.as_mut().poll(&mut context)));
        let heard = match polled {
            Ok(Poll::Pending) => {
                let (attempt, report) = lock(&line.0.said).take()?;
                // It may go on as soon as this was dealt with.
                line.wake();
                return Some((position, Heard::Told { attempt, report }));
            }
            Ok(Poll::Ready(finish)) => Heard::Finished(finish),
            Err(panic) => Heard::Died(panic_message(panic.as_ref())),
        };
        *place = None;
        self.free.push(member);
        self.count -= 1;
        Some((position, heard))
    }
}

impl Line {
    /// Tells the dispatcher something and waits until it was heard. Only for the unit's own task, one at a time.
    pub(crate) async fn tell(&self, attempt: u32, report: Report) {
        *lock(&self.0.said) = Some((attempt, report));
        // Whoever takes the word wakes the unit.
        until(|| lock(&self.0.said).is_none()).await;
    }

    /// How urgently the unit has to stop.
    pub(crate) fn stop_level(&self) -> Stop {
        match self.0.stop.load(Ordering::Relaxed) {
            0 => Stop::No,
            1 => Stop::Interrupt,
            2 => Stop::Terminate,
            _ => Stop::Kill,
        }
    }

    /// Waits until the unit has to stop at least this urgently; for ever if there is no such level. Only for the
    /// unit's own task.
    pub(crate) async fn stopped(&self, level: Option<Stop>) {
        // Whoever raises the level wakes the unit.
        until(|| level.is_some_and(|level| self.stop_level() >= level)).await;
    }

    /// Waits until nobody needs the unit's service any more. Only for the unit's own task.
    pub(crate) async fn released(&self) {
        until(|| self.0.is_released.load(Ordering::Relaxed)).await;
    }

    /// Waits until there is room for the unit's next attempt, once. Only for the unit's own task.
    pub(crate) async fn let_in(&self) {
        until(|| self.0.is_let_in.swap(false, Ordering::Relaxed)).await;
    }

    /// Waits until the unit has to look once more, once. Only for the unit's own task, while it waits to be let in.
    pub(crate) async fn sent_back(&self) {
        until(|| self.0.is_sent_back.swap(false, Ordering::Relaxed)).await;
    }

    fn raise(&self, level: Stop) {
        if self.0.stop.fetch_max(level as u8, Ordering::Relaxed) < level as u8 {
            self.wake();
        }
    }

    fn wake(&self) {
        self.0.call();
    }
}

impl Wake for Ends {
    fn wake(self: Arc<Self>) {
        self.call();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.call();
    }
}

impl Ends {
    /// Puts the unit among those that can go on.
    fn call(&self) {
        if self.is_awake.swap(true, Ordering::AcqRel) {
            return;
        }
        let driver = {
            let mut awake = lock(&self.hub.awake);
            awake.members.push_back(self.member);
            awake.driver.take()
        };
        if let Some(driver) = driver {
            driver.wake();
        }
    }
}

/// Waits until something is so; whoever makes it so has to wake the unit.
async fn until(is_so: impl Fn() -> bool) {
    std::future::poll_fn(|_| if is_so() { Poll::Ready(()) } else { Poll::Pending }).await;
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|it| (*it).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}
