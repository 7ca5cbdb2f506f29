//! Paths, patterns and imports, from what is in the workspace's folders.

use rush_plan::Glob;
use rush_semantics::names::{PACKAGE_FILE, directory, import_target, package_dir, resolve_path};
use rush_semantics::ty::Ty;
use rush_syntax::ast::{BinaryOp, Expr, ExprId, ItemKind};
use smol_str::SmolStr;
use text_size::TextSize;

use super::elsewhere::free_alias;
use super::list::{List, Rank};
use super::texts::Content;
use super::{Completion, CompletionKind, Insert, Site};
use crate::draft::Parent;
use crate::files::{FileEntry, FileKind};
use crate::place::FileRange;
use crate::syntax::escaped;
use crate::taken::taken_by_name;
use crate::target::Target;

/// How many entries of a directory are proposed.
const ENTRIES_MAX: usize = 500;
/// How many endings of files are proposed as patterns.
const ENDINGS_MAX: usize = 8;

/// Which entries of a directory a path can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entries {
    /// Files, or directories on the way to them.
    All,
    /// Directories.
    Directories,
}

/// What is proposed of a directory.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) entries: Entries,
    /// How a name is written there.
    pub(super) spell: fn(&str) -> String,
}

impl Wanted {
    /// What a pattern can name: a `[` in a name is no set.
    pub(super) const IN_PATTERN: Self =
        Self { entries: Entries::All, spell: |name| escaped(&Glob::escape(name)) };

    /// What a word of a command can name, as it is called.
    pub(super) const AS_WORD: Self = Self { entries: Entries::All, spell: str::to_owned };

    /// What a path between quotes can name.
    pub(super) const fn in_path(entries: Entries) -> Self {
        Self { entries, spell: escaped }
    }
}

/// A path while it is written.
struct Written {
    /// The directory, relative to the root.
    directory: String,
    /// The part of its name that is there already, up to the word.
    name: String,
    /// What a proposal replaces.
    replaces: FileRange,
    /// Whether a `/` follows that.
    is_inside: bool,
}

impl Site<'_> {
    /// Adds the entries of the directory that is written so far in a text between quotes.
    pub(super) fn paths(self, content: &Content, wanted: Wanted, list: &mut List) {
        self.paths_from(content, package_dir(self.db, self.draft.file(self.db)), wanted, list);
    }

    /// Adds the entries of the directory that is written so far, counted from another one.
    pub(super) fn paths_from(self, content: &Content, from: &str, wanted: Wanted, list: &mut List) {
        let Some(written) = self.written(content, from) else { return };
        for entry in self.entries(&written) {
            let (label, kind) = match entry.kind {
                FileKind::Directory => (format!("{}/", entry.name), CompletionKind::Directory),
                FileKind::File if wanted.entries == Entries::Directories => continue,
                FileKind::File => (entry.name, CompletionKind::File),
            };
            let inserted = if written.is_inside { label.trim_end_matches('/') } else { &label };
            let insert = Insert::Plain((wanted.spell)(inserted));
            let it = list.proposal(&label, kind);
            list.add(Rank::Near, Completion { insert, replaces: written.replaces, ..it });
        }
        if content.before.trim_start_matches('!').is_empty() {
            let it = list.proposal("//", CompletionKind::Directory);
            let detail = Some("the root of the workspace".to_owned());
            list.add(Rank::Form, Completion { replaces: written.replaces, detail, ..it });
        }
    }

    /// What the path in a text can be: that depends on the name of its field.
    pub(super) fn wanted_entries(self, text: ExprId) -> Entries {
        let name = self.field_around(text);
        let is_directory = name.is_some_and(|it| matches!(it.as_str(), "dir" | "bin"));
        if is_directory { Entries::Directories } else { Entries::All }
    }

    /// The name of the field around an expression.
    pub(super) fn field_around(&self, expr: ExprId) -> Option<&SmolStr> {
        self.draft.parents.ancestors(expr).find_map(|(_, parent)| match parent {
            Parent::OfDeclaration(name) | Parent::OfRecord(_, name) => Some(name),
            _ => None,
        })
    }

    /// Adds what a text in the value of a `let` can be where its name is read as paths or patterns.
    pub(super) fn paths_by_name(self, text: ExprId, content: &Content, list: &mut List) {
        if content.follows_hole || !self.is_in_named_value(text) {
            return;
        }
        let (db, own) = (self.db, package_dir(self.db, self.draft.file(self.db)));
        let name = Target::Item(self.draft.placed.item);
        let taken = taken_by_name(db, name, |it| element(it).is_some()).into_iter();
        let taken = taken.map(|it| (package_dir(db, it.item.file(db)), it.ty));
        // Where packages differ in what they mean by it, its own counts.
        let Some((package, ty)) = taken.min_by_key(|(package, _)| *package != own) else { return };
        if element(&ty) == Some(&Ty::Glob) {
            self.paths_from(content, package, Wanted::IN_PATTERN, list);
            self.patterns_from(content, package, list);
        } else {
            self.paths_from(content, package, Wanted::in_path(Entries::All), list);
        }
    }

    /// Whether a text is the value of a `let` of the file, or an element of lists that are.
    fn is_in_named_value(&self, text: ExprId) -> bool {
        let ItemKind::Let(it) = &self.draft.ast.kind else { return false };
        let mut id = text;
        while id != it.value {
            id = match self.draft.parents.get(id) {
                Some(Parent::OfList(list)) => *list,
                Some(Parent::Part(whole)) if self.is_choice_or_sum(*whole, id) => *whole,
                _ => return false,
            };
        }
        true
    }

    /// Whether a part of an expression is what the whole may be, or a piece of it.
    fn is_choice_or_sum(&self, whole: ExprId, part: ExprId) -> bool {
        match self.draft.ast.expr(whole) {
            Expr::If { condition, .. } => *condition != part,
            Expr::Binary { op, .. } => matches!(op, BinaryOp::Add | BinaryOp::Otherwise),
            _ => false,
        }
    }

    /// Adds patterns for the directory that is written so far, counted from another one.
    pub(super) fn patterns_from(self, content: &Content, from: &str, list: &mut List) {
        let Some(written) = self.written(content, from) else { return };
        let entries = self.entries(&written);
        let mut endings: Vec<&str> = entries
            .iter()
            .filter(|it| it.kind == FileKind::File)
            .filter_map(|it| it.name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()))
            .map(|(_, ending)| ending)
            .collect();
        endings.sort_unstable();
        endings.dedup();
        let endings = endings.into_iter().take(ENDINGS_MAX);
        let patterns = endings.flat_map(|it| [format!("*.{it}"), format!("**/*.{it}")]);
        for pattern in patterns.chain(["**".to_owned()]) {
            let it = list.proposal(&pattern, CompletionKind::Member);
            list.add(Rank::Form, Completion { replaces: written.replaces, ..it });
        }
    }

    /// Adds files and packages that can be imported.
    pub(super) fn imports(self, (before, after): (&str, &str), list: &mut List) {
        let (before, after) = (before.to_owned(), after.to_owned());
        let content = Content { before, follows_hole: false, after };
        let file = self.draft.file(self.db);
        let own = file.path(self.db);
        let Some(written) = self.written(&content, directory(own)) else { return };
        let is_start = !content.before.contains('/');
        for entry in self.entries(&written) {
            let inside = if written.directory.is_empty() {
                entry.name.clone()
            } else {
                format!("{}/{}", written.directory, entry.name)
            };
            let prefix = if is_start { "./" } else { "" };
            let label = format!("{prefix}{}", entry.name);
            let packages = self.db.workspace().packages(self.db);
            let (label, rank, kind) = match entry.kind {
                FileKind::Directory if packages.contains_key(inside.as_str()) => {
                    (label, Rank::Near, CompletionKind::Directory)
                }
                FileKind::Directory => {
                    (format!("{label}/"), Rank::HasParts, CompletionKind::Directory)
                }
                FileKind::File if is_source(&entry.name) && inside != own.as_str() => {
                    (label, Rank::Near, CompletionKind::File)
                }
                FileKind::File => continue,
            };
            let it = list.proposal(&label, kind);
            list.add(rank, Completion { replaces: written.replaces, ..it });
        }
        if is_start {
            for (label, detail) in
                [("../", "the directory above"), ("//", "the root of the workspace")]
            {
                let it = list.proposal(label, CompletionKind::Directory);
                let detail = Some(detail.to_owned());
                list.add(Rank::Form, Completion { replaces: written.replaces, detail, ..it });
            }
        }
    }

    /// Adds the name that an import gets from its path.
    pub(super) fn alias(self, list: &mut List) {
        let own = self.draft.placed.item;
        let Some(target) = import_target(self.db, own) else { return };
        let path = target.path(self.db).as_str();
        let path = path.strip_suffix(PACKAGE_FILE).unwrap_or(path).trim_end_matches('/');
        let name = free_alias(self.db, own, path.strip_suffix(".rush").unwrap_or(path));
        let it = list.proposal(&name, CompletionKind::Namespace);
        list.add(Rank::Member, it);
    }

    /// Reads what is written of a path; nothing where no directory can be listed.
    fn written(self, content: &Content, from: &str) -> Option<Written> {
        let path = content.before.trim_start_matches('!');
        let (directory, name) = match path.rfind('/') {
            Some(at) => path.split_at(at + 1),
            None => ("", path),
        };
        if directory.contains(['*', '?', '[', '{']) {
            return None;
        }
        let end = content.after.find('/').unwrap_or(content.after.len());
        let start = self.draft.word.start().checked_sub(TextSize::of(name))?;
        // A path that is on several lines, or has escapes, is none.
        if !self.draft.before().ends_with(path) {
            return None;
        }
        Some(Written {
            directory: resolve_path(from, directory)?,
            name: format!("{name}{}", self.draft.typed),
            is_inside: content.after.contains('/'),
            replaces: self.draft.around(self.db, start, end),
        })
    }

    /// The entries that can be meant; hidden ones only when a dot was typed.
    fn entries(self, written: &Written) -> Vec<FileEntry> {
        let wants_hidden = written.name.starts_with('.');
        let mut entries = self.files.entries(&written.directory);
        entries.retain(|it| wants_hidden || !it.name.starts_with('.'));
        if entries.len() > ENTRIES_MAX {
            entries.retain(|it| it.name.starts_with(&written.name));
            entries.truncate(ENTRIES_MAX);
        }
        entries
    }
}

/// The paths or patterns that a type is made of, which may be a list.
fn element(ty: &Ty) -> Option<&Ty> {
    ty.members().iter().map(Ty::bare).find_map(|it| match it {
        Ty::Path | Ty::Glob => Some(it),
        Ty::List(inner) => element(inner),
        _ => None,
    })
}

/// Whether a file can be imported by its own name.
fn is_source(name: &str) -> bool {
    name.strip_suffix(".rush").is_some_and(|stem| !stem.is_empty()) && name != PACKAGE_FILE
}
