//! Writes texts that a grammar takes, by chance.

use super::notation::{Grammar, Symbol};

/// How long a text gets before only the shortest ways on are taken.
const LONG: usize = 200;

pub struct Writer<'g> {
    grammar: &'g Grammar,
    /// How deep a rule nests at least.
    depths: Vec<u32>,
    state: u64,
}

impl<'g> Writer<'g> {
    pub fn new(grammar: &'g Grammar, seed: u64) -> Self {
        Self { grammar, depths: depths(grammar), state: seed }
    }

    /// A text of the grammar.
    pub fn write(&mut self) -> String {
        let mut out = String::new();
        self.rule(0, &mut out);
        out
    }

    fn rule(&mut self, rule: usize, out: &mut String) {
        let grammar = self.grammar;
        let ways = &grammar.rules[rule];
        let shortest = ways.iter().map(|it| self.depth(it)).min().unwrap_or_default();
        let open: Vec<_> =
            ways.iter().filter(|it| out.len() < LONG || self.depth(it) == shortest).collect();
        let way = open[self.below(open.len())];
        for symbol in way {
            match symbol {
                Symbol::Rule(rule) => self.rule(*rule, out),
                Symbol::Class { .. } => out.push(self.letter(symbol)),
            }
        }
    }

    fn letter(&mut self, class: &Symbol) -> char {
        let letters: Vec<char> =
            (' '..='~').chain(['\n', 'ä']).filter(|it| class.takes(*it)).collect();
        letters[self.below(letters.len())]
    }

    fn depth(&self, way: &[Symbol]) -> u32 {
        way_depth(way, &self.depths)
    }

    /// A number below `end`: the state is Knuth's, its upper half is used.
    fn below(&mut self, end: usize) -> usize {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as usize % end
    }
}

fn way_depth(way: &[Symbol], depths: &[u32]) -> u32 {
    let below = |it: &Symbol| match it {
        Symbol::Rule(rule) => depths[*rule],
        Symbol::Class { .. } => 0,
    };
    way.iter().map(below).max().unwrap_or_default()
}

fn depths(grammar: &Grammar) -> Vec<u32> {
    let mut depths = vec![u32::MAX / 2; grammar.rules.len()];
    loop {
        let shortest = |ways: &Vec<Vec<Symbol>>| {
            ways.iter().map(|it| way_depth(it, &depths)).min().unwrap_or_default() + 1
        };
        let next: Vec<u32> =
            grammar.rules.iter().zip(&depths).map(|(it, old)| shortest(it).min(*old)).collect();
        if next == depths {
            return depths;
        }
        depths = next;
    }
}
