//! The grammars in `grammar/`: each is held against the compiler, which is right.

mod corpus;
#[allow(clippy::indexing_slicing, reason = "the recogniser indexes its own tables")]
mod gbnf;
mod generated;
mod outline;
mod queries;
mod sublime;
mod textmate;
mod trees;
