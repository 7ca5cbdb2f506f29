//! Why a run never began. Each variant is one cause, and each has its exit status.

use std::fmt;

use crate::limits::LimitError;
use crate::place::PlaceError;
use crate::secrets::SecretError;
use crate::service::ServiceError;
use crate::summary::Interruption;

/// Why nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Services are declared in a way that can't be carried out.
    #[error("{}", Lines(.0))]
    Services(Vec<ServiceError>),
    /// Secrets can't be read or can't be used.
    #[error("{}", Lines(.0))]
    Secrets(Vec<SecretError>),
    /// The operating system can't take the commands.
    #[error("{}", Lines(.0))]
    Limits(Vec<LimitError>),
    /// A question was answered with no.
    #[error("`{}` was not confirmed; nothing was run", short(label))]
    Declined {
        /// The task that asked.
        label: String,
    },
    /// A question can't be asked.
    #[error(
        "`{}` asks `{question}`, and there is no terminal to answer on; nothing was run",
        short(label)
    )]
    NobodyToAsk {
        /// The task that asks.
        label: String,
        /// What it asks.
        question: String,
    },
    /// The run was stopped before it began.
    #[error("stopped before anything was run")]
    Stopped(Interruption),
    /// The place where attempts run can't be made ready.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

impl RunError {
    /// What to do about it, where the message does not say it.
    pub const fn help(&self) -> Option<&'static str> {
        match self {
            Self::NobodyToAsk { .. } => Some("with `--yes` every question is answered with yes"),
            Self::Services(_)
            | Self::Secrets(_)
            | Self::Limits(_)
            | Self::Declined { .. }
            | Self::Stopped(_)
            | Self::Place(_) => None,
        }
    }

    /// The exit status of a Rush that could not begin.
    pub const fn exit_status(&self) -> u8 {
        match self {
            Self::Secrets(_) | Self::Limits(_) | Self::Place(_) => 3,
            Self::Declined { .. } | Self::Stopped(Interruption::Interrupted) => 130,
            Self::Stopped(Interruption::Terminated) => 143,
            Self::NobodyToAsk { .. } | Self::Services(_) => 2,
        }
    }
}

/// A label as people type it.
fn short(label: &str) -> &str {
    label.strip_prefix("//:").unwrap_or(label)
}

/// Several messages, one a line.
struct Lines<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for Lines<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{item}")?;
        }
        Ok(())
    }
}
