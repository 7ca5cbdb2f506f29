//! What ends the processes of a run if Rush itself is killed: a second process of this very program, which waits
//! for the first to end.
//!
//! It holds one end of a pipe, and the operating system closes the other however Rush ends. What it then does is
//! in `unix/guard.rs`; on Windows a job object would do it without a process.

use std::ffi::{OsStr, OsString};

use crate::options::GuardProgram;
use crate::os;

/// The first word of a program that is to be a guard; the second is the run.
const GUARD: &str = "--guard-run";

impl GuardProgram {
    /// This program as its own guard, if [`serve_if_asked`] is the first thing it does.
    pub fn of_this_program() -> Option<Self> {
        Some(Self { program: os::guard::this_program()?, arguments: vec![OsString::from(GUARD)] })
    }
}

/// Whether this process was started as a guard; if so, it was one, and has nothing left to do.
pub fn serve_if_asked() -> bool {
    let mut words = std::env::args_os().skip(1);
    if words.next().as_deref() != Some(OsStr::new(GUARD)) {
        return false;
    }
    if let Some(run) = words.next() {
        os::guard::serve(&run);
    }
    true
}
