//! One test binary for everything that crosses crates.

mod documents;
mod findings;
mod lsp;
mod fuzz;
mod markdown;
mod pages;
mod reference;
mod repository;
mod spec;
