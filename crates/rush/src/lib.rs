//! The program `rush`: arguments in, text and exit statuses out.
//!
//! What was typed is read here and becomes a request to the engine; what the engine returns becomes
//! text. Nothing else happens here: no task file is understood and no process is started.
//! It is a library only so that its manual can be written from the same declarations.

mod arguments;
mod context;
mod exit;
mod failure;
mod memory;
mod output;
mod panics;
mod tracing_setup;
mod verbs;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use rush_system::OsSystem;

/// Does what was typed, and returns the exit status.
pub fn main() -> ExitCode {
    // Before anything else: a guard of a run is this program, and should cost nothing.
    if rush_engine::serve_if_asked() {
        return ExitCode::SUCCESS;
    }
    let typed: Vec<OsString> = std::env::args_os().collect();
    if let Some(exit) = verbs::version::answer_alone(&typed) {
        return exit.code();
    }
    panics::contain(|| verbs::dispatch(Arc::new(OsSystem), typed))
}

/// All verbs and flags, as they are declared, for manual pages.
pub fn command() -> clap::Command {
    verbs::command()
}
