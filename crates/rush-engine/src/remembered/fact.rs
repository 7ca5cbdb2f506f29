//! What was found out about the world: questions to it, each with the digest of its answer.
//!
//! A fact holds as long as the same question gets the same answer. Answers are kept as digests only, so
//! no value of a variable and no text is kept. For files and directories the attributes are kept too:
//! while they are the same, nothing is read to see that the contents are.

use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use rush_system::{
    DirEntry, FileKind, Host, Metadata, Result as Answered, StateDirectory, System, SystemError,
};
use serde::{Deserialize, Serialize};

/// How long before it was read a file must have been left alone for its attributes to be trusted: the
/// coarsest clock of a file system ticks this often, and two changes within a tick look the same.
const CLOCK_TICK_MAX: Duration = Duration::from_secs(2);

/// A question to the world; it says what [`System`] was asked, no more than the asker can see.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Question {
    /// The bytes of a file.
    Bytes(String),
    /// The names in a directory, with their kinds.
    Names(String),
    /// What a path leads to.
    Kind(String),
    /// All attributes, following links.
    Attributes(String),
    /// All attributes, of a link itself.
    LinkAttributes(String),
    /// On which file system.
    Device(String),
    /// The path without links.
    RealPath(String),
    /// Whether the user may write there.
    IsWritable(String),
    /// Whether another machine serves it.
    IsOnNetwork(String),
    /// One variable.
    Variable(String),
    /// All variables.
    Variables,
    /// The directory that relative paths start from.
    CurrentDir,
    /// The user's home.
    Home,
    /// The user's directory of settings.
    ConfigDir,
    /// The user's directory of what can be made again.
    CacheDir,
    /// The user's directory of what is remembered.
    StateDir,
    /// The facts about the machine.
    Host,
}

/// The digest of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct AnswerDigest([u64; 4]);

/// The attributes by which a file or directory is known to be as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attributes {
    len: u64,
    modified_ns: u64,
    changed_ns: u64,
    inode: u64,
    device: u64,
}

/// A question with what is kept of its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fact {
    pub(super) question: Question,
    pub(super) answer: AnswerDigest,
    /// `None` where attributes tell too little.
    pub(super) attributes: Option<Attributes>,
}

/// What a second look at a fact shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// It holds.
    Same,
    /// It holds, and its attributes are others now.
    Refreshed(Fact),
    /// It does not hold, or that can't be told.
    Different,
}

impl Fact {
    /// Asks again.
    pub(super) fn look(&self, system: &dyn System) -> Look {
        let attributes = match &self.question {
            Question::Bytes(path) | Question::Names(path) => {
                attributes_of(system, Utf8Path::new(path))
            }
            _ => None,
        };
        if attributes.is_some_and(|it| Some(it.0) == self.attributes) {
            return Look::Same;
        }
        if ask(system, &self.question) != Some(self.answer) {
            return Look::Different;
        }
        let attributes = trusted(attributes);
        if attributes == self.attributes {
            return Look::Same;
        }
        Look::Refreshed(Self { question: self.question.clone(), answer: self.answer, attributes })
    }
}

/// Attributes, and whether they were old enough to be trusted when they were asked for.
pub(super) type Seen = Option<(Attributes, bool)>;

/// The attributes of what is about to be read; to be asked for *before* reading, so that a change in
/// between shows.
pub(super) fn attributes_of(system: &dyn System, path: &Utf8Path) -> Seen {
    let now = system.now();
    let found = system.metadata(path).ok()?;
    let is_old = |time: SystemTime| now.duration_since(time).is_ok_and(|it| it > CLOCK_TICK_MAX);
    // Without a number of its own, a file that was put in place of another may look the same.
    let is_trusted = found.inode != 0 && is_old(found.modified) && is_old(found.changed);
    let attributes = Attributes {
        len: found.len,
        modified_ns: nanoseconds(found.modified)?,
        changed_ns: nanoseconds(found.changed)?,
        inode: found.inode,
        device: found.device,
    };
    Some((attributes, is_trusted))
}

/// The attributes, if they may stand for the contents.
pub(super) fn trusted(seen: Seen) -> Option<Attributes> {
    seen.and_then(|(attributes, is_trusted)| is_trusted.then_some(attributes))
}

fn nanoseconds(time: SystemTime) -> Option<u64> {
    u64::try_from(time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_nanos()).ok()
}

/// Asks the world; `None` if it refused in a way that may be gone the next moment.
fn ask(system: &dyn System, question: &Question) -> Option<AnswerDigest> {
    match question {
        Question::Bytes(path) => of_bytes(&system.read(Utf8Path::new(path))),
        Question::Names(path) => of_names(&names(system, Utf8Path::new(path))),
        Question::Kind(path) => of_kind(&system.metadata(Utf8Path::new(path))),
        Question::Attributes(path) => of_metadata(&system.metadata(Utf8Path::new(path))),
        Question::LinkAttributes(path) => {
            of_metadata(&system.symlink_metadata(Utf8Path::new(path)))
        }
        Question::Device(path) => Some(of_device(system.device(Utf8Path::new(path)))),
        Question::RealPath(path) => of_path(&system.canonicalize(Utf8Path::new(path))),
        Question::IsWritable(path) => Some(of_flag(system.is_writable(Utf8Path::new(path)))),
        Question::IsOnNetwork(path) => Some(of_flag(system.is_on_network(Utf8Path::new(path)))),
        Question::Variable(name) => of_variable(&system.env_var(name)),
        Question::Variables => Some(of_variables(&system.env_vars())),
        Question::CurrentDir => of_path(&system.current_dir()),
        Question::Home => Some(of_directory(system.home_dir().as_deref())),
        Question::ConfigDir => Some(of_directory(system.config_dir().as_deref())),
        Question::CacheDir => Some(of_directory(system.cache_dir().as_deref())),
        Question::StateDir => Some(of_directory(system.state_dir().as_deref())),
        Question::Host => Some(of_host(&system.host())),
    }
}

/// The names in a directory but for that of the state directory: it comes with remembering, and what is
/// remembered must not depend on that.
pub(super) fn names(system: &dyn System, path: &Utf8Path) -> Answered<Vec<DirEntry>> {
    let mut entries = system.list_dir(path)?;
    entries.retain(|it| it.name != StateDirectory::NAME);
    Ok(entries)
}

pub(super) fn of_bytes(answer: &Answered<Vec<u8>>) -> Option<AnswerDigest> {
    digest(answer, |bytes, out| put(out, bytes))
}

pub(super) fn of_names(answer: &Answered<Vec<DirEntry>>) -> Option<AnswerDigest> {
    digest(answer, |entries, out| {
        for entry in entries {
            text(out, &entry.name);
            out.update(&[kind_byte(entry.kind)]);
        }
    })
}

pub(super) fn of_kind(answer: &Answered<Metadata>) -> Option<AnswerDigest> {
    digest(answer, |found, out| put(out, &[kind_byte(found.kind)]))
}

pub(super) fn of_metadata(answer: &Answered<Metadata>) -> Option<AnswerDigest> {
    digest(answer, |found, out| {
        out.update(&[kind_byte(found.kind)]).update(&found.mode.to_le_bytes());
        for number in [found.len, found.inode, found.device] {
            out.update(&number.to_le_bytes());
        }
        for time in [found.modified, found.changed] {
            out.update(&nanoseconds(time).unwrap_or_default().to_le_bytes());
        }
    })
}

pub(super) fn of_device(answer: Option<u64>) -> AnswerDigest {
    certain(|out| put(out, &answer.map_or([0xFF; 8], u64::to_le_bytes)))
}

pub(super) fn of_path(answer: &Answered<Utf8PathBuf>) -> Option<AnswerDigest> {
    digest(answer, |path, out| text(out, path.as_str()))
}

pub(super) fn of_directory(answer: Option<&Utf8Path>) -> AnswerDigest {
    certain(|out| answer.into_iter().for_each(|it| text(out, it.as_str())))
}

pub(super) fn of_flag(answer: bool) -> AnswerDigest {
    certain(|out| put(out, &[u8::from(answer)]))
}

pub(super) fn of_variable(answer: &Answered<Option<String>>) -> Option<AnswerDigest> {
    digest(answer, |value, out| value.iter().for_each(|it| text(out, it)))
}

pub(super) fn of_variables(answer: &std::collections::BTreeMap<String, String>) -> AnswerDigest {
    certain(|out| {
        for (name, value) in answer {
            text(out, name);
            text(out, value);
        }
    })
}

pub(super) fn of_host(answer: &Host) -> AnswerDigest {
    certain(|out| {
        text(out, answer.os.name());
        text(out, &answer.arch);
        out.update(&answer.cpus.to_le_bytes()).update(&answer.memory_bytes.to_le_bytes());
    })
}

/// The digest of an answer or of a refusal that will be the same next time; `None` for others.
fn digest<T>(
    answer: &Answered<T>,
    write: impl FnOnce(&T, &mut blake3::Hasher),
) -> Option<AnswerDigest> {
    let mut out = blake3::Hasher::new();
    match answer {
        Ok(value) => {
            out.update(b"+");
            write(value, &mut out);
        }
        Err(SystemError::NotFound { .. }) => put(&mut out, b"-none"),
        Err(SystemError::NotADirectory { .. }) => put(&mut out, b"-no directory"),
        Err(SystemError::IsADirectory { .. }) => put(&mut out, b"-directory"),
        Err(_) => return None,
    }
    Some(finish(&out))
}

/// The digest of an answer that can't be refused.
fn certain(write: impl FnOnce(&mut blake3::Hasher)) -> AnswerDigest {
    let mut out = blake3::Hasher::new();
    out.update(b"=");
    write(&mut out);
    finish(&out)
}

fn finish(out: &blake3::Hasher) -> AnswerDigest {
    let mut words = [0; 4];
    let bytes = out.finalize();
    for (word, chunk) in words.iter_mut().zip(bytes.as_bytes().as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*chunk);
    }
    AnswerDigest(words)
}

fn put(out: &mut blake3::Hasher, bytes: &[u8]) {
    out.update(bytes);
}

/// Text with its length, so that two texts can't be taken for two others.
fn text(out: &mut blake3::Hasher, text: &str) {
    out.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
}

const fn kind_byte(kind: FileKind) -> u8 {
    match kind {
        FileKind::File => b'f',
        FileKind::Directory => b'd',
        FileKind::Symlink => b'l',
        FileKind::Other => b'o',
    }
}
