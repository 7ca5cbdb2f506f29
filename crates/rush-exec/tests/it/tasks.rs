//! Fields of a task, each with a real process: directory, environment, input, outputs, time, retries.

use std::fs;

use rush_plan::{Backoff, Command, EnvValue, Interpreter, Retry, Stdin, Task, WorkspacePath};

use crate::fixture::{Bench, Ran, argv, node, plan, script, sh, task};

fn path(text: &str) -> WorkspacePath {
    WorkspacePath::new(text).unwrap()
}

fn run_one(bench: &Bench, task: Task) -> Ran {
    bench.run(plan(vec![node("a", task, &[])]))
}

fn check(task: Task, stdout: &str, ends: &str) {
    let ran = run_one(&Bench::new(), task);
    assert_eq!((ran.stdout("a").as_str(), ran.ends().as_str()), (stdout, ends));
}

#[test]
fn exit_codes_and_signals_fail_a_task() {
    check(sh("echo x; exit 0\n"), "x\n", "a=succeeded -> 0");
    check(sh("exit 3\n"), "", "a=failed -> 1");
    check(sh("kill -9 $$\n"), "", "a=failed -> 1");
    check(task(&["no-such-program-anywhere"]), "", "a=failed -> 1");
}

#[test]
fn scripts_are_strict() {
    check(sh("echo 1; false; echo 2\n"), "1\n", "a=failed -> 1");
    check(sh("echo $undefined_name\n"), "", "a=failed -> 1");
    let piped = Command::Script(script(Interpreter::Bash, "false | cat\necho 2\n"));
    check(Task { run: vec![piped], ..Task::default() }, "", "a=failed -> 1");
}

#[test]
fn commands_run_one_after_the_other_until_one_fails() {
    let run = vec![argv(&["echo", "1"]), argv(&["false"]), argv(&["echo", "2"])];
    check(Task { run, ..Task::default() }, "1\n", "a=failed -> 1");
}

#[test]
fn the_directory_and_programs_relative_to_it() {
    let bench = Bench::new();
    fs::create_dir(bench.path("sub")).unwrap();
    fs::write(bench.path("sub/tool"), "#!/bin/sh\nbasename \"$(pwd)\"\nbasename \"$PWD\"\n")
        .unwrap();
    make_executable(&bench, "sub/tool");
    let ran = run_one(&bench, Task { dir: path("sub"), ..task(&["./tool"]) });
    assert_eq!(ran.stdout("a"), "sub\nsub\n");
    let ran = run_one(&bench, Task { bin: vec![path("sub")], ..task(&["tool"]) });
    assert_eq!(ran.stdout("a").lines().count(), 2, "{}", ran.ends());
    let ran = run_one(&bench, Task { dir: path("nowhere"), ..task(&["true"]) });
    assert_eq!(ran.ends(), "a=failed -> 1");
}

fn make_executable(bench: &Bench, name: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(bench.path(name), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_environment_has_one_order() {
    let mut bench = Bench::new();
    fs::write(bench.path("1.env"), "FILE=1\nBOTH=1\nSCRIPT=file\nENV=file\nCLI=file\n").unwrap();
    fs::write(bench.path("2.env"), "BOTH=2\n").unwrap();
    bench.variables.insert("CLI".to_owned(), "cli".to_owned());
    let mut script = script(Interpreter::Sh, "echo $FILE $BOTH $SCRIPT $ENV $CLI ${HOME-unset}\n");
    script.variables.insert("SCRIPT".to_owned(), Some("script".to_owned()));
    let mut task = Task {
        run: vec![Command::Script(script)],
        env_files: vec![path("missing.env"), path("1.env"), path("2.env")],
        ..Task::default()
    };
    task.env.insert("ENV".to_owned(), EnvValue::Text("env".to_owned()));
    task.env.insert("CLI".to_owned(), EnvValue::Text("env".to_owned()));
    task.env.insert("HOME".to_owned(), EnvValue::Unset);
    assert_eq!(run_one(&bench, task).stdout("a"), "1 2 script env cli unset\n");
}

#[test]
fn a_broken_dotenv_file_fails_the_task_with_its_line() {
    let bench = Bench::new();
    fs::write(bench.path(".env"), "A=1\nnonsense\n").unwrap();
    let ran = run_one(&bench, Task { env_files: vec![path(".env")], ..task(&["true"]) });
    let end = format!("{:?}", ran.node("a").end);
    assert!(end.contains("`.env` is no dotenv file: line 2"), "{end}");
}

#[test]
fn a_task_with_inputs_sees_only_what_its_declaration_covers() {
    // `CARGO_MANIFEST_DIR` is set for every test and is in nobody's base set.
    let text = "echo ${CARGO_MANIFEST_DIR+seen} ${PATH+path}\n";
    check(sh(text), "seen path\n", "a=succeeded -> 0");
    check(Task { inputs: Some(Vec::new()), ..sh(text) }, "path\n", "a=succeeded -> 0");
    let passed = vec!["CARGO_MANIFEST_DIR".to_owned()];
    let task = Task { inputs: Some(Vec::new()), pass_env: passed, ..sh(text) };
    check(task, "seen path\n", "a=succeeded -> 0");
}

#[test]
fn rush_tells_a_task_who_it_is() {
    let bench = Bench::new();
    let ran = run_one(
        &bench,
        sh("echo $RUSH_TASK $RUSH_ATTEMPT $RUSH_RUN; [ \"$RUSH_WORKSPACE\" = \"$PWD\" ]\n"),
    );
    assert_eq!(ran.stdout("a"), format!("a 1 {}\n", ran.summary.run.0));
    assert_eq!(ran.ends(), "a=succeeded -> 0");
}

#[test]
fn standard_input_is_empty_or_what_was_declared() {
    let bench = Bench::new();
    fs::write(bench.path("file"), "from a file").unwrap();
    let big = "x".repeat(1_000_000);
    for (stdin, expect) in [
        (None, ""),
        (Some(Stdin::Text(String::new())), ""),
        (Some(Stdin::Text(big.clone())), big.as_str()),
        (Some(Stdin::Path(path("file"))), "from a file"),
    ] {
        let ran = run_one(&bench, Task { stdin, ..task(&["cat"]) });
        assert!(ran.stdout("a") == expect, "{}", ran.ends());
    }
    let ignored = Task { stdin: Some(Stdin::Text(big)), ..task(&["true"]) };
    assert_eq!(run_one(&bench, ignored).ends(), "a=succeeded -> 0");
}

#[test]
fn outputs_have_their_directories_and_must_be_there_afterwards() {
    let outputs = || vec!["dist/deep/file".to_owned()];
    check(Task { outputs: outputs(), ..sh("echo > dist/deep/file\n") }, "", "a=succeeded -> 0");
    check(Task { outputs: outputs(), ..sh(":\n") }, "", "a=failed -> 1");
    // A name with the characters of a pattern in it is escaped in the plan, and bare on the disk.
    let named = || vec![r"dist/\[id\].\{a\}".to_owned()];
    check(Task { outputs: named(), ..sh("echo > 'dist/[id].{a}'\n") }, "", "a=succeeded -> 0");
    check(Task { outputs: named(), ..sh("echo > 'dist/i'\n") }, "", "a=failed -> 1");
    let ran = run_one(&Bench::new(), Task { outputs: vec!["dist/*.o".to_owned()], ..sh(":\n") });
    assert_eq!(ran.ends(), "a=succeeded -> 0");
    assert_eq!(ran.node("a").warnings, ["the output `dist/*.o` matches no file"]);
}

#[test]
fn a_timeout_ends_an_attempt_even_one_that_ignores_the_request() {
    let mut bench = Bench::new();
    bench.grace = std::time::Duration::from_millis(50);
    let stubborn = sh("trap '' TERM; while :; do sleep 1; done\n");
    let ran = run_one(&bench, Task { timeout_ms: Some(50), ..stubborn });
    assert_eq!(ran.ends(), "a=timedout -> 124");
}

#[test]
fn a_failed_attempt_is_tried_again_as_the_rules_say() {
    let retry = |on_codes| {
        let delay = Backoff::Fixed { delay_ms: 1 };
        let retry = Retry { attempts: 3, delay, on_codes, on_pattern: None, on_timeout: false };
        Some(Box::new(retry))
    };
    let text = "echo $RUSH_ATTEMPT; [ $RUSH_ATTEMPT = 3 ] || exit 9\n";
    check(Task { retry: retry(None), ..sh(text) }, "1\n2\n3\n", "a=succeeded -> 0");
    check(Task { retry: retry(Some(vec![9])), ..sh(text) }, "1\n2\n3\n", "a=succeeded -> 0");
    check(Task { retry: retry(Some(vec![8])), ..sh(text) }, "1\n", "a=failed -> 1");
    let late = "echo $RUSH_ATTEMPT; [ $RUSH_ATTEMPT -lt 2 ] || : > late\n";
    let late = || Task { outputs: vec!["late".to_owned()], ..sh(late) };
    check(Task { retry: retry(None), ..late() }, "1\n2\n", "a=succeeded -> 0");
    check(Task { retry: retry(Some(vec![1])), ..late() }, "1\n", "a=failed -> 1");
}

#[test]
fn finally_runs_whatever_the_end_and_knows_it() {
    let with = |text: &str, finally: &str| {
        let finally = vec![Command::Script(script(Interpreter::Sh, finally))];
        Task { finally, ..sh(text) }
    };
    check(with("echo run\n", "echo $RUSH_STATUS\n"), "run\n0\n", "a=succeeded -> 0");
    check(with("exit 4\n", "echo $RUSH_STATUS\n"), "4\n", "a=failed -> 1");
    check(with("echo run\n", "exit 1\n"), "run\n", "a=failed -> 1");
    let outputs = || vec!["made".to_owned()];
    let lacking = Task { outputs: outputs(), ..with(":\n", "echo $RUSH_STATUS\n") };
    check(lacking, "1\n", "a=failed -> 1");
    check(Task { outputs: outputs(), ..with(": > made\n", "rm made\n") }, "", "a=failed -> 1");
}

#[test]
fn what_finally_did_wrong_is_told_once() {
    for (text, problem, warnings) in
        [(":\n", Some("`finally` exited with 3"), 0), ("exit 4\n", None, 1)]
    {
        let finally = vec![Command::Script(script(Interpreter::Sh, "exit 3\n"))];
        let ran = run_one(&Bench::new(), Task { finally, ..sh(text) });
        let node = ran.node("a");
        assert_eq!((node.problem.as_deref(), node.warnings.len()), (problem, warnings), "{text}");
    }
}

#[test]
fn output_arrives_byte_for_byte() {
    let bench = Bench::new();
    let ran = run_one(&bench, sh("printf 'a\\377\\000\\r\\nb'; printf 'err' >&2\n"));
    assert_eq!(ran.bytes("a", rush_plan::LogStream::Stdout), b"a\xff\x00\r\nb");
    assert_eq!(ran.bytes("a", rush_plan::LogStream::Stderr), b"err");
    let ran = run_one(&bench, sh("head -c 3000000 /dev/zero | tr '\\0' x\n"));
    assert_eq!(ran.stdout("a").len(), 3_000_000);
}

#[test]
fn usage_is_measured_for_each_node() {
    let ran = run_one(&Bench::new(), task(&["python3", "-c", "x = bytearray(50_000_000)"]));
    assert!(ran.node("a").usage.memory_bytes_peak > Some(50_000_000));
}
