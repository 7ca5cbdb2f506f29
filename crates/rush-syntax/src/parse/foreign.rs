//! What other languages write inside an item, and what is meant by it.
//!
//! Asked only where the grammar stopped, so valid files never come here and no word is taken from
//! them. What is certain is read as meant; of the rest one finding stays, and nothing follows it.

use text_size::TextRange;

use super::{Parser, Rc, SCRIPT_TAGS};
use crate::ast::{Expr, ExprId};
use crate::error::{self, SyntaxFix};
use crate::kind::SyntaxKind;
use crate::lex::range;
use crate::token::Token;

mod choice;
mod command;
mod head;

/// Fields whose value is a command, also as other tools call them.
const COMMANDS: &[&str] = &["run", "finally", "cmd", "command", "script", "exec", "shell", "sh"];

/// What to do where an expression stopped.
pub(super) enum Remedy {
    /// Tokens were changed to what is meant: read it anew.
    Again,
    /// It was reported; go on at this token.
    SkipTo(usize),
}

impl Parser {
    /// Looks at what stands where the expression from `from` stopped, before `end`.
    pub(super) fn foreign_operator(
        &mut self,
        from: usize,
        stop: usize,
        end: usize,
    ) -> Option<Remedy> {
        let token = self.token(stop).filter(|it| !it.is_separated() && stop > from)?;
        match token.kind {
            SyntaxKind::Question => self.ternary(from, stop),
            _ if self.is_choice(from, stop) => Some(self.choice(from, stop)),
            _ if stop >= end => None,
            SyntaxKind::Equals => self.equals(stop, end),
            SyntaxKind::Ident if matches!(self.word(stop), "and" | "or") => {
                self.words_for_operators(stop, end);
                Some(Remedy::Again)
            }
            _ if self.word(stop - 1) == "not" => self.not_word(from, stop, end),
            SyntaxKind::DotDot | SyntaxKind::DotDotEquals => {
                let message = "ranges stand in types only, as in `int(1..=9)`";
                let help = "write the values one by one: `[1, 2, 3]`";
                let error = error::written_otherwise(token.range(), message, help, None);
                self.errors.push(error);
                Some(Remedy::SkipTo(end))
            }
            SyntaxKind::Text => self.tagged_text(stop, end),
            SyntaxKind::Ident if self.kind(stop - 1, end) == Some(SyntaxKind::Number) => {
                self.unit_apart(stop, end)
            }
            SyntaxKind::Number if self.is_one_duration(from, stop, end) => {
                self.unit_apart(stop, end)
            }
            SyntaxKind::Unknown if self.word(stop) == "&" => {
                let message = "both of two conditions is written `&&`, and texts are joined by `+`";
                self.errors.push(error::expected(token.range(), message));
                Some(Remedy::SkipTo(end))
            }
            _ => None,
        }
    }

    fn set_kind(&mut self, at: usize, kind: SyntaxKind) {
        if let Some(token) = Rc::make_mut(&mut self.tokens).get_mut(at) {
            token.kind = kind;
        }
    }

    /// `a and b or c`
    fn words_for_operators(&mut self, stop: usize, end: usize) {
        let mut edits = Vec::new();
        let mut at = stop;
        while at < end {
            let ours = match (self.kind(at, end), self.word(at)) {
                (Some(SyntaxKind::Ident), "and") => Some((SyntaxKind::AndAnd, "&&")),
                (Some(SyntaxKind::Ident), "or") => Some((SyntaxKind::OrOr, "||")),
                _ => None,
            };
            if let Some((kind, ours)) = ours {
                edits.push((self.range_at(at), ours.to_owned()));
                self.set_kind(at, kind);
            }
            at = self.after(at);
        }
        let range = self.range_at(stop);
        let message = match self.word(stop) {
            "and" => "`and` is written `&&`",
            _ => "`or` is written `||`",
        };
        self.errors.push(error::foreign_operator(range, message, edits));
    }

    /// `not a`; with an operator behind it, the operand needs parentheses.
    fn not_word(&mut self, from: usize, stop: usize, end: usize) -> Option<Remedy> {
        let not = stop - 1;
        let is_operand = not == from || self.kind(not - 1, end).is_some_and(SyntaxKind::is_infix);
        if !is_operand || !self.kind(stop, end)?.starts_value() {
            return None;
        }
        let mut last = stop;
        let mut has_operator = false;
        while last < end {
            let kind = self.kind(last, end)?;
            let is_logical = matches!(kind, SyntaxKind::AndAnd | SyntaxKind::OrOr)
                || matches!(self.word(last), "and" | "or" | "then" | "else");
            if is_logical {
                break;
            }
            has_operator |= kind.is_infix();
            last = self.after(last);
        }
        let gap = TextRange::new(self.range_at(not).start(), self.range_at(stop).start());
        let range = self.range_at(not);
        if has_operator {
            let close = TextRange::empty(self.bytes(stop, last).end());
            let edits = vec![(gap, "!(".to_owned()), (close, ")".to_owned())];
            let message = "`not` is written `!`";
            self.errors.push(error::foreign_operator(range, message, edits));
            return Some(Remedy::SkipTo(end));
        }
        let edits = vec![(gap, "!".to_owned())];
        self.errors.push(error::foreign_operator(range, "`not` is written `!`", edits));
        self.set_kind(not, SyntaxKind::Bang);
        Some(Remedy::Again)
    }

    /// `5 min`
    fn unit_apart(&mut self, stop: usize, end: usize) -> Option<Remedy> {
        let (number, unit) = (self.range_at(stop - 1), self.range_at(stop));
        let (digits, word) = (self.slice(number).to_owned(), self.slice(unit).to_owned());
        let joined = format!("{digits}{word}");
        let ours = match crate::number::read(&joined) {
            Ok(_) => joined,
            Err(bad) => bad.replacement?,
        };
        let whole = number.cover(unit);
        let what = if word.starts_with(|it: char| it.is_ascii_digit()) {
            "a duration is"
        } else {
            "a number and its unit are"
        };
        let message = format!("{what} one word: `{ours}`");
        self.errors.push(error::foreign_operator(whole, message, vec![(whole, ours)]));
        Some(Remedy::SkipTo(end))
    }

    /// `1h 30m` as the value of a field or of a `let`.
    fn is_one_duration(&self, from: usize, stop: usize, end: usize) -> bool {
        let before = from.checked_sub(1).and_then(|it| self.kind(it, end));
        let joined = format!("{}{}", self.word(stop - 1), self.word(stop));
        stop == from + 1
            && matches!(before, Some(SyntaxKind::Colon | SyntaxKind::Equals))
            && matches!(crate::number::read(&joined), Ok(crate::number::Number::Duration(_)))
    }

    /// `a = b` where values are compared, and `a === b`.
    fn equals(&mut self, stop: usize, end: usize) -> Option<Remedy> {
        let range = self.range_at(stop);
        let before = self.range_at(stop - 1);
        let is_third = before.end() == range.start()
            && matches!(
                self.kind(stop - 1, end),
                Some(SyntaxKind::EqualsEquals | SyntaxKind::NotEquals)
            );
        if is_third {
            let whole = before.cover(range);
            let ours = self.slice(before).to_owned();
            let message = format!("`{}` is written `{ours}`", self.slice(whole));
            self.errors.push(error::foreign_operator(whole, message, vec![(whole, ours)]));
            self.missing_at = None;
            return Some(Remedy::SkipTo(end));
        }
        if !self.kind(stop + 1, end)?.starts_value() {
            return None;
        }
        let edits = vec![(range, "==".to_owned())];
        let message = "`=` gives a value its name; to compare, write `==`";
        self.errors.push(error::foreign_operator(range, message, edits));
        self.set_kind(stop, SyntaxKind::EqualsEquals);
        Some(Remedy::Again)
    }

    /// `c ? a : b`
    fn ternary(&mut self, from: usize, stop: usize) -> Option<Remedy> {
        let end = self.line_of_entry(stop);
        let mut colon = None;
        let mut is_nested = false;
        let mut at = stop + 1;
        while at < end {
            match self.kind(at, end)? {
                SyntaxKind::Colon if colon.is_none() => colon = Some(at),
                SyntaxKind::Question | SyntaxKind::Colon => is_nested = true,
                _ => {}
            }
            at = self.after(at);
        }
        let question = self.range_at(stop);
        let fix = colon.filter(|it| !is_nested && *it + 1 < end).map(|colon| {
            let start = TextRange::empty(self.range_at(from).start());
            let edits = vec![
                (start, "if ".to_owned()),
                (question, "then".to_owned()),
                (self.range_at(colon), "else".to_owned()),
            ];
            SyntaxFix::automatic("write `if .. then .. else ..`", edits)
        });
        let message = "`a ? b : c` is written `if a then b else c`";
        let help = "both values are needed, and have the type that is expected here";
        self.errors.push(error::written_otherwise(question, message, help, fix));
        Some(Remedy::SkipTo(end))
    }

    /// `sh "echo"`, `argv "echo"`, `f"text"`.
    fn tagged_text(&mut self, stop: usize, end: usize) -> Option<Remedy> {
        let tag = stop - 1;
        if self.kind(tag, end) != Some(SyntaxKind::Ident) {
            return None;
        }
        let (name, text) = (self.range_at(tag), self.range_at(stop));
        let whole = name.cover(text);
        let content = self.slice(text).trim_matches('"').to_owned();
        let word = self.word(tag).to_owned();
        if word == "argv" && !content.contains(['`', '\\', '\n']) {
            let fix = (whole, format!("`{content}`"));
            let message = "a command stands between backticks";
            self.errors.push(error::foreign_operator(whole, message, vec![fix]));
        } else if SCRIPT_TAGS.contains(&word.as_str()) && !content.contains(['\\', '\n']) {
            let fix = (whole, format!("{word}\"\"\"{content}\"\"\""));
            let message = "a script stands between `\"\"\"`, also on one line";
            self.errors.push(error::foreign_operator(whole, message, vec![fix]));
        } else if name.end() == text.start() {
            let message = format!("`{word}` before a text means nothing");
            let help =
                "a value in a text is written `${..}`; `r\"..\"` has neither values nor escapes";
            let fix = SyntaxFix::offered(format!("remove `{word}`"), vec![(name, String::new())]);
            self.errors.push(error::written_otherwise(name, message, help, Some(fix)));
        } else {
            return None;
        }
        Some(Remedy::SkipTo(end))
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
        let token = self.token(from).filter(|_| from < end)?;
        let stop = match token.kind {
            SyntaxKind::Minus if token.is_separated() => self.dashed_list(head, from, end)?,
            SyntaxKind::Pipe | SyntaxKind::Greater if !token.is_first() => {
                self.block_of_lines(head, from)?
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
        let fix = self.list_of(head, &entries).map(|(list, is_certain)| {
            let gap = TextRange::new(self.range_at(from - 1).end(), self.bytes(from, at).end());
            let edits = vec![(gap, format!(" {list}"))];
            if is_certain {
                SyntaxFix::automatic("write a list", edits)
            } else {
                SyntaxFix::offered("write a list", edits)
            }
        });
        let message = "a list stands between `[` and `]`";
        let help = "its entries are separated by commas or new lines, without `-`";
        self.errors.push(error::written_otherwise(self.range_at(from), message, help, fix));
        Some(at)
    }

    /// The entries as a list, and whether that is what they mean for certain.
    fn list_of(&self, head: usize, entries: &[(String, bool)]) -> Option<(String, bool)> {
        let join = |texts: Vec<String>| format!("[{}]", texts.join(", "));
        if entries.iter().all(|(text, is_one)| *is_one && !text.contains('\n')) {
            return Some((join(entries.iter().map(|it| it.0.clone()).collect()), true));
        }
        let is_command = COMMANDS.contains(&self.word(head));
        let is_plain = |text: &str| !text.is_empty() && !text.contains(['`', '\n', '\\']);
        if is_command && entries.iter().all(|it| is_plain(&it.0)) {
            let commands = entries.iter().map(|it| format!("`{}`", it.0)).collect();
            return Some((join(commands), false));
        }
        None
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
        let last = self.bytes(at, stop).end();
        let edits = vec![
            (TextRange::empty(value.start()), "[".to_owned()),
            (TextRange::empty(last), "]".to_owned()),
        ];
        let list = format!("[{}]", self.slice(TextRange::new(value.start(), last)));
        let fix = SyntaxFix::automatic(format!("write `{list}`"), edits);
        let message = "several values of one field stand between `[` and `]`";
        let help = format!("write the list `{list}`");
        let place = TextRange::new(value.start(), last);
        self.errors.push(error::written_otherwise(place, message, help, Some(fix)));
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
        let fix = SyntaxFix::automatic(format!("write `{ours}`"), vec![(whole, ours)]);
        let message = "`for` stands before the element, and a `:` between them";
        let help = "as in `[for x in xs: x * 2]`";
        self.errors.push(error::written_otherwise(self.range_at(stop), message, help, Some(fix)));
        true
    }

    /// What stands in a record, but is a statement or a declaration elsewhere.
    pub(super) fn foreign_member(&mut self, at: usize, end: usize) -> Option<usize> {
        let word = self.word(at).to_owned();
        let next = self.token(at + 1).filter(|it| at + 1 < end && !it.is_first())?;
        let opens = |it: &Self, at: usize| it.kind(at, end) == Some(SyntaxKind::LeftBrace);
        if choice::WORDS.contains(&word.as_str()) {
            let is_written = next.kind == SyntaxKind::LeftParen || next.kind.is_word();
            let body = self.after(at + 1);
            if is_written && opens(self, body) {
                self.choice(at, body);
                return Some(self.after(body));
            }
        }
        let (message, help) = match word.as_str() {
            "if" | "for" | "while" if next.kind.starts_value() && !opens(self, at + 1) => (
                format!("`{word}` can't stand where a field does"),
                "a record has fields only; write `run: if x then a else b` for one of two values, \
                 and `[for x in xs: ..]` for a list",
            ),
            _ if next.kind == SyntaxKind::Ident && opens(self, at + 2) => (
                format!("`{} {}` can't stand inside another declaration", word, self.word(at + 1)),
                "declarations begin at column 0",
            ),
            _ => return None,
        };
        let place = self.bytes(at, at + 2);
        self.errors.push(error::written_otherwise(place, message, help, None));
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
        let message = "a value is written by its name, without `$`";
        let help = "`${..}` stands in texts and commands only";
        let has_braces = self.kind(next, end) == Some(SyntaxKind::LeftBrace);
        let fix = (!name.is_empty()).then(|| {
            // `$NAME` may as well be a variable of the shell.
            let make = if has_braces { SyntaxFix::automatic } else { SyntaxFix::offered };
            make(format!("write `{name}`"), vec![(whole, name)])
        });
        self.errors.push(error::written_otherwise(whole, message, help, fix));
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
