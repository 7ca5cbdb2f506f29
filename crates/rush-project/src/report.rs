//! Diagnostics leave the project: positions become absolute, paths become what people type.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use camino::Utf8Path;
use rush_diagnostics::{
    Code, Diagnostic, FileId, ItemId, Locate, ResolvedDiagnostic, Source, Sources, Span, TextRange,
    TextSize, resolve_all,
};
use rush_semantics::kinds::PRELUDE_PATH;
use rush_semantics::{RushDatabase, SourceFile};
use rush_system::{SystemError, seen_from};

use crate::project::Project;

/// From how many diagnostics on it pays to index the items of their files.
const INDEX_MIN: usize = 64;

impl Project {
    /// Resolves diagnostics of the current texts, sorted by path, position and code.
    ///
    /// Of a file that is not UTF-8 only that is told: its text is not what the author wrote.
    pub fn resolve(&self, diagnostics: &[Diagnostic]) -> Vec<ResolvedDiagnostic> {
        let broken: BTreeMap<FileId, Diagnostic> = self
            .broken
            .keys()
            .filter_map(|path| self.file(path))
            .filter_map(|file| Some((file.id(self.db()), self.encoding_problem(file)?)))
            .collect();
        let sound = diagnostics.iter().filter(|it| !broken.contains_key(&it.file()));
        let all = sound.chain(broken.values());
        let mut resolved = if diagnostics.len() < INDEX_MIN {
            resolve_all(all, self.db())
        } else {
            resolve_all(all, &Index { db: self.db(), files: RefCell::default() })
        };
        let path = |id: FileId| self.db().file(id).map(|file| file.path(self.db()).clone());
        resolved.sort_by_cached_key(|it| path(it.primary.file));
        resolved
    }

    /// What is wrong with the bytes of a file: RUSH0011, or nothing.
    pub fn encoding_problem(&self, file: SourceFile) -> Option<Diagnostic> {
        let at = *self.broken.get(file.path(self.db()).as_str())?;
        let at = TextSize::new(at as u32);
        let starts = file.starts(self.db());
        let index = starts.partition_point(|start| *start <= at).checked_sub(1)?;
        let item = file.items(self.db()).get(index)?.id(self.db());
        let range = TextRange::at(at - *starts.get(index)?, TextSize::of('\u{fffd}'));
        Some(not_utf8(Span::new(item, range)))
    }

    /// The sources that these diagnostics point into, under the paths people see.
    pub fn sources(&self, diagnostics: &[ResolvedDiagnostic]) -> Sources {
        let labels = diagnostics.iter().flat_map(|it| {
            let places = std::iter::once(&it.primary).chain(&it.secondary).map(|it| it.file);
            let edits = it.fixes.iter().flat_map(|it| &it.edits).map(|it| it.file);
            places.chain(edits)
        });
        let files: BTreeSet<FileId> = labels.collect();
        files.into_iter().filter_map(|id| Some((id, self.source(id)?))).collect()
    }

    /// One file as it is shown.
    pub fn source(&self, id: FileId) -> Option<Source> {
        let file = self.db().file(id)?;
        let text = file.text(self.db()).clone();
        Some(Source::new(self.shown(file.path(self.db())), text))
    }

    /// The path of a file as people type it: relative to the directory they stand in.
    pub fn shown(&self, path: &str) -> String {
        if path == PRELUDE_PATH {
            return path.to_owned();
        }
        self.seen(&self.absolute(path))
    }

    /// An absolute path as it is shown to people: from where they stand.
    pub fn seen(&self, path: &Utf8Path) -> String {
        seen_from(path, &self.current_dir)
    }

    /// What the world refused, with its path as it is shown to people.
    pub fn refused(&self, error: SystemError) -> SystemError {
        error.seen_from(&self.current_dir)
    }
}

/// RUSH0011: bytes that are no text; `span` is where the first of them stand.
pub fn not_utf8(span: Span) -> Diagnostic {
    Diagnostic::new(Code::NotUtf8, span, "this file is not UTF-8")
        .label("the first bytes that are no text stand here")
        .help("save the file as UTF-8; the rest of it was not checked")
}

/// Where the items of one revision are, by table instead of by search.
struct Index<'db> {
    db: &'db RushDatabase,
    files: RefCell<HashMap<FileId, HashMap<ItemId, TextRange>>>,
}

impl Locate for Index<'_> {
    fn item_range(&self, item: &ItemId) -> Option<TextRange> {
        let mut files = self.files.borrow_mut();
        let items = files.entry(item.file()).or_insert_with(|| index(self.db, item.file()));
        items.get(item).copied()
    }

    fn file_start(&self, file: FileId) -> TextSize {
        self.db.file_start(file)
    }
}

fn index(db: &RushDatabase, file: FileId) -> HashMap<ItemId, TextRange> {
    let Some(file) = db.file(file) else { return HashMap::new() };
    let items = file.items(db).iter().zip(file.starts(db).iter());
    items
        .map(|(item, start)| (item.id(db), TextRange::at(*start, TextSize::of(&**item.text(db)))))
        .collect()
}
