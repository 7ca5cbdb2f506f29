//! Other Rush processes in the same workspace: whose turn it is to write which outputs, and what they found out that the
//! table did not have yet when this run read it.
//!
//! A run that may write is there for others as long as its file lies beside the table, locked. The file tells how many
//! results the run has recorded and how many of them are in the table, so that whoever meets files that it knows nothing
//! of can wait for the table that does. It does not know how results are looked for.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use rush_plan::{Digest, Node, Task};
use rustc_hash::FxHashMap;

use super::codec::{Reader, Writer};
use super::inner::{Inner, writes_unremembered};
use super::left::Left;
use super::lock::Lock;
use super::stamp::{Stamp, now_ns};
use super::table::{CONDITION, Record, Table};
use crate::os::files;

/// How long others are waited for that have recorded something and not written it; they do so every second or so.
const CATCH_UP_MAX: Duration = Duration::from_secs(10);

/// How long a run waits for one turn while it has another.
const HOLDING_MAX: Duration = Duration::from_mins(1);

/// How often a run tries to have its file.
const TRIES_MAX: usize = 8;

/// How much a run tells at a time: two numbers.
const PROGRESS_BYTES: usize = 16;

/// The pauses between two questions whether another Rush is done.
const PAUSE_MIN: Duration = Duration::from_millis(5);
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// Tells apart the runs of one process.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// The other runs of a workspace, as this one sees them.
pub(super) struct Neighbours {
    /// Where each run has its file, and where turns are; none if nothing is kept beside the workspace.
    places: Option<(PathBuf, PathBuf)>,
    own: OnceLock<Mutex<Option<Own>>>,
    /// The turns that this run has: the order of its own tasks is a matter of the plan.
    held: Mutex<FxHashMap<Digest, Weak<Lock>>>,
    seen: Mutex<Seen>,
    /// The table as others wrote it after this run read it.
    newer: Mutex<Option<(Stamp, Arc<Table>)>>,
}

/// The file of this run.
struct Own {
    lock: Lock,
    /// How many results there are, and how many of them are in the table.
    recorded: u64,
    saved: u64,
}

/// When it was last looked who is there.
#[derive(Default)]
struct Seen {
    /// The directory, as it was then.
    directory: Option<Stamp>,
    /// Whether whoever came since is sure to have changed that.
    is_settled: bool,
    /// The table, as this run wrote it last.
    written: Option<Stamp>,
    /// Whether anybody was there since this run began.
    was_somebody: bool,
}

/// Whether somebody else had the turn first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    No,
    /// Files are others than before.
    ForAnother,
}

/// The right to write the outputs of a task.
pub(super) enum Turn {
    /// Nobody else writes there as long as this is held.
    Ours(Arc<Lock>),
    /// Nobody can have it, or nothing is written.
    Nobodys,
    /// Somebody else has it and can't be waited for. Held so that whoever has it next knows of this one.
    Anothers(#[expect(dead_code, reason = "it is held")] Option<Lock>),
}

impl Neighbours {
    /// Those of the workspace with this table.
    pub(super) fn of(table: Option<&Path>) -> Self {
        let places = table.map(|it| (it.with_extension("runs"), it.with_extension("turns")));
        let neighbours = Self {
            places,
            own: OnceLock::new(),
            held: Mutex::default(),
            seen: Mutex::default(),
            newer: Mutex::default(),
        };
        // Whoever is there now may write before this run does.
        neighbours.was_anybody_there();
        neighbours
    }

    /// From now on others know that this run is there.
    fn be_there(&self) {
        self.own.get_or_init(|| {
            let Some((directory, _)) = &self.places else { return Mutex::default() };
            self.was_anybody_there();
            let own = Own::begin(directory);
            // That this one came is no news.
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.look(directory, own.as_ref().map(|it| it.lock.path()));
            Mutex::new(own)
        });
    }

    /// Whether another run was there at any time since this one began.
    pub(super) fn was_anybody_there(&self) -> bool {
        let Some((directory, _)) = &self.places else { return false };
        let own = self.own_path();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.was_somebody {
            return true;
        }
        let is_as_seen = seen.directory == stamp(directory);
        // One may have come and gone.
        seen.was_somebody = !is_as_seen && seen.directory.is_some();
        if !is_as_seen || !seen.is_settled {
            seen.look(directory, own.as_deref());
        }
        seen.was_somebody
    }

    /// Takes a turn, or shares it; `None` while another run has it.
    fn hold(&self, turns: &Path, name: Digest) -> io::Result<Option<Arc<Lock>>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = held.get(&name).and_then(Weak::upgrade) {
            return Ok(Some(lock));
        }
        let Some(lock) = Lock::take(turns, &name.to_string())?.map(Arc::new) else {
            return Ok(None);
        };
        let is_shared = self.was_anybody_there() && passing_by(turns, name).next().is_some();
        if is_shared {
            lock.mark()?;
        }
        held.retain(|_, it| it.strong_count() > 0);
        held.insert(name, Arc::downgrade(&lock));
        Ok(Some(lock))
    }

    fn holds_any(&self) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.values().any(|it| it.strong_count() > 0)
    }

    fn own_path(&self) -> Option<PathBuf> {
        let own = self.own.get()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(own.as_ref()?.lock.path().to_owned())
    }

    fn tell(&self, change: impl FnOnce(&mut Own)) {
        let mut own = self.own.get().map(|it| it.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(own) = own.as_mut().and_then(|it| it.as_mut()) {
            change(own);
            own.tell();
        }
    }

    /// A result was recorded.
    pub(super) fn note_recorded(&self) {
        self.tell(|own| own.recorded += 1);
    }

    /// All that was recorded so far is in the table.
    pub(super) fn note_saved(&self) {
        self.tell(|own| own.saved = own.recorded);
    }

    /// This run is over, also where what is known of it is not taken apart.
    pub(super) fn leave(&self) {
        if let Some(own) = self.own.get() {
            own.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }
}

impl Seen {
    /// Looks who is there. Those of runs that were killed go, which changes the directory.
    fn look(&mut self, directory: &Path, own: Option<&Path>) {
        for _ in 0..TRIES_MAX {
            let before = stamp(directory);
            let begun_ns = now_ns();
            if others(directory, own).next().is_some() {
                break;
            }
            self.directory = stamp(directory);
            if self.directory == before {
                self.is_settled = before.is_none_or(|it| it.is_settled(begun_ns));
                return;
            }
        }
        self.was_somebody = true;
    }
}

impl Own {
    fn begin(directory: &Path) -> Option<Self> {
        let take = |_| {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            Lock::take(directory, &format!("{}-{number}", std::process::id())).ok()?
        };
        // Whoever tidies up may be faster than the lock.
        (0..TRIES_MAX).find_map(take).map(|lock| Self { lock, recorded: 0, saved: 0 })
    }

    /// Where this can't be told, others wait for nothing.
    fn tell(&mut self) {
        let mut writer = Writer::default();
        writer.u64(self.recorded);
        writer.u64(self.saved);
        let _ = self.lock.append(&writer.0);
    }
}

impl Inner {
    /// Waits for the turn to write the outputs of a task; `None` if it was stopped meanwhile. Who has what others wait
    /// for only tries.
    pub(super) fn take_turn(
        &self,
        (position, task): (usize, &Task),
        stop: &AtomicBool,
    ) -> Option<(Turn, Waited)> {
        let places = self.neighbours.places.as_ref().filter(|_| !task.outputs.is_empty());
        let Some((_, turns)) = places else { return Some((Turn::Nobodys, Waited::No)) };
        let needed = self.needed.get(position).into_iter().flatten();
        let mut services = needed.filter_map(|it| self.node(*it)).filter_map(Node::as_service);
        let only_tries = self.is_nested() || task.limit.is_some() || services.next().is_some();
        self.neighbours.be_there();
        let mut writer = Writer::default();
        task.outputs.iter().for_each(|it| writer.bytes(it.as_bytes()));
        let name = Digest::of("rush turn", &writer.0);
        let mut waited = Waited::No;
        let begun = Instant::now();
        let turn = wait(stop, || {
            let held = self.neighbours.hold(turns, name);
            // Nobody can be kept from writing at the same time.
            let Ok(held) = held else { return Some(Turn::Nobodys) };
            if let Some(lock) = held {
                return Some(Turn::Ours(lock));
            }
            waited = Waited::ForAnother;
            // Whoever has it may wait for what this run holds.
            let is_late = || begun.elapsed() > HOLDING_MAX && self.neighbours.holds_any();
            // Whoever gives it back just now is no other.
            let has_tried = only_tries && begun.elapsed() >= PAUSE_MIN;
            (has_tried || is_late()).then(|| pass_by(turns, name))
        });
        if waited == Waited::ForAnother {
            self.files_changed();
        }
        Some((turn?, waited))
    }

    /// A task runs whatever there is: who reads what it makes is to know that this run is there.
    pub(super) fn note_writer(&self, position: usize) {
        let task = self.node(position).and_then(Node::as_task);
        if task.is_some_and(writes_unremembered) {
            self.neighbours.be_there();
        }
    }

    /// Whether the outputs of a task may hold what another run wrote.
    pub(super) fn was_shared(&self, turn: &Turn, task: &Task) -> bool {
        match turn {
            Turn::Ours(lock) => lock.is_marked(),
            Turn::Nobodys => !task.outputs.is_empty() && self.neighbours.was_anybody_there(),
            Turn::Anothers(_) => true,
        }
    }

    /// Whether a task started this run, in whatever workspace: that may have the turn.
    fn is_nested(&self) -> bool {
        self.facts.inherited.get(std::ffi::OsStr::new("RUSH_RUN")).is_some()
    }

    /// Whether the table may know more by now than this run does.
    pub(super) fn may_be_behind(&self) -> bool {
        let others_wrote = |table: &PathBuf| {
            let mut seen = self.neighbours.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let now = stamp(table);
            let is_known = now.is_none() || now == self.table_stamp || now == seen.written;
            seen.was_somebody |= !is_known;
            !is_known
        };
        self.neighbours.was_anybody_there() || self.table_path.as_ref().is_some_and(others_wrote)
    }

    /// This run wrote the table.
    pub(super) fn note_written(&self, table: &Path) {
        let mut seen = self.neighbours.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.written = stamp(table);
    }

    /// Learns what others recorded: waits until it is in the table, and reads that.
    pub(super) fn catch_up(&self, stop: &AtomicBool) {
        let Some((directory, _)) = &self.neighbours.places else { return };
        let open: Vec<(PathBuf, u64)> = others(directory, self.neighbours.own_path().as_deref())
            .filter_map(|it| Some((progress(&it)?.0, it)))
            .map(|(recorded, path)| (path, recorded))
            .collect();
        let patience = Instant::now() + CATCH_UP_MAX;
        for (other, recorded) in open {
            let is_done = || match progress(&other) {
                Some((_, saved)) => saved >= recorded || Instant::now() >= patience,
                None => true,
            };
            wait(stop, || is_done().then_some(()));
        }
        self.newest_table();
    }

    /// The table as it is now; `None` if it can't be read.
    pub(super) fn newest_table(&self) -> Option<Arc<Table>> {
        let path = self.table_path.as_ref()?;
        let now = stamp(path)?;
        let mut newer = self.neighbours.newer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, table)) = newer.as_ref().filter(|it| it.0 == now) {
            return Some(Arc::clone(table));
        }
        let table = Arc::new(Table::load(path));
        *newer = Some((now, Arc::clone(&table)));
        Some(table)
    }

    /// What the latest result of a node made and read, if others recorded it after this run read the table.
    pub(super) fn left_by_others(&self, position: usize) -> Option<Left> {
        let newer = self.neighbours.newer.lock().unwrap_or_else(PoisonError::into_inner);
        let table = Arc::clone(&newer.as_ref()?.1);
        drop(newer);
        let record = table.records.get(self.node(position)?.id())?;
        if record.is_stamp || self.record(position).is_some_and(|it| it.entry == record.entry) {
            return None;
        }
        Some(self.left_of(&table, record))
    }

    fn left_of(&self, table: &Table, record: &Record) -> Left {
        let files = |ids: &[u32]| {
            let files = ids.iter().filter_map(|id| table.file(*id)).cloned();
            files.filter(|it| it.1.digest != CONDITION).collect::<Vec<_>>()
        };
        let set = record.inputs.and_then(|it| table.sets.get(it as usize));
        let read = files(set.map_or(&[], |it| &it.files)).into_iter();
        let inputs = read.chain(files(&record.discovered)).map(|it| it.0).collect();
        let made: Vec<u32> = record.made().collect();
        let outputs = files(&made).into_iter().filter_map(|(name, content)| {
            let now = self.contents.tree.stamp(&name);
            super::owned::is_as_made(self, &name, &now, &content).then_some((name, now))
        });
        Left {
            after: Some(record.entry),
            shape: Some(record.shape),
            is_cleared: true,
            inputs,
            outputs: outputs.collect(),
        }
    }
}

/// Tries again and again until there is an answer; `None` if it was stopped meanwhile.
pub(super) fn wait<T>(stop: &AtomicBool, mut answer: impl FnMut() -> Option<T>) -> Option<T> {
    let mut pause = PAUSE_MIN;
    loop {
        if let Some(answer) = answer() {
            return Some(answer);
        }
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// The files of the runs that are there, but for one's own. Those of runs that were killed go.
fn others(directory: &Path, own: Option<&Path>) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let paths = entries.map(|it| it.path()).filter(move |it| Some(it.as_path()) != own);
    paths.filter(|it| is_held(it))
}

/// Whether the right of this file is had by somebody; else the file goes.
fn is_held(path: &Path) -> bool {
    // Some file systems lock only what may be written.
    let file = match File::options().append(true).open(path) {
        Ok(file) => file,
        Err(error) => return error.kind() != io::ErrorKind::NotFound,
    };
    let is_free = file.try_lock().is_ok();
    if is_free {
        let _ = std::fs::remove_file(path);
    }
    !is_free
}

/// Writes although somebody else has the turn, who learns of it, as does whoever has it next.
fn pass_by(turns: &Path, name: Digest) -> Turn {
    let take = |_| {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Lock::take(turns, &format!("{name}-{}-{number}", std::process::id())).ok()?
    };
    let lock = (0..TRIES_MAX).find_map(take);
    // Whoever takes the turn from now on sees the other file.
    let _ = Lock::mark_at(&turns.join(name.to_string()));
    Turn::Anothers(lock)
}

/// The files of those who write without the turn of this name.
fn passing_by(turns: &Path, name: Digest) -> impl Iterator<Item = PathBuf> {
    let start = format!("{name}-");
    let entries = std::fs::read_dir(turns).into_iter().flatten().flatten();
    let named =
        entries.filter(move |it| it.file_name().to_str().is_some_and(|it| it.starts_with(&start)));
    named.map(|it| it.path()).filter(|it| is_held(it))
}

/// How many results a run has recorded, and how many of them are in the table; `None` once it is gone.
fn progress(run: &Path) -> Option<(u64, u64)> {
    let bytes = std::fs::read(run).ok()?;
    let last = bytes.rchunks_exact(PROGRESS_BYTES).next().unwrap_or_default();
    let mut reader = Reader(last);
    Some((reader.u64().unwrap_or_default(), reader.u64().unwrap_or_default()))
}

fn stamp(path: &Path) -> Option<Stamp> {
    File::open(path).and_then(|file| files::stamp_of_open(&file)).ok()
}
