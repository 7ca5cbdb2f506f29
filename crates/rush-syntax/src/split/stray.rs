//! Items that are indented: a declaration that lost its first word, ` build(crate: Crate) {`, or a
//! whole one, `  task build {`, after an item that is complete.
//!
//! It is no part of the item above, so it gets a slice of its own and the damage stays in it.
//! Valid files have no such line: behind a complete item only operators go on.

use crate::kind::SyntaxKind;
use crate::lex::lex;

/// How often one item is looked at, so that broken files take linear time.
const ASKED_MAX: u32 = 8;

/// What is known of the open item.
#[derive(Clone, Copy, Default)]
pub(super) struct Stray {
    /// How far the head of the item is indented.
    base: usize,
    /// Where the last line with content starts, if it is indented like the head.
    last: Option<usize>,
    asked: u32,
}

impl Stray {
    /// What is known below the head of an item that is indented by `base`.
    pub(super) fn below(at: usize, base: usize) -> Self {
        Self { base, last: Some(at), asked: 0 }
    }

    /// Notes a line with content that is indented by `indent`.
    pub(super) fn note(&mut self, at: usize, indent: usize) {
        self.last = (indent == self.base).then_some(at);
    }

    /// Whether the line below can be its own: the one above it is indented like the head.
    pub(super) fn is_possible(&self) -> bool {
        self.last.is_some()
    }

    /// Whether the indented line at `line.0` can't belong to the item that starts at `start`;
    /// `line.1` says that it opens with a word of items.
    pub(super) fn starts_at(&mut self, text: &str, start: usize, line: (usize, bool)) -> bool {
        let (at, is_item) = line;
        let Some(last) = self.last else { return false };
        let line = text.get(at..).and_then(|it| it.lines().next()).unwrap_or_default();
        if !is_item && !looks_like_head(line) {
            return false;
        }
        let before = text.get(last..at).and_then(|it| it.lines().next()).unwrap_or_default();
        if before.trim_end().ends_with(['{', '(', '[', ',', '=']) || self.asked == ASKED_MAX {
            return false;
        }
        self.asked += 1;
        let item = text.get(start..at).unwrap_or_default();
        // Below a head that lost its `{` stand the members of the body.
        is_complete(item) && !(may_be_member(line) && lacks_body(item))
    }
}

/// A line that stands in a body as well as among items.
fn may_be_member(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t']);
    let rest = line.trim_start_matches(|it: char| it.is_ascii_alphanumeric() || it == '_');
    matches!(line.strip_suffix(rest), Some("let" | "check")) || rest.trim_start().starts_with('{')
}

/// A word, and behind it parameters, a body or `extends`.
fn looks_like_head(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t']);
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let rest = line.trim_start_matches(is_word);
    let word = line.strip_suffix(rest).unwrap_or_default();
    let starts = word.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
    let rest = rest.trim_start_matches([' ', '\t']);
    starts && !is_operator(word) && (rest.starts_with(['(', '{']) || rest.starts_with("extends "))
}

fn is_operator(word: &str) -> bool {
    matches!(word, "then" | "else" | "in" | "if" | "for")
}

fn ends_value(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(kind, K::Ident | K::Number | K::Text | K::Raw | K::Command | K::Script)
        || matches!(kind, K::TrueWord | K::FalseWord | K::NoneWord)
}

/// Whether an item that is complete is a declaration without a body.
fn lacks_body(item: &str) -> bool {
    let lexed = lex(item);
    let mut tokens = lexed.tokens.iter().filter(|it| !it.kind.is_trivia());
    let opening = tokens.next().and_then(|it| item.get(it.start as usize..));
    let is_declaration = opening.is_some_and(|it| {
        let (word, _) = super::split_word(it.as_bytes());
        !word.is_empty() && !super::KEYWORDS.iter().any(|keyword| keyword.as_bytes() == word)
    });
    let mut depth = 0_i32;
    is_declaration
        && tokens.all(|it| {
            let is_body = depth == 0 && it.kind == SyntaxKind::LeftBrace;
            depth += i32::from(it.kind.is_opener()) - i32::from(it.kind.is_closer());
            !is_body
        })
}

/// Whether every bracket is closed and the last token ends a value or a body.
fn is_complete(item: &str) -> bool {
    let lexed = lex(item);
    let mut depth = 0_i32;
    let (mut last, mut start) = (SyntaxKind::Unknown, 0);
    for token in lexed.tokens.iter().filter(|it| !it.kind.is_trivia()) {
        depth += i32::from(token.kind.is_opener()) - i32::from(token.kind.is_closer());
        (last, start) = (token.kind, token.start as usize);
    }
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let end = item.get(start..).and_then(|it| it.strip_prefix("extends"));
    let awaits_base = end.is_some_and(|it| !it.starts_with(is_word));
    depth == 0 && lexed.errors.is_empty() && !awaits_base && (last.is_closer() || ends_value(last))
}
