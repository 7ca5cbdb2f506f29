//! All certain fixes of a file, as `rush check --fix` makes them: it looks again after each round, so
//! that a fix which another one makes possible is made as well.
//!
//! The workspace is copied for that, as a fix may do harm in any of its files. Who writes to the
//! database that is asked waits for all that read it; so it is looked at between any two steps whether
//! somebody does.

use std::sync::Arc;

use rush_diagnostics::{Anchor, Bench, Diagnostic, FileId, ResolvedDiagnostic, mend, resolve_all};
use rush_semantics::check::{self, file_diagnostics, item_diagnostics};
use rush_semantics::graph::{self, workspace_diagnostics, workspace_diagnostics_for};
use rush_semantics::kinds::KIND_NAMES;
use rush_semantics::names::files;
use rush_semantics::{Db, RushDatabase, SourceFile};
use rush_syntax::format_touched;

use super::{Action, ActionKind, Offer};
use crate::diff::{Hunk, hunks};
use crate::place::{FileEdit, FileRange};
use crate::syntax::range;

/// By what the action is found.
pub(crate) const EVERYTHING: &str = "fix-everything";

/// The action that makes them, if it is wanted and there are any.
pub(super) fn offer(
    db: &dyn Db,
    file: SourceFile,
    is_wanted: impl Fn(&Action) -> bool,
) -> Option<Offer<'static>> {
    let title = "make all fixes that are sure";
    let offer = |edits| Offer::new(EVERYTHING, title, ActionKind::FixEverything, edits);
    if !is_wanted(&offer(Vec::new()).action) || !may_be_mended(db, file) {
        return None;
    }
    let edits = edits(db, file);
    (!edits.is_empty()).then(|| offer(edits))
}

/// Whether a certain fix changes the file.
fn may_be_mended(db: &dyn Db, file: SourceFile) -> bool {
    let id = file.id(db);
    let is_it = |it: &Diagnostic| {
        let mut certain = it.fixes.iter().filter(|it| it.is_automatic);
        certain.any(|fix| fix.edits.iter().any(|it| file_of(&it.at) == id))
    };
    let of_files = || files(db).flat_map(|it| file_diagnostics(db, it));
    workspace_diagnostics(db).iter().any(&is_it) || of_files().any(|it| is_it(&it))
}

fn file_of(at: &Anchor) -> FileId {
    match at {
        Anchor::Range(span) => span.item.file(),
        Anchor::After(item) => item.file(),
        Anchor::FileStart(file) => *file,
    }
}

fn edits(db: &dyn Db, file: SourceFile) -> Vec<FileEdit> {
    let (before, id) = (file.text(db), file.id(db));
    let after = mended(db, file);
    let after = format_touched(before, &after, KIND_NAMES).map_or(after, Arc::from);
    let edit = |it: Hunk| {
        let at = FileRange { file: id, range: range(it.range.start, it.range.end) };
        FileEdit { at, text: it.text }
    };
    hunks(before, &after, None).into_iter().map(edit).collect()
}

/// The text of the file once it is mended.
fn mended(db: &dyn Db, file: SourceFile) -> Arc<str> {
    let mut copy = RushDatabase::default();
    copy.set_files(files(db).map(|it| {
        db.unwind_if_revision_cancelled();
        (it.path(db).as_str(), it.text(db).clone())
    }));
    let Some(file) = copy.workspace().files(&copy).get(file.path(db)).copied() else {
        return file.text(db).clone();
    };
    let mut copy = Copy { asker: db, db: copy, file };
    mend(&mut copy);
    file.text(&copy.db).clone()
}

/// A copy of the workspace.
struct Copy<'a> {
    asker: &'a dyn Db,
    db: RushDatabase,
    /// What is mended.
    file: SourceFile,
}

impl Bench for Copy<'_> {
    fn findings(&mut self) -> Vec<Diagnostic> {
        let (asker, db) = (self.asker, &self.db);
        check::prepare_for(asker, db);
        let mut found = Vec::new();
        for file in files(db) {
            for item in file.items(db).iter() {
                asker.unwind_if_revision_cancelled();
                item_diagnostics(db, *item);
                graph::prepare(db, *item);
            }
            found.extend(file_diagnostics(db, file));
        }
        found.extend(workspace_diagnostics_for(asker, db));
        found
    }

    fn resolve(&self, findings: &[Diagnostic]) -> Vec<ResolvedDiagnostic> {
        let db = &self.db;
        let mut resolved = resolve_all(findings, db);
        resolved.sort_by_cached_key(|it| db.file(it.primary.file).map(|it| it.path(db).clone()));
        resolved
    }

    fn is_in_scope(&self, file: FileId) -> bool {
        self.file.id(&self.db) == file
    }

    fn text(&self, file: FileId) -> Arc<str> {
        self.db.file(file).map(|it| it.text(&self.db).clone()).unwrap_or_default()
    }

    fn put(&mut self, texts: Vec<(FileId, Arc<str>)>) {
        for (file, text) in texts {
            let path = self.db.file(file).map(|it| it.path(&self.db).clone());
            if let Some(path) = path {
                self.db.set_files([(path.as_str(), text)]);
            }
        }
    }
}
