//! Texts, commands and scripts as parts: fixed text with its escapes read, and holes.
//!
//! The parts of a `"""` body are its lines without the white space they have in common, so a byte
//! of a part still has a place in the source.

use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

use super::{Parser, SCRIPT_TAGS, fitted};
use crate::ast::{Expr, ExprId, Name, Part};
use crate::error::{self, habits};
use crate::kind::SyntaxKind;
use crate::lex::range;
use crate::token::Token;

const QUOTES: &str = "\"\"\"";

/// Whether a backslash means something to the language itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Read,
    Keep,
}

/// A stretch of fixed text, or a hole, before escapes are read.
enum Piece {
    Fixed(TextRange),
    Hole(Part),
}

impl Parser {
    /// The parts of a text or command that is one token.
    pub(super) fn whole_text(&mut self, token: Token) -> Vec<Part> {
        let source = self.slice(token.range());
        let (start, end) = (token.start as usize, token.end as usize);
        let escapes = match token.kind {
            SyntaxKind::Text => Escapes::Read,
            _ => Escapes::Keep,
        };
        let (open, close) = delimiters(source);
        let content = range(start + open, end - close);
        let is_block = source.get(..open).is_some_and(|it| it.ends_with(QUOTES));
        if is_block && self.is_multi_line(content.start()) {
            return self.block_parts(vec![Piece::Fixed(content)], escapes);
        }
        // Most texts are one piece.
        let mut parts = Vec::with_capacity(1);
        self.fixed(content, escapes, &mut parts);
        parts
    }

    /// The content of a text without holes.
    pub(super) fn plain_text(&mut self, token: Token) -> SmolStr {
        let parts = self.whole_text(token);
        if let [Part::Text { value, .. }] = parts.as_slice() {
            return value.clone();
        }
        let texts = parts.iter().map(|part| match part {
            Part::Text { value, .. } => value.as_str(),
            Part::Hole { .. } => "",
        });
        texts.collect::<String>().into()
    }

    /// A script, one part a line, with a final newline.
    pub(super) fn script(&mut self, token: Token) -> Expr {
        let source = self.slice(token.range());
        let quotes = source.find('"').unwrap_or(0);
        let (open, close) = delimiters(source);
        let start = token.start as usize;
        let tag_range = range(start, start + quotes);
        let tag = Box::new(Name { text: SmolStr::new(self.slice(tag_range)), range: tag_range });
        if !SCRIPT_TAGS.contains(&tag.text.as_str()) {
            self.errors.push(error::unknown_tag(tag_range, &tag.text));
        }
        let content = range(start + open, token.end as usize - close);
        let mut body = Vec::new();
        if self.is_multi_line(content.start()) {
            body = self.block_parts(vec![Piece::Fixed(content)], Escapes::Keep);
            self.final_newline(&mut body, content);
        } else {
            self.fixed(content, Escapes::Keep, &mut body);
            body.push(line_end(TextRange::empty(content.end())));
        }
        Expr::Script { tag, body }
    }

    /// The newline after the last line, where it is written.
    fn final_newline(&self, body: &mut Vec<Part>, content: TextRange) {
        let end = body.last().map(|it| it.range().end());
        if let Some(end) = end {
            let rest = self.slice(TextRange::new(end, content.end().max(end)));
            let length = TextSize::new(rest.find('\n').map_or(0, |at| at as u32 + 1));
            body.push(line_end(TextRange::at(end, length)));
        }
    }

    /// The pieces of a text or a command with holes.
    pub(super) fn text_parts(&mut self, open: usize) -> Vec<Part> {
        let close = self.mate(open);
        let Some(opener) = self.token(open) else { return Vec::new() };
        let escapes = match opener.kind {
            SyntaxKind::TextOpen | SyntaxKind::BlockOpen => Escapes::Read,
            _ => Escapes::Keep,
        };
        let tokens = std::iter::successors(Some(open + 1), |at| Some(self.after(*at)));
        let mut pieces = Vec::with_capacity(tokens.take_while(|at| *at < close).count());
        let mut at = open + 1;
        while at < close {
            let Some(token) = self.token(at) else { break };
            if token.kind == SyntaxKind::HoleOpen {
                pieces.push(Piece::Hole(self.hole(at)));
            } else {
                pieces.push(Piece::Fixed(token.range()));
            }
            at = self.after(at);
        }
        let is_block = matches!(opener.kind, SyntaxKind::BlockOpen | SyntaxKind::CommandBlockOpen);
        if is_block && self.is_multi_line(opener.range().end()) {
            return self.block_parts(pieces, escapes);
        }
        let mut parts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Fixed(range) => self.fixed(range, escapes, &mut parts),
                Piece::Hole(hole) => parts.push(hole),
            }
        }
        fitted(parts)
    }

    /// What stands in `${{ x }}`, if that is a name: reports the braces.
    fn without_second_braces(
        &mut self,
        from: usize,
        end: usize,
        hole: TextRange,
    ) -> Option<(usize, usize)> {
        let is_brace = self.kind(from, end) == Some(SyntaxKind::LeftBrace);
        if !is_brace || self.after(from) != end {
            return None;
        }
        let close = self.mate(from);
        let inside = self.slice(self.bytes(from + 1, close.max(from + 1))).trim().to_owned();
        let is_path = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '.';
        if !self.is_word(from + 1, close) || !inside.chars().all(is_path) {
            return None;
        }
        self.errors.push(habits::hole_in_braces(hole, &inside));
        Some((from + 1, close))
    }

    fn hole(&mut self, open: usize) -> Part {
        let end = self.mate(open);
        let is_spread = self.kind(open + 1, end) == Some(SyntaxKind::Ellipsis);
        let from = open + 1 + usize::from(is_spread);
        let range = self.group_range(open);
        if from >= end {
            self.empty_hole(range);
            let value = self.new_expr(Expr::Missing, TextRange::empty(range.end()));
            return Part::Hole { value, is_spread, range };
        }
        let (from, end) = self.without_second_braces(from, end, range).unwrap_or((from, end));
        let (value, stop) = self.expr(from, end, None);
        self.expect_group_end(stop, end);
        Part::Hole { value, is_spread, range }
    }

    /// Whether nothing follows on the line of an opener that ends at `from`.
    fn is_multi_line(&self, from: TextSize) -> bool {
        let rest = self.text.get(usize::from(from)..).unwrap_or_default();
        rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n')
    }

    /// Reads the lines of a body: common white space goes, and so do the first and the last line end.
    fn block_parts(&mut self, pieces: Vec<Piece>, escapes: Escapes) -> Vec<Part> {
        let whole = |piece: &Piece| match piece {
            Piece::Fixed(range) => *range,
            Piece::Hole(hole) => hole.range(),
        };
        let (Some(first), Some(last)) = (pieces.first().map(whole), pieces.last().map(whole))
        else {
            return Vec::new();
        };
        let body = self.body_range(first.cover(last));
        let indent = self.common_indent(body);
        let mut parts = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Hole(hole) => parts.push(hole),
                Piece::Fixed(range) => {
                    if let Some(range) = range.intersect(body) {
                        self.block_lines(range, (body, indent), escapes, &mut parts);
                    }
                }
            }
        }
        fitted(parts)
    }

    /// The lines of a body, without the end of the opener's line and the indentation of the closer.
    fn body_range(&self, content: TextRange) -> TextRange {
        let text = self.slice(content);
        let start = text.find('\n').map_or(text.len(), |at| at + 1);
        let tail = text.rfind('\n').map_or(0, |at| at);
        let is_closer_line = text.get(tail..).is_some_and(|it| it.trim().is_empty());
        let end = if is_closer_line && tail >= start { tail } else { text.len() };
        let end = if text.get(..end).is_some_and(|it| it.ends_with('\r')) { end - 1 } else { end };
        let base = usize::from(content.start());
        let is_empty = start >= end || (is_closer_line && tail < start);
        if is_empty { range(base + start, base + start) } else { range(base + start, base + end) }
    }

    /// The length of the longest white space that all lines which are not blank begin with.
    fn common_indent(&self, body: TextRange) -> usize {
        let mut common: Option<&str> = None;
        for line in self.slice(body).split('\n').filter(|line| !line.trim().is_empty()) {
            let length = line.len() - line.trim_start_matches([' ', '\t']).len();
            let white = line.get(..length).unwrap_or_default();
            common = Some(match common {
                None => white,
                Some(before) => {
                    let same = before.bytes().zip(white.bytes()).take_while(|(a, b)| a == b);
                    before.get(..same.count()).unwrap_or_default()
                }
            });
        }
        common.map_or(0, str::len)
    }

    fn block_lines(
        &mut self,
        piece: TextRange,
        layout: (TextRange, usize),
        escapes: Escapes,
        parts: &mut Vec<Part>,
    ) {
        let (body, indent) = layout;
        let mut start = usize::from(piece.start());
        let end = usize::from(piece.end());
        let mut is_line_start = piece.start() == body.start();
        while start < end {
            let rest = self.text.get(start..end).unwrap_or_default();
            let newline = rest.find('\n');
            let stop = newline.map_or(end, |at| start + at);
            let line = self.text.get(start..stop).unwrap_or_default();
            let content_end =
                if newline.is_some() && line.ends_with('\r') { stop - 1 } else { stop };
            let skip = if is_line_start { indent.min(white_space(line)) } else { 0 };
            self.fixed(range(start + skip, content_end), escapes, parts);
            if newline.is_some() {
                parts.push(line_end(range(content_end, stop + 1)));
            }
            (start, is_line_start) = (stop + 1, true);
        }
    }

    /// Fixed text on one line, cut at its escapes.
    fn fixed(&mut self, content: TextRange, escapes: Escapes, parts: &mut Vec<Part>) {
        let text = self.slice(content);
        if text.is_empty() {
            return;
        }
        if escapes == Escapes::Keep || !text.contains('\\') {
            parts.push(Part::Text { value: text.into(), range: content, is_escape: false });
            return;
        }
        let (base, text) = (usize::from(content.start()), text.to_owned());
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|it| !it.is_empty()) {
            let plain = rest.find('\\').unwrap_or(rest.len());
            if plain > 0 {
                let value = rest.get(..plain).unwrap_or_default().into();
                let range = range(base + at, base + at + plain);
                parts.push(Part::Text { value, range, is_escape: false });
                at += plain;
                continue;
            }
            let (value, length) = escape(rest);
            let place = range(base + at, base + at + length);
            let value = value.unwrap_or_else(|| {
                self.bad_escape(place);
                char::REPLACEMENT_CHARACTER
            });
            let value = SmolStr::new(value.encode_utf8(&mut [0; 4]));
            parts.push(Part::Text { value, range: place, is_escape: true });
            at += length;
        }
    }

    fn bad_escape(&mut self, place: TextRange) {
        let written = self.slice(place);
        let message = format!("`{written}` is no escape");
        self.errors.push(error::bad_escape(place, message));
    }

    /// The content of a group that stands for a text.
    pub(super) fn fill_text(&mut self, target: ExprId, open: usize) {
        let parts = self.text_parts(open);
        let is_command = matches!(self.exprs.get(target.0 as usize), Some(Expr::Command(_)));
        self.set_expr(target, if is_command { Expr::Command(parts) } else { Expr::Text(parts) });
    }
}

fn white_space(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t', '\r']).len()
}

fn line_end(range: TextRange) -> Part {
    Part::Text { value: SmolStr::new_static("\n"), range, is_escape: true }
}

/// The lengths of the opening and the closing quotes of a whole text; no closer when it is missing.
fn delimiters(source: &str) -> (usize, usize) {
    if is_foreign(source) {
        let length = |it: Option<char>| it.map_or(0, char::len_utf8);
        return (length(source.chars().next()), length(source.chars().next_back()));
    }
    let at = source.find(['"', '`']).unwrap_or(0);
    let rest = source.get(at..).unwrap_or_default();
    let quote = match rest {
        _ if rest.starts_with(QUOTES) => QUOTES,
        _ if rest.starts_with('"') => "\"",
        _ => "`",
    };
    let open = at + quote.len();
    let is_closed = source.len() >= open + quote.len() && source.ends_with(quote);
    (open, if is_closed { quote.len() } else { 0 })
}

/// The quotes of other languages.
const FOREIGN_QUOTES: [char; 5] = ['\'', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}'];

/// Whether a text has the quotes of another language.
pub(super) fn is_foreign(source: &str) -> bool {
    // A label is one, too; see `lex::label`.
    source.starts_with("//") || source.starts_with(FOREIGN_QUOTES)
}

/// What stands between the quotes of another language.
pub(super) fn content_of_foreign(source: &str) -> Option<&str> {
    source.strip_prefix(FOREIGN_QUOTES)?.strip_suffix(FOREIGN_QUOTES)
}

/// The character an escape stands for, and its length in bytes.
fn escape(text: &str) -> (Option<char>, usize) {
    let mut characters = text.chars();
    characters.next();
    let Some(letter) = characters.next() else { return (None, 1) };
    let simple = match letter {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '\\' | '"' | '$' => letter,
        'u' => return unicode_escape(text),
        _ => return (None, 1 + letter.len_utf8()),
    };
    (Some(simple), 2)
}

fn unicode_escape(text: &str) -> (Option<char>, usize) {
    let digits = text.get(3..).filter(|_| text.starts_with("\\u{"));
    let close = digits.and_then(|it| it.find('}').filter(|at| (1..=6).contains(at)));
    let (Some(digits), Some(close)) = (digits, close) else { return (None, 2) };
    let code = digits.get(..close).and_then(|it| u32::from_str_radix(it, 16).ok());
    (code.and_then(char::from_u32), 3 + close + 1)
}
