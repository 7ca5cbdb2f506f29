//! Finds the words for what the parser did not find, and keeps one mistake one error.

use std::collections::HashSet;

use rush_diagnostics::synonym;
use text_size::{TextRange, TextSize};

use super::Parser;
use super::param::TYPES;
use crate::ast::Name;
use crate::error::{self, SyntaxError, habits};
use crate::kind::SyntaxKind;
use crate::lex::{label_of_comment, range};
use crate::number::{self, Number};
use crate::token::Token;

/// How many errors one item has at most; who has more of them reads the first ones.
pub(super) const ERRORS_MAX: usize = 1000;

impl Parser {
    /// An operand is missing at `at`, in an expression that reaches up to `end`.
    pub(super) fn report_missing(&mut self, at: usize, end: usize) {
        if self.dollar(at, end) {
            return;
        }
        if let Some(path) = self.bare_path(at).filter(|_| at < end) {
            self.errors.push(error::bare_path(path, self.slice(path)));
            return;
        }
        if self.label_behind(at) {
            return;
        }
        if self.kind(at, end) == Some(SyntaxKind::ForWord) {
            self.errors.push(habits::for_outside_list(self.range_at(at)));
            return;
        }
        let message = match at.checked_sub(1).and_then(|it| self.phrase(it)) {
            Some(phrase) if self.kind(at - 1, at) == Some(SyntaxKind::Dot) => {
                format!("expected a name after `{phrase}`")
            }
            Some(phrase) => format!("expected a value after `{phrase}`"),
            None => "expected a value".to_owned(),
        };
        let place = self.place_of(at, end);
        self.errors.push(error::expected(place, message));
    }

    /// `needs: //web:test`, where a value is missing at `at`.
    fn label_behind(&mut self, at: usize) -> bool {
        let Some(end) = at.checked_sub(1).map(|it| usize::from(self.range_at(it).end())) else {
            return false;
        };
        let line = self.text.get(end..).unwrap_or_default().lines().next().unwrap_or_default();
        let comment = line.trim();
        let start = end + line.len() - line.trim_start().len();
        let Some(label) = label_of_comment(comment) else { return false };
        let place = range(start, start + label.len());
        self.errors.push(error::habits::label_as_value(place, label));
        true
    }

    pub(super) fn report_missing_type(&mut self, at: usize, end: usize) {
        let message = match at.checked_sub(1).and_then(|it| self.phrase(it)) {
            Some(phrase) => format!("expected a type after `{phrase}`"),
            None => "expected a type".to_owned(),
        };
        let place = self.place_of(at, end);
        self.errors.push(error::expected(place, message));
    }

    /// The words that lead to the token at `at`, for a message; none after an opener.
    fn phrase(&self, at: usize) -> Option<String> {
        let token = self.token(at)?;
        if token.kind.is_opener() || token.kind == SyntaxKind::Comma {
            return None;
        }
        let joins = matches!(token.kind, SyntaxKind::Colon | SyntaxKind::Equals | SyntaxKind::Dot);
        let is_word = |at: usize| {
            self.token(at).is_some_and(|it| it.kind.is_word() || it.kind == SyntaxKind::Text)
        };
        let from = match at.checked_sub(1) {
            Some(before) if joins && is_word(before) => before,
            _ => at,
        };
        let text = self.slice(self.bytes(from, at + 1));
        (text.len() <= 40 && !text.contains('\n')).then(|| text.to_owned())
    }

    /// The token at `at` if it is on the line of the one before, else the one before.
    pub(super) fn place_of(&self, at: usize, end: usize) -> TextRange {
        let here = self.token(at).filter(|it| at < end && !it.is_first());
        match here {
            Some(token) => token.range(),
            None => at.checked_sub(1).map_or(self.bytes(at, at), |it| self.bytes(it, at)),
        }
    }

    pub(super) fn found(&self, at: usize) -> String {
        let text = self.token(at).map_or("", |it| self.slice(it.range()));
        let line = text.lines().next().unwrap_or_default();
        let shown: String = line.chars().take(30).map(visible).collect();
        if line.chars().count() > 30 { format!("{shown}..") } else { shown }
    }

    pub(super) fn range_at(&self, at: usize) -> TextRange {
        self.token(at).map_or_else(|| self.bytes(at, at), Token::range)
    }

    fn semicolon(&mut self, at: usize) {
        let is_last = self.token(at + 1).is_none_or(|it| it.is_first() || it.kind.is_closer());
        if self.begins_item(at + 1) && !is_last {
            let gap = self.range_at(at).end();
            let gap =
                TextRange::new(self.range_at(at).start(), self.range_at(at + 1).start().max(gap));
            self.errors.push(error::semicolon(gap, Some("\n")));
            return;
        }
        self.errors.push(error::semicolon(self.range_at(at), is_last.then_some("")));
    }

    /// A token that fits nowhere.
    pub(super) fn unexpected(&mut self, at: usize) {
        if self.word(at) == ";" {
            self.semicolon(at);
            return;
        }
        if self.token(at).is_some_and(Token::is_inserted) {
            // That a bracket is missing was said.
            return;
        }
        let found = self.found(at);
        let message = match self.chained(at) {
            Some(message) => message,
            None => format!("expected a comma or a new line, found `{found}`"),
        };
        self.errors.push(error::expected(self.range_at(at), message));
    }

    /// A second comparison where one already stands.
    fn chained(&self, at: usize) -> Option<String> {
        use SyntaxKind as K;
        let kind = self.token(at)?.kind;
        let is_comparison = matches!(kind, K::EqualsEquals | K::NotEquals | K::InWord)
            || matches!(kind, K::Less | K::LessEquals | K::Greater | K::GreaterEquals);
        is_comparison.then(|| "comparisons can't be chained; join them with `&&`".to_owned())
    }

    /// Two types without the `|` between them.
    pub(super) fn missing_pipe(&mut self, at: usize) {
        if self.item_on_line(at) {
            return;
        }
        let place = self.bytes(at - 1, at);
        let message = "expected `|` between two types";
        self.errors.push(error::expected_insert(self.range_at(at), message, place.end(), " |"));
    }

    pub(super) fn unexpected_in_head(&mut self, at: usize) {
        let found = self.found(at);
        let message = format!("`{found}` is not expected before the body");
        self.errors.push(error::expected(self.range_at(at), message));
    }

    /// A group must end at `end`, but what it holds stopped before.
    pub(super) fn expect_group_end(&mut self, stop: usize, end: usize) {
        if stop < end {
            let found = self.found(stop);
            let before = stop.checked_sub(1).and_then(|it| self.phrase(it));
            let message = match before {
                Some(before) => format!("`{found}` is not expected after `{before}`"),
                None => format!("`{found}` is not expected here"),
            };
            self.errors.push(error::expected(self.range_at(stop), message));
        }
    }

    pub(super) fn expect_branch_end(&mut self, stop: usize, end: usize, word: &str) {
        if stop < end {
            let found = self.found(stop);
            let message = format!("expected `{word}`, found `{found}`");
            self.errors.push(error::expected(self.range_at(stop), message));
        }
    }

    pub(super) fn missing_then(&mut self, from: usize, stop: usize, end: usize) {
        let place = self.place_of(stop, end);
        if self.kind(stop, end) == Some(SyntaxKind::LeftBrace) {
            self.errors.push(habits::if_with_braces(place));
            return;
        }
        let message = "expected `then` after the condition of this `if`";
        let at = self.bytes(from, stop).end();
        self.errors.push(error::expected_insert(place, message, at, " then"));
    }

    pub(super) fn missing_else(&mut self, from: usize, stop: usize) {
        let place = self.range_at(from);
        let message = "this `if` has no `else`; an expression needs both values";
        let at = self.bytes(from, stop).end();
        self.errors.push(error::expected_insert(place, message, at, " else none"));
    }

    pub(super) fn expected_entry(&mut self, at: usize, what: &str) {
        let found = self.found(at);
        let message = format!("expected {what}, found `{found}`");
        self.errors.push(error::expected(self.range_at(at), message));
    }

    /// Something must follow the token before `at`.
    pub(super) fn expected_after(&mut self, at: usize, end: usize, what: &str) {
        let place = self.place_of(at, end);
        self.errors.push(error::expected(place, format!("expected {what}")));
    }

    /// A name must follow the token at `head`.
    pub(super) fn expected_name(&mut self, head: usize, end: usize, what: &str) {
        let place = self.place_of(head + 1, end);
        self.errors.push(error::expected(place, format!("expected {what}")));
    }

    pub(super) fn expected_range(&mut self, at: usize, end: usize) {
        let place = self.place_of(at, end);
        let message = "expected a range such as `1..=9`, or a pattern such as `r\"v\\d+\"`";
        self.errors.push(error::expected(place, message));
    }

    pub(super) fn reserved_name(&mut self, name: &Name) {
        let message = format!("`{}` is a reserved word and can't be a name", name.text);
        self.errors.push(error::expected(name.range, message));
    }

    /// `name = value` where a field, or another of `what`, has a colon.
    pub(super) fn equals_for_colon(&mut self, at: usize, what: &str) {
        let equals = self.range_at(at + 1);
        let place = TextRange::new(self.range_at(at).end(), equals.end());
        self.errors.push(error::equals_for_colon(equals, what, (place, ":".to_owned())));
    }

    pub(super) fn missing_colon(&mut self, at: usize) {
        let name = self.range_at(at);
        let message = format!("expected `:` after `{}`", self.found(at));
        self.errors.push(error::expected_insert(name, message, name.end(), ":"));
    }

    /// As [`Self::missing_colon`], before something that can only be a value.
    pub(super) fn forgotten_colon(&mut self, at: usize) {
        self.missing_colon(at);
        if let Some(fix) = self.errors.last_mut().and_then(|it| it.fix.as_mut()) {
            fix.is_automatic = true;
        }
    }

    pub(super) fn missing_equals(&mut self, at: usize) {
        let before = self.bytes(at - 1, at);
        let message = format!("expected `=` after `{}`", self.found(at - 1));
        self.errors.push(error::expected_insert(before, message, before.end(), " ="));
    }

    pub(super) fn missing_value(&mut self, at: usize) {
        let message = format!("expected `:` and a value after `{}`", self.found(at));
        self.errors.push(error::expected(self.range_at(at), message));
    }

    pub(super) fn value_on_next_line(&mut self, head: usize, from: usize) {
        let message = format!("the value of `{}` must begin on the same line", self.found(head));
        let colon = self.range_at(from - 1).end();
        let gap = TextRange::new(colon, self.range_at(from).start());
        let error = error::joined_line(self.range_at(from), message, (gap, " ".to_owned()));
        self.errors.push(error);
    }

    pub(super) fn missing_type(&mut self, at: usize, is_rest: bool) {
        let name = self.found(at.saturating_sub(1));
        if let Some(ty) = self.type_of_literal(at) {
            let place = self.range_at(at.saturating_sub(1));
            self.errors.push(error::type_of_default(place, &name, ty));
            return;
        }
        let is_type = TYPES.contains(&&*name);
        let (word, ty) = if is_type { ("name", &*name) } else { (&*name, "string") };
        let example = if is_rest { format!("...{word}: [{ty}]") } else { format!("{word}: {ty}") };
        let place = self.range_at(at.saturating_sub(1));
        self.errors.push(error::no_type(place, &name, &example));
    }

    /// The type of the literal in `= literal` at `at`.
    fn type_of_literal(&self, at: usize) -> Option<&'static str> {
        if self.word(at) != "=" {
            return None;
        }
        let token = self.token(at + 1)?;
        Some(match token.kind {
            SyntaxKind::Text => "string",
            SyntaxKind::TrueWord | SyntaxKind::FalseWord => "bool",
            SyntaxKind::Number => match number::read(self.word(at + 1)).ok()? {
                Number::Int(_) => "int",
                Number::Float(_) => "float",
                Number::Duration(_) => "duration",
                Number::Size(_) => "size",
            },
            _ => return None,
        })
    }

    pub(super) fn missing_message(&mut self, stop: usize, limit: usize) {
        let place = self.place_of(stop, limit);
        let message = "expected a comma and the message of this `check`";
        self.errors.push(error::expected(place, message));
    }

    pub(super) fn rest_not_last(&mut self, range: TextRange) {
        let message = "nothing may follow a parameter with `...`; it takes all that is left";
        self.errors.push(error::expected(range, message));
    }

    pub(super) fn empty_hole(&mut self, range: TextRange) {
        self.errors.push(error::empty_hole(range));
    }

    pub(super) fn brace_on_own_line(&mut self, at: usize) {
        let brace = self.range_at(at);
        let gap = TextRange::new(self.bytes(at - 1, at).end(), brace.start());
        let message = "the `{` of a body stands on the line of its head".to_owned();
        self.errors.push(error::joined_line(brace, message, (gap, " ".to_owned())));
    }

    pub(super) fn missing_body(&mut self, at: usize, end: usize) {
        let head = self.bytes(0, at.min(2));
        let message = format!("expected `{{` and the fields of `{}`", self.slice(head));
        let place = self.place_of(at, end);
        if self.kind(at, end) == Some(SyntaxKind::Colon) {
            let head = self.slice(head).to_owned();
            self.errors.push(error::body_without_braces(place, &head));
            return;
        }
        self.errors.push(error::expected(place, message));
    }

    /// The name at `at`, and the index after it; `a-b`, where a name is declared, is read as `a_b`.
    pub(super) fn dashed_name(&mut self, name: Name, at: usize, end: usize) -> (Name, usize) {
        let next = self.dashed_end(at, end);
        if next == at + 1 {
            return (name, next);
        }
        let range = self.bytes(at, next);
        let written = self.slice(range).to_owned();
        self.errors.push(error::dashed_name(range, &written));
        (Name { text: written.replace('-', "_").into(), range }, next)
    }

    /// The index behind the words that stand at `at` with nothing but a `-` between them.
    pub(super) fn dashed_end(&self, at: usize, end: usize) -> usize {
        let mut next = at + 1;
        while self.kind(next, end) == Some(SyntaxKind::Minus)
            && self.bytes(next, next + 1).start() == self.bytes(at, next).end()
            && self.is_word(next + 1, end)
            && self.bytes(next + 1, next + 2).start() == self.bytes(at, next + 1).end()
        {
            next += 2;
        }
        next
    }

    /// The name of a field with a `-`, from `at` to before `next`. Fields of declarations have names, which are
    /// read as what is meant; in other records the keys may be any texts.
    pub(super) fn dashed_field(&mut self, at: usize, next: usize, end: usize) -> Name {
        let range = self.bytes(at, next);
        let written = self.slice(range).to_owned();
        if self.body.is_none_or(|it| it.1 != end) {
            self.errors.push(habits::dashed_key(range, &written));
            return Name { text: written.into(), range };
        }
        let own = synonym(&written).map_or_else(|| written.replace('-', "_"), str::to_owned);
        self.errors.push(habits::dashed_field(range, &own));
        Name { text: own.into(), range }
    }

    /// Lines at column 0 inside the item.
    pub(super) fn column_zero_lines(&mut self) {
        let tokens = std::rc::Rc::clone(&self.tokens);
        let head = self.item_head();
        let own_end = self.own_end();
        for token in tokens.iter().skip(1).filter(|it| it.is_first()) {
            let is_allowed = token.kind.is_closer()
                || token.is_inserted()
                || own_end.is_some_and(|it| token.start >= it);
            let before = self.text.as_bytes().get((token.start as usize).wrapping_sub(1));
            if !is_allowed && before == Some(&b'\n') {
                let rest = self.text.get(token.start as usize..).unwrap_or_default();
                let length = rest.lines().next().unwrap_or_default().trim_end().len();
                let line = TextRange::at(TextSize::new(token.start), TextSize::new(length as u32));
                self.errors.push(error::column_zero(line, &head));
            }
        }
        self.early.append(&mut self.errors);
        self.early.truncate(ERRORS_MAX);
    }

    /// Where the part of the item that is sure to be its own ends: before a line that opens outside
    /// every bracket. What follows is not inside.
    fn own_end(&self) -> Option<u32> {
        let mut at = self.after(0);
        while let Some(token) = self.token(at) {
            let is_outside = token.is_separated() && !token.is_inserted();
            // Directly below the word that opens the item stands what belongs to it.
            let is_rest = at == 1;
            if is_outside && !is_rest && self.is_rule(at, self.tokens.len()) {
                return Some(token.start);
            }
            if is_outside && self.kind(at, usize::MAX) != Some(SyntaxKind::LeftBrace) {
                let before = self.token(at.checked_sub(1)?)?;
                let is_closed = !before.is_inserted() && self.has_content_before(at);
                return is_closed.then_some(token.start);
            }
            if is_outside {
                return Some(token.start);
            }
            at = self.after(at);
        }
        None
    }

    /// Whether a body or a `=` stands before `at`, so that the item can be complete.
    fn has_content_before(&self, at: usize) -> bool {
        self.word(0) == "use"
            || (1..at).any(|it| {
                matches!(self.kind(it, at), Some(SyntaxKind::LeftBrace | SyntaxKind::Equals))
            })
    }

    fn item_head(&self) -> String {
        let is_name = self.tokens.get(1).is_some_and(|it| it.kind.is_word() && !it.is_first());
        self.slice(self.bytes(0, 1 + usize::from(is_name))).to_owned()
    }

    /// An item that does not begin in the first column; it is read as if it did.
    pub(super) fn indented_item(&mut self) {
        let start = self.token(0).map_or(0, |it| it.start as usize);
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |it| it + 1);
        let indent = before.get(line..).unwrap_or_default().trim_start_matches('\u{feff}');
        let edits = (!indent.contains('\t')).then(|| {
            let starts = self.text.match_indices('\n').map(|(at, _)| at + 1);
            let starts =
                std::iter::once(before.len() - before.trim_start_matches('\u{feff}').len())
                    .chain(starts);
            let is_deep =
                |at: &usize| self.text.get(*at..).is_some_and(|it| it.starts_with(indent));
            let range = |at| crate::lex::range(at, at + indent.len());
            starts.filter(is_deep).map(|at| (range(at), String::new())).collect()
        });
        let head = self.item_head();
        self.errors.push(error::indented_item(self.range_at(0), &head, edits));
    }

    pub(super) fn rule_outside_items(&mut self, at: usize) {
        let place = self.bytes(at, at + 2);
        let name = self.found(at);
        let column = TextSize::new(self.column(at) as u32);
        let lead = TextRange::new(place.start() - column, place.start());
        let has_default = self.kind(at + 3, self.tokens.len()) == Some(SyntaxKind::Equals)
            && !(at + 2..at + 4).any(|it| self.token(it).is_some_and(Token::is_first));
        let is_assigned = self.word(at + 1) == ":" && self.opens_with_equals(at + 2);
        self.errors.push(if is_assigned {
            let sign = self.bytes(at + 1, at + 3);
            error::assignment_outside_items((place, sign), lead, &name)
        } else if self.word(at + 1) != ":" {
            error::value_outside_items(place, lead, &name)
        } else if has_default {
            error::param_outside_items(place, lead, &name)
        } else {
            error::rule_outside_items(place, &name)
        });
    }

    /// Whether a `=` follows directly on the `:` before it.
    pub(super) fn opens_with_equals(&self, at: usize) -> bool {
        self.kind(at, self.tokens.len()) == Some(SyntaxKind::Equals)
            && self.range_at(at - 1).end() == self.range_at(at).start()
    }

    /// Text before the first item of a file.
    pub(super) fn text_outside_items(&mut self, at: usize) {
        let before = self.text.get(..usize::from(self.range_at(at).start())).unwrap_or_default();
        if let Some(line) = before.strip_suffix('\r') {
            self.errors.push(error::lone_return(range(line.len(), before.len())));
            return;
        }
        let found = self.found(at);
        let message = format!("`{found}` begins no item");
        self.errors.push(error::outside_items(self.range_at(at), message));
    }

    /// Text after the end of an item, before the next one.
    pub(super) fn after_item(&mut self, at: usize) {
        if self.word(at) == ";" {
            self.semicolon(at);
            return;
        }
        let found = self.found(at);
        if !self.token(at).is_some_and(Token::is_first) {
            if self.item_on_line(at) {
                return;
            }
            let message = match self.chained(at) {
                Some(message) => message,
                None => format!("expected the end of the line, found `{found}`"),
            };
            self.errors.push(error::expected(self.range_at(at), message));
            return;
        }
        if self.is_rule(at, self.tokens.len()) {
            self.rule_outside_items(at);
            return;
        }
        let message = format!("`{found}` begins no item");
        self.errors.push(error::outside_items(self.range_at(at), message));
    }

    /// Sorts the errors and leaves out what may only follow from another one: the parser says nothing
    /// about a line on which the lexer or the bracket pass found something, and one thing a line.
    /// What is certain was read as it is meant, so that nothing follows from it.
    pub(super) fn settle_errors(&mut self) {
        if self.early.is_empty() && self.errors.is_empty() {
            return;
        }
        let late = std::mem::take(&mut self.errors);
        let mut errors = std::mem::take(&mut self.early);
        let ends: Vec<usize> = memchr::memchr_iter(b'\n', self.text.as_bytes()).collect();
        let line = |it: &SyntaxError| ends.partition_point(|end| *end < it.range.start().into());
        let uncertain = errors.iter().filter(|it| !it.is_certain());
        let mut lines: HashSet<usize> = uncertain.map(line).collect();
        for error in late.into_iter().take(ERRORS_MAX) {
            let hides = !error.is_certain() && !is_precise(&error);
            let is_hidden = lines.contains(&line(&error)) && !is_precise(&error)
                || errors.iter().any(|it| it.is_certain() && touches(it.range, error.range));
            if hides {
                lines.insert(line(&error));
            }
            if !is_hidden {
                errors.push(error);
            }
        }
        errors.sort_by_key(|it| (it.range.start(), it.range.end(), it.code));
        self.errors = errors;
    }
}

/// A character as a message shows it: what no screen shows by the escape of its name.
fn visible(it: char) -> String {
    match it {
        '\0' => "\\0".to_owned(),
        it if it.is_control() => it.escape_default().to_string(),
        it => it.to_string(),
    }
}

/// Whether what is found at `place` begins in, or right behind, what is certain.
fn touches(certain: TextRange, place: TextRange) -> bool {
    certain.start() <= place.start() && place.start() <= certain.end()
}

/// Whether an error stands for a mistake of its own, whatever else is on its line.
fn is_precise(error: &SyntaxError) -> bool {
    use rush_diagnostics::Code;
    matches!(error.code, Code::EqualsForColon | Code::UnknownUnit)
}
