//! The workspace with the edits made, as far as the items in doubt can see it.
//!
//! Which item of it is which of the old one: a new name moves no item and adds none.

use rush_semantics::names::{files, package_dir};
use rush_semantics::{Db, Item, RushDatabase, SourceFile, check};
use rush_syntax::Kind;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Renaming, word};
use crate::imports::imported;
use crate::place::Placed;
use crate::target::Target;

/// A database of the edited texts, and what of the old one is what there.
pub(super) struct Again<'a> {
    db: &'a dyn Db,
    renaming: &'a Renaming,
    /// The scratch database.
    pub(super) after: RushDatabase,
    items: FxHashMap<Item, Item>,
}

impl<'a> Again<'a> {
    /// Makes the edits. `None` when a file then has other items than before: some words are read as
    /// names in one place and not in another.
    pub(super) fn new(db: &'a dyn Db, renaming: &'a Renaming, doubt: &[Placed]) -> Option<Self> {
        let needed = needed(db, renaming, doubt);
        let mut after = RushDatabase::for_one_answer();
        after.set_files(needed.iter().map(|file| {
            db.unwind_if_revision_cancelled();
            (file.path(db).as_str(), renaming.applied(db, *file))
        }));
        let mut items = FxHashMap::default();
        let prelude = (db.workspace().prelude(db), after.workspace().prelude(&after));
        let pairs = needed
            .iter()
            .filter_map(|file| Some((*file, *after.workspace().files(&after).get(file.path(db))?)));
        for (old, new) in pairs.chain([prelude]) {
            db.unwind_if_revision_cancelled();
            let (old, new) = (old.items(db), new.items(&after));
            let is_same = |(old, new): (&Item, &Item)| {
                let is_renamed = renaming.targets.contains(&Target::Item(*old));
                let name = if is_renamed { &renaming.new } else { old.name(db) };
                old.kind(db) == new.kind(&after) && name == new.name(&after)
            };
            if old.len() != new.len() || !old.iter().zip(new.iter()).all(is_same) {
                return None;
            }
            items.extend(old.iter().copied().zip(new.iter().copied()));
        }
        check::prepare_for(db, &after);
        Some(Self { db, renaming, after, items })
    }

    /// What an item is after the edits.
    pub(super) fn item(&self, item: Item) -> Option<Item> {
        self.items.get(&item).copied()
    }

    /// What a file is after the edits.
    pub(super) fn file(&self, file: SourceFile) -> Option<SourceFile> {
        self.after.workspace().files(&self.after).get(file.path(self.db)).copied()
    }

    /// What a name should refer to after the edits that refers to this before.
    pub(super) fn target(&self, target: &Target) -> Option<Target> {
        let is_renamed = self.renaming.targets.contains(target);
        let name = |it: &smol_str::SmolStr| {
            if is_renamed { self.renaming.new.clone() } else { it.clone() }
        };
        Some(match target {
            Target::Item(item) => Target::Item(self.item(*item)?),
            Target::Parameter { item, name: it } => {
                Target::Parameter { item: self.item(*item)?, name: name(it) }
            }
            Target::Local { item, local } => {
                Target::Local { item: self.item(*item)?, local: *local }
            }
            Target::Axis { item, name: it } => {
                Target::Axis { item: self.item(*item)?, name: name(it) }
            }
            Target::Field { owner, name: it } => {
                Target::Field { owner: self.item(*owner)?, name: name(it) }
            }
            Target::Key { item, shape, name: it } => {
                Target::Key { item: self.item(*item)?, shape: *shape, name: name(it) }
            }
            Target::Tag { owner, name: it } => {
                Target::Tag { owner: self.item(*owner)?, name: name(it) }
            }
            Target::Variable { item, name: it } => {
                Target::Variable { item: self.item(*item)?, name: name(it) }
            }
            Target::File(file) => Target::File(self.file(*file)?),
            Target::Function(_) | Target::Member(_) | Target::Word(_) => target.clone(),
        })
    }
}

impl Renaming {
    /// The text of a file after the edits.
    fn applied(&self, db: &dyn Db, file: SourceFile) -> String {
        let text = file.text(db);
        let mut edited = String::with_capacity(text.len());
        let mut from = 0;
        for reference in self.references.iter().filter(|it| it.at.file == file.id(db)) {
            let range = std::ops::Range::<usize>::from(reference.at.range);
            edited.push_str(text.get(from..range.start).unwrap_or_default());
            edited.push_str(&self.new);
            from = range.end;
        }
        edited.push_str(text.get(from..).unwrap_or_default());
        edited
    }
}

/// The files of the items in doubt and all that these can see: what they import, the declarations
/// above them, and every package where an item finds tasks by their name or is the workspace of.
fn needed(db: &dyn Db, renaming: &Renaming, doubt: &[Placed]) -> Vec<SourceFile> {
    let sees_all =
        |item: Item| item.kind(db) == Kind::Workspace || word::count(item.text(db), "all") > 0;
    if doubt.iter().any(|it| sees_all(it.item)) {
        return files(db).collect();
    }
    let mut open: Vec<SourceFile> = doubt.iter().map(|it| it.item.file(db)).collect();
    open.extend(renaming.targets.iter().filter_map(Target::home).map(|it| it.file(db)));
    let mut found: FxHashSet<SourceFile> = FxHashSet::default();
    let packages = db.workspace().packages(db);
    open.dedup();
    while let Some(file) = open.pop() {
        if !found.insert(file) {
            continue;
        }
        db.unwind_if_revision_cancelled();
        open.extend(imported(db, file));
        let own = package_dir(db, file).as_str();
        open.extend(["", own].iter().filter_map(|it| packages.get(*it)));
    }
    // In the order of paths.
    files(db).filter(|it| found.contains(it)).collect()
}
