//! `rush retry`, `rush resume` and `rush cancel`: what of an earlier run still counts, and what has to run.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use camino::Utf8Path;
use rush_exec::{Force, look_for_outputs};
use rush_plan::{Node, NodeId, NodeState, Plan, Task};
use rush_store::{NodeRecord, RunRecord, Store, StoreError};
use rustc_hash::FxHashSet;

use crate::history::{Choices, Recording, identity, is_lost, is_running};
use crate::wanted::Wanted;

/// What of an earlier run runs again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// What did not succeed.
    Unsuccessful,
    /// Besides that, these nodes and everything that needs them.
    From(Vec<NodeId>),
}

/// What of an earlier run counts in a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The final states that it takes over.
    pub states: HashMap<NodeId, NodeState>,
    /// What runs although an earlier result would do.
    pub force: Force,
}

/// An earlier run, ready to be carried out once more.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// The run.
    pub run: RunRecord,
    /// Its plan.
    pub plan: Arc<Plan>,
    /// How far each node got.
    pub nodes: Vec<NodeRecord>,
}

/// Why a run can't be retried, resumed or cancelled.
#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    /// It still goes on.
    #[error("run {id} still goes on")]
    StillRuns {
        /// Its name.
        id: String,
    },
    /// Its process is gone, so there is nobody to stop.
    #[error("run {id} does not run: its process is gone")]
    IsLost {
        /// Its name.
        id: String,
    },
    /// It has an end, so there is nothing to resume or cancel.
    #[error("run {id} has ended")]
    HasEnded {
        /// Its name.
        id: String,
    },
    /// Values of variables are never remembered.
    #[error("run {id} had variables whose values are not remembered: {}", names.join(", "))]
    VariablesMissing {
        /// Its name.
        id: String,
        /// The variables that were not given again.
        names: Vec<String>,
    },
    /// No node of the run is called so.
    #[error("run {id} has no task `{word}`")]
    NoSuchNode {
        /// Its name.
        id: String,
        /// What was typed.
        word: String,
        /// What looks like it, as a question.
        did_you_mean: Option<String>,
    },
    /// The process could not be asked to stop.
    #[error("run {id} could not be asked to stop: {reason}")]
    NotReached {
        /// Its name.
        id: String,
        /// What the system says.
        reason: String,
    },
    /// The store can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Earlier {
    /// Reads what is remembered of a run.
    pub fn read(store: &Store, run: RunRecord) -> Result<Self, StoreError> {
        let plan = Arc::new(store.plan(&run)?);
        let nodes = store.nodes(&run, &plan)?;
        Ok(Self { run, plan, nodes })
    }

    /// What a new run of the same plan takes over, and what it must not answer from earlier results. A task whose
    /// outputs are gone from below `root` counts only as long as nothing that runs needs it.
    pub fn settled(&self, again: &Again, root: &Utf8Path) -> Settled {
        let from = match again {
            Again::Unsuccessful => &[][..],
            Again::From(nodes) => nodes,
        };
        let fresh = dependants(&self.plan, from);
        let satisfied = self.nodes.iter().filter(|it| it.state.is_satisfied());
        let counting = satisfied.map(|it| it.node).filter(|it| !fresh.contains(it)).collect();
        let counting = without_those_needed_again(&self.plan, counting, root);
        let labels = fresh.iter().filter_map(|it| self.plan.node(*it));
        let labels: BTreeSet<String> = labels.map(|it| it.label().to_owned()).collect();
        let force = if labels.is_empty() { Force::Nothing } else { Force::Labels(labels) };
        Settled { states: self.states(|it| counting.contains(&it.node)), force }
    }

    /// The final states that the same run keeps when it goes on.
    fn kept(&self) -> HashMap<NodeId, NodeState> {
        self.states(|it| it.state.is_final())
    }

    fn states(&self, counts: impl Fn(&NodeRecord) -> bool) -> HashMap<NodeId, NodeState> {
        let is_task = |id| self.plan.node(id).is_some_and(|it| it.as_task().is_some());
        let tasks = self.nodes.iter().filter(|it| is_task(it.node) && counts(it));
        let mut settled: HashMap<NodeId, NodeState> =
            tasks.map(|it| (it.node, it.state.clone())).collect();
        // A service of the earlier run is gone. It is started again for those that need it, else not at all, also
        // if it was asked for itself and served until it was ended.
        let ended_well: FxHashSet<NodeId> =
            self.nodes.iter().filter(|it| counts(it)).map(|it| it.node).collect();
        let needed = services_needed(&self.plan, &settled, &ended_well);
        let idle = self.plan.nodes().iter().filter(|it| it.as_service().is_some());
        let idle = idle.filter(|it| !needed.contains(&it.id()));
        settled.extend(idle.map(|it| (it.id(), NodeState::Cached)));
        settled
    }

    /// The nodes that a word means: a label, with or without its package, or a whole call.
    pub fn nodes_named(&self, word: &str) -> Result<Vec<NodeId>, AgainError> {
        self.nodes_wanted(&Wanted::parse(word))
    }

    /// The same for a label with flags.
    pub fn nodes_wanted(&self, wanted: &Wanted) -> Result<Vec<NodeId>, AgainError> {
        let named = self.plan.nodes().iter().filter(|it| wanted.is_node(it));
        let named: Vec<NodeId> = named.map(Node::id).collect();
        if !named.is_empty() {
            return Ok(named);
        }
        let labels = self.plan.nodes().iter().map(Node::label);
        let near = rush_diagnostics::nearest(
            wanted.label(),
            labels.map(|it| it.trim_start_matches("//:")),
        );
        Err(AgainError::NoSuchNode {
            id: self.run.id.to_string(),
            word: wanted.to_string(),
            did_you_mean: near.question(""),
        })
    }

    /// Whether all variables that were set for the run are set again.
    pub fn expect_variables<'a>(
        &self,
        given: impl Iterator<Item = &'a str>,
    ) -> Result<(), AgainError> {
        let given: FxHashSet<&str> = given.collect();
        let mut names = Choices::of(&self.run).variables;
        names.retain(|it| !given.contains(it.as_str()));
        if names.is_empty() {
            return Ok(());
        }
        Err(AgainError::VariablesMissing { id: self.run.id.to_string(), names })
    }

    /// Whether the run is over, one way or the other.
    pub fn expect_over(&self) -> Result<(), AgainError> {
        if is_running(&self.run) {
            return Err(AgainError::StillRuns { id: self.run.id.to_string() });
        }
        Ok(())
    }

    /// Whether the process of the run is gone and the run has no end.
    pub fn expect_lost(&self) -> Result<(), AgainError> {
        self.expect_over()?;
        if is_lost(&self.run) {
            return Ok(());
        }
        Err(AgainError::HasEnded { id: self.run.id.to_string() })
    }

    /// Prepares to go on with a run whose process is gone: what it keeps, and where it is written down.
    pub fn resume(
        self,
        store: Store,
    ) -> Result<(HashMap<NodeId, NodeState>, Recording), AgainError> {
        self.expect_lost()?;
        let kept = self.kept();
        let Self { run, plan, nodes } = self;
        Ok((kept, Recording::go_on(store, run, plan, nodes)?))
    }
}

/// Asks the process of a run to stop.
pub fn cancel(run: &RunRecord) -> Result<(), AgainError> {
    let id = run.id.to_string();
    if is_lost(run) {
        return Err(AgainError::IsLost { id });
    }
    if !is_running(run) {
        return Err(AgainError::HasEnded { id });
    }
    let asked = identity(&run.process).interrupt();
    asked.map_err(|error| AgainError::NotReached { id, reason: error.to_string() })
}

/// These nodes and everything that requires them.
fn dependants(plan: &Plan, from: &[NodeId]) -> FxHashSet<NodeId> {
    let mut found: FxHashSet<NodeId> = from.iter().copied().collect();
    // Each node stands behind all that it requires.
    for node in plan.topological() {
        let mut required = node.edges.iter().filter(|it| it.reason.is_requirement());
        if required.any(|it| found.contains(&it.node)) {
            found.insert(node.id());
        }
    }
    found
}

/// The nodes that still count when what runs finds the files of all that it needs.
fn without_those_needed_again(
    plan: &Plan,
    mut counting: FxHashSet<NodeId>,
    root: &Utf8Path,
) -> FxHashSet<NodeId> {
    // A node without commands stands for what it needs.
    let stands_for = |node: &Node| node.as_task().is_some_and(|it| it.run.is_empty());
    let mut needed = FxHashSet::default();
    let mut again = FxHashSet::default();
    let mut order: Vec<&Node> = plan.topological().collect();
    for node in order.iter().rev() {
        let is_lacking = || node.as_task().is_some_and(|it| lacks_outputs(it, root));
        if needed.contains(&node.id()) && counting.contains(&node.id()) && is_lacking() {
            counting.remove(&node.id());
            again.insert(node.id());
        }
        if !counting.contains(&node.id()) || stands_for(node) && needed.contains(&node.id()) {
            let required = node.edges.iter().filter(|it| it.reason.is_requirement());
            needed.extend(required.map(|it| it.node));
        }
    }
    // So whoever waits for it waits for what is carried out again behind it.
    order.retain(|node| stands_for(node) && counting.contains(&node.id()));
    for node in order {
        let mut required = node.edges.iter().filter(|it| it.reason.is_requirement());
        if required.any(|it| again.contains(&it.node)) {
            counting.remove(&node.id());
            again.insert(node.id());
        }
    }
    counting
}

/// Whether outputs of a task that succeeded are gone. That a pattern matches nothing may have been so before, so it
/// counts only where an earlier result can tell.
fn lacks_outputs(task: &Task, root: &Utf8Path) -> bool {
    if task.outputs.is_empty() || task.skip.is_some() {
        return false;
    }
    let fetched = look_for_outputs(task, root);
    !fetched.missing.is_empty() || !fetched.empty.is_empty() && task.inputs.is_some()
}

/// The nodes that run, and all that they require, services among them.
fn services_needed(
    plan: &Plan,
    settled: &HashMap<NodeId, NodeState>,
    ended_well: &FxHashSet<NodeId>,
) -> FxHashSet<NodeId> {
    let mut needed = FxHashSet::default();
    let mut order: Vec<&Node> = plan.topological().collect();
    order.reverse();
    for node in order {
        let is_idle_service = node.as_service().is_some()
            && !needed.contains(&node.id())
            && (ended_well.contains(&node.id()) || !plan.roots().any(|it| it.id() == node.id()));
        if settled.contains_key(&node.id()) || is_idle_service {
            continue;
        }
        needed.insert(node.id());
        let required = node.edges.iter().filter(|it| it.reason.is_requirement());
        needed.extend(required.map(|it| it.node));
    }
    needed
}
