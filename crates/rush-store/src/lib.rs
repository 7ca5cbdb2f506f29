//! The memory of runs: which there were, how each node and attempt ended, and what they wrote.
//!
//! A [`Store`] belongs to one workspace. [`Store::begin`] gives a [`Recorder`] that hears the events of one run and
//! commits them in groups; everything else reads. It does not know where a workspace is, what tasks mean, whether a
//! process is alive, nor what a person wants to see.

#![allow(
    clippy::disallowed_methods,
    reason = "the store is the one crate that owns its files, as the executor owns its processes"
)]
#![allow(
    clippy::cast_possible_wrap,
    reason = "the database has no unsigned numbers, and none of ours reaches the sign"
)]

mod codec;
mod draft;
mod error;
mod go_on;
mod prune;
mod read;
mod record;
mod recorder;
mod run_id;
mod segment;
mod store;
#[cfg(unix)]
mod unix;
mod wake;
#[cfg(windows)]
mod windows;
mod write;

#[cfg(unix)]
use unix as os;
#[cfg(windows)]
use windows as os;

pub use codec::RecordedEvent;
pub use error::StoreError;
pub use go_on::GoneOn;
pub use prune::{Retention, size_bytes};
pub use read::{Appearance, Found, LogPiece, LogQuery, Visit};
pub use record::{AttemptRecord, Lineage, NodeRecord, ProcessMark, RunRecord, RunStart};
pub use recorder::{Recorded, Recorder};
pub use run_id::new_run_id;
pub use store::Store;
