//! Which items a new name may give another meaning.
//!
//! An item whose every mention of the old name is edited, and around which nobody knows the new one,
//! reads as before: it was resolved by names, and they differ only in how they are spelled. All others
//! are in doubt. So a rename over thousands of files resolves a handful of items again.

use rush_semantics::names::files;
use rush_semantics::{Db, SourceFile};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Renaming, is_profile, word};
use crate::imports::importers;
use crate::names::Where;
use crate::place::Placed;
use crate::references::Reference;
use crate::target::Target;

/// Words by which an item finds things that it does not import.
const FINDERS: [&str; 2] = ["all", "profile"];

/// The items in doubt, by file and place.
pub(super) fn in_doubt(db: &dyn Db, renaming: &Renaming) -> Vec<Placed> {
    let importers = importers(db);
    let homes = renaming.targets.iter().filter_map(Target::home).map(|it| it.file(db));
    let homes: FxHashSet<SourceFile> = homes.collect();
    let seen = seen_from(&importers, homes.iter().copied());
    let known = files(db).filter(|file| word::count(file.text(db), &renaming.new) > 0);
    let around = seen_from(&importers, known);
    let mut found = Vec::new();
    for file in files(db) {
        db.unwind_if_revision_cancelled();
        if homes.contains(&file) {
            // Here a name is also compared with those that are nearly the same.
            found.extend(Placed::all(db, file));
            continue;
        }
        let seeing = Seeing {
            is_seen: seen.contains(&file),
            is_around: around.contains(&file) || renaming.is_delicate(db),
        };
        found.extend(of_file(db, renaming, file, &seeing));
    }
    found
}

/// What a file sees.
struct Seeing {
    /// What is renamed, through imports.
    is_seen: bool,
    /// Something else that has the new name, or else the new name matters by itself.
    is_around: bool,
}

fn of_file(db: &dyn Db, renaming: &Renaming, file: SourceFile, seeing: &Seeing) -> Vec<Placed> {
    let (old, new) = (&renaming.old, &renaming.new);
    let edits = of_this(&renaming.references, |it| it.at.file.cmp(&file.id(db)));
    if seeing.is_seen && renaming.is_of_a_shape() {
        return Placed::all(db, file).collect();
    }
    let text = file.text(db);
    let all_edited = word::count(text, old) == edits.len() && word::count(text, new) == 0;
    let is_plain = |it: &Reference| it.place == Where::Code && !seeing.is_around;
    if all_edited && edits.iter().all(is_plain) {
        return Vec::new();
    }
    let is_in_doubt = |placed: &Placed| {
        let text = placed.item.text(db);
        let end = placed.start + text_size::TextSize::of(&**text);
        let own = of_this(edits, |it| match it.at.range.start() {
            at if at < placed.start => std::cmp::Ordering::Less,
            at if at < end => std::cmp::Ordering::Equal,
            _ => std::cmp::Ordering::Greater,
        });
        let is_left = word::count(text, old) > own.len() || word::count(text, new) > 0;
        let finds = || FINDERS.iter().any(|it| word::count(text, it) > 0);
        !own.iter().all(is_plain) || (is_left && (seeing.is_seen || finds()))
    };
    Placed::all(db, file).filter(is_in_doubt).collect()
}

/// The part of sorted references that is equal.
fn of_this(
    references: &[Reference],
    order: impl Fn(&Reference) -> std::cmp::Ordering,
) -> &[Reference] {
    let start = references.partition_point(|it| order(it).is_lt());
    let rest = references.get(start..).unwrap_or_default();
    let len = rest.partition_point(|it| order(it).is_eq());
    rest.get(..len).unwrap_or_default()
}

impl Renaming {
    /// Whether it is part of a type, so that also items without the name may depend on it.
    fn is_of_a_shape(&self) -> bool {
        let is_shape = |it: &Target| {
            matches!(it, Target::Field { .. } | Target::Tag { .. } | Target::Axis { .. })
        };
        self.targets.iter().any(is_shape)
    }

    /// Whether what the new name is like matters, also where nobody else has it.
    fn is_delicate(&self, db: &dyn Db) -> bool {
        let is_text = |it: &Target| match it {
            Target::Variable { .. } => true,
            Target::Item(item) => is_profile(db, *item),
            _ => false,
        };
        rush_semantics::names::is_private(&self.new) || self.targets.iter().any(is_text)
    }
}

/// Some files and those that import them, however far.
fn seen_from(
    importers: &FxHashMap<SourceFile, Vec<SourceFile>>,
    from: impl Iterator<Item = SourceFile>,
) -> FxHashSet<SourceFile> {
    let mut open: Vec<SourceFile> = from.collect();
    let mut found: FxHashSet<SourceFile> = open.iter().copied().collect();
    while let Some(file) = open.pop() {
        let more = importers.get(&file).into_iter().flatten();
        open.extend(more.copied().filter(|it| found.insert(*it)));
    }
    found
}
