//! The limit of open files: raised for Rush when many processes run at once, given back to each child.

use std::sync::OnceLock;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// What one running command keeps open in Rush: two outputs, an input, a descriptor of the process, and a spare.
const FILES_PER_JOB: u64 = 5;

/// What Rush needs besides.
const FILES_BESIDES: u64 = 128;

/// The limits that Rush was started with, once they were changed.
static ORIGINAL: OnceLock<(u64, u64)> = OnceLock::new();

/// Raises the limit as far as that is needed and allowed; without success, starting a process will say so.
pub(crate) fn make_room_for(jobs: usize) {
    let wanted = jobs as u64 * FILES_PER_JOB + FILES_BESIDES;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    if soft < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted.min(hard), hard).is_ok() {
        let _ = ORIGINAL.set((soft, hard));
    }
}

/// Gives a child the limit that it would have had without Rush; some programs close every possible file one by one.
#[cfg(target_os = "linux")]
pub(super) fn restore_for_child(pid: libc::pid_t) {
    let Some((soft, hard)) = ORIGINAL.get().copied() else { return };
    let limit = libc::rlimit { rlim_cur: soft, rlim_max: hard };
    // SAFETY: `limit` is valid for the call, and a null pointer means that the old limit is not wanted.
    unsafe { libc::prlimit(pid, libc::RLIMIT_NOFILE, &raw const limit, std::ptr::null_mut()) };
}

/// Only Linux can change the limits of another process.
#[cfg(not(target_os = "linux"))]
pub(super) fn restore_for_child(_pid: libc::pid_t) {}
