//! What the owner hears of, and the queue on which it hears it.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use camino::Utf8PathBuf;
use ls_types::{TextDocumentContentChangeEvent, TextEdit, Uri};
use tokio::sync::oneshot;
use tower_lsp::jsonrpc;

use crate::capabilities::Session;
use crate::check::Checked;

/// How many messages may wait for the owner. When there are more, reading stops until it catches up;
/// the owner itself waits for nobody, so it does.
const QUEUE_MAX: usize = 1024;

/// Something the owner has to know.
#[derive(Debug)]
pub(crate) enum Message {
    /// What was agreed on, and the folders that are open.
    Start(Box<Session>, Vec<Utf8PathBuf>),
    /// Folders came and went.
    Folders { added: Vec<Utf8PathBuf>, removed: Vec<Utf8PathBuf> },
    /// A document belongs to the editor from now on.
    Open { uri: Uri, version: i32, text: String },
    /// A document was edited.
    Change { uri: Uri, version: i32, changes: Vec<TextDocumentContentChangeEvent> },
    /// A document was written to the disk.
    Save { uri: Uri },
    /// A document belongs to the disk again.
    Close { uri: Uri },
    /// Files changed on the disk.
    Watched(Vec<Uri>),
    /// A document is to be formatted.
    Format { uri: Uri, reply: Reply<Vec<TextEdit>> },
    /// A check has come to its end.
    Checked(Checked),
    /// There is nobody left to serve.
    Stop,
}

/// Where the answer to a request goes.
pub(crate) type Reply<T> = oneshot::Sender<jsonrpc::Result<Option<T>>>;

/// The end of the queue that takes messages.
#[derive(Clone, Debug)]
pub(crate) struct Inbox(SyncSender<Message>);

impl Inbox {
    /// A queue, and the end that gives the messages out.
    pub(crate) fn new() -> (Self, Receiver<Message>) {
        let (sender, receiver) = sync_channel(QUEUE_MAX);
        (Self(sender), receiver)
    }

    /// Hands a message over. Nothing happens when the owner has ended.
    pub(crate) fn send(&self, message: Message) {
        if self.0.send(message).is_err() {
            tracing::debug!("a message came after the end");
        }
    }
}
