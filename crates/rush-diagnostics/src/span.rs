//! Where something is written, in terms that survive edits elsewhere in the file.
//!
//! Absolute positions are deliberately absent: they exist only in a resolved diagnostic.

use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

/// A file of the workspace, as the owner of the files numbered it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

impl fmt::Debug for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "file#{}", self.0)
    }
}

/// The identity of an item across edits: its file, kind, name, and its rank among equals.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemId(Arc<ItemKey>);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct ItemKey {
    file: FileId,
    kind: SmolStr,
    name: SmolStr,
    ordinal: u32,
}

impl ItemId {
    /// Names the `ordinal`-th item (from 0) of this kind and name in `file`.
    pub fn new(
        file: FileId,
        kind: impl Into<SmolStr>,
        name: impl Into<SmolStr>,
        ordinal: u32,
    ) -> Self {
        Self(Arc::new(ItemKey { file, kind: kind.into(), name: name.into(), ordinal }))
    }

    /// The file the item is written in.
    pub fn file(&self) -> FileId {
        self.0.file
    }

    /// The word the item opens with: `task`, `let`, `use` ...; empty for text before the first item.
    pub fn kind(&self) -> &str {
        &self.0.kind
    }

    /// The declared name; empty for items without one.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The rank among the items of the same kind and name in the file, from 0.
    pub fn ordinal(&self) -> u32 {
        self.0.ordinal
    }
}

impl fmt::Debug for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/{} {}", self.0.file, self.0.kind, self.0.name)?;
        if self.0.ordinal > 0 { write!(f, "#{}", self.0.ordinal) } else { Ok(()) }
    }
}

/// A range of bytes inside one item, counted from the item's first byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The item the range counts from.
    pub item: ItemId,
    /// The bytes, relative to the item's start.
    pub range: TextRange,
}

impl Span {
    /// A span of `range` inside `item`.
    pub fn new(item: ItemId, range: TextRange) -> Self {
        Self { item, range }
    }

    /// The empty span at the start of this one.
    pub fn start(&self) -> TextSize {
        self.range.start()
    }
}

/// Where an edit applies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// Replaces a range inside an item.
    Range(Span),
    /// Inserts at the start of a file, after a byte-order mark and a `#!` line.
    FileStart(FileId),
    /// Inserts after the last byte of an item.
    After(ItemId),
}

/// One replacement of text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced, or where text is inserted.
    pub at: Anchor,
    /// The new text.
    pub text: String,
}

impl Edit {
    /// Replaces `range` of `item` by `text`; an empty range inserts.
    pub fn replace(item: &ItemId, range: TextRange, text: impl Into<String>) -> Self {
        Self { at: Anchor::Range(Span::new(item.clone(), range)), text: text.into() }
    }
}
