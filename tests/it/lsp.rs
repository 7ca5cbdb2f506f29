//! The language server as editors meet it: transcripts in process, and a real Neovim.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test panics where something is wrong, like the test itself"
)]

mod client;
mod diagnostics;
mod editor;
mod emacs;
mod folders;
mod formatting;
mod linted;
mod neovim;
mod order;
#[cfg(unix)]
mod program;
mod replayed;
mod session;
mod settings;
mod soak;
mod storm;
mod transcripts;
mod trapped;
