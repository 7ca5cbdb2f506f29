//! What a node may read of tasks that end before it and whose outputs are no part of its key by themselves.
//!
//! A key holds the files that the patterns of `inputs` find, and what the needed nodes made: those that the node needs
//! itself, and what they hand on, as a group does for its members. A wildcard leaves out what tasks declare in
//! `outputs`, and it may do so only where the key holds that in another way. So what a task made counts as if it were
//! needed wherever a wildcard would else have read it: a step before, an earlier goal of the command line, a task that
//! comes first by `after`, and one that is only needed by something that is needed. The same holds for a task that may
//! write over what is needed, see `rivals`: what is read then is what that one made; and for one whose files are read by
//! a wildcard, but not those that others declare, where it may write all the same.
//!
//! What an output names is a file or a directory; which one is known once its task has ended. Patterns are compared
//! once for each different list of `inputs`, and only where their texts begin alike; the graph is followed only where
//! that leaves anything open.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rush_plan::{Glob, Node, PatternIndex, Plan, Work};
use rustc_hash::{FxHashMap, FxHashSet};

use super::inner::is_remembered;
use super::order::Order;
use super::rivals::{Rivals, is_negated};
use super::written::{Declared, Parsed, is_meant, writes};
use crate::service::reaches;

/// What all nodes of a plan may read of tasks before them.
pub(super) struct Preceding {
    /// The tasks that write, by their positions; everything else names them by their numbers in here.
    writers: Vec<usize>,
    /// The nodes that may read what they do not need themselves, by position, and what that is.
    readers: Vec<Reader>,
    /// For each task, by position, those that declare more exactly what lies in its outputs.
    inside: FxHashMap<usize, Vec<usize>>,
    order: Order,
    /// Which writers are known to have made a directory, and which to have made none.
    directories: Vec<AtomicU64>,
    files: Vec<AtomicU64>,
}

/// A node, and what its patterns meet.
pub(super) struct Reader {
    pub(super) position: usize,
    met: Arc<Met>,
}

/// Some writers: for each 64 of them, those among them.
type Words = Vec<(usize, u64)>;

/// The writers whose outputs a list of patterns meets, in one or several ways.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Met {
    /// All that is met is read, so it is in the key like any file.
    meant: Words,
    /// A wildcard leaves out what they make, or they may write over what is needed.
    left_out: Words,
    /// The same, if they make a directory.
    left_out_if_directory: Words,
}

/// What patterns meet, and the positions of those that write it, sorted.
type Found = (Arc<Met>, Vec<usize>);

/// How an input meets an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Meeting {
    Meant,
    LeftOutIfDirectory,
    LeftOut,
}

impl Preceding {
    /// Compares what the nodes of a plan read and write.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut outputs = Outputs::of(plan);
        let mut known: FxHashMap<&[String], Option<Found>> = FxHashMap::default();
        let rivals = Rivals::of(plan);
        let (over, inside) = (rivals.over_needed(), rivals.inside());
        let nodes = plan.nodes().iter();
        let readers = nodes.enumerate().filter_map(|(position, node)| {
            let met = inputs(node).filter(|it| outputs.may_meet(it)).and_then(|inputs| {
                let met = known.entry(inputs).or_insert_with(|| outputs.met_by(inputs, &rivals));
                let (met, writers) = met.as_ref()?;
                let is_reader = !is_all_needed(plan, (position, node), writers);
                is_reader.then(|| Arc::clone(met))
            });
            let met = match over.get(&position) {
                Some(over) => Arc::new(outputs.met_over(met.as_deref(), over)),
                None => met?,
            };
            Some(Reader { position, met })
        });
        let readers: Vec<_> = readers.collect();
        let none = || outputs.writers.chunks(WORD).map(|_| AtomicU64::new(0)).collect();
        let (directories, files) = (none(), none());
        let order = Order::default();
        Self { writers: outputs.writers, readers, inside, order, directories, files }
    }

    /// The tasks that declare more exactly what lies in the outputs of one, and what it therefore does not make itself.
    pub(super) fn inside(&self, position: usize) -> &[usize] {
        self.inside.get(&position).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether there are such tasks.
    pub(super) fn has_inside(&self, position: usize) -> bool {
        !self.inside(position).is_empty()
    }

    /// The tasks of which others declare more exactly what lies in their outputs.
    pub(super) fn around(&self) -> impl Iterator<Item = usize> {
        self.inside.keys().copied()
    }

    /// The tasks before a node whose results its key has to hold beside those of what it needs. Only for a node whose
    /// predecessors have ended; `is_directory` tells whether a task made a directory, if that is known.
    pub(super) fn left_out(
        &self,
        plan: &Plan,
        position: usize,
        is_directory: impl Fn(usize) -> Option<bool>,
    ) -> Vec<usize> {
        let Some((reader, met)) = self.reader(position) else { return Vec::new() };
        let mut found = Vec::new();
        for (word, bits) in &met.left_out {
            self.add(&mut found, *word, bits & self.open(plan, *word, reader));
        }
        for (word, bits) in &met.left_out_if_directory {
            let mut open = bits & self.open(plan, *word, reader);
            let (Some(files), Some(directories)) =
                (self.files.get(*word), self.directories.get(*word))
            else {
                continue;
            };
            open &= !files.load(Ordering::Relaxed);
            let mut unknown = Vec::new();
            let known = directories.load(Ordering::Relaxed);
            self.add(&mut found, *word, open & known);
            self.add(&mut unknown, *word, open & !known);
            for writer in unknown {
                let is_directory = is_directory(writer);
                if is_directory != Some(false) {
                    found.push(writer);
                }
                if let Some(is_directory) = is_directory {
                    let known = if is_directory { directories } else { files };
                    known.fetch_or(self.bit(writer), Ordering::Relaxed);
                }
            }
        }
        found
    }

    /// The tasks before a node that it does not need and whose outputs it reads as files.
    pub(super) fn read(&self, plan: &Plan, position: usize) -> Vec<usize> {
        let Some((reader, met)) = self.reader(position) else { return Vec::new() };
        let mut found = Vec::new();
        for (word, bits) in &met.meant {
            self.add(&mut found, *word, bits & self.open(plan, *word, reader));
        }
        found
    }

    /// The number of a node among those that read, and what its patterns meet.
    fn reader(&self, position: usize) -> Option<(usize, &Met)> {
        let number = self.readers.binary_search_by_key(&position, |it| it.position).ok()?;
        self.readers.get(number).map(|it| (number, &*it.met))
    }

    /// Those of 64 writers that come before a reader and whose results its key does not hold.
    fn open(&self, plan: &Plan, word: usize, reader: usize) -> u64 {
        let writers = self.writers.chunks(WORD).nth(word).unwrap_or_default();
        let open = self.order.open(plan, (word, writers), &self.readers);
        open.get(reader).copied().unwrap_or_default()
    }

    fn add(&self, to: &mut Vec<usize>, word: usize, bits: u64) {
        if bits != 0 {
            let writers = self.writers.iter().skip(word * WORD).zip(0..WORD);
            to.extend(writers.filter(|(_, bit)| bits >> bit & 1 == 1).map(|it| *it.0));
        }
    }

    fn bit(&self, writer: usize) -> u64 {
        self.writers.binary_search(&writer).map_or(0, |number| 1 << (number % WORD))
    }
}

/// How many writers are followed at a time.
pub(super) const WORD: usize = u64::BITS as usize;

/// The patterns a node reads by.
fn inputs(node: &Node) -> Option<&[String]> {
    match &node.work {
        Work::Task(task) => task.inputs.as_deref().filter(|_| is_remembered(task)),
        Work::Service(service) => service.inputs.as_deref(),
    }
}

/// Whether a node needs itself each of these tasks that it is not.
fn is_all_needed(plan: &Plan, (position, node): (usize, &Node), met: &[usize]) -> bool {
    let required = node.edges.iter().filter(|it| reaches(it.reason));
    let mut needed: Vec<usize> = required.filter_map(|it| plan.position(it.node)).collect();
    needed.push(position);
    needed.retain(|it| met.binary_search(it).is_ok());
    needed.sort_unstable();
    needed.dedup();
    needed.len() == met.len()
}

/// What all tasks of a plan write.
struct Outputs<'a> {
    /// The positions of those that write.
    writers: Vec<usize>,
    all: Vec<Output<'a>>,
    index: PatternIndex<usize>,
    /// What each pattern of an input meets; most are read by many tasks.
    meetings: FxHashMap<String, Rc<[(usize, Meeting)]>>,
}

/// One pattern that a task writes.
struct Output<'a> {
    /// The number of the task.
    writer: usize,
    /// Nobody reads most outputs by a pattern.
    declared: Declared<'a>,
}

impl<'a> Outputs<'a> {
    fn of(plan: &'a Plan) -> Self {
        let tasks = plan.nodes().iter().enumerate();
        let tasks = tasks.filter_map(|(at, node)| Some((at, writes(node)?)));
        let (mut writers, mut all) = (Vec::new(), Vec::new());
        for (position, task) in tasks.filter(|(_, task)| !task.outputs.is_empty()) {
            let writer = writers.len();
            let wanted = task.outputs.iter().filter(|it| !is_negated(it));
            all.extend(wanted.map(|text| Output { writer, declared: Declared::new(text) }));
            writers.push(position);
        }
        let starts = all.iter().map(|it: &Output<'_>| Glob::start_of(it.declared.text));
        let index = PatternIndex::by_prefix(starts.zip(0..));
        Self { writers, all, index, meetings: FxHashMap::default() }
    }

    /// Whether any of these patterns begins like an output. Mostly none does, and there is nothing to compare.
    fn may_meet(&self, inputs: &[String]) -> bool {
        let may_meet = |it: &String| self.index.candidates_at(Glob::start_of(it)).next().is_some();
        inputs.iter().filter(|it| !is_negated(it)).any(may_meet)
    }

    /// What these patterns meet, also as the positions of the tasks, sorted; `None` if that is nothing.
    fn met_by(&mut self, inputs: &[String], rivals: &Rivals<'_>) -> Option<Found> {
        let globs = inputs.iter().filter_map(|text| Glob::parse(text).ok());
        let (excluded, wanted): (Vec<Glob>, Vec<Glob>) = globs.partition(Glob::is_negated);
        let mut found: Vec<(usize, Meeting)> = Vec::new();
        for input in &wanted {
            for (output, meeting) in self.meetings(input).iter() {
                let Some(output) = self.all.get(*output) else { continue };
                let is_excluded = |it: &Parsed| excluded.iter().any(|by| it.glob.lies_inside(by));
                if !output.declared.parsed().is_some_and(is_excluded) {
                    found.push((output.writer, *meeting));
                }
            }
        }
        let hidden = self.hidden_behind(&found, rivals);
        found.extend(hidden.into_iter().map(|it| (it, Meeting::LeftOut)));
        found.sort_unstable();
        found.dedup();
        let mut positions: Vec<usize> =
            found.iter().filter_map(|it| self.writers.get(it.0).copied()).collect();
        positions.dedup();
        let of = |wanted: Meeting| words(found.iter().filter(|it| it.1 == wanted).map(|it| it.0));
        let met = Met {
            meant: of(Meeting::Meant),
            left_out: of(Meeting::LeftOut),
            left_out_if_directory: of(Meeting::LeftOutIfDirectory),
        };
        (!found.is_empty()).then(|| (Arc::new(met), positions))
    }

    /// The writers among these that are read as files, but not where others may write, too, which is left out: what they
    /// write there is in the key only if all that they make is.
    fn hidden_behind(&self, found: &[(usize, Meeting)], rivals: &Rivals<'_>) -> Vec<usize> {
        let position = |it: &(usize, Meeting)| self.writers.get(it.0).copied();
        let left_out = found.iter().filter(|it| it.1 != Meeting::Meant).filter_map(position);
        let left_out: FxHashSet<usize> = left_out.collect();
        let is_hidden = |it: &&(usize, Meeting)| {
            let around = position(it).map(|it| rivals.around(it));
            around.is_some_and(|it| it.iter().any(|it| left_out.contains(it)))
        };
        let meant = found.iter().filter(|it| it.1 == Meeting::Meant && !left_out.is_empty());
        meant.filter(is_hidden).map(|it| it.0).collect()
    }

    /// What is met beside these tasks, which may write over what is needed.
    fn met_over(&self, met: Option<&Met>, over: &[usize]) -> Met {
        let mut met = met.cloned().unwrap_or_default();
        let over = over.iter().filter_map(|it| self.writers.binary_search(it).ok());
        for (word, bits) in words(over) {
            match met.left_out.iter_mut().find(|it| it.0 == word) {
                Some((_, known)) => *known |= bits,
                None => met.left_out.push((word, bits)),
            }
        }
        met
    }

    fn meetings(&mut self, input: &Glob) -> Rc<[(usize, Meeting)]> {
        if let Some(known) = self.meetings.get(input.as_str()) {
            return Rc::clone(known);
        }
        let covers = input.with_contents();
        let found = self.index.candidates(&covers).filter_map(|at| {
            let output = self.all.get(*at)?.declared.parsed()?;
            Some((*at, meeting((input, &covers), output)?))
        });
        let found: Rc<[(usize, Meeting)]> = found.collect();
        self.meetings.insert(input.as_str().to_owned(), Rc::clone(&found));
        found
    }
}

/// How an input with all below it meets an output. It reads one that is spelled the same, or that it begins in.
fn meeting((input, covers): (&Glob, &Glob), output: &Parsed) -> Option<Meeting> {
    let (meets, meets_below) = if output.glob.is_literal() {
        let path = output.glob.literal_prefix();
        (covers.matches(path), covers.may_match_below(path))
    } else {
        (covers.intersects(&output.glob), covers.intersects(&output.covers))
    };
    if !meets && !meets_below {
        return None;
    }
    Some(match meets {
        _ if is_meant(input, &output.glob) => Meeting::Meant,
        true => Meeting::LeftOut,
        false => Meeting::LeftOutIfDirectory,
    })
}

/// Numbers in rising order as words.
fn words(numbers: impl Iterator<Item = usize>) -> Words {
    let mut words = Words::new();
    for number in numbers {
        let bit = 1 << (number % WORD);
        match words.last_mut().filter(|it| it.0 == number / WORD) {
            Some((_, bits)) => *bits |= bit,
            None => words.push((number / WORD, bit)),
        }
    }
    words
}
