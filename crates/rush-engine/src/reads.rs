//! Answers what planning asks of the outside world: variables, texts of files, names of files.

use camino::{Utf8Path, Utf8PathBuf};
use ignore::{WalkBuilder, WalkState};
use rush_plan::{Glob, ReadKey, ReadValue, WorkspacePath};
use rush_system::System;

/// Reads one thing.
pub(crate) fn answer(system: &dyn System, root: &Utf8Path, key: &ReadKey) -> ReadValue {
    match key {
        ReadKey::Env(name) => match system.env_var(name) {
            Ok(Some(value)) => ReadValue::Text(value),
            Ok(None) => ReadValue::Absent,
            Err(error) => ReadValue::Unreadable(error.to_string()),
        },
        ReadKey::File(path) => text(system, &root.join(path.as_str())),
        ReadKey::Files(pattern) => match Glob::parse(pattern) {
            Ok(glob) => ReadValue::Names(names(root, &glob)),
            Err(error) => ReadValue::Unreadable(error.to_string()),
        },
    }
}

fn text(system: &dyn System, path: &Utf8Path) -> ReadValue {
    match system.read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => ReadValue::Text(text),
            Err(_) => ReadValue::Unreadable(format!("`{path}` is not UTF-8")),
        },
        Err(error) if error.is_not_found() => ReadValue::Absent,
        Err(error) => ReadValue::Unreadable(error.to_string()),
    }
}

/// The files that match, relative to the root and sorted; what Git ignores does not.
fn names(root: &Utf8Path, glob: &Glob) -> Vec<WorkspacePath> {
    let start = root.join(glob.literal_directory());
    let mut walk = WalkBuilder::new(&start);
    // Dotfiles match like others, but the repository's own store never does.
    walk.hidden(false).require_git(false).parents(true);
    let (prune_root, prune_glob) = (root.to_owned(), glob.clone());
    walk.filter_entry(move |entry| {
        let Some(inside) = inside(&prune_root, entry.path()) else { return false };
        let is_directory = entry.file_type().is_some_and(|it| it.is_dir());
        entry.file_name() != ".git" && (!is_directory || prune_glob.may_match_below(&inside))
    });
    let (sender, receiver) = std::sync::mpsc::channel();
    walk.build_parallel().run(|| {
        let sender = sender.clone();
        Box::new(move |entry| {
            if let Ok(entry) = entry
                && entry.file_type().is_some_and(|it| !it.is_dir())
                && let Some(path) = inside(root, entry.path())
                && glob.matches(&path)
                && let Ok(path) = WorkspacePath::new(&path)
            {
                // The receiver lives until all senders are gone.
                let _ = sender.send(path);
            }
            WalkState::Continue
        })
    });
    drop(sender);
    let mut names: Vec<WorkspacePath> = receiver.into_iter().collect();
    names.sort();
    names
}

fn inside(root: &Utf8Path, path: &std::path::Path) -> Option<String> {
    let path = path.strip_prefix(root).ok()?;
    let path = Utf8PathBuf::from_path_buf(path.to_owned()).ok()?;
    Some(path.as_str().replace(std::path::MAIN_SEPARATOR, "/"))
}
