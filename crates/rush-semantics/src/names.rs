//! What a name means in a file, and how files find each other.
//!
//! Each answer is about one name, so that declaring something new re-checks only who asked for it.
//! Locals of an item are not known here; see [`crate::infer`].

use std::sync::Arc;

use rush_plan::{Glob, WorkspacePath};
use rush_syntax::Kind;
use rush_syntax::ast::{self, ItemKind};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::db::{Db, Item, SourceFile};

/// The name of the file that makes a directory a package.
pub const PACKAGE_FILE: &str = "tasks.rush";

/// The longest chain of `extends`.
pub const EXTENDS_MAX: usize = 8;

/// The names a file declares, each with its items in the order written.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FileNames {
    /// Values: `let`, `param`, `fn`, `use` and declarations.
    values: FxHashMap<SmolStr, Vec<Item>>,
    /// Types.
    types: FxHashMap<SmolStr, Vec<Item>>,
    /// Profiles, which are chosen by name and never read.
    profiles: FxHashMap<SmolStr, Vec<Item>>,
}

/// Which names of a file are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// What an expression can refer to.
    Values,
    /// What a type can refer to.
    Types,
    /// What `--profile` can choose.
    Profiles,
}

impl Namespace {
    /// The namespace an item declares its name in.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Type => Self::Types,
            Kind::Profile => Self::Profiles,
            _ => Self::Values,
        }
    }
}

/// A name in a file, so that a query can depend on what one name means. Never forgotten: what is
/// typed in a session is little, and a name that may go is one more thing to verify.
#[salsa::interned(revisions = usize::MAX)]
struct FileName<'db> {
    #[returns(copy)]
    file: SourceFile,
    #[returns(copy)]
    namespace: Namespace,
    #[returns(ref)]
    text: SmolStr,
}

/// A path below the root, so that a query can depend on which file one path leads to.
#[salsa::interned(revisions = usize::MAX)]
struct Path<'db> {
    #[returns(ref)]
    text: SmolStr,
}

impl FileNames {
    fn of(&self, namespace: Namespace) -> &FxHashMap<SmolStr, Vec<Item>> {
        match namespace {
            Namespace::Values => &self.values,
            Namespace::Types => &self.types,
            Namespace::Profiles => &self.profiles,
        }
    }

    fn of_mut(&mut self, namespace: Namespace) -> &mut FxHashMap<SmolStr, Vec<Item>> {
        match namespace {
            Namespace::Values => &mut self.values,
            Namespace::Types => &mut self.types,
            Namespace::Profiles => &mut self.profiles,
        }
    }

    /// The names of a namespace, in no order.
    pub fn names(&self, namespace: Namespace) -> impl Iterator<Item = &SmolStr> {
        self.of(namespace).keys()
    }
}

/// Every name a file declares. Changes only when a name comes, goes or moves to another item.
#[salsa::tracked(returns(ref))]
pub fn file_names(db: &dyn Db, file: SourceFile) -> Arc<FileNames> {
    let mut names = FileNames::default();
    for &item in file.items(db).iter() {
        let name = item.name(db);
        if !name.is_empty() {
            let namespace = Namespace::of(item.kind(db));
            names.of_mut(namespace).entry(name.clone()).or_default().push(item);
        }
    }
    Arc::new(names)
}

/// The names that a file lacks only because the word is missing that begins an item.
#[salsa::tracked(returns(ref))]
fn undeclared_names(db: &dyn Db, file: SourceFile) -> FxHashSet<SmolStr> {
    let items = file.items(db).iter();
    items.flat_map(|item| item.parsed(db).undeclared.iter().cloned()).collect()
}

/// Whether a file means to declare this name and fails, so that only that is a mistake.
pub fn is_undeclared(db: &dyn Db, file: SourceFile, name: &str) -> bool {
    undeclared_names(db, file).contains(name)
}

/// The items whose text means to declare this name and fails.
pub fn undeclared_by(db: &dyn Db, file: SourceFile, name: &str) -> impl Iterator<Item = Item> {
    let items = if is_undeclared(db, file, name) { &**file.items(db) } else { &[] };
    let has_it = move |item: &Item| item.parsed(db).undeclared.iter().any(|it| it == name);
    items.iter().copied().filter(has_it)
}

/// The items that declare `name`, in the order written; more than one is an error.
pub fn declarations<'db>(
    db: &'db dyn Db,
    file: SourceFile,
    namespace: Namespace,
    name: &str,
) -> &'db [Item] {
    file_names(db, file).of(namespace).get(name).map(Vec::as_slice).unwrap_or_default()
}

/// What a name refers to at the level of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Referent {
    /// The first item with that name.
    pub item: Item,
    /// Whether another one has that name, too, and may be the one that is meant.
    pub is_unclear: bool,
}

/// The value a name refers to at the level of a file.
pub fn resolve(db: &dyn Db, file: SourceFile, name: &str) -> Option<Item> {
    referent(db, file, name).map(|it| it.item)
}

/// The value a name refers to at the level of a file, and whether it is sure to be that one.
pub fn referent(db: &dyn Db, file: SourceFile, name: &str) -> Option<Referent> {
    lookup(db, file, Namespace::Values, name)
}

/// The type a name refers to at the level of a file.
pub fn resolve_type(db: &dyn Db, file: SourceFile, name: &str) -> Option<Item> {
    lookup(db, file, Namespace::Types, name).map(|it| it.item)
}

fn lookup(db: &dyn Db, file: SourceFile, namespace: Namespace, name: &str) -> Option<Referent> {
    if db.has_fixed_texts() {
        // Nothing will be asked again after an edit, so it need not be known what depends on it.
        return first_of(declarations(db, file, namespace, name));
    }
    first(db, FileName::new(db, file, namespace, SmolStr::from(name)))
}

/// Whether `item` is not the first to declare its name; returns the first.
pub fn duplicate_of(db: &dyn Db, item: Item) -> Option<Item> {
    duplicates(db, item.file(db)).get(&item).copied()
}

/// The items that declare the name of `item` once more, of which it is the first.
pub fn redeclared(db: &dyn Db, item: Item) -> impl Iterator<Item = Item> {
    let all = duplicates(db, item.file(db)).iter();
    all.filter(move |(_, first)| **first == item).map(|(again, _)| *again)
}

/// The items of a file that declare a name again, each with the first to declare it. Seldom any, so
/// that this stays equal while items come and go.
#[salsa::tracked(returns(ref))]
fn duplicates(db: &dyn Db, file: SourceFile) -> FxHashMap<Item, Item> {
    let mut found = FxHashMap::default();
    let names = file_names(db, file);
    for namespace in [Namespace::Values, Namespace::Types, Namespace::Profiles] {
        for items in names.of(namespace).values() {
            let Some((first, rest)) = items.split_first() else { continue };
            found.extend(rest.iter().map(|item| (*item, *first)));
        }
    }
    found
}

#[salsa::tracked(returns(copy))]
fn first<'db>(db: &'db dyn Db, name: FileName<'db>) -> Option<Referent> {
    first_of(declarations(db, name.file(db), name.namespace(db), name.text(db)))
}

fn first_of(items: &[Item]) -> Option<Referent> {
    let (item, rest) = items.split_first()?;
    Some(Referent { item: *item, is_unclear: !rest.is_empty() })
}

/// The file a `use` item names; `None` when there is none or the path is malformed.
#[salsa::tracked(returns(copy))]
pub fn import_target(db: &dyn Db, import: Item) -> Option<SourceFile> {
    let ItemKind::Use { path: Some(path), .. } = &import.ast(db).kind else { return None };
    let from = directory(import.file(db).path(db));
    let target = resolve_path(from, &path.text)?;
    file_at(db, Path::new(db, SmolStr::from(target)))
}

/// The path, relative to the root, that `use "written"` in a file of `directory` asks for first;
/// `None` when it leaves the workspace or is absolute.
pub fn resolve_path(directory: &str, written: &str) -> Option<String> {
    let (mut parts, rest) = match written.strip_prefix("//") {
        Some(rest) => (Vec::new(), rest),
        None if written.starts_with('/') => return None,
        None => (directory.split('/').filter(|it| !it.is_empty()).collect::<Vec<_>>(), written),
    };
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The file at a path, or the `tasks.rush` of the directory at that path.
#[salsa::tracked(returns(copy))]
fn file_at<'db>(db: &'db dyn Db, path: Path<'db>) -> Option<SourceFile> {
    let files = db.workspace().files(db);
    let path = path.text(db);
    files.get(path).copied().or_else(|| db.workspace().packages(db).get(path).copied())
}

/// The directory part of a path; empty for a file in the root.
pub fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The directory of the package a file belongs to: the nearest one with a `tasks.rush`.
#[salsa::tracked(returns(ref))]
pub fn package_dir(db: &dyn Db, file: SourceFile) -> SmolStr {
    let packages = db.workspace().packages(db);
    let mut at = directory(file.path(db));
    while !at.is_empty() && !packages.contains_key(at) {
        at = directory(at);
    }
    SmolStr::from(at)
}

/// How a declaration is named on the command line: `//web:build`, `//web:lib.build`.
pub fn label(db: &dyn Db, item: Item) -> String {
    let file = item.file(db);
    let package = package_dir(db, file);
    let inside = file.path(db).strip_prefix(package.as_str()).unwrap_or_default();
    let inside = inside.trim_start_matches('/');
    let name = item.name(db);
    if inside == PACKAGE_FILE {
        return format!("//{package}:{name}");
    }
    let stem = inside.strip_suffix(".rush").unwrap_or(inside).replace('/', ".");
    format!("//{package}:{stem}.{name}")
}

/// What a declaration extends; `None` when it extends nothing or something unknown.
pub fn base_of(db: &dyn Db, item: Item) -> Option<Item> {
    if item.mentions(db).extends { extended(db, item) } else { None }
}

#[salsa::tracked(returns(copy))]
fn extended(db: &dyn Db, item: Item) -> Option<Item> {
    let ItemKind::Decl(decl) = &item.ast(db).kind else { return None };
    resolve_dotted(db, item.file(db), &decl.extends.as_ref()?.path)
}

/// What a declaration extends, what that extends, and so on. It ends where the chain is longer than
/// may be or comes round again; both are reported where they are written.
pub fn bases(db: &dyn Db, item: Item) -> impl Iterator<Item = Item> {
    let chain = std::iter::successors(base_of(db, item), move |at| base_of(db, *at));
    let mut seen = vec![item];
    chain.take(EXTENDS_MAX).take_while(move |base| {
        let is_new = !seen.contains(base);
        seen.push(*base);
        is_new
    })
}

/// A declaration and its [`bases`].
pub fn with_bases(db: &dyn Db, item: Item) -> impl Iterator<Item = Item> {
    std::iter::once(item).chain(bases(db, item))
}

/// The item `a` or `ns.a` refers to.
pub fn resolve_dotted(db: &dyn Db, file: SourceFile, path: &[ast::Name]) -> Option<Item> {
    match path {
        [name] => resolve(db, file, &name.text),
        [namespace, name] => {
            let import = resolve(db, file, &namespace.text)?;
            resolve(db, import_target(db, import)?, &name.text)
        }
        _ => None,
    }
}

/// Whether the name is private to its file.
pub fn is_private(name: &str) -> bool {
    name.starts_with('_')
}

/// What `all("packages", "task")` means in the package of the directory `here`: the task or service
/// of that name in each package whose directory matches, in the order of directories.
pub fn named_in_packages(db: &dyn Db, here: &str, packages: &str, task: &str) -> Vec<Item> {
    if is_private(task) {
        return Vec::new();
    }
    let found = packages_matching(db, here, packages).into_iter().filter_map(|(_, file)| {
        // Of two declarations the first counts, as everywhere.
        declarations(db, file, Namespace::Values, task).first().copied()
    });
    found.filter(|it| it.kind(db).is_runnable()).collect()
}

/// The packages that a pattern of `all(..)` means in the package of the directory `here`, in the
/// order of directories: their directory and their file.
pub fn packages_matching<'db>(
    db: &'db dyn Db,
    here: &str,
    pattern: &str,
) -> Vec<(&'db SmolStr, SourceFile)> {
    let here = WorkspacePath::new(here).unwrap_or_default();
    let pattern = Glob::parse(pattern.trim_end_matches('/')).ok();
    let Some(pattern) = pattern.and_then(|it| it.resolve(&here).ok()) else { return Vec::new() };
    let matches = |dir: &str| pattern.matches(if dir.is_empty() { "." } else { dir });
    let packages = db.workspace().packages(db).iter();
    packages.filter(|(dir, _)| matches(dir)).map(|(dir, file)| (dir, *file)).collect()
}

/// Every file of the workspace in the order of paths, the prelude excluded.
pub fn files(db: &dyn Db) -> impl Iterator<Item = SourceFile> {
    db.workspace().files(db).values().copied()
}
