//! A profile in its forms: for people, for programs, for trace viewers and for browsers.

pub(crate) mod csv;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod prometheus;
pub(crate) mod text;
pub(crate) mod trace;

use std::collections::BTreeMap;

use rush_engine::{Earlier, Profile, TaskProfile};
use rush_plan::NodeId;

/// The profile of a run, with what is needed to name its tasks.
pub(crate) struct Profiled<'a> {
    pub(crate) earlier: &'a Earlier,
    pub(crate) profile: &'a Profile,
    pub(crate) names: BTreeMap<NodeId, String>,
}

impl Profiled<'_> {
    /// The name of a node.
    pub(crate) fn name(&self, node: NodeId) -> &str {
        self.names.get(&node).map_or("", String::as_str)
    }

    /// Whether a task decided how long the run took.
    pub(crate) fn is_critical(&self, task: &TaskProfile) -> bool {
        self.profile.critical.contains(&task.node)
    }

    /// Which row each task has in a timeline: the first in which nothing else runs at that time.
    pub(crate) fn lanes(&self) -> Vec<usize> {
        let mut free: Vec<u64> = Vec::new();
        let lanes = self.profile.tasks.iter().map(|task| {
            let lane = free.iter().position(|it| *it <= task.started_ns).unwrap_or_else(|| {
                free.push(0);
                free.len() - 1
            });
            if let Some(until) = free.get_mut(lane) {
                *until = task.ended_ns;
            }
            lane
        });
        lanes.collect()
    }
}
