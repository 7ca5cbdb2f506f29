//! Names, types, checking and evaluation to a plan, as queries over a database.
//!
//! Pure and synchronous: no input or output, no clock, no environment. Front ends put texts into a
//! [`RushDatabase`], ask for diagnostics, and turn a [`rush_plan::PlanRequest`] into a plan.

pub mod argv;
pub mod builtins;
pub mod check;
pub mod db;
pub mod eval;
pub mod graph;
pub mod infer;
pub mod kinds;
pub mod layout;
pub mod names;
pub mod order;
pub mod outside;
pub mod reference;
pub mod signature;
pub mod ty;
pub mod types;
pub mod words;

mod constant;
mod report;
mod shell;

pub use db::{Db, Item, RushDatabase, SourceFile, Workspace};
