//! One behind the other: what `steps` and the labels of a request mean for everything that they bring along.
//!
//! A step is more than its own nodes: what it needs belongs to it, and starts behind the step before as well. Whatever
//! an earlier step waits for is there already and stays where it is, so no order closes a circle that was not there.
//!
//! Of what belongs to a step only the nodes that wait for nothing else in it are given an edge; the others follow. A
//! walk stops at what an earlier step waits for and at what is behind that step already; both are kept for all lists
//! that begin with the same step, so that many short lists take no more than a long one.

use rush_plan::{CallOrder, Edge, EdgeReason, NodeId};
use rustc_hash::FxHashMap;

use super::super::session::Place;
use super::Drafts;

/// Nodes that follow each other: each step is one or more, as a matrix has cells.
pub(super) struct Sequence {
    pub(super) steps: Vec<Vec<NodeId>>,
    /// Where that is written.
    pub(super) place: Place,
}

impl Sequence {
    /// A sequence; steps of no nodes are none.
    pub(super) fn new(mut steps: Vec<Vec<NodeId>>, place: Place) -> Self {
        steps.retain(|it| !it.is_empty());
        Self { steps, place }
    }

    /// The nodes of each step but the first, with those of the one before.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (NodeId, NodeId)> {
        let steps = self.steps.iter().zip(self.steps.iter().skip(1));
        steps.flat_map(|(earlier, later)| {
            later.iter().flat_map(move |node| earlier.iter().map(move |it| (*node, *it)))
        })
    }
}

/// Lets what the steps of each sequence bring along wait for the step before, and each call of the request with what
/// it brings along for the call before. `order` are all nodes.
pub(super) fn put_in_order(
    drafts: &mut Drafts,
    order: &[NodeId],
    sequences: &[Sequence],
    (calls, roots): (CallOrder, &[Vec<NodeId>]),
) {
    let is_called_in_order = calls == CallOrder::Sequential && roots.len() > 1;
    if sequences.is_empty() && !is_called_in_order {
        return;
    }
    let mut ordering = Ordering::new(drafts, order);
    let mut sequences: Vec<(Vec<Vec<u32>>, Place)> =
        sequences.iter().map(|it| (ordering.numbered(&it.steps), it.place)).collect();
    // Those that begin with the same step are neighbours then.
    sequences.sort_by(|(left, _), (right, _)| left.first().cmp(&right.first()));
    for (steps, place) in &sequences {
        ordering.line_up(steps, EdgeReason::Sequence, Some(*place));
    }
    if is_called_in_order {
        let steps = ordering.numbered(roots);
        ordering.line_up(&steps, EdgeReason::Request, None);
    }
}

/// An edge of a node, as far as it matters here.
#[derive(Clone, Copy)]
struct Before {
    node: u32,
    reason: EdgeReason,
}

/// The graph with numbers for nodes, and what is known of one sequence.
struct Ordering<'a> {
    drafts: &'a mut Drafts,
    nodes: &'a [NodeId],
    numbers: FxHashMap<NodeId, u32>,
    before: Vec<Vec<Before>>,
    /// What the first step waits for, with itself.
    first: Marks,
    /// The step that this was found for.
    first_step: Vec<u32>,
    /// What is behind the step before: what belongs to the step that is looked at, and what other lists put there.
    behind: Marks,
    /// What the other earlier steps wait for, with themselves.
    earlier: Marks,
}

impl<'a> Ordering<'a> {
    fn new(drafts: &'a mut Drafts, nodes: &'a [NodeId]) -> Self {
        let numbers: FxHashMap<NodeId, u32> = nodes.iter().copied().zip(0..).collect();
        let before = nodes.iter().map(|node| {
            let edges = drafts.get(node).map(|it| it.edges.as_slice()).unwrap_or_default();
            let known = edges.iter().filter_map(|(edge, _)| {
                Some(Before { node: *numbers.get(&edge.node)?, reason: edge.reason })
            });
            known.collect()
        });
        let before = before.collect();
        let marks = || Marks { round: 1, rounds: vec![0; nodes.len()] };
        let (first, behind, earlier) = (marks(), marks(), marks());
        let first_step = Vec::new();
        Self { drafts, nodes, numbers, before, first, first_step, behind, earlier }
    }

    fn numbered(&self, steps: &[Vec<NodeId>]) -> Vec<Vec<u32>> {
        let known = |step: &Vec<NodeId>| -> Vec<u32> {
            step.iter().filter_map(|it| self.numbers.get(it).copied()).collect()
        };
        steps.iter().map(known).filter(|it| !it.is_empty()).collect()
    }

    fn line_up(&mut self, steps: &[Vec<u32>], reason: EdgeReason, place: Option<Place>) {
        self.earlier.clear();
        for (at, pair) in steps.windows(2).enumerate() {
            let [before, step] = pair else { continue };
            if at == 0 {
                self.close_first(before);
            } else {
                self.close(before);
                self.behind.clear();
            }
            for node in self.belonging_to(step) {
                if self.is_at_the_edge(node) || step.contains(&node) {
                    self.order(node, before, reason, place);
                }
            }
        }
        if steps.len() > 2 {
            // The next list may begin as this one does.
            self.behind.clear();
        }
    }

    /// Marks what the first step of a sequence waits for. The orders made since for the same step did not change it.
    fn close_first(&mut self, step: &[u32]) {
        if self.first_step == step {
            return;
        }
        self.first.clear();
        self.behind.clear();
        self.first_step = step.to_vec();
        let mut open: Vec<u32> = step.iter().copied().filter(|it| self.first.add(*it)).collect();
        while let Some(node) = open.pop() {
            let before = self.before.get(node as usize).into_iter().flatten();
            open.extend(before.map(|it| it.node).filter(|it| self.first.add(*it)));
        }
    }

    /// Marks what a later step waits for.
    fn close(&mut self, step: &[u32]) {
        let (first, earlier) = (&self.first, &mut self.earlier);
        let mut add = |node: u32| !first.has(node) && earlier.add(node);
        let mut open: Vec<u32> = step.iter().copied().filter(|it| add(*it)).collect();
        while let Some(node) = open.pop() {
            let before = self.before.get(node as usize).into_iter().flatten();
            open.extend(before.map(|it| it.node).filter(|it| add(*it)));
        }
    }

    /// The nodes of a step and those it brings along, but what an earlier step waits for and what is behind already.
    fn belonging_to(&mut self, step: &[u32]) -> Vec<u32> {
        let (first, earlier, behind) = (&self.first, &self.earlier, &mut self.behind);
        let mut add = |node: u32| !first.has(node) && !earlier.has(node) && behind.add(node);
        let mut found: Vec<u32> = step.iter().copied().filter(|it| add(*it)).collect();
        let mut next = 0;
        while let Some(node) = found.get(next).copied() {
            next += 1;
            let before = self.before.get(node as usize).into_iter().flatten();
            let brought = before.filter(|it| brings_along(it.reason)).map(|it| it.node);
            found.extend(brought.filter(|it| add(*it)));
        }
        found
    }

    /// Whether a node has to wait for nothing else that is behind the step before.
    fn is_at_the_edge(&self, node: u32) -> bool {
        let mut before = self.before.get(node as usize).into_iter().flatten();
        !before.any(|it| it.reason.is_requirement() && self.behind.has(it.node))
    }

    fn order(&mut self, node: u32, before: &[u32], reason: EdgeReason, place: Option<Place>) {
        let draft = self.nodes.get(node as usize).and_then(|it| self.drafts.get_mut(it));
        let (Some(draft), Some(known)) = (draft, self.before.get_mut(node as usize)) else {
            return;
        };
        let item = draft.cell.item;
        let place = place.unwrap_or(Place { item, range: rush_diagnostics::TextRange::default() });
        for &earlier in before {
            let Some(id) = self.nodes.get(earlier as usize) else { continue };
            known.push(Before { node: earlier, reason });
            draft.edges.push((Edge { node: *id, reason }, place));
        }
    }
}

/// Whether a node brings the one before it into the plan.
const fn brings_along(reason: EdgeReason) -> bool {
    match reason {
        EdgeReason::Needs | EdgeReason::Step | EdgeReason::Outputs => true,
        EdgeReason::Sequence | EdgeReason::After | EdgeReason::Request => false,
    }
}

/// A set of nodes that is emptied at once.
struct Marks {
    round: u32,
    /// For each node the round in which it was added last.
    rounds: Vec<u32>,
}

impl Marks {
    fn clear(&mut self) {
        self.round += 1;
    }

    fn has(&self, node: u32) -> bool {
        self.rounds.get(node as usize) == Some(&self.round)
    }

    /// Adds a node; says whether it is new.
    fn add(&mut self, node: u32) -> bool {
        match self.rounds.get_mut(node as usize) {
            Some(round) if *round != self.round => {
                *round = self.round;
                true
            }
            _ => false,
        }
    }
}
