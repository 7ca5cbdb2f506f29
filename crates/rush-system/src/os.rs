//! The real world: the operating system that Rush runs on.
//!
//! What differs between systems is in `unix.rs` and `windows.rs`, under the same names in both.

#![allow(clippy::disallowed_methods, reason = "this is the one place that may ask the system")]

#[cfg(unix)]
#[path = "os/unix.rs"]
pub(crate) mod platform;
#[cfg(windows)]
#[path = "os/windows.rs"]
pub(crate) mod platform;

use std::collections::BTreeMap;
use std::env::{self, VarError};
use std::fs;
use std::io::{self, Read, Write as _};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Action, SystemError};
use crate::facts::{DirEntry, FileKind, Host, HostOs, Metadata};
use crate::system::{Result, System};

/// How many links are followed before they are called a circle; what Linux allows as well.
const LINKS_MAX: usize = 40;

/// The zero of [`System::monotonic`].
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The system that the program runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsSystem;

impl System for OsSystem {
    fn read(&self, path: &Utf8Path) -> Result<Vec<u8>> {
        fs::read(path).map_err(|source| SystemError::from_io(Action::Read, path, source))
    }

    fn open(&self, path: &Utf8Path) -> Result<Box<dyn Read + Send>> {
        let file = fs::File::open(path);
        Ok(Box::new(file.map_err(|it| SystemError::from_io(Action::Read, path, it))?))
    }

    fn metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        let found = fs::metadata(path);
        metadata_of(&found.map_err(|it| SystemError::from_io(Action::Inspect, path, it))?, path)
    }

    fn symlink_metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        let found = fs::symlink_metadata(path);
        metadata_of(&found.map_err(|it| SystemError::from_io(Action::Inspect, path, it))?, path)
    }

    fn list_dir(&self, path: &Utf8Path) -> Result<Vec<DirEntry>> {
        list(path).map_err(|source| SystemError::from_io(Action::List, path, source))
    }

    fn canonicalize(&self, path: &Utf8Path) -> Result<Utf8PathBuf> {
        let found = fs::canonicalize(path);
        let found = found.map_err(|it| SystemError::from_io(Action::Resolve, path, it))?;
        utf8(platform::without_verbatim_prefix(found))
    }

    fn write(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        let target = written_through(path)?;
        let written = replace(&target, bytes, Durability::Synced);
        written.map_err(|it| SystemError::from_io(Action::Write, path, it))
    }

    fn write_unsynced(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        let target = written_through(path)?;
        let written = replace(&target, bytes, Durability::Unsynced);
        written.map_err(|it| SystemError::from_io(Action::Write, path, it))
    }

    fn create_dir_all(&self, path: &Utf8Path) -> Result<()> {
        fs::create_dir_all(path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => SystemError::NotADirectory { path: path.to_owned() },
            _ => SystemError::from_io(Action::Create, path, source),
        })
    }

    fn remove_file(&self, path: &Utf8Path) -> Result<()> {
        // Systems disagree on the error for a directory, so it is asked for by name.
        if fs::symlink_metadata(path).is_ok_and(|it| it.is_dir()) {
            return Err(SystemError::IsADirectory { path: path.to_owned() });
        }
        fs::remove_file(path).map_err(|it| SystemError::from_io(Action::Remove, path, it))
    }

    fn remove_dir_all(&self, path: &Utf8Path) -> Result<()> {
        let found = self.symlink_metadata(path)?;
        if !found.is_dir() {
            return Err(SystemError::NotADirectory { path: path.to_owned() });
        }
        fs::remove_dir_all(path).map_err(|it| SystemError::from_io(Action::Remove, path, it))
    }

    fn is_writable(&self, path: &Utf8Path) -> bool {
        platform::is_writable(path)
    }

    fn is_on_network(&self, path: &Utf8Path) -> bool {
        platform::is_on_network(path)
    }

    fn device(&self, path: &Utf8Path) -> Option<u64> {
        self.metadata(path).map(|it| it.device).ok()
    }

    fn env_var(&self, name: &str) -> Result<Option<String>> {
        match env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => {
                Err(SystemError::VariableNotUtf8 { name: name.to_owned() })
            }
        }
    }

    fn env_vars(&self) -> BTreeMap<String, String> {
        let all = env::vars_os();
        all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    fn current_dir(&self) -> Result<Utf8PathBuf> {
        utf8(env::current_dir().map_err(|source| SystemError::NoCurrentDir { source })?)
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        START.elapsed()
    }

    fn host(&self) -> Host {
        let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Host {
            os: host_os(),
            arch: env::consts::ARCH.to_owned(),
            cpus: u32::try_from(cpus).unwrap_or(u32::MAX),
            memory_bytes: platform::memory_bytes(),
        }
    }

    fn os(&self) -> HostOs {
        host_os()
    }
}

fn host_os() -> HostOs {
    match env::consts::OS {
        "linux" | "android" => HostOs::Linux,
        "macos" | "ios" => HostOs::Macos,
        "windows" => HostOs::Windows,
        // The other systems that Rust supports and people build on are BSDs.
        _ => HostOs::Freebsd,
    }
}

fn utf8(path: std::path::PathBuf) -> Result<Utf8PathBuf> {
    Utf8PathBuf::from_path_buf(path)
        .map_err(|path| SystemError::PathNotUtf8 { lossy: path.to_string_lossy().into_owned() })
}

fn metadata_of(found: &fs::Metadata, path: &Utf8Path) -> Result<Metadata> {
    let modified = found.modified();
    let modified = modified.map_err(|it| SystemError::from_io(Action::Inspect, path, it))?;
    let attributes = platform::attributes(found);
    Ok(Metadata {
        kind: kind_of(found.file_type()),
        len: found.len(),
        modified,
        changed: attributes.changed.unwrap_or(modified),
        mode: attributes.mode,
        inode: attributes.inode,
        device: attributes.device,
    })
}

/// What `fs::Metadata` tells only on some systems.
struct Attributes {
    changed: Option<SystemTime>,
    mode: u32,
    inode: u64,
    device: u64,
}

fn kind_of(kind: fs::FileType) -> FileKind {
    if kind.is_file() {
        FileKind::File
    } else if kind.is_dir() {
        FileKind::Directory
    } else if kind.is_symlink() {
        FileKind::Symlink
    } else {
        FileKind::Other
    }
}

fn list(path: &Utf8Path) -> io::Result<Vec<DirEntry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string() {
            entries.push(DirEntry { name, kind: kind_of(entry.file_type()?) });
        }
    }
    entries.sort();
    Ok(entries)
}

/// The path that a write to `path` replaces: the end of its chain of links, which need not exist.
fn written_through(path: &Utf8Path) -> Result<Utf8PathBuf> {
    if fs::metadata(path).is_ok_and(|it| is_special(&it)) {
        // `/dev/stdout` is a link to what has no path.
        return Ok(path.to_owned());
    }
    let mut target = path.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(next) = fs::read_link(&target) else { return Ok(target) };
        let next = utf8(next)?;
        // A relative link starts from its own directory; `join` keeps an absolute one as it is.
        target = target.parent().unwrap_or(Utf8Path::new("")).join(next);
    }
    Err(SystemError::LinkCircle { path: path.to_owned() })
}

/// Whether it is a device, a pipe or a socket: written to, never replaced.
fn is_special(found: &fs::Metadata) -> bool {
    !found.is_file() && !found.is_dir()
}

/// Whether a write waits until the disk has it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Durability {
    Synced,
    Unsynced,
}

fn replace(target: &Utf8Path, bytes: &[u8], durability: Durability) -> io::Result<()> {
    let dir = target.parent().filter(|it| !it.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let old = match fs::metadata(target) {
        Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if found.permissions().readonly() => {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(found) if is_special(&found) => {
            return fs::OpenOptions::new().write(true).open(target)?.write_all(bytes);
        }
        Ok(found) => Some(found.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let mut file = platform::temporary_file(dir)?;
    file.write_all(bytes)?;
    if let Some(permissions) = old {
        file.as_file().set_permissions(permissions)?;
    }
    if durability == Durability::Synced {
        // Without this a power cut right after the rename may leave an empty file behind.
        file.as_file().sync_data()?;
    }
    file.persist(target).map_err(|it| it.error)?;
    Ok(())
}

/// How many seconds the clock on the wall is ahead of UTC at a time, given in seconds since 1970.
pub fn local_offset(seconds: i64) -> i64 {
    platform::local_offset(seconds)
}
