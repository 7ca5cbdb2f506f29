//! Finds out when a task writes what it reads, so that nothing runs for ever.
//!
//! A person who saves again while a build goes on wants another build; a task that changes its own inputs does not,
//! and from outside both look alike. But a person saves at any time, also when nothing runs, and a task does so in
//! each run. So where a place changed in several runs in a row, there is some quiet before another one begins, in which
//! only a person can save; and who changes it in these runs as well is left alone. In a run that never ends nobody can
//! save between two, so what counts there is when the change comes. That of a task hangs on when its run began; that of
//! a person does not, so it comes sooner after a run that was held back. A task may take the one or the other way, so
//! two runs are looked back at.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// In how many runs in a row the same place changes before it ends none of them at once.
const SUSPECT_RUNS: usize = 4;

/// In how many runs in a row the same place may change.
const RUNS_MAX: usize = SUSPECT_RUNS + 2;

/// For how long nothing changes where it is quiet.
pub(super) const QUIET: Duration = Duration::from_secs(3);

/// After how much quiet in a run the time of a change tells whose it is.
const LONG: Duration = Duration::from_secs(10);

/// How much of the quiet before a change there is after it, so that the next run is held back by more than what two
/// times may differ by.
const PAUSE_PART: u32 = 4;

/// After more quiet than this a change is as good as a person's: a loop that takes its time costs little, and each of its
/// rounds is told. It also bounds what is made of the quiet.
const SLOW: Duration = Duration::from_mins(1);

/// How many runs are looked back at.
const RUNS_COMPARED: usize = 2;

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
    /// How long it was quiet in the last of them, up to [`RUNS_COMPARED`].
    quiets: VecDeque<Duration>,
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
        } else if self.runs + 1 < RUNS_MAX || self.is_a_persons(quiet) {
            Rerun::WhenQuiet
        } else {
            Rerun::Never
        }
    }

    /// Whether a change is no task's that comes after so much quiet in a run which goes on after it: it came at other
    /// times in the runs before, or so late that it does not matter.
    pub(super) fn is_a_persons(&self, quiet: Duration) -> bool {
        if quiet > SLOW {
            return true;
        }
        let is_long = self.quiets.iter().chain([&quiet]).any(|it| *it > LONG);
        is_long && self.quiets.iter().all(|it| quiet.abs_diff(*it) > quiet / LIKENESS)
    }

    /// Takes in the places where something changed during a run that was quiet for so long, and says when that leads to
    /// another. A place is a file, or a pattern for those that come under another name each time.
    pub(super) fn note<'a>(
        &mut self,
        places: impl Iterator<Item = &'a str>,
        quiet: Duration,
    ) -> Rerun {
        self.quiets.push_back(quiet);
        if self.quiets.len() > RUNS_COMPARED {
            self.quiets.pop_front();
        }
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

/// For how long nothing changes before a run is stopped in which something changed after so much quiet. Where the time of
/// the change tells nothing, only a run that is about to end is waited for.
pub(super) fn pause_after(quiet: Duration) -> Duration {
    if quiet > SLOW { QUIET } else { QUIET.max(quiet / PAUSE_PART) }
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
        assert_eq!(streak.end(), ["a"]);
        assert_eq!(streak.rerun(["a"].into_iter(), QUIET), AtOnce, "it counts anew");
    }

    /// How many runs without an end begin before one is left alone, of at most a hundred. In each of them the same place
    /// changes so many seconds after it began; given are its number and for how many seconds it was held back.
    fn runs(changes_after: impl Fn(usize, f64) -> f64) -> usize {
        let (mut streak, mut held_back) = (Streak::default(), 0.0);
        for run in 0..100 {
            let quiet = Duration::from_secs_f64(changes_after(run, held_back));
            match streak.rerun(["a"].into_iter(), quiet) {
                Never => return run,
                AtOnce => held_back = 0.0,
                WhenQuiet => held_back = pause_after(quiet).as_secs_f64(),
            }
            if held_back > 0.0 && streak.is_a_persons(quiet) {
                streak.end();
            } else {
                streak.note(["a"].into_iter(), quiet);
            }
        }
        100
    }

    #[test]
    fn whoever_saves_as_regularly_as_a_clock_is_a_person() {
        for seconds in [11, 12, 13, 15, 20, 31, 45, 59, 60, 61, 65, 300, 3600] {
            assert_eq!(runs(|_, held_back| f64::from(seconds) - held_back), 100, "{seconds}");
        }
        let at_any_time = [12.0, 31.0, 18.0, 90.0, 24.0, 55.0, 15.0, 70.0, 40.0];
        assert_eq!(runs(|run, held_back| at_any_time[run % 9] - held_back), 100);
    }

    #[test]
    fn nobody_waits_longer_the_longer_it_was_quiet() {
        let longest = (0..10_000).map(|it| pause_after(Duration::from_secs(it))).max();
        assert_eq!(longest, Some(Duration::from_secs(15)));
        assert_eq!(pause_after(Duration::from_hours(1)), QUIET);
    }

    #[test]
    fn a_task_without_an_end_is_left_alone() {
        for seconds in [1.0, 4.0, 11.0, 31.0, 56.0] {
            assert_eq!(runs(|_, _| seconds), RUNS_MAX - 1);
            assert_eq!(runs(|run, _| seconds + (run % 2) as f64 * 4.0), RUNS_MAX - 1);
        }
        assert_eq!(runs(|_, _| 61.0), 100, "it costs little");
        // Its times vary by a fifth in both directions.
        let roll = |run: usize| (run * 7919 % 101) as f64 / 101.0;
        assert!(runs(|run, _| 12.0 + (roll(run) - 0.5) * 4.8) < 60);
    }
}
