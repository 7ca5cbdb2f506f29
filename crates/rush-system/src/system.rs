//! The trait itself: what may be asked of the world, and what each answer promises.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{Cursor, Read};
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};

use crate::dirs;
use crate::error::SystemError;
use crate::facts::{DirEntry, Host, HostOs, Metadata};

/// What a question to the world returns.
pub type Result<T> = std::result::Result<T, SystemError>;

/// The world as Rush sees it.
///
/// Relative paths are relative to [`current_dir`](System::current_dir). All methods may be called
/// from several threads at once. Nothing is remembered between two calls.
pub trait System: Debug + Send + Sync {
    /// Returns all bytes of a file.
    fn read(&self, path: &Utf8Path) -> Result<Vec<u8>>;

    /// Returns the bytes of a file as they are asked for, so that a large one is never in memory as a whole.
    fn open(&self, path: &Utf8Path) -> Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(self.read(path)?)))
    }

    /// Returns the attributes of what a path leads to, following links.
    fn metadata(&self, path: &Utf8Path) -> Result<Metadata>;

    /// Returns the attributes of the path itself, not following a link at its end.
    fn symlink_metadata(&self, path: &Utf8Path) -> Result<Metadata>;

    /// Returns the names in a directory, sorted bytewise.
    ///
    /// Names that are not UTF-8 are left out: no task file can spell them.
    fn list_dir(&self, path: &Utf8Path) -> Result<Vec<DirEntry>>;

    /// Returns the absolute path without links, `.` and `..`; everything on it must exist.
    fn canonicalize(&self, path: &Utf8Path) -> Result<Utf8PathBuf>;

    /// Replaces or creates a file such that readers see the old bytes or the new, never a mix.
    ///
    /// The permission bits of an existing file are kept. A link is written *through*: it stays a
    /// link and what it leads to is replaced. The directory must exist.
    fn write(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()>;

    /// As [`write`](System::write), but without waiting for the disk: after a power cut the file may be
    /// cut short. For what can be made again and tells itself whether it is whole.
    fn write_unsynced(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()>;

    /// Creates a directory and all that are missing above it; fine if it is there.
    fn create_dir_all(&self, path: &Utf8Path) -> Result<()>;

    /// Removes a file or a link, not what the link leads to.
    fn remove_file(&self, path: &Utf8Path) -> Result<()>;

    /// Removes a directory with all that is in it.
    fn remove_dir_all(&self, path: &Utf8Path) -> Result<()>;

    /// Returns one environment variable; `None` if it is unset.
    fn env_var(&self, name: &str) -> Result<Option<String>>;

    /// Returns all environment variables whose name and value are UTF-8.
    fn env_vars(&self) -> BTreeMap<String, String>;

    /// Returns the absolute directory that relative paths start from.
    fn current_dir(&self) -> Result<Utf8PathBuf>;

    /// Returns the time of day.
    fn now(&self) -> SystemTime;

    /// Returns a clock for measuring: it never goes back, its zero means nothing.
    fn monotonic(&self) -> Duration;

    /// Returns the facts about the machine.
    fn host(&self) -> Host;

    /// Returns the operating system, which costs nothing to find out.
    fn os(&self) -> HostOs {
        self.host().os
    }

    /// Returns whether anything is there, following links; `false` also if that can't be told.
    fn exists(&self, path: &Utf8Path) -> bool {
        self.metadata(path).is_ok()
    }

    /// Returns whether the path leads to an ordinary file.
    fn is_file(&self, path: &Utf8Path) -> bool {
        self.metadata(path).is_ok_and(|it| it.is_file())
    }

    /// Returns whether the path leads to a directory.
    fn is_dir(&self, path: &Utf8Path) -> bool {
        self.metadata(path).is_ok_and(|it| it.is_dir())
    }

    /// Returns whether the user may write to what is there, or create files in it.
    fn is_writable(&self, path: &Utf8Path) -> bool;

    /// Returns whether the path lies on a drive of the network; `false` also if that can't be told.
    fn is_on_network(&self, path: &Utf8Path) -> bool;

    /// Returns the number of the file system a path lies on; `None` if nothing is there.
    fn device(&self, path: &Utf8Path) -> Option<u64>;

    /// Returns the user's home directory, if the environment names one.
    fn home_dir(&self) -> Option<Utf8PathBuf> {
        dirs::home(&|name| self.env_var(name).ok().flatten(), self.os())
    }

    /// Returns where the user's settings for Rush live: `rush` in the XDG config directory.
    fn config_dir(&self) -> Option<Utf8PathBuf> {
        dirs::config(&|name| self.env_var(name).ok().flatten(), self.os())
    }

    /// Returns where Rush may keep what can be made again: `rush` in the XDG cache directory.
    fn cache_dir(&self) -> Option<Utf8PathBuf> {
        dirs::cache(&|name| self.env_var(name).ok().flatten(), self.os())
    }

    /// Returns where Rush keeps what it remembers: `rush` in the XDG state directory.
    fn state_dir(&self) -> Option<Utf8PathBuf> {
        dirs::state(&|name| self.env_var(name).ok().flatten(), self.os())
    }
}
