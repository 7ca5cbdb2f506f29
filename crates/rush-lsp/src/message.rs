//! What the owner hears of, and the queue on which it hears it.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use camino::Utf8PathBuf;
use ls_types::{
    Diagnostic, FileChangeType, PreviousResultId, TextDocumentContentChangeEvent, TraceValue, Uri,
    WorkspaceDiagnosticReport,
};
use tokio::sync::oneshot;

use crate::capabilities::Session;
use crate::check::Checked;
use crate::crew::Returned;
use crate::question::Pending;
use crate::settings::Settings;

/// How many messages may wait for the owner. When there are more, reading stops until it catches up;
/// the owner itself waits for nobody, so it does.
const QUEUE_MAX: usize = 1024;

/// Something the owner has to know.
pub(crate) enum Message {
    /// What was agreed on, and the folders that are open.
    Start(Box<Start>),
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
    Watched(Vec<(Uri, FileChangeType)>),
    /// The person has set something else.
    Configured(Settings),
    /// How much the editor wants to hear of what goes on.
    Trace(TraceValue),
    /// Something is asked about the texts.
    Ask(Box<dyn Pending>),
    /// The diagnostics of what is not open are asked for, but for those that are known.
    Report { known: Vec<PreviousResultId>, reply: oneshot::Sender<WorkspaceDiagnosticReport> },
    /// The scripts of a document were checked.
    Linted { uri: Uri, said: Vec<Diagnostic> },
    /// A question was tried.
    Returned(Box<Returned>),
    /// Something ran.
    Ran,
    /// It is to be said when there is nothing left to say.
    Settle,
    /// A check has come to its end.
    Checked(Checked),
    /// There is nobody left to serve.
    Stop,
}

/// What was agreed on at the start.
pub(crate) struct Start {
    pub(crate) session: Session,
    pub(crate) settings: Settings,
    /// The folders that are open.
    pub(crate) folders: Vec<Utf8PathBuf>,
    pub(crate) trace: TraceValue,
}

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
