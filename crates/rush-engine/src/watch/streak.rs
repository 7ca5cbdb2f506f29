//! Finds out when a task writes what it reads, so that nothing runs for ever.
//!
//! A person who saves again while a build goes on wants another build; a task that changes its own inputs does not,
//! and from outside both look alike. A person comes to an end, though. So a place that changed in several runs in a row
//! ends no more of them: the next ones may finish, with all that was saved before they began, and only a place that
//! changes in these as well is left alone.

use std::collections::BTreeSet;

/// In how many runs in a row the same place changes before it ends none of them.
const SUSPECT_RUNS: usize = 4;

/// In how many runs in a row the same place may change.
const RUNS_MAX: usize = SUSPECT_RUNS + 2;

/// The runs in a row during which something changed.
#[derive(Default)]
pub(super) struct Streak {
    runs: usize,
    /// The places that changed in all of them.
    common: BTreeSet<String>,
}

impl Streak {
    /// Whether a change here may not end a run: it did in many runs in a row.
    pub(super) fn suspects<'a>(&self, mut places: impl Iterator<Item = &'a str>) -> bool {
        self.runs >= SUSPECT_RUNS && places.any(|it| self.common.contains(it))
    }

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
        check(&[&["a"], &["a", "b"], &["a"], &["c", "a"], &["a"], &["a"], &["a"]], Some(5));
        check(&[&["a"], &["b"], &["c"], &["a"], &["b"], &["c"], &["a"]], None);
        check(&[&["a"], &["a"], &["a"], &["a"], &["a"], &[], &["a"], &["a"]], None);
    }

    #[test]
    fn what_changed_in_many_runs_ends_no_more_of_them() {
        let mut streak = Streak::default();
        let suspected = [0; 6].map(|_| {
            let before = ["a", "b"].map(|it| streak.suspects([it].into_iter()));
            streak.note(["a"].into_iter());
            before
        });
        let may = [false, false];
        assert_eq!(suspected, [may, may, may, may, [true, false], [true, false]]);
        assert!(!streak.suspects(["a"].into_iter()), "it was left alone, so it counts anew");
    }
}
