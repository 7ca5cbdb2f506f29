//! Who waits for whom in a plan, answered for many pairs at once.
//!
//! A node has a bit for each of a few targets; one walk over all nodes, each behind what it waits
//! for, tells who reaches these targets. It does not know why nodes wait.

use rush_plan::{Node, NodeId};
use rustc_hash::FxHashMap;

/// One bit for each target of a walk.
type Bits = u128;

/// The nodes of a plan, each behind everything it waits for.
pub(super) struct Order {
    /// The place of each node in this order.
    ranks: Vec<usize>,
    /// By place: the places of those it waits for.
    before: Vec<Vec<usize>>,
}

/// A question: does the node at one place reach the target at an earlier one?
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    target: usize,
    from: usize,
    number: usize,
}

impl Order {
    /// The order of nodes that do not wait for each other in a circle.
    pub(super) fn new(nodes: &[Node]) -> Self {
        let places: FxHashMap<NodeId, usize> =
            nodes.iter().enumerate().map(|(at, it)| (it.id(), at)).collect();
        let needs = nodes.iter().map(|node| {
            let edges = node.edges.iter().filter_map(|it| places.get(&it.node).copied());
            edges.collect()
        });
        let needs: Vec<Vec<usize>> = needs.collect();
        let sorted = sorted(&needs);
        let mut ranks = vec![0; nodes.len()];
        for (rank, node) in sorted.iter().enumerate() {
            if let Some(slot) = ranks.get_mut(*node) {
                *slot = rank;
            }
        }
        let rank = |node: &usize| ranks.get(*node).copied();
        let before = sorted.iter().map(|node| {
            let needs = needs.get(*node).map(Vec::as_slice).unwrap_or_default();
            needs.iter().filter_map(rank).collect()
        });
        let before = before.collect();
        Self { ranks, before }
    }

    /// For each pair of nodes whether neither waits for the other.
    pub(super) fn unordered(&self, pairs: impl Iterator<Item = (usize, usize)>) -> Vec<bool> {
        let rank = |node: usize| self.ranks.get(node).copied().unwrap_or_default();
        let questions = pairs.enumerate().map(|(number, (left, right))| {
            let (left, right) = (rank(left), rank(right));
            Question { target: left.min(right), from: left.max(right), number }
        });
        let mut questions: Vec<Question> = questions.collect();
        questions.sort_unstable();
        let mut answers = vec![false; questions.len()];
        let mut bits: Vec<Bits> = vec![0; self.before.len()];
        let mut rest = questions.as_slice();
        while !rest.is_empty() {
            let (asked, targets) = round(rest);
            self.walk(&targets, &mut bits);
            let (now, later) = rest.split_at(asked);
            for question in now {
                let bit = targets.binary_search(&question.target).unwrap_or_default();
                let reached = bits.get(question.from).is_some_and(|it| it >> bit & 1 == 1);
                if let Some(answer) = answers.get_mut(question.number) {
                    *answer = !reached;
                }
            }
            rest = later;
        }
        answers
    }

    /// Finds out who reaches these places, which are sorted.
    fn walk(&self, targets: &[usize], bits: &mut [Bits]) {
        let mut waiting = targets.iter().enumerate().peekable();
        for (rank, before) in self.before.iter().enumerate() {
            let own = match waiting.next_if(|(_, target)| **target == rank) {
                Some((bit, _)) => 1 << bit,
                None => 0,
            };
            let reached = before.iter().filter_map(|it| bits.get(*it));
            let reached = reached.fold(own, |all, it| all | it);
            if let Some(slot) = bits.get_mut(rank) {
                *slot = reached;
            }
        }
    }
}

/// As many of the sorted questions as one walk answers, and their targets.
fn round(questions: &[Question]) -> (usize, Vec<usize>) {
    let mut targets: Vec<usize> = Vec::new();
    for (at, question) in questions.iter().enumerate() {
        if targets.last() == Some(&question.target) {
            continue;
        }
        if targets.len() == Bits::BITS as usize {
            return (at, targets);
        }
        targets.push(question.target);
    }
    (questions.len(), targets)
}

/// All nodes, each behind those it needs.
fn sorted(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut waiting = vec![Vec::new(); needs.len()];
    let mut left: Vec<usize> = needs.iter().map(Vec::len).collect();
    for (node, before) in needs.iter().enumerate() {
        for it in before {
            if let Some(waiting) = waiting.get_mut(*it) {
                waiting.push(node);
            }
        }
    }
    let free = left.iter().enumerate().filter(|(_, left)| **left == 0);
    let mut sorted: Vec<usize> = free.map(|(node, _)| node).collect();
    let mut at = 0;
    while let Some(done) = sorted.get(at) {
        at += 1;
        for node in waiting.get(*done).map(Vec::as_slice).unwrap_or_default() {
            let Some(left) = left.get_mut(*node) else { continue };
            *left -= 1;
            if *left == 0 {
                sorted.push(*node);
            }
        }
    }
    sorted
}
