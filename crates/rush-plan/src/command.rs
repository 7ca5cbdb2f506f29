//! What a node executes, as plain data: argv commands, scripts and the texts that may carry secrets.
//!
//! Programs are names, not resolved paths. Words, scripts and their variables hold plain text only; a
//! reference to a secret can stand only in [`EnvValue`] and [`Stdin`], so no value of a secret can reach
//! an argument by construction.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fitted::list;
use crate::{WorkspacePath, is_default};

/// One process to start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// A program started directly, without a shell.
    Argv {
        /// The program and its arguments; never empty. A program with `/` is relative to the node's `dir`.
        #[serde(deserialize_with = "list")]
        words: Vec<String>,
    },
    /// A text handed to an interpreter, verbatim.
    Script(Script),
}

/// The files of the workspace that a program may be: the one it names, or those of its name in the directories of `bin`.
/// What the search path leads to lies elsewhere.
pub fn program_files(name: &str, dir: &WorkspacePath, bin: &[WorkspacePath]) -> Vec<WorkspacePath> {
    if name.contains('/') {
        return dir.join(name).into_iter().collect();
    }
    bin.iter().filter_map(|it| it.join(name).ok()).collect()
}

impl Command {
    /// The program that it names; a script names none.
    pub fn program(&self) -> Option<&str> {
        match self {
            Self::Argv { words } => words.first().map(String::as_str),
            Self::Script(_) => None,
        }
    }
}

/// A script and what it can see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Who reads the text.
    pub interpreter: Interpreter,
    /// The script exactly as written, dedented, without a final newline added or removed.
    pub text: String,
    /// Variables of scope that become environment variables of the process; `None` removes the name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub variables: BTreeMap<String, Option<String>>,
    /// What `.args(..)` adds: `"$@"` in shells.
    #[serde(default, skip_serializing_if = "is_default", deserialize_with = "list")]
    pub arguments: Vec<String>,
}

/// The tag of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpreter {
    /// `sh -eu`
    Sh,
    /// `bash -euo pipefail`
    Bash,
    /// `zsh`
    Zsh,
    /// `fish`
    Fish,
    /// PowerShell
    Pwsh,
    /// `python`
    Python,
    /// `node`
    Node,
    /// `ruby`
    Ruby,
    /// `nu`
    Nu,
}

impl Interpreter {
    /// Every interpreter, in the order of the language reference.
    pub const ALL: [Self; 9] = [
        Self::Sh,
        Self::Bash,
        Self::Zsh,
        Self::Fish,
        Self::Pwsh,
        Self::Python,
        Self::Node,
        Self::Ruby,
        Self::Nu,
    ];

    /// The tag as written in a task file.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Sh => "sh",
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Pwsh => "pwsh",
            Self::Python => "python",
            Self::Node => "node",
            Self::Ruby => "ruby",
            Self::Nu => "nu",
        }
    }

    /// The interpreter with this tag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.tag() == tag)
    }
}

/// A piece of a text that contains secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextPart {
    /// Known text.
    Text(String),
    /// The value of the secret with this name, known only while running.
    Secret(String),
}

/// The value of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvValue {
    /// Known text.
    Text(String),
    /// The secret with this name: its value, or the path of a file that holds it (`mount`).
    Secret(String),
    /// A text with secrets in it; the whole is masked as well as each part.
    Parts(Vec<TextPart>),
    /// A path inside the workspace; the process sees it absolute.
    Path(WorkspacePath),
    /// The variable is removed from what is inherited.
    Unset,
}

/// What a process reads from its standard input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stdin {
    /// Known text.
    Text(String),
    /// The value of the secret with this name.
    Secret(String),
    /// A text with secrets in it.
    Parts(Vec<TextPart>),
    /// The contents of a file of the workspace.
    Path(WorkspacePath),
}

impl EnvValue {
    /// Whether its value is known only while running because a secret is in it.
    pub fn has_secret(&self) -> bool {
        self.secrets().next().is_some()
    }

    /// The names of the secrets in it.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let (own, parts): (Option<&str>, &[TextPart]) = match self {
            Self::Secret(name) => (Some(name), &[]),
            Self::Parts(parts) => (None, parts),
            Self::Text(_) | Self::Path(_) | Self::Unset => (None, &[]),
        };
        own.into_iter().chain(part_secrets(parts))
    }
}

impl Stdin {
    /// Whether its text is known only while running because a secret is in it.
    pub fn has_secret(&self) -> bool {
        self.secrets().next().is_some()
    }

    /// The names of the secrets in it.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let (own, parts): (Option<&str>, &[TextPart]) = match self {
            Self::Secret(name) => (Some(name), &[]),
            Self::Parts(parts) => (None, parts),
            Self::Text(_) | Self::Path(_) => (None, &[]),
        };
        own.into_iter().chain(part_secrets(parts))
    }
}

fn part_secrets(parts: &[TextPart]) -> impl Iterator<Item = &str> {
    parts.iter().filter_map(|part| match part {
        TextPart::Secret(name) => Some(name.as_str()),
        TextPart::Text(_) => None,
    })
}
