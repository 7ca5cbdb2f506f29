//! Runs plans, with real processes and with a place in memory.
//!
//! One binary; `fixture` makes plans and runs them, each other module is an area with its own `check`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::format_collect,
    reason = "the whole binary is a test, also the functions that tests share"
)]

#[cfg(unix)]
mod cache;
mod fixture;
mod hostile;
mod leftovers;
mod memory;
mod ordering;
mod random;
mod refusals;
mod scheduling;
mod secrets;
#[cfg(unix)]
mod services;
mod speed;
mod tasks;
