//! The ways in which the world refuses, each with the path and the cause.
//!
//! The messages are fit for users; how they are framed and which exit code follows is decided
//! where they are shown.

use std::fmt;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

/// What was tried when the world refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Reading a file's bytes.
    Read,
    /// Reading a file's attributes.
    Inspect,
    /// Listing a directory.
    List,
    /// Finding the real path behind links.
    Resolve,
    /// Writing a file.
    Write,
    /// Creating a directory.
    Create,
    /// Removing a file or a directory.
    Remove,
}

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Read => "read",
            Self::Inspect => "inspect",
            Self::List => "list",
            Self::Resolve => "resolve",
            Self::Write => "write",
            Self::Create => "create",
            Self::Remove => "remove",
        })
    }
}

/// Why the world refused.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// Nothing is there.
    #[error("`{path}` does not exist")]
    NotFound {
        /// What was asked for.
        path: Utf8PathBuf,
    },
    /// The user may not do that.
    #[error("no permission to {action} `{path}`")]
    PermissionDenied {
        /// What was tried.
        action: Action,
        /// With which path.
        path: Utf8PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file was expected.
    #[error("`{path}` is a directory, not a file")]
    IsADirectory {
        /// The directory.
        path: Utf8PathBuf,
    },
    /// A directory was expected, or a part of the path is no directory.
    #[error("`{path}` is not a directory, or lies in something that is none")]
    NotADirectory {
        /// What was asked for.
        path: Utf8PathBuf,
    },
    /// Symbolic links lead to each other.
    #[error("the symbolic links at `{path}` lead in a circle")]
    LinkCircle {
        /// Where the circle was entered.
        path: Utf8PathBuf,
    },
    /// The operating system failed in any other way: a full disk, a broken device.
    #[error("could not {action} `{path}`: {source}")]
    Io {
        /// What was tried.
        action: Action,
        /// With which path.
        path: Utf8PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A path that Rush has to name is not UTF-8.
    #[error("the path `{lossy}` is not UTF-8")]
    PathNotUtf8 {
        /// The path with its broken bytes replaced.
        lossy: String,
    },
    /// An environment variable that was asked for is not UTF-8.
    #[error("the environment variable `{name}` is not UTF-8")]
    VariableNotUtf8 {
        /// The variable.
        name: String,
    },
    /// The current directory was removed, or may not be read.
    #[error("the current directory can't be told: {source}")]
    NoCurrentDir {
        /// What the operating system said.
        source: io::Error,
    },
}

impl SystemError {
    /// Sorts an operating system's error by its cause.
    pub fn from_io(action: Action, path: &Utf8Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::PermissionDenied { action, path, source }
            }
            io::ErrorKind::IsADirectory => Self::IsADirectory { path },
            io::ErrorKind::NotADirectory => Self::NotADirectory { path },
            _ => Self::Io { action, path, source },
        }
    }

    /// Returns whether the cause is that nothing is there.
    ///
    /// A path that goes *through* a file counts too: nothing can be there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::NotADirectory { .. })
    }

    /// The same error with its path as seen from a directory; both are absolute.
    #[must_use]
    pub fn seen_from(mut self, base: &Utf8Path) -> Self {
        match &mut self {
            Self::NotFound { path }
            | Self::PermissionDenied { path, .. }
            | Self::IsADirectory { path }
            | Self::NotADirectory { path }
            | Self::LinkCircle { path }
            | Self::Io { path, .. } => *path = crate::seen_from(path, base).into(),
            Self::PathNotUtf8 { .. } | Self::VariableNotUtf8 { .. } | Self::NoCurrentDir { .. } => {
            }
        }
        self
    }

    /// Returns the path that was asked for, if the error is about one.
    pub fn path(&self) -> Option<&Utf8Path> {
        match self {
            Self::NotFound { path }
            | Self::PermissionDenied { path, .. }
            | Self::IsADirectory { path }
            | Self::NotADirectory { path }
            | Self::LinkCircle { path }
            | Self::Io { path, .. } => Some(path),
            Self::PathNotUtf8 { .. } | Self::VariableNotUtf8 { .. } | Self::NoCurrentDir { .. } => {
                None
            }
        }
    }
}
