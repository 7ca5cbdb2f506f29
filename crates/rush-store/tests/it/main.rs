//! The store as its users see it: what is recorded is read back, whoever else is at it and whenever it ends.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the whole binary is a test, also the functions that tests share"
)]

mod appearances;
mod concurrency;
mod crash;
mod fixture;
mod names;
mod opening;
mod pruning;
mod recording;
mod speed;
