//! What a person chose for one run, and what may be said to it while it goes.
//!
//! It does not know how flags are spelled; the front end fills this in.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use camino::Utf8PathBuf;
use rush_plan::RunId;

/// The choices for one run.
pub struct RunOptions {
    /// The identity of the run, unique among all runs of this machine.
    pub run: RunId,
    /// The absolute path of the workspace.
    pub root: Utf8PathBuf,
    /// How many nodes may run at once; at least 1.
    pub jobs: usize,
    /// What a failure does to the others.
    pub on_failure: FailurePolicy,
    /// Variables from the command line (`-e`), which win over every other source.
    pub variables: BTreeMap<String, String>,
    /// Who answers the questions of `confirm`.
    pub confirm: Ask,
    /// How long processes may take to end after they were asked to, before they are killed.
    pub grace: Duration,
}

/// What a failed node does to the rest of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailurePolicy {
    /// Nothing new starts; what runs may finish.
    StartNothing,
    /// Everything that does not depend on it goes on.
    KeepGoing,
    /// What runs is ended at once.
    FailFast,
}

/// Who answers the questions of `confirm`.
pub enum Ask {
    /// Nobody: every answer is yes.
    AlwaysYes,
    /// A function of the label and the question.
    Person(Box<AskPerson>),
}

/// Asks the person in front of the terminal: the label and its question.
pub type AskPerson = dyn Fn(&str, &str) -> Answer + Send + Sync;

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Yes,
    /// Do not run anything.
    No,
    /// There is nobody to ask.
    NobodyThere,
}

/// What may be said to a run while it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// A person wants it to stop; the second time, at once.
    Interrupt,
    /// The system wants it to stop; the second time, at once.
    Terminate,
}

impl fmt::Debug for RunOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunOptions")
            .field("run", &self.run)
            .field("root", &self.root)
            .field("jobs", &self.jobs)
            .field("on_failure", &self.on_failure)
            .finish_non_exhaustive()
    }
}
