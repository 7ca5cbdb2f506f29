//! Places as an editor has them: offsets from the start of a file.
//!
//! The compiler counts from the start of an item; here is where the two meet. Lines and columns are
//! not known: those are the protocol's.

use rush_diagnostics::FileId;
use rush_semantics::{Db, Item, SourceFile};
use text_size::{TextRange, TextSize};

/// A range of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileRange {
    /// The file.
    pub file: FileId,
    /// The bytes, counted from the start of the file.
    pub range: TextRange,
}

impl FileRange {
    /// The order of places in a list: by file, then by start.
    pub(crate) fn key(&self) -> (FileId, TextSize, TextSize) {
        (self.file, self.range.start(), self.range.end())
    }
}

/// A replacement of the text at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// What is replaced; empty for an insertion.
    pub at: FileRange,
    /// The new text.
    pub text: String,
}

/// An item with its place in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// The item.
    pub(crate) item: Item,
    /// Where it starts.
    pub(crate) start: TextSize,
}

impl Placed {
    /// The item that has the byte at `offset`, with the offset inside the item. At the end of a file
    /// it is the last item.
    pub(crate) fn at(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<(Self, TextSize)> {
        let starts = file.starts(db);
        let at = starts.partition_point(|start| *start <= offset).checked_sub(1)?;
        let (item, start) = (*file.items(db).get(at)?, *starts.get(at)?);
        let inside = (offset - start).min(TextSize::of(&**item.text(db)));
        Some((Self { item, start }, inside))
    }

    /// The items of a file with their places, in the order written.
    pub(crate) fn all(db: &dyn Db, file: SourceFile) -> impl Iterator<Item = Self> {
        let items = file.items(db).iter().zip(file.starts(db).iter());
        items.map(|(item, start)| Self { item: *item, start: *start })
    }

    /// Where an item is.
    pub(crate) fn of(db: &dyn Db, item: Item) -> Option<Self> {
        Self::all(db, item.file(db)).find(|it| it.item == item)
    }

    /// A range of the item as a range of its file.
    pub(crate) fn range(self, db: &dyn Db, range: TextRange) -> FileRange {
        FileRange { file: self.item.file(db).id(db), range: range + self.start }
    }
}
