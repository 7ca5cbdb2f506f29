//! The methods of the protocol: each turns its parameters into a message and hands that over.
//!
//! Nothing is awaited before a message is handed over, or the order of the wire would be lost, and
//! no method waits for the editor: an editor that waits in turn would wait for ever.

use std::sync::{Arc, OnceLock};

use camino::Utf8PathBuf;
use ls_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams,
    CodeAction, CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, CompletionItem,
    CompletionParams, CompletionResponse, DidChangeConfigurationParams,
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWatchedFilesRegistrationOptions, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult,
    DocumentFormattingParams, DocumentHighlight, DocumentHighlightParams, DocumentLink,
    DocumentLinkParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams,
    DocumentSymbolParams, DocumentSymbolResponse, FileSystemWatcher, FoldingRange,
    FoldingRangeParams, GlobPattern, GotoDefinitionParams, GotoDefinitionResponse, Hover,
    HoverParams, InitializeParams, InitializeResult, InitializedParams, InlayHint, InlayHintParams,
    LinkedEditingRangeParams, LinkedEditingRanges, Location, MessageType, PrepareRenameResponse,
    ReferenceParams, Registration, RelatedFullDocumentDiagnosticReport, RenameFilesParams,
    RenameParams, SelectionRange, SelectionRangeParams, SemanticTokensDeltaParams,
    SemanticTokensFullDeltaResult, SemanticTokensParams, SemanticTokensRangeParams,
    SemanticTokensRangeResult, SemanticTokensResult, SetTraceParams, SignatureHelp,
    SignatureHelpParams, TextDocumentPositionParams, TextEdit, WatchKind,
    WorkspaceDiagnosticParams, WorkspaceDiagnosticReportResult, WorkspaceEdit, WorkspaceFolder,
    WorkspaceSymbolParams, WorkspaceSymbolResponse,
};
use serde_json::json;
use tokio::sync::oneshot;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::{Client, LanguageServer};

use crate::answers::{
    GoToDefinition, GoToTypeDefinition, LintScripts, PrepareRename, ResolveAction,
    ResolveCompletion, TaskAt,
};
use crate::capabilities::{Session, offer};
use crate::editor::Editor;
use crate::message::{Inbox, Message, Start};
use crate::outbox::Outbox;
use crate::pages::{Page, PageParams, page};
use crate::paths;
use crate::question::{Question, ask};
use crate::settings::{SECTION, Settings};
use crate::written::Text;

/// What the protocol library calls.
pub(crate) struct Frontend {
    client: Client,
    inbox: Inbox,
    outbox: Arc<Outbox>,
    session: OnceLock<Session>,
    editor: Arc<Editor>,
    version: String,
}

impl Frontend {
    pub(crate) fn new(
        client: Client,
        inbox: Inbox,
        outbox: Arc<Outbox>,
        editor: Arc<Editor>,
        version: String,
    ) -> Self {
        Self { client, inbox, outbox, session: OnceLock::new(), editor, version }
    }

    /// Hands a question over, and waits for the answer, which comes as text and is left with the
    /// call; what is returned says whether there is one. Dropped, it withdraws the question.
    async fn ask<Q: Question>(&self, question: Q) -> Result<Option<()>> {
        let (pending, answer) = ask(question, Text::of);
        self.inbox.send(Message::Ask(pending));
        Ok(answer.get().await?.map(Text::leave))
    }

    /// The same for a method that may answer nothing: the `None` gives way to the text, if there is one.
    async fn answer<Q: Question>(&self, question: Q) -> Result<Option<Q::Answer>> {
        self.ask(question).await?;
        Ok(None)
    }

    /// Hands a question over that the server itself asks.
    async fn learn<Q: Question>(&self, question: Q) -> Result<Option<Q::Answer>> {
        let (pending, answer) = ask(question, Ok);
        self.inbox.send(Message::Ask(pending));
        answer.get().await
    }

    /// How much the editor wants to hear of what goes on.
    #[expect(clippy::unused_async, reason = "methods of the protocol are asynchronous")]
    pub(crate) async fn set_trace(&self, params: SetTraceParams) {
        self.inbox.send(Message::Trace(params.value));
    }

    /// It is to be said when there is nothing left to say.
    #[expect(clippy::unused_async, reason = "methods of the protocol are asynchronous")]
    pub(crate) async fn settle(&self) {
        self.inbox.send(Message::Settle);
    }

    /// The text of a page that is on no disk.
    #[expect(clippy::unused_async, reason = "methods of the protocol are asynchronous")]
    pub(crate) async fn page(&self, params: PageParams) -> Result<Page> {
        let name = params.uri.as_str();
        page(&params.uri).ok_or_else(|| Error::invalid_params(format!("there is no page `{name}`")))
    }

    /// Which task a place is in.
    pub(crate) async fn task_at(
        &self,
        params: TextDocumentPositionParams,
    ) -> Result<Option<serde_json::Value>> {
        self.answer(TaskAt(params)).await
    }

    fn read_settings(&self, value: &serde_json::Value) -> Settings {
        let (settings, problems) = Settings::read(value);
        problems.into_iter().for_each(|it| self.outbox.tell(MessageType::WARNING, it));
        settings
    }
}

impl LanguageServer for Frontend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        self.editor.meet(params.process_id);
        let session = Session::negotiate(&params);
        let answer = offer(&session, &self.version);
        let start = Start {
            session: session.clone(),
            settings: self
                .read_settings(&params.initialization_options.clone().unwrap_or_default()),
            folders: start_folders(&params),
            trace: params.trace.unwrap_or_default(),
        };
        if self.session.set(session).is_ok() {
            self.inbox.send(Message::Start(Box::new(start)));
        }
        Ok(answer)
    }

    async fn initialized(&self, _: InitializedParams) {
        self.outbox.open();
        let Some(session) = self.session.get() else { return };
        let mut wanted = Vec::new();
        if session.watches_files {
            wanted.push(watcher());
        }
        if session.announces_settings {
            wanted.push(settings_watcher());
        }
        if session.tells_settings {
            self.outbox.ask_for_settings();
        }
        if !wanted.is_empty() {
            let client = self.client.clone();
            tokio::spawn(async move {
                if let Err(error) = client.register_capability(wanted).await {
                    tracing::warn!("the editor does not watch files: {error}");
                }
            });
        }
    }

    async fn shutdown(&self) -> Result<()> {
        self.editor.leave();
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
        let uri = params.text_document.uri;
        self.inbox.send(Message::Save { uri: uri.clone() });
        // No answer: the scripts need not be checked, or the document was edited meanwhile.
        if let Ok(Some(said)) = self.learn(LintScripts(uri.clone())).await {
            self.inbox.send(Message::Linted { uri, said });
        }
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.inbox.send(Message::Close { uri: params.text_document.uri });
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let changes = params.changes.into_iter().map(|it| (it.uri, it.typ));
        self.inbox.send(Message::Watched(changes.collect()));
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        if self.session.get().is_some_and(|it| it.tells_settings) {
            self.outbox.ask_for_settings();
        } else {
            self.inbox.send(Message::Configured(self.read_settings(&params.settings)));
        }
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let (added, removed) = (folders(&params.event.added), folders(&params.event.removed));
        self.inbox.send(Message::Folders { added, removed });
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.answer(params).await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        self.answer(params).await
    }

    async fn document_symbol(
        &self,
        params: DocumentSymbolParams,
    ) -> Result<Option<DocumentSymbolResponse>> {
        self.answer(params).await
    }

    async fn symbol(
        &self,
        params: WorkspaceSymbolParams,
    ) -> Result<Option<WorkspaceSymbolResponse>> {
        self.answer(params).await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        self.answer(params).await
    }

    async fn selection_range(
        &self,
        params: SelectionRangeParams,
    ) -> Result<Option<Vec<SelectionRange>>> {
        self.answer(params).await
    }

    async fn semantic_tokens_full(
        &self,
        params: SemanticTokensParams,
    ) -> Result<Option<SemanticTokensResult>> {
        self.answer(params).await
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        self.answer(params).await
    }

    async fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        self.answer(params).await
    }

    async fn will_rename_files(&self, params: RenameFilesParams) -> Result<Option<WorkspaceEdit>> {
        self.answer(params).await
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        self.answer(params).await
    }

    async fn goto_definition(
        &self,
        params: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        self.answer(GoToDefinition(params)).await
    }

    async fn goto_type_definition(
        &self,
        params: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        self.answer(GoToTypeDefinition(params)).await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        self.answer(params).await
    }

    async fn document_highlight(
        &self,
        params: DocumentHighlightParams,
    ) -> Result<Option<Vec<DocumentHighlight>>> {
        self.answer(params).await
    }

    async fn prepare_rename(
        &self,
        params: TextDocumentPositionParams,
    ) -> Result<Option<PrepareRenameResponse>> {
        self.answer(PrepareRename(params)).await
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        self.answer(params).await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        self.ask(params).await?;
        Ok(None)
    }

    async fn completion_resolve(&self, params: CompletionItem) -> Result<CompletionItem> {
        match ResolveCompletion::new(params) {
            Ok(question) => {
                self.ask(question).await?.ok_or_else(Error::internal_error)?;
                Ok(CompletionItem::default())
            }
            Err(item) => Ok(*item),
        }
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        self.answer(params).await
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        self.answer(params).await
    }

    async fn range_formatting(
        &self,
        params: DocumentRangeFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>> {
        self.answer(params).await
    }

    async fn on_type_formatting(
        &self,
        params: DocumentOnTypeFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>> {
        self.answer(params).await
    }

    async fn linked_editing_range(
        &self,
        params: LinkedEditingRangeParams,
    ) -> Result<Option<LinkedEditingRanges>> {
        self.answer(params).await
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        self.answer(params).await
    }

    async fn prepare_call_hierarchy(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        self.answer(params).await
    }

    async fn incoming_calls(
        &self,
        params: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        self.answer(params).await
    }

    async fn outgoing_calls(
        &self,
        params: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        self.answer(params).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        self.answer(params).await
    }

    async fn code_action_resolve(&self, params: CodeAction) -> Result<CodeAction> {
        match ResolveAction::new(params) {
            Ok(question) => {
                let gone = || Error::invalid_params("this can't be done here any more");
                self.ask(question).await?.ok_or_else(gone)?;
                Ok(CodeAction::default())
            }
            Err(action) => Ok(*action),
        }
    }

    async fn diagnostic(
        &self,
        params: DocumentDiagnosticParams,
    ) -> Result<DocumentDiagnosticReportResult> {
        self.ask(params).await?.ok_or_else(Error::internal_error)?;
        Ok(DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport::default()).into())
    }

    async fn workspace_diagnostic(
        &self,
        params: WorkspaceDiagnosticParams,
    ) -> Result<WorkspaceDiagnosticReportResult> {
        let (reply, answer) = oneshot::channel();
        self.inbox.send(Message::Report { known: params.previous_result_ids, reply });
        let report = answer.await.map_err(|_| Error::internal_error())?;
        Ok(report.into())
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
    let watcher = |pattern: &str, kind| FileSystemWatcher {
        glob_pattern: GlobPattern::String(pattern.to_owned()),
        kind,
    };
    // What other files hold does not matter, but whether they are there does: patterns match them.
    let moves = WatchKind::Create | WatchKind::Delete;
    let watchers = vec![watcher("**/*.rush", None), watcher("**/*", Some(moves))];
    let options = DidChangeWatchedFilesRegistrationOptions { watchers };
    Registration {
        id: "rush-files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    }
}

fn settings_watcher() -> Registration {
    Registration {
        id: "rush-settings".to_owned(),
        method: "workspace/didChangeConfiguration".to_owned(),
        register_options: Some(json!({ "section": SECTION })),
    }
}
