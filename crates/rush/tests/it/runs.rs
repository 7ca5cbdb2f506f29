//! What is remembered of runs, and what can be done with it: `runs`, `logs`, `retry`, `replay`, `resume`, `cancel`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the whole file is a test, also the functions that tests share"
)]

use rush_test::Finished;

use crate::rush;

/// `b` fails until there is a file `ok`; `c` needs it.
const CHAIN: &str = r#"
task a { run: `echo one` }
task b {
  needs: [a]
  run: sh"""
    echo two
    echo err >&2
    test -e ok
  """
}
task c {
  needs: [b]
  run: `echo three`
}
"#;

fn json(run: &Finished) -> serde_json::Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

/// The name of the last run.
fn last(run: &Finished) -> String {
    let listed = run.again().args(["runs", "-o", "json"]).status(0).run();
    json(&listed)["runs"][0]["id"].as_str().expect("a run has a name").to_owned()
}

fn failed() -> Finished {
    rush().file("tasks.rush", CHAIN).args(["run", "c"]).status(1).run()
}

#[test]
fn a_failed_run_names_what_to_type_next() {
    let run = failed();
    let id = last(&run);
    let next = run.stderr.lines().last().unwrap_or_default().to_owned();
    let word = next.split('`').nth(1).and_then(|it| it.strip_prefix("rush logs ")).unwrap();
    assert!(id.starts_with(word) && word.len() >= 7, "{next}");
    run.again().args(["logs", word]).status(0).stdout("a | one\nb | two\nb | err\n").run();
}

#[test]
fn runs_are_listed_and_shown_and_compared() {
    let run = failed();
    let retried = run.again().file("ok", "").args(["retry", "last", "--failed"]).status(0).run();
    assert_eq!(retried.stdout, "b | two\nc | three\n");
    let listed = run.again().args(["runs", "-o", "json"]).status(0).run();
    let runs = json(&listed)["runs"].clone();
    assert_eq!(runs[0]["status"], "succeeded");
    assert_eq!(runs[0]["lineage"]["verb"], "retry");
    assert_eq!(runs[0]["lineage"]["parent"], runs[1]["id"]);
    assert_eq!(runs[1]["status"], "failed");

    let shown = run.again().args(["runs", "show", "last~1", "-o", "json"]).status(0).run();
    let shown = json(&shown);
    assert_eq!(shown["children"][0], runs[0]["id"]);
    let statuses = ["succeeded", "failed", "skipped"];
    for (at, status) in statuses.iter().enumerate() {
        assert_eq!(shown["tasks"][at]["status"], *status);
    }
    assert_eq!(shown["tasks"][1]["attempts"][0]["end"]["code"], 1);
    let table = run.again().args(["runs", "show", "last~1"]).status(0).run();
    assert!(table.stdout.contains("`b` did not succeed"), "{}", table.stdout);
    assert!(table.stdout.contains("followed by run"), "{}", table.stdout);

    let diff = run.again().args(["runs", "diff", "-o", "json"]).status(1).run();
    let names: Vec<_> =
        json(&diff)["tasks"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    run.again().args(["runs", "diff", "last", "last"]).status(0).run();
}

#[test]
fn what_differs_between_two_runs_is_told_in_words() {
    let text = |command: &str, more: &str| {
        format!(
            "task z {{ run: `true` }}\ntask a {{\n  needs: [z]\n  run: [`echo same`, {command}]\n{more}}}\n"
        )
    };
    let run = rush().file("tasks.rush", text("`echo 'it is' one`", "")).args(["a"]).status(0).run();
    let shown = run.again().args(["runs", "show"]).status(0).run();
    let at = |name: &str| shown.stdout.lines().position(|it| it.starts_with(name));
    assert!(at("z ") < at("a "), "in the order in which they began: {}", shown.stdout);
    let script = "sh\"\"\"\n    echo two\n  \"\"\"";
    let more = "  timeout: 90s\n  env { A: \"1\" }\n";
    let run = run.then().file("tasks.rush", text(script, more)).args(["a"]).status(0).run();
    let diff = run.again().args(["runs", "diff"]).status(1).run();
    let expect = "a\n  + env: { A: 1 }\n  - run: echo 'it is' one\n  + run: sh\n      echo two\n  + timeout: 1 min 30 s\n";
    assert_eq!(diff.stdout, expect);
}

#[test]
fn a_retry_starts_where_it_is_told_to() {
    let run = failed();
    let dry = run.again().args(["retry", "--from", "a", "--dry-run"]).status(0).run();
    assert_eq!(dry.stderr, "3 tasks; nothing was started\n");
    assert_eq!(dry.stdout.matches("will run").count(), 3, "{}", dry.stdout);
    let dry = run.again().args(["retry", "--dry-run"]).status(0).run();
    assert_eq!(dry.stderr, "3 tasks, 1 of them succeeded before; nothing was started\n");
    assert!(dry.stdout.starts_with("a\n  succeeded before\n  $ "), "{}", dry.stdout);
    assert!(dry.stdout.contains("\nb  after a\n  will run because "), "{}", dry.stdout);
    run.again().args(["retry", "--from", "d"]).status(2).stderr("has no task `d`").run();
    let run = run.again().file("ok", "").args(["retry", "--from", "a"]).status(0).run();
    assert_eq!(run.stdout, "a | one\nb | two\nc | three\n");
    run.again().args(["retry"]).status(0).stderr("nothing to run again").run();
}

#[test]
fn values_of_variables_are_not_remembered_and_asked_for_again() {
    let text = "task a {\n  run: sh\"\"\"\n    test \"$TOKEN\" = good\n  \"\"\"\n}\n";
    let run =
        rush().file("tasks.rush", text).args(["run", "a", "-e", "TOKEN=bad-value"]).status(1).run();
    run.again().args(["retry"]).status(2).stderr("-e TOKEN=..").run();
    let run = run.again().args(["retry", "-e", "TOKEN=good"]).status(0).run();
    let store = std::fs::read(run.work().join(".rush-state/runs.db")).unwrap();
    let wal = std::fs::read(run.work().join(".rush-state/runs.db-wal")).unwrap_or_default();
    assert!(![store, wal].concat().windows(9).any(|it| it == b"bad-value"));
}

#[test]
fn a_replay_reads_the_files_again_and_takes_other_values() {
    let text = "task a(name: string = \"x\") { run: `echo ${name}` }\n";
    let run = rush().file("tasks.rush", text).args(["run", "a", "--name", "y"]).status(0).run();
    run.again().args(["replay"]).status(0).stdout("y\n").run();
    run.again().args(["replay", "last", "--param", "name=z"]).status(0).stdout("z\n").run();
    run.again().args(["replay", "--param", "nome=z"]).status(2).stderr("`nome`").run();
    let changed = text.replace("echo", "echo hello");
    run.again().file("tasks.rush", changed).args(["replay"]).status(0).stdout("hello z\n").run();
}

#[test]
fn logs_are_filtered_and_keep_every_byte() {
    let text = r#"
task bytes {
  run: sh"""
    printf 'a\377b\000\n'
    printf '\033[31mred\033[0m\nhalf' >&2
  """
}
"#;
    let run = rush().file("tasks.rush", text).args(["run", "bytes"]).status(0).run();
    let folder = run.work().join(".rush-state/logs");
    let log = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(log).unwrap();
    bytes.sort_unstable();
    let mut expected = b"a\xffb\0\n\x1b[31mred\x1b[0m\nhalf".to_vec();
    expected.sort_unstable();
    assert_eq!(bytes, expected);
    run.again()
        .args(["logs", "bytes", "--grep", "r.d", "--strip-ansi"])
        .status(0)
        .stdout("red\n")
        .run();
    let tail = run.again().args(["logs", "last", "bytes", "--tail", "1"]).status(0).run();
    assert!(!tail.stdout.contains("red") || !tail.stdout.contains('b'), "{}", tail.stdout);
    let lines = run.again().args(["logs", "-o", "json", "--grep", "half"]).status(0).run();
    assert_eq!(json(&lines)["stream"], "stderr");
    run.again().args(["logs", "--status", "failed"]).status(0).stdout("").run();
    run.again().args(["logs", "nothing"]).status(2).stderr("no run and no task").run();
    run.again().args(["logs", "--grep", "("]).status(2).run();
}

#[test]
fn each_attempt_has_a_log_of_its_own() {
    let text = r#"
task a {
  retry: { attempts: 3, on_codes: [75] }
  run: sh"""
    echo attempt $RUSH_ATTEMPT
    test "$RUSH_ATTEMPT" = 3 || exit 75
  """
}
"#;
    let run = rush().file("tasks.rush", text).args(["run", "a"]).status(0).run();
    run.again().args(["logs", "a", "--attempt", "2"]).status(0).stdout("attempt 2\n").run();
    let shown = run.again().args(["runs", "show", "-o", "json"]).status(0).run();
    assert_eq!(json(&shown)["tasks"][0]["attempts"].as_array().unwrap().len(), 3);
}

#[test]
fn old_runs_are_forgotten_when_asked_and_by_setting() {
    let text = "task a { run: `echo hi` }\n";
    let mut run = rush().file("tasks.rush", text).args(["run", "a"]).status(0).run();
    for _ in 0..3 {
        run = run.again().args(["run", "a"]).status(0).run();
    }
    let count = |run: &Finished| {
        let listed = run.again().args(["runs", "-o", "json"]).status(0).run();
        json(&listed)["runs"].as_array().unwrap().len()
    };
    run.again().args(["runs", "prune", "--keep", "3", "--dry-run"]).status(0).run();
    assert_eq!(count(&run), 4);
    run.again().args(["runs", "prune", "--keep", "3"]).status(0).stderr("1 run forgotten").run();
    assert_eq!(count(&run), 3);
    let run = run.again().args(["run", "a"]).env("RUSH_HISTORY_RUNS", "2").status(0).run();
    assert_eq!(count(&run), 3 - 1 + 1);
    let run = run.again().args(["run", "a"]).env("RUSH_HISTORY", "false").status(0).run();
    assert_eq!(count(&run), 3);
}

#[test]
fn nothing_is_remembered_yet() {
    let rush = rush().file("tasks.rush", "task a { run: `true` }\n");
    let run = rush.args(["runs"]).status(0).stdout("").stderr("no run is remembered here").run();
    let listed = run.again().args(["runs", "-o", "json"]).status(0).run();
    assert_eq!(json(&listed)["runs"], serde_json::json!([]));
    for verb in ["logs", "profile", "retry", "replay", "resume", "cancel"] {
        run.again().args([verb]).status(2).stderr("no run is remembered here").run();
    }
    let run = run.again().args(["run", "a"]).status(0).run();
    run.again().args(["cancel"]).status(2).stderr("has ended").run();
    run.again().args(["resume"]).status(2).stderr("rush retry").run();
}

#[test]
fn a_newer_store_is_left_alone_and_a_damaged_one_costs_the_memory_only() {
    let rush = rush().file("tasks.rush", "task a { run: `echo hi` }\n");
    let run = rush.args(["run", "a"]).status(0).run();
    let file = run.work().join(".rush-state/runs.db");
    let mut newer = std::fs::read(&file).unwrap();
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    std::fs::write(&file, &newer).unwrap();
    run.again().args(["run", "a"]).status(3).stdout("").stderr("written by a newer Rush").run();
    run.again().args(["runs"]).status(3).stderr("written by a newer Rush").run();
    run.again().args(["run", "a"]).env("RUSH_HISTORY", "false").status(0).stdout("hi\n").run();
    assert_eq!(std::fs::read(&file).unwrap(), newer);
    std::fs::write(&file, "no database at all".repeat(99)).unwrap();
    // What was not yet moved into the database would mend it.
    let _ = std::fs::remove_file(run.work().join(".rush-state/runs.db-wal"));
    let _ = std::fs::remove_file(run.work().join(".rush-state/runs.db-shm"));
    run.again().args(["runs"]).status(3).stderr("move").run();
    run.again().args(["run", "a"]).status(0).stdout("hi\n").stderr("is not remembered").run();
}

/// Holds a trace against what the format asks for; returns how many tasks it shows.
fn bars_of_trace(trace: &serde_json::Value) -> usize {
    assert!(["ms", "ns"].iter().any(|it| trace["displayTimeUnit"] == *it), "{trace}");
    let mut ends: std::collections::BTreeMap<u64, f64> = std::collections::BTreeMap::new();
    let mut bars = 0;
    for event in trace["traceEvents"].as_array().unwrap() {
        assert!(event["pid"].is_u64() && event["args"].is_object(), "{event}");
        let thread = event["tid"].as_u64().unwrap();
        assert_ne!(thread, 0, "{event}");
        match event["ph"].as_str().unwrap() {
            "M" => {
                let names = ["process_name", "thread_name"];
                assert!(names.iter().any(|it| event["name"] == *it), "{event}");
                assert!(event["args"]["name"].is_string(), "{event}");
                ends.insert(thread, 0.0);
            }
            // Whole events, in microseconds; those of one thread lie side by side.
            "X" => {
                assert!(event["name"].is_string() && event["cat"].is_string(), "{event}");
                let (start, length) =
                    (event["ts"].as_f64().unwrap(), event["dur"].as_f64().unwrap());
                let end = ends.get_mut(&thread).expect("each thread has a name before its events");
                assert!(start >= *end && length >= 0.0, "{event}");
                *end = start + length;
                bars += 1;
            }
            other => panic!("`{other}` in {event}"),
        }
    }
    bars
}

#[test]
fn a_profile_has_many_forms() {
    let run = failed();
    let run = run.again().file("ok", "").args(["retry", "--from", "a"]).status(0).run();
    let profile = run.again().args(["profile", "-o", "json"]).status(0).run();
    let profile = json(&profile);
    assert_eq!(profile["critical_path"], serde_json::json!(["a", "b", "c"]));
    assert_eq!(profile["tasks"][1]["after"], "a");
    assert!(profile["tasks"][1]["past"]["runs"].as_u64() == Some(2), "{profile}");
    let trace = run.again().args(["profile", "last", "-o", "trace"]).status(0).run();
    assert_eq!(bars_of_trace(&json(&trace)), 3);
    let csv = run.again().args(["profile", "-o", "csv"]).status(0).run();
    assert_eq!(csv.stdout.lines().count(), 4);
    let columns = csv.stdout.lines().map(|it| it.split(',').count()).collect::<Vec<_>>();
    assert!(columns.iter().all(|it| *it == columns[0]), "{}", csv.stdout);
    let text = run.again().args(["profile", "-o", "prometheus"]).status(0).run();
    assert!(text.stdout.contains("rush_task_wall_seconds{run="), "{}", text.stdout);
    let page = run.again().args(["profile", "-o", "html"]).status(0).run();
    assert!(page.stdout.starts_with("<!doctype html>") && !page.stdout.contains("http"));
    let past = run.again().args(["profile", "b", "--since", "7d", "-o", "json"]).status(0).run();
    assert_eq!(json(&past)["tasks"][0]["past"]["failures"], 1);
    run.again().args(["profile", "b", "-o", "html"]).status(2).stderr("is a task").run();
}

#[test]
fn logs_without_a_line_say_so() {
    let rush = rush().file("tasks.rush", "task a { run: `true` }\n").args(["run", "a"]);
    let run = rush.status(0).run();
    run.again().args(["logs"]).status(0).stdout("").stderr("nothing was written").run();
    run.again().args(["logs", "--attempt", "9"]).status(0).stdout("").stderr("no attempt 9").run();
    run.again().args(["logs", "--grep", "x"]).status(0).stdout("").run();
}

#[test]
fn no_lines_are_no_sign_that_nothing_was_written() {
    let rush = rush().file("tasks.rush", "task a { run: `echo x` }\n").args(["run", "a"]);
    let shown = rush.status(0).run().then().args(["logs", "--tail", "0"]).status(0).run();
    assert_eq!((shown.stdout.as_str(), shown.stderr.as_str()), ("", ""));
}

#[test]
fn logs_of_a_task_are_of_the_run_in_which_it_ran_last() {
    let text = "task first { run: `test -e go` }\n\
                task build {\n  needs: [first]\n  run: `echo building`\n}\n";
    let rush = rush().file("tasks.rush", text).file("go", "");
    let ran = rush.args(["run", "build"]).status(0).run();
    std::fs::remove_file(ran.work().join("go")).unwrap();
    let skipped = ran.again().args(["run", "build"]).status(1).run();
    skipped.again().args(["logs", "build"]).status(0).stdout("building\n").run();
    skipped.again().args(["logs", "last", "build"]).status(0).stdout("").run();
}

#[test]
fn logs_of_a_task_are_those_with_its_arguments() {
    let text = "task compile(source: string, fast: bool = false, ...more: [string] = []) {\n  \
                run: `echo ${source} ${fast}`\n}\n";
    let rush = rush().file("tasks.rush", text);
    let ran = rush.args(["run", "compile", "--source", "f", "--fast"]).status(0).run();
    let ran = ran.then().args(["run", "compile", "--source", "g", "--", "x"]).status(0).run();
    let logs = |args: &[&str], expect: &str| {
        let words = std::iter::once("logs").chain(args.iter().copied());
        ran.again().args(words).status(0).stdout(expect).run();
    };
    logs(&["compile"], "g false\n");
    logs(&["compile", "--source", "f"], "f true\n");
    logs(&["compile", "--fast", "--tail", "1"], "f true\n");
    logs(&["compile(source: \"f\")"], "f true\n");
    logs(&["compile(\"f\")"], "f true\n");
    logs(&["compile()"], "g false\n");
    logs(&["compile", "--", "x"], "g false\n");
    logs(&["last~1", "compile", "--source", "f"], "f true\n");
    let wrong = |args: &[&str], told: &str| {
        let words = std::iter::once("logs").chain(args.iter().copied());
        ran.again().args(words).status(2).stdout("").stderr(told).run();
    };
    let listed = ["runs", "list", "--task", "compile(source: \"f\")", "-o", "json"];
    let listed = json(&ran.again().args(listed).status(0).run());
    assert_eq!(listed["runs"].as_array().unwrap().len(), 1);
    wrong(
        &["compile", "--source", "h"],
        "`compile(source: h)` did not run as far as is remembered",
    );
    wrong(&["last", "compile", "--source", "f"], "has no task `compile(source: f)`");
    wrong(&["compile", "--sauce", "f"], "did you mean `--source`?");
    wrong(&["last", "compile", "compile"], "one word too many");
    // What ran can be read also when its task file can't.
    std::fs::write(ran.work().join("tasks.rush"), "task {").unwrap();
    logs(&["compile(source: \"f\")"], "f true\n");
}

#[test]
fn wrong_numbers_are_told_in_plain_words() {
    let at = |args: &[&str], told: &str| {
        rush().args(args.iter().copied()).status(2).stdout("").stderr(told).run();
    };
    at(&["logs", "--tail", "x"], "use a whole number");
    at(&["logs", "--tail", "-1"], "use a whole number");
    at(&["logs", "--attempt", "0"], "attempts are counted from 1");
    at(&["runs", "-n", "many"], "use a whole number");
}

#[test]
fn a_task_that_ran_may_be_named_with_hyphens() {
    let text = "task test_unit { run: sh\"\"\"echo out; exit 1\"\"\" }\n";
    let run = rush().file("tasks.rush", text).args(["run", "test-unit"]).status(1).run();
    run.again().args(["logs", "test-unit"]).status(0).stdout("out\n").run();
    run.again().args(["logs", "last", "test-unit"]).status(0).stdout("out\n").run();
    run.again().args(["runs", "--task", "test-unit", "-o", "json"]).status(0).run();
    run.again().args(["profile", "test-unit"]).status(0).run();
    run.again().args(["retry", "--from", "test-unit", "--dry-run"]).status(0).run();
}

#[test]
fn a_retry_asks_nothing_for_what_had_succeeded() {
    let text = "task sure {\n  confirm: \"Sure?\"\n  run: `true`\n}\n\
        task it {\n  needs: [sure]\n  run: `test -e ok`\n}\n";
    let run = rush().file("tasks.rush", text).args(["run", "it", "--yes"]).status(1).run();
    run.again().file("ok", "").args(["retry"]).status(0).run();
}

/// `make` succeeded and can be answered from its earlier result; `use` failed and needs its file.
const MADE: &str = r#"
task make {
  inputs: ["in"]
  outputs: ["out/made"]
  run: sh"""
    echo run >> made_runs
    cp in out/made
  """
}
task group { needs: [make] }
task use {
  needs: [group]
  run: sh"""
    cat out/made
    test -e ok
  """
}
"#;

#[test]
fn a_retry_puts_back_what_is_gone_and_begins_where_it_is_told_to() {
    let files = rush().file("tasks.rush", MADE).file("in", "text\n");
    let run = files.args(["run", "use"]).status(1).run();
    std::fs::remove_dir_all(run.work().join("out")).unwrap();
    let run = run.again().file("ok", "").args(["retry"]).status(0).run();
    assert_eq!((run.stdout.as_str(), run.read("made_runs").as_str()), ("use  | text\n", "run\n"));
    let run = run.again().args(["retry", "--from", "make"]).status(0).run();
    assert_eq!(run.read("made_runs"), "run\nrun\n");
}

#[test]
fn the_last_line_counts_also_without_its_end() {
    let text = "task it {\n  run: sh\"\"\"\n    echo one\n    printf two\n  \"\"\"\n}\n";
    let run = rush().file("tasks.rush", text).args(["run", "it"]).status(0).run();
    for (tail, expect) in [("0", ""), ("1", "two"), ("2", "one\ntwo"), ("9", "one\ntwo")] {
        let logs = run.again().args(["logs", "--tail", tail]).status(0).run();
        assert_eq!(logs.stdout.trim_end(), expect, "--tail {tail}");
    }
    let logs = run.again().args(["logs", "--tail", "1", "-o", "json"]).status(0).run();
    assert!(json(&logs)["at_ns"].as_u64().unwrap() > 0, "{}", logs.stdout);
}

#[test]
fn a_slot_that_nobody_takes_is_told() {
    let text = "task it {\n  resources { slots { gpu: 1 } }\n  run: `true`\n}\n";
    let run = rush().file("tasks.rush", text).args(["run", "it", "--slots", "gpus=2"]).status(0);
    run.stderr("no task of this run takes `gpus`; did you mean `gpu`?").run();
}

#[test]
fn a_run_says_who_asked_for_it() {
    for (ci, expect) in [("", "user"), ("1", "ci")] {
        let run = rush().file("tasks.rush", "task it { run: `true` }\n").env("CI", ci);
        let run = run.args(["run", "it"]).status(0).run();
        let listed = run.again().args(["runs", "-o", "json"]).status(0).run();
        assert_eq!(json(&listed)["runs"][0]["cause"]["kind"], expect);
    }
}

#[test]
fn of_withheld_variables_those_are_named_that_the_task_uses() {
    let text =
        "task it {\n  inputs: []\n  run: sh\"\"\"\n    test \"${ZZ_WANTED:-}\" = x\n  \"\"\"\n}\n";
    let mut run = rush().file("tasks.rush", text).env("ZZ_WANTED", "x").args(["run", "it"]);
    for number in 0..12 {
        run = run.env(&format!("AA_OTHER_{number}"), "x");
    }
    run.status(1).stderr("it did not see ZZ_WANTED, AA_OTHER_0").run();
}

/// The end of a service stands beside what it said last, and the place beside the reason.
#[test]
fn the_last_lines_of_a_service_follow_the_place() {
    let text = "service it {\n  run: sh\"\"\"\n    echo said\n    exit 3\n  \"\"\"\n  ready { probe: log(\"never\") }\n}\n\
        task t {\n  needs: [it]\n  run: `true`\n}\n";
    let run = rush().file("tasks.rush", text).args(["run", "t", "--log", "quiet"]).status(1).run();
    let told: Vec<&str> = run.stderr.lines().filter(|it| it.contains("its last lines")).collect();
    assert!(told.iter().all(|it| !it.contains("tasks.rush")), "{}", run.stderr);
}
