//! The last results of nodes, found by node.
//!
//! A result is large, and a hash table is at most seven eighths full; so the rows lie one after the other, and the
//! hash table holds their places.

use rush_plan::NodeId;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::table::Record;

/// One result a node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Records {
    places: FxHashMap<NodeId, u32>,
    rows: Vec<(NodeId, Record)>,
}

impl Records {
    /// Room for so many.
    pub(super) fn with_capacity(count: usize) -> Self {
        let places = FxHashMap::with_capacity_and_hasher(count, FxBuildHasher);
        Self { places, rows: Vec::with_capacity(count) }
    }

    /// The result of a node.
    pub(super) fn get(&self, node: NodeId) -> Option<&Record> {
        let place = *self.places.get(&node)?;
        self.rows.get(place as usize).map(|it| &it.1)
    }

    /// Takes in a result; a node has one.
    pub(super) fn insert(&mut self, node: NodeId, record: Record) {
        let place = *self.places.entry(node).or_insert(self.rows.len() as u32);
        match self.rows.get_mut(place as usize) {
            Some(row) => row.1 = record,
            None => self.rows.push((node, record)),
        }
    }

    /// All of them, in the order in which their nodes came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (NodeId, &Record)> {
        self.rows.iter().map(|(node, record)| (*node, record))
    }

    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }
}

impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().all(|(node, record)| other.get(node) == Some(record))
    }
}
