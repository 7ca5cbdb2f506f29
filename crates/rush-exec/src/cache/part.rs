//! The parts of a fingerprint: what decides a result, each with a kind, a name and a digest.
//!
//! The key is the digest of the list of parts, so whoever has the list can check the key, and comparing two lists
//! says what changed. Values are never kept, only their digests; those that could be guessed are salted.

use std::fmt;

use rush_plan::Digest;
use rustc_hash::FxHashMap;

use super::codec::{Reader, Writer};

/// What a part is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum PartKind {
    /// The rules by which Rush makes keys.
    Rush = 0,
    /// Operating system, architecture or C library.
    Host = 1,
    /// A command or script with its arguments.
    Command = 2,
    /// A value that a script uses.
    Value = 3,
    /// A program that a command, a script or `tools` names.
    Program = 4,
    /// The working directory, or a directory of `bin`.
    Directory = 5,
    /// A variable of the environment.
    Variable = 6,
    /// Standard input.
    Input = 7,
    /// A file.
    File = 8,
    /// What a needed task made.
    Dependency = 9,
    /// The declared outputs.
    Outputs = 10,
    /// A text of `cache.key`.
    Key = 11,
}

/// One thing that decides a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is about.
    pub kind: PartKind,
    /// Which one of its kind.
    pub name: String,
    /// Equal if it is the same.
    pub digest: Digest,
}

/// How something differs from before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is another one.
    Changed,
    /// It was not there before.
    Added,
    /// It is no longer there.
    Removed,
    /// Of a file only that it can be executed now.
    Executable,
    /// Of a file only that it can't be executed any more.
    NotExecutable,
}

/// One difference between two fingerprints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub kind: PartKind,
    /// Which one of its kind.
    pub name: String,
    /// How it differs.
    pub change: Change,
    /// What it was, of a command whose text was kept.
    pub before: Option<String>,
    /// What it is, of a command whose text is not too long.
    pub now: Option<String>,
}

impl PartKind {
    const ALL: [Self; 12] = [
        Self::Rush,
        Self::Host,
        Self::Command,
        Self::Value,
        Self::Program,
        Self::Directory,
        Self::Variable,
        Self::Input,
        Self::File,
        Self::Dependency,
        Self::Outputs,
        Self::Key,
    ];

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|it| *it as u8 == code)
    }

    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rush => "rush",
            Self::Host => "host",
            Self::Command => "command",
            Self::Value => "value",
            Self::Program => "program",
            Self::Directory => "directory",
            Self::Variable => "variable",
            Self::Input => "stdin",
            Self::File => "file",
            Self::Dependency => "dependency",
            Self::Outputs => "outputs",
            Self::Key => "key",
        }
    }
}

impl Change {
    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Changed | Self::Executable | Self::NotExecutable => "changed",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// The key of these parts.
pub(crate) fn key_of(parts: &[Part]) -> Digest {
    let mut writer = Writer::default();
    write_parts(&mut writer, parts);
    Digest::of("rush key 1", &writer.0)
}

pub(crate) fn write_parts(writer: &mut Writer, parts: &[Part]) {
    writer.count(parts.len());
    for part in parts {
        writer.byte(part.kind as u8);
        writer.bytes(part.name.as_bytes());
        writer.digest(part.digest);
    }
}

pub(crate) fn read_parts(reader: &mut Reader<'_>) -> Option<Vec<Part>> {
    reader.list(|reader| {
        let kind = PartKind::from_code(reader.byte()?)?;
        Some(Part { kind, name: reader.text()?, digest: reader.digest()? })
    })
}

/// What differs, in the order of kinds and names.
pub(crate) fn differences(before: &[Part], now: &[Part]) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut note = |part: &Part, change| {
        found.push(Difference::new(part.kind, part.name.clone(), change));
    };
    let old = index(before);
    let new = index(now);
    for (name, part) in &new {
        match old.get(name) {
            None => note(part, Change::Added),
            Some(other) if other.digest != part.digest => note(part, Change::Changed),
            Some(_) => {}
        }
    }
    for (_, part) in old.iter().filter(|(name, _)| !new.contains_key(name)) {
        note(part, Change::Removed);
    }
    found.sort_by(|a, b| (a.kind, &a.name, a.change).cmp(&(b.kind, &b.name, b.change)));
    // Two scripts may use one value.
    found.dedup();
    found
}

/// What a part is called, and how many of that name come before it.
type PartName<'a> = (PartKind, &'a str, usize);

fn index(parts: &[Part]) -> FxHashMap<PartName<'_>, &Part> {
    let mut counts: FxHashMap<(PartKind, &str), usize> = FxHashMap::default();
    let named = parts.iter().map(|part| {
        let count = counts.entry((part.kind, part.name.as_str())).or_default();
        *count += 1;
        ((part.kind, part.name.as_str(), *count), part)
    });
    named.collect()
}

impl Difference {
    /// One of which no texts are known.
    pub(crate) const fn new(kind: PartKind, name: String, change: Change) -> Self {
        Self { kind, name, change, before: None, now: None }
    }
}

/// As a sentence for the person.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.kind {
            PartKind::Rush => return f.write_str("this Rush makes keys in another way"),
            PartKind::Host => return write!(f, "the {name} of this machine is another one"),
            PartKind::Input => f.write_str("the standard input")?,
            PartKind::Command => write!(f, "the command `{name}`")?,
            PartKind::Value => write!(f, "the value `{name}` of the script")?,
            PartKind::Program => write!(f, "the program `{name}`")?,
            PartKind::Directory => write!(f, "the directory `{name}`")?,
            PartKind::Variable => write!(f, "the variable `{name}`")?,
            PartKind::File => write!(f, "the file `{name}`")?,
            PartKind::Dependency => write!(f, "what `{name}` made")?,
            PartKind::Outputs => write!(f, "the pattern `{name}` of `outputs`")?,
            PartKind::Key => write!(f, "the text {name} of `cache.key`")?,
        }
        let is_program = self.kind == PartKind::Program;
        f.write_str(match self.change {
            Change::Changed => " changed",
            // Which programs are used is told here, not which there are.
            Change::Added if is_program => " was not used before",
            Change::Removed if is_program => " is no longer used",
            Change::Added => " is new",
            Change::Removed => " is gone",
            Change::Executable => " can be executed now",
            Change::NotExecutable => " can't be executed any more",
        })
    }
}
