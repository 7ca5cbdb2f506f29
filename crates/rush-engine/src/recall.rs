//! The last run in which a task did something, found without reading the plans of the others.

use rush_plan::{Digest, Plan};
use rush_store::{Appearance, RunRecord, Store, StoreError, Visit};
use rustc_hash::FxHashMap;

use crate::history::is_running;
use crate::wanted::Wanted;

/// The label of a task that ran, if a word means one.
pub fn label_of(store: &Store, wanted: &Wanted) -> Result<Option<String>, StoreError> {
    Ok(store.labels()?.into_iter().find(|it| wanted.means(it, None)))
}

/// The last run in which a task did something, or still may; where it never did, the last that had it.
pub fn last_run_of(store: &Store, wanted: &Wanted) -> Result<Option<RunRecord>, StoreError> {
    let Some(label) = label_of(store, wanted)? else { return Ok(None) };
    let mut search = Search { store, wanted, plan: None, last: None };
    let mut outcome = Ok(None);
    store.appearances(&label, |appearance| match search.look(appearance) {
        Ok(None) => Visit::Next,
        found => {
            outcome = found;
            Visit::Stop
        }
    })?;
    Ok(outcome?.or(search.last))
}

/// The runs that had a task, the latest first.
pub fn runs_of(
    store: &Store,
    (label, wanted): (&str, &Wanted),
    count_max: usize,
) -> Result<Vec<RunRecord>, StoreError> {
    if !wanted.has_arguments() {
        return store.runs_of_label(label, count_max);
    }
    let mut known: FxHashMap<Digest, bool> = FxHashMap::default();
    let mut found = Vec::new();
    for run in store.runs_of_label(label, usize::MAX >> 1)? {
        if found.len() == count_max {
            break;
        }
        let has_it = match known.get(&run.plan) {
            Some(has_it) => *has_it,
            None => store.plan(&run)?.nodes().iter().any(|it| wanted.is_node(it)),
        };
        known.insert(run.plan, has_it);
        if has_it {
            found.push(run);
        }
    }
    Ok(found)
}

struct Search<'a> {
    store: &'a Store,
    wanted: &'a Wanted,
    /// The plan that was read last; most runs of a task have the same.
    plan: Option<(Digest, Plan)>,
    /// The latest run that had the task.
    last: Option<RunRecord>,
}

impl Search<'_> {
    /// The run of a node, if that is what is sought.
    fn look(&mut self, appearance: Appearance) -> Result<Option<RunRecord>, StoreError> {
        let is_candidate = appearance.has_spoken || !appearance.is_over;
        if !is_candidate && self.last.is_some() {
            return Ok(None);
        }
        let Some(run) = self.store.run_of(appearance)? else { return Ok(None) };
        if !self.is_wanted(&run, appearance.position)? {
            return Ok(None);
        }
        if appearance.has_spoken || !appearance.is_over && is_running(&run) {
            return Ok(Some(run));
        }
        self.last.get_or_insert(run);
        Ok(None)
    }

    /// Whether the node at a position has the arguments that were given. Only they need the plan.
    fn is_wanted(&mut self, run: &RunRecord, position: u32) -> Result<bool, StoreError> {
        if !self.wanted.has_arguments() {
            return Ok(true);
        }
        let plan = match &self.plan {
            Some((digest, plan)) if *digest == run.plan => plan,
            _ => &self.plan.insert((run.plan, self.store.plan(run)?)).1,
        };
        Ok(plan.nodes().get(position as usize).is_some_and(|it| self.wanted.is_node(it)))
    }
}
