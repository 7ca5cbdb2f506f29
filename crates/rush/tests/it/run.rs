//! `rush run`: output, exit statuses and gating by errors.

use crate::rush;

#[test]
fn one_task_writes_as_if_started_by_hand() {
    let text = "task a {\n  run: sh\"\"\"\n    echo out\n    echo err >&2\n  \"\"\"\n}\n";
    let run = rush().file("tasks.rush", text).args(["a"]).status(0).stdout("out\n").run();
    assert!(run.stderr.starts_with("err\n"), "{}", run.stderr);
}

#[test]
fn several_tasks_have_their_name_before_each_line() {
    let text = "task a { run: `echo one` }\ntask b {\n  needs: [a]\n  run: `echo two`\n}\n";
    let run = rush().file("tasks.rush", text).args(["run", "b"]).status(0).run();
    insta::assert_snapshot!(run.snapshot(), @r#"
    exit status: 0
    ----- stdout -----
    a | one
    b | two
    ----- stderr -----
        [TIME]  a
        [TIME]  b
    2 succeeded in [TIME]
    "#);
}

#[test]
fn a_failure_says_where_and_why_and_what_did_not_run() {
    let text = "task a {\n  run: sh\"\"\"\n    exit 7\n  \"\"\"\n}\n\
                task b {\n  needs: [a]\n  run: `true`\n}\n";
    let run =
        rush().file("tasks.rush", text).args(["run", "b", "--color", "never"]).status(1).run();
    insta::assert_snapshot!(run.snapshot(), @r#"
    exit status: 1
    ----- stdout -----
    ----- stderr -----
    failed: a: exit status 7  (tasks.rush:2:3)
      $ sh: exit 7
    1 failed, 1 skipped in [TIME]
    `rush logs [RUN]` shows what it wrote, `rush retry [RUN]` runs what did not succeed
    "#);
}

#[test]
fn an_error_that_is_reached_stops_everything() {
    let text = "task a {\n  run: `echo started`\n}\ntask b {\n  needs: [a]\n  timeout: \"1\"\n  run: `true`\n}\n";
    let rush = rush().file("tasks.rush", text).args(["run", "b"]).status(2).stdout("");
    rush.stderr("RUSH0204").run();
}

#[test]
fn what_hangs_on_a_mistake_elsewhere_does_not_run() {
    let cases = [
        ("build { run: `x` }\ntask t extends build { run: `echo ran` }\n", "RUSH0101"),
        ("build { run: `x` }\ntask t {\n  needs: [build]\n  run: `echo ran`\n}\n", "RUSH0101"),
        ("type M = \"a\" \"b\"\ntask t(m: M = \"c\") { run: `echo ${m}` }\n", "RUSH0004"),
        (
            "type M = \"a\" \"b\"\ntype N = M\ntask t(m: N = \"c\") { run: `echo ${m}` }\n",
            "RUSH0004",
        ),
        ("version = \"1\"\ntask t { run: `echo ${version}` }\n", "RUSH0004"),
        ("use \"./nope.rush\" as lib\ntask t { run: `echo ${lib.version}` }\n", "RUSH0107"),
        ("use \"./nope.rush\" as lib\ntask t extends lib.b { run: `echo ran` }\n", "RUSH0107"),
        ("use \"./nope.rush\" as lib\ntask t(x: lib.T = \"a\") { run: `echo ${x}` }\n", "RUSH0107"),
    ];
    for (text, cause) in cases {
        let run = rush().file("tasks.rush", text).args(["run", "t"]).status(2).stdout("");
        let run = run.stderr(cause).run();
        assert!(!run.stderr.contains("RUSH0901"), "{text}: {}", run.stderr);
        let listed = run.then().args(["list"]).status(0).run();
        assert!(!listed.stdout.contains("t("), "{text}: {}", listed.stdout);
    }
}

#[test]
fn a_dry_run_starts_nothing() {
    let text = "task a {\n  run: `touch witness`\n}\n";
    let run = rush().file("tasks.rush", text).args(["run", "a", "--dry-run"]).status(0).run();
    run.then().args(["run", "a"]).status(0).run().read("witness");
}

#[test]
fn a_question_without_a_terminal_names_the_flag() {
    let text = "task a {\n  confirm: \"Sure?\"\n  run: `echo done`\n}\n";
    let asked = rush().file("tasks.rush", text).args(["a"]).status(2).stderr("--yes").run();
    asked.then().args(["a", "--yes"]).status(0).stdout("done\n").run();
}

#[test]
fn output_can_be_grouped_or_kept_quiet() {
    let text = "task a { run: `echo one` }\ntask b { run: `echo two` }\n";
    let rush = rush().file("tasks.rush", text).args(["run", "a", "b", "--log", "quiet"]);
    let rush = rush.status(0).stdout("").run().then().args(["run", "a", "b", "--log", "grouped"]);
    rush.status(0).stdout("a | one\nb | two\n").run();
}

#[test]
fn events_are_one_json_object_a_line() {
    let rush = rush().file("tasks.rush", "task a { run: `echo one` }\n");
    let run = rush.args(["run", "a", "-o", "json"]).status(0).run();
    let events: Vec<serde_json::Value> =
        run.stdout.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(events.first().unwrap()["body"]["event"], "run_started");
    assert_eq!(events.last().unwrap()["body"]["event"], "run_ended");
}

#[test]
fn variables_of_the_command_line_win() {
    let text = "task a {\n  env { X: \"task\" }\n  run: sh\"\"\"\n    echo \"$X\"\n  \"\"\"\n}\n";
    rush().file("tasks.rush", text).args(["a", "-e", "X=flag"]).status(0).stdout("flag\n").run();
}
