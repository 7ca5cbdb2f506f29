//! Files as the cache sees them on Windows: stamps from the standard library, names as UTF-8 with `/`.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::os::windows::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::cache::{Kind, Stamp};

/// A directory that paths are relative to.
pub(crate) struct Tree {
    path: PathBuf,
}

impl Tree {
    /// Names a directory.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned() })
    }

    /// What is at a path, without following a link at its end.
    pub(crate) fn stamp(&self, path: &[u8]) -> Stamp {
        stamp_of(std::fs::symlink_metadata(self.path(path)))
    }

    /// What a path leads to.
    pub(crate) fn stamp_followed(&self, path: &[u8]) -> Stamp {
        stamp_of(std::fs::metadata(self.path(path)))
    }

    /// The path of something below, for other questions.
    pub(crate) fn path(&self, path: &[u8]) -> PathBuf {
        if path.is_empty() { self.path.clone() } else { self.path.join(path_of(path)) }
    }
}

fn stamp_of(found: io::Result<Metadata>) -> Stamp {
    match found {
        Ok(found) => of_metadata(&found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Stamp::ABSENT,
        Err(_) => Stamp::UNREADABLE,
    }
}

fn of_metadata(found: &Metadata) -> Stamp {
    let kind = if found.is_symlink() {
        Kind::Link
    } else if found.is_dir() {
        Kind::Directory
    } else {
        Kind::File
    };
    // A tick of the clock is 100 ns.
    let modified_ns = (found.last_write_time() as i64).saturating_mul(100);
    Stamp {
        kind,
        mode: if found.permissions().readonly() { 0o444 } else { 0o644 },
        device: 0,
        inode: found.creation_time(),
        size: found.file_size(),
        modified_ns,
        changed_ns: modified_ns,
    }
}

/// The stamp of an open file.
pub(crate) fn stamp_of_open(file: &File) -> io::Result<Stamp> {
    Ok(of_metadata(&file.metadata()?))
}

/// A name or path as the bytes it is stored by.
pub(crate) fn bytes_of(name: &OsStr) -> Cow<'_, [u8]> {
    Cow::Owned(name.to_string_lossy().replace('\\', "/").into_bytes())
}

/// The path that these bytes stand for.
pub(crate) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// Makes a symbolic link to a file.
pub(crate) fn make_link(target: &[u8], at: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(path_of(target), at)
}

/// Whether the number in a stamp tells one file of a device from any other; here it is a time.
pub(crate) const HAS_FILE_NUMBERS: bool = false;

/// Whether a file has more than one name, as far as that is known.
pub(crate) const fn has_other_names(_path: &Path) -> bool {
    false
}

/// Gives a file its permission bits, of which Windows has one.
pub(crate) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    let mut permissions = file.metadata()?.permissions();
    permissions.set_readonly(mode & 0o200 == 0);
    file.set_permissions(permissions)
}

/// The same for a directory, which has none on Windows.
#[allow(clippy::unnecessary_wraps, reason = "other systems refuse")]
pub(crate) const fn set_mode_at(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// Creates a directory, and those above it.
pub(crate) fn create_private_directory(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Lets `to` share the bytes of `from`; nobody here can.
pub(crate) fn share_bytes(_from: &File, _to: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
