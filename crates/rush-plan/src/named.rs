//! Values by name, for the small maps of which a plan has ten thousand.
//!
//! A tree makes room for eleven entries when the first one comes: for the two arguments of a task that was more memory
//! than all the rest that it says. Here an entry takes what it needs, and a short name needs no memory of its own. For
//! maps that may be large a tree stays the better one.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

use crate::fitted::fitted;

/// A few values by name, sorted by it, each name once. Of two values with the same name the later one holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Named<T> {
    entries: Vec<(SmolStr, T)>,
}

impl<T> Named<T> {
    /// Nothing.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// All of these, in any order, in no more room than they need.
    fn of(mut entries: Vec<(SmolStr, T)>) -> Self {
        // What was written by Rush is sorted.
        if !entries.is_sorted_by(|(a, _), (b, _)| a < b) {
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            entries.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                if is_same {
                    std::mem::swap(later, earlier);
                }
                is_same
            });
        }
        Self { entries: fitted(entries) }
    }

    /// Adds a value, or puts it in place of the one with this name. Quick if names come in their order.
    pub fn insert(&mut self, name: impl Into<SmolStr>, value: T) {
        let name = name.into();
        if self.entries.last().is_none_or(|(known, _)| *known < name) {
            self.entries.push((name, value));
            return;
        }
        match self.position(&name) {
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.1 = value;
                }
            }
            Err(at) => self.entries.insert(at, (name, value)),
        }
    }

    /// Gives back the room for more that adding one by one has left.
    pub(crate) fn fit(&mut self) {
        self.entries = fitted(std::mem::take(&mut self.entries));
    }

    /// The value with this name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.position(name).ok().and_then(|at| self.entries.get(at)).map(|(_, value)| value)
    }

    /// All names with their values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.entries.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// All values, by name.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.iter().map(|(_, value)| value)
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: Into<SmolStr>, T> FromIterator<(N, T)> for Named<T> {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(entries: I) -> Self {
        Self::of(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl<T: fmt::Debug> fmt::Debug for Named<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Named<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("values by name")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                // The hint is that of the file, so it is not trusted with much.
                let expected = map.size_hint().unwrap_or_default().min(64);
                let mut entries = Vec::with_capacity(expected);
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Named::of(entries))
            }
        }
        deserializer.deserialize_map(Entries(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::Named;

    proptest! {
        #[test]
        fn it_is_what_a_tree_is(
            together in prop::collection::vec(("[a-c]{0,2}", 0..9_u8), 0..8),
            alone in prop::collection::vec(("[a-c]{0,2}", 0..9_u8), 0..4),
        ) {
            let mut named: Named<u8> = together.iter().cloned().collect();
            let mut tree: BTreeMap<String, u8> = together.into_iter().collect();
            for (name, value) in alone {
                named.insert(name.as_str(), value);
                tree.insert(name, value);
            }
            prop_assert!(named.iter().eq(tree.iter().map(|(name, value)| (name.as_str(), value))));
            for name in ["", "a", "ab", "z"] {
                prop_assert_eq!(named.get(name), tree.get(name));
            }
            let json = serde_json::to_string(&named).unwrap();
            prop_assert_eq!(&json, &serde_json::to_string(&tree).unwrap());
            prop_assert_eq!(serde_json::from_str::<Named<u8>>(&json).unwrap(), named);
        }
    }

    #[test]
    fn of_two_values_with_the_same_name_the_later_one_holds() {
        let named: Named<u8> = serde_json::from_str(r#"{"b":1,"a":2,"b":3}"#).unwrap();
        assert_eq!(named.iter().collect::<Vec<_>>(), [("a", &2), ("b", &3)]);
    }
}
