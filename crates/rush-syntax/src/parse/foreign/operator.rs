//! Operators and literals of other languages, where an expression stopped: `a and b`, `a ? b : c`,
//! `1h 30m`, `sh "make"`.

use text_size::TextRange;

use super::{Parser, Rc, Remedy, SCRIPT_TAGS};
use crate::error::habits;
use crate::kind::SyntaxKind;

impl Parser {
    /// Looks at what stands where the expression from `from` stopped, before `end`.
    pub(in crate::parse) fn foreign_operator(
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
                self.errors.push(habits::range_as_value(token.range()));
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
                self.errors.push(habits::single_ampersand(token.range()));
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
        let (theirs, ours) = if self.word(stop) == "and" { ("and", "&&") } else { ("or", "||") };
        self.errors.push(habits::foreign_operator(range, theirs, ours, edits));
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
            self.errors.push(habits::foreign_operator(range, "not", "!", edits));
            return Some(Remedy::SkipTo(end));
        }
        let edits = vec![(gap, "!".to_owned())];
        self.errors.push(habits::foreign_operator(range, "not", "!", edits));
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
        self.errors.push(habits::unit_apart(whole, &word, ours));
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
            let theirs = self.slice(whole).to_owned();
            let edits = vec![(whole, ours.clone())];
            self.errors.push(habits::foreign_operator(whole, &theirs, &ours, edits));
            self.missing_at = None;
            return Some(Remedy::SkipTo(end));
        }
        if !self.kind(stop + 1, end)?.starts_value() {
            return None;
        }
        self.errors.push(habits::equals_for_comparison(range));
        self.set_kind(stop, SyntaxKind::EqualsEquals);
        Some(Remedy::Again)
    }

    /// `c ? a : b`
    fn ternary(&mut self, from: usize, stop: usize) -> Option<Remedy> {
        let end = self.line_of_entry(stop);
        if self.kind(stop + 1, end) == Some(SyntaxKind::Dot) {
            let mark = self.bytes(stop, stop + 2);
            let value = self.slice(self.bytes(from, stop)).to_owned();
            self.errors.push(habits::optional_chain(mark, &value));
            return Some(Remedy::SkipTo(end));
        }
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
        let edits = colon.filter(|it| !is_nested && *it + 1 < end).map(|colon| {
            let start = TextRange::empty(self.range_at(from).start());
            vec![
                (start, "if ".to_owned()),
                (question, "then".to_owned()),
                (self.range_at(colon), "else".to_owned()),
            ]
        });
        self.errors.push(habits::ternary(question, edits));
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
            self.errors.push(habits::quoted_command(whole, &content));
        } else if SCRIPT_TAGS.contains(&word.as_str()) && !content.contains(['\\', '\n']) {
            self.errors.push(habits::quoted_script(whole, &word, &content));
        } else if name.end() == text.start() {
            self.errors.push(habits::prefix_of_text(name, &word));
        } else {
            return None;
        }
        Some(Remedy::SkipTo(end))
    }
}
