//! What can be done about a place.

use ls_types::{CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams};
use rush_ide::{FileEdit, organise_imports};
use tower_lsp::jsonrpc::Result;

use crate::edits::workspace_edit;
use crate::ground::{Desk, Ground};
use crate::question::{Question, Subject, Urgency};

/// Something that can be done.
pub(crate) struct Offer {
    title: String,
    kind: CodeActionKind,
    edits: Vec<FileEdit>,
}

impl Question for CodeActionParams {
    type Found = Vec<Offer>;
    type Answer = Vec<CodeActionOrCommand>;
    const WHILE: &'static str = "it was sought what can be done";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let (view, asked) = ground.document()?;
        let mut offers = Vec::new();
        // It is about the whole file, so it is only offered to whoever asks for it.
        if is_asked_for(self, &CodeActionKind::SOURCE_ORGANIZE_IMPORTS) {
            let edits = organise_imports(&view.db, asked.file);
            let title = "organise `use`".to_owned();
            offers.push(Offer { title, kind: CodeActionKind::SOURCE_ORGANIZE_IMPORTS, edits });
        }
        offers.retain(|it| !it.edits.is_empty());
        view.note(offers.iter().flat_map(|it| &it.edits).map(|it| it.at.file));
        Some(offers)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let Some(table) = desk.table() else { return Ok(None) };
        let action = |offer: Offer| {
            Some(CodeActionOrCommand::CodeAction(CodeAction {
                edit: Some(workspace_edit(table, &offer.edits, &desk.terms.session)?),
                title: offer.title,
                kind: Some(offer.kind),
                ..CodeAction::default()
            }))
        };
        Ok(Some(found.into_iter().filter_map(action).collect()))
    }
}

/// Whether an action is asked for by name, and not just anything that can be done here.
fn is_asked_for(params: &CodeActionParams, kind: &CodeActionKind) -> bool {
    let only = params.context.only.iter().flatten();
    let mut only = only.map(CodeActionKind::as_str);
    only.any(|it| kind.as_str() == it || kind.as_str().starts_with(&format!("{it}.")))
}
