//! Where something is named, in the whole workspace.

use memchr::memmem;
use rush_semantics::{Db, Item, SourceFile, names};
use text_size::TextSize;

use rush_syntax::Kind;

use crate::names::{Occurrence, Origins, Role, Shape, Where, names_at, occurrences_after};
use crate::place::{FileRange, Placed};
use crate::target::Target;

/// A place where something is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name; quotes and `$` excluded.
    pub at: FileRange,
    /// What is done with it.
    pub role: Role,
    /// In which language it is written.
    pub place: Where,
}

/// Everywhere that the thing at `offset` is named, its declaration included, by file and place.
pub fn references(db: &dyn Db, file: SourceFile, offset: TextSize) -> Vec<Reference> {
    let Some((_, names)) = names_at(db, file, offset) else { return Vec::new() };
    names.first().map(|it| references_to(db, &it.target)).unwrap_or_default()
}

/// Where the thing at `offset` is named in the same file.
pub fn highlights(db: &dyn Db, file: SourceFile, offset: TextSize) -> Vec<Reference> {
    let Some((_, found)) = names_at(db, file, offset) else { return Vec::new() };
    let Some(target) = found.first().map(|it| it.target.clone()) else { return Vec::new() };
    let Some(text) = searched_text(db, &target) else { return Vec::new() };
    let mut found = Vec::new();
    let finder = memmem::Finder::new(text.as_bytes());
    in_file(&Origins::new(db), file, &target, &finder, &mut found);
    sorted(found)
}

/// Everywhere that something is named.
pub(crate) fn references_to(db: &dyn Db, target: &Target) -> Vec<Reference> {
    some_references_to(db, target, usize::MAX)
}

/// Where something is named, up to the file with which there are enough.
pub(crate) fn some_references_to(db: &dyn Db, target: &Target, enough: usize) -> Vec<Reference> {
    let Some(text) = searched_text(db, target) else { return Vec::new() };
    let finder = memmem::Finder::new(text.as_bytes());
    let mut found = Vec::new();
    let origins = Origins::new(db);
    match target.home() {
        Some(home) if target.is_local() => in_item(&origins, home, target, &mut found),
        Some(home) if is_of_one_file(db, target, home) => {
            in_file(&origins, home.file(db), target, &finder, &mut found);
        }
        _ => {
            let prelude = db.workspace().prelude(db);
            for file in names::files(db).chain([prelude]) {
                db.unwind_if_revision_cancelled();
                in_file(&origins, file, target, &finder, &mut found);
                if found.len() >= enough {
                    break;
                }
            }
        }
    }
    sorted(found)
}

fn sorted(mut found: Vec<Reference>) -> Vec<Reference> {
    found.sort_by_key(|it| it.at.key());
    found.dedup_by_key(|it| it.at);
    found
}

/// The text without which a place surely does not name it.
fn searched_text(db: &dyn Db, target: &Target) -> Option<smol_str::SmolStr> {
    match target {
        Target::File(file) => {
            // `use "../lib"` means `lib/tasks.rush`.
            let path = file.path(db).as_str();
            let shown =
                path.strip_suffix(names::PACKAGE_FILE).map_or(path, |it| it.trim_end_matches('/'));
            Some(shown.rsplit('/').next().unwrap_or_default().into())
        }
        Target::Function(builtin) => Some(builtin.name().into()),
        _ => target.name(db),
    }
}

/// Whether no other file can name it.
fn is_of_one_file(db: &dyn Db, target: &Target, home: Item) -> bool {
    match target {
        Target::Item(item) => {
            let kind = item.kind(db);
            kind == Kind::Use || (names::is_private(item.name(db)) && kind != Kind::Kind)
        }
        Target::Parameter { .. } | Target::Axis { .. } => names::is_private(home.name(db)),
        // What a declaration makes of a record, no other item sees.
        Target::Key { shape: Shape::Value(_), .. } => home.ast(db).decl().is_some(),
        _ => false,
    }
}

fn in_file(
    origins: &Origins<'_>,
    file: SourceFile,
    target: &Target,
    finder: &memmem::Finder<'_>,
    found: &mut Vec<Reference>,
) {
    let db = origins.db();
    if finder.find(file.text(db).as_bytes()).is_none() {
        return;
    }
    for placed in Placed::all(db, file) {
        if finder.find(placed.item.text(db).as_bytes()).is_some() {
            db.unwind_if_revision_cancelled();
            collect(origins, placed, target, found);
        }
    }
}

fn in_item(origins: &Origins<'_>, item: Item, target: &Target, found: &mut Vec<Reference>) {
    if let Some(placed) = Placed::of(origins.db(), item) {
        collect(origins, placed, target, found);
    }
}

fn collect(origins: &Origins<'_>, placed: Placed, target: &Target, found: &mut Vec<Reference>) {
    let db = origins.db();
    let names = occurrences_after(origins, placed.item).into_iter();
    let names = names.filter(|it| it.target == *target);
    found.extend(names.map(|Occurrence { range, role, place, .. }| Reference {
        at: placed.range(db, range),
        role,
        place,
    }));
}

#[cfg(test)]
mod tests;
