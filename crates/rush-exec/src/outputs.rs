//! The declared outputs of a task: their directories before it runs, their presence after it succeeded.

use camino::Utf8Path;
use rush_plan::{Glob, Task};
use rush_system::{LeftOut, OsSystem, Walk};

use crate::files::Patterns;
use crate::place::{Fetched, PlaceError};

/// Makes the directories that the outputs of a task lie in.
pub(crate) fn create_directories(task: &Task, root: &Utf8Path) -> Result<(), PlaceError> {
    for text in &task.outputs {
        let Ok(glob) = Glob::parse(text) else { continue };
        if glob.is_negated() {
            continue;
        }
        let directory = glob.literal_directory();
        let directory = if glob.is_literal() {
            directory.rsplit_once('/').map_or("", |(parent, _)| parent)
        } else {
            directory
        };
        if directory.is_empty() {
            continue;
        }
        std::fs::create_dir_all(root.join(directory)).map_err(|error| {
            PlaceError::new(format_args!(
                "the directory `{directory}` of the output `{text}` can't be created: {error}"
            ))
        })?;
    }
    Ok(())
}

/// Says which outputs of a task are not there.
pub fn look_for_outputs(task: &Task, root: &Utf8Path) -> Fetched {
    let mut fetched = Fetched::default();
    if task.outputs.is_empty() {
        return fetched;
    }
    let patterns = Patterns::new(&task.outputs);
    let walk = Walk { system: &OsSystem, root, start: "", left_out: LeftOut::Nothing };
    for glob in patterns.wanted() {
        // As it is written, without what lies below.
        let written = Glob::parse(glob.as_str()).ok();
        if let Some(path) = written.as_ref().filter(|it| it.is_literal()).map(Glob::literal_prefix)
        {
            // A link that leads nowhere is there too.
            if root.join(path).symlink_metadata().is_err() {
                fetched.missing.push(path.to_owned());
            }
        } else if !patterns.match_file(glob, walk) {
            fetched.empty.push(glob.as_str().to_owned());
        }
    }
    fetched
}
