//! Answers what planning asks of the outside world: variables, texts of files, names of files.

use camino::Utf8Path;
use rush_plan::{Glob, ReadKey, ReadValue, WorkspacePath};
use rush_system::{LeftOut, System, Walk};

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
            Ok(glob) => ReadValue::Names(names(system, root, &glob)),
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
fn names(system: &dyn System, root: &Utf8Path, glob: &Glob) -> Vec<WorkspacePath> {
    let walk = Walk { system, root, start: glob.literal_directory(), left_out: LeftOut::Ignored };
    let found = walk.files(|it| glob.may_match_below(it));
    let matching = found.iter().filter(|it| glob.matches(it));
    let mut names: Vec<_> = matching.filter_map(|it| WorkspacePath::new(it).ok()).collect();
    names.sort();
    names
}
