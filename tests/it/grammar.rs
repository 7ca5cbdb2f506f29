//! The grammars in `grammar/`: each is held against the compiler, which is right.

mod corpus;
mod generated;
mod outline;
mod queries;
mod textmate;
mod trees;
