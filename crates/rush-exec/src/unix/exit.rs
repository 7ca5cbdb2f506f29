//! The end of one child process: waiting for it, and its exit status and usage.
//!
//! The child is reaped here and nowhere else, with `wait4`, since only that tells what it used.

use std::io;
use std::time::Duration;

use rush_plan::AttemptEnd;

use super::spawn::Child;
use crate::place::Usage;

#[cfg(target_os = "linux")]
use std::os::fd::OwnedFd;
#[cfg(target_os = "linux")]
use tokio::io::{Interest, unix::AsyncFd};

/// A child that will end.
pub(super) struct Exit {
    pid: libc::pid_t,
    #[cfg(target_os = "linux")]
    descriptor: AsyncFd<OwnedFd>,
    #[cfg(not(target_os = "linux"))]
    signal: tokio::signal::unix::Signal,
}

impl Exit {
    #[cfg(target_os = "linux")]
    pub(super) fn of(child: Child) -> io::Result<Self> {
        let Child { pid, descriptor } = child;
        // SAFETY: an `OwnedFd` names the same open descriptor for as long as it lives.
        let descriptor =
            unsafe { AsyncFd::register_with_interest(descriptor, Interest::READABLE)? };
        Ok(Self { pid, descriptor })
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn of(child: Child) -> io::Result<Self> {
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::child())?;
        Ok(Self { pid: child.pid, signal })
    }

    /// Waits until the child has ended and returns how; must not be called again afterwards.
    pub(super) async fn wait(&mut self) -> (AttemptEnd, Usage) {
        loop {
            #[cfg(target_os = "linux")]
            if let Ok(mut ready) = self.descriptor.readable().await {
                if let Some(end) = reap(self.pid) {
                    return end;
                }
                ready.clear_ready();
            }
            #[cfg(not(target_os = "linux"))]
            {
                if let Some(end) = reap(self.pid) {
                    return end;
                }
                self.signal.recv().await;
            }
        }
    }
}

/// Takes the end of a child, if it has ended.
pub(super) fn reap(pid: libc::pid_t) -> Option<(AttemptEnd, Usage)> {
    let mut status = 0;
    // SAFETY: both pointers are to valid memory of the right types, and zeros are a valid `rusage`.
    let (reaped, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(pid, &raw mut status, libc::WNOHANG, &raw mut usage), usage)
    };
    if reaped == 0 {
        return None;
    }
    if reaped != pid {
        let message = "the operating system does not know the process any more".to_owned();
        return Some((AttemptEnd::Lost { message }, Usage::default()));
    }
    let end = if libc::WIFSIGNALED(status) {
        AttemptEnd::Signaled { signal: libc::WTERMSIG(status) }
    } else {
        AttemptEnd::Exited { code: libc::WEXITSTATUS(status) }
    };
    let usage = Usage {
        user: duration(usage.ru_utime),
        system: duration(usage.ru_stime),
        memory_bytes_peak: own_peak(&usage),
    };
    Some((end, usage))
}

/// The peak of a child, if it is known: until it executes its program a child shares the memory of Rush,
/// and the system counts that as a peak of the child, so only what is larger than Rush itself says something.
fn own_peak(usage: &libc::rusage) -> Option<u64> {
    // SAFETY: zeros are a valid `rusage`, and the pointer is to one.
    let rush = unsafe {
        let mut rush: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut rush);
        rush.ru_maxrss
    };
    // The unit differs between systems.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    (usage.ru_maxrss > rush).then(|| usage.ru_maxrss as u64 * unit)
}

fn duration(time: libc::timeval) -> Duration {
    Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64)
}
