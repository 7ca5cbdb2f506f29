//! Who can reach whom, answered only for pairs that are asked about.
//!
//! The first questions are answered by a search each, and what it found is kept. When there are many,
//! the answers for all nodes are computed at once, as sets of bits in topological order: a few
//! milliseconds for 10,000 tasks. Large or circular graphs are searched on, up to a budget.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::When;
use super::lists::Lists;
use super::network::{Network, NodeId};

/// How many searches there are before everything is computed at once.
const SEARCHES_MAX: usize = 32;
/// The number of nodes up to which everything is computed at once; two bits a pair.
const NODES_MAX: usize = 16_384;
/// How many sets of tasks are remembered at once.
const SETS_MAX: usize = 512;
/// How many tasks all searches together may look at, so that an editor gets an answer in time.
const VISITS_MAX: usize = 3_000_000;

/// What was found out so far.
#[derive(Default)]
pub struct Memo {
    ancestors: RefCell<FxHashMap<NodeId, Rc<NodeSet>>>,
    reached: RefCell<FxHashMap<NodeId, Rc<Reached>>>,
    searches: Cell<usize>,
    visits: Cell<usize>,
    /// `None` inside when the graph is too large or has circles.
    everything: OnceCell<Option<Everything>>,
}

struct Everything {
    ancestors: Vec<Rc<NodeSet>>,
    reached: Vec<Rc<Reached>>,
}

/// What a node may wait for.
struct Reached {
    nodes: NodeSet,
    /// Whether that may be anything.
    is_open: bool,
}

/// A set of nodes.
struct NodeSet {
    words: Vec<u64>,
}

impl NodeSet {
    fn new(nodes: usize) -> Self {
        Self { words: vec![0; nodes.div_ceil(64)] }
    }

    /// Adds a node; says whether it is new.
    fn insert(&mut self, node: NodeId) -> bool {
        let bit = 1 << (node % 64);
        match self.words.get_mut(node as usize / 64) {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                true
            }
            _ => false,
        }
    }

    fn contains(&self, node: NodeId) -> bool {
        self.words.get(node as usize / 64).is_some_and(|it| it & (1 << (node % 64)) != 0)
    }

    fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(left, right)| left & right != 0)
    }

    fn add_all(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(left, right)| *left |= right);
    }
}

impl Network<'_> {
    /// Whether some plan certainly has all of these.
    pub fn share_a_plan(&self, nodes: &[NodeId]) -> bool {
        let sets: Vec<Rc<NodeSet>> = nodes.iter().map(|it| self.ancestors(*it)).collect();
        let words = self.len().div_ceil(64);
        (0..words).any(|at| {
            let words = sets.iter().map(|set| set.words.get(at).copied().unwrap_or_default());
            words.fold(u64::MAX, |common, word| common & word) != 0
        })
    }

    /// Whether one of two may wait for the other.
    pub fn may_be_ordered(&self, first: NodeId, second: NodeId) -> bool {
        self.may_reach(first, second)
            || self.may_reach(second, first)
            || self.may_reach_by_steps(first, second)
            || self.may_reach_by_steps(second, first)
    }

    fn may_reach(&self, from: NodeId, to: NodeId) -> bool {
        let reached = self.reached(from);
        reached.is_open || self.may_have(&reached.nodes, from, to)
    }

    /// Whether a set of nodes that this one waits for may have another in it.
    fn may_have(&self, nodes: &NodeSet, from: NodeId, to: NodeId) -> bool {
        if nodes.contains(to) {
            return true;
        }
        let Some(target) = self.get(to) else { return true };
        self.calls_of(target.item).any(|it| {
            nodes.contains(it)
                && it != from
                && self.get(it).is_some_and(|it| !it.differs_from(target))
        })
    }

    /// Whether a node waits for another since a step that brings it along stands behind one that brings that along.
    /// Asked last, for the few pairs that nothing else orders.
    fn may_reach_by_steps(&self, from: NodeId, to: NodeId) -> bool {
        let mut found = self.with_reached(from);
        let mut left: Vec<(NodeId, NodeId)> = self.steps().to_vec();
        let mut is_growing = true;
        while std::mem::take(&mut is_growing) {
            left.retain(|(first, then)| {
                self.give_way();
                let is_behind =
                    !found.is_open && self.with_reached(*then).nodes.meets(&found.nodes);
                if is_behind {
                    let before = self.with_reached(*first);
                    found.nodes.add_all(&before.nodes);
                    found.is_open |= before.is_open;
                    is_growing = true;
                }
                !is_behind
            });
        }
        found.is_open || self.may_have(&found.nodes, from, to)
    }

    /// A node and what it may wait for.
    fn with_reached(&self, node: NodeId) -> Reached {
        let reached = self.reached(node);
        let mut nodes = NodeSet::new(self.len());
        nodes.insert(node);
        nodes.add_all(&reached.nodes);
        Reached { nodes, is_open: reached.is_open }
    }

    /// The node and everything that certainly has it in its plan. A task whose `when` may be false
    /// counts where it is the one that was asked for.
    fn ancestors(&self, of: NodeId) -> Rc<NodeSet> {
        let memo = self.memo();
        if let Some(known) = memo.ancestors.borrow().get(&of) {
            return known.clone();
        }
        if let Some(known) = self.everything().and_then(|it| it.ancestors.get(of as usize)) {
            return known.clone();
        }
        let mut found = NodeSet::new(self.len());
        found.insert(of);
        let mut open = vec![of];
        while let Some(node) = open.pop() {
            self.give_way();
            for &parent in self.parents(node) {
                let when = self.when(parent);
                if when == When::Never || !found.insert(parent) {
                    continue;
                }
                self.visit();
                if when == When::Always {
                    open.push(parent);
                }
            }
        }
        let found = Rc::new(found);
        remember(&memo.ancestors, of, &found);
        found
    }

    fn reached(&self, from: NodeId) -> Rc<Reached> {
        let memo = self.memo();
        if let Some(known) = memo.reached.borrow().get(&from) {
            return known.clone();
        }
        if let Some(known) = self.everything().and_then(|it| it.reached.get(from as usize)) {
            return known.clone();
        }
        let mut nodes = NodeSet::new(self.len());
        let mut is_open = memo.visits.get() > VISITS_MAX;
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            self.give_way();
            is_open |= self.is_open(node);
            if is_open {
                break;
            }
            for &next in self.possible(node) {
                self.visit();
                if nodes.insert(next) {
                    open.push(next);
                }
            }
        }
        let reached = Rc::new(Reached { nodes, is_open });
        remember(&memo.reached, from, &reached);
        reached
    }

    fn when(&self, node: NodeId) -> When {
        self.get(node).map_or(When::Never, |it| it.facts.when)
    }

    fn is_open(&self, node: NodeId) -> bool {
        self.get(node).is_none_or(|it| it.facts.is_open)
    }

    fn visit(&self) {
        let visits = &self.memo().visits;
        visits.set(visits.get() + 1);
    }

    /// The answers for all nodes, once there were many questions.
    fn everything(&self) -> Option<&Everything> {
        let memo = self.memo();
        memo.searches.set(memo.searches.get() + 1);
        if memo.searches.get() <= SEARCHES_MAX || self.len() > NODES_MAX {
            return None;
        }
        memo.everything.get_or_init(|| self.compute_everything()).as_ref()
    }

    fn compute_everything(&self) -> Option<Everything> {
        let order = self.topological_order()?;
        let none = Rc::new(NodeSet::new(0));
        let nothing = Rc::new(Reached { nodes: NodeSet::new(0), is_open: true });
        let mut ancestors = vec![none; self.len()];
        let mut reached = vec![nothing; self.len()];
        for &node in &order {
            self.give_way();
            let mut found =
                Reached { nodes: NodeSet::new(self.len()), is_open: self.is_open(node) };
            for &next in self.possible(node) {
                found.nodes.insert(next);
                if let Some(more) = reached.get(next as usize) {
                    found.nodes.add_all(&more.nodes);
                    found.is_open |= more.is_open;
                }
            }
            put(&mut reached, node, found);
        }
        for &node in order.iter().rev() {
            self.give_way();
            let mut found = NodeSet::new(self.len());
            found.insert(node);
            for &parent in self.parents(node) {
                let when = self.when(parent);
                if when == When::Never {
                    continue;
                }
                found.insert(parent);
                if let Some(more) = ancestors.get(parent as usize)
                    && when == When::Always
                {
                    found.add_all(more);
                }
            }
            put(&mut ancestors, node, found);
        }
        Some(Everything { ancestors, reached })
    }

    /// All nodes, each behind everything it may wait for; `None` when there are circles.
    fn topological_order(&self) -> Option<Vec<NodeId>> {
        let mut waiting = Vec::with_capacity(self.len());
        let mut left = Vec::with_capacity(self.len());
        let mut order = Vec::with_capacity(self.len());
        for (node, _) in self.nodes() {
            let possible = self.possible(node);
            left.push(possible.len());
            if possible.is_empty() {
                order.push(node);
            }
            waiting.extend(possible.iter().map(|next| (*next, node)));
        }
        let waiting = Lists::new(self.len(), &waiting);
        let mut at = 0;
        while let Some(&done) = order.get(at) {
            at += 1;
            for &node in waiting.of(done) {
                let left = left.get_mut(node as usize)?;
                *left -= 1;
                if *left == 0 {
                    order.push(node);
                }
            }
        }
        (order.len() == self.len()).then_some(order)
    }
}

fn put<T>(all: &mut [Rc<T>], at: NodeId, value: T) {
    if let Some(slot) = all.get_mut(at as usize) {
        *slot = Rc::new(value);
    }
}

fn remember<T>(memo: &RefCell<FxHashMap<NodeId, Rc<T>>>, of: NodeId, value: &Rc<T>) {
    let mut memo = memo.borrow_mut();
    if memo.len() >= SETS_MAX {
        memo.clear();
    }
    memo.insert(of, value.clone());
}
