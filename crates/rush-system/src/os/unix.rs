//! What Unix systems tell about files and memory.

use std::ffi::CString;
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

/// Whether the process may write there; a file system that is mounted read-only says no to everyone.
pub(super) fn is_writable(path: &Utf8Path) -> bool {
    let Ok(path) = CString::new(path.as_str()) else { return false };
    // SAFETY: `path` is a string that ends with a zero byte and outlives the call.
    unsafe { libc::access(path.as_ptr(), libc::W_OK) == 0 }
}

/// Whether the path lies on a file system that another machine serves.
pub(super) fn is_on_network(path: &Utf8Path) -> bool {
    let Ok(path) = CString::new(path.as_str()) else { return false };
    let mut found = std::mem::MaybeUninit::<libc::statfs>::uninit();
    // SAFETY: `path` ends with a zero byte, and `found` is as large as what is written to it.
    if unsafe { libc::statfs(path.as_ptr(), found.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: the call succeeded, so it has filled the structure.
    is_remote(&unsafe { found.assume_init() })
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_remote(found: &libc::statfs) -> bool {
    /// NFS, SMB in its three forms, AFS, Coda, NCP, 9P, Ceph, Lustre and GPFS, from `statfs(2)`.
    const REMOTE: [u32; 11] = [
        0x6969,
        0x517B,
        0xFF53_4D42,
        0xFE53_4D42,
        0x5346_414F,
        0x7375_7245,
        0x564C,
        0x0102_1997,
        0x00C3_6400,
        0x0BD0_0BD0,
        0x4750_4653,
    ];
    // The field is wider on some machines; the numbers have 32 bits everywhere.
    REMOTE.contains(&(found.f_type as u32))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_remote(found: &libc::statfs) -> bool {
    u64::from(found.f_flags as u32) & libc::MNT_LOCAL as u64 == 0
}

/// When a process began; `None` if there is none of this number.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn process_started(pid: u32) -> Option<u64> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&text);
    // The name of the program stands in brackets and may hold anything; the fields after it are plain.
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let is_over = matches!(fields.next()?, "Z" | "X");
    let started = fields.nth(18)?.parse().ok()?;
    (!is_over).then_some(started)
}

/// Whether there is a process of this number; when it began is not told.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn process_started(pid: u32) -> Option<u64> {
    let pid = libc::pid_t::try_from(pid).ok()?;
    // SAFETY: the signal 0 is never sent; only whether it could be is answered.
    (unsafe { libc::kill(pid, 0) } == 0).then_some(0)
}

/// The machine since it was last started; empty where that is not told.
pub(crate) fn machine() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.trim().to_owned()
}

/// Ends this process without another word.
pub(crate) fn end_process(status: u8) {
    // SAFETY: the call takes a number, and nothing runs after it.
    unsafe { libc::_exit(status.into()) }
}

/// Sends what Ctrl-C sends.
pub(crate) fn interrupt(pid: u32) -> io::Result<()> {
    let pid = libc::pid_t::try_from(pid).map_err(io::Error::other)?;
    // SAFETY: the call takes two numbers; what may be signalled is for the system to decide.
    if unsafe { libc::kill(pid, libc::SIGINT) } == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// How many seconds local time is ahead of UTC at a time; 0 where that is not told.
#[allow(clippy::useless_conversion, reason = "C's `long` has 32 bits on some systems")]
pub(crate) fn local_offset(seconds: i64) -> i64 {
    let time = seconds as libc::time_t;
    let mut local = std::mem::MaybeUninit::<libc::tm>::uninit();
    // SAFETY: both are valid for the call, which keeps neither; `local` is only read if it was filled.
    unsafe {
        if libc::localtime_r(&raw const time, local.as_mut_ptr()).is_null() {
            return 0;
        }
        i64::from(local.assume_init().tm_gmtoff)
    }
}
