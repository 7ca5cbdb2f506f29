//! Whether this process hears of the ends of its children.
//!
//! The signal for it interrupts whatever the first thread does and wakes up the event loop, for each command and
//! beside the descriptor by which the end of a command is known anyway. It is wanted for orphans alone, while some
//! command runs long enough to wait for one; at all other times the system does not even send it.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Lets the signal come for as long as it lives.
pub(super) struct Listening(());

/// Who listens, and how.
struct Ears {
    listeners: usize,
    /// What was done about the signal when nobody listened any more; `None` until then.
    handled: Option<libc::sigaction>,
}

static EARS: Mutex<Ears> = Mutex::new(Ears { listeners: 0, handled: None });

impl Listening {
    /// Begins to listen; what ended before has to be looked for.
    pub(super) fn begin() -> Self {
        let mut ears = ears();
        ears.listeners += 1;
        if let Some(handled) = ears.handled.take() {
            act(&handled);
        }
        Self(())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut ears = ears();
        ears.listeners -= 1;
        // Elsewhere than on Linux the end of a command itself is known by the signal.
        if cfg!(target_os = "linux") && ears.listeners == 0 {
            // SAFETY: zeros are a valid `sigaction`, the one that does nothing about an end of a child.
            let nothing: libc::sigaction = unsafe { std::mem::zeroed() };
            ears.handled = Some(act(&nothing));
        }
    }
}

fn ears() -> MutexGuard<'static, Ears> {
    EARS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets what is done about the signal, and returns what was before.
fn act(action: &libc::sigaction) -> libc::sigaction {
    // SAFETY: both pointers are to valid memory of the right type. The action is either the default or what was set
    // by whoever handles the signal, which stays for as long as the process.
    unsafe {
        let mut before: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGCHLD, action, &raw mut before);
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the signal goes to the default, which is to do nothing.
    fn is_default() -> bool {
        // SAFETY: as above; without an action nothing changes.
        unsafe {
            let mut now: libc::sigaction = std::mem::zeroed();
            libc::sigaction(libc::SIGCHLD, std::ptr::null(), &raw mut now);
            now.sa_sigaction == libc::SIG_DFL
        }
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn the_signal_comes_while_somebody_listens_and_at_no_other_time() {
        let first = Listening::begin();
        let kind = tokio::signal::unix::SignalKind::child();
        let mut ends = tokio::signal::unix::signal(kind).expect("it can be handled");
        assert!(!is_default());
        let second = Listening::begin();
        drop(first);
        assert!(!is_default(), "one still listens");
        drop(second);
        assert!(is_default());
        let third = Listening::begin();
        nix::sys::signal::raise(nix::sys::signal::Signal::SIGCHLD).expect("it can be sent");
        assert_eq!(ends.recv().await, Some(()), "the handler is the one that it was");
        drop(third);
        assert!(is_default());
    }
}
