//! A budget of Rush alone: the tokens are counted here, and no other program can take one.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::jobserver::JobserverForm;

/// Where the tokens of a budget are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// Two inherited descriptors; never on this system.
    Pipe(i32, i32),
    /// A named pipe; never on this system.
    Fifo(PathBuf),
}

/// Tokens of this process.
pub(crate) struct Pool {
    address: Address,
    free: AtomicUsize,
}

impl Pool {
    pub(crate) fn create(tokens: usize, _form: JobserverForm) -> io::Result<Self> {
        Ok(Self { address: Address::Pipe(-1, -1), free: AtomicUsize::new(tokens) })
    }

    pub(crate) fn join(_address: &Address) -> Option<Self> {
        None
    }

    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    pub(crate) fn take(&self) -> Option<u8> {
        let less = |free: usize| free.checked_sub(1);
        self.free.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).ok().map(|_| b'+')
    }

    pub(crate) fn give(&self, _token: u8) {
        self.free.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn settle(&self, total: usize) {
        self.free.store(total, Ordering::SeqCst);
    }

    /// Nobody else gives tokens back, so there is nothing to wait for but the next end of a node.
    pub(crate) async fn wait(&self) {
        std::future::pending::<()>().await;
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pipe(read_end, write_end) => write!(f, "{read_end},{write_end}"),
            Self::Fifo(path) => write!(f, "fifo:{}", path.display()),
        }
    }
}
