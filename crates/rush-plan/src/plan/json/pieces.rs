//! Reads the parts of a large plan on all processors.
//!
//! Lists are cut where the layout says that an entry ends, and each piece is read entry by entry. A cut at any other
//! place leaves pieces that are no entries, so what is read this way is what the whole says. Whatever can't be read
//! this way gives nothing; it does not know why, which is for the reader of whole files to say.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde::de::DeserializeOwned;

use super::super::validate::{NodeFindings, check_nodes};
use super::{Content, LoadError, Parts, Read};
use crate::{Node, NodeId, NodeOrigin, Origin};

/// How long a piece is at least: long enough that the cuts cost nothing, and short enough that all processors
/// have something to do until the end.
const PIECE_BYTES: usize = 128 * 1024;

/// More threads than these wait for the memory.
const THREADS_MAX: usize = 8;

const BEFORE_NODES: &str = ",\n    \"nodes\": [\n      ";
const AFTER_NODES: &str = "\n    ]\n  }";
const NEXT_NODE: &str = "},\n      {";
const BEFORE_ORIGINS: &str = ",\n    \"nodes\": {\n      ";
const AFTER_ORIGINS: &str = "\n    }\n  }";
const NEXT_ORIGIN: &str = "},\n      \"";
const BETWEEN: &str = ",\n      ";

/// The length of short nodes and origins: what is reserved for more of them is never touched.
const NODE_BYTES_MIN: usize = 512;
const ORIGIN_BYTES_MIN: usize = 128;

/// Something to be done by one thread.
enum Job<'a> {
    Verify,
    Nodes(&'a str),
    Origins(&'a str),
}

/// What came of it.
enum Done {
    Verified(Result<(), LoadError>),
    Nodes(Vec<Node>, NodeFindings),
    Origins(Vec<(NodeId, NodeOrigin)>),
    /// It is none of what this reads.
    Nothing,
}

/// Verifies the parts and reads them, each beside the others. Whether they are what was written shows in the end.
pub(super) fn read(
    cut: Cut<'_>,
    verify: impl Fn() -> Result<(), LoadError> + Sync,
) -> (Result<(), LoadError>, Option<Read>) {
    let mut jobs = vec![Job::Verify];
    jobs.extend(pieces(cut.nodes, NEXT_NODE).map(Job::Nodes));
    jobs.extend(pieces(cut.origins, NEXT_ORIGIN).map(Job::Origins));
    let secrets = &cut.content.secrets;
    let done = side_by_side(&jobs, |job| match job {
        Job::Verify => Done::Verified(verify()),
        Job::Nodes(piece) => nodes(piece).map_or(Done::Nothing, |nodes| {
            let findings = check_nodes(&nodes, secrets);
            Done::Nodes(nodes, findings)
        }),
        Job::Origins(piece) => origins(piece).map_or(Done::Nothing, Done::Origins),
    });
    put_together(cut, done)
}

fn put_together(cut: Cut<'_>, done: Vec<Done>) -> (Result<(), LoadError>, Option<Read>) {
    let Cut { mut content, files, nodes, origins } = cut;
    content.nodes.reserve(nodes.len() / NODE_BYTES_MIN);
    let mut places = Vec::with_capacity(origins.len() / ORIGIN_BYTES_MIN);
    let mut findings = NodeFindings::default();
    let (mut verified, mut is_whole) = (Ok(()), true);
    for part in done {
        match part {
            Done::Verified(result) => verified = result,
            Done::Nodes(read, found) => {
                content.nodes.extend(read);
                findings.add(found);
            }
            Done::Origins(read) => places.extend(read),
            Done::Nothing => is_whole = false,
        }
    }
    let origin = files.with_nodes(places);
    (verified, is_whole.then_some(Read { content, origin, findings: Some(findings) }))
}

/// A file whose lists are still text.
pub(super) struct Cut<'a> {
    /// All but the nodes.
    content: Content,
    /// The files that the origins point into.
    files: Origin,
    nodes: &'a str,
    origins: &'a str,
}

impl<'a> Cut<'a> {
    /// `None` if it is not laid out as a plan with nodes and origins is.
    pub(super) fn of(parts: &Parts<'a>) -> Option<Self> {
        let (head, nodes) = split(parts.content, BEFORE_NODES)?;
        let (files, origins) = split(parts.origin, BEFORE_ORIGINS)?;
        Some(Self {
            content: serde_json::from_str(&format!("{head},\"nodes\":[]}}")).ok()?,
            files: serde_json::from_str(&format!("{files}}}")).ok()?,
            nodes: nodes.strip_suffix(AFTER_NODES)?,
            origins: origins.strip_suffix(AFTER_ORIGINS)?,
        })
    }
}

fn split<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let at = memchr::memmem::find(text.as_bytes(), mark.as_bytes())?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

/// Cuts a list into pieces of whole entries; `next` is what stands between two of them, from the last character of
/// one to the first of the other.
fn pieces<'a>(list: &'a str, next: &str) -> impl Iterator<Item = &'a str> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let text = rest?;
        let found = text.as_bytes().get(PIECE_BYTES..).and_then(|far| {
            let at = PIECE_BYTES + memchr::memmem::find(far, next.as_bytes())?;
            // The mark begins and ends with characters of one byte.
            Some((text.get(..=at)?, text.get(at + next.len() - 1..)?))
        });
        let (piece, after) = found.map_or((text, None), |(piece, after)| (piece, Some(after)));
        rest = after;
        Some(piece)
    })
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

/// Does all jobs, as many at a time as there are processors; the results are in the order of the jobs.
fn side_by_side<J: Sync, D: Send>(jobs: &[J], work: impl Fn(&J) -> D + Sync) -> Vec<D> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        // The threads share nothing but the counter.
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some(job) = jobs.get(at)
        {
            done.push((at, work(job)));
        }
        done
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let beside = processors.min(THREADS_MAX).min(jobs.len()) - 1;
    let mut done = std::thread::scope(|scope| {
        // Where no thread is to be had, those that are there do its work.
        let start = || std::thread::Builder::new().spawn_scoped(scope, take).ok();
        let threads: Vec<_> = (0..beside).filter_map(|_| start()).collect();
        let mut done = take();
        for thread in threads {
            let theirs = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            done.extend(theirs);
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, it)| it).collect()
}
