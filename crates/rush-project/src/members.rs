//! Finds the packages of a workspace by listing directories.
//!
//! Only directories that a pattern of `members` may still match are entered. Hidden directories,
//! `node_modules` and what Git ignores are not: what lies there belongs to tools, not to the author
//! of the workspace. A directory that a pattern names without a wildcard is meant all the same.

use std::rc::Rc;

use camino::Utf8Path;
use rush_semantics::layout::Members;
use rush_system::{DirEntry, FileKind, Ignored, System};

/// The deepest directory below the root that can be a package; ends circles made by links.
const DEPTH_MAX: usize = 32;

/// The directories that may hold a member's `tasks.rush`, relative to the root, sorted.
///
/// Whether the file is there is not asked: whoever reads it finds out. What can't be listed has no
/// members.
pub(crate) fn candidates(system: &dyn System, root: &Utf8Path, members: &Members) -> Vec<String> {
    let mut found = Vec::new();
    let mut queue = vec![(String::new(), Ignored::above(system, root))];
    while let Some((directory, ignored)) = queue.pop() {
        if !directory.is_empty() && members.contains(&directory) {
            found.push(directory.clone());
        }
        let depth = directory.split('/').count();
        if depth > DEPTH_MAX || !members.may_be_below(&directory) {
            continue;
        }
        let path = root.join(&directory);
        let Ok(entries) = system.list_dir(&path) else { continue };
        let ignored = ignored.with(system, &path, &entries);
        let below = entries.iter().filter(|entry| is_directory(system, &path, entry));
        let below = below.map(|entry| join(&directory, &entry.name));
        let below = below.filter(|it| is_entered(root, members, &ignored, it));
        queue.extend(below.map(|it| (it, Rc::clone(&ignored))));
    }
    found.sort_unstable();
    found
}

/// Whether the package in this directory, relative to the root, is a member that would be found.
pub(crate) fn is_member(
    system: &dyn System,
    root: &Utf8Path,
    members: &Members,
    directory: &str,
) -> bool {
    if !members.contains(directory) {
        return false;
    }
    let mut ignored = Ignored::above(system, root);
    let ends = directory.match_indices('/').map(|(at, _)| at).chain([directory.len()]);
    let mut above = "";
    for end in ends {
        let path = root.join(above);
        let entries = system.list_dir(&path).unwrap_or_default();
        ignored = ignored.with(system, &path, &entries);
        above = directory.get(..end).unwrap_or_default();
        if !is_entered(root, members, &ignored, above) {
            return false;
        }
    }
    true
}

fn is_directory(system: &dyn System, path: &Utf8Path, entry: &DirEntry) -> bool {
    match entry.kind {
        FileKind::Directory => true,
        FileKind::Symlink => system.is_dir(&path.join(&entry.name)),
        FileKind::File | FileKind::Other => false,
    }
}

/// Whether packages are sought in a directory, given that they are in the one that holds it.
fn is_entered(root: &Utf8Path, members: &Members, ignored: &Ignored, directory: &str) -> bool {
    let name = directory.rsplit('/').next().unwrap_or(directory);
    let is_foreign = name.starts_with('.')
        || name == "node_modules"
        || (members.may_be(directory) && ignored.holds(&root.join(directory), FileKind::Directory));
    !is_foreign || members.name(directory)
}

/// Joins parts of a path below the root.
pub(crate) fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}
