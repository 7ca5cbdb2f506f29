//! Cuts a file into items at column 0, before anything is lexed.
//!
//! Only the first bytes of each line are looked at, so a keystroke in a large file costs next to
//! nothing. The slices tile the file. The one look inside is for a `"""` left open: its unindented
//! lines may look like items of unknown kinds, and then belong to the text.

mod stray;

use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

use crate::foreign;
use crate::kind::SyntaxKind;
use crate::lex::lex;
use rush_diagnostics::Code;

use stray::Stray;

/// One item of a file, as a stretch of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The bytes; the slices of a file follow each other without a gap.
    pub range: TextRange,
    /// The word the item opens with; empty for what stands before the first item.
    pub kind: SmolStr,
    /// The declared name; empty when there is none.
    pub name: SmolStr,
}

/// The words that open an item in every file.
const KEYWORDS: [&str; 6] = ["use", "let", "param", "fn", "type", "check"];

/// Cuts `text` into items; `kinds` are the kinds that are known.
///
/// Lines before the first item are a slice of their own with an empty kind.
pub fn split(text: &str, kinds: &[&str]) -> Vec<Slice> {
    let mut splitter = Splitter {
        text,
        kinds,
        slices: Vec::new(),
        start: 0,
        head: None,
        has_docs: false,
        has_stray: false,
        has_rubbish: false,
        attached: None,
        open_text: OpenText::Unasked,
        stray: Stray::default(),
    };
    let bytes = text.as_bytes();
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    // What is not found once is not sought again, so that broken files take linear time.
    let mut has_comment_ends = true;
    while let Some(rest) = bytes.get(at..).filter(|it| !it.is_empty()) {
        let comment = if has_comment_ends { block_comment(rest) } else { None };
        has_comment_ends &= comment.is_some() || !rest.starts_with(b"/*");
        let length = comment.unwrap_or(1);
        splitter.line(at, rest);
        let tail = rest.get(length - 1..).unwrap_or_default();
        at += memchr::memchr(b'\n', tail).map_or(rest.len(), |it| length + it);
    }
    splitter.cut(text.len());
    splitter.slices
}

/// Whether the open item ends inside a `"""`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OpenText {
    /// Not looked at yet.
    Unasked,
    /// It does, so unknown kinds are body up to the next known one.
    Yes,
    /// It does not.
    No,
}

struct Splitter<'t> {
    text: &'t str,
    kinds: &'t [&'t str],
    slices: Vec<Slice>,
    /// Where the open slice starts.
    start: usize,
    /// Where the line is that opens it.
    head: Option<usize>,
    /// Whether it starts with `///`, so that the next head is its own.
    has_docs: bool,
    /// Whether indented text follows the documentation, so that the next head is another item's.
    has_stray: bool,
    /// Whether the open slice has other lines than comments before its head.
    has_rubbish: bool,
    /// The first of the comment lines directly above this line.
    attached: Option<usize>,
    open_text: OpenText,
    /// Whether an indented line may still be its own.
    stray: Stray,
}

/// What the first bytes of a line say.
enum Line {
    /// Nothing that starts an item.
    Inside,
    Blank,
    Comment,
    /// `//!`
    FileDoc,
    /// `///`
    Doc,
    /// A keyword or a known kind.
    Known,
    /// Two words, the first of which is no kind.
    Unknown,
}

impl Splitter<'_> {
    fn line(&mut self, at: usize, rest: &[u8]) {
        match classify(rest, self.kinds) {
            Line::Inside => {
                let indent = indentation(rest);
                let line = rest.get(indent..).unwrap_or_default();
                if line.starts_with(b"///") && self.head.is_none() && !self.has_docs {
                    // The item below takes it, however either is indented.
                    self.cut(self.above(at));
                    self.has_docs = true;
                }
                let is_comment = line.starts_with(b"//");
                if !is_comment && (indent == 0 || !self.indented(at, line)) {
                    self.stray.note(at, indent);
                    self.has_rubbish = true;
                    self.has_stray |= self.has_docs && self.head.is_none();
                }
                self.attached = None;
            }
            Line::Blank => self.attached = None,
            // At the head of a file they are the file's, whatever stands directly below them.
            Line::FileDoc if self.is_at_head() => self.attached = None,
            Line::Comment | Line::FileDoc => self.attached = self.attached.or(Some(at)),
            Line::Doc => {
                if !self.awaits_head() {
                    self.cut(self.attached.unwrap_or(at));
                    self.has_docs = true;
                }
                self.attached = None;
            }
            Line::Known => self.open(at),
            Line::Unknown => {
                if !self.is_in_text(at) {
                    self.open(at);
                }
                self.attached = None;
            }
        }
    }

    fn open(&mut self, at: usize) {
        if !self.awaits_head() {
            self.cut(self.attached.unwrap_or(at));
        }
        self.head = Some(at);
        self.stray.note(at, 0);
        self.attached = None;
    }

    /// An indented line, without its indentation: begins an item if nothing before it can go on
    /// there. Returns whether it did with a word that opens items.
    fn indented(&mut self, at: usize, line: &[u8]) -> bool {
        // Nearly always the line before is indented too, and then nothing needs to be looked at.
        if self.head.is_some() && !self.stray.is_possible() {
            return false;
        }
        let is_item = begins_item(line, self.kinds);
        if self.head.is_some() {
            if !self.stray.starts_at(self.text, self.start, (at, is_item)) {
                return false;
            }
            let end = if is_item { self.above(at) } else { self.attached.unwrap_or(at) };
            self.cut(end);
        } else if !is_item || self.has_rubbish {
            return false;
        } else if !self.awaits_head() {
            self.cut(self.above(at));
        }
        if is_item {
            let head = self.text.len().min(at + self.indent_at(at));
            self.head = Some(head);
            self.stray = Stray::below(at, head - at);
        }
        is_item
    }

    fn indent_at(&self, at: usize) -> usize {
        self.text.as_bytes().get(at..).map_or(0, indentation)
    }

    /// Where the comment lines directly above the line at `at` begin, however they are indented.
    fn above(&self, at: usize) -> usize {
        let mut first = at;
        while let Some(before) = self.text.get(self.start..first).filter(|it| !it.is_empty()) {
            let line = before.strip_suffix('\n').unwrap_or(before);
            let line = line.rsplit('\n').next().unwrap_or_default();
            if !line.trim_start().starts_with("//") || line.starts_with("//!") {
                break;
            }
            first = first.saturating_sub(line.len() + 1).max(self.start);
        }
        first
    }

    /// Whether nothing but comments came so far.
    fn is_at_head(&self) -> bool {
        self.slices.is_empty() && self.head.is_none() && !self.has_docs
    }

    /// Whether the open slice is documentation so far.
    fn awaits_head(&self) -> bool {
        self.has_docs && self.head.is_none() && !self.has_stray
    }

    /// Ends the open slice at `end`.
    fn cut(&mut self, end: usize) {
        if end > self.start {
            let (kind, name) =
                self.head.map_or_else(Default::default, |head| head_words(self.text, head, end));
            self.slices.push(Slice {
                range: TextRange::new(TextSize::new(self.start as u32), TextSize::new(end as u32)),
                kind,
                name,
            });
        }
        self.start = end;
        self.head = None;
        self.has_docs = false;
        self.has_stray = false;
        self.has_rubbish = false;
        self.open_text = OpenText::Unasked;
        self.stray = Stray::default();
    }

    /// Whether the line at `at` is inside a `"""` that the open item never closes.
    fn is_in_text(&mut self, at: usize) -> bool {
        if self.open_text == OpenText::Unasked {
            let item = self.text.get(self.start..at).unwrap_or_default();
            self.open_text = if ends_in_text(item) { OpenText::Yes } else { OpenText::No };
        }
        self.open_text == OpenText::Yes
    }
}

/// The length of the comment of other languages that opens a line at column 0: its lines are no
/// items. One that is never closed is its line alone.
fn block_comment(rest: &[u8]) -> Option<usize> {
    let inside = rest.strip_prefix(b"/*")?;
    memchr::memmem::find(inside, b"*/").map(|at| at + 4)
}

/// Whether lexing `item` ends inside a `"""`.
fn ends_in_text(item: &str) -> bool {
    if memchr::memmem::find(item.as_bytes(), b"\"\"\"").is_none() {
        return false;
    }
    let lexed = lex(item);
    let is_open = lexed.errors.iter().any(|error| error.code == Code::UnclosedText);
    let last = lexed.tokens.iter().rev().find(|token| !token.kind.is_trivia());
    let is_text = last.is_some_and(|token| {
        matches!(
            token.kind,
            SyntaxKind::Text
                | SyntaxKind::Raw
                | SyntaxKind::Command
                | SyntaxKind::Script
                | SyntaxKind::TextClose
        )
    });
    is_open && is_text
}

fn classify(line: &[u8], kinds: &[&str]) -> Line {
    match line.first() {
        None | Some(b'\n') => Line::Blank,
        Some(b'\r') if line.get(1) == Some(&b'\n') => Line::Blank,
        Some(b' ' | b'\t') => blank_or_inside(line),
        Some(b'/') if line.starts_with(b"///") => Line::Doc,
        Some(b'/') if line.starts_with(b"//!") => Line::FileDoc,
        Some(b'/') if line.starts_with(b"//") || line.starts_with(b"/*") => Line::Comment,
        Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => classify_word(line, kinds),
        Some(_) => Line::Inside,
    }
}

fn blank_or_inside(line: &[u8]) -> Line {
    let first = line.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    if matches!(first, None | Some(b'\n')) { Line::Blank } else { Line::Inside }
}

fn classify_word(line: &[u8], kinds: &[&str]) -> Line {
    let (word, rest) = split_word(line);
    let gap = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let next = rest.get(gap).copied();
    let has_gap = gap > 0;
    let is_known = KEYWORDS.iter().any(|it| it.as_bytes() == word)
        || kinds.iter().any(|it| it.as_bytes() == word);
    let starts_word = next.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if is_known {
        let is_keyword = KEYWORDS.iter().any(|it| it.as_bytes() == word);
        return match next {
            Some(b':' | b'.') if !has_gap => Line::Inside,
            Some(b'=') if !is_keyword => Line::Inside,
            _ => Line::Known,
        };
    }
    let is_head = has_gap && (starts_word || is_foreign_head(line));
    if is_head { Line::Unknown } else { Line::Inside }
}

fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Whether a line, without its indentation, opens with a word of items and goes on like an item.
fn begins_item(line: &[u8], kinds: &[&str]) -> bool {
    let (word, rest) = split_word(line);
    let gap = indentation(rest);
    let next = rest.get(gap).copied().unwrap_or_default();
    let is_keyword = KEYWORDS.iter().any(|it| it.as_bytes() == word);
    let is_kind = kinds.iter().any(|it| it.as_bytes() == word);
    let is_name = gap > 0 && (next.is_ascii_alphabetic() || matches!(next, b'_' | b'"'));
    (is_keyword && is_name) || (is_kind && (is_name || next == b'{'))
}

fn is_foreign_head(line: &[u8]) -> bool {
    let length = memchr::memchr(b'\n', line).unwrap_or(line.len());
    let line = line.get(..length).and_then(|it| std::str::from_utf8(it).ok());
    line.is_some_and(|line| foreign::head(line).is_some())
}

fn split_word(line: &[u8]) -> (&[u8], &[u8]) {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let length = line.iter().take_while(|byte| is_word(byte)).count();
    line.split_at(length)
}

/// The opening word of the item whose head is at `head`, and the name it declares.
fn head_words(text: &str, head: usize, end: usize) -> (SmolStr, SmolStr) {
    let item = text.get(head..end).unwrap_or_default();
    let line = item.lines().next().unwrap_or_default();
    let other = foreign::head(line);
    let length = other.as_ref().map_or(word(line).len(), |it| it.length);
    let kind = other.map_or_else(|| word(line).into(), |it| it.ours);
    let rest = line.get(length..).unwrap_or_default().trim_start();
    let name = match kind.as_str() {
        "use" => rest.rfind(" as ").and_then(|at| rest.get(at + 4..)).map_or("", str::trim_start),
        "check" => "",
        _ => rest.strip_prefix('"').unwrap_or(rest),
    };
    (kind, declared(name))
}

fn word(text: &str) -> &str {
    let (word, _) = split_word(str::as_bytes(text));
    text.get(..word.len()).unwrap_or_default()
}

/// The name at the start of `text`, also as other tools would take it: `größe`, and `test-unit`,
/// which is read as `test_unit`.
fn declared(text: &str) -> SmolStr {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    let mut rest = text.trim_start_matches(is_part);
    while let Some(behind) = rest.strip_prefix('-').filter(|it| it.starts_with(is_part)) {
        rest = behind.trim_start_matches(is_part);
    }
    let name = text.strip_suffix(rest).unwrap_or_default();
    let behind = rest.trim_start();
    let base = word(behind);
    let is_second = base == "extends"
        && behind.get(base.len()..).is_some_and(|it| !word(it.trim_start()).is_empty());
    let is_clause = name == "extends" && !base.is_empty() && !is_second;
    if is_clause || name.starts_with(|it: char| it.is_ascii_digit()) {
        return SmolStr::default();
    }
    if name.contains('-') { name.replace('-', "_").into() } else { name.into() }
}

#[cfg(test)]
mod tests;
