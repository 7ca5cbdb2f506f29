//! A document the editor holds: its text, kept in step with what is typed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use camino::Utf8PathBuf;
use ls_types::TextDocumentContentChangeEvent;

use crate::position::{Encoding, Lines};
use crate::workspace::WorkspaceId;

/// What kind of path a document has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathKind {
    /// That of a file, which may not be there yet.
    Disk,
    /// An invented one: only the editor knows the document.
    Editor,
    /// That of the file that declares the kinds, which the editor was shown and can't change.
    Prelude,
    /// That of a task file of TaskRush, which is YAML: nothing is said of it.
    Legacy,
}

/// A document the editor holds.
#[derive(Debug)]
pub(crate) struct Document {
    /// Its absolute path, without links in front of the name.
    pub(crate) path: Utf8PathBuf,
    /// Where that path leads.
    pub(crate) path_kind: PathKind,
    /// The version the editor gave the text.
    pub(crate) version: i32,
    /// The text.
    pub(crate) lines: Arc<Lines>,
    /// The workspace it is checked in, once that is found.
    pub(crate) home: Option<WorkspaceId>,
    revision: Revision,
}

impl Document {
    pub(crate) fn new(path: Utf8PathBuf, path_kind: PathKind, version: i32, text: String) -> Self {
        let lines = Arc::new(Lines::new(text.into()));
        Self { path, path_kind, version, lines, home: None, revision: Revision::default() }
    }

    /// Takes in edits; each one's positions are those of the text after the ones before it.
    pub(crate) fn edit(
        &mut self,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) {
        for change in changes {
            let lines = match change.range {
                None => Lines::new(change.text.into()),
                Some(range) => {
                    self.lines.replaced(self.lines.offsets(range, encoding), &change.text)
                }
            };
            self.lines = Arc::new(lines);
        }
        self.version = version;
        self.revision.0.fetch_add(1, Ordering::SeqCst);
    }

    /// What tells whether the text is still this one.
    pub(crate) fn edition(&self) -> Edition {
        let revision = self.revision.clone();
        let number = revision.0.load(Ordering::SeqCst);
        Edition { revision, number }
    }

    /// Makes every edition outdated: the document is the editor's no more.
    pub(crate) fn retire(&self) {
        self.revision.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Counts the edits of one document.
#[derive(Clone, Debug, Default)]
struct Revision(Arc<AtomicU64>);

/// The text of a document at one time.
#[derive(Debug)]
pub(crate) struct Edition {
    revision: Revision,
    number: u64,
}

impl Edition {
    /// Whether the document still has this text.
    pub(crate) fn is_current(&self) -> bool {
        self.revision.0.load(Ordering::SeqCst) == self.number
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, PathKind};
    use crate::position::Encoding;
    use ls_types::{Position, Range, TextDocumentContentChangeEvent};

    type Edit = ((u32, u32), (u32, u32), &'static str);

    fn check(text: &str, edits: &[Edit], expect: &str) {
        let mut document = Document::new("/x".into(), PathKind::Editor, 1, text.to_owned());
        let change = |&(start, end, text): &Edit| TextDocumentContentChangeEvent {
            range: Some(Range::new(Position::new(start.0, start.1), Position::new(end.0, end.1))),
            range_length: None,
            text: text.to_owned(),
        };
        let edition = document.edition();
        document.edit(2, edits.iter().map(change).collect(), Encoding::Utf16);
        assert_eq!(&**document.lines.text(), expect);
        assert!(!edition.is_current() && document.edition().is_current());
    }

    #[test]
    fn edits_are_applied_one_after_the_other() {
        check("a🦀c\r\nd", &[((0, 3), (0, 4), "x"), ((0, 0), (1, 0), "é")], "éd");
        check("ab", &[((0, 1), (0, 1), "\n\n"), ((2, 0), (2, 1), "")], "a\n\n");
    }

    #[test]
    fn impossible_edits_do_what_they_can() {
        check("ab", &[((9, 9), (9, 9), "c")], "abc");
        check("ab", &[((0, 2), (0, 1), "c")], "abc");
    }
}
