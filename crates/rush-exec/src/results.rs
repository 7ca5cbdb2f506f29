//! Where earlier results come from, as the scheduler sees it.
//!
//! A node is first asked about [`at once`](Results::at_once), which costs microseconds; if that is not enough, its
//! unit [`looks`](Results::look) properly, which may read, hash and restore files. What has to run has a [`Claim`] until
//! its first attempt begins, and is given back through [`Pending`]. Nodes are named by their position in the plan that the results were opened for, and every node that
//! ends is told, so that whoever implements this knows what the dependants of a node consume. It does not know how
//! anything is stored.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rush_plan::{LogStream, NodeState};
use tokio::sync::watch;

use crate::cache::CommandTexts;
use crate::place::Usage;
use crate::service::ServiceBasis;

/// Earlier results of the nodes of one plan.
pub trait Results: Send + Sync {
    /// Says what memory and a few questions to the file system can tell. Only for a node whose needed nodes have
    /// ended; called by the dispatcher itself, so it never waits.
    fn at_once(&self, node: usize) -> AtOnce;

    /// Looks for an earlier result and puts its files in place. May take long and may wait for another Rush that
    /// runs the same, which `patience` is told and may end.
    fn look(&self, node: usize, patience: &Patience) -> Earlier;

    /// Whether the last result of a node ends with its next attempt, and [`Results::spend`] has to come before that.
    fn is_stamped(&self, node: usize) -> bool;

    /// The first attempt of a node is about to begin, so its last result is none any more. Writes that, and where it
    /// can't, the attempt must not begin.
    fn spend(&self, node: usize) -> io::Result<()>;

    /// A node ended in another way than by a hit or by [`Pending::record`]: it failed, was skipped, has nothing to
    /// execute or is never remembered.
    fn ended(&self, node: usize, state: &NodeState);

    /// Says what a service is made of now. Only for one whose needed nodes have ended; may take long.
    fn basis(&self, service: usize) -> io::Result<ServiceBasis>;

    /// A service is used that may run on something else than what is there: what needs it is not remembered.
    fn doubt(&self, service: usize);

    /// The run is over: what is worth it is written. Returns sentences for the person.
    fn finish(&self) -> Vec<String>;
}

/// The right to make a result, until there is room for that: for the first attempt, whenever it comes. Dropping it lets
/// others have it.
pub trait Claim: Send + Sync {
    /// The first attempt is about to begin: what is there now is what was there before it. May take long.
    fn begin(self: Box<Self>) -> Begun;
}

/// What there is to say of a node that begins to run.
pub struct Begun {
    /// Takes what the node says and in the end its result.
    pub pending: Box<dyn Pending>,
    /// Sentences for the person, such as that files were removed.
    pub notes: Vec<String>,
}

/// A result in the making: the node runs, and what it says is kept. Dropping it forgets
/// everything.
pub trait Pending: Send + Sync {
    /// Another attempt begins; what the one before said is forgotten.
    fn begin_attempt(&mut self);

    /// The attempt wrote something; secrets are masked.
    fn hear(&mut self, stream: LogStream, bytes: &[u8]);

    /// No attempt succeeded: what they made is noted. May take long.
    fn leave(self: Box<Self>);

    /// The attempt succeeded and its outputs are there. May take long.
    fn record(self: Box<Self>, success: Success) -> Recorded;
}

/// Between a look that may have to wait and whoever wants to know of that.
pub struct Patience {
    is_over: AtomicBool,
    wait: watch::Sender<Option<Wait>>,
}

/// What a look waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Another Rush or another node, for a moment as it seems.
    Briefly,
    /// Another Rush, for longer than a moment; with the number of its process, if that is known.
    Long(Option<u32>),
}

impl Patience {
    /// Together with what tells changes of the wait.
    pub fn new() -> (Self, watch::Receiver<Option<Wait>>) {
        let (wait, told) = watch::channel(None);
        (Self { is_over: AtomicBool::new(false), wait }, told)
    }

    /// Ends the waiting.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Whether somebody ended it.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Tells what is waited for now; `None` is nothing.
    pub fn tell(&self, wait: Option<Wait>) {
        self.wait.send_if_modified(|known| std::mem::replace(known, wait) != wait);
    }
}

/// What is known of a node without looking.
pub enum AtOnce {
    /// Its result is there and nothing has to be done.
    Hit(Hit),
    /// It may have an earlier result: [`Results::look`].
    Look,
    /// It has none and will not be remembered.
    Run,
}

/// What looking properly came to.
pub enum Earlier {
    /// The result is there now.
    Hit(Hit),
    /// There is none.
    Miss {
        /// What the node begins with; `None` if there is nothing to keep of it.
        claim: Option<Box<dyn Claim>>,
        /// Sentences for the person, such as that an entry was damaged.
        notes: Vec<String>,
    },
    /// The run was stopped while another Rush was waited for; what there is to say to the person as before.
    Stopped {
        /// Sentences for the person.
        notes: Vec<String>,
    },
}

/// An earlier result that holds.
#[derive(Default)]
pub struct Hit {
    /// What the node said then; `None` if it said nothing.
    pub log: Option<Box<dyn Replay>>,
    /// Sentences for the person.
    pub notes: Vec<String>,
}

/// What a node once said, chunk by chunk.
pub trait Replay: Send {
    /// The next chunk, at most some ten thousand bytes; `None` at the end.
    fn next(&mut self) -> io::Result<Option<(LogStream, Vec<u8>)>>;
}

/// What there is to say of a result that was to be remembered.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// Sentences for the person.
    pub notes: Vec<String>,
    /// That the same inputs gave another result before, as one of those sentences.
    pub unlike_before: Option<String>,
    /// Why the result is not remembered, as one of those sentences where it was not told before.
    pub refused: Option<String>,
}

/// What is known of an attempt that succeeded.
#[derive(Clone, Debug, Default)]
pub struct Success {
    /// How long the node took.
    pub duration: Duration,
    /// What it used.
    pub usage: Usage,
    /// Its commands for people, without secrets.
    pub commands: CommandTexts,
}
