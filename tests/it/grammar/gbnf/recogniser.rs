//! Says whether a grammar takes a text: Earley's algorithm over characters.

use std::collections::HashSet;

use super::notation::{Grammar, Symbol};

/// A place in a production.
struct State {
    rule: usize,
    /// What comes next; nothing at the end. The state behind it is the next one.
    next: Option<Symbol>,
}

/// A place in a production, and the character where the production began.
type Item = (usize, usize);

pub struct Recogniser {
    states: Vec<State>,
    /// The first states of each rule.
    starts: Vec<Vec<usize>>,
    /// Which rules take nothing at all.
    is_empty: Vec<bool>,
}

impl Recogniser {
    pub fn new(grammar: &Grammar) -> Self {
        let mut states = Vec::new();
        let mut starts = Vec::new();
        for (rule, alternatives) in grammar.rules.iter().enumerate() {
            let mut first = Vec::new();
            for symbols in alternatives {
                first.push(states.len());
                let next = symbols.iter().cloned().map(Some).chain([None]);
                states.extend(next.map(|next| State { rule, next }));
            }
            starts.push(first);
        }
        Self { states, starts, is_empty: empty_rules(grammar) }
    }

    /// Whether the text is one of the grammar's; if not, the byte where nothing fits.
    pub fn take(&self, text: &str) -> Result<(), usize> {
        let mut sets: Vec<Vec<Item>> = vec![self.starts[0].iter().map(|it| (*it, 0)).collect()];
        let mut offsets = vec![0];
        self.close(&mut sets);
        for (at, letter) in text.char_indices() {
            let set = sets.last().expect("there is a first set");
            let is_taken = |it: &&Item| {
                self.states[it.0].next.as_ref().is_some_and(|symbol| symbol.takes(letter))
            };
            let next: Vec<Item> =
                set.iter().filter(is_taken).map(|(state, from)| (state + 1, *from)).collect();
            if next.is_empty() {
                return Err(at);
            }
            offsets.push(at + letter.len_utf8());
            sets.push(next);
            self.close(&mut sets);
        }
        let is_whole = |it: &Item| {
            let state = &self.states[it.0];
            state.rule == 0 && state.next.is_none() && it.1 == 0
        };
        let last = sets.last().expect("there is a first set");
        if last.iter().any(is_whole) { Ok(()) } else { Err(text.len()) }
    }

    /// Adds to the last set what follows from it without another character.
    fn close(&self, sets: &mut Vec<Vec<Item>>) {
        let here = sets.len() - 1;
        let mut items = sets.pop().expect("there is a last set");
        // Most productions that are open here begin here.
        let mut begun = vec![false; self.states.len()];
        let mut known: HashSet<Item> = items.iter().copied().collect();
        let mut at = 0;
        while let Some((state, from)) = items.get(at).copied() {
            at += 1;
            let mut add = |item: Item| {
                let is_new = if item.1 == here {
                    !std::mem::replace(&mut begun[item.0], true)
                } else {
                    known.insert(item)
                };
                if is_new {
                    items.push(item);
                }
            };
            match &self.states[state].next {
                Some(Symbol::Rule(rule)) => {
                    self.starts[*rule].iter().for_each(|it| add((*it, here)));
                    if self.is_empty[*rule] {
                        add((state + 1, from));
                    }
                }
                Some(Symbol::Class { .. }) => {}
                None if from == here => {}
                None => {
                    let rule = Symbol::Rule(self.states[state].rule);
                    for (waiting, origin) in &sets[from] {
                        if self.states[*waiting].next.as_ref() == Some(&rule) {
                            add((waiting + 1, *origin));
                        }
                    }
                }
            }
        }
        sets.push(items);
    }
}

fn empty_rules(grammar: &Grammar) -> Vec<bool> {
    let mut is_empty = vec![false; grammar.rules.len()];
    loop {
        let takes_nothing = |it: &Symbol| matches!(it, Symbol::Rule(rule) if is_empty[*rule]);
        let next: Vec<bool> = grammar
            .rules
            .iter()
            .map(|it| it.iter().any(|it| it.iter().all(takes_nothing)))
            .collect();
        if next == is_empty {
            return is_empty;
        }
        is_empty = next;
    }
}
