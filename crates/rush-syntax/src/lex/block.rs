//! Texts over several lines: where a `"""` body ends, and its holes.
//!
//! The body is every blank line and every line indented deeper than the line of the opener; then
//! `"""` closes it at exactly that line's indentation. When another line comes first, the author
//! either forgot to indent the body or forgot to close it. A line that looks like Rush ends the
//! text; anything else is taken as body up to the closing quotes, so that one slip is one error.

use text_size::TextRange;

use super::strays::Body;
use super::{Frame, Lexer, range};
use crate::error::{self, SyntaxFix};
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

/// Where a text over several lines is opened.
struct Opened<'t> {
    /// What stands before the quotes, such as `sh`.
    tag: &'t str,
    /// The white space its line begins with.
    indent: &'t str,
    opener: TextRange,
    /// The end of its line.
    line: usize,
}

pub(super) const QUOTES: &str = "\"\"\"";

impl<'t> Lexer<'t> {
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
        let place = self.opened_at(start, line);
        let indent = place.indent;
        let mut body = line;
        let mut last = (line, "");
        let mut stray = None;
        for (at, content) in lines_after(self.text, line) {
            let quotes = at + content.len() - content.trim_start().len();
            let closes = content.strip_prefix(indent).is_some_and(|it| it.starts_with(QUOTES));
            let is_body = content.trim().is_empty() || is_deeper(content, indent);
            // Nothing else stands alone on a line that is not indented.
            if closes || !is_body && content.trim() == QUOTES {
                let closer = (!closes).then(|| range(at, quotes));
                self.report_strays(&place, stray, closer, at);
                return BlockEnd { body: quotes, text: quotes + QUOTES.len(), line_start: at };
            }
            if !is_body && (looks_like_rush(content) || content.contains(QUOTES)) {
                if stray.is_none() && last.1.trim_start().starts_with(QUOTES) {
                    return self.deeper_closer(last, &place);
                }
                if stray.is_none() {
                    self.report_open_end(&place, (at, body));
                }
                self.report_strays(&place, stray, None, at);
                return BlockEnd { body, text: body, line_start: self.line_start };
            }
            if !is_body && stray.is_none() {
                stray = Some(range(at, at + content.len()));
            }
            if !content.trim().is_empty() {
                body = at + content.len();
                last = (at, content);
            }
        }
        if stray.is_none() && last.1.trim_start().starts_with(QUOTES) {
            return self.deeper_closer(last, &place);
        }
        if stray.is_none() {
            self.lexed.errors.push(error::unclosed_block(place.opener));
        }
        self.report_strays(&place, stray, None, body + 1);
        BlockEnd { body, text: body, line_start: self.line_start }
    }

    /// Where the text is opened whose quotes begin at `start`, on the line that ends at `line`.
    fn opened_at(&self, start: usize, line: usize) -> Opened<'t> {
        let head = self.text.get(self.line_start..start).unwrap_or_default();
        let indent = &head[..head.len() - head.trim_start_matches([' ', '\t']).len()];
        let tag = self.text.get(start..).and_then(|it| it.split(QUOTES).next()).unwrap_or_default();
        let opener = range(start, start + tag.len() + QUOTES.len());
        Opened { tag, indent, opener, line }
    }

    /// The last line of the body begins with quotes, but is indented: they were meant to close it.
    fn deeper_closer(&mut self, line: (usize, &str), place: &Opened<'_>) -> BlockEnd {
        let (line_start, content) = line;
        let body = line_start + content.len() - content.trim_start().len();
        let edit = (range(line_start, body), place.indent.to_owned());
        let text = body + QUOTES.len();
        self.lexed.errors.push(error::block_closer_deeper(range(body, text), place.opener, edit));
        BlockEnd { body, text, line_start }
    }

    /// Reports the lines before `end` that are not indented, if there are any, and the white space
    /// before quotes that close the text but do not stand where they have to.
    fn report_strays(
        &mut self,
        place: &Opened<'_>,
        stray: Option<TextRange>,
        closer: Option<TextRange>,
        end: usize,
    ) {
        let closer = closer.map(|white| (white, place.indent.to_owned()));
        let Some(stray) = stray else {
            if let Some(edit) = closer {
                let quotes = range(edit.0.end().into(), usize::from(edit.0.end()) + QUOTES.len());
                self.lexed.errors.push(error::block_closer_less_deep(quotes, place.opener, edit));
            }
            return;
        };
        let lines = lines_after(self.text, place.line)
            .take_while(|(at, _)| *at < end)
            .filter(|(_, line)| !line.is_empty())
            .collect();
        let (tag, indent, first_stray) = (place.tag, place.indent, stray.start().into());
        let (mut edits, is_certain) = Body { tag, indent, lines, first_stray }.indented();
        edits.extend(closer);
        let make = if is_certain { SyntaxFix::automatic } else { SyntaxFix::offered };
        let fix = make("indent", edits);
        self.lexed.errors.push(error::block_line_not_indented(stray, place.opener, fix));
    }

    /// `end` is the start of the line that ends the body, and the end of the body.
    fn report_open_end(&mut self, place: &Opened<'_>, end: (usize, usize)) {
        let (line, body) = end;
        let start = line + self.text[line..].len() - self.text[line..].trim_start().len();
        let edit = (range(body, body), format!("\n{}{QUOTES}", place.indent));
        let line = range(start, self.line_end(start));
        self.lexed.errors.push(error::block_closer_missing(line, place.opener, edit));
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
