//! What all matches of a pattern start and end with, so that most comparisons need no automaton.
//!
//! Most patterns spell these texts out; then they are found in the pattern itself, and only how long
//! they are is kept.

use super::parse::{Token, is_plainly_valid};

/// What all matches of a pattern have in common.
#[derive(Clone)]
pub(super) struct Edges {
    /// The two texts without escapes, for a pattern that does not spell them out: the first one, and
    /// behind it the last one, or one text for both if that is all there is.
    unescaped: Option<Box<str>>,
    prefix: usize,
    suffix: usize,
    is_literal: bool,
}

impl Edges {
    /// The edges of a pattern that needs no parsing; `None` for the others.
    pub(super) fn of_plain(text: &str) -> Option<Self> {
        if !is_plainly_valid(text) {
            return None;
        }
        let body = body(text);
        let Some(prefix) = body.find(['*', '?']) else {
            let length = body.len();
            return Some(Self {
                unescaped: None,
                prefix: length,
                suffix: length,
                is_literal: true,
            });
        };
        let end = body.rfind(['*', '?']).map_or(body, |at| body.get(at + 1..).unwrap_or_default());
        // `**/` is one part: it may stand for nothing.
        let is_components = matches!(body.strip_suffix(end), Some(it) if is_stars(it));
        let suffix = end.len() - usize::from(is_components && end.starts_with('/'));
        Some(Self { unescaped: None, prefix, suffix, is_literal: false })
    }

    /// The edges of a parsed pattern.
    pub(super) fn of_tokens(tokens: &[Token]) -> Self {
        let literal = |token: &Token| match token {
            Token::Char(character) => Some(*character),
            _ => None,
        };
        let mut texts: String = tokens.iter().map_while(literal).collect();
        let prefix = texts.len();
        if tokens.iter().all(|token| matches!(token, Token::Char(_))) {
            let unescaped = Some(texts.into());
            return Self { unescaped, prefix, suffix: prefix, is_literal: true };
        }
        let behind: Vec<char> = tokens.iter().rev().map_while(literal).collect();
        texts.extend(behind.into_iter().rev());
        let suffix = texts.len() - prefix;
        Self { unescaped: Some(texts.into()), prefix, suffix, is_literal: false }
    }

    /// The edges of the pattern with what is below its matches; `text` is the pattern.
    pub(super) fn with_contents(&self, text: &str) -> Self {
        let is_root = self.is_literal && self.prefix(text) == ".";
        let prefix = if is_root { 0 } else { self.prefix };
        Self { unescaped: self.unescaped.clone(), prefix, suffix: 0, is_literal: false }
    }

    /// The text that every match starts with, unescaped.
    pub(super) fn prefix<'a>(&'a self, text: &'a str) -> &'a str {
        self.texts(text).get(..self.prefix).unwrap_or_default()
    }

    /// The text that every match ends with, unescaped.
    pub(super) fn suffix<'a>(&'a self, text: &'a str) -> &'a str {
        let texts = self.texts(text);
        texts.get(texts.len() - self.suffix..).unwrap_or_default()
    }

    /// Whether the prefix is all there is.
    pub(super) const fn is_literal(&self) -> bool {
        self.is_literal
    }

    fn texts<'a>(&'a self, text: &'a str) -> &'a str {
        self.unescaped.as_deref().unwrap_or_else(|| body(text))
    }
}

fn body(text: &str) -> &str {
    text.strip_prefix('!').unwrap_or(text)
}

fn is_stars(text: &str) -> bool {
    text == "**" || text.ends_with("/**")
}
