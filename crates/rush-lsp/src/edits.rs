//! Changes of files in the terms of the protocol.

use std::collections::{BTreeMap, HashMap};

use ls_types::{
    Command, DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit,
    TextEdit, Uri, WorkspaceEdit,
};
use rush_diagnostics::FileId;
use rush_ide::{Change, FileEdit};
use serde_json::json;

use crate::capabilities::Session;
use crate::position::Lines;
use crate::table::Table;

/// Changes of several files, all of which are noted.
///
/// An editor that can is told which versions they are for, so that it refuses those that come late.
pub(crate) fn workspace_edit(
    table: &Table,
    edits: &[FileEdit],
    session: &Session,
) -> Option<WorkspaceEdit> {
    let mut by_file = BTreeMap::<FileId, Vec<TextEdit>>::new();
    for edit in edits {
        by_file.entry(edit.at.file).or_default().push(text_edit(table, edit)?);
    }
    let mut documents: Vec<(Uri, Option<i32>, Vec<TextEdit>)> = Vec::with_capacity(by_file.len());
    for (file, edits) in by_file {
        documents.push((table.uri(file)?, table.version(file), edits));
    }
    Some(if session.takes_versioned_edits { versioned(documents) } else { plain(documents) })
}

/// The command that an editor may have to let the person rename what stands at a place.
pub(crate) const RENAME: &str = "rush.action.rename";

/// What an editor does after a change that makes up a name: the person may choose a better one.
pub(crate) fn rename_after(table: &Table, change: &Change, session: &Session) -> Option<Command> {
    let place = change.rename.filter(|_| session.renames_later)?;
    let mut edits: Vec<_> = change.edits.iter().filter(|it| it.at.file == place.file).collect();
    edits.sort_by_key(|it| std::cmp::Reverse((it.at.range.start(), it.at.range.end())));
    let mut text = table.lines(place.file)?.text().to_string();
    for edit in edits {
        text.replace_range(std::ops::Range::<usize>::from(edit.at.range), &edit.text);
    }
    let at = Lines::new(text.into()).position(place.range.start().into(), session.encoding);
    let argument = json!({ "uri": table.uri(place.file)?, "position": at });
    Some(Command::new("choose a name".to_owned(), RENAME.to_owned(), Some(vec![argument])))
}

/// One change of a noted file.
pub(crate) fn text_edit(table: &Table, edit: &FileEdit) -> Option<TextEdit> {
    Some(TextEdit::new(table.range(edit.at.file, edit.at.range)?, edit.text.clone()))
}

fn versioned(documents: Vec<(Uri, Option<i32>, Vec<TextEdit>)>) -> WorkspaceEdit {
    let edits = documents.into_iter().map(|(uri, version, edits)| TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
        edits: edits.into_iter().map(OneOf::Left).collect(),
    });
    let document_changes = Some(DocumentChanges::Edits(edits.collect()));
    WorkspaceEdit { document_changes, ..WorkspaceEdit::default() }
}

fn plain(documents: Vec<(Uri, Option<i32>, Vec<TextEdit>)>) -> WorkspaceEdit {
    let changes: HashMap<_, _> =
        documents.into_iter().map(|(uri, _, edits)| (uri, edits)).collect();
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}
