//! What of a source may be drawn: whole characters, no control characters, no endless lines.
//!
//! An excerpt keeps the number of every line and cuts long lines down to what surrounds the ranges
//! of one finding.

use std::borrow::Cow;

use text_size::{TextRange, TextSize};

use crate::source::Source;

/// Lines up to this many bytes are drawn whole.
const LINE_BYTES_MAX: u32 = 240;
/// How many bytes of a range in a long line are drawn.
const RANGE_BYTES_MAX: u32 = 120;
/// How many bytes of a long line are drawn before and after a range.
const MARGIN_BYTES: u32 = 40;
/// A range over more lines than this is drawn as its first line.
const LINES_MAX: u32 = 12;
/// What stands for the text that is left out.
const GAP: &str = "…";

/// A text with the line numbers of a source, of which only a part is there.
pub(crate) struct Excerpt {
    text: String,
    windows: Vec<Window>,
}

/// A piece of the source that the excerpt holds.
struct Window {
    source: TextRange,
    start: TextSize,
}

impl Excerpt {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Translates a range of the source; the parts outside all windows are cut off.
    pub(crate) fn map(&self, range: TextRange) -> TextRange {
        let start = self.map_start(range.start());
        let end = self.map_end(range.end());
        TextRange::new(start.min(end), end.max(start))
    }

    fn map_start(&self, offset: TextSize) -> TextSize {
        let after = self.windows.partition_point(|it| it.source.end() < offset);
        self.windows.get(after).or(self.windows.last()).map_or(offset, |it| it.translate(offset))
    }

    fn map_end(&self, offset: TextSize) -> TextSize {
        let after = self.windows.partition_point(|it| it.source.start() <= offset);
        let window = self.windows.get(after.saturating_sub(1));
        window.map_or(offset, |it| it.translate(offset))
    }
}

impl Window {
    fn translate(&self, offset: TextSize) -> TextSize {
        let inside = offset.clamp(self.source.start(), self.source.end());
        self.start + (inside - self.source.start())
    }
}

/// Returns the text with every character that a terminal would obey instead of show replaced by
/// one of the same length, so that offsets stay true. Line ends and tabs stay.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let mut characters = text.char_indices();
    let is_plain = text.is_ascii() && text.bytes().all(|it| matches!(it, b'\n' | b'\t' | 32..127));
    if is_plain || characters.all(|(at, it)| stand_in(it, text.get(at + 1..)).is_none()) {
        return Cow::Borrowed(text);
    }
    let replaced =
        text.char_indices().map(|(at, it)| stand_in(it, text.get(at + 1..)).unwrap_or(it));
    Cow::Owned(replaced.collect())
}

/// The character shown instead, if this one must not be printed. What ariadne takes for a line end
/// and the language does not is replaced too, or lines would be counted differently.
fn stand_in(character: char, rest: Option<&str>) -> Option<char> {
    match character {
        '\n' | '\t' => None,
        '\r' if rest.is_some_and(|it| it.starts_with('\n')) => None,
        '\0'..='\x1f' | '\x7f' => Some('?'),
        '\u{80}'..='\u{9f}' => Some('¿'),
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some('\u{fffd}')
        }
        _ => None,
    }
}

/// Returns what of a range is underlined: whole characters, without trailing space, at least one
/// character if there is one, and no more than a few lines.
pub(crate) fn shown_range(source: &Source, range: TextRange) -> TextRange {
    let range = source.clamp(range);
    let trimmed = TextSize::of(source.slice(range).trim_end());
    let range =
        if trimmed > TextSize::from(0) { TextRange::at(range.start(), trimmed) } else { range };
    if range.is_empty() {
        return widen(source, range.start());
    }
    let first = source.utf8(range.start()).line;
    let last = source.utf8(range.end()).line;
    if last - first < LINES_MAX {
        return range;
    }
    let end = source.line_range(first).map_or(range.end(), TextRange::end);
    if end > range.start() {
        TextRange::new(range.start(), end)
    } else {
        widen(source, range.start())
    }
}

/// The character at an offset; at the end of the text, the line end before it.
fn widen(source: &Source, at: TextSize) -> TextRange {
    let (before, after) = source.text().split_at(usize::from(at));
    if after.starts_with("\r\n") {
        return TextRange::at(at, TextSize::from(2));
    }
    if let Some(character) = after.chars().next() {
        return TextRange::at(at, TextSize::of(character));
    }
    let kept = before.strip_suffix('\n').map_or(before, |it| it.strip_suffix('\r').unwrap_or(it));
    TextRange::new(TextSize::of(kept), at)
}

/// Returns an excerpt if one of the lines at the ends of these ranges is too long to be drawn.
pub(crate) fn excerpt(source: &Source, ranges: &[TextRange]) -> Option<Excerpt> {
    let is_long = |at| {
        let line = source.line_range(source.utf8(at).line);
        line.is_some_and(|it| u32::from(it.len()) > LINE_BYTES_MAX)
    };
    if !ranges.iter().any(|it| is_long(it.start()) || is_long(it.end())) {
        return None;
    }
    let mut pieces: Vec<_> = ranges.iter().flat_map(|range| pieces(source, *range)).collect();
    pieces.sort_by_key(|it| (it.start(), it.end()));
    let mut windows: Vec<TextRange> = Vec::new();
    for piece in pieces {
        match windows.last_mut() {
            Some(last) if last.end() >= piece.start() => *last = last.cover(piece),
            _ => windows.push(piece),
        }
    }
    Some(write_excerpt(source, &windows))
}

/// What is drawn of one range: of a short line all, of a long one the range with some margin.
fn pieces(source: &Source, range: TextRange) -> Vec<TextRange> {
    let (first, last) = (source.utf8(range.start()).line, source.utf8(range.end()).line);
    let limit = TextSize::from(RANGE_BYTES_MAX);
    let around = |line: u32, part: TextRange| {
        let line = source.line_range(line)?;
        if u32::from(line.len()) <= LINE_BYTES_MAX {
            return Some(line);
        }
        let margin = TextSize::from(MARGIN_BYTES);
        let start =
            part.start().checked_sub(margin).unwrap_or_default().clamp(line.start(), line.end());
        let end = (part.end() + margin).clamp(start, line.end());
        Some(source.clamp(TextRange::new(start, end)))
    };
    let head = TextRange::new(range.start(), range.end().min(range.start() + limit));
    let tail_start = range.end().checked_sub(limit).unwrap_or_default().max(range.start());
    let tail = TextRange::new(tail_start, range.end());
    let parts = if first == last {
        [around(first, head), None]
    } else {
        [around(first, head), around(last, tail)]
    };
    parts.into_iter().flatten().collect()
}

/// Writes the windows, each of which lies in one line, at their line numbers.
fn write_excerpt(source: &Source, windows: &[TextRange]) -> Excerpt {
    let mut excerpt = Excerpt { text: String::new(), windows: Vec::new() };
    let line_of = |window: &TextRange| source.utf8(window.start()).line;
    let mut written = 0;
    for (nth, window) in windows.iter().enumerate() {
        let line = line_of(window);
        let bounds = source.line_range(line).unwrap_or(*window);
        excerpt.text.extend(std::iter::repeat_n('\n', (line - written) as usize));
        written = line;
        if window.start() > bounds.start() {
            excerpt.text.push_str(GAP);
        }
        excerpt.windows.push(Window { source: *window, start: TextSize::of(&excerpt.text) });
        excerpt.text.push_str(&printable(source.slice(*window)));
        let is_last_of_line = windows.get(nth + 1).is_none_or(|next| line_of(next) != line);
        if window.end() < bounds.end() && is_last_of_line {
            excerpt.text.push_str(GAP);
        }
    }
    excerpt.text.push('\n');
    excerpt
}
