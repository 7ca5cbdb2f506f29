//! Whenever a run is stopped, no process is left of it, and every task has one end.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::dice::Dice;
use super::graph::{Manners, graph, source};
use super::{Running, Stage, is_final, pause, rounds, wait_until};

/// What another run does meanwhile: whatever writes below `out` and is looked for waits for it.
const HOLDING: &str = r#"
task hold {
  inputs: ["held"]
  outputs: ["out"]
  run: sh"""
    touch holding
    while ! test -e go; do sleep 0.01; done
    mkdir -p out
  """
}
"#;

/// Stops a run at a moment of the dice; tells whether that came before its end.
fn stop(round: u64) -> bool {
    let mut dice = Dice::new(round + 100);
    // Who hears no signal is ended by the second.
    let is_deaf = dice.once_in(2);
    let points = graph(&mut dice, 10, if is_deaf { Manners::Deaf } else { Manners::Slow });
    let stage = Stage::new(&(source(&points) + HOLDING));
    for number in 0..points.len() {
        stage.write(&format!("in/{number}"), "");
    }
    let (signal, status) = *dice.pick(&[(Signal::SIGINT, 130), (Signal::SIGTERM, 143)]);
    let neighbour = dice.once_in(2).then(|| {
        let neighbour = Running::start(stage.rush(&["run", "hold"]));
        wait_until("the neighbour writes", || stage.path("holding").exists());
        neighbour
    });
    let mut running = Running::start(stage.rush(&["run", "all", "-j3"]));
    // Whoever waits for a neighbour is told to after a second.
    pause(Duration::from_millis(dice.below(if neighbour.is_some() { 2000 } else { 900 })));
    running.send(signal);
    if is_deaf {
        pause(Duration::from_millis(dice.below(100)));
        running.send(signal);
    }
    let ended = running.end();
    if let Some(mut neighbour) = neighbour {
        stage.write("go", "");
        assert!(neighbour.end().success(), "round {round}");
    }
    stage.assert_alone();
    // A signal that comes before Rush is ready for it ends Rush as it ends any program; nothing has run then.
    let was_stopped = ended.code() == Some(status);
    let is_early = ended.code().is_none() && stage.read("ledger").is_empty();
    assert!(was_stopped || is_early || ended.code() == Some(0), "round {round}: {ended:?}");
    let remembered = stage.remembered().filter(|(_, tasks)| !tasks.contains_key("hold"));
    let Some((run, tasks)) = remembered else {
        assert!(stage.read("ledger").is_empty(), "round {round}: something ran and nobody knows");
        return was_stopped;
    };
    assert!(tasks.values().all(|it| is_final(it)), "round {round}: {run} {tasks:#?}");
    let expected = if ended.success() { "succeeded" } else { "interrupted" };
    assert!(run == expected || run == "terminated" && status == 143, "round {round}: {run}");
    was_stopped
}

#[test]
fn a_run_that_is_stopped_leaves_no_process() {
    let rounds = rounds(8, 200);
    let stopped = (0..rounds).filter(|round| stop(*round)).count();
    assert!(stopped as u64 >= rounds / 4, "only {stopped} of {rounds} were stopped while they ran");
}
