//! Tasks of packages that are not imported yet: choosing one adds the `use`.

use rush_semantics::names::{
    Namespace, declarations, directory, file_names, import_target, is_private, resolve,
};
use rush_semantics::{Db, Item, SourceFile};
use text_size::{TextRange, TextSize};

use super::items::params_of;
use super::list::{List, Rank};
use super::{Completion, CompletionKind, Site};
use rush_syntax::Kind;

use crate::place::{FileEdit, FileRange, Placed};
use crate::snippet::Snippet;

/// How many letters have to be typed: with fewer, everything everywhere would be meant.
const LETTERS_MIN: usize = 2;
/// How many tasks are proposed.
const TASKS_MAX: usize = 50;

impl Site<'_> {
    /// Adds the tasks of other packages whose names begin like what is typed.
    pub(super) fn tasks_elsewhere(self, list: &mut List) {
        let typed = self.draft.typed.as_str();
        list.is_to_be_asked_again();
        if typed.len() < LETTERS_MIN {
            return;
        }
        let own = self.draft.file(self.db);
        let known = imported(self.db, own);
        let packages = self.db.workspace().packages(self.db).iter();
        let others = packages.filter(|(_, file)| **file != own && !known.contains(file));
        let mut left = TASKS_MAX;
        for (package, file) in others {
            let names = file_names(self.db, *file).names(Namespace::Values);
            let mut names: Vec<_> =
                names.filter(|it| it.starts_with(typed) && !is_private(it)).collect();
            names.sort_unstable();
            for name in names.into_iter().take(left) {
                let item = declarations(self.db, *file, Namespace::Values, name).first().copied();
                let Some(item) = item.filter(|it| it.kind(self.db).is_runnable()) else { continue };
                let alias = free_alias(self.db, self.draft.placed.item, package);
                let path = format!("{alias}.{name}");
                let params = params_of(self.db, item);
                let it = list.proposal(&path, CompletionKind::Task);
                let it = it.about(self.db, item);
                let has_required = params.iter().any(|it| !it.is_optional);
                let it = if has_required && !self.draft.after().starts_with('(') {
                    it.with(Snippet::call(&path, &params))
                } else {
                    it
                };
                let edits = vec![add_use(self.db, own, package, &alias)];
                let detail = Some(format!("use \"//{package}\""));
                let filter = Some(name.to_string());
                list.add(Rank::Other, Completion { detail, filter, edits, ..it });
                left -= 1;
            }
        }
    }
}

/// The files that a file imports.
fn imported(db: &dyn Db, file: SourceFile) -> Vec<SourceFile> {
    let uses = file.items(db).iter().filter(|it| it.kind(db) == Kind::Use);
    uses.filter_map(|it| import_target(db, *it)).collect()
}

/// The last part of a path as a name, with a digit when something else than the item has it in the
/// item's file.
pub(super) fn free_alias(db: &dyn Db, item: Item, path: &str) -> String {
    let last = path.strip_prefix(directory(path)).unwrap_or(path);
    let word: String = last
        .trim_matches('/')
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() { it } else { '_' })
        .collect();
    let is_start = |it: char| it.is_ascii_alphabetic();
    let word = match word.as_str() {
        "" => "root".to_owned(),
        word if word.starts_with(is_start) => word.to_owned(),
        word => format!("package_{word}"),
    };
    let numbered = (2..).map(|it| format!("{word}_{it}"));
    let mut candidates = std::iter::once(word.clone()).chain(numbered);
    let is_free = |it: &String| resolve(db, item.file(db), it).is_none_or(|found| found == item);
    candidates.find(is_free).unwrap_or(word)
}

/// The edit that adds `use "//package" as alias`: below the last `use`, else before all items.
fn add_use(db: &dyn Db, file: SourceFile, package: &str, alias: &str) -> FileEdit {
    let line = format!("use \"//{package}\" as {alias}");
    let last = Placed::all(db, file).filter(|it| it.item.kind(db) == Kind::Use).last();
    let (at, text) = match last {
        Some(placed) => {
            let written = placed.item.text(db).trim_end();
            (placed.start + TextSize::of(written), format!("\n{line}"))
        }
        None => {
            let first = Placed::all(db, file).find(|it| it.item.kind(db) != Kind::Nothing);
            let start = first.map(|it| it.start).unwrap_or_default();
            (start, format!("{line}\n\n"))
        }
    };
    FileEdit { at: FileRange { file: file.id(db), range: TextRange::empty(at) }, text }
}
