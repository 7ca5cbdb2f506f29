//! Whatever depends on whatever: a run side by side makes what a run of one after the other makes, starts nothing
//! early, and never does more at once than it may.

use std::collections::{BTreeMap, BTreeSet};

use super::dice::Dice;
use super::graph::{Manners, Point, graph, name, source};
use super::{Stage, files, rounds};

const SIZE: usize = 14;

fn stage(points: &[Point]) -> Stage {
    let stage = Stage::new(&source(points));
    for number in 0..points.len() {
        stage.write(&format!("in/{number}"), format!("input {number}\n"));
    }
    stage
}

/// Runs everything; the end of each task.
fn run(stage: &Stage, jobs: &str, names: &[String]) -> BTreeMap<String, String> {
    let mut args = vec!["run", "-o", "json", "--parallel", "--keep-going", jobs];
    args.extend(names.iter().map(String::as_str));
    let said = stage.run(&args);
    assert!(matches!(said.status, Some(0 | 1)), "{said:#?}");
    let states = said.states();
    assert!(states.values().all(|it| is_end(it)), "{states:#?}");
    states
}

fn is_end(state: &str) -> bool {
    matches!(state, "succeeded" | "cached" | "failed" | "skipped")
}

/// Goes through the ledger: nothing began before what it waits for had ended, nor more at once than may be.
fn check_ledger(ledger: &str, points: &[Point], jobs: usize) {
    let (mut begun, mut ended) = (BTreeSet::new(), BTreeSet::new());
    for line in ledger.lines() {
        let (what, number) = line.split_once(' ').unwrap();
        let number: usize = number.parse().unwrap();
        if what == "end" {
            assert!(begun.contains(&number) && ended.insert(number), "{line}\n{ledger}");
            continue;
        }
        assert!(begun.insert(number), "{number} began twice\n{ledger}");
        let point = &points[number];
        let early = |it: &&usize| begun.contains(*it) && !ended.contains(*it);
        let early: Vec<_> = point.needs.iter().chain(&point.after).filter(early).collect();
        assert!(early.is_empty(), "{number} began before the end of {early:?}\n{ledger}");
        let missing: Vec<_> = point.needs.iter().filter(|it| !ended.contains(it)).collect();
        assert!(missing.is_empty(), "{number} began without {missing:?}\n{ledger}");
        assert!(begun.len() - ended.len() <= jobs, "more than {jobs} at once\n{ledger}");
    }
    assert_eq!(begun, ended, "{ledger}");
}

fn without_reuse(states: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let plain = |state: String| if state == "cached" { "succeeded".to_owned() } else { state };
    states.into_iter().map(|(name, state)| (name, plain(state))).collect()
}

#[test]
fn any_plan_comes_to_what_it_comes_to_one_after_the_other() {
    for round in 0..rounds(4, 100) {
        let mut dice = Dice::new(round + 1);
        let points = graph(&mut dice, SIZE, Manners::Quick);
        let names: Vec<String> = (0..points.len()).map(name).collect();
        let jobs = 1 + usize::try_from(dice.below(6)).unwrap();
        let (one, many) = (stage(&points), stage(&points));
        let expected = run(&one, "-j1", &names);
        check_ledger(&one.read("ledger"), &points, 1);
        let found = run(&many, &format!("-j{jobs}"), &names);
        check_ledger(&many.read("ledger"), &points, jobs);
        assert_eq!(found, expected, "round {round}");
        assert_eq!(files(&many.path("out")), files(&one.path("out")), "round {round}");

        // Once more: what is answered is as good as what is made.
        std::fs::remove_file(many.path("ledger")).unwrap();
        std::fs::remove_dir_all(many.path("out")).unwrap();
        let again = run(&many, "-j3", &names);
        let has_cached = points.iter().zip(&names).any(|(it, name)| {
            it.has_inputs && expected.get(name).is_some_and(|it| it == "succeeded")
        });
        assert_eq!(has_cached, again.values().any(|it| it == "cached"), "round {round}");
        assert_eq!(without_reuse(again), expected, "round {round}");
        assert_eq!(files(&many.path("out")), files(&one.path("out")), "round {round}");
        many.assert_alone();
    }
}
