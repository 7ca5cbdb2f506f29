//! Waits for a process; its largest memory is not known afterwards.

use std::process::{Command, ExitStatus};

use anyhow::{Context as _, Result};

/// Runs a command; returns its status, no memory, and what it wrote to stderr.
pub(super) fn wait(mut command: Command) -> Result<(ExitStatus, Option<u64>, String)> {
    let shown = crate::shown(&command);
    let output = command.output().with_context(|| format!("could not start `{shown}`"))?;
    Ok((output.status, None, String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// What a host takes is not told.
pub(super) fn clock_ticks() -> Option<(u64, u64)> {
    None
}
