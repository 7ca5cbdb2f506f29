//! What a service that is up was started on: what can be made anew while it runs.
//!
//! What a service declares is its fingerprint; see `fingerprint`. Its program and what the tasks made that it needs are
//! known only when those tasks have ended, so this is taken when it starts, and again by each run that would use it. It
//! does not know how anything is hashed.

use std::collections::BTreeMap;

use rush_plan::Digest;
use serde::{Deserialize, Serialize};

/// What a service was started on, part by part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceBasis {
    /// Its program, remembered results, and what its `inputs` name of others: the service does not write there.
    pub sure: BTreeMap<String, Digest>,
    /// What lies in other outputs of tasks whose results are not remembered, where the service itself may write, as a
    /// database does that a task set up; and the program, if it is sought on the search path.
    pub unsure: BTreeMap<String, Digest>,
}

impl ServiceBasis {
    /// The names of the parts that are others now, such as ``what `build` made``. A service that is asked about without
    /// what it needs has fewer.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        differing(&self.sure, &now.sure)
    }

    /// The same of what the service itself may have changed.
    pub fn doubts(&self, now: &Self) -> Vec<String> {
        differing(&self.unsure, &now.unsure)
    }
}

fn differing(then: &BTreeMap<String, Digest>, now: &BTreeMap<String, Digest>) -> Vec<String> {
    let differs = |(name, digest): &(&String, &Digest)| then.get(*name) != Some(digest);
    now.iter().filter(differs).map(|(name, _)| name.clone()).collect()
}
