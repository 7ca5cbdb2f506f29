//! Which files import which, by their `use` items. What is imported by what name is not known here.

use rush_semantics::names::{files, import_target};
use rush_semantics::{Db, SourceFile};
use rush_syntax::Kind;
use rustc_hash::FxHashMap;

/// The files that a file imports, in the order in which they are written.
pub(crate) fn imported(db: &dyn Db, file: SourceFile) -> impl Iterator<Item = SourceFile> {
    let uses = file.items(db).iter().filter(|it| it.kind(db) == Kind::Use);
    uses.filter_map(|it| import_target(db, *it))
}

/// Which files import a file, in the order of their paths.
pub(crate) fn importers(db: &dyn Db) -> FxHashMap<SourceFile, Vec<SourceFile>> {
    let mut found: FxHashMap<SourceFile, Vec<SourceFile>> = FxHashMap::default();
    for file in files(db) {
        db.unwind_if_revision_cancelled();
        for target in imported(db, file) {
            found.entry(target).or_default().push(file);
        }
    }
    found
}
