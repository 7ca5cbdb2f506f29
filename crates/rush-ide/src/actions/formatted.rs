//! What was formatted stays formatted, whatever an action writes into it.

use rush_diagnostics::{FileId, ResolvedEdit, apply_edits};
use rush_semantics::kinds::KIND_NAMES;
use rush_semantics::names::files;
use rush_semantics::{Db, SourceFile};
use rush_syntax::format_touched;
use text_size::TextRange;

use super::Change;
use crate::diff::hunks;
use crate::place::{FileEdit, FileRange};
use crate::syntax::{range, slice};

/// The change, with the items formatted that it writes and that were formatted before.
pub(super) fn formatted(db: &dyn Db, change: Change) -> Change {
    let mut ids: Vec<FileId> = change.edits.iter().map(|it| it.at.file).collect();
    ids.sort_unstable();
    ids.dedup();
    let Change { mut edits, mut rename } = change;
    for id in ids {
        let Some(file) = files(db).find(|it| it.id(db) == id) else { continue };
        let Some((of_file, after, formatted)) = of_file(db, file, &edits) else { continue };
        if let Some(name) = rename.as_mut().filter(|it| it.file == id) {
            name.range = moved(&after, &formatted, name.range).unwrap_or(name.range);
        }
        edits.retain(|it| it.at.file != id);
        edits.extend(of_file);
    }
    Change { edits, rename }
}

/// The edits of a file that also format it, with its text after the given ones and after these.
fn of_file(
    db: &dyn Db,
    file: SourceFile,
    edits: &[FileEdit],
) -> Option<(Vec<FileEdit>, String, String)> {
    let (id, before) = (file.id(db), file.text(db));
    let own = edits.iter().filter(|it| it.at.file == id);
    let own = own.map(|it| ResolvedEdit { file: id, range: it.at.range, text: it.text.clone() });
    let after = apply_edits(before, own.collect());
    let formatted = format_touched(before, &after, KIND_NAMES)?;
    let edit = |it: crate::diff::Hunk| {
        let at = FileRange { file: id, range: range(it.range.start, it.range.end) };
        FileEdit { at, text: it.text }
    };
    let edits = hunks(before, &formatted, None).into_iter().map(edit).collect();
    Some((edits, after, formatted))
}

/// Where a word of a text is in the formatted text: the formatter moves words, and keeps their number.
fn moved(after: &str, formatted: &str, name: TextRange) -> Option<TextRange> {
    let word = slice(after, name);
    let earlier = after.get(..usize::from(name.start()))?.matches(word).count();
    let (start, _) = formatted.match_indices(word).nth(earlier)?;
    Some(range(start, start + word.len()))
}
