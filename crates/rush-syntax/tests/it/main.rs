//! The one integration binary of this crate: corpus, recovery, errors, formatter, limits.

mod corpus;
mod errors;
mod formatting;
mod limits;
mod recovery;
