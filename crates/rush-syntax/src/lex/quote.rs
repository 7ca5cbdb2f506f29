//! Texts and commands on one line: `"..."`, `r"..."`, `` `...` `` and `"""..."""` on one line.

use super::{Frame, Lexer, range};
use crate::error::{self, habits};
use crate::kind::SyntaxKind;
use crate::parse::SCRIPT_TAGS;

/// How scanning a stretch of text ended.
enum Stop {
    /// At the closing quote.
    Close(usize),
    /// At `${`.
    Hole(usize),
    /// At the end of the line.
    Line(usize),
}

/// What closes a text on one line.
pub(super) fn closer(opener: SyntaxKind) -> &'static str {
    match opener {
        SyntaxKind::CommandOpen => "`",
        SyntaxKind::TextOpen | SyntaxKind::RawOpen => "\"",
        _ => "\"\"\"",
    }
}

impl Lexer<'_> {
    /// A text that ends on its line and may have holes; `end` is the end of its opener.
    pub(super) fn quoted(&mut self, opener: SyntaxKind, start: usize, end: usize) {
        let mut quote = None;
        let length = closer(opener).len();
        let stop = self.scan(opener, &mut quote, end);
        if let Stop::Close(at) = stop {
            let whole = match opener {
                SyntaxKind::CommandOpen | SyntaxKind::CommandBlockOpen => SyntaxKind::Command,
                _ => SyntaxKind::Text,
            };
            self.push(whole, start);
            self.position = at + length;
            return;
        }
        if matches!(stop, Stop::Line(_)) && self.ends_hole(opener, start) {
            return;
        }
        if let Stop::Line(at) = stop
            && opener == SyntaxKind::TextOpen
            && self.frames.is_empty()
            && self.holds_only_closers(end, at)
        {
            self.push(SyntaxKind::Text, start);
            self.position = end;
            self.lexed.errors.push(error::lone_quote(range(start, end)));
            return;
        }
        self.push(opener, start);
        self.position = end;
        let frame =
            Frame { opener, opener_start: start, hole_start: end, braces: 0, quote, end: None };
        self.chunk_until(frame, &stop);
    }

    /// Whether nothing but closing brackets stands between the opening quote and the end of the line
    /// at `at`: then they close what is open, and the quote is one too many or another is missing.
    fn holds_only_closers(&self, end: usize, at: usize) -> bool {
        let rest = self.text.get(end..at).unwrap_or_default().trim();
        !rest.is_empty() && rest.chars().all(|it| matches!(it, ']' | ')' | '}' | ',' | ' '))
    }

    /// Whether the quote at `start`, which closes nowhere on the line, is meant to close the text around
    /// a hole: then the hole lacks its `}`.
    fn ends_hole(&mut self, opener: SyntaxKind, start: usize) -> bool {
        let is_of = |it: &mut Frame| {
            let in_command = opener == SyntaxKind::TextOpen && it.quote == Some(b'"');
            it.end.is_none() && (it.opener == opener || in_command)
        };
        let Some(frame) = self.frames.pop_if(is_of) else { return false };
        self.push(SyntaxKind::HoleClose, start);
        self.position = start;
        let hole = range(frame.hole_start, frame.hole_start + 2);
        self.lexed.errors.push(error::unclosed_hole(hole, range(start, start).start()));
        self.quoted_chunks(frame);
        true
    }

    /// The pieces of such a text from `position` on, up to its next hole or its end.
    pub(super) fn quoted_chunks(&mut self, mut frame: Frame) {
        let stop = self.scan(frame.opener, &mut frame.quote, self.position);
        self.chunk_until(frame, &stop);
    }

    /// The piece from `position` up to where a scan stopped.
    fn chunk_until(&mut self, mut frame: Frame, stop: &Stop) {
        let from = self.position;
        let (Stop::Close(at) | Stop::Hole(at) | Stop::Line(at)) = *stop;
        if at > from {
            self.push(SyntaxKind::Chunk, from);
        }
        match stop {
            Stop::Close(_) => {
                self.push(SyntaxKind::TextClose, at);
                self.position = at + closer(frame.opener).len();
            }
            Stop::Hole(_) => {
                self.push(SyntaxKind::HoleOpen, at);
                self.position = at + 2;
                (frame.braces, frame.hole_start) = (0, at);
                self.frames.push(frame);
            }
            Stop::Line(_) if self.goes_on_below(&mut frame, at) => {
                self.position = at;
                self.block_chunks(frame);
            }
            Stop::Line(_) => {
                self.push(SyntaxKind::TextClose, at);
                self.position = at;
                let whole = range(frame.opener_start, at);
                self.lexed.errors.push(error::unclosed_text(whole, closer(frame.opener)));
            }
        }
    }

    /// `sh"..."`: a script whose quotes are too few. Takes it for what is meant and says so, if that is what it is.
    pub(super) fn is_script_in_one_quote(&mut self, start: usize, end: usize) -> bool {
        let Some(tag) = self.lexed.tokens.last_mut().filter(|it| it.kind == SyntaxKind::Ident)
        else {
            return false;
        };
        let tag_start = tag.start as usize;
        // White space is a token of its own, so the name reaches up to the quote.
        let name = self.text.get(tag_start..start).unwrap_or_default();
        let line = self.text.get(end..).and_then(|it| it.lines().next()).unwrap_or_default();
        let Some(length) = line.find('"').filter(|_| SCRIPT_TAGS.contains(&name)) else {
            return false;
        };
        tag.kind = SyntaxKind::Script;
        self.position = end + length + 1;
        let (open, close) = (range(start, end), range(end + length, self.position));
        self.lexed.errors.push(habits::script_in_one_quote(
            range(tag_start, self.position),
            open,
            close,
        ));
        true
    }

    /// `r"..."`: no escapes, no holes.
    pub(super) fn raw(&mut self, start: usize, end: usize) {
        let rest = self.text.as_bytes().get(end..).unwrap_or_default();
        self.push(SyntaxKind::Raw, start);
        let close = memchr::memchr2(b'"', b'\n', rest).filter(|at| rest.get(*at) == Some(&b'"'));
        if let Some(at) = close {
            self.position = end + at + 1;
        } else {
            self.position = self.line_end(end);
            let text = range(start, self.position);
            self.lexed.errors.push(error::unclosed_text(text, "\""));
        }
    }

    fn scan(&self, opener: SyntaxKind, quote: &mut Option<u8>, from: usize) -> Stop {
        let bytes = self.text.as_bytes();
        let closer = closer(opener).as_bytes();
        let is_command = opener == SyntaxKind::CommandOpen;
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            if !may_stop(byte) {
                at += 1;
                continue;
            }
            let rest = bytes.get(at..).unwrap_or_default();
            match byte {
                b'\n' => break,
                b'\r' if rest.get(1) == Some(&b'\n') => break,
                _ if rest.starts_with(closer) => return Stop::Close(at),
                b'\'' if is_command && *quote != Some(b'"') => toggle(quote, byte),
                b'"' if is_command && *quote != Some(b'\'') => toggle(quote, byte),
                _ if *quote == Some(b'\'') => {}
                b'\\' if !matches!(rest.get(1), None | Some(b'\n' | b'\r')) => at += 1,
                b'$' if rest.get(1) == Some(&b'{') => return Stop::Hole(at),
                _ => {}
            }
            at += 1;
        }
        Stop::Line(at.min(bytes.len()))
    }
}

/// Whether a byte can end a stretch of text or change how it goes on. Most can't.
fn may_stop(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'\\' | b'$')
}

fn toggle(quote: &mut Option<u8>, byte: u8) {
    *quote = if quote.is_some() { None } else { Some(byte) };
}
