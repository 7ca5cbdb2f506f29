//! The tokens the grammar sees: trivia left out, newlines as flags, brackets matched.

use text_size::{TextRange, TextSize};

use crate::kind::SyntaxKind;
use crate::lex::RawToken;

/// The deepest nesting of brackets, prefixes, chains and conditions.
pub(crate) const DEPTH_MAX: usize = 128;

/// A token that is not trivia.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: SyntaxKind,
    flags: u8,
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The index of the closer for an opener, and the other way round.
    pub(crate) mate: u32,
    /// The index in the lossless list; for an inserted token, of the one that follows.
    pub(crate) raw: u32,
}

const FIRST: u8 = 1;
const SEPARATED: u8 = 2;
const DOCUMENTED: u8 = 4;
const INSERTED: u8 = 8;

impl Token {
    /// Whether it is the first of its line.
    pub(crate) fn is_first(self) -> bool {
        self.flags & FIRST != 0
    }

    /// Whether a newline that separates entries comes before it.
    pub(crate) fn is_separated(self) -> bool {
        self.flags & SEPARATED != 0
    }

    /// Whether `///` comes before it.
    pub(crate) fn is_documented(self) -> bool {
        self.flags & DOCUMENTED != 0
    }

    /// Whether the author did not write it.
    pub(crate) fn is_inserted(self) -> bool {
        self.flags & INSERTED != 0
    }

    pub(crate) fn range(self) -> TextRange {
        TextRange::new(TextSize::new(self.start), TextSize::new(self.end))
    }

    /// A bracket the author forgot, just after `before`.
    pub(crate) fn inserted(kind: SyntaxKind, before: Self) -> Self {
        Self {
            kind,
            flags: INSERTED,
            start: before.end,
            end: before.end,
            mate: u32::MAX,
            raw: before.raw + 1,
        }
    }
}

/// Leaves out the trivia of `raw`, the tokens of `text`.
pub(crate) fn significant(raw: &[RawToken], text: &str) -> Vec<Token> {
    let end = text.len() as u32;
    let mut tokens = Vec::with_capacity(raw.len() * 2 / 3 + 1);
    let mut flags = FIRST;
    let mut last = SyntaxKind::Comma;
    for (index, token) in raw.iter().enumerate() {
        match token.kind {
            SyntaxKind::Newline => flags |= FIRST,
            SyntaxKind::DocComment => flags |= DOCUMENTED,
            // A comment over several lines ends the line it begins on.
            SyntaxKind::BlockComment if spans_lines(text, raw, index) => flags |= FIRST,
            kind if kind.is_trivia() => {}
            kind => {
                let kind = if is_after_dot(raw, index, kind) { SyntaxKind::Ident } else { kind };
                let continues = kind.continues_before() && !is_key(raw, index, kind);
                if flags & FIRST != 0 && !last.continues_after() && !continues {
                    flags |= SEPARATED;
                }
                tokens.push(Token {
                    kind,
                    flags,
                    start: token.start,
                    end: raw.get(index + 1).map_or(end, |next| next.start),
                    mate: u32::MAX,
                    raw: index as u32,
                });
                (flags, last) = (0, kind);
            }
        }
    }
    tokens
}

/// Whether the token at `index` is a word directly behind a `.`, where every word is a name.
fn is_after_dot(raw: &[RawToken], index: usize, kind: SyntaxKind) -> bool {
    let before = index.checked_sub(1).and_then(|it| raw.get(it));
    kind.is_word() && before.is_some_and(|it| it.kind == SyntaxKind::Dot)
}

/// Whether `then` or `else` at `index` names what follows: a branch has no `:`.
fn is_key(raw: &[RawToken], index: usize, kind: SyntaxKind) -> bool {
    let after = raw.iter().skip(index + 1).find(|it| it.kind != SyntaxKind::Whitespace);
    matches!(kind, SyntaxKind::ThenWord | SyntaxKind::ElseWord)
        && after.is_some_and(|it| it.kind == SyntaxKind::Colon)
}

fn spans_lines(text: &str, raw: &[RawToken], index: usize) -> bool {
    let start = |at: usize| raw.get(at).map_or(text.len(), |it| it.start as usize);
    text.get(start(index)..start(index + 1)).is_some_and(|it| it.contains('\n'))
}
