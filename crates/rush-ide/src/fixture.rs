//! A workspace written down in a test, and how places are shown in what a test expects.

use rush_semantics::{RushDatabase, SourceFile};
use rush_test::Fixture;
use text_size::TextSize;

use crate::place::FileRange;

/// A database with the files of a fixture and a cursor.
pub(crate) struct Case {
    pub(crate) db: RushDatabase,
    pub(crate) file: SourceFile,
    pub(crate) offset: TextSize,
}

impl Case {
    /// Reads a fixture; without `$0` the cursor is at the start of the first file.
    pub(crate) fn new(text: &str) -> Self {
        let fixture = Fixture::parse(text);
        let mut db = RushDatabase::default();
        db.set_files(fixture.files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        let first = fixture.files.first().map_or("tasks.rush", |(path, _)| path.as_str());
        let (path, offset) = match &fixture.cursor {
            Some(cursor) => (cursor.path.as_str(), cursor.offset),
            None => (first, 0),
        };
        let file = rush_semantics::Db::workspace(&db).files(&db).get(path).copied().unwrap();
        Self { db, file, offset: TextSize::new(offset as u32) }
    }

    /// A place as `path:line:column "text"`, both counted from 1.
    pub(crate) fn show(&self, at: FileRange) -> String {
        let file = self.db.file(at.file).unwrap();
        let text = file.text(&self.db);
        let before = &text[..usize::from(at.range.start())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let path = file.path(&self.db);
        format!("{path}:{line}:{column} {:?}", &text[std::ops::Range::<usize>::from(at.range)])
    }
}

/// A text after edits that do not overlap.
pub(crate) fn applied(text: &str, edits: &[crate::place::FileEdit]) -> String {
    let mut edits: Vec<_> = edits.iter().collect();
    edits.sort_by_key(|it| it.at.range.start());
    let mut text = text.to_owned();
    for edit in edits.into_iter().rev() {
        text.replace_range(std::ops::Range::<usize>::from(edit.at.range), &edit.text);
    }
    text
}
