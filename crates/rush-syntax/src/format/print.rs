//! Prints the tokens of one item.

use super::block;
use super::comment::Gap;
use super::layout::{Layout, is_text_opener};
use crate::ast::{Expr, ExprId, Item, ItemKind};
use crate::kind::SyntaxKind;
use crate::parse::Detailed;

/// The width of a line.
const WIDTH: usize = 100;

/// Prints an item without syntax errors.
pub(super) fn print(text: &str, detailed: &Detailed) -> String {
    let layout = Layout::new(text, &detailed.raw, &detailed.tokens);
    let mut printer = Printer {
        layout,
        records: record_starts(&detailed.parsed.item),
        out: String::with_capacity(text.len() + 16),
        line_start: 0,
        indent: 0,
    };
    printer.item();
    printer.out
}

/// Where records that are values start; braces elsewhere belong to types.
fn record_starts(item: &Item) -> Vec<u32> {
    let mut starts: Vec<u32> = (0..item.expr_count() as u32)
        .filter_map(|id| match item.expr(ExprId(id)) {
            Expr::Record(record) => Some(record.range.start().into()),
            _ => None,
        })
        .collect();
    if let ItemKind::Decl(decl) = &item.kind {
        starts.push(decl.body.range.start().into());
    }
    starts.sort_unstable();
    starts
}

struct Printer<'t> {
    layout: Layout<'t>,
    records: Vec<u32>,
    out: String,
    /// Where the current line starts in `out`.
    line_start: usize,
    /// The indentation of the current line.
    indent: usize,
}

impl<'t> Printer<'t> {
    fn item(&mut self) {
        if self.layout.text.starts_with('\u{feff}') {
            self.out.push('\u{feff}');
        }
        let count = self.layout.tokens.len();
        let lead = self.gap(None, (count > 0).then_some(0));
        self.lines_of_comments(&lead, 0);
        if count > 0 {
            if lead.ends_blank && !lead.comments.is_empty() {
                self.out.push('\n');
            }
            self.line_start = self.out.len();
            self.entry(0, count, 0);
            let tail = self.gap(Some(count - 1), None);
            self.trailing(&tail);
            self.out.push('\n');
            self.lines_of_comments(&tail, 0);
            if tail.ends_blank {
                self.out.push('\n');
            }
        } else if lead.ends_blank {
            self.out.push('\n');
        }
    }

    fn gap(&self, before: Option<usize>, next: Option<usize>) -> Gap<'t> {
        let from = before.and_then(|it| self.layout.token(it)).map_or(0, |it| it.raw as usize + 1);
        let end = next
            .and_then(|it| self.layout.token(it))
            .map_or(self.layout.raw.len(), |it| it.raw as usize);
        Gap::read(self.layout.text, self.layout.raw, from, end)
    }

    /// The comments of a gap that have lines of their own, each with its line end.
    fn lines_of_comments(&mut self, gap: &Gap<'_>, indent: usize) {
        let is_start = self.out.trim_start_matches('\u{feff}').is_empty();
        for (index, comment) in gap.own_lines().enumerate() {
            if comment.is_after_blank && !(index == 0 && is_start) {
                self.out.push('\n');
            }
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.out.push_str(comment.text);
            self.out.push('\n');
        }
    }

    fn trailing(&mut self, gap: &Gap<'_>) {
        for comment in gap.trailing() {
            self.out.push(' ');
            self.out.push_str(comment.text);
        }
    }

    fn newline(&mut self, indent: usize) {
        self.out.push('\n');
        self.line_start = self.out.len();
        self.indent = indent;
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// The tokens of one entry; its further lines are indented two deeper than `indent`.
    fn entry(&mut self, from: usize, end: usize, indent: usize) {
        let dropped = self.dropped_colon(from, end);
        let mut at = from;
        while at < end {
            if Some(at) == dropped {
                at += 1;
                continue;
            }
            if at > from {
                self.between(at, from, indent);
            }
            let is_group =
                self.layout.kind(at).is_some_and(|kind| kind.is_opener() && !is_text_opener(kind));
            if is_group {
                self.group(at, end);
                at = self.layout.mate(at) + 1;
            } else {
                self.token(at);
                at = self.layout.after(at);
            }
        }
    }

    /// What stands before a token inside an entry.
    fn between(&mut self, at: usize, entry: usize, indent: usize) {
        if self.layout.has_comment(at) {
            let gap = self.gap(Some(at - 1), Some(at));
            self.trailing(&gap);
            self.out.push('\n');
            self.lines_of_comments(&gap, indent + 2);
            self.out.pop();
            self.newline(indent + 2);
        } else if self.layout.keeps_newline(at) {
            self.newline(indent + 2);
        } else if self.layout.has_space(at, entry) {
            self.out.push(' ');
        }
    }

    fn token(&mut self, at: usize) {
        let text = self.layout.spelling(at);
        if text.contains('\n') {
            block::shift(text, self.indent, &mut self.out);
            self.line_start = self.out.rfind('\n').map_or(0, |it| it + 1);
        } else {
            self.out.push_str(text);
        }
    }

    /// The `:` of a field whose value is a record, which is written without it.
    fn dropped_colon(&self, from: usize, end: usize) -> Option<usize> {
        let colon = from + 1;
        let open = self.layout.token(colon + 1)?;
        let is_whole = colon + 1 < end && open.mate as usize + 1 == end;
        let is_record = open.kind == SyntaxKind::LeftBrace
            && self.records.binary_search(&open.start).is_ok()
            && self.is_member(from);
        let is_dropped = is_whole
            && is_record
            && self.layout.kind(colon) == Some(SyntaxKind::Colon)
            && !self.layout.kind(from).is_some_and(SyntaxKind::continues_before);
        (is_dropped && !self.layout.has_comment(colon) && !self.layout.has_comment(colon + 1))
            .then_some(colon)
    }

    /// Whether the entry at `at` is a member of a record that is a value.
    fn is_member(&self, at: usize) -> bool {
        let mut index = at;
        while let Some(before) = index.checked_sub(1) {
            let Some(token) = self.layout.token(before) else { return false };
            if token.kind.is_opener() {
                return token.kind == SyntaxKind::LeftBrace
                    && self.records.binary_search(&token.start).is_ok();
            }
            index = if token.kind.is_closer() { token.mate as usize } else { before };
        }
        false
    }

    fn group(&mut self, open: usize, entry_end: usize) {
        let is_broken =
            self.layout.must_break(open) || (self.may_break(open) && !self.fits(open, entry_end));
        let close = self.layout.mate(open);
        self.out.push_str(self.layout.spelling(open));
        let has_content = close > open + 1 || self.layout.has_comment(close);
        if has_content {
            let entries = self.entries(open, close);
            if is_broken {
                self.broken(open, &entries);
            } else {
                self.flat(open, &entries);
            }
        }
        self.out.push_str(self.layout.spelling(close));
    }

    fn flat(&mut self, open: usize, entries: &[(usize, usize)]) {
        let has_padding = self.layout.kind(open) == Some(SyntaxKind::LeftBrace);
        let indent = self.indent;
        for (index, (from, end)) in entries.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            if index > 0 || has_padding {
                self.out.push(' ');
            }
            self.entry(*from, *end, indent);
        }
        if has_padding {
            self.out.push(' ');
        }
    }

    fn broken(&mut self, open: usize, entries: &[(usize, usize)]) {
        let (outer, inner) = (self.indent, self.indent + 2);
        let mut before = open;
        for (index, (from, end)) in entries.iter().enumerate() {
            let gap = self.gap(Some(before), Some(*from));
            self.close_line(&gap, index > 0, inner);
            self.newline(inner);
            self.entry(*from, *end, inner);
            let next = entries.get(index + 1);
            if next.is_some_and(|(next, _)| self.layout.needs_comma_before(*next)) {
                self.out.push(',');
            }
            before = end - 1;
        }
        let gap = self.gap(Some(before), Some(self.layout.mate(open)));
        let gap = Gap { ends_blank: false, ..gap };
        self.close_line(&gap, !entries.is_empty(), inner);
        self.newline(outer);
    }

    /// Ends a line of a broken group, up to but without the newline before what comes next.
    fn close_line(&mut self, gap: &Gap<'_>, may_be_blank: bool, indent: usize) {
        self.trailing(gap);
        let mut may_be_blank = may_be_blank;
        for comment in gap.own_lines() {
            if comment.is_after_blank && may_be_blank {
                self.out.push('\n');
            }
            self.newline(indent);
            self.out.push_str(comment.text);
            may_be_blank = true;
        }
        if gap.ends_blank && may_be_blank {
            self.out.push('\n');
        }
    }

    /// The entries of a group, as ranges of tokens without their separators.
    fn entries(&self, open: usize, close: usize) -> Vec<(usize, usize)> {
        if self.layout.is_grouping(open) {
            return vec![(open + 1, close)];
        }
        let mut entries = Vec::new();
        let mut from = open + 1;
        while from < close {
            if self.layout.kind(from) == Some(SyntaxKind::Comma) {
                from += 1;
                continue;
            }
            let end = self.entry_end(from, close);
            entries.push((from, end));
            from = end;
        }
        entries
    }

    fn entry_end(&self, from: usize, close: usize) -> usize {
        let mut owes_comma = self.is_check(from);
        let mut at = from;
        while at < close {
            let Some(token) = self.layout.token(at) else { break };
            if token.kind == SyntaxKind::Comma {
                if !owes_comma {
                    break;
                }
                owes_comma = false;
                at += 2;
                if self.layout.token(at - 1).is_some_and(|it| it.kind.is_opener()) {
                    at = self.layout.mate(at - 1) + 1;
                }
                continue;
            }
            if at > from && token.is_separated() && !self.layout.keeps_newline(at) {
                break;
            }
            at = if token.kind.is_opener() { token.mate as usize + 1 } else { at + 1 };
        }
        at.min(close)
    }

    /// Whether the entry is a `check`, which has a comma of its own.
    fn is_check(&self, from: usize) -> bool {
        self.layout.kind(from) == Some(SyntaxKind::Ident)
            && self.layout.spelling(from) == "check"
            && !matches!(
                self.layout.kind(from + 1),
                Some(SyntaxKind::Colon | SyntaxKind::LeftBrace | SyntaxKind::Comma)
            )
            && self.is_member(from)
    }

    /// Whether a group breaks when its line is too long: not if it holds a single argument.
    fn may_break(&self, open: usize) -> bool {
        if self.layout.kind(open) != Some(SyntaxKind::LeftParen) {
            return true;
        }
        let close = self.layout.mate(open);
        let first_end = self.entry_end(open + 1, close);
        !self.layout.is_grouping(open) && first_end + 1 < close
    }

    /// Whether the line fits when the group at `open` stays on it, up to the next newline that has
    /// to be, or the next group that may break. Never too small a measure, so that a second run
    /// decides the same.
    fn fits(&self, open: usize, entry_end: usize) -> bool {
        let line = self.out.get(self.line_start..).unwrap_or_default();
        let mut width = line.chars().count();
        let close = self.layout.mate(open);
        let mut at = open;
        while at < entry_end && width <= WIDTH {
            let Some(token) = self.layout.token(at) else { break };
            if at > open {
                if self.layout.has_comment(at) || self.layout.keeps_newline(at) {
                    break;
                }
                width += self.gap_width(at);
            }
            let text = self.layout.spelling(at);
            width += text.lines().next().map_or(0, |line| line.chars().count());
            let is_group = token.kind.is_opener() && !is_text_opener(token.kind);
            let ends = is_group && at > open && self.layout.must_break(at)
                || is_group && at > close && self.may_break(at);
            if text.contains('\n') || ends {
                break;
            }
            at = self.layout.after(at);
        }
        width <= WIDTH
    }

    fn gap_width(&self, at: usize) -> usize {
        let before = self.layout.kind(at - 1);
        let here = self.layout.kind(at);
        let is_brace =
            before == Some(SyntaxKind::LeftBrace) || here == Some(SyntaxKind::RightBrace);
        if is_brace {
            return 1;
        }
        let is_edge =
            before.is_some_and(SyntaxKind::is_opener) || here.is_some_and(SyntaxKind::is_closer);
        if is_edge {
            return 0;
        }
        let is_entry = self.layout.token(at).is_some_and(|it| it.is_first() && it.is_separated());
        match before {
            _ if is_entry => 2,
            Some(SyntaxKind::Comma) => 1,
            _ => usize::from(self.layout.has_space(at, usize::MAX)),
        }
    }
}
