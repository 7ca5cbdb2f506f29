//! Files that are about to be renamed: what names them is rewritten.

use ls_types::{RenameFilesParams, Uri, WorkspaceEdit};
use rush_ide::{FileEdit, will_rename};
use tower_lsp::jsonrpc::Result;

use crate::edits::workspace_edit;
use crate::ground::{Desk, Ground};
use crate::paths;
use crate::question::{Question, Subject, Urgency};

impl Question for RenameFilesParams {
    /// For each workspace its changes.
    type Found = Vec<Vec<FileEdit>>;
    type Answer = WorkspaceEdit;
    const WHILE: &'static str = "files were about to be renamed";
    const URGENCY: Urgency = Urgency::Searching;

    fn subject(&self) -> Subject<'_> {
        Subject::Everything
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let path = |uri: &str| paths::from_uri(&uri.parse::<Uri>().ok()?);
        let moves: Vec<_> = self
            .files
            .iter()
            .filter_map(|it| Some((path(&it.old_uri)?, path(&it.new_uri)?)))
            .collect();
        let found = ground.views.iter_mut().map(|view| {
            let root = view.names.root.clone();
            let inside = moves.iter().filter_map(|(old, new)| {
                let (old, new) = (old.strip_prefix(&root).ok()?, new.strip_prefix(&root).ok()?);
                Some((old.as_str(), new.as_str()))
            });
            let edits: Vec<FileEdit> = will_rename(&view.db, &inside.collect::<Vec<_>>());
            view.note(edits.iter().map(|it| it.at.file));
            edits
        });
        Some(found.collect())
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let session = &desk.terms.session;
        let edits = found.iter().zip(&desk.tables).filter(|(edits, _)| !edits.is_empty());
        let edits = edits.filter_map(|(edits, table)| workspace_edit(table, edits, session));
        Ok(edits.reduce(joined))
    }
}

/// The changes of two workspaces, which share no file.
fn joined(mut one: WorkspaceEdit, other: WorkspaceEdit) -> WorkspaceEdit {
    use ls_types::DocumentChanges::Edits;
    match (&mut one.document_changes, other.document_changes) {
        (Some(Edits(one)), Some(Edits(other))) => one.extend(other),
        _ => one.changes.get_or_insert_default().extend(other.changes.unwrap_or_default()),
    }
    one
}
