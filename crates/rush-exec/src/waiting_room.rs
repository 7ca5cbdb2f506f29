//! Where nodes wait that could start but for something that is short.
//!
//! Each shortage has a queue of its own, most urgent first, so one look at its head tells whether it is over. While
//! somebody waits for something, nobody who comes later and wants the same is let past: many small nodes can't keep
//! a large one waiting for ever. It does not know how much there is of anything.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use rush_plan::Task;

use crate::capacity::Shortage;

/// The queues.
#[derive(Default)]
pub(crate) struct WaitingRoom {
    queues: BTreeMap<Shortage, BinaryHeap<(u64, Reverse<usize>)>>,
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
    pub(crate) fn push(&mut self, shortage: Shortage, urgency: u64, node: usize) {
        self.queues.entry(shortage).or_default().push((urgency, Reverse(node)));
    }

    /// The most urgent of those who wait for this.
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
        for queue in self.queues.values_mut() {
            queue.retain(|(_, Reverse(it))| *it != node);
        }
        self.queues.retain(|_, queue| !queue.is_empty());
    }

    /// Sends everybody away.
    pub(crate) fn clear(&mut self) {
        self.queues.clear();
    }
}
