//! Processes that can be told from later ones with the same number.
//!
//! What is remembered of a run names its process, so that somebody else can tell whether the run still goes on, and
//! ask it to stop. What a process does is not known here.

use std::io;

use crate::os::platform;

/// One process of this machine, or of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessIdentity {
    /// Its number.
    pub pid: u32,
    /// When it began, on a scale of the system's own; 0 where that is not told.
    pub started: u64,
    /// The machine since it was last started, opaque; empty where that is not told.
    pub machine: String,
}

impl ProcessIdentity {
    /// This very process.
    pub fn own() -> Self {
        let pid = std::process::id();
        let started = platform::process_started(pid).unwrap_or(0);
        Self { pid, started, machine: platform::machine() }
    }

    /// The process of this number, if one runs.
    pub fn of(pid: u32) -> Option<Self> {
        let started = platform::process_started(pid)?;
        Some(Self { pid, started, machine: platform::machine() })
    }

    /// Whether it still runs. Of another machine, or of this one before it was last started, none does.
    pub fn is_alive(&self) -> bool {
        self.machine == platform::machine()
            && platform::process_started(self.pid).is_some_and(|it| it == self.started)
    }

    /// Asks it to stop, as Ctrl-C does; once more to kill what does not stop.
    pub fn interrupt(&self) -> io::Result<()> {
        if self.is_alive() {
            platform::interrupt(self.pid)
        } else {
            Err(io::Error::new(io::ErrorKind::NotFound, "the process has ended"))
        }
    }
}

/// Ends this process where it is: nothing is taken apart, written out or called on the way. Returns where the system
/// has no such end.
pub fn end_process(status: u8) {
    platform::end_process(status);
}

#[cfg(test)]
mod tests {
    use super::ProcessIdentity;

    #[test]
    fn a_process_is_itself_and_no_later_one() {
        let own = ProcessIdentity::own();
        assert!(own.is_alive());
        assert_eq!(ProcessIdentity::of(own.pid), Some(own.clone()));
        let later = ProcessIdentity { started: own.started + 1, ..own.clone() };
        assert!(!later.is_alive());
        let elsewhere = ProcessIdentity { machine: "elsewhere".to_owned(), ..own };
        assert!(!elsewhere.is_alive());
    }
}
