//! Finds the packages of a workspace by listing directories.
//!
//! Only directories that a pattern of `members` may still match are entered. Hidden directories and
//! `node_modules` are not: what lies there belongs to tools, not to the author of the workspace.

use camino::Utf8Path;
use rush_semantics::layout::Members;
use rush_system::{FileKind, System};

/// The deepest directory below the root that can be a package; ends circles made by links.
const DEPTH_MAX: usize = 32;

/// The directories that may hold a member's `tasks.rush`, relative to the root, sorted.
///
/// Whether the file is there is not asked: whoever reads it finds out. What can't be listed has no
/// members.
pub(crate) fn candidates(system: &dyn System, root: &Utf8Path, members: &Members) -> Vec<String> {
    let mut found = Vec::new();
    let mut queue = vec![String::new()];
    while let Some(directory) = queue.pop() {
        if !directory.is_empty() && members.contains(&directory) {
            found.push(directory.clone());
        }
        let depth = directory.split('/').count();
        if depth > DEPTH_MAX || !members.may_be_below(&directory) {
            continue;
        }
        let Ok(entries) = system.list_dir(&root.join(&directory)) else { continue };
        for entry in entries {
            let is_directory = match entry.kind {
                FileKind::Directory => true,
                FileKind::Symlink => system.is_dir(&root.join(&directory).join(&entry.name)),
                FileKind::File | FileKind::Other => false,
            };
            if is_directory && !entry.name.starts_with('.') && entry.name != "node_modules" {
                queue.push(join(&directory, &entry.name));
            }
        }
    }
    found.sort_unstable();
    found
}

/// Joins parts of a path below the root.
pub(crate) fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}
