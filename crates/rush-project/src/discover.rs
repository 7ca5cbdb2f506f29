//! Finds the workspace around a directory.
//!
//! The nearest `tasks.rush` at or above the start is the package. The workspace is the nearest
//! `tasks.rush`, from there up, with a `workspace` item whose `members` contain the package; else
//! the package alone. The search looks into the home directory, the last directory of a file system
//! and the one with `.git`, but not above them.

use camino::{Utf8Path, Utf8PathBuf};
use rush_semantics::layout;
use rush_semantics::names::PACKAGE_FILE;
use rush_system::{System, SystemError};

use crate::error::{ProjectError, Stop};
use crate::members;
use crate::text::Text;

/// The names a task file of TaskRush may have, in the order in which it looks for them.
const LEGACY_NAMES: [&str; 3] = [".rush", ".rush.yml", ".rush.yaml"];

/// Where a workspace and the package around the start are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The workspace root, without links.
    pub(crate) root: Utf8PathBuf,
    /// The directory of the nearest package, without links.
    pub(crate) package: Utf8PathBuf,
    /// The start itself, without links.
    pub(crate) start: Utf8PathBuf,
}

/// Finds the workspace around `start`, which is made absolute and freed of links first.
pub(crate) fn discover(system: &dyn System, start: &Utf8Path) -> Result<Found, ProjectError> {
    let start = system.canonicalize(start)?;
    if !system.is_dir(&start) {
        return Err(ProjectError::NotADirectory { path: start });
    }
    let (searched, stop) = search_path(system, &start);
    let mut package: Option<&Utf8PathBuf> = None;
    for directory in &searched {
        let Some(text) = Text::read(system, &directory.join(PACKAGE_FILE))? else { continue };
        let package = *package.get_or_insert(directory);
        let Some(members) = layout::members(&text.text) else { continue };
        let inside = package.strip_prefix(directory).map(as_member).unwrap_or_default();
        if inside.is_empty() || members::is_member(system, directory, &members, &inside) {
            return Ok(Found { root: directory.clone(), package: package.clone(), start });
        }
    }
    match package {
        Some(package) => Ok(Found { root: package.clone(), package: package.clone(), start }),
        None => Err(nothing(system, start, searched, stop)),
    }
}

/// A path below the root as patterns see it.
pub(crate) fn as_member(path: &Utf8Path) -> String {
    path.as_str().replace(std::path::MAIN_SEPARATOR, "/")
}

/// The directories to look into, the nearest first, and why the last one is the last.
fn search_path(system: &dyn System, start: &Utf8Path) -> (Vec<Utf8PathBuf>, Stop) {
    let home = system.home_dir().map(|it| system.canonicalize(&it).unwrap_or(it));
    let mut searched = Vec::new();
    let mut at = start;
    loop {
        searched.push(at.to_owned());
        if home.as_deref() == Some(at) {
            return (searched, Stop::Home);
        }
        if system.exists(&at.join(".git")) {
            return (searched, Stop::Repository);
        }
        let Some(parent) = at.parent() else { return (searched, Stop::Top) };
        if system.device(parent) != system.device(at) {
            return (searched, Stop::FileSystem);
        }
        at = parent;
    }
}

fn nothing(
    system: &dyn System,
    start: Utf8PathBuf,
    searched: Vec<Utf8PathBuf>,
    stop: Stop,
) -> ProjectError {
    let candidates =
        searched.iter().flat_map(|directory| LEGACY_NAMES.map(|name| directory.join(name)));
    let mut legacy = candidates.filter(|path| is_legacy(system, path));
    match legacy.next() {
        Some(path) => ProjectError::Legacy { path },
        None => ProjectError::NoTasksFile { start, searched, stop },
    }
}

/// Whether a file is a mapping with the key `tasks`, which is what makes it a task file.
fn is_legacy(system: &dyn System, path: &Utf8Path) -> bool {
    let text: Result<_, SystemError> = Text::read(system, path);
    let Ok(Some(text)) = text else { return false };
    let mut lines = text.text.trim_start_matches('\u{feff}').lines();
    lines.any(|line| line.starts_with("tasks:") || line.trim_start().starts_with("\"tasks\""))
}
