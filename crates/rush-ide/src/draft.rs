//! An item with a word where the cursor is.
//!
//! What can follow the cursor is asked of the compiler by putting a word there: the parser and the
//! checker then say what that word would be. The item of the database is not touched, and nothing of
//! the answer is remembered. What the word is for is not known here.

mod parents;

use rush_semantics::infer::{View, view};
use rush_semantics::{Db, SourceFile};
use rush_syntax::{Dialect, ast, parse_item};
use text_size::{TextRange, TextSize};

use crate::place::{FileRange, Placed};

pub(crate) use parents::{Parent, Parents};

/// The word; nobody writes it by accident.
pub(crate) const WORD: &str = "RushCursor";

/// What is put at the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patch {
    /// The word.
    Word,
    /// The word and what closes a hole.
    WordAndBrace,
}

/// An item of a file with the word in place of what is being written.
pub(crate) struct Draft {
    /// The item.
    pub(crate) placed: Placed,
    /// What the word replaces: the letters around the cursor; empty when none precede it.
    pub(crate) replaced: TextRange,
    /// What of that precedes the cursor.
    pub(crate) typed: String,
    /// The text with the word.
    pub(crate) text: String,
    /// Where the word is in it.
    pub(crate) word: TextRange,
    /// Its syntax.
    pub(crate) ast: ast::Item,
    /// Which expression is part of which.
    pub(crate) parents: Parents,
    /// How many bytes keep the word and what follows apart.
    gap: usize,
}

impl Draft {
    /// Puts a word at an offset of a file; nothing when the file has no item there.
    pub(crate) fn new(
        db: &dyn Db,
        file: SourceFile,
        offset: TextSize,
        patch: Patch,
    ) -> Option<Self> {
        let (placed, inside) = Placed::at(db, file, offset)?;
        let text = placed.item.text(db);
        let (before, after) = text.split_at_checked(inside.into())?;
        let is_part = |it: &char| it.is_ascii_alphanumeric() || *it == '_';
        let typed: usize = before.chars().rev().take_while(is_part).map(char::len_utf8).sum();
        let rest: usize = after.chars().take_while(is_part).map(char::len_utf8).sum();
        let rest = if typed == 0 { 0 } else { rest };
        let (before, typed) = before.split_at_checked(before.len() - typed)?;
        let start = TextSize::of(before);
        let replaced = TextRange::at(start, TextSize::of(typed) + TextSize::new(rest as u32));
        // Letters that follow stay behind the word, and would become part of it.
        let gap = if typed.is_empty() && after.starts_with(|it| is_part(&it)) { " " } else { "" };
        let close = if patch == Patch::WordAndBrace { "}" } else { "" };
        let after = after.get(rest..).unwrap_or_default();
        let text = format!("{before}{WORD}{close}{gap}{after}");
        let ast = parse_item(&text, Dialect::File).item;
        let parents = Parents::of(&ast);
        Some(Self {
            placed,
            replaced,
            typed: typed.to_owned(),
            word: TextRange::at(start, TextSize::of(WORD)),
            text,
            ast,
            parents,
            gap: gap.len(),
        })
    }

    /// What the checker knows around the word.
    pub(crate) fn view(&self, db: &dyn Db) -> View {
        view(db, self.placed.item, (&self.ast, &self.text), self.word)
    }

    /// The file.
    pub(crate) fn file(&self, db: &dyn Db) -> SourceFile {
        self.placed.item.file(db)
    }

    /// The text before the word.
    pub(crate) fn before(&self) -> &str {
        self.text.get(..usize::from(self.word.start())).unwrap_or_default()
    }

    /// The text after the word.
    pub(crate) fn after(&self) -> &str {
        self.text.get(usize::from(self.word.end())..).unwrap_or_default()
    }

    /// The text at a range of the draft.
    pub(crate) fn source(&self, range: TextRange) -> &str {
        self.text.get(std::ops::Range::from(range)).unwrap_or_default()
    }

    /// The place in the file of what a completion of the word replaces.
    pub(crate) fn replaced(&self, db: &dyn Db) -> FileRange {
        self.placed.range(db, self.replaced)
    }

    /// The place in the file of what stands from `start`, before the word, to `letters` bytes after
    /// the word, both counted in the draft.
    pub(crate) fn around(&self, db: &dyn Db, start: TextSize, letters: usize) -> FileRange {
        let letters = letters.saturating_sub(self.gap);
        let end = self.replaced.end() + TextSize::new(letters as u32);
        self.placed.range(db, TextRange::new(start.min(self.replaced.start()), end))
    }
}
