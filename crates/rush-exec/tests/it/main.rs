//! Runs plans, with real processes and with a place in memory.
//!
//! One binary; `fixture` makes plans and runs them, each other module is an area with its own `check`.

#![cfg(unix)]

mod fixture;
mod hostile;
mod leftovers;
mod ordering;
mod random;
mod refusals;
mod secrets;
mod speed;
mod tasks;
