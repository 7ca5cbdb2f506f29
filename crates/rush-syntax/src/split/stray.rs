//! A declaration that lost its first word: ` build(crate: Crate) {` after an item that is complete.
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
    /// Where the last line with content starts, if that is at column 0.
    last: Option<usize>,
    asked: u32,
}

impl Stray {
    /// Notes a line with content; `is_indented` or not.
    pub(super) fn note(&mut self, at: usize, is_indented: bool) {
        self.last = (!is_indented).then_some(at);
    }

    /// Whether the indented `line` can't belong to the item that starts at `start`.
    pub(super) fn starts_at(&mut self, text: &str, start: usize, at: usize) -> bool {
        // Nearly always the line before is indented too, and then nothing needs to be looked at.
        let Some(last) = self.last else { return false };
        let line = text.get(at..).and_then(|it| it.lines().next()).unwrap_or_default();
        if !looks_like_head(line) {
            return false;
        }
        let before = text.get(last..at).and_then(|it| it.lines().next()).unwrap_or_default();
        if before.trim_end().ends_with(['{', '(', '[', ',', '=']) || self.asked == ASKED_MAX {
            return false;
        }
        self.asked += 1;
        text.get(start..at).is_some_and(is_complete)
    }
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

/// Whether every bracket is closed and the last token ends a value or a body.
fn is_complete(item: &str) -> bool {
    let lexed = lex(item);
    let mut depth = 0_i32;
    let mut last = SyntaxKind::Unknown;
    for token in lexed.tokens.iter().filter(|it| !it.kind.is_trivia()) {
        depth += i32::from(token.kind.is_opener()) - i32::from(token.kind.is_closer());
        last = token.kind;
    }
    depth == 0
        && lexed.errors.is_empty()
        && (last.is_closer() || matches!(last, SyntaxKind::Ident | SyntaxKind::Text))
}
