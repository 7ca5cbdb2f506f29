//! Lists that take no more room than they need, for what a plan has ten thousand times.
//!
//! A list that grows has room for four things before the second one comes, and a reader of JSON does not know how many
//! there will be.

use serde::{Deserialize, Deserializer};

/// The same list without room for more. One that is shrunk in its place mostly gives nothing back.
pub(crate) fn fitted<T>(mut list: Vec<T>) -> Vec<T> {
    if list.len() == list.capacity() {
        return list;
    }
    let mut exact = Vec::with_capacity(list.len());
    exact.append(&mut list);
    exact
}

/// Reads a list.
pub(crate) fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Vec::deserialize(deserializer).map(fitted)
}

/// Reads a list that may be absent.
pub(crate) fn optional_list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    Ok(Option::deserialize(deserializer)?.map(fitted))
}
