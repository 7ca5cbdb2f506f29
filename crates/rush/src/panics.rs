//! A panic is a bug in Rush: it ends with a short message that asks for a report, and status 101.

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::Mutex;

use crate::exit::Exit;
use crate::output::stderr;

/// Where the last panic happened, for the message.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// Runs the program; if it panics, says so.
///
/// The engine contains panics of single files itself, so the hook only takes notes.
pub(crate) fn contain(program: impl FnOnce() -> ExitCode) -> ExitCode {
    panic::set_hook(Box::new(|info| {
        if let Ok(mut last) = LAST.lock() {
            *last = Some(info.to_string());
        }
    }));
    panic::catch_unwind(AssertUnwindSafe(program)).unwrap_or_else(|_| {
        let last = LAST.lock().ok().and_then(|mut it| it.take()).unwrap_or_default();
        stderr(&format!(
            "rush: this is a bug in Rush {}\n{last}\n\
             please report it with the command line and, if you can, the task file\n",
            env!("CARGO_PKG_VERSION")
        ));
        Exit::BUG.code()
    })
}
