//! Formatting: a document, a part of it, and what is being typed.

use ls_types::{
    DocumentFormattingParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams,
    TextEdit,
};
use rush_ide::{FileEdit, format_on_type, format_range};
use tower_lsp::jsonrpc::Result;

use crate::edits::text_edit;
use crate::format;
use crate::ground::{Desk, Ground};
use crate::question::{Question, Subject, Urgency};

impl Question for DocumentFormattingParams {
    type Found = ();
    type Answer = Vec<TextEdit>;
    const WHILE: &'static str = "a document was formatted";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    /// The text is all that is needed, and no edit need wait while it is formatted.
    fn find(&self, ground: &mut Ground) -> Option<()> {
        ground.asked.is_some().then_some(())
    }

    fn tell(&self, (): (), desk: &Desk) -> Result<Option<Self::Answer>> {
        let asked = desk.asked.as_ref();
        Ok(asked.map(|it| format::format(&it.lines, desk.terms.session.encoding)))
    }
}

impl Question for DocumentRangeFormattingParams {
    type Found = Vec<FileEdit>;
    type Answer = Vec<TextEdit>;
    const WHILE: &'static str = "a part of a document was formatted";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let range = ground.range(self.range)?;
        let (view, asked) = ground.document()?;
        Some(format_range(&view.db, asked.file, range))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(Some(edits(&found, desk)))
    }
}

impl Question for DocumentOnTypeFormattingParams {
    type Found = Vec<FileEdit>;
    type Answer = Vec<TextEdit>;
    const WHILE: &'static str = "a line was formatted while it was typed";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document_position.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.text_document_position.position)?;
        let typed = self.ch.chars().next()?;
        let (view, asked) = ground.document()?;
        Some(format_on_type(&view.db, asked.file, offset, typed))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(Some(edits(&found, desk)))
    }
}

fn edits(found: &[FileEdit], desk: &Desk) -> Vec<TextEdit> {
    let table = desk.table().into_iter();
    table.flat_map(|table| found.iter().filter_map(|it| text_edit(table, it))).collect()
}
