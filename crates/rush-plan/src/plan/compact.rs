//! The compact form of a plan: for a Rush that reads again what the same build wrote.
//!
//! It says what the JSON form says, and also what checking found out, so that loading neither checks
//! nor digests anything. Nothing in it shows whether it was changed: whoever keeps it has to know that
//! the bytes are those that were written. Plans that travel are written as JSON.
//!
//! Layout: the length of the head, the head, and pieces of nodes and of origins, which are read side by side.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::side_by_side::side_by_side;
use super::validate::Graph;
use super::{Content, Digests, Feature, Plan};
use crate::{Cause, Node, NodeId, NodeOrigin, Origin, WorkspaceId};

/// How many nodes are in a piece: a plan with fewer is not worth another thread.
const PIECE_NODES: usize = 512;

/// The length of the head is written as this.
type Length = u64;

/// All but the pieces, as it is written and read.
#[derive(Serialize, Deserialize)]
struct Head {
    workspace: WorkspaceId,
    cause: Cause,
    content: Content,
    /// The files that origins point into.
    files: Origin,
    order: Vec<usize>,
    requires: Vec<Feature>,
    digests: Digests,
    /// How long each piece is.
    nodes: Vec<usize>,
    origins: Vec<usize>,
}

/// What is in a piece.
enum Piece<'a> {
    Nodes(&'a [u8]),
    Origins(&'a [u8]),
}

/// What was read of it.
enum Done {
    Nodes(Vec<Node>),
    Origins(Vec<(NodeId, NodeOrigin)>),
    /// It has not even the form of one.
    Nothing,
}

impl Plan {
    /// The compact form.
    pub fn to_compact(&self) -> Vec<u8> {
        let mut pieces = Vec::new();
        let mut put = |bytes: Vec<u8>| {
            pieces.extend_from_slice(&bytes);
            bytes.len()
        };
        let nodes = self.nodes().chunks(PIECE_NODES).map(|it| put(encoded(&it))).collect();
        let origins: Vec<_> = self.origin.nodes().collect();
        let origins = origins.chunks(PIECE_NODES).map(|it| put(encoded(&it))).collect();
        let head = encoded(&Head {
            workspace: self.workspace.clone(),
            cause: self.cause.clone(),
            content: self.content.without_nodes(),
            files: self.origin.without_nodes(),
            order: self.graph.order.clone(),
            requires: self.requires.clone(),
            digests: self.digests(),
            nodes,
            origins,
        });
        let length = head.len() as Length;
        [&length.to_le_bytes()[..], &head, &pieces].concat()
    }

    /// Reads the compact form that this build wrote. The caller answers for the bytes: they are taken
    /// apart but not checked. `None` if they have not even the form of a plan.
    pub fn from_compact(bytes: &[u8]) -> Option<Self> {
        let (length, bytes) = bytes.split_first_chunk()?;
        let length = usize::try_from(Length::from_le_bytes(*length)).ok()?;
        let (head, bytes) = bytes.split_at_checked(length)?;
        let head: Head = rmp_serde::from_slice(head).ok()?;
        let read = read(&pieces(&head, bytes)?);
        let Head { workspace, cause, mut content, files, order, requires, digests, .. } = head;
        content.nodes.reserve_exact(order.len().min(bytes.len()));
        let mut places = Vec::with_capacity(content.nodes.capacity());
        for piece in read {
            match piece {
                Done::Nodes(nodes) => content.nodes.extend(nodes),
                Done::Origins(origins) => places.extend(origins),
                Done::Nothing => return None,
            }
        }
        let origin = files.with_nodes(places);
        let graph = Graph::in_order(&content.nodes, order)?;
        debug_assert!(super::validate::check(&content).is_ok(), "what was written was valid");
        let digests = OnceLock::from(digests);
        Some(Self { workspace, cause, content, origin, graph, requires, digests })
    }
}

fn encoded(value: &impl Serialize) -> Vec<u8> {
    rmp_serde::to_vec_named(value)
        .expect("the parts of a plan have string keys, so they always serialise")
}

fn pieces<'a>(head: &Head, mut bytes: &'a [u8]) -> Option<Vec<Piece<'a>>> {
    let mut take = |length: &usize| {
        let (piece, rest) = bytes.split_at_checked(*length)?;
        bytes = rest;
        Some(piece)
    };
    let mut pieces = Vec::with_capacity(head.nodes.len() + head.origins.len());
    for length in &head.nodes {
        pieces.push(Piece::Nodes(take(length)?));
    }
    for length in &head.origins {
        pieces.push(Piece::Origins(take(length)?));
    }
    bytes.is_empty().then_some(pieces)
}

fn read(pieces: &[Piece<'_>]) -> Vec<Done> {
    /// Nodes and origins of a plan that has one piece of each.
    const FEW: usize = 2;
    let read = |piece: &Piece<'_>| match piece {
        Piece::Nodes(bytes) => decoded(bytes).map_or(Done::Nothing, Done::Nodes),
        Piece::Origins(bytes) => decoded(bytes).map_or(Done::Nothing, Done::Origins),
    };
    if pieces.len() <= FEW {
        return pieces.iter().map(read).collect();
    }
    let next = AtomicUsize::new(0);
    side_by_side(|| {
        // The threads share nothing but the counter.
        let take = || next.fetch_add(1, Ordering::Relaxed);
        let mine = std::iter::repeat_with(take).map_while(|at| Some((at, pieces.get(at)?)));
        mine.map(|(at, piece)| (at, read(piece))).collect()
    })
}

fn decoded<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    rmp_serde::from_slice(bytes).ok()
}
