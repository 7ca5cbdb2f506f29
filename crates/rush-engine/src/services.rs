//! `rush up`, `down` and `ps`: services that outlive a run.
//!
//! A Rush that keeps services up is a supervisor: `rush up` itself while it is in the foreground, or a process of its
//! own that `rush up --detach` starts. It carries out plans like any run, in one process, one run for each `rush up`.
//! There is one supervisor a workspace; the others talk to it.

mod attend;
mod client;
mod follow;
mod message;
mod server;
mod status;
mod surroundings;

use camino::Utf8PathBuf;
use rush_exec::{ClaimError, RunError};
use rush_system::StateError;

pub(crate) use attend::{Attended, Wanted};
pub(crate) use client::keep;
pub use client::{Asked, Progress, Starter, Up, down, not_up, services, up_detached};
pub use server::{Supervision, supervise};
pub use status::{ServiceState, ServiceStatus};

/// Why services can't be dealt with.
#[derive(Debug, thiserror::Error)]
pub enum ServicesError {
    /// There is no place for what has to be kept.
    #[error(transparent)]
    State(#[from] StateError),
    /// Somebody else is the supervisor.
    #[error("another Rush (process {process}) keeps services of this workspace up")]
    Taken {
        /// That Rush.
        process: u32,
    },
    /// What a supervisor needs can't be made.
    #[error("`{path}` can't be used: {source}")]
    Refused {
        /// What can't be used.
        path: Utf8PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No service of this name is up.
    #[error("no service `{label}` is up")]
    NotUp {
        /// What was typed.
        label: String,
    },
    /// The supervisor refuses.
    #[error("{message}")]
    Told {
        /// Its words.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// The supervisor can't be talked to.
    #[error("the Rush that keeps services up (process {process}) does not answer: {source}")]
    NoAnswer {
        /// Its process.
        process: u32,
        /// Why.
        source: std::io::Error,
    },
    /// The supervisor speaks another language.
    #[error("another version of Rush (process {process}) keeps services of this workspace up")]
    OtherVersion {
        /// Its process.
        process: u32,
    },
    /// The supervisor was started and is not there.
    #[error("the process that keeps services up did not start; `{log}` may say why")]
    NotStarted {
        /// Its own words.
        log: Utf8PathBuf,
    },
    /// The machine has no room for it.
    #[error("could not prepare it: {0}")]
    Runtime(#[from] std::io::Error),
    /// Nothing was started.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl ServicesError {
    fn of_claim(error: ClaimError, process: Option<u32>) -> Self {
        match error {
            ClaimError::Taken => Self::Taken { process: process.unwrap_or_default() },
            ClaimError::Refused { path, source } => Self::Refused { path, source },
        }
    }
}
