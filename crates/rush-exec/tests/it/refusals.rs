//! What is refused before anything starts, and what is found before a run.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rush_exec::{Answer, Ask, Control, dry_run, preflight};
use rush_plan::{Command, EnvValue, Interpreter, Node, NodeState, Script, Stdin, Task};
use rush_system::OsSystem;

use crate::fixture::{Bench, id, node, plan, script, sh, task};

fn check(task: Task, status: u8, expect: &str) {
    let bench = Bench::new();
    let marker = node("first", sh(": > STARTED\n"), &[]);
    let error = match bench.try_run(plan(vec![marker, node("a", task, &[])])) {
        Ok(ran) => panic!("it ran: {}", ran.ends()),
        Err(error) => error,
    };
    assert_eq!((error.exit_status(), error.to_string().as_str()), (status, expect));
    assert!(!bench.path("STARTED").exists(), "something was started");
}

#[test]
fn what_the_operating_system_can_not_take_is_told_first() {
    let long = "x".repeat(128 * 1024);
    check(
        task(&["echo", &long]),
        3,
        "`a` can't be started: argument 1 has 129 KiB; the limit of the operating system is 128 KiB, so hand it over by `stdin` or in a file",
    );
    let mut many = vec!["echo"];
    many.extend(std::iter::repeat_n(&long[..100_000], 30));
    let bench = Bench::new();
    let error = bench.try_run(plan(vec![node("a", task(&many), &[])])).err().unwrap();
    assert!(error.to_string().contains("its arguments and variables take"), "{error}");
}

#[test]
fn questions_are_asked_before_anything_starts() {
    for (answer, expect) in
        [(Answer::Yes, None), (Answer::No, Some(130)), (Answer::NobodyThere, Some(2))]
    {
        let bench = Bench::new();
        let asking = Task { confirm: Some("Deploy?".to_owned()), ..sh(": > STARTED\n") };
        let nodes: Vec<Node> =
            vec![node("first", sh(": > STARTED\n"), &[]), node("a", asking, &["first"])];
        let mut options = bench.options();
        options.confirm = Ask::Person(Arc::new(move |question| {
            assert_eq!((question.label.as_str(), question.text.as_str()), ("a", "Deploy?"));
            answer
        }));
        let result = bench.run_watched(plan(nodes), options, |_| None);
        assert_eq!(result.err().map(|error| error.exit_status()), expect);
        assert_eq!(bench.path("STARTED").exists(), expect.is_none());
    }
}

#[test]
fn what_has_ended_before_asks_nothing_again() {
    let bench = Bench::new();
    let asking = Task { confirm: Some("Deploy?".to_owned()), ..sh(": > STARTED\n") };
    let mut options = bench.options();
    options.confirm = Ask::Nobody;
    options.settled = HashMap::from([(id("a"), NodeState::Succeeded)]);
    let nodes = vec![node("a", asking, &[]), node("b", sh(":\n"), &["a"])];
    let ran = bench.run_watched(plan(nodes), options, |_| None);
    assert_eq!(ran.unwrap_or_else(|error| panic!("{error}")).ends(), "a=cached b=succeeded -> 0");
}

/// A person who thinks, or went away, must not keep the run from ending.
#[test]
fn a_question_is_taken_back_when_the_run_is_stopped() {
    for (word, status) in [(Control::Interrupt, 130), (Control::Terminate, 143)] {
        let bench = Bench::new();
        let (control, heard) = tokio::sync::mpsc::channel(1);
        let (saw_end, end_seen) = std::sync::mpsc::channel();
        let is_asked = Arc::new(AtomicBool::new(false));
        let mut options = bench.options();
        options.confirm = Ask::Person(Arc::new(move |question| {
            if !is_asked.swap(true, Ordering::SeqCst) {
                control.try_send(word).unwrap();
            }
            while !question.is_withdrawn() {
                std::thread::yield_now();
            }
            saw_end.send(()).unwrap();
            Answer::NobodyThere
        }));
        let asking = Task { confirm: Some("Deploy?".to_owned()), ..sh(": > STARTED\n") };
        let plan = Arc::new(plan(vec![node("a", asking, &[])]));
        let (sink, _events) = tokio::sync::mpsc::channel(16);
        let running = rush_exec::run(plan, options, Arc::clone(&bench.world), sink, heard);
        let error = crate::fixture::runtime().block_on(running).err().unwrap();
        assert_eq!(error.exit_status(), status);
        end_seen.recv().unwrap();
        assert!(!bench.path("STARTED").exists());
    }
}

#[test]
fn preflight_finds_missing_programs_and_inputs() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("src")).unwrap();
    std::fs::write(bench.path("src/a.c"), "").unwrap();
    std::fs::write(bench.path(".gitignore"), "*.o\n").unwrap();
    std::fs::write(bench.path("src/a.o"), "").unwrap();
    let inputs = |pattern: &str| Some(vec![pattern.to_owned()]);
    let nodes = vec![
        node("bad", Task { inputs: inputs("src/*.rs"), ..task(&["cargoo", "build"]) }, &[]),
        node("dir", Task { inputs: inputs("src"), ..task(&["true"]) }, &[]),
        node("ignored", Task { inputs: inputs("src/*.o"), ..task(&["true"]) }, &[]),
        node("named", Task { inputs: inputs("src/b.c"), ..task(&["true"]) }, &[]),
        node("made", Task { outputs: vec!["bin/tool".to_owned()], ..task(&["true"]) }, &[]),
        node("uses", Task { inputs: inputs("bin/*"), ..task(&["bin/tool"]) }, &["made"]),
    ];
    let root = bench.directory.path().canonicalize().unwrap().try_into().unwrap();
    let root: camino::Utf8PathBuf = root;
    let findings = preflight(&plan(nodes), &root, &OsSystem);
    let shown: Vec<String> =
        findings.iter().map(|it| format!("{}.{} {:?}", it.label, it.field, it.kind)).collect();
    assert_eq!(
        shown,
        [
            "bad.run UnknownProgram { program: \"cargoo\" }",
            "bad.inputs InputsMatchNothing",
            "ignored.inputs InputsMatchNothing",
            "named.inputs InputMissing { path: WorkspacePath(\"src/b.c\") }",
        ]
    );
}

#[test]
fn a_dry_run_shows_commands_and_hides_secrets() {
    let mut b = Task { stdin: Some(Stdin::Text("in".to_owned())), ..task(&["echo", "a b"]) };
    b.env.insert("X".to_owned(), EnvValue::Text("1 2".to_owned()));
    let nodes = dry_run(&plan(vec![node("b", b, &["c"]), node("c", sh("exit 1\n"), &[])]));
    let labels: Vec<&str> = nodes.iter().map(|node| node.label.as_str()).collect();
    assert_eq!(labels, ["c", "b"]);
    assert_eq!(nodes[1].commands, ["echo 'a b'"]);
    assert_eq!(nodes[1].env, ["X='1 2'"]);
    let of = |it: &Script| Task { run: vec![Command::Script(it.clone())], ..Task::default() };
    let mut script = script(Interpreter::Sh, "echo \"$a\"\n");
    script.variables.insert("a".to_owned(), Some("it's".to_owned()));
    let given = dry_run(&plan(vec![node("d", of(&script), &[])]));
    assert_eq!(given[0].commands, ["a='it'\\''s' sh\n  echo \"$a\""]);
    script.variables.insert("b".to_owned(), None);
    let given = dry_run(&plan(vec![node("d", of(&script), &[])]));
    assert_eq!(given[0].commands, ["env -u b a='it'\\''s' sh\n  echo \"$a\""]);
}

#[test]
fn preflight_seeks_programs_where_the_task_will() {
    let bench = Bench::new();
    std::fs::copy("/bin/sh", bench.path("tool-of-this-test")).unwrap();
    let root = bench.directory.path().canonicalize().unwrap();
    std::fs::write(bench.path("path.env"), format!("PATH={}\n", root.display())).unwrap();
    let env_files = vec![rush_plan::WorkspacePath::new("path.env").unwrap()];
    let plain = || task(&["tool-of-this-test"]);
    let nodes =
        vec![node("file", Task { env_files, ..plain() }, &[]), node("nowhere", plain(), &[])];
    let root: camino::Utf8PathBuf = root.try_into().unwrap();
    let found = preflight(&plan(nodes), &root, &OsSystem);
    let labels: Vec<&str> = found.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(labels, ["nowhere"]);
}
