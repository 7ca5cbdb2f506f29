//! What stands on several lines although its quotes are for one: `"..` and `` `.. `` that are closed
//! on a later line, and `sh"""..` whose text begins behind the quotes; and the fences of Markdown
//! around a file.
//!
//! Asked only where a line ends inside a text. The lines below are its own only if none of them
//! looks like Rush, so that a quote that was forgotten is still found on its line.

use super::block::{BlockEnd, QUOTES, is_deeper, lines_after};
use super::{Frame, Lexer, quote, range};
use crate::error::{SyntaxFix, habits};
use crate::kind::SyntaxKind;

/// How far below a text may end.
const LINES_MAX: usize = 40;

/// How far below a `"""` may end whose text begins on its line: whole scripts are written so.
const BLOCK_LINES_MAX: usize = 200;

/// Scripts in which the white space a line begins with means nothing, but in a text of theirs.
pub(super) const UNINDENTED: &[&str] = &["sh", "bash", "zsh", "fish", "pwsh", "node", "ruby", "nu"];

impl Lexer<'_> {
    /// Whether the text of `frame`, whose line ends at `line_end`, is closed on a later line. Says so,
    /// and makes the frame one of several lines.
    pub(super) fn goes_on_below(&mut self, frame: &mut Frame, line_end: usize) -> bool {
        let is_quote = matches!(frame.opener, SyntaxKind::TextOpen | SyntaxKind::CommandOpen);
        if !is_quote || !self.frames.is_empty() || frame.end.is_some() {
            return false;
        }
        let Some(end) = self.closed_below(quote::closer(frame.opener), line_end) else {
            return false;
        };
        frame.end = Some(end);
        let start = frame.opener_start;
        let whole = range(start, end.text());
        let content = self.text.get(start + 1..end.text() - 1).unwrap_or_default();
        let indentation = self.indentation_at(start);
        let (opener, block) = match frame.opener {
            SyntaxKind::CommandOpen => ("argv\"\"\"", command_lines(content, indentation)),
            _ => ("\"\"\"", text_lines(content, indentation)),
        };
        let first = range(start, line_end);
        self.lexed.errors.push(habits::text_over_lines(first, whole, opener, block));
        true
    }

    fn closed_below(&self, quote: &str, line_end: usize) -> Option<BlockEnd> {
        let mut start = line_end;
        for _ in 0..LINES_MAX {
            start += self.text.get(start..)?.find('\n')? + 1;
            let line = self.text.get(start..)?.lines().next()?;
            if looks_like_rush(line) {
                return None;
            }
            let Some(at) = line.find(quote) else { continue };
            let is_end = is_after_text(line.get(at + 1..)?);
            return is_end.then(|| BlockEnd::at_quote(start + at, quote, start));
        }
        None
    }

    /// Where a `"""` text ends that begins on the line of its opener, from `start` to `end`, and goes
    /// on below it. Says that it does.
    pub(super) fn begins_on_its_line(
        &mut self,
        opener: SyntaxKind,
        start: usize,
        end: usize,
    ) -> Option<BlockEnd> {
        if !self.frames.is_empty() || self.quotes_on_line(end).is_some() {
            return None;
        }
        let line_end = self.line_end(end);
        let line = self.text.get(end..line_end)?;
        let indentation = self.indentation_at(start);
        let block_end = self.block_closed_below(indentation, line_end)?;
        let content = self.text.get(end..block_end.body())?;
        let written = self.text.get(start..end)?;
        let tag = written.trim_end_matches('"');
        let (from, (text, is_certain)) = match opener {
            SyntaxKind::CommandBlockOpen => (start, command_lines(content, indentation)),
            _ => (end - QUOTES.len(), text_lines(content, indentation)),
        };
        // In a document of a shell every space counts, and what it was meant to be nobody knows.
        let is_free = UNINDENTED.contains(&tag) && !content.contains("<<");
        let make = if is_certain || is_free { SyntaxFix::automatic } else { SyntaxFix::offered };
        let edit = (range(from, block_end.text()), text);
        let fix = make("move it to a line of its own", vec![edit]);
        let first = range(line_end - line.trim_start().len(), end + line.trim_end().len());
        self.lexed.errors.push(habits::block_begins_on_line(first, written, fix));
        Some(block_end)
    }

    /// The `"""` below a line that ends at `line_end`: one that stands where it has to, else the first
    /// one that nothing but closers follows.
    fn block_closed_below(&self, indentation: &str, line_end: usize) -> Option<BlockEnd> {
        let mut found = None;
        for (at, line) in lines_after(self.text, line_end).take(BLOCK_LINES_MAX) {
            if line.strip_prefix(indentation).is_some_and(|it| it.starts_with(QUOTES)) {
                return Some(BlockEnd::at_quote(at + indentation.len(), QUOTES, at));
            }
            if !line.trim().is_empty() && !is_deeper(line, indentation) {
                break;
            }
            if let Some((before, rest)) = line.split_once(QUOTES).filter(|_| found.is_none())
                && is_after_text(rest)
            {
                found = Some(BlockEnd::at_quote(at + before.len(), QUOTES, at));
            }
        }
        found
    }

    fn indentation_at(&self, at: usize) -> &str {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |it| it + 1);
        let line = self.text.get(line..).unwrap_or_default();
        let white = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..white).unwrap_or_default()
    }

    /// Whether a line at column 0 is nothing but a fence of Markdown.
    pub(super) fn is_fence(&self, start: usize) -> bool {
        let is_first = match start.checked_sub(1) {
            Some(before) => self.byte(before) == Some(b'\n') || start == 3 && self.has_bom(),
            None => true,
        };
        if !is_first || !self.frames.is_empty() {
            return false;
        }
        let line = self.text.get(start..self.line_end(start)).unwrap_or_default();
        let word = line.strip_prefix("```").map(str::trim);
        word.is_some_and(|it| it.chars().all(|it| it.is_ascii_alphanumeric() || it == '-'))
    }

    fn has_bom(&self) -> bool {
        self.text.starts_with('\u{feff}')
    }

    /// Reports the fence at `start`, and reads it as a comment.
    pub(super) fn fence(&mut self, start: usize) {
        let end = self.line_end(start);
        // The newline is its own, so that no blank line stays.
        let rest = self.text.get(end..).unwrap_or_default();
        let line_end = rest.find('\n').map_or(end, |at| end + at + 1);
        self.lexed.errors.push(habits::fence(range(start, end), range(start, line_end)));
        self.push(SyntaxKind::HashComment, start);
        self.position = end;
    }
}

/// Whether `rest` can follow the quotes that close a text at the end of a line.
fn is_after_text(rest: &str) -> bool {
    let rest = rest.trim();
    rest.starts_with("//")
        || rest.starts_with(".args(")
        || rest.chars().all(|it| ",)]}".contains(it))
}

/// Whether a line can't be the middle of a text: it stands at column 0, or is a field, a closer or
/// another part of a record.
fn looks_like_rush(line: &str) -> bool {
    let inner = line.trim_start_matches([' ', '\t']);
    if inner.trim().is_empty() {
        return false;
    }
    if inner.len() == line.len() || inner.starts_with(['}', ']', ')']) || inner.starts_with("///") {
        return true;
    }
    let rest = inner.trim_start_matches(|it: char| it.is_ascii_alphanumeric() || it == '_');
    let word = inner.strip_suffix(rest).unwrap_or_default();
    let is_word = word.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
    let after = rest.trim_start_matches(' ');
    let is_let = word == "let" && after.contains('=');
    is_word && (is_let || after.starts_with([':', '{']))
}

/// The lines of a command as `argv"""`, and whether they mean the same for certain.
fn command_lines(content: &str, indentation: &str) -> (String, bool) {
    let mut block = String::from("argv\"\"\"\n");
    let mut is_certain = true;
    let lines = content.lines().map(|it| it.trim().trim_end_matches(" \\").trim_end());
    for line in lines.filter(|it| !it.is_empty() && *it != "\\") {
        let is_even = |sign: char| line.matches(sign).count() % 2 == 0;
        is_certain &= is_even('\'') && is_even('"') && !line.ends_with('\\');
        block.push_str(&format!("{indentation}  {line}\n"));
    }
    block.push_str(&format!("{indentation}\"\"\""));
    (block, is_certain)
}

/// The lines of a text as `"""`. What white space its author meant nobody knows for certain.
fn text_lines(content: &str, indentation: &str) -> (String, bool) {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let below = content.lines().skip(1).filter(|it| !it.trim().is_empty());
    let common = below.map(indent).min().unwrap_or(0);
    let mut lines: Vec<&str> = Vec::new();
    for (at, line) in content.lines().enumerate() {
        let line = if at == 0 { line.trim_start() } else { line.get(common..).unwrap_or_default() };
        lines.push(line.trim_end());
    }
    let is_blank = |it: Option<&&str>| it.is_some_and(|it| it.is_empty());
    if is_blank(lines.last()) {
        lines.pop();
    }
    if is_blank(lines.first()) {
        lines.remove(0);
    }
    let mut block = String::from("\"\"\"\n");
    for line in lines {
        let line = if line.is_empty() { String::new() } else { format!("{indentation}  {line}") };
        block.push_str(&line);
        block.push('\n');
    }
    block.push_str(&format!("{indentation}\"\"\""));
    (block, false)
}
