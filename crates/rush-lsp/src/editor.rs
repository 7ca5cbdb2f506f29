//! Whether the editor is still there.
//!
//! One that ends without a word closes the streams, unless another program that it started holds them
//! open. So its process, which it names at the start, is looked at as well.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rush_system::ProcessIdentity;

/// What is known of the editor.
#[derive(Debug, Default)]
pub(crate) struct Editor {
    is_leaving: AtomicBool,
    process: OnceLock<ProcessIdentity>,
}

impl Editor {
    /// Takes note of its process. One that can't be seen, as it runs in another container, is not waited for.
    pub(crate) fn meet(&self, process: Option<u32>) {
        if let Some(process) = process.and_then(ProcessIdentity::of) {
            // It says so once.
            let _ = self.process.set(process);
        }
    }

    /// Takes note that it is about to leave.
    pub(crate) fn leave(&self) {
        self.is_leaving.store(true, Ordering::SeqCst);
    }

    /// Whether it said that it is about to leave.
    pub(crate) fn is_leaving(&self) -> bool {
        self.is_leaving.load(Ordering::SeqCst)
    }

    /// Whether its process has ended.
    pub(crate) fn is_gone(&self) -> bool {
        self.process.get().is_some_and(|it| !it.is_alive())
    }
}
