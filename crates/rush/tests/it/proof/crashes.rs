//! Whenever Rush is killed: what it had told as done is remembered, what is remembered as done never runs again, what
//! was running does, and no process is left.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::dice::Dice;
use super::graph::{Manners, Point, begins, graph, name, source};
use super::{Running, Stage, is_final, pause, rounds, states, wait_until};

type States = BTreeMap<String, String>;

/// What is known of a run when Rush has been killed.
struct Crash {
    /// The state of each task in the store; empty if the run is not there.
    states: States,
    /// How often each task had begun.
    begun: Vec<usize>,
}

/// Starts Rush with these words, kills it at this moment, and looks at what is left.
fn kill(stage: &Stage, args: &[&str], moment: Duration, points: &[Point]) -> Crash {
    let told = stage.path("told");
    let mut command = stage.rush(args);
    command.stdout(std::fs::File::create(&told).unwrap());
    let mut running = Running::start(command);
    pause(moment);
    running.send(Signal::SIGKILL);
    running.end();
    wait_until("the guard has ended what the run left", || stage.processes().is_empty());
    let remembered = stage.remembered();
    let seen = states(&stage.read("told"));
    let states = remembered.map(|it| it.1).unwrap_or_default();
    for (name, state) in seen.iter().filter(|it| is_final(it.1)) {
        let known = states.get(name).map_or("", String::as_str);
        // Going on tells what succeeded before the crash as reused.
        let is_known = known == state || (known, state.as_str()) == ("succeeded", "cached");
        assert!(is_known, "`{name}` was told to be {state}; {states:#?}");
    }
    let ledger = stage.read("ledger");
    let begun = (0..points.len()).map(|it| begins(&ledger, it)).collect();
    Crash { states, begun }
}

/// What the commit rule says of each task once the run has gone on from one crash, perhaps to the next.
fn check_rule(before: &Crash, after: &Crash, points: &[Point], has_ended: bool) {
    for (number, point) in points.iter().enumerate() {
        // What the request does not need is in no plan.
        if !before.states.contains_key(&name(number)) {
            continue;
        }
        let (was, is) = (before.begun[number], after.begun[number]);
        let state = before.states.get(&name(number)).map_or("", String::as_str);
        let told = format!("{} was {state} and began {was} and then {is} times", name(number));
        if is_final(state) {
            assert_eq!(is, was, "{told}");
            assert_eq!(after.states.get(&name(number)).map(String::as_str), Some(state), "{told}");
        } else if !has_ended || point.has_inputs {
            // Its result may be in the cache though the run does not know of it.
            assert!(is <= was + 1, "{told}");
        } else {
            assert_eq!(is, was + 1, "{told}");
        }
    }
}

/// Kills a run, goes on with it, perhaps kills that too; tells how many crashes came while it ran.
fn crash(round: u64, full: Duration) -> usize {
    let mut dice = Dice::new(round + 1000);
    let points = graph(&mut dice, 12, Manners::Slow);
    let stage = Stage::new(&source(&points));
    for number in 0..points.len() {
        stage.write(&format!("in/{number}"), "");
    }
    let moment = |dice: &mut Dice| full.mul_f64(dice.below(1100) as f64 / 1000.0);
    let args = ["run", "all", "-j3", "-o", "json"];
    let mut crash = kill(&stage, &args, moment(&mut dice), &points);
    let mut crashes = 0;
    while !crash.states.is_empty() && !crash.states.values().all(|it| is_final(it)) {
        crashes += 1;
        let args = ["resume", "-o", "json"];
        if crashes < 3 && dice.once_in(3) {
            let next = kill(&stage, &args, moment(&mut dice), &points);
            check_rule(&crash, &next, &points, false);
            crash = next;
            continue;
        }
        let said = stage.expect(0, &args);
        let (run, states) = stage.remembered().unwrap();
        assert_eq!(run, "succeeded", "round {round}: {said:#?}");
        assert!(states.values().all(|it| is_final(it)), "round {round}: {states:#?}");
        let ledger = stage.read("ledger");
        let begun = (0..points.len()).map(|it| begins(&ledger, it)).collect();
        let next = Crash { states, begun };
        check_rule(&crash, &next, &points, true);
        crash = next;
        stage.assert_alone();
    }
    if crash.states.is_empty() {
        // It was killed before its first commit, so nothing was told of it, and it can only be run again.
        stage.expect(0, &["run", "all", "-j3"]);
    }
    // A run that was killed after its last task had ended has yet to be ended, too.
    if stage.remembered().is_some_and(|it| it.0 == "lost") {
        stage.expect(0, &["resume"]);
    }
    let run = stage.remembered();
    assert!(run.is_none_or(|it| it.0 == "succeeded"), "round {round}");
    stage.assert_sound();
    crashes
}

/// How long such a run takes if nobody kills it.
fn whole_run() -> Duration {
    let points = graph(&mut Dice::new(1000), 12, Manners::Slow);
    let stage = Stage::new(&source(&points));
    for number in 0..points.len() {
        stage.write(&format!("in/{number}"), "");
    }
    let start = Instant::now();
    stage.expect(0, &["run", "all", "-j3", "-o", "json"]);
    start.elapsed()
}

#[test]
fn a_run_that_is_killed_goes_on_where_it_was() {
    let (full, rounds) = (whole_run(), rounds(8, 200));
    let crashed = (0..rounds).filter(|round| crash(*round, full) > 0).count();
    assert!(crashed as u64 >= rounds / 4, "only {crashed} of {rounds} were killed while they ran");
}
