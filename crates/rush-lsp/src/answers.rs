//! What each question of the protocol means: one file for each family.
//!
//! A family turns parameters into a call of `rush-ide` and what that found into the terms of the
//! protocol. Where snapshots come from and when questions are answered is not known here.

mod actions;
mod calls;
mod completion;
mod diagnostics;
mod formatting;
mod hints;
mod hover;
mod lenses;
mod lint;
mod moves;
mod navigation;
mod rename;
mod structure;
mod symbols;
mod tokens;

pub(crate) use actions::{KINDS, ResolveAction};
pub(crate) use completion::{ResolveCompletion, TRIGGERS};
pub(crate) use lenses::TaskAt;
pub(crate) use lint::LintScripts;
pub(crate) use navigation::{GoToDefinition, GoToTypeDefinition};
pub(crate) use rename::PrepareRename;
pub(crate) use tokens::TokenMemory;
