//! Reads GBNF, as far as the export uses it, into plain productions.

use std::collections::HashMap;

/// A symbol of a production.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// One character out of these ranges, or none of them.
    Class { ranges: Vec<(char, char)>, is_negated: bool },
    /// A rule, by its index.
    Rule(usize),
}

/// Rules, each a list of alternatives; the first one is the root.
#[derive(Debug, Default)]
pub struct Grammar {
    pub rules: Vec<Vec<Vec<Symbol>>>,
}

impl Symbol {
    pub fn takes(&self, letter: char) -> bool {
        match self {
            Symbol::Class { ranges, is_negated } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter)) != *is_negated
            }
            Symbol::Rule(_) => false,
        }
    }
}

impl Grammar {
    /// Reads a grammar; what is no GBNF ends the test.
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|it| !it.trim().is_empty() && !it.starts_with('#'));
        let definitions: Vec<_> =
            lines.map(|it| it.split_once(" ::= ").expect("a rule is `name ::= ..`")).collect();
        let mut reader = Reader { grammar: Grammar::default(), names: HashMap::new(), rest: "" };
        for (name, _) in &definitions {
            let is_new = reader.names.insert((*name).to_owned(), reader.grammar.rules.len());
            assert!(is_new.is_none(), "`{name}` is defined twice");
            reader.grammar.rules.push(Vec::new());
        }
        assert_eq!(reader.names.get("root"), Some(&0), "the root comes first");
        for (at, (_, rule)) in definitions.iter().enumerate() {
            reader.rest = rule;
            let alternatives = reader.alternatives();
            assert!(reader.rest.is_empty(), "`{}` is left of `{rule}`", reader.rest);
            reader.grammar.rules[at] = alternatives;
        }
        reader.grammar
    }
}

struct Reader<'t> {
    grammar: Grammar,
    names: HashMap<String, usize>,
    rest: &'t str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    fn letter(&mut self) -> char {
        let letter = self.rest.chars().next().expect("the rule goes on");
        self.rest = &self.rest[letter.len_utf8()..];
        letter
    }

    fn alternatives(&mut self) -> Vec<Vec<Symbol>> {
        let mut found = vec![self.sequence()];
        while let Some(rest) = self.rest.strip_prefix('|') {
            self.rest = rest;
            found.push(self.sequence());
        }
        found
    }

    fn sequence(&mut self) -> Vec<Symbol> {
        let mut found: Vec<Symbol> = Vec::new();
        loop {
            self.skip();
            if self.rest.is_empty() || self.rest.starts_with(['|', ')']) {
                return found;
            }
            let part = self.part();
            let part = self.repeated(part);
            found.extend(part);
        }
    }

    fn part(&mut self) -> Vec<Symbol> {
        match self.letter() {
            '"' => {
                let mut found = Vec::new();
                while !self.rest.starts_with('"') {
                    let letter = self.escaped();
                    found.push(Symbol::Class { ranges: vec![(letter, letter)], is_negated: false });
                }
                self.letter();
                found
            }
            '[' => vec![self.class()],
            '(' => {
                let alternatives = self.alternatives();
                assert_eq!(self.letter(), ')', "a group is closed");
                vec![self.rule(alternatives)]
            }
            first => {
                let is_name = |it: char| it.is_ascii_alphanumeric() || it == '-';
                assert!(is_name(first), "`{first}` begins nothing");
                let end = self.rest.find(|it| !is_name(it)).unwrap_or(self.rest.len());
                let name = format!("{first}{}", &self.rest[..end]);
                self.rest = &self.rest[end..];
                let rule = self.names.get(&name);
                vec![Symbol::Rule(*rule.unwrap_or_else(|| panic!("`{name}` is not defined")))]
            }
        }
    }

    fn class(&mut self) -> Symbol {
        let is_negated = self.rest.starts_with('^');
        if is_negated {
            self.letter();
        }
        let mut ranges = Vec::new();
        while !self.rest.starts_with(']') {
            let low = self.escaped();
            let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]");
            let high = if is_range {
                self.letter();
                self.escaped()
            } else {
                low
            };
            ranges.push((low, high));
        }
        self.letter();
        Symbol::Class { ranges, is_negated }
    }

    fn escaped(&mut self) -> char {
        match self.letter() {
            '\\' => match self.letter() {
                'n' => '\n',
                letter @ ('"' | '\\' | '[' | ']') => letter,
                letter => panic!("`\\{letter}` is no escape"),
            },
            letter => letter,
        }
    }

    fn repeated(&mut self, part: Vec<Symbol>) -> Vec<Symbol> {
        let sign = self.rest.chars().next().filter(|it| matches!(it, '?' | '*' | '+'));
        let Some(sign) = sign else { return part };
        self.letter();
        if sign == '?' {
            return vec![self.rule(vec![Vec::new(), part])];
        }
        let itself = self.grammar.rules.len();
        let more = std::iter::once(Symbol::Rule(itself)).chain(part.clone()).collect();
        let first = if sign == '*' { Vec::new() } else { part };
        vec![self.rule(vec![first, more])]
    }

    fn rule(&mut self, alternatives: Vec<Vec<Symbol>>) -> Symbol {
        self.grammar.rules.push(alternatives);
        Symbol::Rule(self.grammar.rules.len() - 1)
    }
}
