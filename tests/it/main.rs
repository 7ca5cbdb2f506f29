//! One test binary for everything that crosses crates.

mod documents;
mod editors;
mod findings;
mod fixes;
mod fuzz;
mod grammar;
mod lsp;
mod markdown;
mod pages;
mod reference;
mod repository;
mod spec;
