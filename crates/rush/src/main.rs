//! The program `rush`: arguments in, text and exit statuses out.
//!
//! What was typed is read here and becomes a request to the engine; what the engine returns becomes
//! text. Nothing else happens here: no task file is understood and no process is started.

mod arguments;
mod context;
mod exit;
mod failure;
mod output;
mod panics;
mod tracing_setup;
mod verbs;

use std::process::ExitCode;
use std::sync::Arc;

use rush_system::OsSystem;

fn main() -> ExitCode {
    panics::contain(|| {
        let system = Arc::new(OsSystem);
        verbs::dispatch(system, std::env::args_os().collect())
    })
}
