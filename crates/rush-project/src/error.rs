//! Why a folder is no project.

use camino::{Utf8Path, Utf8PathBuf};
use rush_system::SystemError;

/// Why a project could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// There is no `tasks.rush` at or above the start.
    #[error("no `tasks.rush` in `{start}`{}", above(searched, *stop))]
    NoTasksFile {
        /// Where the search began.
        start: Utf8PathBuf,
        /// Every directory that was looked into, the start first.
        searched: Vec<Utf8PathBuf>,
        /// Why the search went no further.
        stop: Stop,
    },
    /// There is only a task file of another program.
    #[error("`{path}` is a TaskRush file (YAML); Rush reads `tasks.rush`")]
    Legacy {
        /// The file.
        path: Utf8PathBuf,
    },
    /// The start is no directory.
    #[error("`{path}` is not a directory")]
    NotADirectory {
        /// The start.
        path: Utf8PathBuf,
    },
    /// The world refused.
    #[error(transparent)]
    System(#[from] SystemError),
}

/// Why the search for a `tasks.rush` went no further up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The last directory holds a `.git`.
    Repository,
    /// The last directory is the user's home.
    Home,
    /// The directory above lies on another file system.
    FileSystem,
    /// There is no directory above.
    Top,
}

impl Stop {
    /// What stands at the last directory that was searched, in words.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Repository => "the root of the repository",
            Self::Home => "the home directory",
            Self::FileSystem => "the border of the file system",
            Self::Top => "the top directory",
        }
    }
}

fn above(searched: &[Utf8PathBuf], stop: Stop) -> String {
    match searched.last().filter(|_| searched.len() > 1) {
        Some(last) => format!(", nor in a directory above it up to `{last}`, {}", stop.reason()),
        None => format!(", which is {}", stop.reason()),
    }
}

impl ProjectError {
    /// The shortest file that works, to be pasted where there is none.
    pub const FIRST_FILE: &'static str = "task hello {\n  run: `echo hello`\n}\n";

    /// Where a first file would go.
    pub fn start(&self) -> Option<&Utf8Path> {
        match self {
            Self::NoTasksFile { start, .. } => Some(start),
            Self::Legacy { path } => path.parent(),
            Self::NotADirectory { .. } | Self::System(_) => None,
        }
    }
}
