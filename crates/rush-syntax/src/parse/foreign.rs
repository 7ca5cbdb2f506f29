//! What other languages write inside an item, and what is meant by it.
//!
//! Asked only where the grammar stopped, so valid files never come here and no word is taken from
//! them. What is certain is read as meant; of the rest one finding stays, and nothing follows it.

use text_size::TextRange;

use super::{Parser, Rc, SCRIPT_TAGS};
use crate::Kind;
use crate::ast::{Expr, ExprId};
use crate::error::{SyntaxFix, habits};
use crate::kind::SyntaxKind;
use crate::lex::range;
use crate::token::Token;

mod choice;
mod command;
mod head;
mod operator;
mod types;

pub(super) use head::Foreign;

/// Fields whose value is a command.
const OWN_COMMANDS: &[&str] = &["run", "finally"];

/// Fields whose value is a command, also as other tools call them.
const COMMANDS: &[&str] = &["run", "finally", "cmd", "command", "script", "exec", "shell", "sh"];

/// Fields whose value is a list of names, also as other tools call them.
const NAMED: &[&str] =
    &["needs", "steps", "after", "deps", "depends_on", "dependencies", "depends", "requires"];

/// What to do where an expression stopped.
pub(super) enum Remedy {
    /// Tokens were changed to what is meant: read it anew.
    Again,
    /// It was reported; go on at this token.
    SkipTo(usize),
}

/// The entries of a list, and whether each is one value, as a list; and whether that is what they mean
/// for certain.
fn list_of(entries: &[(String, bool)]) -> Option<(String, bool)> {
    if !entries.iter().all(|(text, is_one)| *is_one && !text.contains('\n')) {
        return None;
    }
    let values: Vec<&str> = entries.iter().map(|it| it.0.as_str()).collect();
    Some((format!("[{}]", values.join(", ")), true))
}

/// The entries as a list of texts, if all are texts or look like paths or patterns without quotes.
fn texts_of(entries: &[(String, bool)]) -> Option<(String, bool)> {
    let is_inside = |it: char| it.is_ascii_alphanumeric() || "./*_-?!".contains(it);
    let text_of = |(text, is_one): &(String, bool)| match text {
        text if text.starts_with('"') => is_one.then(|| text.clone()),
        text => text.chars().all(is_inside).then(|| format!("\"{text}\"")),
    };
    let texts = entries.iter().map(text_of).collect::<Option<Vec<String>>>()?;
    Some((format!("[{}]", texts.join(", ")), false))
}

/// Whether an entry is a name as it stands.
fn is_bare_word(text: &str) -> bool {
    text.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
        && !text.starts_with(|it: char| it.is_ascii_digit())
}

/// A value as it is written here: in quotes, unless it is a value already.
fn in_quotes(value: &str) -> String {
    let is_value = value.starts_with(['"', '[', '{', '`']) || crate::parse_number(value).is_some();
    if is_value { value.to_owned() } else { format!("{value:?}") }
}

/// The entries as a list of commands.
fn commands_of(entries: &[(String, bool)]) -> Option<(String, bool)> {
    let is_plain = |text: &str| !text.is_empty() && !text.contains(['`', '\n', '\\']);
    if !entries.iter().all(|it| is_plain(&it.0)) {
        return None;
    }
    let commands: Vec<String> = entries.iter().map(|it| format!("`{}`", it.0)).collect();
    Some((format!("[{}]", commands.join(", ")), false))
}

impl Parser {
    /// Whether the field at `head`, in the record that ends at `end`, is one whose value is a command.
    ///
    /// That is so in the body of a declaration only: elsewhere a record is data, and `command` a name
    /// like any other. A kind that Rush does not know has fields of its own.
    fn takes_command(&self, head: usize, end: usize) -> bool {
        let Some((kind, _)) = self.body.filter(|it| it.1 == end) else { return false };
        let known = match kind {
            Kind::Task | Kind::Service | Kind::Template => COMMANDS,
            _ => OWN_COMMANDS,
        };
        known.contains(&self.word(head))
    }

    /// Where the line of the entry that `at` is in ends: at a comma, a closer or a new line.
    pub(super) fn line_of_entry(&self, at: usize) -> usize {
        let mut at = self.after(at);
        while let Some(token) = self.token(at) {
            if token.is_separated() || token.kind.is_closer() || token.kind == SyntaxKind::Comma {
                break;
            }
            at = self.after(at);
        }
        at.min(self.tokens.len())
    }

    /// A value of the field at `head` that other tools would understand; returns where it ends.
    pub(super) fn foreign_value(
        &mut self,
        head: usize,
        from: usize,
        end: usize,
    ) -> Option<(ExprId, usize)> {
        self.commands_in_quotes(head, from, end);
        let token = self.token(from).filter(|_| from < end)?;
        let stop = match token.kind {
            SyntaxKind::Minus if token.is_separated() => self.dashed_list(head, from, end)?,
            kind if token.is_separated() && (kind.is_word() || kind == SyntaxKind::Text) => {
                self.indented_record(head, from, end)?
            }
            SyntaxKind::Pipe | SyntaxKind::Greater if !token.is_first() => {
                self.block_of_lines(head, from, end)?
            }
            SyntaxKind::Ident | SyntaxKind::Dot | SyntaxKind::DotDot | SyntaxKind::Slash
                if !token.is_first() =>
            {
                self.bare_command(head, from, end)?
            }
            _ => return None,
        };
        Some((self.new_expr(Expr::Missing, self.bytes(from, from)), stop.min(end)))
    }

    /// A record with an entry a line, indented and without its braces.
    fn indented_record(&mut self, head: usize, from: usize, end: usize) -> Option<usize> {
        let column = self.column(from);
        if column <= self.line_indent(head) {
            return None;
        }
        let mut entries = Vec::new();
        let mut at = from;
        while at < end && self.token(at).is_some_and(Token::is_first) && self.column(at) == column {
            let has_value = self.token(at + 2).is_some_and(|it| at + 2 < end && !it.is_first());
            if self.kind(at + 1, end) != Some(SyntaxKind::Colon) || !has_value {
                return None;
            }
            let mut stop = at + 2;
            while stop < end && !self.token(stop).is_some_and(Token::is_first) {
                stop = self.after(stop);
            }
            let value = self.slice(self.bytes(at + 2, stop)).to_owned();
            entries.push(format!("{}: {}", self.slice(self.range_at(at)), in_quotes(&value)));
            at = stop;
        }
        let field = self.word(head).to_owned();
        let gap = TextRange::new(self.range_at(from - 1).start(), self.bytes(from, at).end());
        let record = format!(" {{ {} }}", entries.join(", "));
        let fix = SyntaxFix::offered("write a record", vec![(gap, record)]);
        self.errors.push(habits::indented_record(self.range_at(from), &field, Some(fix)));
        Some(at)
    }

    /// A list with an entry a line, each behind a `-`.
    fn dashed_list(&mut self, head: usize, from: usize, end: usize) -> Option<usize> {
        let column = self.column(from);
        if column < self.line_indent(head) {
            return None;
        }
        let is_entry = |it: &Self, at: usize| {
            it.kind(at, end) == Some(SyntaxKind::Minus)
                && it.token(at).is_some_and(Token::is_first)
                && it.column(at) == column
        };
        let mut entries = Vec::new();
        let mut at = from;
        while is_entry(self, at) {
            let mut stop = at + 1;
            while stop < end && !self.token(stop).is_some_and(Token::is_first) {
                stop = self.after(stop);
            }
            let is_one = self.after(at + 1) == stop;
            entries.push((self.slice(self.bytes(at + 1, stop.max(at + 1))).to_owned(), is_one));
            at = stop.max(at + 1);
        }
        let commands = || commands_of(&entries).filter(|_| self.takes_command(head, end));
        // Only tasks are named by bare words; elsewhere the quotes are missing.
        let names = NAMED.contains(&self.word(head));
        let values = if names || !entries.iter().any(|it| is_bare_word(&it.0)) {
            list_of(&entries)
        } else {
            None
        };
        let list = values.or_else(commands).or_else(|| texts_of(&entries));
        let fix = list.map(|(list, is_certain)| {
            let gap = TextRange::new(self.range_at(from - 1).end(), self.bytes(from, at).end());
            let edits = vec![(gap, format!(" {list}"))];
            if is_certain {
                SyntaxFix::automatic("write a list", edits)
            } else {
                SyntaxFix::offered("write a list", edits)
            }
        });
        self.errors.push(habits::dashed_list(self.range_at(from), fix));
        Some(at)
    }

    /// `needs: a, b`: values behind a comma that have no name. `value` is the one before it.
    pub(super) fn list_without_brackets(
        &mut self,
        at: usize,
        end: usize,
        value: TextRange,
    ) -> Option<usize> {
        let is_value = |it: &Self, at: usize| {
            it.kind(at, end).is_some_and(|it| it.starts_value() && it != SyntaxKind::LetWord)
                && !it.token(at).is_some_and(Token::is_first)
                && matches!(it.kind(at - 1, end), Some(SyntaxKind::Comma))
        };
        let is_end = |it: &Self, at: usize| {
            at >= end
                || it.kind(at, end) == Some(SyntaxKind::Comma)
                || it.token(at).is_some_and(Token::is_separated)
        };
        let mut stop = at;
        while is_value(self, stop) && is_end(self, self.after(stop)) {
            stop = self.after(stop);
            if self.kind(stop, end) == Some(SyntaxKind::Comma) && is_value(self, stop + 1) {
                stop += 1;
            } else {
                break;
            }
        }
        if stop == at {
            return None;
        }
        let place = TextRange::new(value.start(), self.bytes(at, stop).end());
        let list = format!("[{}]", self.slice(place));
        self.errors.push(habits::list_without_brackets(place, &list));
        Some(stop)
    }

    /// `[x * 2 for x in xs]`, where the element at `at` stopped before its `for`.
    pub(super) fn element_before_for(&mut self, at: usize, stop: usize, limit: usize) -> bool {
        if self.kind(stop, limit) != Some(SyntaxKind::ForWord) || stop == at {
            return false;
        }
        if (stop..limit).any(|it| self.kind(it, limit) == Some(SyntaxKind::Colon)) {
            return false;
        }
        let (element, head) = (self.bytes(at, stop), self.bytes(stop, limit));
        let ours = format!("{}: {}", self.slice(head), self.slice(element));
        let whole = element.cover(head);
        self.errors.push(habits::element_before_for(self.range_at(stop), (whole, ours)));
        true
    }

    /// What stands in a record, but is a statement or a declaration elsewhere.
    pub(super) fn foreign_member(&mut self, at: usize, end: usize) -> Option<usize> {
        let next = self.token(at + 1).filter(|it| at + 1 < end && !it.is_first())?;
        let opens = |it: &Self, at: usize| it.kind(at, end) == Some(SyntaxKind::LeftBrace);
        if choice::WORDS.contains(&self.word(at)) {
            let is_written = next.kind == SyntaxKind::LeftParen || next.kind.is_word();
            let body = self.after(at + 1);
            if is_written && opens(self, body) {
                self.choice(at, body);
                return Some(self.after(body));
            }
        }
        let place = self.bytes(at, at + 2);
        let error = match self.word(at) {
            word @ ("if" | "for" | "while") if next.kind.starts_value() && !opens(self, at + 1) => {
                habits::statement_in_record(place, word)
            }
            word if next.kind == SyntaxKind::Ident && opens(self, at + 2) => {
                let head = format!("{word} {}", self.word(at + 1));
                habits::declaration_in_record(place, &head)
            }
            _ => return None,
        };
        self.errors.push(error);
        let mut stop = at + 1;
        while stop < end && !self.token(stop).is_some_and(Token::is_separated) {
            stop = self.after(stop);
        }
        Some(stop.min(end))
    }

    /// `$name` and `${name}` where a value stands.
    pub(super) fn dollar(&mut self, at: usize, end: usize) -> bool {
        if self.kind(at, end) != Some(SyntaxKind::Unknown) || self.word(at) != "$" {
            return false;
        }
        let next = at + 1;
        let (whole, name) = if self.kind(next, end) == Some(SyntaxKind::LeftBrace) {
            (self.bytes(at, self.after(next)), self.bytes(next + 1, self.mate(next)))
        } else {
            (self.bytes(at, next + 1), self.bytes(next, next + 1))
        };
        let name = self.slice(name).to_owned();
        let has_braces = self.kind(next, end) == Some(SyntaxKind::LeftBrace);
        let fix = (!name.is_empty()).then(|| {
            // `$NAME` may as well be a variable of the shell.
            let make = if has_braces { SyntaxFix::automatic } else { SyntaxFix::offered };
            make(format!("write `{name}`"), vec![(whole, name)])
        });
        self.errors.push(habits::dollar_before_name(whole, fix));
        true
    }

    /// The stretch without spaces around `at` that looks like a path or a pattern without quotes.
    pub(super) fn bare_path(&self, at: usize) -> Option<TextRange> {
        let place = usize::from(self.range_at(at).start());
        let is_inside = |it: char| !it.is_whitespace() && !"[](){},\"'`:".contains(it);
        let before = self.text.get(..place)?;
        let start = before.trim_end_matches(is_inside).len();
        let after = self.text.get(place..)?;
        let end = self.text.len() - after.trim_start_matches(is_inside).len();
        let found = self.text.get(start..end)?;
        let is_path = found.contains('/')
            && (found.contains('*') || found.starts_with("./") || found.starts_with("../"))
            || found.starts_with("*.") && found.len() > 2;
        is_path.then(|| range(start, end))
    }
}
