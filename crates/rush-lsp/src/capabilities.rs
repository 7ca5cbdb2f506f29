//! What editor and server agree on at the start.

use ls_types::{
    InitializeParams, InitializeResult, OneOf, PositionEncodingKind, SaveOptions,
    ServerCapabilities, ServerInfo, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities,
};

use crate::position::Encoding;

/// What the editor can take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an ability of its own")]
pub(crate) struct Session {
    /// How it counts columns.
    pub(crate) encoding: Encoding,
    /// Whether it shows places that explain a diagnostic.
    pub(crate) shows_related: bool,
    /// Whether it tints what is unnecessary or deprecated.
    pub(crate) shows_tags: bool,
    /// Whether it keeps the data of a diagnostic.
    pub(crate) keeps_data: bool,
    /// Whether it can be asked to watch files.
    pub(crate) watches_files: bool,
}

impl Session {
    /// Reads what the editor says of itself.
    pub(crate) fn negotiate(params: &InitializeParams) -> Self {
        let document = params.capabilities.text_document.as_ref();
        let diagnostics = document.and_then(|it| it.publish_diagnostics.as_ref());
        let workspace = params.capabilities.workspace.as_ref();
        let watching = workspace.and_then(|it| it.did_change_watched_files.as_ref());
        Self {
            encoding: encoding(params),
            shows_related: diagnostics.and_then(|it| it.related_information).unwrap_or_default(),
            shows_tags: diagnostics.is_some_and(|it| it.tag_support.is_some()),
            keeps_data: diagnostics.and_then(|it| it.data_support).unwrap_or_default(),
            watches_files: watching.and_then(|it| it.dynamic_registration).unwrap_or_default(),
        }
    }

    /// What the server offers, and nothing it can't do.
    pub(crate) fn answer(&self, version: &str) -> InitializeResult {
        let sync = TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions {
                include_text: Some(false),
            })),
            ..TextDocumentSyncOptions::default()
        };
        let folders = WorkspaceFoldersServerCapabilities {
            supported: Some(true),
            change_notifications: Some(OneOf::Left(true)),
        };
        InitializeResult {
            capabilities: ServerCapabilities {
                position_encoding: Some(match self.encoding {
                    Encoding::Utf8 => PositionEncodingKind::UTF8,
                    Encoding::Utf16 => PositionEncodingKind::UTF16,
                }),
                text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
                document_formatting_provider: Some(OneOf::Left(true)),
                workspace: Some(WorkspaceServerCapabilities {
                    workspace_folders: Some(folders),
                    file_operations: None,
                }),
                ..ServerCapabilities::default()
            },
            server_info: Some(ServerInfo {
                name: "rush".to_owned(),
                version: Some(version.to_owned()),
            }),
            offset_encoding: None,
        }
    }
}

/// Bytes if the editor can count them, for nothing needs to be converted then.
fn encoding(params: &InitializeParams) -> Encoding {
    let general = params.capabilities.general.as_ref();
    let encodings = general.and_then(|it| it.position_encodings.as_deref()).unwrap_or_default();
    if encodings.contains(&PositionEncodingKind::UTF8) { Encoding::Utf8 } else { Encoding::Utf16 }
}
