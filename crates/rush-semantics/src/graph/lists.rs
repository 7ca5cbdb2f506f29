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

impl<T: Copy> Lists<T> {
    /// The lists of so many nodes, from values with the node each is for. Within a list the order
    /// stays.
    pub fn new(nodes: usize, all: &[(NodeId, T)]) -> Self {
        // Counted instead of sorted: the number of a node says where its list is.
        let mut bounds = vec![0_u32; nodes + 1];
        for (node, _) in all {
            if let Some(behind) = bounds.get_mut(*node as usize + 1) {
                *behind += 1;
            }
        }
        let mut begun = 0;
        for bound in &mut bounds {
            begun += *bound;
            *bound = begun;
        }
        let mut free = bounds.clone();
        let mut values: Vec<T> = all.iter().map(|(_, value)| *value).collect();
        for (node, value) in all {
            if let Some(next) = free.get_mut(*node as usize)
                && let Some(place) = values.get_mut(*next as usize)
            {
                *place = *value;
                *next += 1;
            }
        }
        Self { bounds, values }
    }
}

impl<T> Lists<T> {
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
        let lists = Lists::new(4, &[(2, 'a'), (0, 'b'), (2, 'c'), (3, 'd'), (2, 'e')]);
        let all = [0, 1, 2, 3, 4].map(|node| lists.of(node).iter().collect::<String>());
        assert_eq!(all, ["b", "", "ace", "d", ""]);
    }
}
