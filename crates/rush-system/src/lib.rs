//! The outside world as a trait: files, directories, environment, clock, the machine.
//!
//! Everything above the executor reads the world through [`System`], so that a test can hand in a
//! [`MemorySystem`] and the compiler can be asked what it would do elsewhere. This crate starts no
//! processes, knows no language and never decides what a missing file means: it reports.

mod dirs;
mod error;
mod facts;
mod ignored;
mod memory;
mod os;
mod process;
mod seen;
mod state_directory;
mod system;
mod walk;

pub use error::{Action, SystemError};
pub use facts::{DirEntry, FileKind, Host, HostOs, Metadata};
pub use ignored::Ignored;
pub use memory::MemorySystem;
pub use os::{OsSystem, local_offset};
pub use process::{ProcessIdentity, end_process};
pub use seen::seen_from;
pub use state_directory::{StateDirectory, StateError, workspace_id};
pub use system::{Result, System};
pub use walk::{LeftOut, Walk};

#[cfg(test)]
mod tests;
