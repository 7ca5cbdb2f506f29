//! Signals to the program itself: whatever a task started ends with it.

use std::io::{BufRead as _, BufReader, Read as _};
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

/// A pipe that is closed after this many bytes ends the program without a word.
fn check_closed_pipe(args: &[&str], bytes: u64) {
    let task = |at| format!("task t{at} {{ run: `echo {at}` }}\n");
    let many: String = (0..20_000).map(task).collect();
    let work = rush().file("tasks.rush", many).args(["list", "-o", "names"]).status(0).run();
    let mut writing = Command::new(env!("CARGO_BIN_EXE_rush"))
        .args(args)
        .current_dir(work.work())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut read = writing.stdout.take().expect("it is piped").take(bytes);
    let count = std::io::copy(&mut read, &mut std::io::sink()).expect("it can be read");
    drop(read);
    assert_eq!(count, bytes);
    let ended = writing.wait_with_output().expect("it was started");
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{args:?}");
    assert_eq!(ended.status.code(), Some(0), "{args:?}");
}

#[test]
fn a_pipe_that_is_closed_early_is_silence() {
    check_closed_pipe(&["list"], 10);
    check_closed_pipe(&["list", "-o", "json"], 1);
    check_closed_pipe(&["graph"], 10);
}

#[test]
fn a_value_too_large_for_a_process_is_named_before_anything_runs() {
    let piece = "x".repeat(40_000);
    let source = format!(
        "let piece = \"{piece}\"\nlet large = piece + piece + piece + piece\n\
         task first {{ run: `echo first` }}\n\
         task argument(text: string = large) {{ needs: [first], run: `echo ${{text}}` }}\n\
         task script(text: string = large) {{ run: sh\"\"\"\n  echo \"$text\"\n\"\"\" }}\n\
         task variable {{ env {{ BIG: large }}, run: `true` }}\n\
         task input {{ stdin: large, run: `wc -c` }}\n"
    );
    let run = |task: &str| rush().file("tasks.rush", &source).args(["run", task]);
    let refused = |task: &str, what: &str| {
        let refused = run(task).status(3).stdout("").stderr(what).stderr("has 157 KiB").run();
        assert!(refused.stderr.contains("by `stdin` or in a file"), "{}", refused.stderr);
    };
    refused(
        "argument",
        "`//:argument` can't be started: argument 1, the value of the parameter `text`",
    );
    refused("script", "`//:script` can't be started: the variable `text`");
    refused("variable", "`//:variable` can't be started: the variable `BIG`");
    run("input").status(0).stdout("160000\n").run();
}
