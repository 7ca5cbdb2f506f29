//! One remembered result: what it was made from, what was made, and what was said.
//!
//! The form on disk is sealed by a checksum, and the key follows from the parts, so an entry can be checked without
//! anything else. Contents of files are blobs, named by their digests.

use rush_plan::{Digest, NodeId};

use super::codec::{Reader, Writer, unseal};
use super::commands::CommandTexts;
use super::contents::Name;
use super::part::{Part, key_of, read_parts, write_parts};
use super::stamp::Kind;

const MAGIC: &str = "rush entry 1\n";

/// A list longer than this is a blob of its own, since other entries have the same one.
const INLINE_FILES_MAX: usize = 128;

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    pub(crate) path: Name,
    pub(crate) kind: Kind,
    pub(crate) is_executable: bool,
    pub(crate) digest: Digest,
}

/// Something that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) path: Name,
    pub(crate) kind: Kind,
    pub(crate) mode: u32,
    pub(crate) size: u64,
    pub(crate) digest: Digest,
    /// Where a link leads.
    pub(crate) target: Name,
}

/// A list of files that were read, in the entry or beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Inputs {
    /// In the entry.
    Here(Vec<Input>),
    /// In a blob of this name.
    Blob(Digest),
}

/// What a task said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    /// In the entry.
    Here(Vec<u8>),
    /// In a blob of this name and size.
    Blob(Digest, u64),
}

/// A remembered result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What was asked for.
    pub(crate) key: Digest,
    /// The node that made it, for people.
    pub(crate) task: String,
    /// The version of Rush that made it.
    pub(crate) rush: String,
    /// What decides the result beside the files.
    pub(crate) parts: Vec<Part>,
    /// The files that the patterns matched.
    pub(crate) inputs: Inputs,
    /// The files that the depfile named.
    pub(crate) discovered: Inputs,
    /// The digest of all files that were read.
    pub(crate) files: Digest,
    pub(crate) outputs: Vec<Output>,
    /// What dependants see of it.
    pub(crate) output: Digest,
    pub(crate) log: Log,
    /// The only workspace it is good for, if one is named in the outputs.
    pub(crate) root: Option<Name>,
    /// Whether the outputs are not kept.
    pub(crate) is_stamp: bool,
    pub(crate) created_ms: u64,
    pub(crate) duration_ms: u64,
    pub(crate) cpu_ms: u64,
    pub(crate) memory_bytes_peak: u64,
    /// The commands, for people.
    pub(crate) commands: CommandTexts,
    /// The nodes whose files it left alone among its own. In a plan without them it might have made those itself.
    pub(crate) beside: Vec<Neighbour>,
    /// What other nodes had made where it wrote something itself, as it was before.
    pub(crate) over: Vec<Input>,
}

/// A node that writes to the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Neighbour {
    pub(crate) node: NodeId,
    /// What it is called, for people.
    pub(crate) name: String,
    /// Those of its files that were left alone, as they were; `None` if an older Rush did not note them.
    pub(crate) files: Option<Vec<Input>>,
}

impl Entry {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.digest(self.key);
        writer.bytes(self.task.as_bytes());
        writer.bytes(self.rush.as_bytes());
        write_parts(&mut writer, &self.parts);
        self.inputs.write(&mut writer);
        self.discovered.write(&mut writer);
        writer.digest(self.files);
        writer.count(self.outputs.len());
        self.outputs.iter().for_each(|it| it.write(&mut writer));
        writer.digest(self.output);
        self.log.write(&mut writer);
        writer.byte(u8::from(self.root.is_some()));
        writer.bytes(self.root.as_deref().unwrap_or_default());
        writer.byte(u8::from(self.is_stamp));
        for number in [self.created_ms, self.duration_ms, self.cpu_ms, self.memory_bytes_peak] {
            writer.u64(number);
        }
        // What another Rush does not know or did not write stands last.
        self.commands.write(&mut writer);
        writer.count(self.beside.len());
        self.beside.iter().for_each(|it| it.write(&mut writer));
        let files = self.beside.iter().map(|it| it.files.as_deref().unwrap_or_default());
        for list in files.chain([&*self.over]) {
            writer.count(list.len());
            list.iter().for_each(|it| it.write(&mut writer));
        }
        writer.sealed(MAGIC)
    }

    /// Reads an entry; `None` if it is damaged or does not follow from its parts.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(unseal(bytes, MAGIC)?);
        let reader = &mut reader;
        let entry = Self {
            key: reader.digest()?,
            task: reader.text()?,
            rush: reader.text()?,
            parts: read_parts(reader)?,
            inputs: Inputs::read(reader)?,
            discovered: Inputs::read(reader)?,
            files: reader.digest()?,
            outputs: reader.list(Output::read)?,
            output: reader.digest()?,
            log: Log::read(reader)?,
            root: {
                let is_bound = reader.byte()? != 0;
                let root = reader.bytes()?;
                is_bound.then(|| root.into())
            },
            is_stamp: reader.byte()? != 0,
            created_ms: reader.u64()?,
            duration_ms: reader.u64()?,
            cpu_ms: reader.u64()?,
            memory_bytes_peak: reader.u64()?,
            commands: CommandTexts::read(reader)?,
            beside: Neighbour::read_all(reader)?,
            over: if reader.0.is_empty() { Vec::new() } else { reader.list(Input::read)? },
        };
        (entry.key == full_key(&entry.parts, entry.files)).then_some(entry)
    }

    /// The same if it is the one that is kept under this name.
    pub(crate) fn decode_as(id: Digest, bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes).filter(|it| entry_id(it.key, it.root.as_deref()) == id)
    }

    /// The blobs it needs, with their sizes where they are known.
    pub(crate) fn blobs(&self) -> Vec<(Digest, u64)> {
        let outputs = self.outputs.iter().filter(|it| it.kind == Kind::File && !self.is_stamp);
        let mut blobs: Vec<(Digest, u64)> = outputs.map(|it| (it.digest, it.size)).collect();
        if let Log::Blob(digest, size) = self.log {
            blobs.push((digest, size));
        }
        for inputs in [&self.inputs, &self.discovered] {
            if let Inputs::Blob(digest) = inputs {
                blobs.push((*digest, 0));
            }
        }
        blobs
    }
}

/// The key of a result: its parts and the files that were read.
pub(crate) fn full_key(parts: &[Part], files: Digest) -> Digest {
    let mut writer = Writer::default();
    writer.digest(key_of(parts));
    writer.digest(files);
    Digest::of("rush result", &writer.0)
}

/// The digest of all files that were read: those of the patterns and those of the depfile.
pub(crate) fn files_digest(inputs: &[Input], discovered: &[Input]) -> Digest {
    let mut writer = Writer::default();
    for list in [inputs, discovered] {
        writer.count(list.len());
        list.iter().for_each(|it| it.write(&mut writer));
    }
    Digest::of("rush inputs", &writer.0)
}

/// What stands for a node that made nothing.
pub(crate) const fn nothing_made() -> Digest {
    Digest::from_bytes([0; 32])
}

/// What dependants see of these outputs: paths, kinds, whether they can be executed, contents.
pub(crate) fn output_digest(outputs: &[Output]) -> Digest {
    if outputs.is_empty() {
        return nothing_made();
    }
    let mut writer = Writer::default();
    for output in outputs {
        writer.bytes(&output.path);
        writer.byte(output.kind as u8);
        writer.byte(u8::from(output.mode & 0o111 != 0 && output.kind == Kind::File));
        writer.digest(output.digest);
    }
    Digest::of("rush outputs", &writer.0)
}

/// Where an entry is kept: by its key, and by the workspace too if it is good for one only.
pub(crate) fn entry_id(key: Digest, root: Option<&[u8]>) -> Digest {
    let Some(root) = root else { return key };
    let mut writer = Writer::default();
    writer.digest(key);
    writer.bytes(root);
    Digest::of("rush bound entry", &writer.0)
}

impl Input {
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.path);
        writer.byte(self.kind as u8);
        writer.byte(u8::from(self.is_executable));
        writer.digest(self.digest);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            path: reader.bytes()?.into(),
            kind: Kind::from_code(reader.byte()?)?,
            is_executable: reader.byte()? != 0,
            digest: reader.digest()?,
        })
    }
}

impl Output {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.path);
        writer.byte(self.kind as u8);
        writer.u32(self.mode);
        writer.u64(self.size);
        writer.digest(self.digest);
        writer.bytes(&self.target);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            path: reader.bytes()?.into(),
            kind: Kind::from_code(reader.byte()?)?,
            mode: reader.u32()?,
            size: reader.u64()?,
            digest: reader.digest()?,
            target: reader.bytes()?.into(),
        })
    }
}

impl Neighbour {
    fn write(&self, writer: &mut Writer) {
        writer.bytes(self.node.to_string().as_bytes());
        writer.bytes(self.name.as_bytes());
    }

    /// Reads them; there are none in an entry that an older Rush made.
    fn read_all(reader: &mut Reader<'_>) -> Option<Vec<Self>> {
        if reader.0.is_empty() {
            return Some(Vec::new());
        }
        let mut all = reader.list(|it| {
            Some(Self { node: NodeId::parse(&it.text()?)?, name: it.text()?, files: None })
        })?;
        for neighbour in all.iter_mut().filter(|_| !reader.0.is_empty()) {
            neighbour.files = Some(reader.list(Input::read)?);
        }
        Some(all)
    }
}

impl Inputs {
    /// The list itself, or the bytes of a blob and what stands for it.
    pub(crate) fn pack(list: Vec<Input>) -> (Self, Option<Vec<u8>>) {
        if list.len() <= INLINE_FILES_MAX {
            return (Self::Here(list), None);
        }
        let mut writer = Writer::default();
        writer.count(list.len());
        list.iter().for_each(|it| it.write(&mut writer));
        (Self::Blob(super::contents::content_digest(&writer.0)), Some(writer.0))
    }

    /// Reads the bytes of a blob.
    pub(crate) fn unpack(bytes: &[u8]) -> Option<Vec<Input>> {
        Reader(bytes).list(Input::read)
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Here(list) => {
                writer.byte(0);
                writer.count(list.len());
                list.iter().for_each(|it| it.write(writer));
            }
            Self::Blob(digest) => {
                writer.byte(1);
                writer.digest(*digest);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        match reader.byte()? {
            0 => reader.list(Input::read).map(Self::Here),
            1 => reader.digest().map(Self::Blob),
            _ => None,
        }
    }
}

impl Log {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Here(bytes) => {
                writer.byte(0);
                writer.bytes(bytes);
            }
            Self::Blob(digest, size) => {
                writer.byte(1);
                writer.digest(*digest);
                writer.u64(*size);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        match reader.byte()? {
            0 => reader.bytes().map(|it| Self::Here(it.to_vec())),
            1 => Some(Self::Blob(reader.digest()?, reader.u64()?)),
            _ => None,
        }
    }
}
