//! `rush run --watch`: runs a plan again whenever something changed that it reads.
//!
//! One loop owns everything: it plans, runs, and waits for changes, keys and signals. A change is one only if the
//! content of a file differs from what was there when the last run began. A change while a run goes on stops the run;
//! the next begins when the last process of it is gone. How anything is shown is the front end's part.

mod contents;
mod course;
mod fresh;
mod lookout;
mod session;
mod streak;
mod territory;

use std::sync::Arc;

use camino::Utf8PathBuf;
use rush_exec::{Control, Emitted, RunSummary};
use rush_plan::{NodeId, NodeState, Plan};
use rush_project::{WatchError, WatchMode};
use rush_system::System;

use crate::run::{Heard, Run, RunFailure};
use crate::services::ServiceStatus;
use crate::unread::Unread;

pub use streak::Rerun;
pub use territory::Happened;

/// What is watched, and how.
pub struct Watching {
    /// The root of the workspace.
    pub root: Utf8PathBuf,
    /// How changes are noticed.
    pub mode: WatchMode,
    /// Files below the root that Rush itself writes after a run, such as a report.
    pub own_files: Vec<Utf8PathBuf>,
    /// Whether keys of the person at the terminal are listened to.
    pub hears_keys: bool,
    /// Which earlier results are not to be used.
    pub reuse: Reuse,
    /// Ends watching, as a request to terminate would.
    pub unread: Unread,
}

/// What becomes of tasks that nothing changed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// They are left alone.
    Unchanged,
    /// They run each time.
    Nothing,
}

/// A file that is another one than before, relative to the root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileChange {
    /// The file.
    pub path: String,
    /// What happened to it.
    pub happened: Happened,
}

/// What planning came to.
pub enum Replanned {
    /// There is a plan.
    Plan(Arc<Plan>),
    /// The task files have an error, which was told.
    Broken,
    /// There is no point in going on.
    Hopeless,
}

/// Why a run begins.
#[derive(Clone, Copy, Debug)]
pub enum Occasion<'a> {
    /// It is the first.
    First,
    /// Somebody wants it.
    Asked,
    /// These files changed.
    Changed(&'a [FileChange]),
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It came to its end.
    ByItself,
    /// Something changed meanwhile, or somebody wants it to begin anew.
    Overtaken,
    /// Watching ends.
    Quitting,
}

/// What is to be told between runs.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// Files changed, and nothing has to run for it.
    NothingToRun(&'a [FileChange]),
    /// It waits for changes.
    Idle {
        /// How many files it watches.
        files: usize,
        /// Whether keys are heard.
        hears_keys: bool,
    },
    /// Something changed that the run read.
    Overtaken {
        /// What did.
        files: &'a [FileChange],
        /// When the run is told to stop for it.
        rerun: Rerun,
    },
    /// The run is told to stop by a person or the system.
    Stopping(Control),
    /// These files changed in many runs in a row, so the next begins when it is quiet.
    Settling(&'a [FileChange]),
    /// These files change in every run, so they start no more runs until they change in between.
    Restless(&'a [String]),
    /// A service was started, or not; it stays up until watching ends.
    Service {
        /// How it is.
        status: &'a ServiceStatus,
        /// Whether it was up before, as something else.
        is_renewed: bool,
    },
    /// Changes can't be noticed as they should be.
    Trouble(&'a WatchError),
}

/// How watching ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchEnd {
    /// Somebody ended it while nothing ran.
    Quit,
    /// Somebody ended it, and a run with it.
    Interrupted,
    /// The system ended it.
    Terminated,
    /// There is no point in going on, which the front end was told or found itself.
    Hopeless,
}

/// Why watching did not begin.
#[derive(Debug, thiserror::Error)]
pub enum WatchFailure {
    /// Files can't be watched.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// The machine has no room for it.
    #[error("could not prepare it: {0}")]
    Runtime(#[from] std::io::Error),
}

/// What the front end does for a watch.
pub trait WatchFront {
    /// Plans what was asked for, from the files as they are now, and tells what is wrong with them.
    fn plan(&mut self) -> Replanned;

    /// Prepares a run, and tells why it begins; `None` if it can't begin, which was told. These nodes have their final
    /// states already.
    fn begin(
        &mut self,
        plan: &Arc<Plan>,
        occasion: Occasion<'_>,
        settled: std::collections::HashMap<NodeId, NodeState>,
    ) -> Option<Run>;

    /// Hears what happens in the run.
    fn hear(&mut self, heard: Heard<'_>);

    /// Hears what a service writes, also between runs.
    fn hear_service(&mut self, emitted: &Emitted);

    /// Hears that the run that was prepared does not begin.
    fn cancelled(&mut self);

    /// Hears what the run came to.
    fn ended(&mut self, plan: &Arc<Plan>, outcome: Result<RunSummary, RunFailure>, ending: Ending);

    /// Tells what happens between runs.
    fn tell(&mut self, news: News<'_>);
}

/// Watches until somebody ends it.
pub fn watch(
    watching: Watching,
    system: Arc<dyn System>,
    front: &mut dyn WatchFront,
) -> Result<WatchEnd, WatchFailure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(session::watch(watching, system, front))
}
