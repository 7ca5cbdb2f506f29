//! How tasks did in earlier runs: how often they failed, and how long they usually take.

use rush_plan::{NodeId, NodeState, Timestamp};
use rush_store::{RunRecord, Store, StoreError};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Used, used_by_position};
use crate::retry::Earlier;
use crate::wanted::Wanted;

/// How many runs are looked at.
const RUNS_MAX: usize = 100;

/// Samples of all nodes of some runs.
#[derive(Clone, Debug, Default)]
pub struct PastRuns {
    samples: FxHashMap<NodeId, Vec<Sample>>,
}

#[derive(Clone, Debug)]
struct Sample {
    wall_ns: u64,
    used: Used,
    state: NodeState,
}

/// How a task did in earlier runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastTask {
    /// How often it ran.
    pub runs: usize,
    /// How often it did not succeed.
    pub failures: usize,
    /// Half of the successful ones took at most this; `None` if none succeeded, as below.
    pub wall_ns_p50: Option<u64>,
    /// 19 of 20 took at most this.
    pub wall_ns_p95: Option<u64>,
    /// The processor time that half of them did not exceed, in microseconds.
    pub cpu_us_p50: Option<u64>,
    /// The largest resident size of all, as far as it is known.
    pub memory_bytes_peak: Option<u64>,
}

impl PastRuns {
    /// Reads the latest runs since a time, as many as make sense.
    pub fn read(store: &Store, since: Option<Timestamp>) -> Result<Self, StoreError> {
        let runs = store.runs(RUNS_MAX)?;
        Self::of(store, runs.into_iter().filter(|it| since.is_none_or(|since| it.started >= since)))
    }

    fn of(store: &Store, runs: impl Iterator<Item = RunRecord>) -> Result<Self, StoreError> {
        let mut past = Self::default();
        for run in runs {
            // Runs in which nothing ran say nothing about how long it takes.
            if run.outcome.is_some() && run.counts.cached == run.nodes {
                continue;
            }
            let earlier = Earlier::read(store, run)?;
            let used = used_by_position(&store.attempts(&earlier.run)?);
            for node in &earlier.nodes {
                let Some(wall_ns) = node.wall_ns().filter(|_| node.attempts > 0) else { continue };
                let used = used.get(&node.position).copied().unwrap_or_default();
                let sample = Sample { wall_ns, used, state: node.state.clone() };
                past.samples.entry(node.node).or_default().push(sample);
            }
        }
        Ok(past)
    }

    /// How one node did; `None` if it never ran.
    pub fn task(&self, node: NodeId) -> Option<PastTask> {
        let samples = self.samples.get(&node)?;
        let is_good = |it: &&Sample| it.state == NodeState::Succeeded;
        let of = |value: fn(&Sample) -> u64| {
            let mut values: Vec<u64> = samples.iter().filter(is_good).map(value).collect();
            values.sort_unstable();
            values
        };
        let (walls, cpus) = (of(|it| it.wall_ns), of(|it| it.used.cpu_us));
        Some(PastTask {
            runs: samples.len(),
            failures: samples.len() - samples.iter().filter(is_good).count(),
            wall_ns_p50: percentile(&walls, 50),
            wall_ns_p95: percentile(&walls, 95),
            cpu_us_p50: percentile(&cpus, 50),
            memory_bytes_peak: samples.iter().filter_map(|it| it.used.memory_bytes_peak).max(),
        })
    }
}

/// How the nodes that a word means did in the runs that had them; the name of each with it.
pub fn past_of_task(
    store: &Store,
    label: &str,
    (wanted, since): (&Wanted, Option<Timestamp>),
) -> Result<Vec<(String, PastTask)>, StoreError> {
    let runs = store.runs_of_label(label, RUNS_MAX)?;
    let runs = runs.into_iter().filter(|it| since.is_none_or(|since| it.started >= since));
    let runs: Vec<RunRecord> = runs.collect();
    let mut names: FxHashMap<NodeId, String> = FxHashMap::default();
    let mut plans = FxHashSet::default();
    for run in &runs {
        if !plans.insert(run.plan) {
            continue;
        }
        for node in store.plan(run)?.nodes().iter().filter(|it| wanted.is_node(it)) {
            names.insert(node.id(), node.to_string());
        }
    }
    let past = PastRuns::of(store, runs.into_iter())?;
    let mut found: Vec<(String, PastTask)> =
        names.into_iter().filter_map(|(node, name)| Some((name, past.task(node)?))).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// The smallest value that so many percent do not exceed; none of nothing.
fn percentile(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let values: Vec<u64> = (1..=20).collect();
        assert_eq!([50, 95].map(|it| percentile(&values, it)), [Some(10), Some(19)]);
        assert_eq!([50, 95].map(|it| percentile(&[7], it)), [Some(7), Some(7)]);
        assert_eq!(percentile(&[], 50), None);
    }
}
