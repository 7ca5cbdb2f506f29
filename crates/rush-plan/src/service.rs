//! What a service declares, evaluated.
//!
//! It does not know who needs the service; that is in the edges of the other nodes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Command, EnvValue, WorkspacePath, is_default};

/// The declarations of a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The command that stays running.
    pub run: Command,
    /// The working directory.
    #[serde(default, skip_serializing_if = "is_default")]
    pub dir: WorkspacePath,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "is_default")]
    pub env: BTreeMap<String, EnvValue>,
    /// Dotenv files, the last one wins; a missing one is skipped.
    #[serde(default, skip_serializing_if = "is_default")]
    pub env_files: Vec<WorkspacePath>,
    /// Inherited variables that pass.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pass_env: Vec<String>,
    /// Directories searched before `PATH`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub bin: Vec<WorkspacePath>,
    /// Patterns of the files whose change restarts it while watching.
    #[serde(default, skip_serializing_if = "is_default")]
    pub inputs: Option<Vec<String>>,
    /// How to tell that dependants may start; `None` means as soon as it runs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ready: Option<Ready>,
    /// How it is ended.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stop: Stop,
    /// What happens when it ends by itself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub restart: Restart,
}

/// How to tell that a service can be used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// What is tried.
    pub probe: Probe,
    /// The pause between tries.
    pub every_ms: u64,
    /// When to give up.
    pub timeout_ms: u64,
}

/// One try whether a service can be used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Probe {
    /// A connection to a local port succeeds.
    Tcp {
        /// The port.
        port: u16,
    },
    /// A request is answered with a status.
    Http {
        /// The address.
        url: String,
        /// The status expected.
        status: u16,
    },
    /// A command succeeds.
    Exec {
        /// The command.
        run: Command,
    },
    /// A line of its output matches.
    Log {
        /// The regular expression.
        pattern: String,
    },
}

/// How a service is ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// The signal sent first, by name.
    pub signal: String,
    /// How long it may take before it is killed.
    pub grace_ms: u64,
}

impl Default for Stop {
    fn default() -> Self {
        Self { signal: "SIGTERM".to_owned(), grace_ms: 10_000 }
    }
}

/// What happens when a service ends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    /// The run fails.
    #[default]
    Never,
    /// It starts again unless it succeeded.
    OnFailure,
    /// It starts again.
    Always,
}
