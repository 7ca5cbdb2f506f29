//! Whether a change does harm, tried on copies of the files it could harm.
//!
//! The database that is asked can't be changed, so the files, what they import and some that import
//! them are copied to one of their own, with the rules of `rush check --fix`: no more errors than
//! before, and nothing that is harder to read. Who writes to the one that is asked waits for all
//! that read it; so it is looked at between any two steps whether somebody does.

use std::collections::BTreeMap;

use rush_diagnostics::{Damage, ResolvedEdit, apply_edits};
use rush_semantics::check::{self, file_diagnostics, item_diagnostics};
use rush_semantics::graph::{self, workspace_diagnostics_for};
use rush_semantics::names::files;
use rush_semantics::{Db, RushDatabase, SourceFile};
use rustc_hash::FxHashMap;

use crate::imports::{imported, importers};
use crate::place::FileEdit;

/// How many files are copied; what else is imported is taken as missing, before and after.
const FILES_MAX: usize = 64;

/// How many of them are copied only because they import a file that is edited.
const IMPORTERS_MAX: usize = 16;

/// Copies of files, and how bad they are as they are.
pub(super) struct Trial<'a> {
    original: &'a dyn Db,
    copy: RushDatabase,
    before: Damages,
}

/// How bad the files of a database are.
struct Damages {
    /// Each by itself, by its path.
    files: BTreeMap<String, Damage>,
    /// The graph of all.
    graph: Damage,
}

impl<'a> Trial<'a> {
    /// Copies what these edits could harm, all of them or some.
    pub(super) fn new<'e>(db: &'a dyn Db, edits: impl IntoIterator<Item = &'e FileEdit>) -> Self {
        let mut edited: Vec<_> = edits.into_iter().map(|it| it.at.file).collect();
        edited.sort_unstable();
        edited.dedup();
        let edited = files(db).filter(|it| edited.binary_search(&it.id(db)).is_ok()).collect();
        let mut copy = RushDatabase::default();
        copy.set_files(concerned(db, edited).into_iter().map(|file| {
            db.unwind_if_revision_cancelled();
            (file.path(db).as_str(), &**file.text(db))
        }));
        let before = Damages::of(db, &copy);
        Self { original: db, copy, before }
    }

    /// Whether the files are worse after these edits.
    pub(super) fn is_harmed_by(&mut self, edits: &[FileEdit]) -> bool {
        let db = self.original;
        db.unwind_if_revision_cancelled();
        let mut changed = FxHashMap::<SourceFile, Vec<ResolvedEdit>>::default();
        for edit in edits {
            let (id, range) = (edit.at.file, edit.at.range);
            let Some(file) = files(db).find(|it| it.id(db) == id) else {
                return true;
            };
            let edit = ResolvedEdit { file: id, range, text: edit.text.clone() };
            changed.entry(file).or_default().push(edit);
        }
        let mut originals = Vec::new();
        for (file, edits) in changed {
            db.unwind_if_revision_cancelled();
            let (path, text) = (file.path(db), file.text(db));
            originals.push((path.as_str(), &**text));
            self.copy.set_file(path, &apply_edits(text, edits));
        }
        let after = Damages::of(db, &self.copy);
        self.copy.set_files(originals);
        after.exceed(&self.before)
    }
}

/// The files that edits of some files could harm: these, what they import, and what imports them.
fn concerned(db: &dyn Db, edited: Vec<SourceFile>) -> Vec<SourceFile> {
    let importers = importers(db);
    let importing = edited.iter().filter_map(|it| importers.get(it)).flatten().copied();
    let importing: Vec<SourceFile> = importing.take(IMPORTERS_MAX).collect();
    let mut found = edited;
    let mut next = add_imported(db, &mut found, 0);
    for file in importing {
        add(&mut found, file);
        next = add_imported(db, &mut found, next);
    }
    found
}

/// Adds what the files from a place on import, however far; gives the place behind them.
fn add_imported(db: &dyn Db, found: &mut Vec<SourceFile>, mut next: usize) -> usize {
    while let Some(file) = found.get(next).copied() {
        db.unwind_if_revision_cancelled();
        imported(db, file).for_each(|it| add(found, it));
        next += 1;
    }
    next
}

fn add(found: &mut Vec<SourceFile>, file: SourceFile) {
    if found.len() < FILES_MAX && !found.contains(&file) {
        found.push(file);
    }
}

impl Damages {
    /// Checks a scratch database, for as long as nobody writes to the one whose question it answers.
    fn of(asker: &dyn Db, db: &RushDatabase) -> Self {
        check::prepare_for(asker, db);
        let mut found = BTreeMap::new();
        for file in files(db) {
            for item in file.items(db).iter() {
                asker.unwind_if_revision_cancelled();
                item_diagnostics(db, *item);
                graph::prepare(db, *item);
            }
            let damage = Damage::of(&file_diagnostics(db, file));
            found.insert(file.path(db).to_string(), damage);
        }
        Self { files: found, graph: Damage::of(&workspace_diagnostics_for(asker, db)) }
    }

    /// Whether a file, or the graph, is worse than before.
    fn exceed(&self, before: &Self) -> bool {
        let file = |path| before.files.get(path).copied().unwrap_or_default();
        self.graph.exceeds(before.graph)
            || self.files.iter().any(|(path, it)| it.exceeds(file(path)))
    }
}

#[cfg(test)]
mod tests {
    use std::panic::AssertUnwindSafe;

    use salsa::{Cancelled, Database as _};

    use super::{Damages, Trial};
    use crate::fixture::Case;

    #[test]
    fn a_trial_ends_when_its_original_is_to_be_written() {
        let case = Case::new("let a = 1\ntask b { run: `c ${a}` }\n");
        let copy = case.db.clone();
        let mut trial = Trial::new(&case.db, []);
        let mut is_ended = |what: &str| match what {
            "check" => Cancelled::catch(|| drop(Damages::of(&case.db, &copy))).is_err(),
            "copy" => Cancelled::catch(|| drop(Trial::new(&case.db, []))).is_err(),
            _ => Cancelled::catch(AssertUnwindSafe(|| trial.is_harmed_by(&[]))).is_err(),
        };
        let steps = ["copy", "check", "compare"];
        assert_eq!(steps.map(&mut is_ended), [false; 3]);
        // All is known by now, so that no query of the original would end them.
        let cancelled = steps.map(|it| {
            case.db.cancellation_token().cancel();
            is_ended(it)
        });
        assert_eq!(cancelled, [true; 3]);
    }
}
