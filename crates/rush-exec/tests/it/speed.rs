//! How long a thousand small tasks take against ninja; only if `RUSH_BENCH` is set.

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::fixture::{Bench, node, plan, task};

const TASKS: usize = 1000;
const ROUNDS: usize = 7;

#[test]
fn a_thousand_small_tasks_are_not_slower_than_ninja() {
    if std::env::var_os("RUSH_BENCH").is_none() {
        return;
    }
    let mut bench = Bench::new();
    bench.jobs = 2;
    let mut manifest = "rule r\n  command = true\n".to_owned();
    for index in 0..TASKS {
        writeln!(manifest, "build o{index}: r").unwrap();
    }
    std::fs::write(bench.path("build.ninja"), manifest).unwrap();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let nodes = (0..TASKS).map(|index| node(&format!("n{index}"), task(&["true"]), &[]));
        let plan = plan(nodes.collect());
        let start = Instant::now();
        assert_eq!(rush_exec::exit_status(&bench.run(plan).summary), 0);
        ours.push(start.elapsed());
        let mut ninja = Command::new("ninja");
        ninja.arg("-j2").current_dir(bench.directory.path()).stdout(Stdio::null());
        let start = Instant::now();
        assert!(ninja.status().unwrap().success());
        theirs.push(start.elapsed());
    }
    ours.sort();
    theirs.sort();
    let (ours, theirs) = (ours[ROUNDS / 2], theirs[ROUNDS / 2]);
    println!(
        "rush {ours:?}, ninja {theirs:?}, ratio {:.2}",
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
    assert!(ours <= theirs, "rush {ours:?}, ninja {theirs:?}");
}
