//! `rush profile`: where the time of a run went, and how long tasks usually take.
//!
//! Everything follows from what runs left behind; nothing is measured here.

mod past;

use rush_plan::{NodeId, NodeState};
use rush_store::{AttemptRecord, NodeRecord, Store, StoreError};
use rustc_hash::FxHashMap;

use crate::retry::Earlier;

pub use past::{PastRuns, PastTask, past_of_task};

/// Where the time of one run went.
#[derive(Clone, Debug)]
pub struct Profile {
    /// How long the run took.
    pub wall_ns: u64,
    /// The tasks that ran, by their start.
    pub tasks: Vec<TaskProfile>,
    /// The chain of tasks that decided how long the run took, the first one first.
    pub critical: Vec<NodeId>,
}

/// Where the time of one task went.
#[derive(Clone, Debug)]
pub struct TaskProfile {
    /// Which.
    pub node: NodeId,
    /// Whether it is a service: its time is that in which others needed it.
    pub is_service: bool,
    /// How it ended.
    pub state: NodeState,
    /// How many attempts it had.
    pub attempts: u32,
    /// When what it needs had ended.
    pub ready_ns: u64,
    /// When it started.
    pub started_ns: u64,
    /// When it ended; for one that goes on, the end of what is known.
    pub ended_ns: u64,
    /// The node whose end made it ready: the last of those before it.
    pub blocker: Option<NodeId>,
    /// What it waited for after it was ready: `worker`, `resources` ...
    pub waited: Option<String>,
    /// What its processes used together.
    pub used: Used,
    /// How it did in earlier runs.
    pub past: Option<PastTask>,
}

/// What processes used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Processor time, in programs and in the kernel, in microseconds.
    pub cpu_us: u64,
    /// The largest resident size of one of them, as far as it is known.
    pub memory_bytes_peak: Option<u64>,
}

impl TaskProfile {
    /// How long it ran, pauses between attempts included.
    pub const fn wall_ns(&self) -> u64 {
        self.ended_ns.saturating_sub(self.started_ns)
    }

    /// How long it could have run but did not.
    pub const fn waiting_ns(&self) -> u64 {
        self.started_ns.saturating_sub(self.ready_ns)
    }
}

impl Profile {
    /// The profile of one run; `past` are the runs it is compared with.
    pub fn of_run(store: &Store, earlier: &Earlier, past: &PastRuns) -> Result<Self, StoreError> {
        let used = used_by_position(&store.attempts(&earlier.run)?);
        let end = earlier.run.elapsed_ns;
        let records: FxHashMap<NodeId, &NodeRecord> =
            earlier.nodes.iter().map(|it| (it.node, it)).collect();
        let ended = |node: &NodeId| records.get(node).and_then(|it| it.ended_ns);
        let is_task = |node| earlier.plan.node(node).is_some_and(|it| it.as_task().is_some());
        let before = |node: NodeId| {
            let edges = earlier.plan.node(node).map(|it| it.edges.as_slice()).unwrap_or_default();
            // A service ends after what needs it.
            let tasks = edges.iter().filter(|it| is_task(it.node));
            let known = tasks.filter_map(|it| Some((ended(&it.node)?, it.node)));
            known.max().map(|it| it.1)
        };
        let mut tasks: Vec<TaskProfile> = earlier
            .nodes
            .iter()
            .filter_map(|it| {
                let started_ns = it.started_ns?;
                Some(TaskProfile {
                    node: it.node,
                    is_service: !is_task(it.node),
                    state: it.state.clone(),
                    attempts: it.attempts,
                    ready_ns: it.ready_ns.unwrap_or(started_ns).min(started_ns),
                    started_ns,
                    ended_ns: it.ended_ns.unwrap_or(end).max(started_ns),
                    blocker: before(it.node),
                    waited: it.waited.clone(),
                    used: used.get(&it.position).copied().unwrap_or_default(),
                    past: past.task(it.node),
                })
            })
            .collect();
        tasks.sort_by_key(|it| (it.started_ns, it.ended_ns));
        let critical = critical(&tasks);
        Ok(Self { wall_ns: end, tasks, critical })
    }

    /// Processor time of all tasks, in microseconds.
    pub fn cpu_us(&self) -> u64 {
        self.tasks.iter().map(|it| it.used.cpu_us).sum()
    }

    /// The largest resident size of one process, as far as it is known.
    pub fn memory_bytes_peak(&self) -> Option<u64> {
        self.tasks.iter().filter_map(|it| it.used.memory_bytes_peak).max()
    }
}

/// From the task that ended last back along what each waited for.
fn critical(tasks: &[TaskProfile]) -> Vec<NodeId> {
    let by_node: FxHashMap<NodeId, &TaskProfile> = tasks.iter().map(|it| (it.node, it)).collect();
    let mut path = Vec::new();
    let mut next = tasks.iter().filter(|it| !it.is_service).max_by_key(|it| it.ended_ns);
    while let Some(task) = next {
        path.push(task.node);
        // Plans have no circles, so this ends.
        next = task.blocker.and_then(|it| by_node.get(&it)).copied();
    }
    path.reverse();
    path
}

pub(crate) fn used_by_position(attempts: &[AttemptRecord]) -> FxHashMap<u32, Used> {
    let mut used: FxHashMap<u32, Used> = FxHashMap::default();
    for attempt in attempts {
        let of = used.entry(attempt.position).or_default();
        of.cpu_us += attempt.usage.user_us + attempt.usage.system_us;
        of.memory_bytes_peak = of.memory_bytes_peak.max(attempt.usage.memory_bytes_peak);
    }
    used
}
