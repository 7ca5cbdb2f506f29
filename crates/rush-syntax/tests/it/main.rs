//! The one integration binary of this crate: corpus, recovery, errors, formatter, limits.

mod corpus;
mod formatting;
mod recovery;
