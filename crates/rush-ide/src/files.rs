//! What is in the workspace's folders, for answers that name files.
//!
//! Answers are made from the texts of task files; but which files a pattern matches, and what may
//! follow `src/` in a path, only the disk knows. Who holds the database implements this with listings
//! that have a limit; nothing of it is remembered beside the database.

/// Files and folders of the workspace.
pub trait FileView {
    /// What is in a directory, given relative to the workspace root with `/` between the parts; the
    /// root itself is the empty text. In the order of names; nothing for what is no directory.
    fn entries(&self, directory: &str) -> Vec<FileEntry>;

    /// The files that patterns match. They are relative to `directory`, as they are in a task of the
    /// package there, and one that begins with `!` takes files away.
    fn matches(&self, directory: &str, patterns: &[String]) -> FileMatches;
}

/// Something in a directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileEntry {
    /// Its name, without the directory.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
}

/// What something in a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// A directory.
    Directory,
    /// Anything else.
    File,
}

/// Files that patterns match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileMatches {
    /// How many were found.
    pub count: usize,
    /// The first of them in the order of paths, relative to the directory that was asked for.
    pub first: Vec<String>,
    /// Whether there may be more: the listing has a limit.
    pub is_capped: bool,
}
