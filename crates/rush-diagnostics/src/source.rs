//! A file as it is shown: its path, its text, and where its lines are.
//!
//! A source does not know where it was read from. Its path is whatever the caller wants people to
//! see, usually relative to the directory they stand in. Every question about an offset is answered
//! for the nearest character boundary inside the text, so a stale range can never panic.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use line_index::{LineCol, LineIndex, WideEncoding, WideLineCol};
use text_size::{TextRange, TextSize};

use crate::span::FileId;

/// Finds the text of a file that diagnostics point into.
pub trait SourceLookup {
    /// Returns the source of `file`, or `None` when it is not known; then no code is shown.
    fn source(&self, file: FileId) -> Option<&Source>;
}

/// A file's path and text, with an index of its lines that is built when first asked for.
#[derive(Clone, Debug)]
pub struct Source {
    path: String,
    text: Arc<str>,
    lines: OnceLock<LineIndex>,
}

/// A place as people and editors count it; everything but `offset` starts at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Bytes from the start of the file.
    pub offset: u32,
    /// The line.
    pub line: u32,
    /// The column in characters.
    pub column: u32,
    /// The column in UTF-16 code units.
    pub column_utf16: u32,
}

/// A set of sources in memory.
#[derive(Clone, Debug, Default)]
pub struct Sources(BTreeMap<FileId, Source>);

impl Source {
    /// Names a text by the path people are to see.
    pub fn new(path: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), text: text.into(), lines: OnceLock::new() }
    }

    /// The path as it is shown, with `/` between its parts.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The index of the lines. Only `\n` ends a line.
    pub fn line_index(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// Returns the position of `offset`, moved back to a character boundary inside the text.
    pub fn position(&self, offset: TextSize) -> Position {
        let offset = self.floor(offset);
        let at = self.utf8(offset);
        let column =
            self.line_index().to_wide(WideEncoding::Utf32, at).map_or(at.col, |wide| wide.col);
        Position {
            offset: offset.into(),
            line: at.line + 1,
            column: column + 1,
            column_utf16: self.utf16(offset).col + 1,
        }
    }

    /// Returns the line and the column in bytes, both from 0.
    pub fn utf8(&self, offset: TextSize) -> LineCol {
        let start = LineCol { line: 0, col: 0 };
        self.line_index().try_line_col(self.floor(offset)).unwrap_or(start)
    }

    /// Returns the line and the column in UTF-16 code units, both from 0, as editors count.
    pub fn utf16(&self, offset: TextSize) -> WideLineCol {
        let at = self.utf8(offset);
        let same = WideLineCol { line: at.line, col: at.col };
        self.line_index().to_wide(WideEncoding::Utf16, at).unwrap_or(same)
    }

    /// Returns the offset of a place an editor names, moved to the end of a line that is shorter,
    /// or `None` when there is no such line.
    pub fn offset_of_utf16(&self, at: WideLineCol) -> Option<TextSize> {
        let line = self.line_index().line(at.line)?;
        let text = self.text.get(std::ops::Range::<usize>::from(line))?;
        let mut units = 0;
        let mut bytes = 0;
        for character in text.chars().take_while(|it| !matches!(it, '\n' | '\r')) {
            if units + character.len_utf16() as u32 > at.col {
                break;
            }
            units += character.len_utf16() as u32;
            bytes += character.len_utf8() as u32;
        }
        Some(line.start() + TextSize::from(bytes))
    }

    /// Returns the bytes of a line counted from 0, without what ends it.
    pub fn line_range(&self, line: u32) -> Option<TextRange> {
        let range = self.line_index().line(line)?;
        let text = self.text.get(std::ops::Range::<usize>::from(range))?;
        let kept = text.strip_suffix('\n').map_or(text, |it| it.strip_suffix('\r').unwrap_or(it));
        Some(TextRange::at(range.start(), TextSize::of(kept)))
    }

    /// Returns the smallest range of whole characters inside the text that covers `range`.
    pub fn clamp(&self, range: TextRange) -> TextRange {
        let start = self.floor(range.start());
        let end = self.ceil(range.end()).max(start);
        TextRange::new(start, end)
    }

    /// Returns the text at `range`, widened to whole characters.
    pub fn slice(&self, range: TextRange) -> &str {
        self.text.get(std::ops::Range::<usize>::from(self.clamp(range))).unwrap_or_default()
    }

    fn floor(&self, offset: TextSize) -> TextSize {
        let mut at = usize::from(offset).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        TextSize::from(at as u32)
    }

    fn ceil(&self, offset: TextSize) -> TextSize {
        let mut at = usize::from(offset).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at += 1;
        }
        TextSize::from(at as u32)
    }
}

impl Sources {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces the source of a file.
    pub fn insert(&mut self, file: FileId, source: Source) {
        self.0.insert(file, source);
    }

    /// The same texts under other paths.
    #[must_use]
    pub fn renamed(&self, name: impl Fn(&str) -> String) -> Self {
        let renamed = |source: &Source| Source { path: name(&source.path), ..source.clone() };
        self.0.iter().map(|(file, source)| (*file, renamed(source))).collect()
    }
}

impl SourceLookup for Sources {
    fn source(&self, file: FileId) -> Option<&Source> {
        self.0.get(&file)
    }
}

impl FromIterator<(FileId, Source)> for Sources {
    fn from_iter<I: IntoIterator<Item = (FileId, Source)>>(sources: I) -> Self {
        Self(sources.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_utf16_units_apart() {
        let source = Source::new("a", "x\n🦀é;\r\nend");
        let at = |offset: u32| source.position(offset.into());
        assert_eq!(at(8), Position { offset: 8, line: 2, column: 3, column_utf16: 4 });
        assert_eq!(at(4), at(2), "inside a character the place is its start");
        assert_eq!(at(999).line, 3);
    }

    #[test]
    fn an_editor_place_past_the_end_of_a_line_is_its_end() {
        let source = Source::new("a", "🦀é;\r\nend");
        let at = |line, col| source.offset_of_utf16(WideLineCol { line, col }).map(u32::from);
        assert_eq!([at(0, 0), at(0, 2), at(0, 99)], [Some(0), Some(4), Some(7)]);
        assert_eq!(at(0, 1), Some(0), "half of a surrogate pair is its start");
        assert_eq!([at(1, 3), at(2, 0)], [Some(12), None]);
    }

    #[test]
    fn a_line_excludes_what_ends_it() {
        let source = Source::new("a", "ab\r\n\ncd");
        let lines: Vec<_> =
            (0..4).map(|it| source.line_range(it).map(|it| source.slice(it))).collect();
        assert_eq!(lines, [Some("ab"), Some(""), Some("cd"), None]);
    }
}
