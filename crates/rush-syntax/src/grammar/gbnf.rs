//! Productions to rules of GBNF, with the white space between their parts.

use std::fmt::Write as _;

use super::GrammarError;
use super::ebnf::{Production, Rule};
use super::gaps::{
    Before, Edges, after_literal, before_literal, before_name, in_line, is_optional,
};
use super::terminals::{self, ITEM_DOC, TERMINALS, Terminal};

/// The production a file is.
const ROOT: &str = "file";

/// What stands in a hole of a text; a hole ends with its line.
const HOLE: &str = "expr";

/// What only the prelude may have.
const PRELUDE_ONLY: &str = "attr";

/// Where a production is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    /// In a hole, where no newline may stand.
    InLine,
}

/// What the rule for a production in a hole is called.
const IN_LINE: &str = "-in-line";

const HEADER: &str = "\
# Rush task files, edition 1: what a model may write.
# Made from the EBNF by `rush grammar --gbnf`.

root ::= ( \"#!\" [^\\n]* \"\\n\" )? newlines? file
";

/// Converts a grammar.
pub(super) fn convert(grammar: &[Production], kinds: &[&str]) -> Result<String, GrammarError> {
    let mut converter = Converter { grammar, edges: Edges::of(grammar), place: Place::Anywhere };
    let names = converter.reachable(ROOT)?;
    converter.forbid_left_recursion(&names)?;
    let mut out = HEADER.to_owned();
    converter.write(&names, &mut out);
    if names.contains(&HOLE) {
        converter.place = Place::InLine;
        converter.write(&converter.reachable(HOLE)?, &mut out);
    }
    out.push_str(&terminals::rules(kinds));
    Ok(out)
}

struct Converter<'g> {
    grammar: &'g [Production],
    edges: Edges<'g>,
    place: Place,
}

impl<'g> Converter<'g> {
    fn production(&self, name: &str) -> Option<&'g Production> {
        self.grammar.iter().find(|it| it.name == name)
    }

    fn write(&self, names: &[&str], out: &mut String) {
        for production in self.grammar.iter().filter(|it| names.contains(&it.name.as_str())) {
            let (rule, _) = self.rule(&production.rule, None, &production.name);
            let _ = writeln!(out, "{} ::= {rule}", self.placed(&production.name));
        }
    }

    /// The name of a rule where it is used.
    fn placed(&self, rule: &str) -> String {
        format!("{rule}{}", if self.place == Place::InLine { IN_LINE } else { "" })
    }

    fn gap(&self, gap: &'static str) -> &'static str {
        if self.place == Place::InLine { in_line(gap) } else { gap }
    }

    /// The productions that one can be made of; each name in them must mean something.
    fn reachable(&self, root: &str) -> Result<Vec<&'g str>, GrammarError> {
        let found = self.production(root);
        let root = found.ok_or_else(|| GrammarError::new(format!("there is no `{root}`")))?;
        let mut found = vec![root.name.as_str()];
        let mut at = 0;
        while let Some(production) = found.get(at).and_then(|it| self.production(it)) {
            for name in names(&production.rule) {
                if name == PRELUDE_ONLY || TERMINALS.iter().any(|it| it.name == name) {
                    continue;
                }
                let Some(next) = self.production(name) else {
                    let message = format!("`{name}` in `{}` is nowhere defined", production.name);
                    return Err(GrammarError::new(message));
                };
                if !found.contains(&next.name.as_str()) {
                    found.push(&next.name);
                }
            }
            at += 1;
        }
        Ok(found)
    }

    /// Readers of GBNF go on for ever when a rule begins with itself.
    fn forbid_left_recursion(&self, names: &[&str]) -> Result<(), GrammarError> {
        for name in names {
            let mut found = Vec::new();
            let mut open = vec![*name];
            while let Some(production) = open.pop().and_then(|it| self.production(it)) {
                for first in firsts(&production.rule) {
                    if first == *name {
                        let message = format!("`{name}` begins with itself");
                        return Err(GrammarError::new(message));
                    }
                    if !found.contains(&first) {
                        found.push(first);
                        open.push(first);
                    }
                }
            }
        }
        Ok(())
    }

    /// A rule as GBNF, with the white space before its parts, and what it is to what follows.
    /// Nothing stands before the first part of a production.
    fn rule(&self, rule: &Rule, before: Option<Before>, inside: &str) -> (String, Before) {
        match rule {
            Rule::Literal(text) => {
                let gap = self.gap(before.map_or("", |it| before_literal(text, it)));
                (joined(gap, &quoted(text)), after_literal(text, inside))
            }
            Rule::Name(name) => self.name(name, before, inside),
            Rule::Sequence(rules) => self.sequence(rules, before, inside),
            Rule::Choice(rules) => {
                let parts: Vec<_> = rules.iter().map(|it| self.rule(it, before, inside)).collect();
                let after = parts.iter().map(|(_, it)| *it).reduce(Before::or);
                let texts: Vec<_> = parts.into_iter().map(|(text, _)| text).collect();
                (format!("( {} )", texts.join(" | ")), after.unwrap_or(Before::NOTHING))
            }
            Rule::Optional(part) => {
                let (text, after) = self.rule(part, before, inside);
                (format!("( {text} )?"), before.map_or(after, |it| it.or(after)))
            }
            Rule::Repeated(part) => {
                let (_, after) = self.rule(part, before, inside);
                let around = before.map_or(after, |it| it.or(after));
                let (text, _) = self.rule(part, before.map(|_| around), inside);
                (format!("( {text} )*"), around)
            }
        }
    }

    fn name(&self, name: &str, before: Option<Before>, inside: &str) -> (String, Before) {
        let rule = Rule::Name(name.to_owned());
        let is_word = self.edges.ends_in_word(&rule);
        let terminal = TERMINALS.iter().find(|it| it.name == name);
        let has_space = terminal.is_some_and(Terminal::has_space);
        let written = match terminal {
            Some(_) if name == "DOC" && inside == "item" => ITEM_DOC.to_owned(),
            Some(terminal) if terminal.has_lines => self.placed(terminal.rule),
            Some(terminal) => terminal.rule.to_owned(),
            None => self.placed(name),
        };
        let gap = match before {
            Some(before) if !has_space => before_name(self.edges.begins_in_word(&rule), before),
            _ => "",
        };
        (joined(self.gap(gap), &written), Before { is_word, has_space, ..Before::NOTHING })
    }

    fn sequence(&self, rules: &[Rule], before: Option<Before>, inside: &str) -> (String, Before) {
        let mut parts = Vec::new();
        let mut last = before;
        for (at, rule) in rules.iter().enumerate() {
            if self.is_left_out(rule) {
                continue;
            }
            if last.is_none() && is_optional(rule) {
                parts.push(self.leading(rule, rules.get(at + 1..).unwrap_or_default(), inside));
                continue;
            }
            let (text, after) = self.rule(rule, last, inside);
            parts.push(text);
            last = Some(after);
        }
        (parts.join(" "), last.unwrap_or(Before::NOTHING))
    }

    /// Documentation ends with its line, so there is none in a hole.
    fn is_left_out(&self, rule: &Rule) -> bool {
        let Rule::Repeated(part) = rule else { return false };
        let Rule::Name(name) = part.as_ref() else { return false };
        name == PRELUDE_ONLY || (name == "DOC" && self.place == Place::InLine)
    }

    /// An optional part that opens a production brings the white space behind it.
    fn leading(&self, rule: &Rule, rest: &[Rule], inside: &str) -> String {
        let (Rule::Optional(part) | Rule::Repeated(part)) = rule else { return String::new() };
        let (text, after) = self.rule(part, None, inside);
        let follows = Rule::Sequence(rest.to_vec());
        let gap = self.gap(before_name(self.edges.begins_in_word(&follows), after));
        let sign = if matches!(rule, Rule::Optional(_)) { "?" } else { "*" };
        format!("( {} ){sign}", joined(&text, gap))
    }
}

fn joined(first: &str, second: &str) -> String {
    [first, second].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The names a rule mentions.
fn names(rule: &Rule) -> Vec<&str> {
    match rule {
        Rule::Literal(_) => Vec::new(),
        Rule::Name(name) => vec![name],
        Rule::Sequence(rules) | Rule::Choice(rules) => rules.iter().flat_map(names).collect(),
        Rule::Optional(rule) | Rule::Repeated(rule) => names(rule),
    }
}

/// The names a rule may begin with.
fn firsts(rule: &Rule) -> Vec<&str> {
    match rule {
        Rule::Literal(_) => Vec::new(),
        Rule::Name(name) => vec![name],
        Rule::Choice(rules) => rules.iter().flat_map(firsts).collect(),
        Rule::Optional(rule) | Rule::Repeated(rule) => firsts(rule),
        Rule::Sequence(rules) => {
            let shown = rules.iter().position(|it| !is_optional(it)).unwrap_or(rules.len());
            rules.iter().take(shown + 1).flat_map(firsts).collect()
        }
    }
}
