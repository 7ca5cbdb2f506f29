//! The language server protocol, around a thread that owns the database.
//!
//! [`serve`] speaks the protocol over any pair of streams, [`serve_stdio`] over those of the process.
//! What a message means is decided in one place, the owner: a thread that holds the open documents
//! and the projects, and that hears of every message in the order of the wire. Everything slow runs
//! elsewhere, on a text or on a snapshot. Diagnostics and formatting are all that is offered.
//!
//! What the language means is not known here; that is asked of the database.

mod buffers;
mod bug;
mod capabilities;
mod check;
mod convert;
mod document;
mod format;
mod frontend;
mod message;
mod ordered;
mod outbox;
mod owner;
mod paths;
mod pool;
mod position;
mod published;
mod server;
mod workspace;

pub use server::{Ended, Options, serve, serve_stdio};
