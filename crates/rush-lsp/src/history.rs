//! What ran before, as far as an editor shows it.
//!
//! Who starts the server knows where runs are remembered; the server itself runs nothing.

use std::fmt;
use std::time::{Duration, SystemTime};

use camino::Utf8Path;

/// What ran before.
pub trait TaskHistory: fmt::Debug + Send + Sync {
    /// The last run of a task, if there was one.
    ///
    /// `root` is the workspace, absolute; `label` is the task, such as `//web:build`. It is asked
    /// while nothing waits but the one who asks, and may read a file or two.
    fn last(&self, root: &Utf8Path, label: &str) -> Option<LastRun>;

    /// Whether something ran since, so that `last` may answer otherwise than it did; news once only.
    ///
    /// It is asked again and again while somebody is shown the answers, on a thread of its own: twice
    /// a second while there is something to see, less and less often while there is not.
    fn look(&self) -> Look {
        Look::Quiet
    }
}

/// What there is to see of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// Nothing runs, and nothing ran.
    Quiet,
    /// Something runs; there is nothing new to tell of it.
    GoesOn,
    /// `last` may answer otherwise than before.
    News,
}

/// How a task ran last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// What names the run.
    pub run: String,
    /// How it ended.
    pub result: LastResult,
    /// How long it took, if it came to an end.
    pub took: Option<Duration>,
    /// When it began.
    pub began: SystemTime,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastResult {
    /// It succeeded.
    Succeeded,
    /// It had nothing to do: its result was known.
    Cached,
    /// It failed.
    Failed,
    /// It was stopped, or never began.
    Stopped,
    /// It is running.
    Running,
}

/// A history of nothing, for a server beside which nothing runs.
#[derive(Clone, Copy, Debug)]
pub struct NoHistory;

impl TaskHistory for NoHistory {
    fn last(&self, _: &Utf8Path, _: &str) -> Option<LastRun> {
        None
    }
}
