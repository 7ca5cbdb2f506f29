//! Waits for a process with `wait4`, which tells its largest memory.

use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus};

use anyhow::{Context as _, Result, bail};

/// Runs a command; returns its status, its largest memory in bytes and what it wrote to stderr.
pub(super) fn wait(mut command: Command) -> Result<(ExitStatus, Option<u64>, String)> {
    let shown = crate::shown(&command);
    forget_own_peak();
    let mut child = command.spawn().with_context(|| format!("could not start `{shown}`"))?;
    let mut words = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut words).context("the messages are not UTF-8")?;
    }
    let mut status = 0;
    // SAFETY: all-zero bytes are a valid `rusage`, which is plain numbers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let pid = libc::pid_t::try_from(child.id())?;
    // SAFETY: `status` and `usage` are writable, and `child` is ours and was not waited for.
    let ended = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) };
    if ended != pid {
        bail!("could not wait for `{shown}`: {}", std::io::Error::last_os_error());
    }
    let largest = u64::try_from(usage.ru_maxrss).ok().map(|it| it * UNIT_BYTES);
    Ok((ExitStatus::from_raw(status), largest, words))
}

/// Takes off what this program once needed: on Linux a process begins with the peak of who starts it.
/// Elsewhere there is no such file, and nothing to take off.
fn forget_own_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The time of all processors that was used, and that the host gave to others though there was work,
/// since the machine came up. Only Linux counts it.
pub(super) fn clock_ticks() -> Option<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    // user, nice, system, idle, waiting for disks, interrupts, soft interrupts, stolen: proc(5).
    let mut ticks = text.lines().next()?.split_whitespace().skip(1).map(str::parse::<u64>);
    let mut next = || ticks.next()?.ok();
    let working = next()? + next()? + next()?;
    let (_idle, _disks) = (next()?, next()?);
    Some((working + next()? + next()?, next()?))
}

/// What `ru_maxrss` counts in.
#[cfg(not(target_os = "macos"))]
const UNIT_BYTES: u64 = 1024;
#[cfg(target_os = "macos")]
const UNIT_BYTES: u64 = 1;
