//! What stands on several lines although its quotes are for one: `"..` and `` `.. `` that are closed
//! on a later line, and the fences of Markdown around a file.
//!
//! Asked only where a line ends inside a text. The lines below are its own only if none of them
//! looks like Rush, so that a quote that was forgotten is still found on its line.

use super::block::BlockEnd;
use super::{Frame, Lexer, quote, range};
use crate::error;
use crate::kind::SyntaxKind;

/// How far below a text may end.
const LINES_MAX: usize = 40;

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
        self.lexed.errors.push(error::text_over_lines(first, whole, opener, block));
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
            let rest = line.get(at + 1..)?.trim();
            let is_end = rest.starts_with("//") || rest.chars().all(|it| ",)]}".contains(it));
            return is_end.then(|| BlockEnd::at_quote(start + at, quote, start));
        }
        None
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
        self.lexed.errors.push(error::fence(range(start, end), range(start, line_end)));
        self.push(SyntaxKind::HashComment, start);
        self.position = end;
    }
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
