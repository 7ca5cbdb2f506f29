//! A right that one process has at a time, for as long as it lives: a file that is locked.
//!
//! The file goes when the right is given back. It does not know what the right is about.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::unique::unique;
use crate::os::files;

/// What tells that a right was not respected.
const MARK: &[u8] = b"!";

/// How a file begins: with the number of a process.
const PROCESS_BYTES: usize = 4;

/// How often it is tried to have a file of one's own.
const TRIES_MAX: usize = 8;

/// The right.
pub(crate) struct Lock {
    path: PathBuf,
    file: File,
    /// How much its holder wrote.
    told: u64,
}

impl Lock {
    /// Takes the right of this name; `None` while another process has it. Its file names this process, and says what it is
    /// about.
    pub(crate) fn take(directory: &Path, name: &str, about: &[u8]) -> io::Result<Option<Self>> {
        let path = directory.join(name);
        let open = || File::options().create(true).append(true).open(&path);
        let file = match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                files::create_private_directory(directory)?;
                open()?
            }
            outcome => outcome?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Whoever had it may have removed the file between our opening and our locking it.
        if !lies_at(&file, &path)? {
            return Ok(None);
        }
        // What is in it is about somebody who was killed.
        if file.metadata()?.len() > 0 {
            file.set_len(0)?;
        }
        let mut lock = Self { path, file, told: 0 };
        lock.append(&[&std::process::id().to_le_bytes(), about].concat())?;
        Ok(Some(lock))
    }

    /// Takes a right that nobody else wants, of a name that begins so; `None` if that can't be had.
    pub(crate) fn take_own(directory: &Path, start: &str, about: &[u8]) -> Option<Self> {
        let take = |_| Self::take(directory, &format!("{start}{:016x}", unique()), about).ok()?;
        // Whoever tidies up may be faster than the lock.
        (0..TRIES_MAX).find_map(take)
    }

    /// The process that has the right with this file; `None` if that can't be read.
    pub(crate) fn holder(path: &Path) -> Option<u32> {
        let mut process = [0; PROCESS_BYTES];
        File::open(path).and_then(|mut it| it.read_exact(&mut process)).ok()?;
        Some(u32::from_le_bytes(process))
    }

    /// What its holder said the right with this file is about, and whatever was written to it since.
    pub(crate) fn about(path: &Path) -> Option<Vec<u8>> {
        let mut bytes = std::fs::read(path).ok()?;
        (bytes.len() >= PROCESS_BYTES).then(|| bytes.split_off(PROCESS_BYTES))
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whoever has the right with this file, if anybody has it, that it is not respected.
    pub(crate) fn mark_at(path: &Path) -> io::Result<()> {
        File::options().append(true).open(path)?.write_all(MARK)
    }

    /// The same, of one's own.
    pub(crate) fn mark(&self) -> io::Result<()> {
        (&self.file).write_all(MARK)
    }

    /// Whether somebody did not respect it. What can't be asked may have been.
    pub(crate) fn is_marked(&self) -> bool {
        self.file.metadata().map_or(true, |it| it.len() > self.told)
    }

    /// Writes to the end of its file, for others to read.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.told += bytes.len() as u64;
        Ok(())
    }
}

/// Whether the right of this file is had by somebody; else the file goes.
pub(crate) fn is_held(path: &Path) -> bool {
    // Some file systems lock only what may be written.
    let file = match File::options().append(true).open(path) {
        Ok(file) => file,
        Err(error) => return error.kind() != io::ErrorKind::NotFound,
    };
    if file.try_lock().is_err() {
        return true;
    }
    // Whoever had it may have removed the file since it was opened, and the name may be somebody else's by now.
    if !lies_at(&file, path).unwrap_or(false) {
        return path.exists();
    }
    let _ = std::fs::remove_file(path);
    false
}

/// Whether this file is the one that has this name.
fn lies_at(file: &File, path: &Path) -> io::Result<bool> {
    let own = files::stamp_of_open(file)?;
    let there = File::open(path).and_then(|it| files::stamp_of_open(&it));
    Ok(there.is_ok_and(|it| (it.device, it.inode) == (own.device, own.inode)))
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while it is held, so that nobody holds a file without a name.
        let _ = std::fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}
