//! A list for each node of a network, all of them in one piece of memory.
//!
//! Most nodes have one or two neighbours: a list of its own for each would be as many allocations as
//! there are nodes, in as many places. It does not know what it holds.

use super::network::NodeId;

/// A list of values for each node.
pub struct Lists<T> {
    /// Where the list of each node begins, and where the last one ends.
    bounds: Vec<u32>,
    values: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { bounds: Vec::new(), values: Vec::new() }
    }
}

impl<T> Lists<T> {
    /// The lists of so many nodes, from values with the node each is for. Within a list the order
    /// stays.
    pub fn new(nodes: usize, mut all: Vec<(NodeId, T)>) -> Self {
        all.sort_by_key(|(node, _)| *node);
        let mut bounds = Vec::with_capacity(nodes + 1);
        let mut rest = all.iter().map(|(node, _)| *node).peekable();
        let mut begun = 0;
        for node in 0..nodes as NodeId {
            bounds.push(begun);
            while rest.next_if_eq(&node).is_some() {
                begun += 1;
            }
        }
        bounds.push(begun);
        Self { bounds, values: all.into_iter().map(|(_, value)| value).collect() }
    }

    /// The list of a node.
    pub fn of(&self, node: NodeId) -> &[T] {
        let at = node as usize;
        let bound = |at: usize| self.bounds.get(at).map(|it| *it as usize);
        let range = bound(at).zip(bound(at + 1));
        range.and_then(|(start, end)| self.values.get(start..end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Lists;

    #[test]
    fn each_node_has_its_values_in_the_order_in_which_they_came() {
        let lists = Lists::new(4, vec![(2, 'a'), (0, 'b'), (2, 'c'), (3, 'd'), (2, 'e')]);
        let all = [0, 1, 2, 3, 4].map(|node| lists.of(node).iter().collect::<String>());
        assert_eq!(all, ["b", "", "ace", "d", ""]);
    }
}
