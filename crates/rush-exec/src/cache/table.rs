//! What a workspace remembers so that a run in which nothing changed reads no contents: for each node the last
//! result, and for each file its stamp and digest.
//!
//! One file, read once at the start and replaced at the end; what another Rush wrote meanwhile is taken over, the
//! later result of a node wins. A damaged table is an empty one. Most of it can be found out again; what can't is when a
//! `stamp` succeeded, which then runs once more, and which files Rush made, which then are somebody's. So forgetting the
//! results keeps their rows.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rush_plan::{Digest, NodeId};
use rustc_hash::FxHashMap;

use super::codec::{Reader, Writer, unseal};
use super::contents::{Content, Name};
use super::inner::now_ms;
use super::records::Records;
use super::stamp::{Kind, Stamp, now_ns};
use crate::os::files::stamp_of_open;

pub(super) const MAGIC: &str = "rush results 3\n";

/// The same without what was found: nobody told that from what was made.
const MAGIC_BEFORE: &str = "rush results 2\n";

/// Stands in place of a digest where only the stamp is known.
pub(crate) const CONDITION: Digest = Digest::from_bytes([0xff; 32]);

/// Stands in place of the digests by which a result is found, once a later attempt of a `stamp` task began.
const SPENT: Digest = Digest::from_bytes([0xfe; 32]);

/// How many nodes are remembered; those with the oldest results go first.
pub(super) const RECORDS_MAX: usize = 200_000;

/// What a written result takes at least: its digests.
const RECORD_BYTES_MIN: usize = 5 * 32;

/// How many programs are remembered.
pub(super) const PROGRAMS_MAX: usize = 1000;

/// The last result of a node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    /// Everything but files and dependencies; see [`super::fingerprint::Facts::shape`].
    pub(crate) shape: Digest,
    /// What the needed nodes had made.
    pub(crate) dependencies: Digest,
    pub(crate) key: Digest,
    /// Where the entry is, and where that of the result before is.
    pub(crate) entry: Digest,
    pub(crate) before: Option<Digest>,
    /// What dependants see.
    pub(crate) output: Digest,
    pub(crate) is_stamp: bool,
    /// When the result was made.
    pub(crate) recorded_ms: u64,
    /// When it became the last one of this workspace.
    pub(crate) here_ms: u64,
    /// When the entry was last marked as used.
    pub(crate) touched_ms: u64,
    /// Its log, if it is short.
    pub(crate) log: RecordLog,
    /// The files it read, those it made, and what the lists of them depend on. Shared by nodes with equal lists.
    pub(crate) inputs: Option<SetId>,
    pub(crate) discovered: Vec<FileId>,
    pub(crate) outputs: Vec<FileId>,
    /// Those outputs that were there before an attempt, and that nobody was known to have made.
    pub(crate) found: Vec<FileId>,
}

impl Record {
    /// The same result as one that nothing finds; it still tells what was given then.
    pub(super) fn spent(&self) -> Self {
        // It is news also to a run that answered from it before.
        Self { shape: SPENT, key: SPENT, here_ms: now_ms(), ..self.clone() }
    }

    /// The same result as one that answers nothing; it still proves what attempts made, and tells from what.
    fn forgotten(&self) -> Self {
        Self { key: SPENT, log: RecordLog::InEntry, here_ms: now_ms(), ..self.clone() }
    }

    /// Whether what it made was handed to a later attempt, of which nothing is known, or it was forgotten.
    pub(super) fn is_spent(&self) -> bool {
        self.key == SPENT
    }
}

/// What a node said, as far as the table has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RecordLog {
    Here(Vec<u8>),
    InEntry,
}

/// A file, by its position.
pub(crate) type FileId = u32;
/// A list of files, by its position.
pub(crate) type SetId = u32;

/// What patterns matched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileSet {
    /// The patterns.
    pub(crate) patterns: Digest,
    /// What tasks write, which was left out; irrelevant where nothing was searched.
    pub(crate) written: Option<Digest>,
    pub(crate) files: Vec<FileId>,
    pub(crate) conditions: Vec<FileId>,
}

/// The table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    pub(crate) records: Records,
    pub(crate) sets: Vec<FileSet>,
    pub(crate) files: Vec<(Name, Content)>,
    /// Files that were read by following links: programs.
    pub(crate) programs: Vec<FileId>,
}

/// Builds a table without repeating anything.
#[derive(Default)]
pub(crate) struct Builder {
    table: Table,
    buffer: Writer,
    known_files: FxHashMap<Digest, FileId>,
    known_sets: FxHashMap<FileSet, SetId>,
}

impl Table {
    /// Reads a table; one that is damaged or not there is empty.
    pub(crate) fn load(path: &Path) -> Self {
        Self::load_stamped(path).0
    }

    /// The same with what tells later whether the file is still the one that was read; `None` if nothing does.
    pub(crate) fn load_stamped(path: &Path) -> (Self, Option<Stamp>) {
        let read_ns = now_ns();
        let read = || -> io::Result<(Vec<u8>, Stamp)> {
            let mut file = File::open(path)?;
            let stamp = stamp_of_open(&file)?;
            let mut bytes = Vec::with_capacity(usize::try_from(stamp.size).unwrap_or_default());
            file.read_to_end(&mut bytes)?;
            Ok((bytes, stamp))
        };
        let Ok((bytes, stamp)) = read() else { return (Self::default(), None) };
        let stamp = Some(stamp).filter(|it| it.is_settled(read_ns));
        (Self::decode(&bytes).unwrap_or_default(), stamp)
    }

    pub(crate) fn file(&self, id: FileId) -> Option<&(Name, Content)> {
        self.files.get(id as usize)
    }

    /// The nodes whose last result is a `stamp` that holds.
    pub(super) fn stamped(&self) -> impl Iterator<Item = NodeId> {
        self.records.iter().filter(|it| it.1.is_stamp && !it.1.is_spent()).map(|it| it.0)
    }

    /// The same without results and without anything that saves reading a file: what is left proves what attempts made.
    pub(super) fn forgotten(self) -> Self {
        let mut records = Records::with_capacity(self.records.len());
        for (node, record) in self.records.iter() {
            records.insert(node, record.forgotten());
        }
        let unread = |(name, content): (Name, Content)| {
            let is_settled = content.is_settled && content.stamp.kind != Kind::File;
            (name, Content { is_settled, ..content })
        };
        let files = self.files.into_iter().map(unread).collect();
        Self { records, sets: self.sets, files, programs: Vec::new() }
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let now = unseal(bytes, MAGIC);
        let has_found = now.is_some();
        let mut reader = Reader(now.or_else(|| unseal(bytes, MAGIC_BEFORE))?);
        let files = reader.list(|it| Some((Name::from(it.bytes()?), read_content(it)?)))?;
        let sets = reader.list(|it| {
            Some(FileSet {
                patterns: it.digest()?,
                written: read_option(it)?,
                files: it.list(Reader::u32)?,
                conditions: it.list(Reader::u32)?,
            })
        })?;
        let programs = reader.list(Reader::u32)?;
        let count = reader.u32()? as usize;
        let mut records = Records::with_capacity(count.min(reader.0.len() / RECORD_BYTES_MIN));
        for _ in 0..count {
            let node = NodeId::parse(std::str::from_utf8(reader.bytes()?).ok()?)?;
            let mut record = Record::read(&mut reader)?;
            if has_found {
                record.found = reader.list(Reader::u32)?;
            }
            records.insert(node, record);
        }
        Some(Self { records, sets, files, programs })
    }
}

impl FileSet {
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.digest(self.patterns);
        write_option(writer, self.written);
        write_ids(writer, &self.files);
        write_ids(writer, &self.conditions);
    }
}

impl Builder {
    /// The position of a file with exactly these contents: results of different times may have read the same file
    /// in different states, and none may pass for the other.
    pub(crate) fn file(&mut self, name: &[u8], content: Content) -> FileId {
        let key = row_key(&mut self.buffer, name, &content);
        if let Some(id) = self.known_files.get(&key) {
            return *id;
        }
        let id = self.table.files.len() as FileId;
        self.table.files.push((name.into(), content));
        self.known_files.insert(key, id);
        id
    }

    /// The position of a list.
    pub(crate) fn set(&mut self, set: FileSet) -> SetId {
        if let Some(id) = self.known_sets.get(&set) {
            return *id;
        }
        let id = self.table.sets.len() as SetId;
        self.known_sets.insert(set.clone(), id);
        self.table.sets.push(set);
        id
    }

    /// Notes a program.
    pub(crate) fn program(&mut self, name: &[u8], content: Content) {
        let id = self.file(name, content);
        if self.table.programs.len() < PROGRAMS_MAX && !self.table.programs.contains(&id) {
            self.table.programs.push(id);
        }
    }

    pub(crate) fn record(&mut self, node: NodeId, record: Record) {
        self.table.records.insert(node, record);
    }

    /// What was built so far.
    pub(super) const fn table(&self) -> &Table {
        &self.table
    }

    /// The position of a file that is there with exactly these contents.
    pub(super) fn find_file(
        &self,
        buffer: &mut Writer,
        name: &[u8],
        content: &Content,
    ) -> Option<FileId> {
        self.known_files.get(&row_key(buffer, name, content)).copied()
    }

    /// The position of a list that is there.
    pub(super) fn find_set(&self, set: &FileSet) -> Option<SetId> {
        self.known_sets.get(set).copied()
    }
}

fn row_key(buffer: &mut Writer, name: &[u8], content: &Content) -> Digest {
    buffer.0.clear();
    buffer.bytes(name);
    write_content(buffer, content);
    Digest::of("rush file row", &buffer.0)
}

impl Record {
    pub(super) fn write(&self, writer: &mut Writer) {
        for digest in [self.shape, self.dependencies, self.key, self.entry, self.output] {
            writer.digest(digest);
        }
        write_option(writer, self.before);
        writer.byte(u8::from(self.is_stamp));
        writer.u64(self.recorded_ms);
        writer.u64(self.here_ms);
        writer.u64(self.touched_ms);
        match &self.log {
            RecordLog::Here(bytes) => {
                writer.byte(0);
                writer.bytes(bytes);
            }
            RecordLog::InEntry => writer.byte(1),
        }
        writer.u32(self.inputs.unwrap_or(u32::MAX));
        write_ids(writer, &self.discovered);
        write_ids(writer, &self.outputs);
        write_ids(writer, &self.found);
    }

    /// All but what was found.
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut digest = || reader.digest();
        let (shape, dependencies, key) = (digest()?, digest()?, digest()?);
        let (entry, output) = (digest()?, digest()?);
        Some(Self {
            shape,
            dependencies,
            key,
            entry,
            output,
            before: read_option(reader)?,
            is_stamp: reader.byte()? != 0,
            recorded_ms: reader.u64()?,
            here_ms: reader.u64()?,
            touched_ms: reader.u64()?,
            log: match reader.byte()? {
                0 => RecordLog::Here(reader.bytes()?.to_vec()),
                1 => RecordLog::InEntry,
                _ => return None,
            },
            inputs: Some(reader.u32()?).filter(|it| *it != u32::MAX),
            discovered: reader.list(Reader::u32)?,
            outputs: reader.list(Reader::u32)?,
            found: Vec::new(),
        })
    }
}

pub(super) fn write_ids(writer: &mut Writer, ids: &[u32]) {
    writer.count(ids.len());
    ids.iter().for_each(|it| writer.u32(*it));
}

fn write_option(writer: &mut Writer, digest: Option<Digest>) {
    writer.byte(u8::from(digest.is_some()));
    if let Some(digest) = digest {
        writer.digest(digest);
    }
}

#[allow(clippy::option_option, reason = "the outer one is the end of the input")]
fn read_option(reader: &mut Reader<'_>) -> Option<Option<Digest>> {
    match reader.byte()? {
        0 => Some(None),
        1 => reader.digest().map(Some),
        _ => None,
    }
}

pub(super) fn write_content(writer: &mut Writer, content: &Content) {
    let Content { stamp, digest, is_settled } = content;
    writer.byte(stamp.kind as u8);
    writer.byte(u8::from(*is_settled));
    writer.u32(stamp.mode);
    for number in [stamp.device, stamp.inode, stamp.size] {
        writer.u64(number);
    }
    writer.i64(stamp.modified_ns);
    writer.i64(stamp.changed_ns);
    writer.digest(*digest);
}

pub(super) fn read_content(reader: &mut Reader<'_>) -> Option<Content> {
    let kind = Kind::from_code(reader.byte()?)?;
    let is_settled = reader.byte()? != 0;
    let stamp = Stamp {
        kind,
        mode: reader.u32()?,
        device: reader.u64()?,
        inode: reader.u64()?,
        size: reader.u64()?,
        modified_ns: reader.i64()?,
        changed_ns: reader.i64()?,
    };
    Some(Content { stamp, digest: reader.digest()?, is_settled })
}
