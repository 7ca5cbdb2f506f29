//! The language server protocol, around a thread that owns the database.
//!
//! [`serve`] speaks the protocol over any pair of streams, [`serve_stdio`] over those of the process.
//! What a message means is decided in one place, the owner: a thread that holds the open documents
//! and the projects, and that hears of every message in the order of the wire. Everything slow runs
//! elsewhere, on a snapshot that is dropped before the answer is put into words: a question waits
//! without one until a thread is free for it.
//!
//! What the language means is not known here; that is asked of `rush-ide` and the database.

mod answers;
mod buffers;
mod bug;
mod capabilities;
mod check;
mod convert;
mod crew;
mod disk;
mod document;
mod editor;
mod edits;
mod files;
mod format;
mod frames;
mod frontend;
mod ground;
mod history;
mod lanes;
mod lint;
mod lookout;
mod message;
mod ordered;
mod outbox;
mod owner;
mod pages;
mod paths;
mod position;
mod published;
mod question;
mod record;
mod server;
mod settings;
mod snippet;
mod stdio;
mod table;
mod transport;
mod workspace;
mod written;

pub use history::{LastResult, LastRun, Look, NoHistory, TaskHistory};
pub use lint::{NoLinter, ScriptLinter, ScriptRemark, ScriptSeverity};
pub use record::{Recorder, ReplayError, Replayed, replay};
pub use server::{Ended, Options, serve, serve_stdio};
