//! Renaming what a name stands for, everywhere.

use ls_types::{PrepareRenameResponse, RenameParams, TextDocumentPositionParams, WorkspaceEdit};
use rush_ide::{FileEdit, Refusal, Renamable, prepare_rename, rename};
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

use crate::edits::workspace_edit;
use crate::ground::{Desk, Ground};
use crate::question::{Question, Subject, Urgency};

/// Whether a name can be changed.
pub(crate) struct PrepareRename(pub(crate) TextDocumentPositionParams);

impl Question for PrepareRename {
    type Found = std::result::Result<Renamable, Refusal>;
    type Answer = PrepareRenameResponse;
    const WHILE: &'static str = "a name was about to be changed";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.0.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.0.position)?;
        let (view, asked) = ground.document()?;
        Some(prepare_rename(&view.db, asked.file, offset))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let Renamable { at, name: placeholder } = found.map_err(refused)?;
        let range = desk.range(at.range);
        Ok(range.map(|range| PrepareRenameResponse::RangeWithPlaceholder { range, placeholder }))
    }
}

impl Question for RenameParams {
    type Found = std::result::Result<Vec<FileEdit>, Refusal>;
    type Answer = WorkspaceEdit;
    const WHILE: &'static str = "a name was changed";
    const URGENCY: Urgency = Urgency::Searching;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document_position.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.text_document_position.position)?;
        let (view, asked) = ground.document()?;
        let found = rename(&view.db, asked.file, offset, &self.new_name);
        view.note(found.iter().flatten().map(|it| it.at.file));
        Some(found)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let edits = found.map_err(refused)?;
        let table = desk.table();
        Ok(table.and_then(|table| workspace_edit(table, &edits, &desk.terms.session)))
    }
}

/// The code of a request that was understood and can't be done.
const REQUEST_FAILED: i64 = -32803;

fn refused(Refusal(reason): Refusal) -> Error {
    Error { code: ErrorCode::ServerError(REQUEST_FAILED), message: reason.into(), data: None }
}
