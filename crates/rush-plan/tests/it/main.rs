//! What the executor, the compiler and other tools rely on: plans and events as files.

#![allow(clippy::indexing_slicing, reason = "a test that indexes wrongly fails, as it should")]

mod events;
mod graph;
mod load;
mod sample;
mod schema;
mod values;
