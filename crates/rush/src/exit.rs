//! Exit statuses: what a shell or a build machine learns.

use std::io::Write as _;
use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exit(u8);

impl Exit {
    /// Done.
    pub(crate) const DONE: Self = Self(0);
    /// A task failed, or a check found an error.
    pub(crate) const FAILED: Self = Self(1);
    /// Wrong usage, or what would run has an error.
    pub(crate) const USAGE: Self = Self(2);
    /// The environment refused.
    pub(crate) const REFUSED: Self = Self(3);
    /// A bug in Rush.
    pub(crate) const BUG: Self = Self(101);

    /// The status of a run, as the executor computed it.
    pub(crate) const fn of_run(status: u8) -> Self {
        Self(status)
    }

    /// Ends the program where it is, if the system lets it: taking threads, memory and tables apart one by
    /// one would only make people wait. Whatever has to happen before, such as closing files, has happened.
    pub(crate) fn leave(self) -> Self {
        // What can't be written any more was told where it was written.
        let _ = std::io::stdout().flush();
        rush_system::end_process(self.0);
        self
    }

    /// For `main`.
    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(self.0)
    }
}
