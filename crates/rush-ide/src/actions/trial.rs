//! Whether a change does harm, tried on copies of the files it could harm.
//!
//! The database that is asked can't be changed, so the file and what it imports are copied to one of
//! their own, with the rules of `rush check --fix`: no more errors than before, and nothing that is
//! harder to read. Files that import the changed ones are not looked at.

use std::collections::BTreeMap;

use rush_diagnostics::{Damage, ResolvedEdit, apply_edits};
use rush_semantics::check::file_diagnostics;
use rush_semantics::graph::workspace_diagnostics;
use rush_semantics::names::{files, import_target};
use rush_semantics::{Db, RushDatabase, SourceFile};
use rush_syntax::Kind;
use rustc_hash::FxHashMap;

use crate::place::FileEdit;

/// How many files are copied; what else is imported is taken as missing, before and after.
const FILES_MAX: usize = 64;

/// Copies of files, and how bad they are as they are.
pub(super) struct Trial<'a> {
    original: &'a dyn Db,
    copy: RushDatabase,
    before: BTreeMap<String, Damage>,
}

impl<'a> Trial<'a> {
    /// Copies a file and what it imports.
    pub(super) fn new(db: &'a dyn Db, file: SourceFile) -> Self {
        let mut copied = vec![file];
        let mut at = 0;
        while let Some(file) = copied.get(at).copied() {
            let uses = file.items(db).iter().filter(|it| it.kind(db) == Kind::Use);
            for target in uses.filter_map(|it| import_target(db, *it)) {
                if !copied.contains(&target) && copied.len() < FILES_MAX {
                    copied.push(target);
                }
            }
            at += 1;
        }
        let mut copy = RushDatabase::default();
        copy.set_files(copied.iter().map(|it| (it.path(db).as_str(), &**it.text(db))));
        let before = damage(&copy);
        Self { original: db, copy, before }
    }

    /// Whether the files are worse after these edits.
    pub(super) fn is_harmed_by(&mut self, edits: &[FileEdit]) -> bool {
        let mut changed = FxHashMap::<SourceFile, Vec<ResolvedEdit>>::default();
        for edit in edits {
            let (id, range) = (edit.at.file, edit.at.range);
            let Some(file) = files(self.original).find(|it| it.id(self.original) == id) else {
                return true;
            };
            let edit = ResolvedEdit { file: id, range, text: edit.text.clone() };
            changed.entry(file).or_default().push(edit);
        }
        let mut originals = Vec::new();
        for (file, edits) in changed {
            let (path, text) = (file.path(self.original), file.text(self.original));
            originals.push((path.as_str(), &**text));
            self.copy.set_file(path, &apply_edits(text, edits));
        }
        let after = damage(&self.copy);
        self.copy.set_files(originals);
        let before = |path| self.before.get(path).copied().unwrap_or_default();
        after.iter().any(|(path, it)| it.exceeds(before(path)))
    }
}

/// How bad each file is, and the graph of all, under the empty path.
fn damage(db: &RushDatabase) -> BTreeMap<String, Damage> {
    let mut found: BTreeMap<String, Damage> = files(db)
        .map(|file| (file.path(db).to_string(), Damage::of(&file_diagnostics(db, file))))
        .collect();
    found.insert(String::new(), Damage::of(workspace_diagnostics(db)));
    found
}
