//! The files an answer speaks of, kept so that their places can be converted without a snapshot.
//!
//! While a snapshot is held, files are noted: two shared pointers each. Names and lines are made
//! afterwards, and the lines of a text only once for as long as it stays the same.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use camino::Utf8PathBuf;
use ls_types::{Location, Range, Uri};
use rush_diagnostics::{FileId, TextRange};
use rush_ide::FileRange;
use rush_semantics::{Db as _, RushDatabase};

use crate::paths;
use crate::position::{Encoding, Lines};

/// The name of the file that declares the kinds. It is on no disk: its text is asked for.
pub(crate) const PRELUDE_URI: &str = "rush-prelude:/prelude.rush";

/// How the files of one workspace are named to the editor.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// The workspace's root.
    pub(crate) root: Utf8PathBuf,
    /// The open documents by their path in the workspace.
    pub(crate) open: BTreeMap<String, Open>,
}

/// An open document.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    /// Its name, as the editor spells it.
    pub(crate) uri: Uri,
    /// The version the editor gave the text.
    pub(crate) version: i32,
}

impl Names {
    /// The name of a file, given by its path in the workspace.
    pub(crate) fn uri(&self, path: &str) -> Option<Uri> {
        let open = self.open.get(path).map(|it| it.uri.clone());
        open.or_else(|| paths::to_uri(&self.root.join(path)))
    }
}

/// Where the lines of texts begin, for as long as the texts stay the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineCache(Arc<Mutex<HashMap<FileId, Arc<Lines>>>>);

impl LineCache {
    /// The lines of a file's text.
    pub(crate) fn lines(&self, file: FileId, text: &Arc<str>) -> Arc<Lines> {
        let known = self.with(|it| it.get(&file).cloned());
        if let Some(lines) = known.filter(|it| Arc::ptr_eq(it.text(), text)) {
            return lines;
        }
        let lines = Arc::new(Lines::new(text.clone()));
        self.set(file, Arc::clone(&lines));
        lines
    }

    /// Takes the lines of a file's text from who has them.
    pub(crate) fn set(&self, file: FileId, lines: Arc<Lines>) {
        self.with(|it| it.insert(file, lines));
    }

    fn with<T>(&self, f: impl FnOnce(&mut HashMap<FileId, Arc<Lines>>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The files of one workspace that an answer speaks of.
#[derive(Debug)]
pub(crate) struct Table {
    names: Arc<Names>,
    cache: LineCache,
    encoding: Encoding,
    files: BTreeMap<FileId, Noted>,
}

/// A file of the table.
#[derive(Debug)]
struct Noted {
    path: String,
    text: Arc<str>,
    is_prelude: bool,
    lines: OnceCell<Arc<Lines>>,
}

impl Table {
    pub(crate) const fn new(names: Arc<Names>, cache: LineCache, encoding: Encoding) -> Self {
        Self { names, cache, encoding, files: BTreeMap::new() }
    }

    /// Notes a file, while the database is at hand.
    pub(crate) fn note(&mut self, db: &RushDatabase, id: FileId) {
        if self.files.contains_key(&id) {
            return;
        }
        let Some(file) = db.file(id) else { return };
        let is_prelude = file == db.workspace().prelude(db);
        let (path, text) = (file.path(db).to_string(), file.text(db).clone());
        self.files.insert(id, Noted { path, text, is_prelude, lines: OnceCell::new() });
    }

    /// Notes the document that is asked about, whose lines are known.
    pub(crate) fn note_open(&mut self, db: &RushDatabase, id: FileId, lines: &Arc<Lines>) {
        self.note(db, id);
        if let Some(file) = self.files.get_mut(&id) {
            file.lines = Arc::clone(lines).into();
        }
    }

    /// The text of a noted file, and where its lines begin.
    pub(crate) fn lines(&self, id: FileId) -> Option<&Lines> {
        let file = self.files.get(&id)?;
        Some(file.lines.get_or_init(|| self.cache.lines(id, &file.text)))
    }

    /// The name of a noted file.
    pub(crate) fn uri(&self, id: FileId) -> Option<Uri> {
        let file = self.files.get(&id)?;
        if file.is_prelude { PRELUDE_URI.parse().ok() } else { self.names.uri(&file.path) }
    }

    /// The version of a noted file's text, if the editor holds it.
    pub(crate) fn version(&self, id: FileId) -> Option<i32> {
        Some(self.names.open.get(&self.files.get(&id)?.path)?.version)
    }

    /// A range of a noted file.
    pub(crate) fn range(&self, file: FileId, range: TextRange) -> Option<Range> {
        Some(self.lines(file)?.range(range.into(), self.encoding))
    }

    /// A place in a noted file.
    pub(crate) fn location(&self, at: FileRange) -> Option<Location> {
        Some(Location { uri: self.uri(at.file)?, range: self.range(at.file, at.range)? })
    }
}
