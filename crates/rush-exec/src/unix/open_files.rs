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

/// The limits that a child would have had without Rush, if they were changed; some programs close every possible
/// file one by one.
pub(super) fn original() -> Option<(u64, u64)> {
    ORIGINAL.get().copied()
}
