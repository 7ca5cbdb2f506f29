//! The methods of the protocol: each turns its parameters into a message and hands that over.
//!
//! Nothing is awaited before a message is handed over, or the order of the wire would be lost, and
//! no method waits for the editor: an editor that waits in turn would wait for ever.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use camino::Utf8PathBuf;
use ls_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWatchedFilesRegistrationOptions, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    DocumentFormattingParams, FileSystemWatcher, GlobPattern, InitializeParams, InitializeResult,
    InitializedParams, Registration, TextEdit, WorkspaceFolder,
};
use tokio::sync::oneshot;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::{Client, LanguageServer};

use crate::capabilities::Session;
use crate::message::{Inbox, Message};
use crate::paths;

/// What the protocol library calls.
pub(crate) struct Frontend {
    client: Client,
    inbox: Inbox,
    session: OnceLock<Session>,
    is_leaving: Arc<AtomicBool>,
    version: String,
}

impl Frontend {
    pub(crate) const fn new(
        client: Client,
        inbox: Inbox,
        is_leaving: Arc<AtomicBool>,
        version: String,
    ) -> Self {
        Self { client, inbox, session: OnceLock::new(), is_leaving, version }
    }
}

impl LanguageServer for Frontend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let session = Session::negotiate(&params);
        let answer = session.answer(&self.version);
        let start = Message::Start(Box::new(session.clone()), start_folders(&params));
        if self.session.set(session).is_ok() {
            self.inbox.send(start);
        }
        Ok(answer)
    }

    async fn initialized(&self, _: InitializedParams) {
        if self.session.get().is_some_and(|it| it.watches_files) {
            let client = self.client.clone();
            tokio::spawn(async move {
                if let Err(error) = client.register_capability(vec![watcher()]).await {
                    tracing::warn!("the editor does not watch files: {error}");
                }
            });
        }
    }

    async fn shutdown(&self) -> Result<()> {
        self.is_leaving.store(true, Ordering::SeqCst);
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let (uri, version, text) = (document.uri, document.version, document.text);
        self.inbox.send(Message::Open { uri, version, text });
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let (uri, version) = (params.text_document.uri, params.text_document.version);
        self.inbox.send(Message::Change { uri, version, changes: params.content_changes });
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.inbox.send(Message::Save { uri: params.text_document.uri });
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.inbox.send(Message::Close { uri: params.text_document.uri });
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        self.inbox.send(Message::Watched(params.changes.into_iter().map(|it| it.uri).collect()));
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let (added, removed) = (folders(&params.event.added), folders(&params.event.removed));
        self.inbox.send(Message::Folders { added, removed });
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let (reply, answer) = oneshot::channel();
        self.inbox.send(Message::Format { uri: params.text_document.uri, reply });
        // Whoever drops the reply has met a bug and reported it.
        answer.await.unwrap_or_else(|_| Err(Error::internal_error()))
    }
}

#[expect(deprecated, reason = "editors that know one folder only still send `rootUri`")]
fn start_folders(params: &InitializeParams) -> Vec<Utf8PathBuf> {
    match &params.workspace_folders {
        Some(open) if !open.is_empty() => folders(open),
        _ => params.root_uri.iter().filter_map(paths::from_uri).collect(),
    }
}

fn folders(folders: &[WorkspaceFolder]) -> Vec<Utf8PathBuf> {
    folders.iter().filter_map(|it| paths::from_uri(&it.uri)).collect()
}

fn watcher() -> Registration {
    let pattern = GlobPattern::String("**/*.rush".to_owned());
    let watchers = vec![FileSystemWatcher { glob_pattern: pattern, kind: None }];
    let options = DidChangeWatchedFilesRegistrationOptions { watchers };
    Registration {
        id: "rush-files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    }
}
