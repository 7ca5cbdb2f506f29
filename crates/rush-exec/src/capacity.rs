//! What may run at the same time: workers, processors, memory and `limit` groups of one run.
//!
//! A node that asks for more than there is gets everything, so it runs alone instead of never.

use std::collections::HashMap;

use rush_plan::{Host, Limit, Resources, Task, WaitingReason};

/// Processors are counted in thousandths, so that sums are exact.
const CPU_UNIT: f64 = 1000.0;

/// What is there and what is taken.
pub(crate) struct Capacity {
    workers: usize,
    workers_taken: usize,
    cpu: u64,
    cpu_taken: u64,
    memory_bytes: u64,
    memory_bytes_taken: u64,
    groups: HashMap<String, u64>,
}

impl Capacity {
    pub(crate) fn new(jobs: usize, host: &Host) -> Self {
        let workers = jobs.max(1);
        Self {
            workers,
            workers_taken: 0,
            cpu: workers as u64 * CPU_UNIT as u64,
            cpu_taken: 0,
            memory_bytes: host.memory_bytes,
            memory_bytes_taken: 0,
            groups: HashMap::new(),
        }
    }

    /// Whether no worker is free for anything.
    pub(crate) fn is_full(&self) -> bool {
        self.workers_taken >= self.workers
    }

    /// What keeps a task from starting now, apart from a free worker.
    pub(crate) fn obstacle(&self, task: &Task) -> Option<WaitingReason> {
        if let Some(Limit { group, max }) = &task.limit {
            let taken = self.groups.get(group).copied().unwrap_or(0);
            if taken >= *max {
                return Some(WaitingReason::Limit { group: group.clone() });
            }
        }
        let fits = self.cpu_taken + self.cpu_of(&task.resources) <= self.cpu
            && self.memory_bytes_taken + self.memory_of(&task.resources) <= self.memory_bytes;
        (!fits).then_some(WaitingReason::Resources)
    }

    /// Takes what a task needs; only after [`Capacity::obstacle`] found none.
    pub(crate) fn take(&mut self, task: &Task) {
        self.workers_taken += 1;
        self.cpu_taken += self.cpu_of(&task.resources);
        self.memory_bytes_taken += self.memory_of(&task.resources);
        if let Some(limit) = &task.limit {
            *self.groups.entry(limit.group.clone()).or_default() += 1;
        }
    }

    /// Gives back what a task took.
    pub(crate) fn give_back(&mut self, task: &Task) {
        self.workers_taken -= 1;
        self.cpu_taken -= self.cpu_of(&task.resources);
        self.memory_bytes_taken -= self.memory_of(&task.resources);
        if let Some(taken) = task.limit.as_ref().and_then(|it| self.groups.get_mut(&it.group)) {
            *taken -= 1;
        }
    }

    fn cpu_of(&self, resources: &Resources) -> u64 {
        let wanted = resources.cpu.unwrap_or(1.0).max(0.0) * CPU_UNIT;
        (wanted as u64).min(self.cpu)
    }

    fn memory_of(&self, resources: &Resources) -> u64 {
        resources.memory_bytes.unwrap_or(0).min(self.memory_bytes)
    }
}
