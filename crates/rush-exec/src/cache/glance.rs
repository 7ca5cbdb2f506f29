//! The answer to a node whose inputs and outputs are as they were: found by asking the file system for nothing but
//! stamps, for all nodes of the plan at once and on several threads.
//!
//! It holds while nothing ran and for a moment only; after that each node is asked about by itself.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use rush_plan::Task;

use super::codec::Writer;
use super::entry::Log;
use super::inner::{Inner, Made};
use super::said;
use super::stamp::Kind;
use super::table::{CONDITION, FileId, FileSet, Record, RecordLog};
use crate::results::{AtOnce, Hit};

/// How long what was seen at the start counts.
const GLANCE_AGE_MAX: Duration = Duration::from_secs(2);
/// How many files of one node are asked about by the dispatcher itself.
const FILES_AT_ONCE_MAX: usize = 64;
/// From this many nodes on a second thread is worth it.
const NODES_PER_THREAD: usize = 256;

const UNKNOWN: u8 = 0;
const SAME: u8 = 1;
const OTHER: u8 = 2;

/// What was seen at the start.
pub(super) struct Glance {
    seen: Instant,
    /// For each node whether all but its dependencies is as it was.
    is_same: Vec<bool>,
}

impl Inner {
    /// What can be said of a node at once.
    pub(super) fn at_once(&self, position: usize) -> AtOnce {
        let Some((node, task)) = self.remembered_task(position) else { return AtOnce::Run };
        if self.is_forced(node) {
            return AtOnce::Look;
        }
        let glance = self.glance.get_or_init(|| self.look_around());
        let Some(record) = self.record(position) else { return AtOnce::Look };
        let is_fresh =
            self.generation.load(Ordering::Relaxed) == 0 && glance.seen.elapsed() < GLANCE_AGE_MAX;
        let is_same = if is_fresh {
            glance.is_same.get(position).copied().unwrap_or_default()
        } else {
            self.is_same_now(task, record)
        };
        if !is_same
            || !Self::is_young(task, record.recorded_ms)
            || self.dependencies_at_once(position) != Some(record.dependencies)
        {
            return AtOnce::Look;
        }
        let RecordLog::Here(bytes) = &record.log else { return AtOnce::Look };
        let log = Log::Here(bytes.clone());
        let Ok(log) = said::replay(&self.vault, &log) else { return AtOnce::Look };
        self.set_made(position, Made::Digest(record.output));
        AtOnce::Hit(Hit { log, notes: Vec::new() })
    }

    fn look_around(&self) -> Glance {
        let count = self.plan.nodes().len();
        let mut is_same = vec![false; count];
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = cores.min(count / NODES_PER_THREAD).clamp(1, 8);
        let length = count.div_ceil(threads).max(1);
        let view = View::new(self);
        let view = &view;
        std::thread::scope(|scope| {
            for (index, part) in is_same.chunks_mut(length).enumerate() {
                let work = move || {
                    let mut buffer = Writer::default();
                    for (position, slot) in (index * length..).zip(part) {
                        *slot = view.is_same(position, &mut buffer);
                    }
                };
                if threads == 1 {
                    work();
                } else {
                    scope.spawn(work);
                }
            }
        });
        Glance { seen: Instant::now(), is_same }
    }

    /// The same question when files may have changed since the start.
    fn is_same_now(&self, task: &Task, record: &Record) -> bool {
        let set = self.set_of(record);
        let count = record.outputs.len()
            + record.discovered.len()
            + set.map_or(0, |it| it.files.len() + it.conditions.len());
        if count > FILES_AT_ONCE_MAX
            || self.facts.shape(task, &mut Writer::default()) != record.shape
        {
            return false;
        }
        let is_same = |id: &FileId| self.file_is_same(*id, record.is_stamp);
        set.is_some_and(|set| self.is_current(set) && set.ids().iter().all(is_same))
            && record.discovered.iter().all(is_same)
            && record.outputs.iter().all(is_same)
    }

    pub(super) fn set_of(&self, record: &Record) -> Option<&FileSet> {
        self.table.sets.get(record.inputs? as usize)
    }

    /// Whether a list would be made by the same rules; that the patterns are the same is part of the shape.
    fn is_current(&self, set: &FileSet) -> bool {
        set.written.is_none_or(|it| it == self.written().digest)
    }

    /// Whether a file is as it was; of the outputs of a `stamp` task, whether it is there.
    fn file_is_same(&self, id: FileId, of_stamp: bool) -> bool {
        let Some((name, known)) = self.table.file(id) else { return false };
        if known.digest == CONDITION {
            let now = self.contents.tree.stamp_followed(name);
            return known.stamp.still_holds(&now) || of_stamp && now.kind != Kind::Absent;
        }
        let now = self.contents.tree.stamp(name);
        known.is_settled && known.stamp.still_holds(&now)
    }
}

/// What one look around has found out so far.
struct View<'a> {
    inner: &'a Inner,
    files: Vec<AtomicU8>,
    sets: Vec<AtomicU8>,
}

impl<'a> View<'a> {
    fn new(inner: &'a Inner) -> Self {
        let unknown = |count: usize| (0..count).map(|_| AtomicU8::new(UNKNOWN)).collect();
        let table = &inner.table;
        Self { inner, files: unknown(table.files.len()), sets: unknown(table.sets.len()) }
    }

    fn is_same(&self, position: usize, buffer: &mut Writer) -> bool {
        let Some((_, task)) = self.inner.remembered_task(position) else { return false };
        let Some(record) = self.inner.record(position) else { return false };
        self.inner.facts.shape(task, buffer) == record.shape
            && record.inputs.is_some_and(|set| self.set_is_same(set))
            && self.are_same(&record.discovered, false)
            && self.are_same(&record.outputs, record.is_stamp)
    }

    fn set_is_same(&self, id: u32) -> bool {
        let Some(set) = self.inner.table.sets.get(id as usize) else { return false };
        known(self.sets.get(id as usize), || {
            self.inner.is_current(set)
                && self.are_same(&set.conditions, false)
                && self.are_same(&set.files, false)
        })
    }

    fn are_same(&self, ids: &[FileId], of_stamp: bool) -> bool {
        let is_same = |id: &FileId| {
            known(self.files.get(*id as usize), || self.inner.file_is_same(*id, of_stamp))
        };
        ids.iter().all(is_same)
    }
}

/// Finds something out once; twice at worst, if two threads ask at the same moment.
fn known(slot: Option<&AtomicU8>, find: impl FnOnce() -> bool) -> bool {
    let Some(slot) = slot else { return find() };
    match slot.load(Ordering::Relaxed) {
        UNKNOWN => {
            let is_same = find();
            slot.store(if is_same { SAME } else { OTHER }, Ordering::Relaxed);
            is_same
        }
        state => state == SAME,
    }
}

impl FileSet {
    /// Everything it consists of and depends on.
    fn ids(&self) -> Vec<FileId> {
        self.conditions.iter().chain(&self.files).copied().collect()
    }
}
