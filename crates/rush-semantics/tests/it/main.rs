//! The one integration binary of this crate: what runs again after an edit, and large input.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail by panicking")]

mod deletion;
mod incremental;
mod size;
