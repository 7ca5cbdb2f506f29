//! Files as the cache sees them on a Unix: stamps relative to a directory, names as bytes, cheap copies.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::AtFlags;
use nix::sys::stat::{FileStat, SFlag, fstatat};

use crate::cache::{Kind, Stamp};

/// A directory that paths are relative to, so that the system need not walk to it each time.
pub(crate) struct Tree {
    path: PathBuf,
    directory: OwnedFd,
}

impl Tree {
    /// Opens a directory.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let directory = OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY).open(path)?;
        Ok(Self { path: path.to_owned(), directory: directory.into() })
    }

    /// What is at a path, relative to the directory or absolute, without following a link at its end.
    pub(crate) fn stamp(&self, path: &[u8]) -> Stamp {
        self.ask(path, AtFlags::AT_SYMLINK_NOFOLLOW)
    }

    /// What a path leads to.
    pub(crate) fn stamp_followed(&self, path: &[u8]) -> Stamp {
        self.ask(path, AtFlags::empty())
    }

    fn ask(&self, path: &[u8], flags: AtFlags) -> Stamp {
        let path = if path.is_empty() { b"." } else { path };
        match fstatat(&self.directory, OsStr::from_bytes(path), flags) {
            Ok(found) => stamp_of(&found),
            Err(nix::Error::ENOENT | nix::Error::ENOTDIR) => Stamp::ABSENT,
            Err(_) => Stamp::UNREADABLE,
        }
    }

    /// The path of something below, for other questions.
    pub(crate) fn path(&self, path: &[u8]) -> PathBuf {
        if path.is_empty() { self.path.clone() } else { self.path.join(OsStr::from_bytes(path)) }
    }
}

#[allow(clippy::unnecessary_cast, reason = "the widths of these fields differ between systems")]
fn stamp_of(found: &FileStat) -> Stamp {
    let kind = match SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT {
        SFlag::S_IFREG => Kind::File,
        SFlag::S_IFDIR => Kind::Directory,
        SFlag::S_IFLNK => Kind::Link,
        _ => Kind::Other,
    };
    Stamp {
        kind,
        mode: found.st_mode as u32 & 0o7777,
        device: found.st_dev as u64,
        inode: found.st_ino,
        size: found.st_size as u64,
        modified_ns: nanoseconds(found.st_mtime, found.st_mtime_nsec),
        changed_ns: nanoseconds(found.st_ctime, found.st_ctime_nsec),
    }
}

/// The stamp of an open file.
pub(crate) fn stamp_of_open(file: &File) -> io::Result<Stamp> {
    let found = file.metadata()?;
    Ok(Stamp {
        kind: if found.is_file() { Kind::File } else { Kind::Other },
        mode: found.mode() & 0o7777,
        device: found.dev(),
        inode: found.ino(),
        size: found.size(),
        modified_ns: nanoseconds(found.mtime(), found.mtime_nsec()),
        changed_ns: nanoseconds(found.ctime(), found.ctime_nsec()),
    })
}

const fn nanoseconds(seconds: i64, rest: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(rest)
}

/// A name or path as the bytes it is stored by.
pub(crate) fn bytes_of(name: &OsStr) -> Cow<'_, [u8]> {
    Cow::Borrowed(name.as_bytes())
}

/// The path that these bytes stand for.
pub(crate) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// Makes a symbolic link.
pub(crate) fn make_link(target: &[u8], at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(OsStr::from_bytes(target), at)
}

/// Whether the number in a stamp tells one file of a device from any other.
pub(crate) const HAS_FILE_NUMBERS: bool = true;

/// Whether a file has more than one name.
pub(crate) fn has_other_names(path: &Path) -> bool {
    path.metadata().is_ok_and(|it| it.nlink() > 1)
}

/// Gives a file its permission bits.
pub(crate) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(std::fs::Permissions::from_mode(mode & 0o7777))
}

/// The same for something at a path.
pub(crate) fn set_mode_at(path: &Path, mode: u32) -> io::Result<()> {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & 0o7777))
}

/// Creates a directory that only this user can use, and those above it.
pub(crate) fn create_private_directory(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Lets `to` share the bytes of `from` until one of them is written; fails where the file system can't.
#[cfg(target_os = "linux")]
pub(crate) fn share_bytes(from: &File, to: &File) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;
    // SAFETY: both descriptors are open for the duration of the call, and it takes nothing else.
    let outcome = unsafe { libc::ioctl(to.as_raw_fd(), libc::FICLONE, from.as_raw_fd()) };
    if outcome == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Lets `to` share the bytes of `from`; nobody here can.
#[cfg(not(target_os = "linux"))]
pub(crate) fn share_bytes(_from: &File, _to: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
