//! What ran before, for the language server, from the run store.
//!
//! Lenses ask for every task of a file at once, so what one plan says is read once, and everything
//! is kept until somebody writes into the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use camino::{Utf8Path, Utf8PathBuf};
use rush_engine::{NodeRecord, RunRecord, Store, is_lost, open_history};
use rush_lsp::{LastResult, LastRun, TaskHistory};
use rush_plan::{NodeState, Plan};
use rush_system::System;

/// The run stores of workspaces, by their roots.
#[derive(Debug)]
pub(super) struct StoredHistory {
    system: Arc<dyn System>,
    open: Mutex<HashMap<Utf8PathBuf, Remembered>>,
}

impl StoredHistory {
    pub(super) fn new(system: Arc<dyn System>) -> Self {
        Self { system, open: Mutex::default() }
    }
}

impl TaskHistory for StoredHistory {
    fn last(&self, root: &Utf8Path, label: &str) -> Option<LastRun> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if !open.contains_key(root) {
            // Nothing ran here so far; that may change at any time, so it is not remembered.
            let store = open_history(&*self.system, root).ok()?;
            open.insert(root.to_owned(), Remembered::new(store));
        }
        open.get_mut(root)?.last(label)
    }
}

/// A store, and what was read from it.
struct Remembered {
    store: Store,
    generation: Option<i64>,
    labels: HashMap<String, Option<LastRun>>,
    /// The run that was read last, with its plan and nodes.
    run: Option<(RunRecord, Plan, Vec<NodeRecord>)>,
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remembered").field("labels", &self.labels).finish_non_exhaustive()
    }
}

impl Remembered {
    fn new(store: Store) -> Self {
        Self { store, generation: None, labels: HashMap::new(), run: None }
    }

    fn last(&mut self, label: &str) -> Option<LastRun> {
        let generation = self.store.generation().ok();
        if generation != self.generation {
            self.generation = generation;
            self.labels.clear();
            self.run = None;
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
