//! Which directories and files there are to watch.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

/// What lies in every workspace and is nobody's source.
const NEVER: [&str; 2] = [".git", ".rush-state"];

/// What becomes of what Git ignores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ignored {
    Skipped,
    Counted,
}

/// Whether this is the name of something that is never watched.
pub(super) fn is_nobodys(name: &OsStr) -> bool {
    NEVER.iter().any(|it| name == *it)
}

/// A directory with all below it.
pub(super) fn directories(root: &Path, ignored: Ignored) -> Vec<PathBuf> {
    let entries = walker(root, ignored).build().filter_map(Result::ok);
    entries.filter(is_directory).map(DirEntry::into_path).collect()
}

/// All files below a directory.
pub(super) fn files(root: &Path, ignored: Ignored) -> Vec<PathBuf> {
    let entries = walker(root, ignored).build().filter_map(Result::ok);
    entries.filter(|it| !is_directory(it)).map(DirEntry::into_path).collect()
}

/// The files in this very directory.
pub(super) fn files_in(directory: &Path, ignored: Ignored) -> Vec<PathBuf> {
    let mut walk = walker(directory, ignored);
    let entries = walk.max_depth(Some(1)).build().filter_map(Result::ok);
    entries.filter(|it| !is_directory(it)).map(DirEntry::into_path).collect()
}

/// Whether there is a directory at a path.
#[allow(clippy::disallowed_methods, reason = "a watch sees real files, whatever their names")]
pub(super) fn is_there(path: &Path) -> bool {
    path.is_dir()
}

fn is_directory(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|it| it.is_dir())
}

fn walker(root: &Path, ignored: Ignored) -> WalkBuilder {
    let mut walk = WalkBuilder::new(root);
    walk.hidden(false).require_git(false).follow_links(false);
    // As with `rush_system::Ignored`, neither a user's own settings nor files for other tools count. What lies above
    // the repository still does (decision 0194).
    walk.ignore(false).git_global(false);
    if ignored == Ignored::Counted {
        walk.git_ignore(false).git_exclude(false).parents(false);
    }
    walk.filter_entry(|entry| !is_nobodys(entry.file_name()));
    walk
}
