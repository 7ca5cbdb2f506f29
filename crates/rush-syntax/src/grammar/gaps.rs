//! Where white space may stand, and where a newline counts for nothing.

use super::ebnf::{Production, Rule};
use super::terminals::{TERMINALS, Terminal};

/// What stands before a place in a production.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    /// It may end in a letter.
    pub(super) is_word: bool,
    pub(super) newline: Newline,
    /// It brings the white space behind it.
    pub(super) has_space: bool,
}

/// What a newline behind it is; of two places the first of these holds for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Newline {
    /// It ends something.
    Ends,
    /// It counts for nothing, but no comment may stand right behind: a `/` would be a part of it.
    BehindSlash,
    /// It counts for nothing.
    Free,
}

impl Before {
    /// Nothing is known of it.
    pub(super) const NOTHING: Self =
        Self { is_word: false, newline: Newline::Ends, has_space: false };

    /// What is true of both.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            is_word: self.is_word || other.is_word,
            newline: self.newline.min(other.newline),
            has_space: self.has_space && other.has_space,
        }
    }
}

/// Signs after which a newline counts for nothing.
const CONTINUES_AFTER: &[&str] = &[
    "=", "->", "then", "else", "||", "&&", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*",
    "/", "%", "??", "|", "(", "[", "{",
];

/// Signs that continue the line above.
const CONTINUES_BEFORE: &[&str] = &["then", "else", ".", "||", "&&", "??", "+", "|"];

/// What a literal is to what follows it, in a production.
pub(super) fn after_literal(text: &str, production: &str) -> Before {
    // The `:` of a field needs its value on the same line, that of an element does not.
    let is_element_colon = production == "elem" && text == ":";
    let newline = match text {
        "/" => Newline::BehindSlash,
        _ if is_element_colon || CONTINUES_AFTER.contains(&text) => Newline::Free,
        _ => Newline::Ends,
    };
    Before { is_word: is_word(text), newline, has_space: false }
}

/// The rule for the white space before a literal.
pub(super) fn before_literal(text: &str, before: Before) -> &'static str {
    if before.has_space {
        return "";
    }
    if matches!(text, ")" | "]" | "}") {
        return "closing";
    }
    let continues = before.newline == Newline::Ends && CONTINUES_BEFORE.contains(&text);
    let newline = if continues { Newline::Free } else { before.newline };
    gap(before.is_word && is_word(text), newline)
}

/// The rule for the white space before something whose first letter is known only in general.
pub(super) fn before_name(needs_space: bool, before: Before) -> &'static str {
    if before.has_space {
        return "";
    }
    gap(before.is_word && needs_space, before.newline)
}

fn gap(needs_space: bool, newline: Newline) -> &'static str {
    match (needs_space, newline) {
        (true, Newline::Ends) => "space",
        (true, Newline::BehindSlash | Newline::Free) => "lines-or-space",
        (false, Newline::Ends) => "blank",
        (false, Newline::BehindSlash) => "lines-behind-slash",
        (false, Newline::Free) => "lines",
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_alphabetic())
}

/// The same white space where all has to stay on one line.
pub(super) fn in_line(gap: &'static str) -> &'static str {
    match gap {
        "lines" | "lines-behind-slash" | "closing" => "blank",
        "lines-or-space" => "space",
        other => other,
    }
}

/// Which productions may begin, and which may end, in a letter.
pub(super) struct Edges<'g> {
    grammar: &'g [Production],
    begins: Vec<bool>,
    ends: Vec<bool>,
}

impl<'g> Edges<'g> {
    /// Looks at all productions until nothing new is found.
    pub(super) fn of(grammar: &'g [Production]) -> Self {
        let nothing = vec![false; grammar.len()];
        let mut edges = Self { grammar, begins: nothing.clone(), ends: nothing };
        loop {
            let begins: Vec<_> = grammar.iter().map(|it| edges.begins_in_word(&it.rule)).collect();
            let ends: Vec<_> = grammar.iter().map(|it| edges.ends_in_word(&it.rule)).collect();
            if begins == edges.begins && ends == edges.ends {
                return edges;
            }
            (edges.begins, edges.ends) = (begins, ends);
        }
    }

    /// Whether a word before it would become a part of it.
    pub(super) fn begins_in_word(&self, rule: &Rule) -> bool {
        match rule {
            Rule::Literal(text) => is_word(text),
            Rule::Name(name) => self.is_at(&self.begins, name, Terminal::needs_space_before),
            Rule::Choice(rules) => rules.iter().any(|it| self.begins_in_word(it)),
            Rule::Optional(rule) | Rule::Repeated(rule) => self.begins_in_word(rule),
            Rule::Sequence(rules) => {
                let shown = rules.iter().position(|it| !is_optional(it)).unwrap_or(rules.len());
                rules.iter().take(shown + 1).any(|it| self.begins_in_word(it))
            }
        }
    }

    /// Whether a word behind it would become a part of it.
    pub(super) fn ends_in_word(&self, rule: &Rule) -> bool {
        match rule {
            Rule::Literal(text) => is_word(text),
            Rule::Name(name) => self.is_at(&self.ends, name, Terminal::needs_space_after),
            Rule::Choice(rules) => rules.iter().any(|it| self.ends_in_word(it)),
            Rule::Optional(rule) | Rule::Repeated(rule) => self.ends_in_word(rule),
            Rule::Sequence(rules) => {
                let hidden = rules.iter().rev().position(|it| !is_optional(it));
                let shown = hidden.unwrap_or(rules.len());
                rules.iter().rev().take(shown + 1).any(|it| self.ends_in_word(it))
            }
        }
    }

    fn is_at(&self, known: &[bool], name: &str, terminal: impl Fn(&Terminal) -> bool) -> bool {
        if let Some(found) = TERMINALS.iter().find(|it| it.name == name) {
            return terminal(found);
        }
        let at = self.grammar.iter().position(|it| it.name == name);
        at.and_then(|at| known.get(at)).copied().unwrap_or_default()
    }
}

/// Whether nothing may stand there.
pub(super) fn is_optional(rule: &Rule) -> bool {
    matches!(rule, Rule::Optional(_) | Rule::Repeated(_))
}
