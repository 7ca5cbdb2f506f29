//! Patterns as nondeterministic automata over characters, and running them.
//!
//! States are numbered from the end: 0 accepts. An automaton may accept texts that are no valid path
//! (`a/**` accepts `a/`); whoever runs it keeps to valid ones.

use super::class::Class;
use super::parse::Token;

pub(super) type StateId = u32;

/// One state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The end.
    Accept,
    /// Takes a character of the set.
    Take(Set, StateId),
    /// Goes on at either without taking anything.
    Split(StateId, StateId),
}

/// What one step takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Set {
    /// One character.
    Char(char),
    /// All but `/`.
    NoSlash,
    /// All.
    All,
    /// A written set.
    Class(Box<Class>),
}

impl Set {
    pub(super) fn contains(&self, character: char) -> bool {
        match self {
            Self::Char(own) => *own == character,
            Self::NoSlash => character != '/',
            Self::All => true,
            Self::Class(class) => class.contains(character),
        }
    }

    /// Whether some character other than `/` is in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Char(own), _) => *own != '/' && other.contains(*own),
            (_, Self::Char(own)) => *own != '/' && self.contains(*own),
            (Self::Class(own), Self::Class(class)) => own.meets(class),
            (Self::NoSlash | Self::All | Self::Class(_), _) => true,
        }
    }
}

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    states: Vec<State>,
    start: StateId,
}

impl Program {
    pub(super) fn compile(tokens: &[Token]) -> Self {
        let mut program = Self { states: vec![State::Accept], start: 0 };
        program.start = program.sequence(tokens, 0);
        program
    }

    pub(super) const fn start(&self) -> StateId {
        self.start
    }

    pub(super) const fn len(&self) -> usize {
        self.states.len()
    }

    pub(super) fn state(&self, id: StateId) -> &State {
        self.states.get(id as usize).expect("state ids come from this program")
    }

    pub(super) fn states(&self) -> &[State] {
        &self.states
    }

    fn push(&mut self, state: State) -> StateId {
        self.states.push(state);
        (self.states.len() - 1) as StateId
    }

    /// The start of a part that goes on at `next`.
    fn sequence(&mut self, tokens: &[Token], next: StateId) -> StateId {
        tokens.iter().rev().fold(next, |next, token| self.token(token, next))
    }

    fn token(&mut self, token: &Token, next: StateId) -> StateId {
        match token {
            Token::Char(character) => self.push(State::Take(Set::Char(*character), next)),
            Token::One => self.push(State::Take(Set::NoSlash, next)),
            Token::Class(class) => {
                self.push(State::Take(Set::Class(Box::new(class.clone())), next))
            }
            Token::Run => self.repeat(&Set::NoSlash, next),
            Token::Anything => self.repeat(&Set::All, next),
            Token::Components => {
                let slash = self.push(State::Take(Set::Char('/'), next));
                let some = self.repeat(&Set::All, slash);
                self.push(State::Split(next, some))
            }
            Token::Alternatives(alternatives) => {
                let starts: Vec<StateId> =
                    alternatives.iter().map(|tokens| self.sequence(tokens, next)).collect();
                let mut starts = starts.into_iter();
                let first = starts.next().unwrap_or(next);
                starts.fold(first, |rest, start| self.push(State::Split(start, rest)))
            }
        }
    }

    /// Any number of characters of a set.
    fn repeat(&mut self, set: &Set, next: StateId) -> StateId {
        let split = self.push(State::Accept);
        let body = self.push(State::Take(set.clone(), split));
        if let Some(state) = self.states.get_mut(split as usize) {
            *state = State::Split(body, next);
        }
        split
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        !path.is_empty() && self.run(path, |active| active.contains(0))
    }

    /// Whether it can go on behind `directory` and a `/`.
    pub(super) fn may_match_below(&self, directory: &str) -> bool {
        let mut path = String::with_capacity(directory.len() + 1);
        path.push_str(directory);
        path.push('/');
        self.run(&path, |active| {
            self.states.iter().enumerate().any(|(id, state)| {
                matches!(state, State::Take(..)) && active.contains(id as StateId)
            })
        })
    }

    fn run(&self, text: &str, verdict: impl Fn(&Active) -> bool) -> bool {
        let mut now = Active::new(self.len());
        let mut then = Active::new(self.len());
        self.enter(self.start, &mut now);
        for character in text.chars() {
            self.step(&now, character, &mut then);
            std::mem::swap(&mut now, &mut then);
            if now.is_empty() {
                return false;
            }
        }
        verdict(&now)
    }

    /// The states after one more character.
    pub(super) fn step(&self, now: &Active, character: char, then: &mut Active) {
        then.clear();
        for id in &now.list {
            if let State::Take(set, next) = self.state(*id)
                && set.contains(character)
            {
                self.enter(*next, then);
            }
        }
    }

    /// Adds a state and all that follow it without taking a character.
    pub(super) fn enter(&self, id: StateId, active: &mut Active) {
        if !active.insert(id) {
            return;
        }
        if let State::Split(left, right) = self.state(id) {
            self.enter(*left, active);
            self.enter(*right, active);
        }
    }
}

/// The states an automaton is in: a bit for each, and a list of those that are set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Active {
    bits: Bits,
    list: Vec<StateId>,
}

/// Most patterns have fewer than 64 states.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Bits {
    Few(u64),
    Many(Vec<bool>),
}

impl Active {
    pub(super) fn new(states: usize) -> Self {
        let bits = if states <= 64 { Bits::Few(0) } else { Bits::Many(vec![false; states]) };
        Self { bits, list: Vec::with_capacity(8) }
    }

    pub(super) fn contains(&self, id: StateId) -> bool {
        match &self.bits {
            Bits::Few(bits) => bits & (1 << id) != 0,
            Bits::Many(bits) => bits.get(id as usize).is_some_and(|bit| *bit),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The states, sorted: the identity of the set.
    pub(super) fn sorted(&self) -> Vec<StateId> {
        let mut ids = self.list.clone();
        ids.sort_unstable();
        ids
    }

    fn insert(&mut self, id: StateId) -> bool {
        let is_new = !self.contains(id);
        if is_new {
            match &mut self.bits {
                Bits::Few(bits) => *bits |= 1 << id,
                Bits::Many(bits) => {
                    if let Some(bit) = bits.get_mut(id as usize) {
                        *bit = true;
                    }
                }
            }
            self.list.push(id);
        }
        is_new
    }

    fn clear(&mut self) {
        match &mut self.bits {
            Bits::Few(bits) => *bits = 0,
            Bits::Many(bits) => bits.fill(false),
        }
        self.list.clear();
    }
}
