//! What the executor, the compiler and other tools rely on: plans and events as files.

mod events;
mod graph;
mod load;
mod sample;
mod schema;
mod values;
