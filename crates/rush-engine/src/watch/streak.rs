//! Finds out when a task writes what it reads, so that nothing runs for ever.
//!
//! A person who saves again while a build goes on wants another build; a task that changes its own inputs does not,
//! and from outside both look alike. Nobody does it to the same place in many runs in a row, though.

use std::collections::BTreeSet;

/// In how many runs in a row the same place may change.
const RUNS_MAX: usize = 5;

/// The runs in a row during which something changed.
#[derive(Default)]
pub(super) struct Streak {
    runs: usize,
    /// The places that changed in all of them.
    common: BTreeSet<String>,
}

impl Streak {
    /// Takes in the places where something changed during a run; returns those where it did too often. A place is a file,
    /// or a pattern for those that come under another name each time.
    pub(super) fn note<'a>(
        &mut self,
        places: impl Iterator<Item = &'a str>,
    ) -> Option<Vec<String>> {
        let places: BTreeSet<String> = places.map(str::to_owned).collect();
        if self.runs > 0 {
            self.common.retain(|it| places.contains(it));
        }
        if self.runs == 0 || self.common.is_empty() {
            self.runs = 0;
            self.common = places;
        }
        if self.common.is_empty() {
            return None;
        }
        self.runs += 1;
        if self.runs < RUNS_MAX {
            return None;
        }
        self.runs = 0;
        Some(std::mem::take(&mut self.common).into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What changes in each run, and the run after which it is too much.
    fn check(runs: &[&[&str]], expect: Option<usize>) {
        let mut streak = Streak::default();
        let mut notes = runs.iter().map(|it| streak.note(it.iter().copied()));
        assert_eq!(notes.position(|it| it.is_some()), expect);
    }

    #[test]
    fn the_same_place_in_every_run_is_too_much() {
        check(&[&["a"], &["a", "b"], &["a"], &["c", "a"], &["a"], &["a"]], Some(4));
        check(&[&["a"], &["b"], &["c"], &["a"], &["b"], &["c"], &["a"]], None);
        check(&[&["a"], &["a"], &["a"], &["a"], &[], &["a"], &["a"]], None);
    }
}
