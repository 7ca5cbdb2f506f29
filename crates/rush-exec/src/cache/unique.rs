//! Numbers for names that nobody else has, also in another container that has the same files: there, other processes
//! have the numbers of processes here.

use std::hash::{BuildHasher as _, RandomState};

/// A number that nobody else has.
pub(super) fn unique() -> u64 {
    // The keys are the random numbers of the system.
    RandomState::new().hash_one(())
}
