//! What a node may read of tasks that end before it and whose outputs are no part of its key by themselves.
//!
//! A key holds the files that the patterns of `inputs` find, and what the needed nodes made: those that the node needs
//! itself, and what they hand on, as a group does for its members. A wildcard leaves out what tasks declare in
//! `outputs`, and it may do so only where the key holds that in another way. So what a task made counts as if it were
//! needed wherever a wildcard would else have read it: a step before, an earlier goal of the command line, a task that
//! comes first by `after`, and one that is only needed by something that is needed.

use std::rc::Rc;

use rush_plan::{Glob, Node, PatternIndex, Plan, Work};
use rustc_hash::FxHashMap;

use super::inner::{hands_on, is_remembered};
use super::listing::Patterns;
use super::written::{is_meant, writes};
use crate::service::reaches;

/// For some nodes of a plan positions of tasks before them, sorted; none for those that are not in it.
pub(super) type Preceding = FxHashMap<usize, Vec<usize>>;

/// What becomes of the outputs of a task before a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A wildcard of the node leaves out some of them.
    LeftOut,
    /// All that the node's patterns meet is read, so it is in the key like any file.
    Meant,
}

/// How many of those that write are followed in one pass over the plan.
const WRITERS_AT_A_TIME: usize = u64::BITS as usize;

/// The tasks before each node whose outputs its inputs meet in this way and whose results its key does not hold.
pub(super) fn preceding(plan: &Plan, reading: Reading) -> Preceding {
    let mut outputs = Outputs::of(plan);
    let mut readers: FxHashMap<&[String], Readers> = FxHashMap::default();
    for (position, node) in plan.nodes().iter().enumerate() {
        let Some(inputs) = inputs(node) else { continue };
        let readers = readers
            .entry(inputs)
            .or_insert_with(|| Readers { met: outputs.met_by(inputs, reading), nodes: Vec::new() });
        if !is_all_needed(plan, position, &readers.met) {
            readers.nodes.push(position);
        }
    }
    readers.retain(|_, it| !it.nodes.is_empty());
    if readers.is_empty() {
        return Preceding::default();
    }
    Order::of(plan).before(&readers.into_values().collect::<Vec<_>>())
}

/// The patterns a node reads by.
fn inputs(node: &Node) -> Option<&[String]> {
    match &node.work {
        Work::Task(task) => task.inputs.as_deref().filter(|_| is_remembered(task)),
        Work::Service(service) => service.inputs.as_deref(),
    }
}

/// Whether a node needs itself each of these tasks that it is not.
fn is_all_needed(plan: &Plan, position: usize, met: &[usize]) -> bool {
    let Some(node) = plan.nodes().get(position).filter(|_| !met.is_empty()) else { return true };
    let required = node.edges.iter().filter(|it| reaches(it.reason));
    let mut needed: Vec<usize> = required.filter_map(|it| plan.position(it.node)).collect();
    needed.push(position);
    needed.retain(|it| met.binary_search(it).is_ok());
    needed.sort_unstable();
    needed.dedup();
    needed.len() == met.len()
}

/// Nodes with the same patterns.
struct Readers {
    /// The tasks whose outputs the patterns meet, by their positions, sorted.
    met: Vec<usize>,
    nodes: Vec<usize>,
}

/// What all tasks of a plan write.
struct Outputs {
    all: Vec<Output>,
    index: PatternIndex<usize>,
    /// What each pattern of an input meets; most are read by many tasks.
    meetings: FxHashMap<String, Rc<[Meeting]>>,
}

/// One pattern that a task writes.
struct Output {
    writer: usize,
    glob: Glob,
    covers: Glob,
}

/// An output that an input meets.
struct Meeting {
    output: usize,
    is_meant: bool,
}

impl Outputs {
    fn of(plan: &Plan) -> Self {
        let writers = plan.nodes().iter().enumerate();
        let writers = writers.filter_map(|(writer, node)| Some((writer, writes(node)?)));
        let all: Vec<Output> = writers
            .flat_map(|(writer, task)| {
                let globs = Patterns::new(&task.outputs).into_wanted().into_iter();
                globs.map(move |glob| Output { writer, covers: glob.with_contents(), glob })
            })
            .collect();
        let index = all.iter().enumerate().map(|(at, it)| (&it.covers, at)).collect();
        Self { all, index, meetings: FxHashMap::default() }
    }

    /// The tasks whose outputs these patterns meet in this way.
    fn met_by(&mut self, inputs: &[String], reading: Reading) -> Vec<usize> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let globs = inputs.iter().filter_map(|text| Glob::parse(text).ok());
        let (excluded, wanted): (Vec<Glob>, Vec<Glob>) = globs.partition(Glob::is_negated);
        // Whether each task is meant by all patterns that meet it.
        let mut met: FxHashMap<usize, bool> = FxHashMap::default();
        for input in &wanted {
            for meeting in self.meetings(input).iter() {
                let Some(output) = self.all.get(meeting.output) else { continue };
                if !excluded.iter().any(|it| output.glob.lies_inside(it)) {
                    *met.entry(output.writer).or_insert(true) &= meeting.is_meant;
                }
            }
        }
        let is_wanted = |is_meant: bool| is_meant == (reading == Reading::Meant);
        let met = met.into_iter().filter(|it| is_wanted(it.1));
        let mut met: Vec<usize> = met.map(|it| it.0).collect();
        met.sort_unstable();
        met
    }

    fn meetings(&mut self, input: &Glob) -> Rc<[Meeting]> {
        if let Some(known) = self.meetings.get(input.as_str()) {
            return Rc::clone(known);
        }
        let covers = input.with_contents();
        let found = self.index.candidates(&covers).filter_map(|at| {
            let output = self.all.get(*at).filter(|it| covers.intersects(&it.covers))?;
            Some(Meeting { output: *at, is_meant: is_meant(input, &output.glob) })
        });
        let found: Rc<[Meeting]> = found.collect();
        self.meetings.insert(input.as_str().to_owned(), Rc::clone(&found));
        found
    }
}

/// Which of some writers are among others, by one bit each; both are sorted.
fn bits(writers: &[usize], others: &[usize]) -> u64 {
    let (Some(first), Some(last)) = (writers.first(), writers.last()) else { return 0 };
    let start = others.partition_point(|it| it < first);
    let near = others.iter().skip(start).take_while(|it| *it <= last);
    near.filter_map(|it| writers.binary_search(it).ok()).fold(0, |bits, bit| bits | 1 << bit)
}

/// The nodes of a plan by their positions, those before others first.
struct Order {
    nodes: Vec<Place>,
    /// How many nodes there are.
    count: usize,
}

struct Place {
    position: usize,
    /// The nodes right before it, and whether what those made is in its key.
    before: Vec<(usize, bool)>,
    /// What is in its key is in the keys of those that need it.
    hands_on: bool,
}

/// Which writers of a pass come before a node, by one bit each.
#[derive(Clone, Copy, Default)]
struct Reached {
    by_any: u64,
    /// The key of the node holds what they made.
    in_key: u64,
    /// So does the key of each node that needs this one.
    handed_on: u64,
}

impl Order {
    fn of(plan: &Plan) -> Self {
        let place = |node: &Node| {
            let before = node.edges.iter();
            let before =
                before.filter_map(|it| Some((plan.position(it.node)?, reaches(it.reason))));
            Some(Place {
                position: plan.position(node.id())?,
                before: before.collect(),
                hands_on: hands_on(node),
            })
        };
        Self { nodes: plan.topological().filter_map(place).collect(), count: plan.nodes().len() }
    }

    /// Those that the readers meet, where they come before them and are not in their keys.
    fn before(&self, readers: &[Readers]) -> Preceding {
        let mut writers: Vec<usize> = readers.iter().flat_map(|it| &it.met).copied().collect();
        writers.sort_unstable();
        writers.dedup();
        let mut found = Preceding::default();
        for writers in writers.chunks(WRITERS_AT_A_TIME) {
            let reached = self.reached(writers);
            for Readers { met, nodes } in readers {
                let met = bits(writers, met);
                for node in nodes.iter().filter(|_| met != 0) {
                    let reached = reached.get(*node).copied().unwrap_or_default();
                    let open = met & reached.by_any & !reached.in_key;
                    let open = (0..).zip(writers).filter(|(bit, _)| open >> bit & 1 == 1);
                    let mut open = open.map(|it| *it.1).peekable();
                    if open.peek().is_some() {
                        found.entry(*node).or_default().extend(open);
                    }
                }
            }
        }
        found
    }

    /// Which of these writers come before each node.
    fn reached(&self, writers: &[usize]) -> Vec<Reached> {
        let mut own = vec![0_u64; self.count];
        for (bit, writer) in writers.iter().enumerate() {
            if let Some(own) = own.get_mut(*writer) {
                *own = 1 << bit;
            }
        }
        let mut all = vec![Reached::default(); self.count];
        for place in &self.nodes {
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
}
