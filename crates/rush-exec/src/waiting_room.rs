//! Where nodes wait that could start but for something that is short.
//!
//! Each shortage has a queue of its own, so one look at its head tells whether it is over. First come those that were
//! there before and come back, then the most urgent. While somebody waits for something, nobody who comes later and
//! wants the same is let past: many small nodes can't keep a large one waiting for ever. It does not know how much there
//! is of anything.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use rush_plan::Task;

use crate::capacity::Shortage;

/// The queues.
#[derive(Default)]
pub(crate) struct WaitingRoom {
    queues: BTreeMap<Shortage, BinaryHeap<(Claim, Reverse<usize>)>>,
}

/// What lets one node past others, the stronger the later it stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Claim {
    /// It is new and this urgent.
    New(u64),
    /// It gave back what it had while it waited for something else, and is this urgent.
    Back(u64),
}

impl WaitingRoom {
    /// Whether somebody waits for a place in a `limit` group, which another process may give back.
    pub(crate) fn has_groups(&self) -> bool {
        self.queues.keys().any(|it| matches!(it, Shortage::Group(_)))
    }

    /// What somebody waits for already that this task wants too.
    pub(crate) fn queue_for(&self, task: &Task) -> Option<&Shortage> {
        self.queues.keys().find(|shortage| shortage.concerns(task))
    }

    /// The shortages that somebody waits for. If it is the terminal, everything else has to wait for it.
    pub(crate) fn shortages(&self) -> Vec<Shortage> {
        if self.queues.contains_key(&Shortage::Terminal) {
            return vec![Shortage::Terminal];
        }
        self.queues.keys().cloned().collect()
    }

    /// Lets a node wait.
    pub(crate) fn push(&mut self, shortage: Shortage, claim: Claim, node: usize) {
        self.queues.entry(shortage).or_default().push((claim, Reverse(node)));
    }

    /// The first of those who wait for this.
    pub(crate) fn first(&self, shortage: &Shortage) -> Option<usize> {
        self.queues.get(shortage)?.peek().map(|(_, Reverse(node))| *node)
    }

    /// Lets that one go.
    pub(crate) fn pop(&mut self, shortage: &Shortage) {
        let Some(queue) = self.queues.get_mut(shortage) else { return };
        queue.pop();
        if queue.is_empty() {
            self.queues.remove(shortage);
        }
    }

    /// Sends one away, wherever it waits.
    pub(crate) fn remove(&mut self, node: usize) {
        self.retain(|it| it != node);
    }

    /// Sends all others away.
    pub(crate) fn retain(&mut self, may_stay: impl Fn(usize) -> bool) {
        for queue in self.queues.values_mut() {
            queue.retain(|(_, Reverse(node))| may_stay(*node));
        }
        self.queues.retain(|_, queue| !queue.is_empty());
    }
}
