//! Whether patterns have a path in common: a walk through the product of their automata.
//!
//! A third, tiny automaton runs along and admits valid paths only (no empty component), so the answer is
//! exact. [`meet`] decides for two patterns and is the hot one: one bit for each pair of states, no other
//! allocation but a stack. [`witness`] finds a shortest path, also outside of further patterns.

use std::collections::{BTreeSet, HashSet, VecDeque};

use super::class::after;
use super::program::{Active, Program, Set, State, StateId};

/// How many configurations [`witness`] looks at before it gives up.
const CONFIGURATIONS_MAX: usize = 10_000;

/// Whether some valid path is accepted by both.
pub(super) fn meet(left: &Program, right: &Program) -> bool {
    let mut walk = Walk {
        left,
        right,
        seen: vec![0; (left.len() * right.len() * 2).div_ceil(64)],
        open: Vec::new(),
    };
    walk.visit(left.start(), right.start(), Spot::ComponentStart);
    while let Some((a, b, spot)) = walk.open.pop() {
        match (left.state(a), right.state(b)) {
            (State::Accept, State::Accept) if spot == Spot::InComponent => return true,
            (State::Split(x, y), _) => {
                walk.visit(*x, b, spot);
                walk.visit(*y, b, spot);
            }
            (_, State::Split(x, y)) => {
                walk.visit(a, *x, spot);
                walk.visit(a, *y, spot);
            }
            (State::Take(set, next), State::Take(other, other_next)) => {
                if set.meets(other) {
                    walk.visit(*next, *other_next, Spot::InComponent);
                }
                if spot == Spot::InComponent && set.contains('/') && other.contains('/') {
                    walk.visit(*next, *other_next, Spot::ComponentStart);
                }
            }
            (State::Accept, _) | (_, State::Accept) => {}
        }
    }
    false
}

/// Where in a path the walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Spot {
    /// At the start of the path or behind a `/`: neither `/` nor the end may follow.
    ComponentStart,
    /// Behind any other character.
    InComponent,
}

struct Walk<'a> {
    left: &'a Program,
    right: &'a Program,
    seen: Vec<u64>,
    open: Vec<(StateId, StateId, Spot)>,
}

impl Walk<'_> {
    fn visit(&mut self, a: StateId, b: StateId, spot: Spot) {
        let pair = a as usize * self.right.len() + b as usize;
        debug_assert!((a as usize) < self.left.len());
        let bit = pair * 2 + usize::from(spot == Spot::InComponent);
        let Some(word) = self.seen.get_mut(bit / 64) else { return };
        if *word & (1 << (bit % 64)) == 0 {
            *word |= 1 << (bit % 64);
            self.open.push((a, b, spot));
        }
    }
}

/// A shortest valid path that all of `within` accept and none of `outside` does; one without hidden names, if there
/// is one.
pub(super) fn witness(within: &[&Program], outside: &[&Program]) -> Option<String> {
    let found = shortest(within, outside, Names::Any)?;
    let is_hidden = found.split('/').any(|name| name.starts_with('.'));
    let better = if is_hidden { shortest(within, outside, Names::Visible) } else { None };
    Some(better.unwrap_or(found))
}

/// Which names a path may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    Any,
    /// None that begins with a dot.
    Visible,
}

fn shortest(within: &[&Program], outside: &[&Program], names: Names) -> Option<String> {
    let alphabet = alphabet(within.iter().chain(outside));
    let start = Configuration {
        within: within.iter().map(|program| entered(program)).collect(),
        outside: outside.iter().map(|program| entered(program)).collect(),
        spot: Spot::ComponentStart,
    };
    let mut seen: HashSet<Key> = HashSet::from([start.key()]);
    // Each configuration knows the one before it and the character between them.
    let mut reached: Vec<(usize, char)> = vec![(0, '\0')];
    let mut open = VecDeque::from([(0, start)]);
    while let Some((number, configuration)) = open.pop_front() {
        if configuration.accepts() {
            return Some(spell(&reached, number));
        }
        let begins_name = configuration.spot == Spot::ComponentStart;
        let is_hidden = |it: char| names == Names::Visible && begins_name && it == '.';
        for character in alphabet.iter().filter(|it| !is_hidden(**it)) {
            let Some(next) = configuration.step(*character, within, outside) else { continue };
            if !seen.insert(next.key()) {
                continue;
            }
            if reached.len() == CONFIGURATIONS_MAX {
                return None;
            }
            reached.push((number, *character));
            open.push_back((reached.len() - 1, next));
        }
    }
    None
}

fn entered(program: &Program) -> Active {
    let mut active = Active::new(program.len());
    program.enter(program.start(), &mut active);
    active
}

/// The text along the way to a configuration.
fn spell(reached: &[(usize, char)], mut number: usize) -> String {
    let mut characters = Vec::new();
    while number != 0 {
        let Some((before, character)) = reached.get(number) else { break };
        characters.push(*character);
        number = *before;
    }
    characters.into_iter().rev().collect()
}

/// The states all automata are in behind the same text.
struct Configuration {
    within: Vec<Active>,
    outside: Vec<Active>,
    spot: Spot,
}

type Key = (Vec<Vec<StateId>>, Spot);

impl Configuration {
    fn key(&self) -> Key {
        (self.within.iter().chain(&self.outside).map(Active::sorted).collect(), self.spot)
    }

    fn accepts(&self) -> bool {
        self.spot == Spot::InComponent
            && self.within.iter().all(|active| active.contains(0))
            && !self.outside.iter().any(|active| active.contains(0))
    }

    /// Behind one more character; `None` if no match can follow.
    fn step(&self, character: char, within: &[&Program], outside: &[&Program]) -> Option<Self> {
        let spot = match (character, self.spot) {
            ('/', Spot::ComponentStart) => return None,
            ('/', Spot::InComponent) => Spot::ComponentStart,
            _ => Spot::InComponent,
        };
        let step = |(program, now): (&&Program, &Active)| {
            let mut then = Active::new(program.len());
            program.step(now, character, &mut then);
            then
        };
        let next: Vec<Active> = within.iter().zip(&self.within).map(step).collect();
        if next.iter().any(Active::is_empty) {
            return None;
        }
        Some(Self {
            within: next,
            outside: outside.iter().zip(&self.outside).map(step).collect(),
            spot,
        })
    }
}

/// One character for each class of characters that no pattern tells apart, readable ones first.
fn alphabet<'a, 'b: 'a>(programs: impl Iterator<Item = &'a &'b Program>) -> Vec<char> {
    let mut borders = BTreeSet::from(['\0', '/', '0']);
    let mut border = |low: char, high: char| {
        borders.insert(low);
        borders.extend(after(high));
    };
    for state in programs.flat_map(|program| program.states()) {
        match state {
            State::Take(Set::Char(character), _) => border(*character, *character),
            State::Take(Set::Class(class), _) => {
                class.ranges().iter().for_each(|(low, high)| border(*low, *high));
            }
            State::Take(Set::NoSlash | Set::All, _) | State::Accept | State::Split(..) => {}
        }
    }
    let borders: Vec<char> = borders.into_iter().collect();
    let mut ends = borders.iter().skip(1).copied().map(Some).chain([None]);
    let mut alphabet: Vec<char> =
        borders.iter().map(|low| representative(*low, ends.next().flatten())).collect();
    alphabet.sort_by_key(|character| {
        (!character.is_ascii_lowercase(), !character.is_ascii_alphanumeric(), *character)
    });
    alphabet
}

/// A readable character from `low` up to, not including, `end`.
fn representative(low: char, end: Option<char>) -> char {
    let within = |character: &char| *character >= low && end.is_none_or(|end| *character < end);
    let letters = ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(['_', '-', '.']);
    letters.into_iter().find(within).unwrap_or(low.max('\u{1}'))
}
