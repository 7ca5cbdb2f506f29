//! Runs whose process is killed, and runs that are stopped by somebody else.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the whole file is a test, also the functions that tests share"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use rush_test::Finished;

use crate::rush;

/// `b` waits until there is a file `go`.
const WAITING: &str = r#"
task a { run: `echo one` }
task b {
  needs: [a]
  run: sh"""
    echo waiting
    while ! test -e go; do sleep 0.02; done
  """
}
task c {
  needs: [b]
  run: `echo three`
}
"#;

/// Starts the run in a workspace and waits until `b` runs.
fn start(run: &Finished) -> Child {
    let mut child = run
        .command(env!("CARGO_BIN_EXE_rush"))
        .args(["run", "c"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|it| it.contains("waiting")));
    // What is seen is on record within a moment.
    while statuses(run).get(2).is_none_or(|it| it != "running") {}
    child
}

fn statuses(run: &Finished) -> Vec<String> {
    let shown = run.again().args(["runs", "show", "-o", "json"]).run();
    // Before the first commit there is nothing to show.
    let Ok(shown) = serde_json::from_str::<serde_json::Value>(&shown.stdout) else {
        return Vec::new();
    };
    let tasks = shown["tasks"].as_array().unwrap().iter();
    let all = std::iter::once(&shown["run"]).chain(tasks);
    all.map(|it| it["status"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_killed_run_is_lost_and_can_be_resumed() {
    let run = rush().file("tasks.rush", WAITING).args(["list"]).status(0).run();
    let mut child = start(&run);
    run.again().args(["retry"]).status(2).stderr("still goes on").run();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(statuses(&run), ["lost", "succeeded", "running", "waiting"]);
    run.again().args(["cancel"]).status(2).stderr("goes on with it").run();
    let run = run.again().file("go", "").args(["resume"]).status(0).run();
    assert!(!run.stdout.contains("one") && run.stdout.contains("three"), "{}", run.stdout);
    assert_eq!(statuses(&run), ["succeeded", "succeeded", "succeeded", "succeeded"]);
    let logs = run.again().args(["logs", "b"]).status(0).run();
    assert_eq!(logs.stdout, "waiting\nwaiting\n");
    let listed = run.again().args(["runs", "-o", "json"]).status(0).run();
    assert_eq!(listed.stdout.matches("\"id\"").count(), 1);
}

#[test]
fn a_run_can_be_stopped_from_elsewhere() {
    let run = rush().file("tasks.rush", WAITING).args(["list"]).status(0).run();
    let mut child = start(&run);
    run.again().args(["cancel"]).status(0).stderr("asked to stop").run();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(statuses(&run), ["interrupted", "succeeded", "cancelled", "cancelled"]);
}

#[test]
fn a_run_is_followed_to_its_end() {
    let run = rush().file("tasks.rush", WAITING).args(["list"]).status(0).run();
    let mut child = start(&run);
    let mut follower = run
        .command(env!("CARGO_BIN_EXE_rush"))
        .args(["logs", "-f"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|it| it == "b | waiting"));
    std::fs::write(run.work().join("go"), "").unwrap();
    assert_eq!(lines.collect::<Vec<_>>(), ["c | three"]);
    assert!(child.wait().unwrap().success() && follower.wait().unwrap().success());
}

#[test]
fn a_task_between_two_attempts_waits_for_the_next() {
    let tasks = "task flaky {\n  retry { attempts: 2, delay: fixed(10m) }\n  run: `false`\n}\n";
    let run = rush().file("tasks.rush", tasks).args(["version"]).run();
    let mut command = run.command(env!("CARGO_BIN_EXE_rush"));
    command.args(["run", "flaky"]).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let task = loop {
        let shown = run.again().args(["runs", "show", "-o", "json"]).run();
        // Before the first commit there is nothing to show.
        let shown = serde_json::from_str::<serde_json::Value>(&shown.stdout).unwrap_or_default();
        if shown["tasks"][0]["reason"]["kind"] == "retry" {
            break shown["tasks"][0].clone();
        }
        assert_eq!(child.try_wait().unwrap(), None, "it did not wait for its second attempt");
    };
    assert_eq!((&task["status"], &task["reason"]["attempt"]), (&"waiting".into(), &2.into()));
    assert_eq!(task["attempts"].as_array().unwrap().len(), 1);
    let shown = run.again().args(["runs", "show"]).run();
    assert!(shown.stdout.contains("waiting") && shown.stdout.contains("before attempt 2"));
    run.again().args(["cancel", "last"]).status(0).run();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
