//! Windows needs no process to watch over a run: commands will be in a job object that kills them when its last
//! handle closes, which the system does however Rush ends. Nothing starts yet, so there is no such object either.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use crate::options::GuardProgram;

/// The guard of a run; there is none.
pub(crate) enum Guard {}

impl Guard {
    pub(crate) fn start(_guard: &GuardProgram, _run: &str) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn take_along(&self, _directory: &Path) -> io::Result<()> {
        match *self {}
    }
}

/// No program is needed.
pub(crate) fn this_program() -> Option<PathBuf> {
    None
}

/// Does nothing.
pub(crate) fn serve(_run: &OsStr) {}
