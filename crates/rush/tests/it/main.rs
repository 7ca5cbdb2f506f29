//! The program, as a user meets it: one file a feature.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::format_collect,
    clippy::disallowed_methods,
    reason = "the whole binary is a test, also the functions that tests share"
)]

mod cache;
mod check;
mod completions;
mod config;
mod dry_run;
mod explain;
mod first_steps;
mod fixes;
mod fmt;
mod grammar;
#[cfg(unix)]
mod jobserver;
mod labels;
mod list;
#[cfg(unix)]
mod lost_runs;
mod lsp;
mod man;
#[cfg(unix)]
mod multiplexer;
mod output;
mod plan;
#[cfg(target_os = "linux")]
mod proof;
mod run;
mod runs;
mod scheduling;
mod scopes;
#[cfg(target_os = "linux")]
mod services;
#[cfg(target_os = "linux")]
mod shells;
#[cfg(unix)]
mod terminal;
mod typed_flags;
#[cfg(unix)]
mod unix;
mod version;
#[cfg(unix)]
mod watch;
mod written_files;

use rush_test::Rush;

/// The program in a fresh directory.
fn rush() -> Rush {
    Rush::new(env!("CARGO_BIN_EXE_rush"))
}
