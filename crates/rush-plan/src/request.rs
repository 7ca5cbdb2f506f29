//! What is asked of the compiler: which calls, for which host, with which reads already answered.
//!
//! Planning is a pure function of [`PlanRequest`]. What it still has to read it returns as [`ReadKey`]s;
//! the caller answers them in `reads` and asks again. It does not know how anything is read.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, WorkspaceId, WorkspacePath, is_default};

/// Everything a plan depends on besides the text of the workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanRequest {
    /// Which workspace.
    pub workspace: WorkspaceId,
    /// What to plan; kept in the plan.
    pub goal: Goal,
    /// The facts to plan for.
    pub host: Host,
    /// What has been read so far.
    pub reads: Reads,
    /// Who asked.
    pub cause: Cause,
}

/// What a person asked for, as they wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Goal {
    /// The calls, in the order given; empty means what the workspace's default is.
    #[serde(skip_serializing_if = "is_default")]
    pub calls: Vec<Call>,
    /// Whether each call waits for the one before.
    #[serde(skip_serializing_if = "is_default")]
    pub order: CallOrder,
    /// Flags for the parameters and matrix axes of every called task that takes them, by name.
    #[serde(skip_serializing_if = "is_default")]
    pub params: BTreeMap<String, Given>,
    /// What follows `--`, for the `...args` of the called task.
    #[serde(skip_serializing_if = "is_default")]
    pub rest: Vec<String>,
    /// The profile.
    #[serde(skip_serializing_if = "is_default")]
    pub profile: Option<String>,
    /// Values for the file-level `param`s, by name, unparsed.
    #[serde(skip_serializing_if = "is_default")]
    pub set: BTreeMap<String, Texts>,
}

/// What a `param` was given: a text for each time it was set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OneOrMore", into = "OneOrMore")]
pub struct Texts(Vec<String>);

impl Texts {
    /// It was set once more.
    pub fn push(&mut self, text: impl Into<String>) {
        self.0.push(text.into());
    }

    /// The texts, in the order they were given.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// The texts of each name, in the order they were given.
    pub fn by_name<'a>(
        pairs: impl IntoIterator<Item = &'a (String, String)>,
    ) -> BTreeMap<String, Self> {
        let mut all: BTreeMap<String, Self> = BTreeMap::new();
        for (name, text) in pairs {
            all.entry(name.clone()).or_default().push(text);
        }
        all
    }
}

impl From<&str> for Texts {
    fn from(text: &str) -> Self {
        Self(vec![text.to_owned()])
    }
}

/// How [`Texts`] are stored: a single one is a text and no list.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl From<OneOrMore> for Texts {
    fn from(stored: OneOrMore) -> Self {
        match stored {
            OneOrMore::One(text) => Self(vec![text]),
            OneOrMore::More(texts) => Self(texts),
        }
    }
}

impl From<Texts> for OneOrMore {
    fn from(texts: Texts) -> Self {
        match <[String; 1]>::try_from(texts.0) {
            Ok([text]) => Self::One(text),
            Err(texts) => Self::More(texts),
        }
    }
}

/// One label or call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The label or label pattern, as written: `build`, `//web:build`, `//...:test`.
    pub label: String,
    /// The text between the brackets of call syntax, unparsed; `*` stands for every member.
    #[serde(default, skip_serializing_if = "is_default")]
    pub arguments: Option<String>,
    /// Flags for the parameters and matrix axes of this call alone, by name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub params: BTreeMap<String, Given>,
}

impl Call {
    /// Splits `label(arguments)`; anything else is a label as it stands.
    pub fn new(text: &str) -> Self {
        let call = text.trim().strip_suffix(')').and_then(|text| text.split_once('('));
        match call {
            Some((label, arguments)) => Self {
                label: label.trim().to_owned(),
                arguments: Some(arguments.trim().to_owned()),
                params: BTreeMap::new(),
            },
            None => {
                Self { label: text.trim().to_owned(), arguments: None, params: BTreeMap::new() }
            }
        }
    }
}

/// Whether calls wait for each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOrder {
    /// Each runs as if it came `after` the one before.
    #[default]
    Sequential,
    /// In any order.
    Parallel,
}

/// What a flag was given, before its parameter's type is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// `--name value`, once for each time it was written.
    Texts(Vec<String>),
    /// `--name` or `--no-name`.
    Switch(bool),
}

/// The facts of a machine that a plan may depend on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// `linux`, `macos`, `windows` or `freebsd`.
    pub os: String,
    /// `x86_64`, `aarch64` or another name.
    pub arch: String,
    /// Processors.
    pub cpus: u32,
    /// Memory.
    pub memory_bytes: u64,
    /// Whether a continuous integration service runs this.
    pub ci: bool,
}

/// What has been read, by what was asked.
pub type Reads = BTreeMap<ReadKey, ReadValue>;

/// Something of the outside world that planning asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadKey {
    /// The value of an environment variable.
    Env(String),
    /// The text of a file.
    File(WorkspacePath),
    /// The names of the files that match a pattern, relative to the workspace root.
    Files(String),
}

impl fmt::Display for ReadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "`env({name:?})`"),
            Self::File(path) => write!(f, "`file({:?})`", path.as_str()),
            Self::Files(pattern) => write!(f, "`files({pattern:?})`"),
        }
    }
}

/// What the outside world answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadValue {
    /// The text of a variable or file.
    Text(String),
    /// The sorted names of files.
    Names(Vec<WorkspacePath>),
    /// There is no such variable or file.
    Absent,
    /// It is there but can't be used as text; why, in words for the person.
    Unreadable(String),
}

impl ReadValue {
    /// The digest that the plan keeps of it.
    pub fn digest(&self) -> Digest {
        let bytes = serde_json::to_vec(self).expect("texts and names always serialise");
        Digest::of("rush read 1", &bytes)
    }
}

/// One read that a plan depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedRead {
    /// What was read.
    pub key: ReadKey,
    /// The digest of the answer; never the answer, which may be private.
    pub digest: Digest,
}

impl RecordedRead {
    /// What a plan keeps of all reads it was made with.
    pub fn all(reads: &Reads) -> Vec<Self> {
        reads.iter().map(|(key, value)| Self { key: key.clone(), digest: value.digest() }).collect()
    }
}

/// Who or what asked for something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cause {
    /// `user`, `watch`, `schedule`, `ci` ...; readers accept kinds they do not know.
    pub kind: String,
    /// Who, if known.
    #[serde(default, skip_serializing_if = "is_default")]
    pub actor: Option<String>,
}

impl Cause {
    /// A person at a terminal.
    pub fn user() -> Self {
        Self::of_kind("user")
    }

    /// Whatever this word stands for.
    pub fn of_kind(kind: &str) -> Self {
        Self { kind: kind.to_owned(), actor: None }
    }
}
