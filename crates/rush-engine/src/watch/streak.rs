//! Finds out when a task writes what it reads, so that nothing runs for ever.
//!
//! A person who saves again while a build goes on wants another build; a task that changes its own inputs does not,
//! and from outside both look alike. But a person saves at any time, also when nothing runs, and a task does so in
//! each run. So where a place changed in several runs in a row, there is some quiet before another one begins, in which
//! only a person can save; and who changes it in these runs as well, soon after they began, is left alone.

use std::collections::BTreeSet;
use std::time::Duration;

/// In how many runs in a row the same place changes before it ends none of them at once.
const SUSPECT_RUNS: usize = 4;

/// In how many runs in a row the same place may change.
const RUNS_MAX: usize = SUSPECT_RUNS + 2;

/// For how long nothing changes where it is quiet.
pub(super) const QUIET: Duration = Duration::from_secs(3);

/// After how much quiet in a run a change is no task's that begins anew with each run.
const LONG: Duration = Duration::from_secs(10);

/// Times that differ by this part of them are not the same.
const LIKENESS: u32 = 8;

/// When a change leads to another run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rerun {
    /// At once; what runs is stopped for it.
    AtOnce,
    /// When nothing else has changed for some time; what still runs then is stopped.
    WhenQuiet,
    /// Not at all.
    Never,
}

/// The runs in a row during which something changed.
#[derive(Default)]
pub(super) struct Streak {
    runs: usize,
    /// The places that changed in all of them.
    common: BTreeSet<String>,
    /// How long it was quiet in the last of them.
    quiet: Duration,
}

impl Streak {
    /// What a change at these places means for a run that was quiet for so long before.
    pub(super) fn rerun<'a>(
        &self,
        mut places: impl Iterator<Item = &'a str>,
        quiet: Duration,
    ) -> Rerun {
        if self.runs < SUSPECT_RUNS || !places.any(|it| self.common.contains(it)) {
            Rerun::AtOnce
        } else if is_long(quiet) || self.runs + 1 < RUNS_MAX {
            Rerun::WhenQuiet
        } else {
            Rerun::Never
        }
    }

    /// Whether a change is no task's that comes after so much quiet in a run which goes on after it: it came at another
    /// time in the run before.
    pub(super) fn is_a_persons(&self, quiet: Duration) -> bool {
        is_long(quiet) && quiet.abs_diff(self.quiet) > quiet / LIKENESS
    }

    /// Takes in the places where something changed during a run that was quiet for so long, and says when that leads to
    /// another. A place is a file, or a pattern for those that come under another name each time.
    pub(super) fn note<'a>(
        &mut self,
        places: impl Iterator<Item = &'a str>,
        quiet: Duration,
    ) -> Rerun {
        self.quiet = quiet;
        let places: BTreeSet<String> = places.map(str::to_owned).collect();
        if self.runs > 0 {
            self.common.retain(|it| places.contains(it));
        }
        if self.runs == 0 || self.common.is_empty() {
            self.runs = 0;
            self.common = places;
        }
        if self.common.is_empty() {
            return Rerun::AtOnce;
        }
        self.runs += 1;
        if self.runs < SUSPECT_RUNS {
            Rerun::AtOnce
        } else if self.runs < RUNS_MAX {
            Rerun::WhenQuiet
        } else {
            Rerun::Never
        }
    }

    /// Ends it; returns the places that changed in all of its runs.
    pub(super) fn end(&mut self) -> Vec<String> {
        std::mem::take(self).common.into_iter().collect()
    }
}

fn is_long(quiet: Duration) -> bool {
    quiet > LONG
}

#[cfg(test)]
mod tests {
    use super::Rerun::{AtOnce, Never, WhenQuiet};
    use super::*;

    /// What changes in each run, and how many of them may follow at once and when it is quiet.
    fn check(runs: &[&[&str]], expect: (usize, usize)) {
        let mut streak = Streak::default();
        let reruns: Vec<Rerun> =
            runs.iter().map(|it| streak.note(it.iter().copied(), QUIET)).collect();
        let count = |rerun| reruns.iter().filter(|it| **it == rerun).count();
        assert_eq!((count(Rerun::AtOnce), count(Rerun::WhenQuiet)), expect, "{reruns:?}");
    }

    #[test]
    fn the_same_place_in_every_run_is_too_much() {
        check(&[&["a"], &["a", "b"], &["a"], &["c", "a"], &["a"], &["a"]], (3, 2));
        check(&[&["a"], &["b"], &["c"], &["a"], &["b"], &["c"], &["a"]], (7, 0));
        check(&[&["a"], &["a"], &["a"], &["a"], &["a"], &[], &["a"], &["a"]], (6, 2));
    }

    #[test]
    fn what_changed_in_many_runs_ends_them_later_or_not() {
        let mut streak = Streak::default();
        let reruns = [0; 6].map(|_| {
            let before = [("a", 1), ("a", 11), ("b", 1)].map(|(place, quiet)| {
                streak.rerun([place].into_iter(), Duration::from_secs(quiet))
            });
            streak.note(["a"].into_iter(), QUIET);
            before
        });
        assert_eq!(reruns[..4], [[AtOnce; 3]; 4]);
        assert_eq!(reruns[4..], [[WhenQuiet, WhenQuiet, AtOnce], [Never, WhenQuiet, AtOnce]]);
        assert!(streak.is_a_persons(LONG * 2) && !streak.is_a_persons(LONG));
        streak.note(["a"].into_iter(), LONG * 2);
        assert!(streak.is_a_persons(LONG * 3) && !streak.is_a_persons(LONG * 2 + QUIET / 2));
        assert_eq!(streak.end(), ["a"]);
        assert_eq!(streak.rerun(["a"].into_iter(), QUIET), AtOnce, "it counts anew");
    }
}
