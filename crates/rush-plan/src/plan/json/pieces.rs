//! Reads a large plan on all processors while it comes from its file.
//!
//! Whoever has nothing to do takes the next piece: reads on, cuts where the layout says that an entry ends, and adds
//! what was cut off to the digests; only one does that at a time. Then the entries of the piece are read, beside those
//! of other pieces. So the text of a plan is never in memory as a whole.
//!
//! A cut at any other place leaves pieces that are no entries, so what is read this way is what the whole says. Whatever
//! can't be read this way gives nothing; it does not know why, which is for the reader of whole files to say.

use std::io::{ErrorKind, Read};
use std::sync::{Mutex, PoisonError};

use memchr::memmem;
use serde::de::DeserializeOwned;

use super::super::validate::{NodeFindings, check_nodes};
use super::{BEFORE_CONTENT, Content, DIGITS, File, Front, WHOLE_DIGITS_AT, read_head};
use crate::plan::Digests;
use crate::plan::side_by_side::side_by_side;
use crate::{Digesting, Node, NodeId, NodeOrigin, Origin};

/// How much is read at a time: enough that the cuts cost nothing, and so little that all processors have something to
/// do until the end.
const PIECE_BYTES: usize = 128 * 1024;

const BEFORE_NODES: &str = ",\n    \"nodes\": [\n      ";
const NEXT_NODE: &str = "},\n      {";
const AFTER_NODES: &str = "\n    ]\n  },\n  \"origin\": ";
/// How much of what is behind the nodes belongs to the content.
const END_OF_CONTENT: usize = "\n    ]\n  }".len();
const BEFORE_ORIGINS: &str = ",\n    \"nodes\": {\n      ";
const NEXT_ORIGIN: &str = "},\n      \"";
const AFTER_ORIGINS: &str = "\n    }\n  }\n}\n";
const BETWEEN: &str = ",\n      ";

/// The length of short nodes and origins: what is reserved for more of them is never touched.
const NODE_BYTES_MIN: usize = 512;
const ORIGIN_BYTES_MIN: usize = 128;

/// Reads a plan of which `first` has been read already; nothing if it is not what was written.
pub(super) fn read(mut first: Vec<u8>, mut file: impl Read + Send) -> Option<(File, Digests)> {
    let start = find_reading(&mut file, &mut first, 0, BEFORE_NODES)?;
    let digests = read_head(&first)?;
    let (front, content) = text(first.get(..start)?)?.split_once(BEFORE_CONTENT)?;
    let content_at = front.len() + BEFORE_CONTENT.len();
    let front: Front = serde_json::from_str(&format!("{front}}}")).ok()?;
    let content: Content = serde_json::from_str(&format!("{content},\"nodes\":[]}}")).ok()?;
    let nodes_at = start + BEFORE_NODES.len();
    let mut source = Source {
        file,
        rest: first.get(nodes_at..)?.to_vec(),
        section: Section::Nodes,
        count: 0,
        files: Origin::default(),
        content: Digesting::within(super::CONTENT_DOMAIN),
        whole: Digesting::within(super::WHOLE_DOMAIN),
    };
    source.content.add(first.get(content_at..nodes_at)?);
    source.whole.add(first.get(..WHOLE_DIGITS_AT)?);
    source.whole.add(&[b'0'; DIGITS]);
    source.whole.add(first.get(WHOLE_DIGITS_AT + DIGITS..)?);
    drop(first);
    let source = Mutex::new(source);
    let pieces = side_by_side(|| read_pieces(&source, &content));
    let source = source.into_inner().ok()?;
    let found = Digests { content: source.content.finish(), whole: source.whole.finish() };
    let is_sound = source.section == Section::Over && found == digests;
    let file = is_sound.then(|| put_together(front, content, source.files, pieces))??;
    Some((file, digests))
}

/// The text of a plan as it comes.
struct Source<R> {
    file: R,
    /// What was read and not taken; begins with an entry.
    rest: Vec<u8>,
    section: Section,
    /// How many pieces were taken.
    count: usize,
    /// The files that the origins point into, once all nodes were taken.
    files: Origin,
    /// Of what was taken of the content.
    content: Digesting,
    /// Of what was read.
    whole: Digesting,
}

/// Where the next piece comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Nodes,
    Origins,
    /// Everything was taken.
    Over,
    /// It is not laid out as a plan, or can't be read.
    Unreadable,
}

/// What is to be read of a piece.
#[derive(Clone, Copy)]
enum List {
    Nodes,
    Origins,
}

impl<R: Read> Source<R> {
    /// Takes the next entries, and tells how many pieces were taken before.
    fn take(&mut self, piece: &mut Vec<u8>) -> Option<(usize, List)> {
        piece.clear();
        std::mem::swap(piece, &mut self.rest);
        let (list, is_cut) = match self.section {
            Section::Nodes => (List::Nodes, self.cut_nodes(piece)),
            Section::Origins => (List::Origins, self.cut_origins(piece)),
            Section::Over | Section::Unreadable => return None,
        };
        if is_cut.is_none() {
            self.section = Section::Unreadable;
        }
        is_cut?;
        self.count += 1;
        Some((self.count - 1, list))
    }

    fn cut_nodes(&mut self, piece: &mut Vec<u8>) -> Option<()> {
        loop {
            let is_end = self.read_on(piece)?;
            if let Some(end) = memmem::find(piece, AFTER_NODES.as_bytes()) {
                self.content.add(piece.get(..end + END_OF_CONTENT)?);
                return self.enter_origins(piece, end);
            }
            if let Some(last) = memmem::rfind(piece, NEXT_NODE.as_bytes()) {
                self.content.add(piece.get(..last + NEXT_NODE.len() - 1)?);
                return self.leave(piece, last + 1, last + NEXT_NODE.len() - 1);
            }
            if is_end {
                return None;
            }
        }
    }

    /// Goes on to the origins behind the nodes, which end here.
    fn enter_origins(&mut self, piece: &mut Vec<u8>, end: usize) -> Option<()> {
        let files_at = end + AFTER_NODES.len();
        let read = piece.len();
        let files_end = find_reading(&mut self.file, piece, files_at, BEFORE_ORIGINS)?;
        self.whole.add(piece.get(read..)?);
        let files = text(piece.get(files_at..files_end)?)?;
        self.files = serde_json::from_str(&format!("{files}}}")).ok()?;
        self.section = Section::Origins;
        self.leave(piece, end, files_end + BEFORE_ORIGINS.len())
    }

    fn cut_origins(&mut self, piece: &mut Vec<u8>) -> Option<()> {
        loop {
            if self.read_on(piece)? {
                piece.truncate(piece.strip_suffix(AFTER_ORIGINS.as_bytes())?.len());
                self.section = Section::Over;
                return Some(());
            }
            if let Some(last) = memmem::rfind(piece, NEXT_ORIGIN.as_bytes()) {
                return self.leave(piece, last + 1, last + NEXT_ORIGIN.len() - 1);
            }
        }
    }

    /// Cuts a piece off at its end, and leaves what begins at `rest` for the next one.
    fn leave(&mut self, piece: &mut Vec<u8>, end: usize, rest: usize) -> Option<()> {
        self.rest.extend_from_slice(piece.get(rest..)?);
        piece.truncate(end);
        Some(())
    }

    /// Reads on; whether that was all.
    fn read_on(&mut self, piece: &mut Vec<u8>) -> Option<bool> {
        let before = piece.len();
        let is_end = fill(&mut self.file, piece)?;
        self.whole.add(piece.get(before..)?);
        Some(is_end)
    }
}

/// Reads as much as a piece is long, or as is there already if that is more; whether that was all.
pub(super) fn fill(file: &mut impl Read, bytes: &mut Vec<u8>) -> Option<bool> {
    let mut at = bytes.len();
    bytes.resize(at + at.max(PIECE_BYTES), 0);
    while let Some(free) = bytes.get_mut(at..).filter(|it| !it.is_empty()) {
        match file.read(free) {
            Ok(0) => {
                bytes.truncate(at);
                return Some(true);
            }
            Ok(count) => at += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    Some(false)
}

/// Where a mark stands behind a position, reading on until it is there.
fn find_reading(
    file: &mut impl Read,
    bytes: &mut Vec<u8>,
    from: usize,
    mark: &str,
) -> Option<usize> {
    loop {
        if let Some(at) = memmem::find(bytes.get(from..)?, mark.as_bytes()) {
            return Some(from + at);
        }
        if fill(file, bytes)? {
            let at = memmem::find(bytes.get(from..)?, mark.as_bytes())?;
            return Some(from + at);
        }
    }
}

/// What came of a piece.
enum Done {
    Nodes(Vec<Node>, NodeFindings),
    Origins(Vec<(NodeId, NodeOrigin)>),
    /// It is none of what this reads.
    Nothing,
}

/// Takes pieces and reads them as long as there are any.
fn read_pieces<R: Read>(source: &Mutex<Source<R>>, content: &Content) -> Vec<(usize, Done)> {
    let (mut piece, mut done) = (Vec::new(), Vec::new());
    let take = |piece: &mut Vec<u8>| {
        let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
        source.take(piece)
    };
    while let Some((at, list)) = take(&mut piece) {
        let text = text(&piece);
        let read = match list {
            List::Nodes => text.and_then(nodes).map(|nodes| {
                // They are still at hand.
                let findings = check_nodes(&nodes, &content.secrets);
                Done::Nodes(nodes, findings)
            }),
            List::Origins => text.and_then(origins).map(Done::Origins),
        };
        done.push((at, read.unwrap_or(Done::Nothing)));
    }
    done
}

fn put_together(
    front: Front,
    mut content: Content,
    files: Origin,
    pieces: Vec<Done>,
) -> Option<File> {
    let count = |of: fn(&Done) -> usize| pieces.iter().map(of).sum();
    let nodes = count(|it| if let Done::Nodes(nodes, _) = it { nodes.len() } else { 0 });
    let origins = count(|it| if let Done::Origins(origins) = it { origins.len() } else { 0 });
    content.nodes.reserve_exact(nodes);
    let mut places = Vec::with_capacity(origins);
    let mut findings = NodeFindings::default();
    for piece in pieces {
        match piece {
            Done::Nodes(read, found) => {
                content.nodes.extend(read);
                findings.add(found);
            }
            Done::Origins(read) => places.extend(read),
            Done::Nothing => return None,
        }
    }
    let Front { workspace, cause, requires, .. } = front;
    let origin = files.with_nodes(places);
    Some(File { workspace, cause, requires, content, origin, findings: Some(findings) })
}

/// Reads nodes that stand one behind the other.
fn nodes(piece: &str) -> Option<Vec<Node>> {
    // As many as there would be if all were short.
    let mut nodes = Vec::with_capacity(piece.len() / NODE_BYTES_MIN + 1);
    let mut rest = piece;
    loop {
        nodes.push(value(&mut rest)?);
        if rest.is_empty() {
            return Some(nodes);
        }
        rest = rest.strip_prefix(BETWEEN)?;
    }
}

/// Reads origins of nodes that stand one behind the other.
fn origins(piece: &str) -> Option<Vec<(NodeId, NodeOrigin)>> {
    let mut origins = Vec::with_capacity(piece.len() / ORIGIN_BYTES_MIN + 1);
    let mut rest = piece;
    loop {
        let node = value(&mut rest)?;
        rest = rest.strip_prefix(": ")?;
        origins.push((node, value(&mut rest)?));
        if rest.is_empty() {
            return Some(origins);
        }
        rest = rest.strip_prefix(BETWEEN)?;
    }
}

/// Reads the value that a text begins with, and leaves what is behind it.
fn value<T: DeserializeOwned>(text: &mut &str) -> Option<T> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    let value = values.next()?.ok()?;
    *text = text.get(values.byte_offset()..)?;
    Some(value)
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}
