//! The memory of runs, as the verbs use it: where it is, who may write, and what a run leaves in it.
//!
//! A run whose memory can't be written goes on without; that is a warning. What was written by a newer Rush is
//! refused and left alone.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use camino::Utf8Path;
use rush_plan::{Given, Goal, NodeId, Plan, RunId, Timestamp};
use rush_project::History;
use rush_store::{
    Found, GoneOn, Lineage, NodeRecord, ProcessMark, Recorded, Recorder, Retention, RunRecord,
    RunStart, Store, StoreError,
};
use rush_system::{ProcessIdentity, StateDirectory, System};
use serde::{Deserialize, Serialize};

use rush_exec::{FailurePolicy, RunOptions};

/// Why there is no memory to read, or a word for a run means none.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The store can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing ran here yet.
    #[error("no run is remembered here")]
    NothingYet,
    /// No run is called so.
    #[error("no run is called `{word}`")]
    NoSuchRun {
        /// What was typed.
        word: String,
    },
    /// Several runs are called so.
    #[error("`{word}` can be several runs")]
    Ambiguous {
        /// What was typed.
        word: String,
        /// The latest of them.
        runs: Vec<RunRecord>,
    },
}

/// The choices that were made for a run, as they are remembered. Values of variables are not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// How many nodes ran at once.
    pub jobs: usize,
    /// What a failure did to the others: `start_nothing`, `keep_going` or `fail_fast`.
    pub on_failure: String,
    /// The names of the variables that were set with `-e`.
    pub variables: Vec<String>,
}

/// What a run leaves in the memory: ready to be begun.
pub struct Recording {
    pub(crate) store: Store,
    pub(crate) beginning: Beginning,
    /// As much of the run's name as it takes to type.
    pub short_id: String,
    retention: Retention,
}

/// Whether a run begins or goes on.
pub(crate) enum Beginning {
    New(Box<RunStart>),
    GoesOn { run: Box<RunRecord>, plan: Arc<Plan>, nodes: Vec<NodeRecord> },
}

impl Beginning {
    fn plan(&self) -> &Plan {
        match self {
            Self::New(start) => &start.plan,
            Self::GoesOn { plan, .. } => plan,
        }
    }
}

/// What a run that is to be remembered comes from.
#[derive(Clone, Debug)]
pub struct Ancestry {
    /// What it comes from.
    pub lineage: Lineage,
    /// What was asked for, in words for people.
    pub asked: String,
}

/// Opens the memory of a workspace to read it; an error if nothing ran there yet.
pub fn open_history(system: &dyn System, root: &Utf8Path) -> Result<Store, HistoryError> {
    let directory = StateDirectory::find(system, root).ok_or(HistoryError::NothingYet)?;
    Store::find(directory.path())?.ok_or(HistoryError::NothingYet)
}

/// Finds the run that a word means.
pub fn find_run(store: &Store, word: &str) -> Result<RunRecord, HistoryError> {
    match store.find_run(word)? {
        Found::Run(run) => Ok(*run),
        Found::Several(runs) => Err(HistoryError::Ambiguous { word: word.to_owned(), runs }),
        Found::Nothing if store.runs(1)?.is_empty() => Err(HistoryError::NothingYet),
        Found::Nothing => Err(HistoryError::NoSuchRun { word: word.to_owned() }),
    }
}

/// Whether a run still goes on: it has no end, and its process is there.
pub fn is_running(run: &RunRecord) -> bool {
    run.outcome.is_none() && identity(&run.process).is_alive()
}

/// The run as it is now: what goes on takes time also while nothing happens in it.
pub fn so_far(mut run: RunRecord, now: Timestamp) -> RunRecord {
    if is_running(&run) {
        let since = now.0.saturating_sub(run.started.0);
        run.elapsed_ns = run.elapsed_ns.max(since.unsigned_abs().saturating_mul(1000));
    }
    run
}

/// Whether a run never ended and never will: its process is gone.
pub fn is_lost(run: &RunRecord) -> bool {
    run.outcome.is_none() && !identity(&run.process).is_alive()
}

pub(crate) fn identity(mark: &ProcessMark) -> ProcessIdentity {
    ProcessIdentity { pid: mark.pid, started: mark.started, machine: mark.machine.clone() }
}

fn own_mark() -> ProcessMark {
    let ProcessIdentity { pid, started, machine } = ProcessIdentity::own();
    ProcessMark { pid, started, machine }
}

/// A request as it could have been typed.
pub fn asked(goal: &Goal) -> String {
    let mut words: Vec<String> = Vec::new();
    for call in &goal.calls {
        let label = call.label.strip_prefix("//:").unwrap_or(&call.label);
        let arguments = call.arguments.as_ref().map(|it| format!("({it})")).unwrap_or_default();
        words.push(format!("{label}{arguments}"));
        for (name, given) in &call.params {
            match given {
                Given::Switch(true) => words.push(format!("--{name}")),
                Given::Switch(false) => words.push(format!("--no-{name}")),
                Given::Texts(texts) => {
                    words.extend(texts.iter().map(|text| format!("--{name} {text}")));
                }
            }
        }
    }
    if goal.calls.is_empty() {
        words.push("default".to_owned());
    }
    if !goal.rest.is_empty() {
        words.push("--".to_owned());
        words.extend(goal.rest.iter().cloned());
    }
    words.join(" ")
}

impl Recording {
    /// Prepares to remember a run. `None` if the user does not want that.
    pub fn prepare(
        system: &dyn System,
        plan: &Arc<Plan>,
        options: &RunOptions,
        (ancestry, history): (Ancestry, Option<History>),
    ) -> Result<Option<Self>, StoreError> {
        let Some(history) = history else { return Ok(None) };
        let store = open(system, &options.root)?;
        let choices = Choices {
            jobs: options.jobs,
            on_failure: policy_word(options.on_failure).to_owned(),
            variables: options.variables.keys().cloned().collect(),
        };
        let now = timestamp(system.now());
        let start = RunStart {
            id: options.run.clone(),
            plan: Arc::clone(plan),
            asked: ancestry.asked,
            lineage: ancestry.lineage,
            choices: serde_json::to_string(&choices).unwrap_or_default(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            process: own_mark(),
            now,
        };
        let short_id = store.short_id(&options.run)?;
        let retention = retention(&history, now);
        let beginning = Beginning::New(Box::new(start));
        Ok(Some(Self { store, beginning, short_id, retention }))
    }

    /// Prepares to continue a run that has no process any more.
    pub(crate) fn go_on(
        store: Store,
        run: RunRecord,
        plan: Arc<Plan>,
        nodes: Vec<NodeRecord>,
    ) -> Result<Self, StoreError> {
        let short_id = store.short_id(&run.id)?;
        let retention = Retention { count_max: None, since: None, bytes_max: None };
        let beginning = Beginning::GoesOn { run: Box::new(run), plan, nodes };
        Ok(Self { store, beginning, short_id, retention })
    }

    /// How long nodes took in earlier runs, where that was long. That of a service says only how long it was needed.
    pub fn expected(&self) -> HashMap<NodeId, Duration> {
        let plan = self.beginning.plan();
        let is_task = |id: NodeId| plan.node(id).is_none_or(|it| it.as_service().is_none());
        let known = self.store.durations().unwrap_or_default().into_iter();
        known.filter(|(id, _)| is_task(*id)).collect()
    }

    /// Starts to record; `None` if another process took the run over first.
    pub(crate) fn begin(
        mut self,
        told: impl FnMut(Recorded) + Send + 'static,
    ) -> Result<Option<Recorder>, StoreError> {
        match self.beginning {
            Beginning::New(start) => {
                forget_old(&mut self.store, &self.retention)?;
                self.store.begin(*start, told).map(Some)
            }
            Beginning::GoesOn { run, plan, nodes } => {
                match self.store.go_on((&run, &plan, &nodes), &own_mark(), told)? {
                    GoneOn::Taken(recorder) => Ok(Some(recorder)),
                    GoneOn::TooLate => Ok(None),
                }
            }
        }
    }
}

/// How many old runs one run forgets: none waits long for what others left.
const FORGOTTEN_MAX: usize = 2;

fn forget_old(store: &mut Store, retention: &Retention) -> Result<(), StoreError> {
    for run in store.forgettable(retention, is_running)?.iter().take(FORGOTTEN_MAX) {
        store.forget(run)?;
    }
    Ok(())
}

/// What is kept by these settings at this time.
pub fn retention(history: &History, now: Timestamp) -> Retention {
    let age_us = i64::try_from(history.age_max.as_micros()).unwrap_or(i64::MAX);
    Retention {
        count_max: Some(u64::from(history.runs_max)),
        since: Some(Timestamp(now.0.saturating_sub(age_us))),
        bytes_max: Some(history.bytes_max),
    }
}

fn open(system: &dyn System, root: &Utf8Path) -> Result<Store, StoreError> {
    let directory = StateDirectory::open(system, root).map_err(|error| StoreError::Refused {
        path: StateDirectory::in_root(root),
        reason: error.to_string(),
    })?;
    Store::open(directory.path())
}

/// A name for a new run, unique among the runs of this machine.
pub fn new_run_id(system: &dyn System) -> RunId {
    rush_store::new_run_id(timestamp(system.now()))
}

/// A point in time as events tell it.
pub fn timestamp(time: SystemTime) -> Timestamp {
    let micros = |it: Duration| i64::try_from(it.as_micros()).unwrap_or(i64::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => Timestamp(micros(after)),
        Err(before) => Timestamp(-micros(before.duration())),
    }
}

const fn policy_word(policy: FailurePolicy) -> &'static str {
    match policy {
        FailurePolicy::StartNothing => "start_nothing",
        FailurePolicy::KeepGoing => "keep_going",
        FailurePolicy::FailFast => "fail_fast",
    }
}

impl Choices {
    /// The choices of a remembered run.
    pub fn of(run: &RunRecord) -> Self {
        serde_json::from_str(&run.choices).unwrap_or_default()
    }

    /// What a failure does to the others.
    pub fn policy(&self) -> FailurePolicy {
        match self.on_failure.as_str() {
            "keep_going" => FailurePolicy::KeepGoing,
            "fail_fast" => FailurePolicy::FailFast,
            _ => FailurePolicy::StartNothing,
        }
    }
}
