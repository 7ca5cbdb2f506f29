//! An earlier result put back in place: each file appears whole or not at all, with its mode, and what an earlier
//! result left in the declared outputs goes. Nothing else is touched.
//!
//! Directories get their modes last, since some of them let nobody write into them.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rush_plan::Digest;

use super::contents::{Content, Contents, Name, content_hasher, nothing, read_chunks};
use super::entry::Output;
use super::listing::{Listing, keeps_directory, parent};
use super::stamp::{Kind, Stamp, now_ns};
use super::vault::Vault;
use crate::os::files;

/// From this size on a restore is worth a second thread.
const PARALLEL_BYTES_MIN: u64 = 4 << 20;

/// How long after it was last written to nobody puts a temporary file in place any more.
const ABANDONED_NS: i64 = 60 * 60 * 1_000_000_000;

/// What decides who may do what with a file; what else a mode says is left as it is.
const PERMISSIONS: u32 = 0o777;
/// What the owner of a directory needs to change what is in it.
const OWNER: u32 = 0o700;

/// Why a result was not put back.
pub(crate) enum RestoreError {
    /// A blob is not what its name says, or is gone; it was removed.
    Damaged(Name),
    /// The world refused.
    Refused(Name, io::Error),
}

/// What is put back where.
pub(crate) struct Restore<'a> {
    pub(crate) contents: &'a Contents,
    pub(crate) vault: &'a Vault,
    pub(crate) outputs: &'a [Output],
}

/// Makes temporary names unique within the process.
static COUNT: AtomicU64 = AtomicU64::new(0);

impl Restore<'_> {
    /// The outputs that are not there as they should be.
    pub(crate) fn missing(&self) -> Vec<&Output> {
        self.outputs.iter().filter(|it| !self.is_in_place(it)).collect()
    }

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

    /// Makes the outputs what they should be; `there` is what matches their patterns now.
    pub(crate) fn put_in_place(&self, there: &Listing) -> Result<(), RestoreError> {
        let missing = self.missing();
        sweep(self.contents, there);
        let stale = self.stale(there);
        if missing.is_empty() && stale.is_empty() {
            return Ok(());
        }
        self.open_directories()?;
        self.put(&missing)?;
        self.remove(&stale).map_err(|error| RestoreError::Refused(Name::default(), error))?;
        self.close_directories()
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
    fn put(&self, missing: &[&Output]) -> Result<(), RestoreError> {
        let others: Vec<&Output> =
            missing.iter().copied().filter(|it| it.kind != Kind::Directory).collect();
        let bytes: u64 = others.iter().map(|it| it.size).sum();
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
                    while let Some(output) = others.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if let Err(error) = self.one(output) {
                            *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                            next.store(others.len(), Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn one(&self, output: &Output) -> Result<(), RestoreError> {
        let directory = parent(&output.path);
        self.directory(directory).map_err(|it| refused(output, it))?;
        let target = self.contents.tree.path(&output.path);
        let temporary = temporary_beside(&target);
        let made = match output.kind {
            Kind::Link => files::make_link(&output.target, &temporary),
            _ => match self.copy(output, &temporary) {
                Ok(true) => Ok(()),
                Ok(false) => {
                    let _ = std::fs::remove_file(&temporary);
                    self.vault.drop_blob(output.digest);
                    return Err(RestoreError::Damaged(output.path.clone()));
                }
                Err(error) => Err(error),
            },
        };
        let outcome = made.and_then(|()| replace(&temporary, &target));
        if let Err(error) = outcome {
            let _ = std::fs::remove_file(&temporary);
            return Err(refused(output, error));
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
        let mut file = File::create(to)?;
        let is_shared = files::share_bytes(&blob, &file).is_ok();
        let mut hasher = content_hasher();
        read_chunks(&mut blob, |chunk| {
            hasher.update(chunk);
            if is_shared { Ok(()) } else { file.write_all(chunk) }
        })?;
        files::set_mode(&file, output.mode)?;
        Ok(Digest::from_bytes(*hasher.finalize().as_bytes()) == output.digest)
    }

    /// Makes a directory and those above it; a file in the way was an output before.
    fn directory(&self, path: &[u8]) -> io::Result<()> {
        if self.contents.tree.stamp_followed(path).kind == Kind::Directory {
            return Ok(());
        }
        let full = self.contents.tree.path(path);
        match std::fs::create_dir_all(&full) {
            Ok(()) => Ok(()),
            Err(error) => {
                let in_the_way = self.contents.tree.stamp(path).kind;
                if !matches!(in_the_way, Kind::File | Kind::Link) {
                    return Err(error);
                }
                std::fs::remove_file(&full)?;
                std::fs::create_dir_all(&full)
            }
        }
    }

    /// What matches the declared outputs and is not part of the result.
    pub(crate) fn stale<'a>(&self, there: &'a Listing) -> Vec<&'a (Name, Kind)> {
        let wanted: rustc_hash::FxHashSet<&[u8]> =
            self.outputs.iter().map(|it| &*it.path).collect();
        let is_stale = |it: &&(Name, Kind)| {
            it.1 != Kind::Absent && !wanted.contains(&*it.0) && !keeps_directory(&it.0)
        };
        there.paths.iter().filter(is_stale).collect()
    }

    fn remove(&self, stale: &[&(Name, Kind)]) -> io::Result<()> {
        // From the end: what is in a directory goes before it does.
        for (path, kind) in stale.iter().rev() {
            let full = self.contents.tree.path(path);
            if *kind == Kind::Directory {
                // One that holds something else stays.
                let _ = std::fs::remove_dir(&full);
            } else if let Err(error) = std::fs::remove_file(&full)
                && error.kind() != io::ErrorKind::NotFound
            {
                return Err(error);
            }
            self.contents.remember(path, gone());
        }
        Ok(())
    }
}

const fn permissions(mode: u32) -> u32 {
    mode & PERMISSIONS
}

fn gone() -> Content {
    Content { stamp: Stamp::ABSENT, digest: nothing(Kind::Absent), is_settled: true }
}

/// Gives the finished file its name; an empty directory or one that was an output before makes room.
fn replace(temporary: &Path, target: &Path) -> io::Result<()> {
    match std::fs::rename(temporary, target) {
        Err(error) if target.symlink_metadata().is_ok_and(|it| it.is_dir()) => {
            std::fs::remove_dir_all(target).map_err(|_| error)?;
            std::fs::rename(temporary, target)
        }
        outcome => outcome,
    }
}

fn temporary_beside(target: &Path) -> PathBuf {
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    target.with_file_name(format!(".rush-{}-{number}.tmp", std::process::id()))
}

/// Whether a name is one that a file has for a moment before it is in place.
pub(crate) fn is_temporary(name: &[u8]) -> bool {
    name.starts_with(b".rush-") && name.ends_with(b".tmp")
}

/// Removes what a Rush that was killed left where these outputs are.
pub(crate) fn sweep(contents: &Contents, there: &Listing) {
    for path in &there.temporaries {
        let stamp = contents.tree.stamp(path);
        let is_made_here = matches!(stamp.kind, Kind::File | Kind::Link);
        if is_made_here && stamp.modified_ns.saturating_add(ABANDONED_NS) < now_ns() {
            // What can't be removed is in nobody's way.
            let _ = std::fs::remove_file(contents.tree.path(path));
        }
    }
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
