//! Which tasks end before a node without being a part of its key, whatever they make.
//!
//! It does not know patterns: who asks says which tasks it wants to know of, 64 at a time. The graph is followed once
//! for each 64.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rush_plan::{Node, Plan, Work};
use rustc_hash::{FxHashMap, FxHashSet};

use super::preceding::Reader;
use crate::service::reaches;

/// What is known of the graph of one plan so far.
#[derive(Default)]
pub(super) struct Order {
    places: OnceLock<Vec<Place>>,
    /// For each 64 writers that were asked about, and each node that reads, those of them that are open.
    open: Mutex<FxHashMap<usize, Arc<[u64]>>>,
}

/// A node; those before it come first.
struct Place {
    position: usize,
    /// The nodes right before it, and whether what those made is in its key.
    before: Vec<(usize, bool)>,
    /// What is in its key is in the keys of those that need it.
    hands_on: bool,
}

/// Which writers come before a node, by one bit each.
#[derive(Clone, Copy, Default)]
struct Reached {
    by_any: u64,
    /// The key of the node holds what they made.
    in_key: u64,
    /// So does the key of each node that needs this one.
    handed_on: u64,
}

impl Order {
    /// For each reader those of the given 64 writers that come before it and are not in its key. The readers of a plan
    /// are always the same; they are few where a plan is large, and what is kept is kept for them only.
    pub(super) fn open(
        &self,
        plan: &Plan,
        (word, writers): (usize, &[usize]),
        readers: &[Reader],
    ) -> Arc<[u64]> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let found = open.entry(word).or_insert_with(|| {
            let places = self.places.get_or_init(|| places(plan));
            let reached = reached(places, writers);
            let reached = readers.iter().map(|it| reached.get(it.position).copied());
            reached.map(Option::unwrap_or_default).map(|it| it.by_any & !it.in_key).collect()
        });
        Arc::clone(found)
    }
}

fn places(plan: &Plan) -> Vec<Place> {
    let place = |node: &Node| {
        let before = node.edges.iter();
        let before = before.filter_map(|it| Some((plan.position(it.node)?, reaches(it.reason))));
        Some(Place {
            position: plan.position(node.id())?,
            before: before.collect(),
            hands_on: hands_on(node),
        })
    };
    plan.topological().filter_map(place).collect()
}

/// Whether a node has ended before another one begins. Only for those who rarely ask: it follows the graph.
pub(super) fn comes_before(plan: &Plan, first: usize, then: usize) -> bool {
    let mut open = vec![then];
    let mut seen = FxHashSet::from_iter([then]);
    while let Some(node) = open.pop().and_then(|it| plan.nodes().get(it)) {
        for before in node.edges.iter().filter_map(|it| plan.position(it.node)) {
            if before == first {
                return true;
            }
            if seen.insert(before) {
                open.push(before);
            }
        }
    }
    false
}

/// Whether what a node needs is in the keys of those that need it: that of a group that makes nothing by itself and
/// runs nothing, and that of a service, which is what it is by what it needs.
pub(super) fn hands_on(node: &Node) -> bool {
    match &node.work {
        Work::Task(task) => task.skip.is_none() && task.outputs.is_empty() && task.run.is_empty(),
        Work::Service(_) => true,
    }
}

/// Which of these writers come before each node.
fn reached(places: &[Place], writers: &[usize]) -> Vec<Reached> {
    let mut own = vec![0_u64; places.len()];
    for (bit, writer) in writers.iter().enumerate() {
        if let Some(own) = own.get_mut(*writer) {
            *own = 1 << bit;
        }
    }
    let mut all = vec![Reached::default(); places.len()];
    for place in places {
        let mut reached = Reached::default();
        for (before, is_in_key) in &place.before {
            let own = own.get(*before).copied().unwrap_or_default();
            let beyond = all.get(*before).copied().unwrap_or_default();
            reached.by_any |= own | beyond.by_any;
            if *is_in_key {
                reached.in_key |= own | beyond.handed_on;
            }
        }
        if place.hands_on {
            reached.handed_on = reached.in_key;
        }
        if let Some(slot) = all.get_mut(place.position) {
            *slot = reached;
        }
    }
    all
}
