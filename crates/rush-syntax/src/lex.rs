//! Text to tokens that tile it, byte for byte.
//!
//! logos finds the plain tokens. Texts, commands and scripts have modes (holes nest, `"""` depends
//! on the indentation of its line), so they are scanned by hand, with a stack instead of recursion.
//! A text without holes is one token. With holes it is an opener, chunks, holes and a closer, and
//! these always balance: what the author left open is closed by an empty token.

mod block;
mod foreign;
mod label;
mod over_lines;
mod quote;
mod strays;

use logos::Logos;
use text_size::{TextRange, TextSize};

use crate::error::{self, SyntaxError};
use crate::kind::SyntaxKind;
use block::BlockEnd;

pub(crate) use label::labels_as_values;
pub use label::{instead_of_label, label_of_comment};

/// A token of the lossless list; it ends where the next one starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawToken {
    pub(crate) kind: SyntaxKind,
    pub(crate) start: u32,
}

/// All tokens of a text, and what is wrong with them.
#[derive(Debug, Default)]
pub(crate) struct Lexed {
    pub(crate) tokens: Vec<RawToken>,
    pub(crate) errors: Vec<SyntaxError>,
}

/// Splits `text` into tokens.
pub(crate) fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer {
        text,
        position: 0,
        line_start: 0,
        frames: Vec::new(),
        has_no_comment_end: false,
        lexed: Lexed { tokens: Vec::with_capacity(text.len() / 3 + 4), errors: Vec::new() },
    };
    lexer.run();
    lexer.lexed
}

/// A text whose hole is being lexed.
struct Frame {
    /// `TextOpen`, `BlockOpen`, `CommandOpen` or `CommandBlockOpen`.
    opener: SyntaxKind,
    opener_start: usize,
    /// Where the hole's `${` starts.
    hole_start: usize,
    /// How many `{` are open inside the hole.
    braces: u32,
    /// The quote of a command the hole stands in.
    quote: Option<u8>,
    /// For a block over several lines: how it ends.
    end: Option<BlockEnd>,
}

struct Lexer<'t> {
    text: &'t str,
    position: usize,
    line_start: usize,
    frames: Vec<Frame>,
    /// Whether no `*/` stands in the rest of the text.
    has_no_comment_end: bool,
    lexed: Lexed,
}

/// A range of bytes.
pub(crate) fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(TextSize::new(start as u32), TextSize::new(end.max(start) as u32))
}

impl<'t> Lexer<'t> {
    fn run(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.push(SyntaxKind::Bom, 0);
            self.position = 3;
        }
        if self.rest().starts_with("#!") {
            self.push(SyntaxKind::Shebang, self.position);
            self.position = self.line_end(self.position);
        }
        while self.position < self.text.len() {
            self.plain_run();
        }
        if !self.frames.is_empty() {
            self.close_frames();
        }
    }

    fn push(&mut self, kind: SyntaxKind, start: usize) {
        self.lexed.tokens.push(RawToken { kind, start: start as u32 });
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The end of the line `from` is on, its newline excluded.
    fn line_end(&self, from: usize) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map_or(self.text.len(), |at| from + at);
        if end > from && self.byte(end) == Some(b'\n') && self.byte(end - 1) == Some(b'\r') {
            end - 1
        } else {
            end
        }
    }

    /// Lexes plain tokens until one needs the hand-written scanner, which moves `position`.
    fn plain_run(&mut self) {
        let base = self.position;
        let mut tokens = SyntaxKind::lexer(self.rest());
        while let Some(token) = tokens.next() {
            let span = tokens.span();
            let (start, end) = (base + span.start, base + span.end);
            let kind = token.unwrap_or(SyntaxKind::Unknown);
            self.position = end;
            if self.special(kind, start, end) {
                return;
            }
        }
    }

    /// Handles one token; `true` when the plain lexer must start anew at `position`.
    fn special(&mut self, kind: SyntaxKind, start: usize, end: usize) -> bool {
        match kind {
            SyntaxKind::Newline => self.newline(start, end),
            SyntaxKind::HashComment => {
                let comment = self.text.get(start..end).unwrap_or_default();
                self.lexed.errors.push(error::hash_comment(range(start, end), comment));
                self.push(kind, start);
                false
            }
            SyntaxKind::BlockComment => {
                self.block_comment(start);
                true
            }
            SyntaxKind::CommandOpen if self.is_fence(start) => {
                self.fence(start);
                true
            }
            SyntaxKind::LeftBrace => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.braces += 1;
                }
                self.push(kind, start);
                false
            }
            SyntaxKind::RightBrace => self.right_brace(start),
            SyntaxKind::TextOpen if self.is_script_in_one_quote(start, end) => true,
            SyntaxKind::TextOpen | SyntaxKind::CommandOpen => {
                self.quoted(kind, start, end);
                true
            }
            SyntaxKind::RawOpen => {
                self.raw(start, end);
                true
            }
            SyntaxKind::BlockOpen
            | SyntaxKind::RawBlockOpen
            | SyntaxKind::CommandBlockOpen
            | SyntaxKind::ScriptOpen => {
                self.block(kind, start, end);
                true
            }
            SyntaxKind::Unknown if self.foreign_quotes(start) => true,
            SyntaxKind::Unknown if self.foreign_letters(start) => true,
            SyntaxKind::Unknown => {
                if self.lexed.tokens.last().is_none_or(|it| it.kind != SyntaxKind::Unknown) {
                    self.push(kind, start);
                }
                false
            }
            _ => {
                self.push(kind, start);
                false
            }
        }
    }

    fn newline(&mut self, start: usize, end: usize) -> bool {
        let relex = !self.frames.is_empty();
        if relex {
            self.position = start;
            self.close_frames();
            if self.position != start {
                return true;
            }
        }
        self.push(SyntaxKind::Newline, start);
        self.position = end;
        self.line_start = end;
        relex
    }

    fn right_brace(&mut self, start: usize) -> bool {
        let Some(frame) = self.frames.last_mut() else {
            self.push(SyntaxKind::RightBrace, start);
            return false;
        };
        if frame.braces > 0 {
            frame.braces -= 1;
            self.push(SyntaxKind::RightBrace, start);
            return false;
        }
        self.push(SyntaxKind::HoleClose, start);
        if let Some(frame) = self.frames.pop() {
            self.resume(frame);
        }
        true
    }

    /// Closes what a line end, or the end of the text, leaves open. A block over several lines
    /// goes on with its next line.
    fn close_frames(&mut self) {
        let at = self.position;
        let mut innermost_text = None;
        while let Some(frame) = self.frames.pop() {
            self.push(SyntaxKind::HoleClose, at);
            if frame.end.is_some() {
                if innermost_text.is_none() {
                    let hole = range(frame.hole_start, frame.hole_start + 2);
                    let end = TextSize::new(at as u32);
                    self.lexed.errors.push(error::unclosed_hole(hole, end));
                }
                self.resume(frame);
                break;
            }
            self.push(SyntaxKind::TextClose, at);
            innermost_text = Some(frame);
        }
        if let Some(frame) = innermost_text {
            let quote = quote::closer(frame.opener);
            self.lexed.errors.push(error::unclosed_text(range(frame.opener_start, at), quote));
        }
    }

    /// Goes on with the text around a hole that was closed.
    fn resume(&mut self, frame: Frame) {
        match frame.end {
            Some(_) => self.block_chunks(frame),
            None => self.quoted_chunks(frame),
        }
    }
}

#[cfg(test)]
mod tests;
