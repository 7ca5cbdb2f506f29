//! The edges of a plan as positions of nodes, for what walks along them.
//!
//! It does not know why one node comes before another.

use rustc_hash::FxHashMap;

use crate::{Node, NodeId};

/// For each node a list of others, by position; all lists stand in one, so that a walk touches little memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Neighbours {
    /// Where the list of each node ends, and that of the next one begins.
    ends: Vec<u32>,
    positions: Vec<u32>,
}

impl Neighbours {
    /// For each node those that its edges name, in the order of the edges; an id without a node comes back.
    pub(super) fn before(
        nodes: &[Node],
        index: &FxHashMap<NodeId, usize>,
    ) -> Result<Self, UnknownEnd> {
        let mut positions = Vec::with_capacity(nodes.iter().map(|node| node.edges.len()).sum());
        let mut ends = Vec::with_capacity(nodes.len());
        for (position, node) in nodes.iter().enumerate() {
            for edge in &node.edges {
                let end = index.get(&edge.node).ok_or(UnknownEnd { position, id: edge.node })?;
                positions.push(*end as u32);
            }
            ends.push(positions.len() as u32);
        }
        Ok(Self { ends, positions })
    }

    /// The same edges from their other ends: for each node those that name it, in the order of positions.
    pub(super) fn reversed(&self) -> Self {
        let count = self.ends.len();
        // First how many there are for each node, then where each next one goes.
        let mut next = vec![0_u32; count + 1];
        for to in &self.positions {
            if let Some(slot) = next.get_mut(*to as usize + 1) {
                *slot += 1;
            }
        }
        let mut sum = 0;
        for slot in &mut next {
            sum += *slot;
            *slot = sum;
        }
        let mut positions = vec![0; self.positions.len()];
        for from in 0..count {
            for to in self.of(from) {
                let Some(at) = next.get_mut(*to as usize) else { continue };
                if let Some(slot) = positions.get_mut(*at as usize) {
                    *slot = from as u32;
                }
                *at += 1;
            }
        }
        // What goes next behind the last one of a node is the first one of the node after it.
        next.truncate(count);
        Self { ends: next, positions }
    }

    /// The list of one node.
    pub(super) fn of(&self, node: usize) -> &[u32] {
        let start = node.checked_sub(1).and_then(|it| self.ends.get(it)).copied().unwrap_or(0);
        let end = self.ends.get(node).copied().unwrap_or(start);
        self.positions.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// An edge to a node that is not there.
pub(super) struct UnknownEnd {
    /// The node with the edge.
    pub(super) position: usize,
    /// What it names.
    pub(super) id: NodeId,
}

#[cfg(test)]
mod tests {
    use super::Neighbours;

    #[test]
    fn reversing_twice_gives_the_same_edges() {
        let before = Neighbours { ends: vec![0, 1, 3, 3, 5], positions: vec![0, 1, 0, 2, 3] };
        let behind = before.reversed();
        let lists: Vec<_> = (0..5).map(|node| behind.of(node).to_vec()).collect();
        assert_eq!(lists, [vec![1, 2], vec![2], vec![4], vec![4], vec![]]);
        let again = behind.reversed();
        let sorted = |it: &Neighbours, node| {
            let mut list = it.of(node).to_vec();
            list.sort_unstable();
            list
        };
        assert!((0..5).all(|node| sorted(&again, node) == sorted(&before, node)));
    }
}
