//! The database all front ends share, and its inputs.
//!
//! Text enters here and nowhere else: [`RushDatabase::set_file`] splits a text into items and sets
//! an input for each item whose text changed. So an edit invalidates one item, and what depends on
//! names alone does not notice. No query does input or output.

#![allow(missing_docs, reason = "salsa's macros generate accessors without docs")]

use std::collections::BTreeMap;
use std::sync::Arc;

use rush_diagnostics::{FileId, ItemId, Locate, TextRange, TextSize};
use rush_syntax::ast;
use rustc_hash::FxHashMap;
use salsa::Setter as _;
use smol_str::SmolStr;

use crate::kinds;

/// What every query may ask for.
#[salsa::db]
pub trait Db: salsa::Database {
    /// The one workspace of this database.
    fn workspace(&self) -> Workspace;
}

/// The workspace: which files there are.
#[salsa::input]
pub struct Workspace {
    /// Every file by its path relative to the workspace root, with `/` between the parts.
    #[returns(ref)]
    pub files: Arc<BTreeMap<SmolStr, SourceFile>>,
    /// The directories that hold a `tasks.rush`, with that file; the root is the empty text.
    #[returns(ref)]
    pub packages: Arc<BTreeMap<SmolStr, SourceFile>>,
    /// The file that declares the kinds.
    #[returns(copy)]
    pub prelude: SourceFile,
}

/// One source file.
#[salsa::input(debug)]
pub struct SourceFile {
    /// The number by which diagnostics name it.
    #[returns(copy)]
    pub id: FileId,
    /// The path relative to the workspace root, with `/` between the parts.
    #[returns(ref)]
    pub path: SmolStr,
    /// The text of this revision. Queries read items instead, or they would run at each keystroke.
    #[returns(ref)]
    pub text: Arc<str>,
    /// The items in the order written; set only when an item came, went, moved or was renamed.
    #[returns(ref)]
    pub items: Arc<[Item]>,
    /// Where each item starts; parallel to `items`, and set at every edit.
    #[returns(ref)]
    pub starts: Arc<[TextSize]>,
}

/// One item of a file. A slot: when an item goes, a later one may take its place.
#[salsa::input(debug)]
pub struct Item {
    /// The file it is written in.
    #[returns(copy)]
    pub file: SourceFile,
    /// The word it opens with: `task`, `let`, `use` ...; empty for what precedes the first item.
    #[returns(ref)]
    pub kind: SmolStr,
    /// The declared name; empty when there is none.
    #[returns(ref)]
    pub name: SmolStr,
    /// The rank among the items of the same kind and name in the file.
    #[returns(copy)]
    pub ordinal: u32,
    /// The text, comments and docs above it included.
    #[returns(ref)]
    pub text: Arc<str>,
}

/// A name, interned so that a query can depend on what one name means.
#[salsa::interned]
pub struct Word<'db> {
    /// The name.
    #[returns(ref)]
    pub text: SmolStr,
}

impl Item {
    /// The identity diagnostics use.
    pub fn id(self, db: &dyn Db) -> ItemId {
        let file = self.file(db).id(db);
        ItemId::new(file, self.kind(db).clone(), self.name(db).clone(), self.ordinal(db))
    }

    /// The item's syntax and what was wrong with it.
    pub fn parsed(self, db: &dyn Db) -> &rush_syntax::Parsed {
        parsed_item(db, self)
    }

    /// The item's typed syntax tree.
    pub fn ast(self, db: &dyn Db) -> &ast::Item {
        &parsed_item(db, self).item
    }
}

#[salsa::tracked(returns(ref))]
fn parsed_item(db: &dyn Db, item: Item) -> rush_syntax::Parsed {
    let is_prelude = item.file(db) == db.workspace().prelude(db);
    let dialect =
        if is_prelude { rush_syntax::Dialect::Prelude } else { rush_syntax::Dialect::File };
    rush_syntax::parse_item(item.text(db), dialect)
}

/// The concrete database. A clone is a snapshot; a write waits until every clone is dropped.
#[salsa::db]
#[derive(Clone)]
pub struct RushDatabase {
    storage: salsa::Storage<Self>,
    workspace: Option<Workspace>,
    files: Vec<SourceFile>,
    spare_items: Vec<Item>,
}

#[salsa::db]
impl salsa::Database for RushDatabase {}

#[salsa::db]
impl Db for RushDatabase {
    fn workspace(&self) -> Workspace {
        self.workspace.expect("set by the constructor")
    }
}

impl Default for RushDatabase {
    fn default() -> Self {
        Self::new(None)
    }
}

/// What tells one item of a file from another across edits.
type Key = (SmolStr, SmolStr, u32);

impl RushDatabase {
    /// A database without files but the prelude. `observe` hears of every query that runs.
    pub fn new(observe: Option<Box<dyn Fn(salsa::Event) + Send + Sync>>) -> Self {
        let mut db = Self {
            storage: salsa::Storage::new(observe),
            workspace: None,
            files: Vec::new(),
            spare_items: Vec::new(),
        };
        let prelude = db.new_file(kinds::PRELUDE_PATH, kinds::PRELUDE);
        db.workspace = Some(Workspace::new(&db, Arc::default(), Arc::default(), prelude));
        db
    }

    /// Adds a file or replaces its text, and returns it. `path` is relative to the root.
    pub fn set_file(&mut self, path: &str, text: &str) -> SourceFile {
        if let Some(&file) = self.workspace().files(self).get(path) {
            self.set_text(file, text);
            return file;
        }
        let file = self.new_file(path, text);
        self.change_files(|files| {
            files.insert(path.into(), file);
        });
        file
    }

    /// Adds or replaces many files at once; far cheaper than one by one.
    pub fn set_files<'a>(&mut self, new: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let mut added = Vec::new();
        for (path, text) in new {
            if let Some(&file) = self.workspace().files(self).get(path) {
                self.set_text(file, text);
            } else {
                added.push((SmolStr::from(path), self.new_file(path, text)));
            }
        }
        if !added.is_empty() {
            self.change_files(|files| files.extend(added));
        }
    }

    /// Forgets a file; nothing happens when there is none.
    pub fn remove_file(&mut self, path: &str) {
        let Some(&file) = self.workspace().files(self).get(path) else { return };
        self.set_text(file, "");
        self.change_files(|files| {
            files.remove(path);
        });
    }

    /// The file behind a number of this database.
    pub fn file(&self, id: FileId) -> Option<SourceFile> {
        self.files.get(id.0 as usize).copied()
    }

    fn change_files(&mut self, change: impl FnOnce(&mut BTreeMap<SmolStr, SourceFile>)) {
        let workspace = self.workspace();
        let mut files = BTreeMap::clone(workspace.files(self));
        change(&mut files);
        let packages: BTreeMap<_, _> = files
            .iter()
            .filter_map(|(path, file)| match path.rsplit_once('/') {
                Some((dir, "tasks.rush")) => Some((SmolStr::from(dir), *file)),
                None if path == "tasks.rush" => Some((SmolStr::default(), *file)),
                _ => None,
            })
            .collect();
        if **workspace.packages(self) != packages {
            workspace.set_packages(self).to(Arc::new(packages));
        }
        workspace.set_files(self).to(Arc::new(files));
    }

    fn new_file(&mut self, path: &str, text: &str) -> SourceFile {
        let id = FileId(self.files.len() as u32);
        let (no_items, no_starts) = (Arc::from(Vec::new()), Arc::from(Vec::new()));
        let file = SourceFile::new(self, id, path.into(), Arc::from(""), no_items, no_starts);
        self.files.push(file);
        self.set_text(file, text);
        file
    }

    fn set_text(&mut self, file: SourceFile, text: &str) {
        if **file.text(self) == *text && !file.items(self).is_empty() {
            return;
        }
        let mut reusable = self.index_items(file);
        let mut ordinals = FxHashMap::<(SmolStr, SmolStr), u32>::default();
        let slices = rush_syntax::split(text, kinds::KIND_NAMES);
        let mut items = Vec::with_capacity(slices.len());
        let mut starts = Vec::with_capacity(slices.len());
        for slice in slices {
            let text = text.get(std::ops::Range::<usize>::from(slice.range)).unwrap_or_default();
            let rank = ordinals.entry((slice.kind.clone(), slice.name.clone())).or_insert(0);
            let key = (slice.kind, slice.name, *rank);
            *rank += 1;
            starts.push(slice.range.start());
            items.push(match reusable.remove(&key) {
                Some(item) => self.keep_item(item, text),
                None => self.fresh_item(file, key, text),
            });
        }
        self.spare_items.extend(reusable.into_values());
        if *items != **file.items(self) {
            file.set_items(self).to(Arc::from(items));
        }
        file.set_starts(self).to(Arc::from(starts));
        file.set_text(self).to(Arc::from(text));
    }

    fn index_items(&self, file: SourceFile) -> FxHashMap<Key, Item> {
        let key =
            |item: &Item| (item.kind(self).clone(), item.name(self).clone(), item.ordinal(self));
        file.items(self).iter().map(|item| (key(item), *item)).collect()
    }

    fn keep_item(&mut self, item: Item, text: &str) -> Item {
        if **item.text(self) != *text {
            item.set_text(self).to(Arc::from(text));
        }
        item
    }

    fn fresh_item(&mut self, file: SourceFile, (kind, name, ordinal): Key, text: &str) -> Item {
        let Some(item) = self.spare_items.pop() else {
            return Item::new(self, file, kind, name, ordinal, Arc::from(text));
        };
        item.set_file(self).to(file);
        item.set_kind(self).to(kind);
        item.set_name(self).to(name);
        item.set_ordinal(self).to(ordinal);
        item.set_text(self).to(Arc::from(text));
        item
    }
}

impl Locate for RushDatabase {
    fn item_range(&self, id: &ItemId) -> Option<TextRange> {
        let file = self.file(id.file())?;
        let items = file.items(self);
        let at = items.iter().position(|item| {
            item.name(self) == id.name()
                && item.ordinal(self) == id.ordinal()
                && item.kind(self) == id.kind()
        })?;
        let start = *file.starts(self).get(at)?;
        Some(TextRange::at(start, TextSize::of(&**items.get(at)?.text(self))))
    }

    fn file_start(&self, file: FileId) -> TextSize {
        let Some(file) = self.file(file) else { return TextSize::default() };
        let text = file.text(self);
        let bom = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let rest = text.get(bom..).unwrap_or_default();
        let shebang = match rest.find('\n') {
            Some(end) if rest.starts_with("#!") => end + 1,
            None if rest.starts_with("#!") => rest.len(),
            _ => 0,
        };
        TextSize::new((bom + shebang) as u32)
    }
}
