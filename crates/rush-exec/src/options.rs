//! What a person chose for one run, and what may be said to it while it goes.
//!
//! It does not know how flags are spelled; the front end fills this in.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use rush_plan::{NodeId, NodeState, RunId};

use crate::confirm::Question;
use crate::environment::Environment;
use crate::jobserver::JobserverForm;
use crate::os;
use crate::results::Results;
use crate::service::KeptServices;

/// How long processes may take to end once asked to, before they are killed.
pub const GRACE: Duration = Duration::from_secs(10);

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
    /// Nodes whose final state is known from an earlier run; they are not started. Success is told as `cached`.
    pub settled: HashMap<NodeId, NodeState>,
    /// How long nodes took in earlier runs; of those that may start, the one on the longest path comes first.
    pub expected: HashMap<NodeId, Duration>,
    /// Which nodes run although an earlier result would do.
    pub force: Force,
    /// How much there is of named slots; of one that is not listed there is 1.
    pub slots: BTreeMap<String, u64>,
    /// Where the files of `limit` groups are; without it they hold within this run only.
    pub limits: Option<PathBuf>,
    /// What ends the processes of the run if Rush itself is killed; without it nobody does.
    pub guard: Option<GuardProgram>,
    /// Whether a person looks at the output of commands while they run.
    pub audience: Audience,
    /// How commands such as make and cargo find the budget that they share with this run.
    pub jobserver: JobserverForm,
    /// The services that another Rush keeps up; they are used, and not ended.
    pub kept: KeptServices,
    /// The environment that processes inherit.
    pub inherited: Arc<Environment>,
    /// Earlier results that may be used, opened for this plan; without them everything runs.
    pub results: Option<Arc<dyn Results>>,
}

/// The part of the options that decides what runs and in which order.
pub(crate) struct Course {
    pub(crate) on_failure: FailurePolicy,
    pub(crate) settled: HashMap<NodeId, NodeState>,
    pub(crate) expected: HashMap<NodeId, Duration>,
}

/// Who looks at the output of commands while they run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// Nobody, or a program.
    #[default]
    Nobody,
    /// A person at a terminal, to which both output and errors go as they come.
    Person,
}

/// Which nodes run although an earlier result would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Force {
    /// None.
    #[default]
    Nothing,
    /// All.
    All,
    /// Those with these labels.
    Labels(BTreeSet<String>),
}

impl Force {
    /// Adds the nodes with these labels.
    pub fn add<'a>(&mut self, labels: impl Iterator<Item = &'a str>) {
        let labels = labels.map(str::to_owned);
        match self {
            Self::Nothing => *self = Self::Labels(labels.collect()),
            Self::All => {}
            Self::Labels(known) => known.extend(labels),
        }
    }

    /// Whether a node with this label has to run.
    pub fn applies_to(&self, label: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Labels(labels) => labels.contains(label),
        }
    }
}

/// The program that outlives Rush to end what it left: how this very program is started as a guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardProgram {
    /// The file of the program.
    pub program: PathBuf,
    /// The words that make it a guard.
    pub arguments: Vec<OsString>,
}

impl RunOptions {
    /// A run with one worker where nothing was chosen but who answers questions and what processes inherit: that
    /// nobody may forget.
    pub fn new(run: RunId, root: Utf8PathBuf, confirm: Ask, inherited: Arc<Environment>) -> Self {
        Self {
            run,
            root,
            jobs: 1,
            on_failure: FailurePolicy::StartNothing,
            variables: BTreeMap::new(),
            confirm,
            grace: GRACE,
            settled: HashMap::new(),
            expected: HashMap::new(),
            force: Force::Nothing,
            slots: BTreeMap::new(),
            limits: Some(os::limits_directory()),
            guard: None,
            audience: Audience::Nobody,
            jobserver: JobserverForm::Pipe,
            kept: KeptServices::new(),
            inherited,
            results: None,
        }
    }
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
#[derive(Clone)]
pub enum Ask {
    /// Nobody has to: every answer is known to be yes.
    AlwaysYes,
    /// Nobody can: what asks does not run.
    Nobody,
    /// A person.
    Person(Arc<AskPerson>),
}

/// Asks the person in front of the terminal; gives up when the question is withdrawn.
pub type AskPerson = dyn Fn(&Question) -> Answer + Send + Sync;

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
    /// Nobody needs this service any more who is not a part of the run.
    EndService(NodeId),
    /// The disk has no room for what this node says; it must not go on as if somebody could read it later.
    LogLost(NodeId),
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
