//! The database all front ends share, and its inputs.
//!
//! Text enters here and nowhere else: [`RushDatabase::set_file`] splits a text into items and sets
//! an input for each item whose text changed. So an edit invalidates one item, and what depends on
//! names alone does not notice. No query does input or output.
//!
//! Inputs are told apart by how often they change, so that after a keystroke salsa need not visit
//! everything: the prelude never does; which items there are, seldom; an item nobody has edited yet
//! may do so at any time, and is expected to do so again once it was edited. A program that answers
//! once says that nothing changes at all, see [`RushDatabase::for_one_answer`].

#![allow(missing_docs, reason = "salsa's macros generate accessors without docs")]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use memchr::memmem::Finder;
use rush_diagnostics::{FileId, ItemId, Locate, TextRange, TextSize};
use rush_syntax::{Kind, ast};
use rustc_hash::{FxHashMap, FxHashSet};
use salsa::{Durability, Setter as _};
use smol_str::SmolStr;

use crate::kinds;
use crate::names::PACKAGE_FILE;

mod edit;

pub(crate) use edit::{common_prefix, common_suffix};

/// What every query may ask for.
#[salsa::db]
pub trait Db: salsa::Database {
    /// The one workspace of this database.
    fn workspace(&self) -> Workspace;

    /// Whether no text of this database will change.
    fn has_fixed_texts(&self) -> bool;
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
    /// Where each item starts; parallel to `items`, and set when an item starts elsewhere.
    #[returns(ref)]
    pub starts: Arc<[TextSize]>,
}

/// One item of a file. A slot: when an item goes, a later one may take its place.
#[salsa::input(debug)]
pub struct Item {
    /// What the item is, as far as cutting the file tells.
    #[returns(ref)]
    head: Head,
    /// The text, comments and docs above it included.
    #[returns(ref)]
    pub text: Arc<str>,
}

/// What an item is, as far as cutting the file tells. One field, so that it is one dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    file: SourceFile,
    kind: Kind,
    name: SmolStr,
    ordinal: u32,
    mentions: Mentions,
    id: ItemId,
}

/// What a doc says of what is not to be used any more.
pub(crate) const DEPRECATED: &str = "Deprecated:";

/// Words without which an item surely lacks what they stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// `extends`
    pub extends: bool,
    /// `matrix`
    pub matrix: bool,
    /// `Deprecated:`
    pub deprecated: bool,
}

impl Mentions {
    fn of(text: &str) -> Self {
        /// Made once: every item of every file is searched.
        static WORDS: LazyLock<[Finder<'static>; 3]> =
            LazyLock::new(|| ["extends", "matrix", DEPRECATED].map(Finder::new));
        let [extends, matrix, deprecated] =
            WORDS.each_ref().map(|it| it.find(text.as_bytes()).is_some());
        Self { extends, matrix, deprecated }
    }
}

impl Item {
    /// A `let` that is in no file but is read as if it were in this one: something typed elsewhere.
    pub fn detached(db: &dyn Db, file: SourceFile, name: &str, text: Arc<str>) -> Self {
        let (kind, name) = (Kind::Let, SmolStr::from(name));
        let id = ItemId::new(file.id(db), kind.word(), name.clone(), 0);
        let head = Head { file, kind, name, ordinal: 0, mentions: Mentions::default(), id };
        Self::new(db, head, text)
    }

    /// The file it is written in.
    pub fn file(self, db: &dyn Db) -> SourceFile {
        self.head(db).file
    }

    /// What it is, by the word it opens with.
    pub fn kind(self, db: &dyn Db) -> Kind {
        self.head(db).kind
    }

    /// The declared name; empty when there is none.
    pub fn name(self, db: &dyn Db) -> &SmolStr {
        &self.head(db).name
    }

    /// The rank among the items of the same kind and name in the file.
    pub fn ordinal(self, db: &dyn Db) -> u32 {
        self.head(db).ordinal
    }

    /// Words that the text has somewhere. Known without a look at the syntax, so that asking does
    /// not make the asker depend on a body.
    pub fn mentions(self, db: &dyn Db) -> Mentions {
        self.head(db).mentions
    }

    /// The identity diagnostics use.
    pub fn id(self, db: &dyn Db) -> ItemId {
        self.head(db).id.clone()
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

/// Whether texts are expected to change while a database lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Texts {
    /// They are: what each answer was made from is remembered.
    Changing,
    /// They are not: nothing is remembered but answers. A change starts anew.
    Fixed,
}

/// The concrete database. A clone is a snapshot; a write waits until every clone is dropped.
#[salsa::db]
#[derive(Clone)]
pub struct RushDatabase {
    storage: salsa::Storage<Self>,
    texts: Texts,
    workspace: Option<Workspace>,
    /// By number, those that were removed included.
    files: Vec<SourceFile>,
    /// Files that were removed; they get their number back when they return.
    removed: FxHashMap<SmolStr, SourceFile>,
    /// Items that are in no file, to be used again.
    spare_items: Vec<Item>,
    /// The files in which a comment of other languages opens at column 0.
    commented: FxHashSet<SourceFile>,
}

#[salsa::db]
impl salsa::Database for RushDatabase {}

#[salsa::db]
impl Db for RushDatabase {
    fn workspace(&self) -> Workspace {
        self.workspace.expect("set by the constructor")
    }

    fn has_fixed_texts(&self) -> bool {
        self.texts == Texts::Fixed
    }
}

impl Default for RushDatabase {
    fn default() -> Self {
        Self::new(None)
    }
}

impl RushDatabase {
    /// A database without files but the prelude. `observe` hears of every query that runs.
    pub fn new(observe: Option<Box<dyn Fn(salsa::Event) + Send + Sync>>) -> Self {
        Self::with(Texts::Changing, observe)
    }

    /// A database whose files are set once, all together, for a program that answers and ends.
    /// Answers take less time and memory; files may still change, but then nothing is remembered.
    pub fn for_one_answer() -> Self {
        Self::with(Texts::Fixed, None)
    }

    fn with(texts: Texts, observe: Option<Box<dyn Fn(salsa::Event) + Send + Sync>>) -> Self {
        let mut db = Self {
            storage: salsa::Storage::new(observe),
            texts,
            workspace: None,
            files: Vec::new(),
            removed: FxHashMap::default(),
            spare_items: Vec::new(),
            commented: FxHashSet::default(),
        };
        let prelude = db.add_prelude(kinds::PRELUDE_PATH, kinds::PRELUDE);
        let workspace = Workspace::builder(Arc::default(), Arc::default(), prelude)
            .durability(Durability::HIGH)
            .prelude_durability(Durability::NEVER_CHANGE);
        db.workspace = Some(workspace.new(&db));
        db
    }

    /// Adds a file or replaces its text, and returns it. `path` is relative to the root.
    pub fn set_file(&mut self, path: &str, text: &str) -> SourceFile {
        self.expect_changes();
        if let Some(&file) = self.workspace().files(self).get(path) {
            self.set_text(file, Arc::from(text));
            return file;
        }
        let file = self.add_file(path, Arc::from(text));
        self.change_files(|files| {
            files.insert(path.into(), file);
        });
        file
    }

    /// Adds or replaces many files at once; far cheaper than one by one.
    pub fn set_files<'a, T: Into<Arc<str>>>(
        &mut self,
        new: impl IntoIterator<Item = (&'a str, T)>,
    ) {
        self.expect_changes();
        let mut added = BTreeMap::<SmolStr, SourceFile>::new();
        for (path, text) in new {
            let text = text.into();
            let known = self.workspace().files(self).get(path).or_else(|| added.get(path));
            if let Some(&file) = known {
                self.set_text(file, text);
            } else {
                let file = self.add_file(path, text);
                added.insert(path.into(), file);
            }
        }
        if !added.is_empty() {
            self.change_files(|files| files.extend(added));
        }
    }

    /// Forgets a file; nothing happens when there is none.
    pub fn remove_file(&mut self, path: &str) {
        self.expect_changes();
        let Some(&file) = self.workspace().files(self).get(path) else { return };
        self.set_text(file, Arc::from(""));
        self.removed.insert(path.into(), file);
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
                Some((dir, PACKAGE_FILE)) => Some((SmolStr::from(dir), *file)),
                None if path == PACKAGE_FILE => Some((SmolStr::default(), *file)),
                _ => None,
            })
            .collect();
        if **workspace.packages(self) != packages {
            let durability = self.structure_durability();
            workspace.set_packages(self).with_durability(durability).to(Arc::new(packages));
        }
        let durability = self.structure_durability();
        workspace.set_files(self).with_durability(durability).to(Arc::new(files));
    }

    /// Makes a database of fixed texts, when it has some, one whose texts change.
    fn expect_changes(&mut self) {
        if self.texts == Texts::Changing || self.workspace().files(self).is_empty() {
            return;
        }
        let mut anew = Self::default();
        let texts = self.workspace().files(self).iter();
        anew.set_files(texts.map(|(path, file)| (path.as_str(), Arc::clone(file.text(self)))));
        *self = anew;
    }

    /// How seldom files and items come and go.
    const fn structure_durability(&self) -> Durability {
        match self.texts {
            Texts::Changing => Durability::HIGH,
            Texts::Fixed => Durability::NEVER_CHANGE,
        }
    }

    /// How seldom an item changes that nobody has edited yet.
    const fn item_durability(&self) -> Durability {
        match self.texts {
            Texts::Changing => Durability::MEDIUM,
            Texts::Fixed => Durability::NEVER_CHANGE,
        }
    }

    /// How seldom the text of a file changes.
    const fn text_durability(&self) -> Durability {
        match self.texts {
            Texts::Changing => Durability::LOW,
            Texts::Fixed => Durability::NEVER_CHANGE,
        }
    }
}

/// Where each item of a file is in it.
#[salsa::tracked(returns(ref))]
fn positions(db: &dyn Db, file: SourceFile) -> FxHashMap<ItemId, u32> {
    file.items(db).iter().zip(0..).map(|(item, at)| (item.id(db), at)).collect()
}

impl Locate for RushDatabase {
    fn item_range(&self, id: &ItemId) -> Option<TextRange> {
        let file = self.file(id.file())?;
        let at = *positions(self, file).get(id)? as usize;
        let start = *file.starts(self).get(at)?;
        Some(TextRange::at(start, TextSize::of(&**file.items(self).get(at)?.text(self))))
    }

    fn file_start(&self, file: FileId) -> TextSize {
        let Some(file) = self.file(file) else { return TextSize::default() };
        text_start(file.text(self))
    }
}

/// Where an insertion at the start of a text goes: after a byte-order mark and a `#!` line.
pub fn text_start(text: &str) -> TextSize {
    let bom = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let rest = text.get(bom..).unwrap_or_default();
    let shebang = match rest.find('\n') {
        Some(end) if rest.starts_with("#!") => end + 1,
        None if rest.starts_with("#!") => rest.len(),
        _ => 0,
    };
    TextSize::new((bom + shebang) as u32)
}
