//! What a task declares, evaluated. Each field is one of the task kind of the language; a field that is not
//! written in JSON has its default.
//!
//! Paths and patterns are relative to the workspace root. It does not know how any of it is carried out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fitted::{list, optional_list};
use crate::{Command, EnvValue, Stdin, WorkspacePath, is_default};

/// The declarations of a task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Task {
    /// Why it will not run; it then counts as satisfied.
    #[serde(skip_serializing_if = "is_default")]
    pub skip: Option<Skip>,
    /// Patterns of the files it reads; `None` means never cached, an empty list means no files.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "optional_list")]
    pub inputs: Option<Vec<String>>,
    /// Patterns of the files it writes; a literal one must exist after success.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "list")]
    pub outputs: Vec<String>,
    /// A file in make format, read after success; its files count as inputs from then on.
    #[serde(skip_serializing_if = "is_default")]
    pub depfile: Option<WorkspacePath>,
    /// The working directory.
    #[serde(skip_serializing_if = "is_default")]
    pub dir: WorkspacePath,
    /// The commands, one after the other.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "list")]
    pub run: Vec<Command>,
    /// The commands that run once after the last attempt, whatever its end.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "list")]
    pub finally: Vec<Command>,
    /// Environment variables.
    #[serde(skip_serializing_if = "is_default")]
    pub env: BTreeMap<String, EnvValue>,
    /// Dotenv files, the last one wins; a missing one is skipped.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "list")]
    pub env_files: Vec<WorkspacePath>,
    /// Inherited variables that pass, and count for the cache.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "list")]
    pub pass_env: Vec<String>,
    /// Programs that scripts use; their contents count for the cache.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "list")]
    pub tools: Vec<String>,
    /// Directories searched before `PATH`.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "list")]
    pub bin: Vec<WorkspacePath>,
    /// Standard input of each command; `None` is empty.
    #[serde(skip_serializing_if = "is_default")]
    pub stdin: Option<Stdin>,
    /// A question to answer before anything runs.
    #[serde(skip_serializing_if = "is_default")]
    pub confirm: Option<String>,
    /// The limit of one attempt, in milliseconds.
    #[serde(skip_serializing_if = "is_default")]
    pub timeout_ms: Option<u64>,
    /// When and how it is tried again.
    #[serde(skip_serializing_if = "is_default")]
    pub retry: Option<Box<Retry>>,
    /// What it occupies while it runs.
    #[serde(skip_serializing_if = "is_default")]
    pub resources: Resources,
    /// How many of a group may run at the same time.
    #[serde(skip_serializing_if = "is_default")]
    pub limit: Option<Limit>,
    /// How its result is remembered.
    #[serde(skip_serializing_if = "is_default")]
    pub cache: Cache,
    /// Its failure does not fail the run.
    #[serde(skip_serializing_if = "is_default")]
    pub allow_failure: bool,
    /// It has the terminal to itself.
    #[serde(skip_serializing_if = "is_default")]
    pub interactive: bool,
    /// How its output is shown; `None` leaves it to the front end.
    #[serde(skip_serializing_if = "is_default")]
    pub log: Option<LogMode>,
}

/// Why a node of the plan is not to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// Its `when` is false.
    When,
}

/// When a failed attempt is followed by another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Attempts in all, 1 to 20.
    pub attempts: u8,
    /// The pause between attempts.
    pub delay: Backoff,
    /// Retried if it exits with one of these.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_codes: Option<Vec<u8>>,
    /// Retried if its output matches.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_pattern: Option<String>,
    /// Retried if it ran into its timeout.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_timeout: bool,
}

/// The pause between attempts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Backoff {
    /// Always the same.
    Fixed {
        /// The pause.
        delay_ms: u64,
    },
    /// Longer each time.
    Exponential {
        /// The first pause.
        first_ms: u64,
        /// What the pause is multiplied by.
        factor: f64,
        /// The longest pause.
        max_ms: u64,
        /// Whether a random part is taken off.
        jitter: bool,
    },
}

/// What a running node occupies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resources {
    /// Processors; `None` counts as one.
    #[serde(skip_serializing_if = "is_default")]
    pub cpu: Option<f64>,
    /// Memory.
    #[serde(skip_serializing_if = "is_default")]
    pub memory_bytes: Option<u64>,
    /// Named slots.
    #[serde(skip_serializing_if = "is_default")]
    pub slots: BTreeMap<String, u64>,
}

/// A group of which only some may run at the same time, per user and machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The name of the group.
    pub group: String,
    /// How many of it may run; at least 1.
    pub max: u64,
}

/// How a result is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    /// Whether and what is kept.
    #[serde(skip_serializing_if = "is_default")]
    pub mode: CacheMode,
    /// How long a result holds; `None` is the workspace's.
    #[serde(skip_serializing_if = "is_default")]
    pub ttl_ms: Option<u64>,
    /// More texts that count for the key.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "list")]
    pub key: Vec<String>,
}

/// What is kept of a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CacheMode {
    /// Nothing.
    #[default]
    Off,
    /// Only that it succeeded, in this checkout.
    Stamp,
    /// The output files too, for every checkout on this machine.
    Local,
}

/// How the output of a node is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogMode {
    /// At once.
    Stream,
    /// In one piece, when it has ended.
    Grouped,
    /// Only if it fails.
    Quiet,
}
