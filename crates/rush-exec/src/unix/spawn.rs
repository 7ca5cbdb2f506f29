//! Starts one process, as cheaply as the operating system allows.
//!
//! What a child needs is worked out before it exists, so that between its birth and its program there are system
//! calls only. It does not know tasks; see `docs/decisions` for why this is not left to the standard library.

use std::ffi::{CString, NulError, OsStr};
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::environment::Composed;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod portable;

#[cfg(target_os = "linux")]
pub(super) use linux::{Child, spawn};
#[cfg(not(target_os = "linux"))]
pub(super) use portable::{Child, spawn};

/// Everything that decides how a child begins.
pub(super) struct Blueprint<'a> {
    pub(super) program: CString,
    pub(super) words: Vec<CString>,
    pub(super) environment: Block<'a>,
    pub(super) directory: Option<CString>,
    /// Standard input, output and error.
    pub(super) files: [BorrowedFd<'a>; 3],
    pub(super) belonging: Belonging,
    /// The soft and the hard limit of open files; none leaves it as it is.
    pub(super) open_files: Option<(u64, u64)>,
}

/// To which group, session and terminal a child belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belonging {
    /// A group of its own. It can't stop to wait for the terminal: reading from it is an error instead.
    Group,
    /// A group of its own that has the terminal from its first moment; standard input is that terminal.
    Foreground,
    /// A session of its own whose terminal is its standard output.
    Terminal,
    /// A session of its own, without a terminal.
    Session,
}

/// Where a start failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// On the way to its directory.
    Directory,
    /// Anywhere else.
    Program,
}

/// The variables of a process as the operating system wants them.
pub(super) struct Block<'a> {
    inherited: Vec<&'a [u8]>,
    /// `NAME=VALUE` and a NUL, one after the other.
    changed: Vec<u8>,
    /// Where each of them begins.
    starts: Vec<usize>,
}

impl<'a> Block<'a> {
    /// An environment without variables.
    pub(super) const fn empty() -> Self {
        Self { inherited: Vec::new(), changed: Vec::new(), starts: Vec::new() }
    }

    pub(super) fn of(environment: &'a Composed<'_>) -> Self {
        let mut block = Self { inherited: environment.unchanged().collect(), ..Self::empty() };
        for (name, value) in environment.changed() {
            block.starts.push(block.changed.len());
            for part in [name.as_bytes(), b"=", value.as_bytes(), b"\0"] {
                block.changed.extend_from_slice(part);
            }
        }
        block
    }

    /// Each variable as `NAME=VALUE`, without a NUL.
    #[cfg(not(target_os = "linux"))]
    fn texts(&self) -> impl Iterator<Item = &[u8]> {
        let inherited =
            self.inherited.iter().map(|text| text.split_last().map_or(*text, |it| it.1));
        inherited.chain(self.changed.split(|byte| *byte == 0).filter(|text| !text.is_empty()))
    }

    /// The variables for `execve`, with the null pointer at their end. They point into the block.
    #[cfg(target_os = "linux")]
    fn pointers(&self) -> Vec<*const std::ffi::c_char> {
        let inherited = self.inherited.iter().map(|text| text.as_ptr());
        let changed = self.starts.iter().filter_map(|start| self.changed.get(*start..));
        let all = inherited.chain(changed.map(<[u8]>::as_ptr));
        all.map(<*const u8>::cast).chain([std::ptr::null()]).collect()
    }
}

/// Text for the operating system.
pub(super) fn c_text(text: &(impl AsRef<OsStr> + ?Sized)) -> io::Result<CString> {
    CString::new(text.as_ref().as_bytes())
        .map_err(|_: NulError| io::Error::new(io::ErrorKind::InvalidInput, "it contains a NUL"))
}

/// A path for the operating system.
pub(super) fn c_path(path: &Path) -> io::Result<CString> {
    c_text(path.as_os_str())
}
