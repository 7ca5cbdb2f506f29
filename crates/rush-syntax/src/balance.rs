//! Matches brackets before anything is parsed, so that damage stays inside its group.
//!
//! When the brackets balance, indentation is not looked at. When they do not, indentation tells
//! where the author left one out: a line that is not indented deeper than the line of an opener
//! ends its group, and a closer closes the opener whose line has its indentation. Missing brackets
//! are inserted as empty tokens and surplus ones removed, so what follows always sees pairs.

use crate::error::{self, SyntaxError};
use crate::kind::SyntaxKind;
use crate::lex::range;
use crate::token::{DEPTH_MAX, Token};

/// Bracket repairs in one item; beyond it, surplus brackets are just dropped.
const REPAIRS_MAX: usize = 64;

/// Sets `mate` on every bracket of `tokens`, after repairing them if need be.
pub(crate) fn balance(text: &str, tokens: &mut Vec<Token>, errors: &mut Vec<SyntaxError>) {
    if !pair(tokens) {
        let broken_lines = errors.iter().map(|it| it.range.start().into()).collect();
        let mut layout = Layout {
            text,
            out: Vec::with_capacity(tokens.len() + 8),
            open: Vec::new(),
            line: Line::default(),
            broken_lines,
            errors,
            repairs: 0,
            dropped: 0,
            is_silent: false,
        };
        for token in tokens.drain(..) {
            layout.token(token);
        }
        layout.finish();
        *tokens = layout.out;
        let is_balanced = pair(tokens);
        debug_assert!(is_balanced, "the layout pass leaves pairs only");
    }
    cut_depth(tokens, errors);
}

/// Matches brackets by kind alone; `false` when they do not balance.
fn pair(tokens: &mut [Token]) -> bool {
    let mut open: Vec<(u32, SyntaxKind)> = Vec::new();
    for index in 0..tokens.len() {
        let Some(token) = tokens.get(index).copied() else { break };
        if let Some(closer) = token.kind.closer() {
            open.push((index as u32, closer));
        } else if token.kind.is_closer() {
            let Some((opener, expected)) = open.pop() else { return false };
            if expected != token.kind {
                return false;
            }
            if let Some(opener) = tokens.get_mut(opener as usize) {
                opener.mate = index as u32;
            }
            if let Some(closer) = tokens.get_mut(index) {
                closer.mate = opener;
            }
        }
    }
    open.is_empty()
}

/// Empties every group at the nesting limit, and reports the first.
fn cut_depth(tokens: &mut Vec<Token>, errors: &mut Vec<SyntaxError>) {
    let mut depth = 0_usize;
    let mut is_cut = false;
    for token in tokens.iter() {
        depth = match token.kind {
            kind if kind.is_opener() => depth + 1,
            kind if kind.is_closer() => depth.saturating_sub(1),
            _ => depth,
        };
        if depth > DEPTH_MAX {
            errors.push(error::too_deep(token.range()));
            is_cut = true;
            break;
        }
    }
    if !is_cut {
        return;
    }
    depth = 0;
    tokens.retain(|token| {
        if token.kind.is_closer() {
            depth -= 1;
        }
        let keep = depth < DEPTH_MAX;
        if token.kind.is_opener() {
            depth += 1;
        }
        keep
    });
    pair(tokens);
}

/// An opener that waits for its closer.
#[derive(Clone, Copy)]
struct Open {
    token: Token,
    /// Its index in the output.
    index: usize,
    /// The indentation of its line.
    indent: u32,
    line: u32,
}

#[derive(Clone, Copy, Default)]
struct Line {
    number: u32,
    indent: u32,
    begins_with_closer: bool,
}

struct Layout<'t> {
    text: &'t str,
    out: Vec<Token>,
    open: Vec<Open>,
    line: Line,
    /// Where errors of the lexer are; brackets may hide in a text that was never closed.
    broken_lines: Vec<u32>,
    errors: &'t mut Vec<SyntaxError>,
    repairs: usize,
    /// Openers beyond the nesting limit that wait for their closers.
    dropped: usize,
    /// Whether what is left open follows from something reported: the nesting limit, or a text
    /// that is never closed.
    is_silent: bool,
}

impl Layout<'_> {
    fn token(&mut self, token: Token) {
        if token.is_first() {
            self.start_line(token);
        }
        self.close_header(token);
        if token.kind.is_opener() {
            self.push_open(token);
        } else if token.kind.is_closer() {
            self.closer(token);
        } else {
            self.out.push(token);
        }
    }

    fn push_open(&mut self, token: Token) {
        if self.open.len() >= DEPTH_MAX {
            if !self.is_silent {
                self.is_silent = true;
                self.errors.push(error::too_deep(token.range()));
            }
            self.dropped += 1;
            return;
        }
        let (indent, line) = (self.line.indent, self.line.number);
        self.open.push(Open { token, index: self.out.len(), indent, line });
        self.out.push(token);
    }

    fn start_line(&mut self, token: Token) {
        let before = self.text.get(..token.start as usize).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1) as u32;
        self.line = Line {
            number: self.line.number + 1,
            indent: token.start - start,
            begins_with_closer: token.kind.is_closer(),
        };
        if token.kind.is_closer() || token.start == start {
            return;
        }
        while let Some(top) = self.open.last().copied() {
            let is_code = !matches!(top.token.kind.closer(), Some(SyntaxKind::TextClose));
            if !is_code || top.indent < self.line.indent || top.line == self.line.number {
                break;
            }
            self.close_missing(top);
        }
    }

    /// A parameter list that was left open ends before `extends`, and before the body.
    fn close_header(&mut self, token: Token) {
        let [top] = self.open.as_slice() else { return };
        if top.token.kind != SyntaxKind::LeftParen || top.indent != 0 {
            return;
        }
        let before = self.out.last().map_or(SyntaxKind::LeftParen, |it| it.kind);
        let is_after_type = before.is_word()
            || matches!(
                before,
                SyntaxKind::RightParen
                    | SyntaxKind::RightBracket
                    | SyntaxKind::Question
                    | SyntaxKind::Text
                    | SyntaxKind::Number
            );
        let ends = match token.kind {
            SyntaxKind::LeftBrace => is_after_type || token.is_first(),
            SyntaxKind::Arrow => true,
            SyntaxKind::Ident => {
                let word = self.text.get(token.start as usize..token.end as usize);
                word == Some("extends") && is_after_type
            }
            _ => false,
        };
        if ends {
            self.close_missing(*top);
        }
    }

    fn closer(&mut self, token: Token) {
        if matches!(token.kind, SyntaxKind::HoleClose | SyntaxKind::TextClose) {
            // The lexer pairs these; whatever is open inside ends here.
            while let Some(top) = self.open.last().copied() {
                if top.token.kind.closer() == Some(token.kind) {
                    return self.accept(token);
                }
                self.close_missing(top);
            }
            return;
        }
        if self.dropped > 0 {
            self.dropped -= 1;
            return;
        }
        let Some(depth) = self.find_opener(token) else {
            return self.unopened(token);
        };
        while self.open.len() > depth + 1 {
            if let Some(top) = self.open.last().copied() {
                self.close_missing(top);
            }
        }
        self.accept(token);
    }

    fn accept(&mut self, token: Token) {
        self.open.pop();
        self.out.push(token);
    }

    /// Which of the open brackets `token` closes, by kind and by layout.
    fn find_opener(&self, token: Token) -> Option<usize> {
        let fits = |it: &Open| it.token.kind.closer() == Some(token.kind);
        let is_wall = |it: &Open| {
            matches!(it.token.kind.closer(), Some(SyntaxKind::HoleClose | SyntaxKind::TextClose))
        };
        let floor = self.open.iter().rposition(is_wall).map_or(0, |at| at + 1);
        let candidates = self.open.get(floor..).unwrap_or_default();
        let top = candidates.last()?;
        if token.is_first() {
            let at_indent = |it: &Open| fits(it) && it.indent == self.line.indent;
            if let Some(at) = candidates.iter().rposition(at_indent) {
                return Some(floor + at);
            }
            let is_shallower = self.line.indent < top.indent;
            return (fits(top) && is_shallower).then(|| floor + candidates.len() - 1);
        }
        let on_line = |it: &Open| fits(it) && it.line == self.line.number;
        if let Some(at) = candidates.iter().rposition(on_line) {
            return Some(floor + at);
        }
        (fits(top) && self.line.begins_with_closer).then(|| floor + candidates.len() - 1)
    }

    fn close_missing(&mut self, top: Open) {
        self.open.pop();
        let Some(closer) = top.token.kind.closer() else { return };
        let end = self.field_in_list(top).unwrap_or(self.out.len());
        let Some(last) = end.checked_sub(1).and_then(|it| self.out.get(it)).copied() else {
            return;
        };
        self.report_unclosed(top, last);
        self.out.insert(end, Token::inserted(closer, last));
    }

    /// Where a list that was left open ends: before the first field on its line, which no list has.
    fn field_in_list(&self, top: Open) -> Option<usize> {
        if top.token.kind != SyntaxKind::LeftBracket {
            return None;
        }
        let mut depth = 0_u32;
        let line_end = self.line_end(top.token.start);
        let tokens = self.out.iter().enumerate().skip(top.index + 1);
        let on_line = tokens.take_while(|(_, it)| it.start < line_end);
        on_line.map(|(at, it)| (at, it.kind)).find_map(|(at, kind)| {
            match kind {
                kind if kind.is_opener() => depth += 1,
                kind if kind.is_closer() => depth = depth.saturating_sub(1),
                _ => {}
            }
            let next = |by: usize| self.out.get(at + by).map(|it| it.kind);
            let is_field = kind == SyntaxKind::Comma
                && next(1) == Some(SyntaxKind::Ident)
                && next(2) == Some(SyntaxKind::Colon);
            (depth == 0 && is_field).then_some(at)
        })
    }

    fn report_unclosed(&mut self, top: Open, last: Token) {
        self.repairs += 1;
        if self.repairs > REPAIRS_MAX || self.is_silent || self.is_on_broken_line(top.token) {
            return;
        }
        let head = self.head(top);
        let closer = spelling(top.token.kind.closer());
        let is_multi_line = last.start >= self.line_end(top.token.start);
        let insert = if is_multi_line {
            format!("\n{}{closer}", " ".repeat(top.indent as usize))
        } else {
            closer.to_owned()
        };
        let at = range(last.end as usize, last.end as usize);
        let opener = (top.token.range(), head.as_str());
        self.errors.push(error::unclosed_bracket(opener, closer, at, insert));
    }

    fn is_on_broken_line(&self, token: Token) -> bool {
        let start = self.text.get(..token.start as usize).and_then(|it| it.rfind('\n'));
        let start = start.map_or(0, |at| at as u32 + 1);
        let end = self.line_end(token.start);
        self.broken_lines.iter().any(|at| (start..=end).contains(at))
    }

    fn line_end(&self, from: u32) -> u32 {
        let rest = self.text.get(from as usize..).unwrap_or_default();
        from + rest.find('\n').unwrap_or(rest.len()) as u32
    }

    /// The opener with what stands before it on its line: `retry {`.
    fn head(&self, open: Open) -> String {
        let token = open.token;
        let before = self.text.get(..token.start as usize).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text.get(start..token.end as usize).unwrap_or_default().trim();
        if line.chars().count() <= 40 {
            line.to_owned()
        } else {
            spelling(Some(token.kind)).to_owned()
        }
    }

    /// A closer without an opener: its opener is missing on an earlier line, or it is surplus.
    fn unopened(&mut self, token: Token) {
        self.repairs += 1;
        if self.repairs > REPAIRS_MAX {
            return;
        }
        let place = if token.is_first() {
            self.headless_line(token)
        } else if self.is_on_broken_line(token) {
            None
        } else {
            self.place_on_line(token).filter(|it| !self.is_surplus(token, *it))
        };
        let Some(place) = place else {
            if !self.is_on_broken_line(token) {
                let closer = spelling(Some(token.kind));
                self.errors.push(error::stray_closer(token.range(), closer));
            }
            return;
        };
        self.insert_opener(token, place);
    }

    /// The last output token of the line that has the indentation of `token` and a deeper block
    /// below it: that is where the opener is missing.
    fn headless_line(&self, token: Token) -> Option<usize> {
        let floor = self.open.last().map_or(0, |it| it.index + 1);
        let mut last = self.out.len().checked_sub(1)?;
        let mut depth = 0_u32;
        for (index, it) in self.out.iter().enumerate().skip(floor).rev() {
            if it.kind.is_closer() {
                depth += 1;
            }
            let column = it.is_first().then(|| self.column(*it));
            if column.is_some_and(|column| column <= self.line.indent) {
                let is_head = column == Some(self.line.indent) && last + 1 < self.out.len();
                return (is_head && token.start > it.start).then_some(last);
            }
            if it.kind.is_opener() {
                depth = depth.saturating_sub(1);
            }
            if it.is_first() && depth == 0 {
                last = index.checked_sub(1)?;
            }
        }
        None
    }

    /// Where on its own line the opener of a surplus closer is missing: after the head of a field,
    /// or between two words of which the second cannot follow the first.
    fn place_on_line(&self, closer: Token) -> Option<usize> {
        let floor = self.open.last().map_or(0, |it| it.index + 1);
        let first = self.out.iter().rposition(|it| it.is_first() && !it.is_inserted())?;
        let from = self.after_foreign_closers(floor.max(first));
        // The first word of an item is no field, and its name stands between it and the `{`.
        let is_word = |at: usize| self.out.get(at).is_some_and(|it| it.kind.is_word());
        let head = if from == 0 && is_word(1) && is_word(2) { 1 } else { from };
        let mut place = None;
        let mut depth = 0_u32;
        for (index, it) in self.out.iter().enumerate().skip(from) {
            depth = match it.kind {
                kind if kind.is_opener() => depth + 1,
                kind if kind.is_closer() => depth.saturating_sub(1),
                _ => depth,
            };
            let Some(next) = self.out.get(index + 1).filter(|_| depth == 0) else { continue };
            let is_head =
                matches!(it.kind, SyntaxKind::Colon | SyntaxKind::Equals | SyntaxKind::Arrow);
            let is_pair = it.kind == SyntaxKind::Ident && next.kind.starts_value();
            let starts_entry = index == head
                || index.checked_sub(1).is_some_and(|before| {
                    self.out.get(before).is_some_and(|it| it.kind == SyntaxKind::Comma)
                });
            match closer.kind {
                SyntaxKind::RightBracket | SyntaxKind::RightBrace
                    if it.kind == SyntaxKind::Equals =>
                {
                    return Some(index);
                }
                SyntaxKind::RightBracket if is_head => place = Some(index),
                SyntaxKind::RightParen if is_pair => place = Some(index),
                SyntaxKind::RightBrace if is_pair && starts_entry => place = Some(index),
                SyntaxKind::RightBrace if is_head && place.is_none() => place = Some(index),
                _ => {}
            }
        }
        place
    }

    /// Whether a closer is one too many, not the group before it one too deep: the opener would be
    /// missing directly before that group, as in `needs: [a]]`, or that group is the body of an item.
    fn is_surplus(&self, closer: Token, place: usize) -> bool {
        let Some(opener) = self.last_group(closer.kind) else { return false };
        place + 1 == opener || closer.kind == SyntaxKind::RightBrace && self.is_body(opener)
    }

    /// Where the group opens that ends with the last token, if its closer is of this kind.
    fn last_group(&self, closer: SyntaxKind) -> Option<usize> {
        self.out.last().filter(|it| it.kind == closer && !it.is_inserted())?;
        let mut depth = 0_u32;
        self.out.iter().rposition(|it| {
            match it.kind {
                kind if kind.is_closer() => depth += 1,
                kind if kind.is_opener() => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        })
    }

    /// Whether nothing but the head of an item stands before the opener at `at`.
    fn is_body(&self, at: usize) -> bool {
        let head = self.out.get(..at).unwrap_or_default();
        let text = |it: &Token| self.text.get(it.start as usize..it.end as usize);
        let mut depth = 0_u32;
        for it in head {
            let is_value = matches!(it.kind, SyntaxKind::Equals | SyntaxKind::LeftBrace);
            if depth == 0 && is_value {
                return false;
            }
            match it.kind {
                kind if kind.is_opener() => depth += 1,
                kind if kind.is_closer() => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        let is_called = head.last().is_some_and(|it| it.kind == SyntaxKind::RightParen);
        at <= 2 || is_called || head.iter().any(|it| text(it) == Some("extends"))
    }

    /// The index from which on every closer has its opener: a bracket inserted before would cross
    /// a group that was opened before `from`.
    fn after_foreign_closers(&self, from: usize) -> usize {
        let mut depth = 0_u32;
        let mut start = from;
        for (index, it) in self.out.iter().enumerate().skip(from) {
            if it.kind.is_opener() {
                depth += 1;
            } else if it.kind.is_closer() && depth == 0 {
                start = index + 1;
            } else if it.kind.is_closer() {
                depth -= 1;
            }
        }
        start
    }

    fn column(&self, token: Token) -> u32 {
        let before = self.text.get(..token.start as usize).unwrap_or_default();
        token.start - before.rfind('\n').map_or(0, |at| at as u32 + 1)
    }

    fn insert_opener(&mut self, closer: Token, last: usize) {
        let kind = match closer.kind {
            SyntaxKind::RightParen => SyntaxKind::LeftParen,
            SyntaxKind::RightBracket => SyntaxKind::LeftBracket,
            _ => SyntaxKind::LeftBrace,
        };
        let Some(before) = self.out.get(last).copied() else { return };
        let column = self.column_start(before);
        let head = self.text.get(column as usize..before.end as usize).unwrap_or_default().trim();
        self.errors.push(error::unopened_bracket(
            closer.range(),
            spelling(Some(closer.kind)),
            spelling(Some(kind)),
            (before.range(), head),
        ));
        self.out.insert(last + 1, Token::inserted(kind, before));
        self.out.push(closer);
    }

    fn column_start(&self, token: Token) -> u32 {
        token.start - self.column(token)
    }

    fn finish(&mut self) {
        // A text that swallowed the rest of the item took the closers with it.
        let ends_in_text = self.out.last().is_some_and(|it| self.broken_lines.contains(&it.start));
        self.is_silent |= ends_in_text;
        while let Some(top) = self.open.last().copied() {
            self.close_missing(top);
        }
    }
}

/// How a bracket is written.
fn spelling(kind: Option<SyntaxKind>) -> &'static str {
    match kind {
        Some(SyntaxKind::LeftParen) => "(",
        Some(SyntaxKind::RightParen) => ")",
        Some(SyntaxKind::LeftBracket) => "[",
        Some(SyntaxKind::RightBracket) => "]",
        Some(SyntaxKind::LeftBrace) => "{",
        Some(SyntaxKind::HoleOpen) => "${",
        _ => "}",
    }
}
