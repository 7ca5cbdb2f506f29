//! What Unix systems tell about files and memory.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use camino::Utf8Path;
use tempfile::NamedTempFile;

use super::Attributes;

/// The attributes that only Unix has.
pub(super) fn attributes(found: &fs::Metadata) -> Attributes {
    Attributes {
        changed: time(found.ctime(), found.ctime_nsec()),
        mode: found.permissions().mode() & 0o7777,
        inode: found.ino(),
        device: found.dev(),
    }
}

fn time(seconds: i64, nanoseconds: i64) -> Option<SystemTime> {
    let seconds = Duration::from_secs(u64::try_from(seconds).ok()?);
    let rest = Duration::from_nanos(u64::try_from(nanoseconds).ok()?);
    SystemTime::UNIX_EPOCH.checked_add(seconds)?.checked_add(rest)
}

/// A new file beside its target, with the permissions that a plain `open` would give it.
pub(super) fn temporary_file(dir: &Utf8Path) -> io::Result<NamedTempFile> {
    // The process's umask is applied to these bits, so nothing is more open than usual.
    let permissions = fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().prefix(".rush-").permissions(permissions).tempfile_in(dir)
}

/// Unix paths have no verbatim form.
pub(super) fn without_verbatim_prefix(path: PathBuf) -> PathBuf {
    path
}

/// The main memory in bytes; 0 if the system does not tell.
pub(super) fn memory_bytes() -> u64 {
    let of = |name| {
        // SAFETY: `sysconf` takes a number, touches no memory of ours and may be called any time.
        let value = unsafe { libc::sysconf(name) };
        u64::try_from(value).unwrap_or(0)
    };
    of(libc::_SC_PHYS_PAGES).saturating_mul(of(libc::_SC_PAGESIZE))
}
