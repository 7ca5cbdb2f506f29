//! Other Rush processes in the same workspace: whether there are any, and what they found out that the table did not have
//! yet when this run read it.
//!
//! A run that may write is there for others as long as its file lies beside the table, locked. The file tells how many
//! results the run has recorded and how many of them are in the table, so that whoever meets files that it knows nothing
//! of can wait for the table that does. It does not know whose turn it is to
//! write; see `turns`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rush_plan::Node;

use super::codec::{Reader, Writer};
use super::inner::{Inner, writes_unremembered};
use super::left::Left;
use super::lock::{Lock, is_held};
use super::stamp::{Stamp, now_ns};
use super::table::{CONDITION, Record, Table};
use super::turns::Turns;
use crate::os::files;
use crate::results::{Patience, Wait};

/// How long others are waited for that have recorded something and not written it; they do so every second or so.
const CATCH_UP_MAX: Duration = Duration::from_secs(10);

/// How often it is looked who is there, while that changes.
const TRIES_MAX: usize = 8;

/// How much a run tells at a time: two numbers.
const PROGRESS_BYTES: usize = 16;

/// After how long people are told that something is waited for.
const TOLD_AFTER: Duration = Duration::from_secs(1);

/// The pauses between two questions whether another Rush is done.
pub(super) const PAUSE_MIN: Duration = Duration::from_millis(5);
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// The other runs of a workspace, as this one sees them.
pub(super) struct Neighbours {
    /// Where each run has its file; none if nothing is kept beside the workspace.
    runs: Option<PathBuf>,
    pub(super) turns: Option<Turns>,
    own: OnceLock<Mutex<Option<Own>>>,
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

impl Neighbours {
    /// Those of the workspace with this table.
    pub(super) fn of(table: Option<&Path>) -> Self {
        let neighbours = Self {
            runs: table.map(|it| it.with_extension("runs")),
            turns: table.map(|it| Turns::at(it.with_extension("turns"))),
            own: OnceLock::new(),
            seen: Mutex::default(),
            newer: Mutex::default(),
        };
        // Whoever is there now may write before this run does.
        neighbours.was_anybody_there();
        neighbours
    }

    /// From now on others know that this run is there.
    pub(super) fn be_there(&self) {
        self.own.get_or_init(|| {
            let Some(directory) = &self.runs else { return Mutex::default() };
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
        let Some(directory) = &self.runs else { return false };
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

    /// The same as far as it is known already.
    pub(super) fn had_company(&self) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).was_somebody
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
        Lock::take_own(directory, "", &[]).map(|lock| Self { lock, recorded: 0, saved: 0 })
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
    /// A task runs whatever there is: who reads what it makes is to know that this run is there.
    pub(super) fn note_writer(&self, position: usize) {
        let task = self.node(position).and_then(Node::as_task);
        if task.is_some_and(writes_unremembered) {
            self.neighbours.be_there();
        }
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
    pub(super) fn catch_up(&self, patience: &Patience) {
        let Some(directory) = &self.neighbours.runs else { return };
        let open: Vec<(PathBuf, u64)> = others(directory, self.neighbours.own_path().as_deref())
            .filter_map(|it| Some((progress(&it)?.0, it)))
            .map(|(recorded, path)| (path, recorded))
            .collect();
        let latest = Instant::now() + CATCH_UP_MAX;
        for (other, recorded) in open {
            let is_done = || match progress(&other) {
                Some((_, saved)) => saved >= recorded || Instant::now() >= latest,
                None => true,
            };
            wait(patience, || if is_done() { Ok(()) } else { Err(Lock::holder(&other)) });
        }
        self.newest_table();
    }

    /// The table as it is now, or the one that was read at the start where nobody can have written it since.
    pub(super) fn table_now(&self) -> Arc<Table> {
        let newest = self.may_be_behind().then(|| self.newest_table()).flatten();
        newest.unwrap_or_else(|| Arc::clone(&self.table))
    }

    /// The table as it is now; `None` if it can't be read.
    fn newest_table(&self) -> Option<Arc<Table>> {
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

/// Tries again and again until there is an answer and not the process that is waited for, if that is known; `None` if it
/// was stopped meanwhile.
pub(super) fn wait<T>(
    patience: &Patience,
    mut answer: impl FnMut() -> Result<T, Option<u32>>,
) -> Option<T> {
    let begun = Instant::now();
    let mut pause = PAUSE_MIN;
    loop {
        let holder = match answer() {
            Ok(answer) => {
                patience.tell(None);
                return Some(answer);
            }
            Err(holder) => holder,
        };
        if patience.is_over() {
            return None;
        }
        // What a task of this very run waits for is seen anyway.
        let is_other = holder != Some(std::process::id());
        let is_long = is_other && begun.elapsed() >= TOLD_AFTER;
        patience.tell(Some(if is_long { Wait::Long(holder) } else { Wait::Briefly }));
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
