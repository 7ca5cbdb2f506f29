//! Finds the file of a program by its name, as the process that starts it would.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::os;

/// What was found so far; programs that were not found are looked for again, since a task may make them.
#[derive(Default)]
pub(crate) struct Programs {
    found: Mutex<HashMap<(OsString, String), PathBuf>>,
}

impl Programs {
    /// Returns the file of a program: relative to `dir` if its name has a `/`, else from the search path.
    pub(crate) fn find(&self, name: &str, dir: &Path, path: &OsStr) -> Option<PathBuf> {
        if os::is_path(name) {
            let file = dir.join(name);
            return file.exists().then_some(file);
        }
        let key = (path.to_owned(), name.to_owned());
        let known = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if known.is_some() {
            return known;
        }
        let file = search(name, dir, path)?;
        if file.is_absolute() {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.insert(key, file.clone());
        }
        Some(file)
    }
}

/// Searches the directories of `path`; an empty or relative entry is relative to `dir`.
pub(crate) fn search(name: &str, dir: &Path, path: &OsStr) -> Option<PathBuf> {
    if name.is_empty() {
        return None;
    }
    std::env::split_paths(path)
        .map(|entry| dir.join(entry).join(name))
        .find(|file| os::is_executable(file))
}
