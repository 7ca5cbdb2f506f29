//! Texts over several lines: where a `"""` body ends, and its holes.
//!
//! The body is every blank line and every line indented deeper than the line of the opener; then
//! `"""` closes it at exactly that line's indentation. When another line comes first, the author
//! either forgot to indent the body or forgot to close it. A line that looks like Rush ends the
//! text; anything else is taken as body up to the closing quotes, so that one slip is one error.

use super::{Frame, Lexer, range};
use crate::error;
use crate::kind::SyntaxKind;

/// How a block over several lines ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockEnd {
    /// The end of the body.
    body: usize,
    /// The end of the closing quotes; equal to `body` when they are missing.
    text: usize,
    /// The start of the line the closing quotes are on.
    line_start: usize,
}

impl BlockEnd {
    /// The end of a text whose `quote` is at `body`, on the line that starts at `line_start`.
    pub(super) fn at_quote(body: usize, quote: &str, line_start: usize) -> Self {
        Self { body, text: body + quote.len(), line_start }
    }

    /// The same end, or `at`, if that is behind the body.
    fn not_before(self, at: usize) -> Self {
        if at <= self.body { self } else { Self { body: at, text: self.text.max(at), ..self } }
    }

    /// The end of the body, before its quotes.
    pub(super) fn body(self) -> usize {
        self.body
    }

    /// The end of the text with its quotes.
    pub(super) fn text(self) -> usize {
        self.text
    }
}

pub(super) const QUOTES: &str = "\"\"\"";

impl Lexer<'_> {
    /// A `"""` text of any sort; `end` is the end of its opener.
    pub(super) fn block(&mut self, opener: SyntaxKind, start: usize, end: usize) {
        let has_holes = matches!(opener, SyntaxKind::BlockOpen | SyntaxKind::CommandBlockOpen);
        if !self.is_line_end(end) || !self.frames.is_empty() {
            if let Some(block_end) = self.begins_on_its_line(opener, start, end) {
                self.block_up_to(opener, (start, end), block_end);
            } else if has_holes {
                self.quoted(opener, start, end);
            } else {
                self.verbatim_line(opener, start, end);
            }
            return;
        }
        let block_end = self.find_end(start, self.line_end(end));
        self.block_up_to(opener, (start, end), block_end);
    }

    /// A text over several lines; `quotes` are the start and the end of its opener.
    fn block_up_to(&mut self, opener: SyntaxKind, quotes: (usize, usize), block_end: BlockEnd) {
        let (start, end) = quotes;
        let has_holes = matches!(opener, SyntaxKind::BlockOpen | SyntaxKind::CommandBlockOpen);
        let body = self.text.as_bytes().get(end..block_end.body).unwrap_or_default();
        if has_holes && memchr::memmem::find(body, b"${").is_some() {
            self.push(opener, start);
            self.position = end;
            let frame = Frame {
                opener,
                opener_start: start,
                hole_start: end,
                braces: 0,
                quote: None,
                end: Some(block_end),
            };
            self.block_chunks(frame);
            return;
        }
        self.push(whole(opener), start);
        self.finish(block_end);
    }

    /// The pieces of a block from `position` on, up to its next hole or its end.
    pub(super) fn block_chunks(&mut self, mut frame: Frame) {
        let from = self.position;
        // A hole that is never closed may have taken the closing quotes along.
        frame.end = frame.end.map(|end| end.not_before(from));
        let Some(end) = frame.end else { return };
        let (hole, quote) = self.find_hole(&frame, from, end.body);
        let at = hole.unwrap_or(end.body);
        if at > from {
            self.push(SyntaxKind::Chunk, from);
        }
        if hole.is_some() {
            self.push(SyntaxKind::HoleOpen, at);
            self.position = at + 2;
            (frame.quote, frame.braces, frame.hole_start) = (quote, 0, at);
            self.frames.push(frame);
        } else {
            self.push(SyntaxKind::TextClose, end.body);
            self.finish(end);
        }
    }

    fn finish(&mut self, end: BlockEnd) {
        self.position = end.text;
        self.line_start = self.line_start.max(end.line_start);
    }

    /// A raw text or a script that closes on its line.
    fn verbatim_line(&mut self, opener: SyntaxKind, start: usize, end: usize) {
        self.push(whole(opener), start);
        let close = self.quotes_on_line(end);
        if let Some(at) = close {
            self.position = at + QUOTES.len();
        } else {
            self.position = self.line_end(end);
            let text = range(start, self.position);
            self.lexed.errors.push(error::unclosed_text(text, QUOTES));
        }
    }

    /// The next `"""` on the line that `from` is on. What is behind it is not looked at: a long line
    /// may have many.
    pub(super) fn quotes_on_line(&self, from: usize) -> Option<usize> {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let is_stop = |at: &usize| {
            rest.get(*at..)
                .is_none_or(|it| !it.starts_with(b"\"") || it.starts_with(QUOTES.as_bytes()))
        };
        let stop = memchr::memchr2_iter(b'"', b'\n', rest).find(is_stop)?;
        (rest.get(stop) == Some(&b'"')).then_some(from + stop)
    }

    /// Whether nothing but white space follows on the line.
    fn is_line_end(&self, from: usize) -> bool {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let next = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        matches!(next, None | Some(b'\n'))
    }

    /// The next hole, and the quote of a command it stands in.
    fn find_hole(&self, frame: &Frame, from: usize, end: usize) -> (Option<usize>, Option<u8>) {
        let bytes = self.text.as_bytes().get(..end).unwrap_or_default();
        let is_command = frame.opener == SyntaxKind::CommandBlockOpen;
        let mut quote = frame.quote;
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'\'' if is_command && quote != Some(b'"') => toggle(&mut quote, byte),
                b'"' if is_command && quote != Some(b'\'') => toggle(&mut quote, byte),
                _ if quote == Some(b'\'') => {}
                b'\\' => at += 1,
                b'$' if bytes.get(at + 1) == Some(&b'{') => return (Some(at), quote),
                _ => {}
            }
            at += 1;
        }
        (None, quote)
    }

    /// Finds the end of a body whose opener is at `start` and whose first line ends at `line`.
    fn find_end(&mut self, start: usize, line: usize) -> BlockEnd {
        let head = self.text.get(self.line_start..start).unwrap_or_default();
        let indent = &head[..head.len() - head.trim_start_matches([' ', '\t']).len()];
        let opener_end = self.text.get(start..).and_then(|it| it.find(QUOTES)).unwrap_or(0) + 3;
        let opener = range(start, start + opener_end);
        let mut body = line;
        let mut last = (line, "");
        let mut strays: Vec<(usize, usize)> = Vec::new();
        for (at, content) in lines_after(self.text, line) {
            let closes = content.strip_prefix(indent).is_some_and(|it| it.starts_with(QUOTES));
            if closes {
                if !strays.is_empty() {
                    self.report_strays(&strays, indent, opener);
                }
                let text = at + indent.len() + QUOTES.len();
                return BlockEnd { body: at + indent.len(), text, line_start: at };
            }
            let is_body = content.trim().is_empty() || is_deeper(content, indent);
            if !is_body && (looks_like_rush(content) || content.contains(QUOTES)) {
                if strays.is_empty() && last.1.trim_start().starts_with(QUOTES) {
                    return self.deeper_closer(last, indent, opener);
                }
                self.report_open_end(&strays, indent, opener, (at, body));
                return BlockEnd { body, text: body, line_start: self.line_start };
            }
            if !is_body {
                strays.push((at, at + content.len()));
            }
            if !content.trim().is_empty() {
                body = at + content.len();
                last = (at, content);
            }
        }
        if strays.is_empty() && last.1.trim_start().starts_with(QUOTES) {
            return self.deeper_closer(last, indent, opener);
        }
        if strays.is_empty() {
            self.lexed.errors.push(error::unclosed_block(opener));
        } else {
            self.report_strays(&strays, indent, opener);
        }
        BlockEnd { body, text: body, line_start: self.line_start }
    }

    /// The last line of the body begins with quotes, but is indented: they were meant to close it.
    fn deeper_closer(
        &mut self,
        line: (usize, &str),
        indent: &str,
        opener: text_size::TextRange,
    ) -> BlockEnd {
        let (line_start, content) = line;
        let body = line_start + content.len() - content.trim_start().len();
        let edit = (range(line_start, body), indent.to_owned());
        let text = body + QUOTES.len();
        self.lexed.errors.push(error::block_closer_deeper(range(body, text), opener, edit));
        BlockEnd { body, text, line_start }
    }

    fn report_strays(
        &mut self,
        strays: &[(usize, usize)],
        indent: &str,
        opener: text_size::TextRange,
    ) {
        let Some(&(start, end)) = strays.first() else { return };
        let insert = format!("{indent}  ");
        let edits = strays.iter().map(|(at, _)| (range(*at, *at), insert.clone())).collect();
        let error = error::block_line_not_indented(range(start, end), opener, edits);
        self.lexed.errors.push(error);
    }

    /// `place` is the start of the line that ends the body, and the end of the body.
    fn report_open_end(
        &mut self,
        strays: &[(usize, usize)],
        indent: &str,
        opener: text_size::TextRange,
        place: (usize, usize),
    ) {
        if !strays.is_empty() {
            return self.report_strays(strays, indent, opener);
        }
        let (line, body) = place;
        let start = line + self.text[line..].len() - self.text[line..].trim_start().len();
        let edit = (range(body, body), format!("\n{indent}{QUOTES}"));
        let error = error::block_closer_missing(range(start, self.line_end(start)), opener, edit);
        self.lexed.errors.push(error);
    }
}

fn whole(opener: SyntaxKind) -> SyntaxKind {
    match opener {
        SyntaxKind::CommandBlockOpen => SyntaxKind::Command,
        SyntaxKind::RawBlockOpen => SyntaxKind::Raw,
        SyntaxKind::ScriptOpen => SyntaxKind::Script,
        _ => SyntaxKind::Text,
    }
}

fn toggle(quote: &mut Option<u8>, byte: u8) {
    *quote = if quote.is_some() { None } else { Some(byte) };
}

/// The lines after the one that ends at `line`, each with its start, without line ends.
pub(super) fn lines_after(text: &str, line: usize) -> impl Iterator<Item = (usize, &str)> {
    let first = text.get(line..).and_then(|it| it.find('\n')).map(|at| line + at + 1);
    let mut next = first;
    std::iter::from_fn(move || {
        let start = next?;
        let rest = text.get(start..)?;
        let length = memchr::memchr(b'\n', rest.as_bytes());
        next = length.map(|it| start + it + 1);
        let content = rest.get(..length.unwrap_or(rest.len()))?;
        Some((start, content.strip_suffix('\r').unwrap_or(content)))
    })
}

/// Whether the leading white space of `line` properly extends `indent`.
pub(super) fn is_deeper(line: &str, indent: &str) -> bool {
    line.strip_prefix(indent).is_some_and(|it| it.starts_with([' ', '\t']))
}

/// Whether a line that ends a body is the code that follows a forgotten closer.
fn looks_like_rush(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with(['}', ']', ')']) || line.starts_with("let ") || line.starts_with("///") {
        return true;
    }
    let word = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(line.len());
    let after = line.get(word..).unwrap_or_default();
    word > 0 && (after.starts_with(": ") || after == ":" || after.trim_start().starts_with('{'))
}
