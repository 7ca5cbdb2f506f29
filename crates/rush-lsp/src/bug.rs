//! A panic costs one piece of work: it is caught where the work began, named and reported.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rush_diagnostics::Code;

/// How a piece of work went that did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The texts changed under it; somebody is about to begin anew.
    Cancelled,
    /// It panicked, saying this.
    Bug(String),
}

/// Does a piece of work, and catches what unwinds out of it.
///
/// Whatever the work changed must be thrown away, or be sound at every step.
pub(crate) fn attempt<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
    let payload = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => return Ok(value),
        Err(payload) => payload,
    };
    if payload.is::<salsa::Cancelled>() {
        return Err(Failure::Cancelled);
    }
    let text = payload.downcast_ref::<&str>().map(|it| (*it).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    Err(Failure::Bug(text.unwrap_or_else(|| "a panic without a message".to_owned())))
}

/// What is written to the log about a bug: where it was met, and what the panic said.
pub(crate) fn report(place: &str, panic: &str) -> String {
    let line = format!("{}: an error in Rush itself while {place}: {panic}", Code::Internal);
    tracing::error!("{line}");
    line
}

#[cfg(test)]
mod tests {
    use super::{Failure, attempt};

    #[test]
    fn panics_are_told_from_cancellation() {
        assert_eq!(attempt(|| 1), Ok(1));
        let cancelled = || std::panic::resume_unwind(Box::new(salsa::Cancelled::PendingWrite));
        assert_eq!(attempt::<()>(cancelled), Err(Failure::Cancelled));
        let bug = || std::panic::resume_unwind(Box::new("gone".to_owned()));
        assert_eq!(attempt::<()>(bug), Err(Failure::Bug("gone".to_owned())));
    }
}
