//! Whether a service that ended by itself starts again, and after which pause.
//!
//! The pause doubles from start to start, so that a service that can't run costs little; one that ran well for a
//! while begins anew. It starts nothing and keeps no time.

use std::time::Duration;

use rush_plan::{AttemptEnd, Restart};

/// The pause before the first restart.
const PAUSE_MIN: Duration = Duration::from_millis(100);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// After how long of service an end is no longer counted together with those before it.
const STABLE: Duration = Duration::from_secs(10);

/// How often in a row a service is started again before it is given up.
const RESTARTS_IN_A_ROW_MAX: u32 = 10;

/// The restarts of one service.
#[derive(Debug)]
pub(crate) struct Restarts {
    policy: Restart,
    in_a_row: u32,
}

/// What follows the end of a service that nobody asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It starts again after a pause.
    Again(Duration),
    /// Its policy does not want that.
    Never,
    /// It has ended too often.
    GivenUp(u32),
}

impl Restarts {
    pub(crate) fn new(policy: Restart) -> Self {
        Self { policy, in_a_row: 0 }
    }

    /// Decides after an end; `served` is how long it could be used, none if it never could.
    pub(crate) fn after(&mut self, end: &AttemptEnd, served: Duration) -> Next {
        let is_wanted = match self.policy {
            Restart::Never => false,
            Restart::OnFailure => !end.is_success(),
            Restart::Always => true,
        };
        // What can't even be started will not be there the next time either.
        if !is_wanted || matches!(end, AttemptEnd::Refused { .. }) {
            return Next::Never;
        }
        if served >= STABLE {
            self.in_a_row = 0;
        }
        if self.in_a_row == RESTARTS_IN_A_ROW_MAX {
            return Next::GivenUp(self.in_a_row);
        }
        let pause = PAUSE_MIN.saturating_mul(1 << self.in_a_row.min(16));
        self.in_a_row += 1;
        Next::Again(pause.min(PAUSE_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: AttemptEnd = AttemptEnd::Exited { code: 1 };
    const ENDED: AttemptEnd = AttemptEnd::Exited { code: 0 };

    fn check(policy: Restart, end: &AttemptEnd, expect: Next) {
        assert_eq!(Restarts::new(policy).after(end, Duration::ZERO), expect, "{policy:?} {end:?}");
    }

    #[test]
    fn the_policy_decides_by_the_end() {
        let again = Next::Again(PAUSE_MIN);
        check(Restart::Never, &FAILED, Next::Never);
        check(Restart::OnFailure, &FAILED, again);
        check(Restart::OnFailure, &AttemptEnd::Signaled { signal: 9 }, again);
        check(Restart::OnFailure, &ENDED, Next::Never);
        check(Restart::Always, &ENDED, again);
        check(Restart::Always, &AttemptEnd::Refused { message: String::new() }, Next::Never);
    }

    #[test]
    fn pauses_grow_to_a_limit_and_so_does_patience() {
        let mut restarts = Restarts::new(Restart::Always);
        let mut before = Duration::ZERO;
        for _ in 0..RESTARTS_IN_A_ROW_MAX {
            let Next::Again(pause) = restarts.after(&FAILED, Duration::ZERO) else { panic!() };
            assert!(pause >= before && pause <= PAUSE_MAX);
            before = pause;
        }
        assert_eq!(before, PAUSE_MAX);
        assert_eq!(restarts.after(&FAILED, Duration::ZERO), Next::GivenUp(RESTARTS_IN_A_ROW_MAX));
        assert_eq!(restarts.after(&FAILED, STABLE), Next::Again(PAUSE_MIN));
    }
}
