//! Which groups must break, which newlines stay, and where spaces go: decided before printing.

use crate::kind::SyntaxKind;
use crate::lex::RawToken;
use crate::token::Token;

/// The decisions on one item's tokens.
pub(super) struct Layout<'t> {
    pub(super) text: &'t str,
    pub(super) raw: &'t [RawToken],
    pub(super) tokens: &'t [Token],
    /// For each token: whether the group it opens must break.
    must_break: Vec<bool>,
}

/// A group on the way through the tokens.
struct Open {
    index: usize,
    has_newline: bool,
}

impl<'t> Layout<'t> {
    pub(super) fn new(text: &'t str, raw: &'t [RawToken], tokens: &'t [Token]) -> Self {
        let must_break = vec![false; tokens.len()];
        let mut layout = Self { text, raw, tokens, must_break };
        layout.decide();
        layout
    }

    fn decide(&mut self) {
        let mut open: Vec<Open> = Vec::new();
        let mut at = 0;
        while let Some(token) = self.token(at) {
            if at > 0 && self.has_comment(at) {
                self.break_top(&mut open);
            }
            let keeps_newline = self.keeps_newline(at);
            if let Some(top) = open.last_mut() {
                top.has_newline |= keeps_newline || self.spelling(at).contains('\n');
            }
            if is_text_opener(token.kind) {
                at = token.mate as usize + 1;
                continue;
            }
            if token.kind.is_opener() {
                let next = self.token(at + 1);
                let is_empty = token.mate as usize == at + 1;
                open.push(Open { index: at, has_newline: false });
                if !is_empty && next.is_some_and(Token::is_first) {
                    self.break_top(&mut open);
                }
            } else if token.kind.is_closer() {
                self.close(&mut open);
            }
            at += 1;
        }
    }

    fn break_top(&mut self, open: &mut [Open]) {
        let Some(top) = open.last_mut() else { return };
        top.has_newline = true;
        if let Some(place) = self.must_break.get_mut(top.index) {
            *place = true;
        }
    }

    fn close(&mut self, open: &mut Vec<Open>) {
        let Some(closed) = open.pop() else { return };
        if !closed.has_newline {
            return;
        }
        if self.kind(closed.index) != Some(SyntaxKind::LeftParen)
            && let Some(place) = self.must_break.get_mut(closed.index)
        {
            *place = true;
        }
        if let Some(parent) = open.last_mut() {
            parent.has_newline = true;
        }
    }

    pub(super) fn token(&self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied()
    }

    pub(super) fn kind(&self, at: usize) -> Option<SyntaxKind> {
        self.tokens.get(at).map(|it| it.kind)
    }

    pub(super) fn mate(&self, open: usize) -> usize {
        self.token(open).map_or(open, |it| it.mate as usize)
    }

    /// The text of a token, or of the whole text when the token opens one.
    pub(super) fn spelling(&self, at: usize) -> &'t str {
        let Some(token) = self.token(at) else { return "" };
        let end = if is_text_opener(token.kind) {
            self.token(token.mate as usize).map_or(token.end, |it| it.end)
        } else {
            token.end
        };
        self.text.get(token.start as usize..end as usize).unwrap_or_default()
    }

    /// The index after the token, or after the whole text when the token opens one.
    pub(super) fn after(&self, at: usize) -> usize {
        match self.token(at) {
            Some(it) if is_text_opener(it.kind) => it.mate as usize + 1,
            _ => at + 1,
        }
    }

    pub(super) fn must_break(&self, open: usize) -> bool {
        self.must_break.get(open).copied().unwrap_or(false)
    }

    /// Whether a comment stands between the token at `at` and the one before.
    pub(super) fn has_comment(&self, at: usize) -> bool {
        let from = at.checked_sub(1).and_then(|it| self.token(it)).map_or(0, |it| it.raw + 1);
        let end = self.token(at).map_or(self.raw.len() as u32, |it| it.raw);
        let gap = self.raw.get(from as usize..end as usize).unwrap_or_default();
        gap.iter().any(|it| {
            !matches!(it.kind, SyntaxKind::Whitespace | SyntaxKind::Newline | SyntaxKind::Bom)
        })
    }

    /// Whether the author's newline before this token stays: one that continues a line.
    pub(super) fn keeps_newline(&self, at: usize) -> bool {
        let Some(token) = self.token(at).filter(|it| it.is_first()) else { return false };
        let before = at.checked_sub(1).and_then(|it| self.kind(it));
        before.is_some_and(|before| {
            let continues = !token.is_separated() && before.continues_after()
                || !token.is_separated() && token.kind.continues_before()
                || before == SyntaxKind::Colon;
            continues && !before.is_opener() && !token.kind.is_closer()
        })
    }

    /// Whether an entry that begins at `at` would be read as the rest of the line above, were it not
    /// for a comma: `then {`, where `then` is a key.
    pub(super) fn needs_comma_before(&self, at: usize) -> bool {
        self.kind(at).is_some_and(SyntaxKind::continues_before)
            && self.kind(at + 1) != Some(SyntaxKind::Colon)
    }

    /// Whether an operand ends with the token at `at`.
    pub(super) fn ends_operand(&self, at: usize) -> bool {
        let Some(token) = self.token(at) else { return false };
        let before = at.checked_sub(1).and_then(|it| self.kind(it));
        match token.kind {
            SyntaxKind::Ident => {
                let is_head = token.is_first()
                    || matches!(before, None | Some(SyntaxKind::LeftBrace | SyntaxKind::Comma));
                !(is_head && self.spelling(at) == "check")
            }
            SyntaxKind::TrueWord | SyntaxKind::FalseWord | SyntaxKind::NoneWord => true,
            kind if kind.is_word() => before == Some(SyntaxKind::Dot),
            SyntaxKind::Number
            | SyntaxKind::Text
            | SyntaxKind::Raw
            | SyntaxKind::Command
            | SyntaxKind::Script
            | SyntaxKind::Question => true,
            kind => kind.is_closer(),
        }
    }

    /// Whether parentheses only group: nothing stands before them, and no comma inside.
    pub(super) fn is_grouping(&self, open: usize) -> bool {
        if self.kind(open) != Some(SyntaxKind::LeftParen) {
            return false;
        }
        if open.checked_sub(1).is_some_and(|before| self.ends_operand(before)) {
            return false;
        }
        let end = self.mate(open);
        let mut at = open + 1;
        while at < end {
            match self.token(at) {
                Some(it) if it.kind == SyntaxKind::Comma => return false,
                Some(it) if it.kind.is_opener() => at = it.mate as usize,
                _ => {}
            }
            at += 1;
        }
        true
    }

    /// Whether a space stands between the token at `at` and the one before, on one line.
    pub(super) fn has_space(&self, at: usize, entry: usize) -> bool {
        let Some(before_at) = at.checked_sub(1) else { return false };
        let (Some(before), Some(here)) = (self.kind(before_at), self.kind(at)) else {
            return false;
        };
        match (before, here) {
            (_, SyntaxKind::Comma | SyntaxKind::Colon | SyntaxKind::Question) => false,
            (SyntaxKind::Dot, _) | (_, SyntaxKind::Dot) => false,
            (SyntaxKind::DotDot | SyntaxKind::DotDotEquals, _) => false,
            (_, SyntaxKind::DotDot | SyntaxKind::DotDotEquals) => false,
            (SyntaxKind::Ellipsis | SyntaxKind::At | SyntaxKind::Bang, _) => false,
            (SyntaxKind::Minus, _) => {
                before_at != entry
                    && before_at.checked_sub(1).is_some_and(|it| self.ends_operand(it))
            }
            (_, SyntaxKind::LeftParen | SyntaxKind::LeftBracket) => !self.ends_operand(before_at),
            _ => true,
        }
    }
}

/// Whether a token opens a text or a command, which is printed as it is.
pub(super) fn is_text_opener(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::TextOpen
            | SyntaxKind::BlockOpen
            | SyntaxKind::CommandOpen
            | SyntaxKind::CommandBlockOpen
    )
}
