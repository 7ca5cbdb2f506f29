//! The use cases on real files.

mod remembered;
mod stage;
