//! Signals to the program itself: whatever a task started ends with it.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::rush;

/// Starts one process in the background and one in a session of its own, and tells their numbers.
const TASKS: &str = r#"
task leave {
  run: sh"""
    sleep 600 &
    echo $!
    setsid sh -c 'echo $$; exec sleep 600' &
    wait
  """
}
"#;

/// Sends the signal while the task runs: the status is as expected, and no process is left.
fn check(signal: &str, status: i32) {
    let work = rush().file("tasks.rush", TASKS).args(["list"]).status(0).run();
    let mut running = Command::new(env!("CARGO_BIN_EXE_rush"))
        .args(["run", "leave"])
        .current_dir(work.work())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let mut told = BufReader::new(running.stdout.take().expect("it is piped")).lines();
    let processes: Vec<String> = told.by_ref().take(2).map(|it| it.expect("it is text")).collect();
    assert!(processes.iter().all(|it| is_alive(it)), "{processes:?}");
    send(signal, &running.id().to_string());
    assert_eq!(running.wait().expect("it was started").code(), Some(status));
    assert!(!processes.iter().any(|it| is_alive(it)), "{processes:?} are still there");
}

/// Asks the process table; signal 0 is none.
fn is_alive(process: &str) -> bool {
    send("0", process)
}

fn send(signal: &str, process: &str) -> bool {
    let kill = format!("kill -{signal} {process}");
    Command::new("sh")
        .args(["-c", &kill])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|it| it.success())
}

#[test]
fn ctrl_c_leaves_no_process_behind() {
    check("INT", 130);
}

#[test]
fn a_termination_leaves_no_process_behind() {
    check("TERM", 143);
}
