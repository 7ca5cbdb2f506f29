//! Whose turn it is to write which outputs, among the runs of a workspace.
//!
//! A turn is a locked file that holds the patterns of a list of `outputs`; two of which some path is in both are not had
//! by two runs at once. Who is alone takes one without looking around. Else turns are given at the *door*, a lock that is
//! held for no longer than it takes to see which turns there are. It does not know how results are looked for.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use rush_plan::{Digest, Glob, Task};
use rustc_hash::FxHashMap;

use super::codec::{Reader, Writer};
use super::inner::Inner;
use super::listing::Patterns;
use super::lock::{Lock, is_held};
use super::neighbours::{Neighbours, PAUSE_MIN, wait};
use super::unique::unique;
use crate::results::Patience;

/// How long somebody may stand in the door; nobody does for more than a moment who is not stopped.
const DOOR_MAX: Duration = Duration::from_secs(5);

/// The pause between two questions whether somebody stands in the door.
const DOOR_PAUSE: Duration = Duration::from_millis(1);

const DOOR: &str = "door";

/// What stands between the name of a turn and what names one who passes by.
const PASSING: char = '-';

/// The turns of a workspace, as one run sees them.
pub(super) struct Turns {
    directory: PathBuf,
    /// What tells this run from others.
    run: String,
    taking: Mutex<()>,
    /// Those that this run has: the order of its own tasks is a matter of the plan.
    held: Mutex<FxHashMap<Digest, Weak<Lock>>>,
    /// What the files of others were found to hold.
    known: Mutex<FxHashMap<Digest, Arc<[Glob]>>>,
    /// Which pairs of turns have a path in common.
    met: Mutex<FxHashMap<(Digest, Digest), bool>>,
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
    /// Nobody can have it, or nothing is written. Held, as the next one, so that whoever has it later knows of this one.
    Nobodys(#[expect(dead_code, reason = "it is held")] Option<Lock>),
    /// Somebody else has it and can't be waited for.
    Anothers(#[expect(dead_code, reason = "it is held")] Option<Lock>),
}

/// The turn that somebody wants.
struct Wanted {
    name: Digest,
    globs: Arc<[Glob]>,
    /// What its file holds.
    about: Vec<u8>,
}

/// What becomes of the wish for a turn.
enum Held {
    Ours(Arc<Lock>),
    /// Another run has it, or one that meets it; with its process, if that is known.
    Anothers(Option<u32>),
}

/// A file of another run.
struct Other {
    path: PathBuf,
    is_passing: bool,
}

impl Wanted {
    fn of(outputs: &[String]) -> Self {
        let mut writer = Writer::default();
        writer.count(outputs.len());
        outputs.iter().for_each(|it| writer.bytes(it.as_bytes()));
        Self { name: name_of(outputs), globs: globs_of(outputs), about: writer.0 }
    }
}

impl Turns {
    pub(super) fn at(directory: PathBuf) -> Self {
        let run = format!("{:016x}", unique());
        Self {
            directory,
            run,
            taking: Mutex::default(),
            held: Mutex::default(),
            known: Mutex::default(),
            met: Mutex::default(),
        }
    }

    fn has(&self, name: Digest) -> Option<Arc<Lock>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&name).and_then(Weak::upgrade)
    }

    /// Stands in the door; others do not take turns nor pass by until what it returns is dropped.
    fn door(&self) -> io::Result<Lock> {
        let begun = Instant::now();
        loop {
            if let Some(door) = Lock::take(&self.directory, DOOR, &[])? {
                return Ok(door);
            }
            if begun.elapsed() > DOOR_MAX {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            std::thread::sleep(DOOR_PAUSE);
        }
    }

    /// The turns of other runs, and those who pass by, with which this one has a path in common.
    fn others(&self, wanted: &Wanted) -> impl Iterator<Item = Other> {
        let entries = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let others = entries.filter_map(|entry| {
            let file_name = entry.file_name();
            let (name, passing) = match file_name.to_str()?.split_once(PASSING) {
                Some((name, passing)) => (name, Some(passing)),
                None => (file_name.to_str()?, None),
            };
            let name = Digest::parse(name)?;
            let is_own = match passing {
                Some(passing) => passing.split_once(PASSING)?.0 == self.run,
                None => self.has(name).is_some(),
            };
            let path = entry.path();
            let meets = !is_own && self.meets(wanted, name, &path);
            meets.then_some(Other { path, is_passing: passing.is_some() })
        });
        others.filter(|it| is_held(&it.path))
    }

    /// Whether a turn has a path in common with one that lies here. What can't be read may have.
    fn meets(&self, wanted: &Wanted, name: Digest, path: &Path) -> bool {
        if name == wanted.name {
            return true;
        }
        let met = || self.met.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(meets) = met().get(&(wanted.name, name)) {
            return *meets;
        }
        let Some(globs) = self.globs(name, path) else { return true };
        let meets = globs.iter().any(|it| wanted.globs.iter().any(|own| own.intersects(it)));
        met().insert((wanted.name, name), meets);
        meets
    }

    fn globs(&self, name: Digest, path: &Path) -> Option<Arc<[Glob]>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(globs) = known.get(&name) {
            return Some(Arc::clone(globs));
        }
        let bytes = Lock::about(path)?;
        let texts = Reader(&bytes).list(|it| String::from_utf8(it.bytes()?.to_vec()).ok())?;
        // Whoever has it may be about to write it.
        let globs = Some(globs_of(&texts)).filter(|_| name_of(&texts) == name)?;
        known.insert(name, Arc::clone(&globs));
        Some(globs)
    }

    fn take(&self, wanted: &Wanted) -> io::Result<Result<Lock, Held>> {
        let name = wanted.name.to_string();
        let anothers = || Held::Anothers(Lock::holder(&self.directory.join(&name)));
        Ok(Lock::take(&self.directory, &name, &wanted.about)?.ok_or_else(anothers))
    }

    fn keep(&self, name: Digest, lock: Lock) -> Held {
        let lock = Arc::new(lock);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, it| it.strong_count() > 0);
        held.insert(name, Arc::downgrade(&lock));
        Held::Ours(lock)
    }

    /// Writes although somebody else has the turn, who learns of it, as does whoever has it next.
    fn pass_by(&self, wanted: &Wanted) -> Option<Lock> {
        let door = self.door();
        let start = format!("{}{PASSING}{}{PASSING}", wanted.name, self.run);
        let lock = Lock::take_own(&self.directory, &start, &wanted.about);
        for turn in self.others(wanted).filter(|it| !it.is_passing) {
            let _ = Lock::mark_at(&turn.path);
        }
        drop(door);
        lock
    }
}

impl Neighbours {
    /// Takes a turn, or shares it with other tasks of this run.
    fn hold(&self, turns: &Turns, wanted: &Wanted) -> io::Result<Held> {
        let _taking = turns.taking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = turns.has(wanted.name) {
            return Ok(Held::Ours(lock));
        }
        if !self.had_company() {
            let lock = match turns.take(wanted)? {
                Ok(lock) => lock,
                Err(held) => return Ok(held),
            };
            // Whoever comes from now on sees that turn.
            if !self.was_anybody_there() {
                return Ok(turns.keep(wanted.name, lock));
            }
        }
        let door = turns.door()?;
        let mut is_passed_by = false;
        for other in turns.others(wanted) {
            if !other.is_passing {
                return Ok(Held::Anothers(Lock::holder(&other.path)));
            }
            is_passed_by = true;
        }
        let lock = match turns.take(wanted)? {
            Ok(lock) => lock,
            Err(held) => return Ok(held),
        };
        if is_passed_by {
            lock.mark()?;
        }
        drop(door);
        Ok(turns.keep(wanted.name, lock))
    }
}

impl Inner {
    /// Waits for the turn to write the outputs of a task; `None` if it was stopped meanwhile. Where a task around this run
    /// may have it, it is only tried.
    pub(super) fn take_turn(&self, task: &Task, patience: &Patience) -> Option<(Turn, Waited)> {
        let turns = self.neighbours.turns.as_ref().filter(|_| !task.outputs.is_empty());
        let Some(turns) = turns else { return Some((Turn::Nobodys(None), Waited::No)) };
        self.neighbours.be_there();
        let wanted = Wanted::of(&task.outputs);
        let mut waited = Waited::No;
        let begun = Instant::now();
        let turn = wait(patience, || {
            let process = match self.neighbours.hold(turns, &wanted) {
                Ok(Held::Ours(lock)) => return Ok(Turn::Ours(lock)),
                Ok(Held::Anothers(process)) => process,
                // Nobody can be kept from writing at the same time; who has the turn is told.
                Err(_) => return Ok(Turn::Nobodys(turns.pass_by(&wanted))),
            };
            waited = Waited::ForAnother;
            // Whoever gives it back just now is no other.
            let has_tried = self.is_nested() && begun.elapsed() >= PAUSE_MIN;
            if has_tried { Ok(Turn::Anothers(turns.pass_by(&wanted))) } else { Err(process) }
        });
        if waited == Waited::ForAnother {
            self.files_changed();
        }
        Some((turn?, waited))
    }

    /// Whether the outputs of a task may hold what another run wrote.
    pub(super) fn was_shared(&self, turn: &Turn, task: &Task) -> bool {
        match turn {
            Turn::Ours(lock) => lock.is_marked(),
            Turn::Nobodys(_) => !task.outputs.is_empty() && self.neighbours.was_anybody_there(),
            Turn::Anothers(_) => true,
        }
    }

    /// Whether a task started this run, in whatever workspace: that may have the turn.
    pub(super) fn is_nested(&self) -> bool {
        self.facts.inherited.get(std::ffi::OsStr::new("RUSH_RUN")).is_some()
    }
}

fn name_of(outputs: &[String]) -> Digest {
    let mut writer = Writer::default();
    outputs.iter().for_each(|it| writer.bytes(it.as_bytes()));
    Digest::of("rush turn", &writer.0)
}

/// All that may be written, what is excluded from it too.
fn globs_of(outputs: &[String]) -> Arc<[Glob]> {
    Patterns::new(outputs).wanted().iter().map(Glob::with_contents).collect()
}
