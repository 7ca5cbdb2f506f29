//! Plain facts about files and about the machine, as [`System`](crate::System) reports them.

use std::fmt;
use std::time::SystemTime;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    /// An ordinary file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link, as seen without following it.
    Symlink,
    /// A pipe, a socket, a device.
    Other,
}

/// What the file system knows about one path.
///
/// All fields together tell two states of a file apart without reading it; see
/// `modified` and `changed` for what each of the two clocks promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// What is there.
    pub kind: FileKind,
    /// The size in bytes; for a directory whatever the file system says.
    pub len: u64,
    /// When the contents were last written; programs can set it to anything.
    pub modified: SystemTime,
    /// When contents or attributes last changed; on Windows the same as `modified`.
    pub changed: SystemTime,
    /// The permission bits, such as `0o644`; on Windows made up from the read-only flag.
    pub mode: u32,
    /// The file's number on its device; 0 where there is none.
    pub inode: u64,
    /// The file system it lies on; 0 where that cannot be told.
    pub device: u64,
}

impl Metadata {
    /// Returns whether this is an ordinary file.
    pub fn is_file(&self) -> bool {
        self.kind == FileKind::File
    }

    /// Returns whether this is a directory.
    pub fn is_dir(&self) -> bool {
        self.kind == FileKind::Directory
    }
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirEntry {
    /// The name, without the directory.
    pub name: String,
    /// What the name stands for; links are not followed.
    pub kind: FileKind,
}

/// The operating systems that Rush knows by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostOs {
    /// Linux.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
    /// FreeBSD, and what is treated like it.
    Freebsd,
}

impl HostOs {
    /// Returns the name that `host.os` has in a task file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Macos => "macos",
            Self::Windows => "windows",
            Self::Freebsd => "freebsd",
        }
    }
}

impl fmt::Display for HostOs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The machine that Rush runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The operating system.
    pub os: HostOs,
    /// The processor architecture, `x86_64` or `aarch64` on most machines.
    pub arch: String,
    /// How many threads can really run at once, container limits included; at least 1.
    pub cpus: u32,
    /// The main memory in bytes; 0 where that cannot be told.
    pub memory_bytes: u64,
}
