//! What ran before, for the language server, from the run store.
//!
//! Lenses ask for every task of a file at once, so what one plan says is read once, and everything
//! is kept until somebody writes into the store.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use camino::{Utf8Path, Utf8PathBuf};
use rush_engine::{NodeRecord, RunRecord, Store, is_lost, open_history};
use rush_lsp::{LastResult, LastRun, Look, TaskHistory};
use rush_plan::{NodeState, Plan, RunCounts, RunId, RunOutcome};
use rush_system::System;

/// How many runs are looked at for news. Those that go on are among the newest.
const RECENT_RUNS: usize = 32;

/// The run stores of workspaces, by their roots.
#[derive(Debug)]
pub(super) struct StoredHistory {
    system: Arc<dyn System>,
    stores: Mutex<Stores>,
}

#[derive(Debug, Default)]
struct Stores {
    open: HashMap<Utf8PathBuf, Remembered>,
    /// Workspaces in which nothing ran so far.
    missing: BTreeSet<Utf8PathBuf>,
}

impl StoredHistory {
    pub(super) fn new(system: Arc<dyn System>) -> Self {
        Self { system, stores: Mutex::default() }
    }
}

impl TaskHistory for StoredHistory {
    fn last(&self, root: &Utf8Path, label: &str) -> Option<LastRun> {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        stores.open(&*self.system, root)?.last(label)
    }

    fn look(&self) -> Look {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        for root in stores.missing.clone() {
            stores.open(&*self.system, &root);
        }
        let looks = stores.open.values_mut().map(Remembered::look);
        looks.max().unwrap_or(Look::Quiet)
    }
}

impl Stores {
    fn open(&mut self, system: &dyn System, root: &Utf8Path) -> Option<&mut Remembered> {
        if !self.open.contains_key(root) {
            let Ok(store) = open_history(system, root) else {
                self.missing.insert(root.to_owned());
                return None;
            };
            let mut remembered = Remembered::new(store);
            // Who asked before was told that nothing ran.
            if !self.missing.remove(root) {
                remembered.look();
            }
            self.open.insert(root.to_owned(), remembered);
        }
        self.open.get_mut(root)
    }
}

/// A store, and what was read from it.
struct Remembered {
    store: Store,
    /// The state of the store that the rest was read from.
    generation: Option<i64>,
    labels: HashMap<String, Option<LastRun>>,
    /// The run that was read last, with its plan and nodes.
    run: Option<(RunRecord, Plan, Vec<NodeRecord>)>,
    told: Told,
}

/// How the newest runs were when somebody last heard that there is news.
#[derive(Debug, Default)]
struct Told {
    generation: Option<i64>,
    runs: Vec<Seen>,
}

impl Told {
    /// Whether a run goes on, whose process may end without a word.
    fn goes_on(&self) -> bool {
        self.runs.iter().any(|it| it.outcome.is_none() && !it.is_lost)
    }
}

/// What changes about a run when a lens has to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    run: RunId,
    outcome: Option<RunOutcome>,
    counts: RunCounts,
    /// Whether its process is gone without a word, which changes nothing in the store.
    is_lost: bool,
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remembered").field("labels", &self.labels).finish_non_exhaustive()
    }
}

impl Remembered {
    fn new(store: Store) -> Self {
        Self { store, generation: None, labels: HashMap::new(), run: None, told: Told::default() }
    }

    /// Whether the runs are others than those that were told of, or further.
    fn look(&mut self) -> Look {
        // The state is read first: what is written meanwhile is news the next time.
        let generation = self.store.generation().ok();
        if !self.told.goes_on() && generation == self.told.generation {
            return Look::Quiet;
        }
        let told = Told { generation, runs: self.seen() };
        let before = std::mem::replace(&mut self.told, told);
        let is_news = before.runs != self.told.runs;
        if is_news {
            self.forget();
            Look::News
        } else if self.told.goes_on() {
            Look::GoesOn
        } else {
            Look::Quiet
        }
    }

    fn forget(&mut self) {
        self.labels.clear();
        self.run = None;
    }

    fn seen(&self) -> Vec<Seen> {
        let runs = self.store.runs(RECENT_RUNS).unwrap_or_default();
        let seen = runs.into_iter().map(|it| Seen {
            is_lost: is_lost(&it),
            run: it.id,
            outcome: it.outcome,
            counts: it.counts,
        });
        seen.collect()
    }

    fn last(&mut self, label: &str) -> Option<LastRun> {
        let generation = self.store.generation().ok();
        if generation != self.generation {
            self.generation = generation;
            self.forget();
        }
        if let Some(known) = self.labels.get(label) {
            return known.clone();
        }
        let found = self.read(label);
        self.labels.insert(label.to_owned(), found.clone());
        found
    }

    fn read(&mut self, label: &str) -> Option<LastRun> {
        let run = self.store.runs_of_label(label, 1).ok()?.into_iter().next()?;
        if self.run.as_ref().is_none_or(|(known, ..)| known.id != run.id) {
            let plan = self.store.plan(&run).ok()?;
            let nodes = self.store.nodes(&run, &plan).ok()?;
            self.run = Some((run, plan, nodes));
        }
        let (run, plan, nodes) = self.run.as_ref()?;
        let its = plan.nodes().iter().zip(nodes).filter(|(it, _)| it.label() == label);
        let its: Vec<&NodeRecord> = its.map(|(_, record)| record).collect();
        let result = its.iter().map(|it| result(it, run)).max_by_key(|it| rank(*it))?;
        let began = its.iter().filter_map(|it| it.started_ns).min();
        let ended = its.iter().filter_map(|it| it.ended_ns).max();
        let took = began.zip(ended).map(|(began, ended)| ended.saturating_sub(began));
        Some(LastRun {
            run: run.id.to_string(),
            result,
            took: took.filter(|_| result != LastResult::Running).map(Duration::from_nanos),
            began: UNIX_EPOCH + Duration::from_micros(run.started.0.max(0) as u64),
        })
    }
}

/// How one node ended. A run whose process is gone will not go on.
fn result(node: &NodeRecord, run: &RunRecord) -> LastResult {
    match &node.state {
        NodeState::Succeeded => LastResult::Succeeded,
        NodeState::Cached => LastResult::Cached,
        NodeState::Failed { .. } | NodeState::TimedOut => LastResult::Failed,
        NodeState::Skipped { .. } | NodeState::Cancelled => LastResult::Stopped,
        state if state.is_final() || run.outcome.is_some() || is_lost(run) => LastResult::Stopped,
        _ => LastResult::Running,
    }
}

/// Of several nodes with one label the one that matters most is shown.
const fn rank(result: LastResult) -> u8 {
    match result {
        LastResult::Cached => 0,
        LastResult::Succeeded => 1,
        LastResult::Stopped => 2,
        LastResult::Failed => 3,
        LastResult::Running => 4,
    }
}
