//! A panic is a bug in Rush: it ends with a short message that asks for a report, and status 101.

use std::panic;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread::JoinHandle;

use crate::exit::Exit;
use crate::output::stderr;

/// Where the last panic happened, for the message.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// The stack of the program. The nesting inside one body is recursion, and the stack a process
/// starts with may be anything.
const STACK_BYTES: usize = 16 << 20;

/// Runs the program on a thread of its own; if it panics, says so.
///
/// The engine contains panics of single files itself, so the hook only takes notes.
pub(crate) fn contain(program: impl FnOnce() -> Exit + Send + 'static) -> ExitCode {
    panic::set_hook(Box::new(|info| {
        if let Ok(mut last) = LAST.lock() {
            *last = Some(info.to_string());
        }
    }));
    let program = move || program().leave();
    let started = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(program);
    let exit = match started.map(JoinHandle::join) {
        Ok(Ok(exit)) => exit,
        Ok(Err(_)) => {
            tell_bug();
            Exit::BUG
        }
        Err(error) => {
            stderr(&format!("rush: could not start a thread: {error}\n"));
            Exit::REFUSED
        }
    };
    exit.code()
}

fn tell_bug() {
    let last = LAST.lock().ok().and_then(|mut it| it.take()).unwrap_or_default();
    stderr(&format!(
        "rush: this is a bug in Rush {}\n{last}\n\
         please report it with the command line and, if you can, the task file\n",
        env!("CARGO_PKG_VERSION")
    ));
}
