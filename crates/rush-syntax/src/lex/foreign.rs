//! What other languages write and no text of Rush has: `/* .. */`, `'..'` and quotes of typography.
//!
//! Both are taken for what they are meant to be, with one finding each.

use rush_diagnostics::Code;
use text_size::TextRange;

use super::{Lexer, range};
use crate::error::{self, habits};
use crate::kind::SyntaxKind;

/// How many tokens of a line are looked at for where it starts.
const TOKENS_MAX: usize = 200;

/// How many of the last findings are looked at for one about the same word.
const ERRORS_MAX: usize = 8;

impl Lexer<'_> {
    /// A name with letters that names do not have: `größe`. It is one word, and said once.
    pub(super) fn foreign_letters(&mut self, start: usize) -> bool {
        let is_part = |it: char| it.is_alphanumeric() || it == '_';
        let rest = self.text.get(start..).unwrap_or_default();
        if !rest.starts_with(char::is_alphabetic) {
            return false;
        }
        let length = rest.find(|it| !is_part(it)).unwrap_or(rest.len());
        let first = match self.lexed.tokens.last() {
            // White space is a token of its own, so the word reaches up to here.
            Some(last) if last.kind == SyntaxKind::Ident => last.start as usize,
            _ => {
                self.push(SyntaxKind::Ident, start);
                start
            }
        };
        self.position = start + length;
        let whole = range(first, self.position);
        let word = self.text.get(first..self.position).unwrap_or_default();
        let is_said = self.lexed.errors.iter().rev().take(ERRORS_MAX).any(|it| {
            it.code == Code::ExpectedSyntax
                && self.text.get(std::ops::Range::<usize>::from(it.range)) == Some(word)
        });
        if !is_said {
            self.lexed.errors.push(habits::foreign_letters(whole, word));
        }
        true
    }

    /// A comment that opens with `/*` at `start`; without its `*/` it ends with the line.
    pub(super) fn block_comment(&mut self, start: usize) {
        let before = self.text.get(..start).unwrap_or_default();
        if !before.is_empty() && !before.ends_with([' ', '\t', '\n', '\u{feff}']) {
            // A pattern without quotes, as in `src/*.c`.
            return self.slash(start);
        }
        let open = range(start, start + 2);
        match self.comment_end(start) {
            Some(end) => {
                let edits = self.as_line_comments(start, end);
                self.lexed.errors.push(error::block_comment(open, edits));
                self.position = end;
            }
            None if self.frames.is_empty() => {
                let edits = vec![(open, "//".to_owned())];
                self.lexed.errors.push(error::block_comment(open, Some(edits)));
                self.position = self.line_end(start);
            }
            None => return self.slash(start),
        }
        self.push(SyntaxKind::BlockComment, start);
        if let Some(at) = self.text.get(start..self.position).and_then(|it| it.rfind('\n')) {
            self.line_start = start + at + 1;
        }
    }

    /// Takes a `/*` that opens no comment for the `/` of an expression.
    fn slash(&mut self, start: usize) {
        self.push(SyntaxKind::Slash, start);
        self.position = start + 1;
    }

    /// Where the comment at `start` ends; inside a hole it has to end on its line.
    fn comment_end(&mut self, start: usize) -> Option<usize> {
        let is_in_hole = !self.frames.is_empty();
        if self.has_no_comment_end && !is_in_hole {
            return None;
        }
        let reach = if is_in_hole { self.line_end(start) } else { self.text.len() };
        let rest = self.text.as_bytes().get(start + 2..reach).unwrap_or_default();
        let found = memchr::memmem::find(rest, b"*/");
        // What is not found once is not sought again, so that broken files take linear time.
        self.has_no_comment_end |= found.is_none() && !is_in_hole;
        found.map(|at| start + 2 + at + 2)
    }

    /// The edits that make the comment from `start` to `end` one of `//` lines. Before something
    /// else on its line it has to move to a line of its own.
    fn as_line_comments(&self, start: usize, end: usize) -> Option<Vec<(TextRange, String)>> {
        let line_start = self.line_start;
        let before = self.text.get(line_start..start)?;
        let indentation: String =
            before.chars().take_while(|it| matches!(it, ' ' | '\t')).collect();
        let is_first = before.trim_start_matches('\u{feff}').trim().is_empty();
        let after = self.text.get(end..)?;
        let rest = after.trim_start_matches([' ', '\t', '\r']);
        let gap = after.len() - rest.len();
        let lines = comment_lines(self.text.get(start + 2..end - 2)?);
        let comment = lines.join(&format!("\n{indentation}"));
        if rest.is_empty() || rest.starts_with('\n') {
            return Some(vec![(range(start, end), comment)]);
        }
        if is_first {
            let text = format!("{comment}\n{indentation}");
            return Some(vec![(range(start, end + gap), text)]);
        }
        let is_one_line = !self.text.get(start..end)?.contains('\n');
        let is_line = |at: u32| at as usize == line_start;
        let opens_line = line_start == 0
            || self.lexed.tokens.iter().rev().take(TOKENS_MAX).any(|it| is_line(it.start));
        (is_one_line && opens_line && self.frames.is_empty()).then(|| {
            let line = format!("{indentation}{comment}\n");
            vec![(range(line_start, line_start), line), (range(start, end + gap), String::new())]
        })
    }

    /// A text between single or typographic quotes that ends on its line.
    pub(super) fn foreign_quotes(&mut self, start: usize) -> bool {
        let open = self.text.get(start..).and_then(|it| it.chars().next());
        let Some(open) = open.filter(|_| self.frames.is_empty()) else { return false };
        let closers: &[char] = match open {
            '\'' => &['\''],
            '\u{201c}' | '\u{201d}' => &['\u{201d}', '\u{201c}'],
            '\u{2018}' | '\u{2019}' => &['\u{2019}', '\u{2018}'],
            _ => return false,
        };
        let rest = self.text.get(start + open.len_utf8()..).unwrap_or_default();
        let mut ends = rest.char_indices().filter(|(_, it)| *it == '\n' || closers.contains(it));
        let Some((length, closer)) = ends.next().filter(|(_, it)| *it != '\n') else {
            return false;
        };
        let content = rest.get(..length).unwrap_or_default();
        self.position = start + open.len_utf8() + length + closer.len_utf8();
        self.lexed.errors.push(habits::foreign_quotes(range(start, self.position), content));
        self.push(SyntaxKind::Text, start);
        true
    }
}

/// The lines of a comment, each with `//`; the stars that decorate it are left out, and the white
/// space that all lines but the first have in common.
fn comment_lines(content: &str) -> Vec<String> {
    let is_starred =
        content.lines().skip(1).all(|it| it.trim().is_empty() || it.trim().starts_with('*'));
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common = content.lines().skip(1).filter(|it| !it.trim().is_empty()).map(indent).min();
    let mut lines: Vec<&str> = Vec::new();
    for (at, line) in content.lines().enumerate() {
        let line = match common {
            _ if at == 0 => line.trim_start_matches('*').trim(),
            _ if is_starred => {
                let line = line.trim_start().trim_start_matches('*');
                line.strip_prefix(' ').unwrap_or(line)
            }
            Some(common) => line.get(common..).unwrap_or(line.trim_start()),
            None => line,
        };
        lines.push(line.trim_end());
    }
    if let Some(last) = lines.last_mut() {
        *last = last.trim_end_matches('*').trim_end();
    }
    while lines.len() > 1 && lines.last().is_some_and(|it| it.is_empty()) {
        lines.pop();
    }
    let blank = lines.iter().take_while(|it| it.is_empty()).count();
    lines.drain(..blank.min(lines.len().saturating_sub(1)));
    lines.iter().map(|it| format!("// {it}").trim_end().to_owned()).collect()
}
