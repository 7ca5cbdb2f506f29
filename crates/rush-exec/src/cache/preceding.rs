//! What a node may read of those that end before it and that it does not need: of a step before, of an earlier goal of
//! the command line, of a task it comes after.
//!
//! Nothing of that is in a key by itself, and wildcards leave out what other tasks declare in `outputs`. So what such a
//! task makes counts as if it were needed, wherever a wildcard would else have read it.

use rush_plan::{Glob, Node, Plan, Work};
use rustc_hash::FxHashMap;

use super::listing::Patterns;
use crate::service::reaches;

/// The nodes before one node, by their positions, whose outputs its inputs meet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Preceding {
    /// A wildcard leaves out what they make.
    pub(super) left_out: Vec<usize>,
    /// What they make is read, so it is in the key like any file.
    pub(super) read: Vec<usize>,
}

/// How many of those that write are followed in one pass over the plan.
const WRITERS_AT_A_TIME: usize = u64::BITS as usize;

/// One who writes.
struct Writer {
    position: usize,
    outputs: Vec<Pattern>,
}

/// What one node reads.
struct Reader {
    wanted: Vec<Pattern>,
    excluded: Vec<Glob>,
}

/// A pattern, and the one that also matches everything below.
struct Pattern {
    glob: Glob,
    covers: Glob,
}

/// Which writers of a pass come before a node, by one bit each.
#[derive(Clone, Copy, Default)]
struct Reached {
    by_any: u64,
    by_need: u64,
}

impl Preceding {
    /// Finds them for each node of a plan; empty where only what is needed comes first.
    pub(super) fn of_all(plan: &Plan) -> Vec<Self> {
        let mut edges = plan.nodes().iter().flat_map(|it| &it.edges);
        if edges.all(|it| reaches(it.reason)) {
            return Vec::new();
        }
        let mut found = vec![Self::default(); plan.nodes().len()];
        let readers: Vec<Option<Reader>> = plan.nodes().iter().map(Reader::of).collect();
        for writers in writers(plan).chunks(WRITERS_AT_A_TIME) {
            let reached = reached(plan, writers);
            for ((found, reader), reached) in found.iter_mut().zip(&readers).zip(reached) {
                let Some(reader) = reader else { continue };
                let unneeded = reached.by_any & !reached.by_need;
                let before = (0..).zip(writers).filter(|(bit, _)| unneeded >> bit & 1 == 1);
                before.for_each(|(_, writer)| found.add(reader, writer));
            }
        }
        found
    }

    fn add(&mut self, reader: &Reader, writer: &Writer) {
        let outputs = writer.outputs.iter().filter(|it| !reader.excludes(&it.glob));
        let pairs = outputs.flat_map(|output| reader.wanted.iter().map(move |it| (it, output)));
        let meeting = pairs.filter(|(input, output)| input.covers.intersects(&output.covers));
        let mut meeting = meeting.map(|(input, output)| is_meant(&input.glob, &output.glob));
        let Some(is_first_meant) = meeting.next() else { return };
        if is_first_meant && meeting.all(|it| it) {
            self.read.push(writer.position);
        } else {
            self.left_out.push(writer.position);
        }
    }
}

impl Pattern {
    fn all(globs: Vec<Glob>) -> Vec<Self> {
        let pattern = |glob: Glob| Self { covers: glob.with_contents(), glob };
        globs.into_iter().map(pattern).collect()
    }
}

impl Reader {
    fn of(node: &Node) -> Option<Self> {
        let inputs = match &node.work {
            Work::Task(task) => task.inputs.as_deref(),
            Work::Service(service) => service.inputs.as_deref(),
        };
        let globs = inputs?.iter().filter_map(|text| Glob::parse(text).ok());
        let (excluded, wanted): (Vec<Glob>, Vec<Glob>) = globs.partition(Glob::is_negated);
        (!wanted.is_empty()).then(|| Self { wanted: Pattern::all(wanted), excluded })
    }

    /// Whether nothing of an output is read.
    fn excludes(&self, output: &Glob) -> bool {
        self.excluded.iter().any(|it| output.lies_inside(it))
    }
}

/// Whether an input that meets an output reads it: it is the same, or begins in there.
fn is_meant(input: &Glob, output: &Glob) -> bool {
    input.as_str() == output.as_str() || input.lies_inside(output)
}

fn writers(plan: &Plan) -> Vec<Writer> {
    let tasks = plan.nodes().iter().enumerate();
    let tasks = tasks.filter_map(|(position, node)| Some((position, node.as_task()?)));
    let writing = tasks.filter(|(_, task)| !task.outputs.is_empty());
    let writer = |(position, task): (usize, &rush_plan::Task)| Writer {
        position,
        outputs: Pattern::all(Patterns::new(&task.outputs).wanted().to_vec()),
    };
    writing.map(writer).collect()
}

/// Which of these writers come before each node.
fn reached(plan: &Plan, writers: &[Writer]) -> Vec<Reached> {
    let bits = writers.iter().zip(0..).map(|(it, bit)| (it.position, 1_u64 << bit));
    let bits: FxHashMap<usize, u64> = bits.collect();
    let mut all = vec![Reached::default(); plan.nodes().len()];
    for node in plan.topological() {
        let mut reached = Reached::default();
        for edge in &node.edges {
            let Some(before) = plan.position(edge.node) else { continue };
            let bit = bits.get(&before).copied().unwrap_or_default();
            let beyond = all.get(before).copied().unwrap_or_default();
            reached.by_any |= bit | beyond.by_any;
            if reaches(edge.reason) {
                reached.by_need |= bit | beyond.by_need;
            }
        }
        if let Some(slot) = plan.position(node.id()).and_then(|it| all.get_mut(it)) {
            *slot = reached;
        }
    }
    all
}
