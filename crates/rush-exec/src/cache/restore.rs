//! An earlier result put back in place: each file appears whole or not at all, with its mode, and what an earlier
//! result left in the declared outputs goes. Nothing else is touched, and nothing at all if something is in the way that
//! Rush did not make, see [`super::owned`].
//!
//! Directories get their modes last, since some of them let nobody write into them.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use rush_plan::Digest;
use rustc_hash::FxHashSet;

use super::contents::{Content, Contents, Name, content_hasher, read_chunks};
use super::entry::Output;
use super::listing::{Listing, keeps_directory, parent};
use super::makers::Maker;
use super::owned::{InTheWay, Owned, Removable, Room};
use super::stamp::{Kind, Stamp, now_ns};
use super::vault::Vault;
use crate::os::files;

/// From this size on a restore is worth a second thread.
const PARALLEL_BYTES_MIN: u64 = 4 << 20;

/// What decides who may do what with a file; what else a mode says is left as it is.
const PERMISSIONS: u32 = 0o777;
/// What the owner of a directory needs to change what is in it.
const OWNER: u32 = 0o700;

/// Why a result was not put back.
pub(crate) enum RestoreError {
    /// A blob is not what its name says, or is gone; it was removed.
    Damaged(Name),
    /// Something lies where it belongs that is not Rush's.
    InTheWay(InTheWay),
    /// The world refused.
    Refused(Name, io::Error),
}

/// What is put back where.
pub(crate) struct Restore<'a> {
    pub(crate) contents: &'a Contents,
    pub(crate) vault: &'a Vault,
    pub(crate) outputs: &'a [Output],
}

/// What there is to be done, with the proof that it may be.
pub(super) struct Work<'a> {
    /// What has to go first.
    first: Vec<Removable>,
    rooms: Vec<Room<'a>>,
    stale: Vec<Removable>,
}

impl<'a> Work<'a> {
    /// What is put in place.
    pub(super) fn missing(&self) -> impl Iterator<Item = &'a Output> {
        self.rooms.iter().map(|it| it.output)
    }

    /// What goes and is not put in place.
    pub(super) fn stale(&self) -> impl Iterator<Item = &Name> {
        self.stale.iter().map(Removable::path)
    }
}

impl<'a> Restore<'a> {
    /// What has to be done to make the outputs what they should be; `there` is what matches their patterns now.
    pub(super) fn work(&self, there: &Listing, owned: &Owned<'_>) -> Result<Work<'a>, InTheWay> {
        if let Some(beyond) = there.beyond.iter().find(|it| it.file.is_none()) {
            return Err(InTheWay::Link(beyond.link.clone()));
        }
        let mut work = Work { first: Vec::new(), rooms: Vec::new(), stale: Vec::new() };
        for output in self.outputs.iter().filter(|it| !self.is_in_place(it)) {
            let room = owned.room(output, &mut work.first)?;
            work.rooms.push(room);
        }
        self.add_stale(there, owned, &mut work)?;
        Ok(work)
    }

    /// What matches the declared outputs and is not part of the result: what the task made goes, and what other tasks
    /// of the plan made is theirs.
    fn add_stale(
        &self,
        there: &Listing,
        owned: &Owned<'_>,
        work: &mut Work<'_>,
    ) -> Result<(), InTheWay> {
        let wanted: FxHashSet<&[u8]> = self.outputs.iter().map(|it| &*it.path).collect();
        let goes_first: FxHashSet<Name> = work.first.iter().map(|it| it.path().clone()).collect();
        for (path, kind) in &there.paths {
            if *kind == Kind::Absent || wanted.contains(&**path) || goes_first.contains(path) {
                continue;
            }
            let goes = *kind == Kind::Directory
                || match owned.maker(path) {
                    Maker::This => true,
                    Maker::Planned(_) => false,
                    _ if keeps_directory(path) || *kind == Kind::Other => false,
                    Maker::Former => return Err(InTheWay::Another(path.clone())),
                    Maker::Adopted | Maker::Nobody => {
                        return Err(InTheWay::Foreign(path.clone()));
                    }
                };
            if goes {
                work.stale.push(owned.removable(path)?);
            }
        }
        Ok(())
    }
}

impl Restore<'_> {
    fn is_in_place(&self, output: &Output) -> bool {
        let stamp = self.contents.tree.stamp(&output.path);
        if stamp.kind != output.kind {
            return false;
        }
        match output.kind {
            Kind::Directory => permissions(stamp.mode) == permissions(output.mode),
            Kind::Link => std::fs::read_link(self.contents.tree.path(&output.path))
                .is_ok_and(|target| *files::bytes_of(target.as_os_str()) == *output.target),
            Kind::File => {
                stamp.size == output.size
                    && stamp.mode == output.mode
                    && self.contents.look(&output.path).is_ok_and(|it| it.digest == output.digest)
            }
            Kind::Absent | Kind::Other | Kind::Unreadable => false,
        }
    }

    /// Does it.
    pub(super) fn put_in_place(&self, work: &Work<'_>) -> Result<(), RestoreError> {
        if work.rooms.is_empty() && work.stale.is_empty() {
            return Ok(());
        }
        for it in &work.first {
            it.remove(self.contents)
                .map_err(|error| RestoreError::Refused(it.path().clone(), error))?;
        }
        self.open_directories()?;
        self.put(&work.rooms)?;
        self.remove(&work.stale)?;
        self.close_directories()
    }

    /// What of the work is done, after all of it could not be.
    pub(super) fn placed(&self, work: &Work<'_>) -> Vec<(Name, Stamp)> {
        let placed = work.missing().filter(|it| it.kind != Kind::Directory && self.is_in_place(it));
        placed.map(|it| (it.path.clone(), self.contents.tree.stamp(&it.path))).collect()
    }

    /// Makes way for what is to be put in place: the directories are there, and files can be written into them.
    fn open_directories(&self) -> Result<(), RestoreError> {
        // They sort before what is in them.
        for output in self.directories() {
            self.open(output).map_err(|error| refused(output, error))?;
        }
        Ok(())
    }

    fn open(&self, output: &Output) -> io::Result<()> {
        self.directory(&output.path)?;
        let mode = self.contents.tree.stamp(&output.path).mode;
        if mode & OWNER == OWNER { Ok(()) } else { self.set_mode(output, mode | OWNER) }
    }

    /// Gives the directories their modes.
    fn close_directories(&self) -> Result<(), RestoreError> {
        let mut directories: Vec<&Output> = self.directories().collect();
        // One that nobody can enter hides what is in it.
        directories.reverse();
        for output in directories {
            let mode = self.contents.tree.stamp(&output.path).mode;
            if permissions(mode) != permissions(output.mode) {
                let wanted = mode & !PERMISSIONS | permissions(output.mode);
                self.set_mode(output, wanted).map_err(|error| refused(output, error))?;
            }
        }
        Ok(())
    }

    fn directories(&self) -> impl Iterator<Item = &Output> {
        self.outputs.iter().filter(|it| it.kind == Kind::Directory)
    }

    fn set_mode(&self, directory: &Output, mode: u32) -> io::Result<()> {
        files::set_mode_at(&self.contents.tree.path(&directory.path), mode)
    }

    /// Puts these outputs in place; their directories are there.
    fn put(&self, rooms: &[Room<'_>]) -> Result<(), RestoreError> {
        let others: Vec<&Room<'_>> =
            rooms.iter().filter(|it| it.output.kind != Kind::Directory).collect();
        let bytes: u64 = others.iter().map(|it| it.output.size).sum();
        let threads = if bytes >= PARALLEL_BYTES_MIN && others.len() > 1 {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8)
        } else {
            1
        };
        if threads == 1 {
            return others.iter().try_for_each(|it| self.one(it));
        }
        let next = AtomicUsize::new(0);
        let failure = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(room) = others.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if let Err(error) = self.one(room) {
                            *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                            next.store(others.len(), Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn one(&self, room: &Room<'_>) -> Result<(), RestoreError> {
        let output = room.output;
        self.directory(parent(&output.path)).map_err(|it| refused(output, it))?;
        let filled = room.fill(&self.contents.tree, |temporary| match output.kind {
            Kind::Link => files::make_link(&output.target, temporary).map(|()| true),
            _ => self.copy(output, temporary),
        });
        if !filled.map_err(|error| refused(output, error))? {
            self.vault.drop_blob(output.digest);
            return Err(RestoreError::Damaged(output.path.clone()));
        }
        let stamp = self.contents.tree.stamp(&output.path);
        if output.kind == Kind::File && stamp.size == output.size {
            let is_settled = stamp.is_settled(now_ns());
            let content = Content { stamp, digest: output.digest, is_settled };
            self.contents.remember(&output.path, content);
        }
        Ok(())
    }

    /// Copies a blob and says whether it is what its name says.
    fn copy(&self, output: &Output, to: &Path) -> io::Result<bool> {
        let mut blob = match File::open(self.vault.blob(output.digest)) {
            Ok(blob) => blob,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let mut file = File::create_new(to)?;
        let is_shared = files::share_bytes(&blob, &file).is_ok();
        let mut hasher = content_hasher();
        read_chunks(&mut blob, |chunk| {
            hasher.update(chunk);
            if is_shared { Ok(()) } else { file.write_all(chunk) }
        })?;
        files::set_mode(&file, output.mode)?;
        Ok(Digest::from_bytes(*hasher.finalize().as_bytes()) == output.digest)
    }

    /// Makes a directory and those above it.
    fn directory(&self, path: &[u8]) -> io::Result<()> {
        if self.contents.tree.stamp(path).kind == Kind::Directory {
            return Ok(());
        }
        std::fs::create_dir_all(self.contents.tree.path(path))
    }

    fn remove(&self, stale: &[Removable]) -> Result<(), RestoreError> {
        // From the end: what is in a directory goes before it does.
        for it in stale.iter().rev() {
            match it.remove(self.contents) {
                Ok(()) => {}
                // One that holds something else stays.
                Err(_) if it.is_directory() => {}
                Err(error) => return Err(RestoreError::Refused(it.path().clone(), error)),
            }
        }
        Ok(())
    }
}

const fn permissions(mode: u32) -> u32 {
    mode & PERMISSIONS
}

fn refused(output: &Output, error: io::Error) -> RestoreError {
    RestoreError::Refused(output.path.clone(), error)
}

/// Whether a blob is what its name says.
pub(crate) fn is_whole(vault: &Vault, digest: Digest) -> io::Result<bool> {
    let mut blob = match File::open(vault.blob(digest)) {
        Ok(blob) => blob,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut hasher = content_hasher();
    read_chunks(&mut blob, |chunk| {
        hasher.update(chunk);
        Ok(())
    })?;
    Ok(Digest::from_bytes(*hasher.finalize().as_bytes()) == digest)
}
