//! The one integration binary of this crate: corpus, recovery, errors, formatter, limits.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail by panicking")]

mod corpus;
mod errors;
mod formatting;
mod grammar;
mod limits;
mod recovery;
