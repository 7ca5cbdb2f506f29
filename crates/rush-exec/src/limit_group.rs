//! `limit` groups: how many of a group run at the same time, in all processes of this user on this machine.
//!
//! A group of `max` has as many files, numbered, in a directory of the user; who holds the lock of one has a place.
//! The system gives the lock back when its holder ends, however it ends. The files stay, as removing one could let
//! two holders in. Where no directory can be made, the limit holds within this process only, and that is told.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::path::PathBuf;

/// The places this process has and the files behind them.
pub(crate) struct LimitGroups {
    directory: Option<PathBuf>,
    taken: HashMap<String, u64>,
    problem: Option<String>,
}

/// A place in a group.
pub(crate) struct Place {
    group: String,
    /// Holds the lock by being open.
    _lock: Option<File>,
}

impl LimitGroups {
    /// Groups whose files are in this directory; `None` means within this process only.
    pub(crate) fn new(directory: Option<PathBuf>) -> Self {
        Self { directory, taken: HashMap::new(), problem: None }
    }

    /// Takes a place if one of `max` is free.
    pub(crate) fn try_enter(&mut self, group: &str, max: u64) -> Option<Place> {
        if self.taken.get(group).copied().unwrap_or(0) >= max {
            return None;
        }
        let lock = match self.directory.clone() {
            None => None,
            Some(directory) => match lock_one(&directory.join(file_name(group)), max) {
                Ok(Some(file)) => Some(file),
                Ok(None) => return None,
                Err(error) => {
                    self.problem.get_or_insert_with(|| {
                        let directory = directory.display();
                        format!(
                            "`limit` groups hold in this run only: `{directory}` can't be used: {error}"
                        )
                    });
                    self.directory = None;
                    None
                }
            },
        };
        *self.taken.entry(group.to_owned()).or_default() += 1;
        Some(Place { group: group.to_owned(), _lock: lock })
    }

    /// Gives a place back.
    pub(crate) fn leave(&mut self, place: Place) {
        if let Some(taken) = self.taken.get_mut(&place.group) {
            *taken -= 1;
        }
    }

    /// What the person should know about the files, once.
    pub(crate) fn take_problem(&mut self) -> Option<String> {
        self.problem.take()
    }
}

/// Locks one of the first `max` files of a group; `None` if others have them all.
fn lock_one(directory: &std::path::Path, max: u64) -> std::io::Result<Option<File>> {
    crate::os::create_private_directory(directory)?;
    for number in 0..max {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join(number.to_string()))?;
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => {}
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// A name that any file system takes and that no two groups share.
fn file_name(group: &str) -> String {
    let mut name = String::new();
    for byte in group.bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' {
            name.push(byte as char);
        } else {
            name.push_str(&format!("_{byte:02x}"));
        }
    }
    name
}
