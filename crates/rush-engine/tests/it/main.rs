//! The use cases on real files.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the whole binary is a test, also the functions that tests share"
)]

mod remembered;
mod stage;
