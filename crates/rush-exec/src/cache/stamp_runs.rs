//! What a task that makes no files takes from a `stamp` task beside its key: which run of it was the last one here.
//!
//! Dependants take the key of a `stamp` for what it made, since no files are kept of it. What makes files is a function
//! of that, and so every checkout may use it. What makes none, such as a migration of a database, may live in the very
//! files of the stamp, and is gone with them when the stamp runs again. It does not know how nodes run.

use rush_plan::{CacheMode, Digest, Node, Task};
use rustc_hash::FxHashSet;

use super::codec::Writer;
use super::inner::Inner;
use super::made::Made;

impl Inner {
    /// The `stamp` tasks whose files may hold what a node does, in the order in which they are found: those that it
    /// needs, also by way of services, groups and others that make no files; what makes some is where the search ends.
    pub(super) fn stamps_behind(&self, position: usize) -> impl Iterator<Item = usize> + use<> {
        let task = self.node(position).and_then(Node::as_task);
        let is_concerned = task.is_some_and(|it| it.outputs.is_empty() && !it.run.is_empty());
        let found =
            if is_concerned && self.has_stamps() { self.find(position) } else { Vec::new() };
        found.into_iter()
    }

    fn find(&self, position: usize) -> Vec<usize> {
        let (mut found, mut seen, mut waiting) = (Vec::new(), FxHashSet::default(), vec![position]);
        while let Some(position) = waiting.pop() {
            for needed in &*self.needed_by(position) {
                if !seen.insert(*needed) {
                    continue;
                }
                let task = self.node(*needed).and_then(Node::as_task);
                let is_stamp = task.is_some_and(is_stamp);
                if is_stamp {
                    found.push(*needed);
                }
                if is_stamp || task.is_none_or(|it| it.outputs.is_empty()) {
                    waiting.push(*needed);
                }
            }
        }
        found
    }

    fn has_stamps(&self) -> bool {
        let is_there = || self.plan.nodes().iter().filter_map(Node::as_task).any(is_stamp);
        *self.has_stamps.get_or_init(is_there)
    }

    /// What names the last run of a `stamp` task here.
    pub(super) fn stamp_run(&self, position: usize) -> Digest {
        let mut writer = Writer::default();
        if let Made::Digest(made) | Made::Untold(made) = self.made_so_far(position) {
            writer.digest(made);
        }
        writer.u64(self.recorded_ms(position).unwrap_or_default());
        Digest::of("rush run of a stamp", &writer.0)
    }
}

fn is_stamp(task: &Task) -> bool {
    task.cache.mode == CacheMode::Stamp && task.skip.is_none() && task.inputs.is_some()
}
