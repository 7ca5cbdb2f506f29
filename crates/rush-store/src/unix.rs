//! What this system is told about the memory that it keeps for files.

use std::fs::File;

/// Says that nobody will ask for these bytes of a file soon: what is written to the disk of them need not stay in
/// memory, and what is not goes there now. Waits for nothing but room in the queue of the disk.
#[cfg(target_os = "linux")]
pub(crate) fn let_go(file: &File, start: u64, end: u64) {
    use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};

    let number = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
    let length = number(end.saturating_sub(start));
    // Advice that is not taken costs memory, nothing else.
    let _ = posix_fadvise(file, number(start), length, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
}

/// There is no such advice.
#[cfg(not(target_os = "linux"))]
pub(crate) fn let_go(_file: &File, _start: u64, _end: u64) {}
