//! What can happen to a file while a project is open.

use std::sync::Arc;

use camino::Utf8PathBuf;

/// One file is to be looked at anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The absolute path. Links on it may be there or not; both mean the same file.
    pub path: Utf8PathBuf,
    /// What it holds now.
    pub content: Content,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The text of an open buffer, whatever is on the disk.
    Overlay(Arc<str>),
    /// What is on the disk; an open buffer is forgotten.
    Disk,
    /// Nothing: the file is gone, and so is its buffer.
    Removed,
}

impl Change {
    /// An open buffer has this text.
    pub fn overlay(path: impl Into<Utf8PathBuf>, text: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), content: Content::Overlay(text.into()) }
    }

    /// The file is to be read.
    pub fn disk(path: impl Into<Utf8PathBuf>) -> Self {
        Self { path: path.into(), content: Content::Disk }
    }

    /// The file is gone.
    pub fn removed(path: impl Into<Utf8PathBuf>) -> Self {
        Self { path: path.into(), content: Content::Removed }
    }
}

/// What came of a batch of changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Files that came or went, relative to the root, because of what the others say.
    pub added: Vec<String>,
    /// Files that no longer belong to the workspace.
    pub removed: Vec<String>,
    /// Paths that lie outside the workspace and were left alone.
    pub outside: Vec<Utf8PathBuf>,
    /// The workspace may have another root now: open a new project to find out.
    pub is_outdated: bool,
}
