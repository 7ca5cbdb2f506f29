//! Where attempts run, as the scheduler sees it: processes that give bytes and then end.
//!
//! No process id, descriptor or absolute path crosses this border, so a place can be another machine. It does
//! not know the order of nodes, retries or timeouts: those are decided by whoever calls it.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use rush_plan::{AttemptEnd, Command, LogStream, Node, PlaceName, RunId, Task, UsageRecord};

use crate::secrets::Secrets;

/// Variables given to one process beyond what its task declares; later ones win.
pub type Variables = Vec<(String, String)>;

/// The next thing a process does; dropping the future loses nothing.
pub type Next<'a> = Pin<Box<dyn Future<Output = ProcessEvent> + Send + 'a>>;

/// The end of what a run left behind.
pub type Sweeping<'a> = Pin<Box<dyn Future<Output = Vec<String>> + Send + 'a>>;

/// Somewhere attempts can run.
pub trait Place: Send + Sync {
    /// Its name in events.
    fn name(&self) -> PlaceName;

    /// Makes the place fit for a node: the directories of its outputs are there afterwards.
    fn prepare(&self, task: &Task) -> Result<(), PlaceError>;

    /// Starts one command.
    fn start(&self, start: &Start<'_>) -> Result<Box<dyn Process>, PlaceError>;

    /// Brings back the declared outputs of a node that succeeded, and says which are not there.
    fn fetch(&self, task: &Task) -> Result<Fetched, PlaceError>;

    /// Ends everything that the run left behind, and returns the command lines of what nobody was told of.
    fn sweep(&self) -> Sweeping<'_> {
        Box::pin(async { Vec::new() })
    }

    /// What the person should know about the place itself, once.
    fn take_remark(&self) -> Option<String> {
        None
    }
}

/// A started command.
pub trait Process: Send {
    /// Waits for the next output or for the end. After the end it must not be asked again.
    fn next(&mut self) -> Next<'_>;

    /// Sends a signal to it and to everything it started; nothing happens if it has ended.
    fn signal(&mut self, signal: Signal);
}

/// One command of one attempt, and all that decides what its process sees.
pub struct Start<'a> {
    /// The run.
    pub run: &'a RunId,
    /// The node.
    pub node: &'a Node,
    /// What the node declares.
    pub task: &'a Task,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// The command.
    pub command: &'a Command,
    /// Variables of the command line.
    pub variables: &'a Variables,
    /// Variables that say more about the situation, such as `RUSH_STATUS`.
    pub situation: &'a Variables,
    /// The values of the secrets.
    pub secrets: &'a Secrets,
}

/// What a process did.
#[derive(Debug)]
pub enum ProcessEvent {
    /// It wrote bytes.
    Output(LogStream, Vec<u8>),
    /// It ended and left processes with these command lines running, though nobody had asked it to end; they are being ended.
    LeftBehind(Vec<String>),
    /// It ended, and so has everything it left behind.
    Ended(AttemptEnd, Usage),
}

/// What is sent to processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// As if a person pressed Ctrl-C.
    Interrupt,
    /// A request to end.
    Terminate,
    /// The terminal went away; some services read their settings again.
    Hangup,
    /// A request to end with a core image; some services end at once.
    Quit,
    /// Whatever the program means by it.
    User1,
    /// Whatever the program means by it.
    User2,
    /// The end.
    Kill,
}

impl Signal {
    /// The signal of this name, with or without `SIG`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.strip_prefix("SIG").unwrap_or(name) {
            "INT" => Self::Interrupt,
            "TERM" => Self::Terminate,
            "HUP" => Self::Hangup,
            "QUIT" => Self::Quit,
            "USR1" => Self::User1,
            "USR2" => Self::User2,
            "KILL" => Self::Kill,
            _ => return None,
        })
    }
}

/// What an attempt used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Processor time in the program.
    pub user: Duration,
    /// Processor time in the kernel for it.
    pub system: Duration,
    /// The largest resident size of one of its processes, as far as it is known.
    pub memory_bytes_peak: Option<u64>,
}

impl Usage {
    /// The usage of two commands one after the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            user: self.user + other.user,
            system: self.system + other.system,
            memory_bytes_peak: self.memory_bytes_peak.max(other.memory_bytes_peak),
        }
    }

    /// The usage as events tell it.
    pub fn record(self) -> UsageRecord {
        UsageRecord {
            user_us: self.user.as_micros() as u64,
            system_us: self.system.as_micros() as u64,
            memory_bytes_peak: self.memory_bytes_peak,
        }
    }
}

/// What became of the declared outputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Literal outputs that are not there.
    pub missing: Vec<String>,
    /// Patterns that match no file.
    pub empty: Vec<String>,
}

/// Why a place can't do something; a sentence for the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PlaceError {
    /// What was refused and why.
    pub message: String,
}

impl PlaceError {
    /// An error with this message.
    pub fn new(message: impl fmt::Display) -> Self {
        Self { message: message.to_string() }
    }
}
