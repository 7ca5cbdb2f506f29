//! Lines and columns as editors count them.
//!
//! A line ends with `\n`, `\r\n` or `\r`; a column counts UTF-16 code units, or bytes if the editor
//! can. What lies outside the text is taken as the nearest place inside: an editor may be wrong, and
//! the server goes on.

use std::ops::Range;
use std::sync::Arc;

use ls_types::Position;

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, as the protocol has it when nothing was agreed.
    #[default]
    Utf16,
}

/// A text, and where its lines begin.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    text: Arc<str>,
    starts: Vec<u32>,
}

impl Lines {
    pub(crate) fn new(text: Arc<str>) -> Self {
        let starts = std::iter::once(0).chain(starts_in(&text, 0..text.len())).collect();
        Self { text, starts }
    }

    /// The same with another text in a range of bytes. Only there lines are sought.
    pub(crate) fn replaced(&self, range: Range<usize>, new: &str) -> Self {
        let before = self.text.get(..range.start).unwrap_or_default();
        let after = self.text.get(range.end..).unwrap_or_default();
        let text: Arc<str> = [before, new, after].concat().into();
        // Whether a line ends with a byte depends on the one behind it, too.
        let kept = self.starts.partition_point(|it| (*it as usize) < range.start).max(1);
        let moved = self.starts.partition_point(|it| *it as usize <= range.end).max(kept);
        let sought = range.start.saturating_sub(1)..range.start + new.len();
        let mut starts = Vec::with_capacity(self.starts.len() + new.len() / 16);
        starts.extend(self.starts.iter().take(kept));
        starts.extend(starts_in(&text, sought));
        let offset = (text.len() as u32).wrapping_sub(self.text.len() as u32);
        starts.extend(self.starts.iter().skip(moved).map(|it| it.wrapping_add(offset)));
        Self { text, starts }
    }

    /// The whole text.
    pub(crate) const fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The byte at which a position lies.
    pub(crate) fn offset(&self, position: Position, encoding: Encoding) -> usize {
        let Some((start, content)) = self.line(position.line as usize) else {
            return self.text.len();
        };
        let wanted = position.character as usize;
        let mut units = 0;
        let column = content.char_indices().find(|(_, character)| {
            units += width(*character, encoding);
            units > wanted
        });
        start + column.map_or(content.len(), |(at, _)| at)
    }

    /// The bytes a range covers.
    pub(crate) fn offsets(&self, range: ls_types::Range, encoding: Encoding) -> Range<usize> {
        let start = self.offset(range.start, encoding);
        start..self.offset(range.end, encoding).max(start)
    }

    /// The position of a byte, moved back to the start of its character and before what ends the line.
    pub(crate) fn position(&self, offset: usize, encoding: Encoding) -> Position {
        let line = self.starts.partition_point(|it| *it as usize <= offset).saturating_sub(1);
        let (start, content) = self.line(line).unwrap_or_default();
        let before =
            content.char_indices().take_while(|(at, it)| at + it.len_utf8() <= offset - start);
        let column: usize = before.map(|(_, it)| width(it, encoding)).sum();
        Position::new(line as u32, column as u32)
    }

    /// The range that bytes cover.
    pub(crate) fn range(&self, offsets: Range<usize>, encoding: Encoding) -> ls_types::Range {
        let (start, end) = (offsets.start, offsets.end);
        ls_types::Range::new(self.position(start, encoding), self.position(end, encoding))
    }

    /// Where a line starts, and what it holds but for its end.
    fn line(&self, line: usize) -> Option<(usize, &str)> {
        let start = *self.starts.get(line)? as usize;
        let end = self.starts.get(line + 1).map_or(self.text.len(), |it| *it as usize);
        let content = self.text.get(start..end)?;
        let content = content.strip_suffix('\n').unwrap_or(content);
        Some((start, content.strip_suffix('\r').unwrap_or(content)))
    }
}

/// Where a line begins behind one that ends in a part of a text.
fn starts_in(text: &str, part: Range<usize>) -> impl Iterator<Item = u32> {
    let bytes = text.as_bytes();
    let is_end = |at: &usize| {
        bytes.get(*at) == Some(&b'\n') || bytes.get(at + 1).is_none_or(|it| *it != b'\n')
    };
    let base = part.start;
    let ends = memchr::memchr2_iter(b'\n', b'\r', bytes.get(part).unwrap_or_default());
    ends.map(move |at| base + at).filter(is_end).map(|at| at as u32 + 1)
}

/// Finds the positions of many bytes in their order, and looks at each byte of the text once.
pub(crate) struct Cursor<'a> {
    lines: &'a Lines,
    encoding: Encoding,
    line: usize,
    /// The last byte asked for, and its column.
    at: (usize, u32),
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(lines: &'a Lines, encoding: Encoding) -> Self {
        Self { lines, encoding, line: 0, at: (0, 0) }
    }

    /// The position of a byte that is not before the last one asked for. It must be the first of its
    /// character, and not lie inside what ends a line.
    pub(crate) fn position(&mut self, offset: usize) -> Position {
        let starts = self.lines.starts.get(self.line + 1..).unwrap_or_default();
        let passed = starts.iter().take_while(|it| **it as usize <= offset).count();
        if let Some(start) = passed.checked_sub(1).and_then(|it| starts.get(it)) {
            self.line += passed;
            self.at = (*start as usize, 0);
        }
        let between = self.lines.text.get(self.at.0..offset).unwrap_or_default();
        let columns = match self.encoding {
            Encoding::Utf8 => between.len(),
            Encoding::Utf16 if between.is_ascii() => between.len(),
            Encoding::Utf16 => between.chars().map(char::len_utf16).sum(),
        };
        self.at = (offset, self.at.1 + columns as u32);
        Position::new(self.line as u32, self.at.1)
    }
}

const fn width(character: char, encoding: Encoding) -> usize {
    match encoding {
        Encoding::Utf8 => character.len_utf8(),
        Encoding::Utf16 => character.len_utf16(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Encoding, Lines};
    use ls_types::Position;
    use proptest::prelude::{Strategy as _, any, prop_assert, prop_assert_eq, proptest};

    /// Expects the byte of each UTF-16 position, and of each in bytes.
    fn check(text: &str, at: (u32, u32), utf16: usize, utf8: usize) {
        let lines = Lines::new(text.into());
        let position = Position::new(at.0, at.1);
        assert_eq!(lines.offset(position, Encoding::Utf16), utf16, "{text:?} {at:?} in UTF-16");
        assert_eq!(lines.offset(position, Encoding::Utf8), utf8, "{text:?} {at:?} in bytes");
    }

    #[test]
    fn columns_count_what_was_agreed() {
        check("aé🦀b", (0, 2), 3, 1);
        check("aé🦀b", (0, 3), 3, 3);
        check("aé🦀b", (0, 4), 7, 3);
        check("aé🦀b", (0, 7), 8, 7);
    }

    #[test]
    fn every_line_end_counts() {
        check("a\nb\r\nc\rd", (1, 0), 2, 2);
        check("a\nb\r\nc\rd", (2, 1), 6, 6);
        check("a\nb\r\nc\rd", (3, 0), 7, 7);
    }

    #[test]
    fn what_lies_outside_is_moved_inside() {
        check("ab\r\nc", (0, 99), 2, 2);
        check("ab\r\nc", (1, 99), 5, 5);
        check("ab\r\nc", (7, 0), 5, 5);
        check("", (0, 3), 0, 0);
        let lines = Lines::new("a\r\nb".into());
        assert_eq!(lines.position(2, Encoding::Utf16), Position::new(0, 1));
        assert_eq!(lines.position(99, Encoding::Utf16), Position::new(1, 1));
    }

    proptest! {
        #[test]
        fn what_is_replaced_has_the_lines_of_the_whole_text(
            text in "[a\u{e9}\r\n]{0,20}", new in "[a\u{e9}\r\n]{0,4}",
            one in any::<usize>(), other in any::<usize>(),
        ) {
            let places: Vec<usize> = text.char_indices().map(|it| it.0).chain([text.len()]).collect();
            let (one, other) = (places[one % places.len()], places[other % places.len()]);
            let range = one.min(other)..one.max(other);
            let replaced = Lines::new(text.as_str().into()).replaced(range.clone(), &new);
            let mut whole = text;
            whole.replace_range(range, &new);
            let expected = Lines::new(whole.into());
            prop_assert_eq!(replaced.text(), expected.text());
            prop_assert_eq!(replaced.starts, expected.starts);
        }

        #[test]
        fn a_cursor_finds_what_a_search_finds(text in "[a\u{e9}\u{1f980}\r\n ]{0,40}") {
            let lines = Lines::new(text.as_str().into());
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                let mut cursor = Cursor::new(&lines, encoding);
                for (offset, character) in text.char_indices().filter(|it| it.1 != '\n') {
                    prop_assert_eq!(cursor.position(offset), lines.position(offset, encoding), "{}", character);
                }
            }
        }

        /// Every place but the one inside `\r\n` comes back as itself.
        #[test]
        fn positions_come_back(text in "[a\u{e9}\u{1f980}\r\n ]{0,40}", pick in any::<usize>(),
                               encoding in any::<bool>().prop_map(|it| if it { Encoding::Utf8 } else { Encoding::Utf16 })) {
            let places: Vec<usize> = text.char_indices().map(|it| it.0).chain([text.len()]).collect();
            let offset = places[pick % places.len()];
            let lines = Lines::new(text.as_str().into());
            let back = lines.offset(lines.position(offset, encoding), encoding);
            if text[..offset].ends_with('\r') && text[offset..].starts_with('\n') {
                prop_assert!(back < offset);
            } else {
                prop_assert_eq!(back, offset);
            }
        }
    }
}
