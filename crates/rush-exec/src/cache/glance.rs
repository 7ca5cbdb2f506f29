//! The answer to a node whose inputs and outputs are as they were: found by asking the file system for nothing but
//! stamps.
//!
//! Other threads look at the nodes of the plan from the last to the first while the run is still being prepared; the
//! dispatcher comes towards them from the first one, and looks itself at what nobody has looked at yet. What was seen
//! holds while nothing ran and for a moment only; after that each node is asked about by itself.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rush_plan::Task;

use super::codec::Writer;
use super::entry::Log;
use super::inner::Inner;
use super::made::Made;
use super::said;
use super::stamp::Kind;
use super::table::{CONDITION, FileId, FileSet, Record, RecordLog};
use crate::results::{AtOnce, Hit};

/// How long what was seen at the start counts.
const GLANCE_AGE_MAX: Duration = Duration::from_secs(2);
/// How many files of one node are asked about by the dispatcher itself.
const FILES_AT_ONCE_MAX: usize = 64;
/// From this many nodes on another thread is worth it.
const NODES_PER_THREAD: usize = 256;
/// How many threads look at most, the dispatcher's apart.
const THREADS_MAX: usize = 7;
/// How many nodes a thread takes on at a time.
const NODES_AT_A_TIME: usize = 32;

const UNKNOWN: u8 = 0;
const SAME: u8 = 1;
const OTHER: u8 = 2;

/// What was seen at the start, as far as somebody has looked.
pub(super) struct Glance {
    since: Instant,
    /// For each node whether all but its dependencies is as it was.
    nodes: Vec<AtomicU8>,
    files: Vec<AtomicU8>,
    sets: Vec<AtomicU8>,
    /// How many nodes, counted from the first, no other thread has taken on.
    untaken: AtomicUsize,
    /// Nobody will ask any more.
    is_over: AtomicBool,
    /// What the dispatcher writes a task into to know it again.
    buffer: Mutex<Writer>,
}

/// The threads that look while the run is being prepared. They end when this is dropped.
pub(super) struct Lookers {
    inner: Arc<Inner>,
    threads: Vec<JoinHandle<()>>,
}

impl Lookers {
    /// Starts as many as are worth it beside the thread of the dispatcher.
    pub(super) fn begin(inner: &Arc<Inner>) -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let worth = inner.plan.nodes().len() / NODES_PER_THREAD;
        let count = worth.min(cores - 1).min(THREADS_MAX);
        let spawn = |_| {
            let inner = Arc::clone(inner);
            let looks = move || inner.look_backwards();
            // Where no thread can be had, the dispatcher looks alone.
            thread::Builder::new().name("looker".to_owned()).spawn(looks).ok()
        };
        Self { inner: Arc::clone(inner), threads: (0..count).filter_map(spawn).collect() }
    }
}

impl Drop for Lookers {
    fn drop(&mut self) {
        self.inner.look_no_more();
        for thread in self.threads.drain(..) {
            // One that panicked has seen nothing; the bug is told by the hook for panics.
            let _ = thread.join();
        }
    }
}

impl Inner {
    /// What can be said of a node at once.
    pub(super) fn at_once(&self, position: usize) -> AtOnce {
        let Some((node, task)) = self.remembered_task(position) else {
            self.note_writer(position);
            // What lies there before it runs has to be looked at.
            let has_inside = self.preceding.has_inside(position);
            return if has_inside { AtOnce::Look } else { AtOnce::Run };
        };
        if self.is_forced(node) {
            return AtOnce::Look;
        }
        let record = self.record(position);
        let Some(record) = record.filter(|it| !it.is_spent() && self.is_of_this_root(it)) else {
            return AtOnce::Look;
        };
        let glance = self.glance();
        let is_same = if self.is_untouched() && glance.since.elapsed() < GLANCE_AGE_MAX {
            let mut buffer = glance.buffer.lock().unwrap_or_else(PoisonError::into_inner);
            View { inner: self, glance }.node_is_same(position, &mut buffer)
        } else {
            self.is_same_now(task, record)
        };
        // Another run may have made a stamp anew, whatever its files are like.
        let is_doubtful = record.is_stamp && self.may_be_behind();
        if !is_same
            || is_doubtful
            || !Self::is_young(task, record.recorded_ms)
            || self.dependencies_at_once(position) != Some(record.dependencies)
        {
            return AtOnce::Look;
        }
        let RecordLog::Here(bytes) = &record.log else { return AtOnce::Look };
        let log = Log::Here(bytes.clone());
        let Ok(log) = said::replay(&self.vault, &log) else { return AtOnce::Look };
        self.set_made(position, Made::Digest(record.output));
        let files = self.set_of(record).into_iter().flat_map(|it| &it.files);
        let files = files.filter_map(|id| {
            let (path, content) = self.table.file(*id)?;
            Some((&**path, content.stamp.kind))
        });
        let notes = self.remark_on_inputs(task, files);
        AtOnce::Hit(Hit { log, notes })
    }

    fn glance(&self) -> &Glance {
        self.glance.get_or_init(|| Glance::new(self))
    }

    /// Nobody will ask any more what is as it was.
    pub(super) fn look_no_more(&self) {
        if let Some(glance) = self.glance.get() {
            glance.is_over.store(true, Ordering::Relaxed);
        }
    }

    /// Whether nothing that this run did can have changed a file.
    fn is_untouched(&self) -> bool {
        self.generation.load(Ordering::Relaxed) == 0
    }

    /// Looks at nodes that nobody has looked at, the last ones first, as long as it is of use.
    fn look_backwards(&self) {
        let glance = self.glance();
        let view = View { inner: self, glance };
        let mut buffer = Writer::default();
        while let Some(first) = glance.take_on() {
            if glance.is_over.load(Ordering::Relaxed) || !self.is_untouched() {
                return;
            }
            for position in (first..first + NODES_AT_A_TIME).rev() {
                view.node_is_same(position, &mut buffer);
            }
        }
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
        let is_same = |id: &FileId| self.file_is_same(*id);
        set.is_some_and(|set| self.is_current(set) && set.ids().iter().all(is_same))
            && record.discovered.iter().all(is_same)
            && self.outputs_are_same(record, is_same)
    }

    /// Whether the outputs are as they were; those of a `stamp` only have to be there.
    fn outputs_are_same(&self, record: &Record, is_same: impl Fn(&FileId) -> bool) -> bool {
        let is_kept = |id: &FileId| {
            if record.is_stamp { self.exists(*id) || self.file_is_same(*id) } else { is_same(id) }
        };
        record.outputs.iter().all(is_kept)
    }

    pub(super) fn set_of(&self, record: &Record) -> Option<&FileSet> {
        self.table.sets.get(record.inputs? as usize)
    }

    /// Whether a list would be made by the same rules; that the patterns are the same is part of the shape.
    fn is_current(&self, set: &FileSet) -> bool {
        set.written.is_none_or(|it| it == self.written().digest)
    }

    /// Whether a file is as it was.
    fn file_is_same(&self, id: FileId) -> bool {
        let Some((name, known)) = self.table.file(id) else { return false };
        if known.digest == CONDITION {
            return known.stamp.still_holds(&self.contents.tree.stamp_followed(name));
        }
        known.is_settled && known.stamp.still_holds(&self.contents.tree.stamp(name))
    }

    /// Whether something that was only looked for is there, be it as it was or not.
    fn exists(&self, id: FileId) -> bool {
        self.table.file(id).is_some_and(|(name, known)| {
            known.digest == CONDITION
                && self.contents.tree.stamp_followed(name).kind != Kind::Absent
        })
    }
}

impl Glance {
    fn new(inner: &Inner) -> Self {
        let unknown = |count: usize| (0..count).map(|_| AtomicU8::new(UNKNOWN)).collect();
        let (nodes, table) = (inner.plan.nodes().len(), &inner.table);
        Self {
            since: Instant::now(),
            nodes: unknown(nodes),
            files: unknown(table.files.len()),
            sets: unknown(table.sets.len()),
            untaken: AtomicUsize::new(nodes),
            is_over: AtomicBool::new(false),
            buffer: Mutex::default(),
        }
    }

    /// Takes on the last nodes that nobody took; returns the first of them.
    fn take_on(&self) -> Option<usize> {
        let less = |count: usize| (count > 0).then(|| count.saturating_sub(NODES_AT_A_TIME));
        let before = self.untaken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).ok()?;
        less(before)
    }
}

/// What is remembered, beside what was seen.
struct View<'a> {
    inner: &'a Inner,
    glance: &'a Glance,
}

impl View<'_> {
    fn node_is_same(&self, position: usize, buffer: &mut Writer) -> bool {
        known(self.glance.nodes.get(position), || self.find_out(position, buffer))
    }

    fn find_out(&self, position: usize, buffer: &mut Writer) -> bool {
        let Some((_, task)) = self.inner.remembered_task(position) else { return false };
        let Some(record) = self.inner.record(position) else { return false };
        self.inner.facts.shape(task, buffer) == record.shape
            && record.inputs.is_some_and(|set| self.set_is_same(set))
            && self.are_same(&record.discovered)
            && self.inner.outputs_are_same(record, |id| self.is_same(*id))
    }

    fn set_is_same(&self, id: u32) -> bool {
        let Some(set) = self.inner.table.sets.get(id as usize) else { return false };
        known(self.glance.sets.get(id as usize), || {
            self.inner.is_current(set)
                && self.are_same(&set.conditions)
                && self.are_same(&set.files)
        })
    }

    fn are_same(&self, ids: &[FileId]) -> bool {
        ids.iter().all(|id| self.is_same(*id))
    }

    fn is_same(&self, id: FileId) -> bool {
        known(self.glance.files.get(id as usize), || self.inner.file_is_same(id))
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
