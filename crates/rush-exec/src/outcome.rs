//! What an attempt came to, which is more than how its last command ended.

use rush_plan::AttemptEnd;

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its last command ended so, and if that is a success, all outputs are there.
    Ended(AttemptEnd),
    /// All its commands succeeded, and an output is not there: what is said of that.
    Lacking(String),
}

impl Outcome {
    /// How its last command ended.
    pub(crate) fn end(&self) -> AttemptEnd {
        match self {
            Self::Ended(end) => end.clone(),
            Self::Lacking(_) => AttemptEnd::Exited { code: 0 },
        }
    }

    /// The status as a shell would report it; one for a lack, which is no success.
    pub(crate) const fn status(&self) -> i32 {
        match self {
            Self::Ended(AttemptEnd::Exited { code }) => *code,
            Self::Ended(AttemptEnd::Signaled { signal }) => 128 + *signal,
            Self::Ended(AttemptEnd::TimedOut) => 124,
            Self::Ended(AttemptEnd::Refused { .. }) => 127,
            Self::Ended(AttemptEnd::Lost { .. } | AttemptEnd::Unknown) | Self::Lacking(_) => 1,
        }
    }
}
