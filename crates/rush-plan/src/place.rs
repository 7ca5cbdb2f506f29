//! Where attempts run, as far as plans and events speak of it.
//!
//! Byte streams and ends, never a process id, descriptor or absolute path.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of a place where attempts run: `local`, or what a configuration calls it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlaceName(pub String);

impl PlaceName {
    /// This machine.
    pub fn local() -> Self {
        Self("local".to_owned())
    }
}

impl fmt::Display for PlaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How an attempt ended. Readers meet ends of later versions as [`AttemptEnd::Unknown`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum AttemptEnd {
    /// It ended by itself; 0 is success.
    Exited {
        /// The exit status.
        code: i32,
    },
    /// A signal ended it.
    Signaled {
        /// The signal's number.
        signal: i32,
    },
    /// It took longer than its `timeout`.
    TimedOut,
    /// The place went away while it ran; what became of it is not known.
    Lost {
        /// Why, in words for the person.
        message: String,
    },
    /// It could not be started.
    Refused {
        /// Why, in words for the person.
        message: String,
    },
    /// An end that this reader does not know.
    #[serde(other)]
    Unknown,
}

impl AttemptEnd {
    /// Whether it succeeded.
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Exited { code: 0 })
    }
}
