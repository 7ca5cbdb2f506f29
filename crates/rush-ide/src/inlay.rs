//! What an editor shows between the letters: what is there without being written.
//!
//! Four kinds, each of which can be left out: names of positional arguments, values that a
//! declaration gets from elsewhere, how many files a list of patterns matches, how many cells a
//! matrix has. Nothing is evaluated: what is not plain to see has no hint.

mod arguments;
mod cells;
mod defaults;
mod matched;

#[cfg(test)]
mod tests;

use rush_semantics::{Db, Item, SourceFile};
use text_size::{TextRange, TextSize};

use crate::files::FileView;
use crate::place::{FileRange, Placed};

/// A hint between the letters of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlayHint {
    /// What it is about.
    pub kind: HintKind,
    /// Where it stands, as an offset in the file.
    pub at: TextSize,
    /// What is shown.
    pub label: String,
    /// More, as Markdown.
    pub tooltip: Option<String>,
    /// What the hint comes from.
    pub source: Option<FileRange>,
    /// On which side there is space.
    pub padding: Padding,
}

/// What a hint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HintKind {
    /// The parameter that a positional argument is for.
    Argument,
    /// Values that a declaration gets from a template, a profile or the workspace.
    Default,
    /// The number of files that patterns match.
    Files,
    /// The number of cells of a matrix.
    Cells,
}

/// On which side of a hint there is space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// Before it.
    Before,
    /// After it.
    After,
}

/// Which hints are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HintConfig {
    /// The kinds that are shown.
    pub shown: Vec<HintKind>,
    /// The profile whose defaults count.
    pub profile: Option<String>,
}

impl HintConfig {
    /// Every hint, without a profile.
    pub fn all() -> Self {
        let shown = vec![HintKind::Argument, HintKind::Default, HintKind::Files, HintKind::Cells];
        Self { shown, profile: None }
    }

    fn shows(&self, kind: HintKind) -> bool {
        self.shown.contains(&kind)
    }
}

/// The hints in a range of a file, in the order of their places.
pub fn inlay_hints(
    db: &dyn Db,
    files: &dyn FileView,
    file: SourceFile,
    range: TextRange,
    config: &HintConfig,
) -> Vec<InlayHint> {
    let mut hints = Hints { db, files, config, found: Vec::new() };
    // The items that begin before the range ends and do not end before it starts.
    let (items, starts) = (file.items(db), file.starts(db));
    let first = starts.partition_point(|it| *it <= range.start()).saturating_sub(1);
    let end = starts.partition_point(|it| *it < range.end());
    let inside = items.iter().zip(starts.iter()).take(end).skip(first);
    for (item, start) in inside {
        db.unwind_if_revision_cancelled();
        hints.item(Placed { item: *item, start: *start });
    }
    let mut found = hints.found;
    found.retain(|it| range.contains_inclusive(it.at));
    found.sort_by_key(|it| it.at);
    found
}

/// The hints found so far.
struct Hints<'a> {
    db: &'a dyn Db,
    files: &'a dyn FileView,
    config: &'a HintConfig,
    found: Vec<InlayHint>,
}

impl Hints<'_> {
    fn item(&mut self, placed: Placed) {
        if self.config.shows(HintKind::Argument) {
            self.arguments(placed);
        }
        if self.config.shows(HintKind::Default) {
            self.defaults(placed);
        }
        if self.config.shows(HintKind::Files) {
            self.matched(placed);
        }
        if self.config.shows(HintKind::Cells) {
            self.cells(placed);
        }
    }

    /// Where something of an item is, in its file.
    fn place(&self, item: Item, range: TextRange) -> Option<FileRange> {
        Some(Placed::of(self.db, item)?.range(self.db, range))
    }
}
