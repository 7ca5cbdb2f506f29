//! The comments and blank lines between two tokens.

use crate::kind::SyntaxKind;
use crate::lex::RawToken;

/// A comment between two tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comment<'t> {
    pub(super) text: &'t str,
    /// Whether nothing stands before it on its line.
    pub(super) has_own_line: bool,
    /// Whether a blank line comes before it.
    pub(super) is_after_blank: bool,
}

/// What stands between two tokens.
#[derive(Debug, Default)]
pub(super) struct Gap<'t> {
    pub(super) comments: Vec<Comment<'t>>,
    /// Whether a blank line comes after all comments.
    pub(super) ends_blank: bool,
}

impl<'t> Gap<'t> {
    /// Reads the raw tokens from `from` up to `end`; commas among them are passed over.
    pub(super) fn read(text: &'t str, raw: &[RawToken], from: usize, end: usize) -> Self {
        let mut gap = Self::default();
        let mut newlines = usize::from(from == 0);
        for index in from..end.min(raw.len()) {
            let Some(token) = raw.get(index) else { break };
            match token.kind {
                SyntaxKind::Newline => newlines += 1,
                SyntaxKind::Whitespace | SyntaxKind::Bom => {}
                SyntaxKind::Comma => newlines = 0,
                _ => {
                    let stop = raw.get(index + 1).map_or(text.len(), |it| it.start as usize);
                    let text = text.get(token.start as usize..stop).unwrap_or_default();
                    gap.comments.push(Comment {
                        text: text.trim_end(),
                        has_own_line: newlines > 0,
                        is_after_blank: newlines > 1,
                    });
                    newlines = 0;
                }
            }
        }
        gap.ends_blank = newlines > 1;
        gap
    }

    /// The comments on the line of the token before.
    pub(super) fn trailing(&self) -> impl Iterator<Item = &Comment<'t>> {
        self.comments.iter().take_while(|it| !it.has_own_line)
    }

    /// The comments on lines of their own.
    pub(super) fn own_lines(&self) -> impl Iterator<Item = &Comment<'t>> {
        self.comments.iter().skip_while(|it| !it.has_own_line)
    }
}
