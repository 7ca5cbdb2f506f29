//! Finds the file of a program by its name, as the process that starts it would.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::os;

/// What was found so far; programs that were not found are looked for again, since a task may make them.
#[derive(Default)]
pub(crate) struct Programs {
    /// By search path, then by name.
    found: Mutex<HashMap<OsString, HashMap<String, Arc<Path>>>>,
}

impl Programs {
    /// Returns the file of a program: relative to `dir` if its name has a `/`, else from the search path.
    pub(crate) fn find(&self, name: &str, dir: &Path, path: &OsStr) -> Option<Arc<Path>> {
        if os::is_path(name) {
            let file = dir.join(name);
            return file.exists().then(|| file.into());
        }
        if let Some(known) = self.found().get(path).and_then(|it| it.get(name)) {
            return Some(Arc::clone(known));
        }
        let file: Arc<Path> = search(name, dir, path)?.into();
        if file.is_absolute() {
            let mut found = self.found();
            found.entry(path.to_owned()).or_default().insert(name.to_owned(), Arc::clone(&file));
        }
        Some(file)
    }

    fn found(&self) -> MutexGuard<'_, HashMap<OsString, HashMap<String, Arc<Path>>>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
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
