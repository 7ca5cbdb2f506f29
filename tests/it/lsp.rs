//! The language server as editors meet it: transcripts in process, and a real Neovim.

mod client;
mod diagnostics;
mod formatting;
mod neovim;
mod order;
mod session;
mod soak;
mod trapped;
