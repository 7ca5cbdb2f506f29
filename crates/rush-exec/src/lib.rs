//! Runs a plan: scheduler, processes, output.
//!
//! A plan goes in, [`Emitted`] events come out, and at the end there is one [`RunSummary`]. The dispatcher owns
//! the states of the nodes, each running node is an actor of its own, and where a process really runs is behind
//! the trait [`Place`]. This crate knows nothing of the language, prints nothing and never exits.

#![allow(
    clippy::disallowed_methods,
    reason = "the executor is the one crate that touches the world directly"
)]

mod cache;
mod capacity;
mod confirm;
mod crew;
mod dispatcher;
mod display;
mod dotenv;
mod dry_run;
mod environment;
mod error;
mod escapes;
mod exit_status;
mod files;
mod guard;
mod jobserver;
mod journal;
mod layers;
mod limit_group;
mod limits;
mod line_merger;
mod local;
mod mask;
mod options;
mod outcome;
mod outputs;
mod pause;
mod place;
mod preflight;
mod program;
mod results;
mod retry;
mod run;
mod schedule;
mod secrets;
mod service;
mod state;
mod summary;
mod supervisor;
mod tool;
mod unit;
mod waiting_room;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as os;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as os;

pub use cache::{
    CacheAccess, CacheError, CacheLimits, CacheOptions, CacheStats, Change, CommandTexts,
    Difference, Integrity, LocalResults, Outlook, PartKind, Pruned, Reason, TableAhead, TableRead,
    Why, cache_stats, check_cache, clear_cache, depfile_paths, forget_results, prune_cache,
};
pub use confirm::{Question, ask, ask_unless_stopped};
pub use display::{command_line, command_summary};
pub use dotenv::{DotenvError, DotenvVariable};
pub use dry_run::{DryNode, dry_run};
pub use environment::{Environment, own_environment, withheld_variables};
pub use error::RunError;
pub use escapes::without_escapes;
pub use exit_status::exit_status;
pub use guard::serve_if_asked;
pub use jobserver::JobserverForm;
pub use journal::Emitted;
pub use layers::{EnvDeclaration, EnvFile, EnvSources, EnvStep, env_steps};
pub use limits::LimitError;
pub use line_merger::{LineMerger, Prefix};
pub use local::LocalPlace;
pub use mask::{MASK, Masker};
pub use options::{
    Answer, Ask, AskPerson, Audience, Control, FailurePolicy, Force, GRACE, GuardProgram,
    RunOptions,
};
pub use os::keys::{Keys, read_line_while};
pub use outputs::look_for_outputs;
pub use place::{
    Fetched, Next, Place, PlaceError, Process, ProcessEvent, Signal, Start, Sweeping, Usage,
    Variables,
};
pub use preflight::{Finding, FindingKind, preflight};
pub use results::{
    AtOnce, Begun, Claim, Earlier, Hit, Patience, Pending, Recorded, Replay, Results, Success, Wait,
};
pub use run::{run, run_in};
pub use secrets::{SecretError, Secrets};
pub use service::{
    Kept, KeptServices, KeptState, ServiceBasis, ServiceError, ServiceFingerprint, service_errors,
    service_fingerprint, service_fingerprints, service_port,
};
pub use summary::{Interruption, NodeSummary, RunSummary};
pub use supervisor::{
    ClaimError, Connection, Listener, ServiceLog, ServiceProcess, SupervisorAddress,
    SupervisorClaim, SupervisorDirectory, service_processes, start_detached,
};
pub use tool::ask_tool;

#[cfg(unix)]
pub use unix::signals::forward_signals;
#[cfg(windows)]
pub use windows::forward_signals;

/// The regular files that our own output goes to, each as device and number.
pub fn own_output() -> Vec<(u64, u64)> {
    os::own_output()
}
