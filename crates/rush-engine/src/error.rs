//! Why a use case could not do its work. What is wrong with a task file is no error here but a report.

use camino::Utf8PathBuf;
use rush_project::{ProjectError, SettingsError};
use rush_system::SystemError;

/// Why a use case could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no project, or it can't be read.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The settings can't be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The world refused.
    #[error(transparent)]
    System(#[from] SystemError),
    /// A path that was asked for lies outside the workspace.
    #[error("`{path}` is not part of the workspace at `{root}`")]
    OutsideWorkspace {
        /// The path as given.
        path: Utf8PathBuf,
        /// The root of the workspace.
        root: Utf8PathBuf,
    },
    /// A path that was asked for has nothing to do with Rush.
    #[error("`{path}` has no task files")]
    NoTaskFiles {
        /// The path, as people see it.
        path: Utf8PathBuf,
    },
    /// A task file that was asked for, which nothing of the workspace imports.
    #[error("`{path}` is not part of the workspace: no task file imports it")]
    NotImported {
        /// The path, as people see it.
        path: Utf8PathBuf,
    },
}
