//! Remembered results as a new user meets them: a small C project, from the first build to `rush why`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "the whole file is a test, also the functions that tests share"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use rush_test::{Finished, Rush};
use serde_json::{Value, json};

use crate::rush;

/// A compiler of C, or a script that takes the same words where there is none.
const TASKS: &str = r#"
/// Compile one file.
task obj(name: "main" | "util") {
  inputs: ["src/${name}.c"]
  outputs: ["out/${name}.o"]
  depfile: "out/${name}.d"
  run: `CC -MMD -MF out/${name}.d -c src/${name}.c -o out/${name}.o`
}

/// Link the program.
task prog {
  inputs: [...obj("main").outputs, ...obj("util").outputs]
  outputs: ["out/prog"]
  run: `CC out/main.o out/util.o -o out/prog`
}
"#;

const STAND_IN: &str = r#"#!/bin/sh
set -eu
if [ "$1" = -MMD ]; then
  shift 2; dep=$1; src=$3; obj=$5
  heads=$(sed -n 's/^#include "\(.*\)"/src\/\1/p' "$src")
  { for h in $heads; do cat "$h"; done; cat "$src"; } | sed 's://.*::' > "$obj"
  echo "$obj: $src" $heads > "$dep"
else
  cat "$1" "$2" > "$4"; chmod 755 "$4"
fi
"#;

fn project() -> Rush {
    let has_compiler = Command::new("cc").arg("--version").output().is_ok();
    let compiler = if has_compiler { "cc" } else { "sh cc.sh" };
    rush()
        .file("tasks.rush", TASKS.replace("CC", compiler))
        .file("cc.sh", STAND_IN)
        .file("src/util.h", "int twice(int n);\n")
        .file("src/other.h", "#define OTHER 1\n")
        .file("src/util.c", "#include \"util.h\"\nint twice(int n) { return 2 * n; } // one\n")
        .file("src/main.c", "#include \"util.h\"\nint main(void) { return twice(21) - 42; }\n")
}

/// How the nodes of a run ended, by name.
fn ends(run: &Finished) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut ends = BTreeMap::new();
    for line in run.stdout.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let (node, body) = (text(&event["node"]), &event["body"]);
        match body["event"].as_str() {
            Some("node_added") => drop(names.insert(node, text(&body["label"]))),
            Some("node_changed") => drop(ends.insert(node, text(&body["state"]))),
            _ => {}
        }
    }
    let count = |state: &str| ends.values().filter(|it| *it == state).count();
    let all = ["succeeded", "cached"].map(|state| (state.to_owned(), count(state).to_string()));
    let prog = names.iter().find(|(_, label)| label.ends_with("prog")).map(|(node, _)| node);
    let prog = prog.and_then(|node| ends.get(node)).cloned().unwrap_or_default();
    all.into_iter().chain([("prog".to_owned(), prog)]).collect()
}

/// Builds, and expects so many tasks to run, so many to be cached, and this end of the last one.
fn build(rush: Rush, succeeded: usize, cached: usize, prog: &str) -> Finished {
    let run = rush.args(["run", "prog", "-o", "json"]).status(0).run();
    let found = ends(&run);
    let expect = [
        ("succeeded".to_owned(), succeeded.to_string()),
        ("cached".to_owned(), cached.to_string()),
        ("prog".to_owned(), prog.to_owned()),
    ];
    assert_eq!(found, expect.into_iter().collect(), "{}\n{}", run.stdout, run.stderr);
    run
}

fn why(rush: Rush, label: &str, expect: &str) -> Finished {
    let words = std::iter::once("why").chain(label.split(' '));
    let run = rush.args(words).status(0).run();
    assert!(run.stdout.contains(expect), "{label}: {}", run.stdout);
    run
}

fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(directory).unwrap().map(Result::unwrap);
    let name = |it: &std::fs::DirEntry| it.file_name().into_string().unwrap();
    let built = entries.filter(|it| !name(it).ends_with(".d"));
    built.map(|it| (name(&it), std::fs::read(it.path()).unwrap())).collect()
}

#[test]
fn a_small_c_project_from_the_first_build_to_the_reasons() {
    let rush = project();
    let out = rush.work().join("out");
    let run = rush.args(["run", "obj", "--name", "util"]).status(0).run();
    let other = "will run because its arguments are others than those of its last result";
    let run = why(run.then(), "obj --name main", other);
    let run = build(run.then(), 2, 1, "succeeded");
    let run = build(run.then(), 0, 3, "cached");
    let built = files(&out);
    std::fs::remove_dir_all(&out).unwrap();
    let run = build(run.then(), 0, 3, "cached");
    assert!(built == files(&out), "the same bytes");

    // A comment changes nothing of the object file, so nothing is linked again.
    let text = "#include \"util.h\"\nint twice(int n) { return 2 * n; } // two\n";
    let run = run.then().file("src/util.c", text);
    let run = why(run, "obj --name util", "will run because the file `src/util.c` changed");
    let run = build(run.then(), 1, 2, "cached");
    let run = why(run.then(), "obj --name util", "made because the file `src/util.c` changed");
    let run = why(run.then(), "prog", "cached");

    // A header is an input of those that include it, and of nobody else.
    let run = build(run.then().file("src/other.h", "#define OTHER 2\n"), 0, 3, "cached");
    let header = "int twice(int n);\nint thrice(int n);\n";
    let run = build(run.then().file("src/util.h", header), 2, 1, "cached");
    let run = why(run.then(), "obj --name main", "made because the file `src/util.h` changed");
    let text = "#include \"util.h\"\nint twice(int n) { return n + n + 0 * n; }\nint more = 1;\n";
    let run = run.then().file("src/util.c", text);
    let run = why(run, "prog", "will run if what `obj(name: \"util\")` makes is not what it was");
    let run = build(run.then(), 2, 1, "succeeded");
    let run = why(run.then(), "prog", "made because");
    let tasks = TASKS.replace("CC", "cc").replace("-MMD", "-O1 -MMD");
    if Command::new("cc").arg("--version").output().is_ok() {
        let run = run.then().file("tasks.rush", tasks);
        why(run, "obj --name main", "will run because the command `run 1` changed");
    }
}

const SCRIPT: &str = "workspace {}\ntask pack {\n  inputs: []\n  run: sh\"\"\"\n    echo one\n    echo LINE\n  \"\"\"\n}\n";

#[test]
fn a_changed_command_is_told_with_what_it_was() {
    let tasks = |line: &str| SCRIPT.replace("LINE", line);
    let run = rush().file("tasks.rush", tasks("two")).args(["pack"]).status(0).run();
    let told =
        "will run because the command `run 1` changed\n      -   echo two\n      +   echo 2\n";
    let run = why(run.then().file("tasks.rush", tasks("2")), "pack", told);
    let run = run.then().args(["why", "pack", "-o", "json"]).status(0).run();
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    let reason = &told["tasks"][0]["reasons"][0];
    assert_eq!((&reason["kind"], &reason["name"]), (&json!("command"), &json!("run 1")));
    assert_eq!(reason["before"], json!("sh\n  echo one\n  echo two"));
    assert_eq!(reason["now"], json!("sh\n  echo one\n  echo 2"));
    let run = run.then().args(["pack"]).status(0).run();
    let told = "made because the command `run 1` changed\n      -   echo two\n      +   echo 2\n";
    let run = why(run.then(), "pack", told);

    // In the other form too: the program it starts with is told for itself.
    let tasks = "workspace {}\ntask pack {\n  inputs: []\n  run: `echo 'two words'`\n}\n";
    let told = "\n      - sh\n      -   echo one\n      -   echo 2\n      + echo 'two words'\n";
    why(run.then().file("tasks.rush", tasks), "pack", told);
}

#[test]
fn a_dry_run_says_what_is_there_and_what_would_run() {
    let run = build(project(), 3, 0, "succeeded");
    let run = run.then().args(["run", "prog", "--dry-run"]).status(0).run();
    assert_eq!(run.stdout.matches("  cached\n").count(), 3, "{}", run.stdout);
    let run = run.then().file("src/util.h", "int twice(int);\n");
    let run = run.args(["run", "prog", "--dry-run"]).status(0).run();
    assert_eq!(run.stdout.matches("  will run because the file `src/util.h` changed\n").count(), 2);
    assert!(run.stdout.contains("  will run if what `obj("), "{}", run.stdout);
}

#[test]
fn the_cache_is_looked_after() {
    let run = build(project(), 3, 0, "succeeded");
    let stats = run.then().args(["cache", "stats", "-o", "json"]).status(0).run();
    let document: serde_json::Value = serde_json::from_str(&stats.stdout).unwrap();
    assert_eq!(document["entries"], 3);
    let run = stats.then().args(["cache", "verify"]).status(0).stdout("3 results in order\n").run();
    let run = run.then().args(["cache", "verify", "prog"]).status(0).run();
    assert!(run.stdout.contains("3 tasks run again and compared"), "{}", run.stdout);
    let run = run.then().args(["cache", "prune"]).status(0).run();
    assert!(run.stdout.starts_with("dropped 0 results"), "{}", run.stdout);
    let run = build(run.then(), 0, 3, "cached");
    let run = run.then().args(["cache", "prune", "--older-than", "1h"]).status(0).run();
    assert!(run.stdout.starts_with("dropped 0 results"), "{}", run.stdout);
    let run = run.then().args(["cache", "prune", "--max-size", "none"]).status(2).run();
    assert!(run.stderr.contains("write it as `500MB` or `1GB`"), "{}", run.stderr);
    let run = run.then().args(["cache", "prune", "--max-size", "0MB"]).status(0).run();
    assert!(run.stdout.starts_with("dropped 3 results"), "{}", run.stdout);
    std::fs::remove_dir_all(run.work().join("out")).unwrap();
    let run = build(run.then(), 3, 0, "succeeded");
    let run = run.then().args(["cache", "clear"]).status(0).run();
    assert!(run.stdout.starts_with("forgot 3 results"), "{}", run.stdout);
    let stats = run.then().args(["cache", "stats"]).status(0).run();
    assert!(stats.stdout.contains("0 results with 0 files"), "{}", stats.stdout);
    build(stats.then(), 3, 0, "succeeded");
}

#[test]
fn verifying_finds_a_task_that_is_no_function_of_its_inputs() {
    let text = "task now {\n  inputs: []\n  outputs: [\"out\"]\n  \
                run: sh\"\"\"\n    echo x >> out\n  \"\"\"\n}\n";
    let run = rush().file("tasks.rush", text).args(["run", "now"]).status(0).run();
    let run = run.then().args(["cache", "verify", "now"]).status(1).run();
    assert!(run.stdout.contains("the same inputs gave another result before: `out` differs"));
}

#[test]
fn verifying_tells_what_could_not_be_compared() {
    let text = "task now {\n  inputs: [\"in\"]\n  outputs: [\"out/**\"]\n  run: sh\"\"\"\n    mkdir -p out\n    \
                [ ! -e breaks ] || echo x >> in\n    echo 1 > out/a\n  \"\"\"\n}\n";
    let run = rush().file("tasks.rush", text).file("in", "1\n");
    let run = run.args(["run", "now"]).status(0).run();
    let run = run.then().args(["cache", "verify", "now"]).status(0).run();
    assert!(run.stdout.contains("1 task run again and compared"), "{}", run.stdout);
    let run = run.then().file("breaks", "").args(["cache", "verify", "now"]).status(1).run();
    let told =
        "0 tasks run again and compared\n`//:now` could not be compared: `in` changed while it ran";
    assert!(run.stdout.contains(told), "{}", run.stdout);
}

#[test]
fn verifying_asks_what_the_tasks_ask() {
    let text = "task now {\n  confirm: \"Sure?\"\n  inputs: []\n  outputs: [\"out\"]\n  run: `touch out`\n}\n";
    let run = rush().file("tasks.rush", text).args(["run", "now", "--yes"]).status(0).run();
    let run = run.then().args(["cache", "verify", "now"]).status(2).run();
    assert!(run.stderr.contains("`now` asks `Sure?`"), "{}", run.stderr);
    let run = run.then().args(["cache", "verify", "now", "--yes"]).status(0).run();
    run.then().args(["cache", "verify", "now", "--sample", "x"]).status(2).run();
}

#[test]
fn verifying_takes_the_flags_of_the_tasks() {
    let text = "task a(name: string, loud: bool = false) {\n  inputs: []\n  outputs: [\"out-${name}\"]\n  \
                env { LOUD: \"${loud}\" }\n  run: `touch out-${name}`\n}\n";
    let run = rush().file("tasks.rush", text);
    let mut run = run.args(["run", "a", "--name", "x", "--loud", "-e", "WHO=me"]).status(0).run();
    let cases: [(&[&str], i32, &str); 8] = [
        (
            &["verify", "a", "--name", "x", "--loud", "-e", "WHO=me"],
            0,
            "1 task run again and compared",
        ),
        (&["-o", "json", "verify", "a", "--name=x", "--loud", "-eWHO=me"], 0, "\"compared\": 1"),
        (&["verify", "a", "--name", "other"], 0, "0 tasks run again"),
        (&["verify", "a"], 2, "`name`"),
        (&["verify", "--name", "x"], 2, "a task's flags stand behind its label"),
        (&["verify", "a", "--nme", "x"], 2, "did you mean `--name`?"),
        (&["verify", "--help"], 0, "rush cache verify [FLAGS]"),
        (&["verify", "a", "--help"], 0, "--loud"),
    ];
    for (words, status, expect) in cases {
        run = run.then().args([&["cache"], words].concat()).status(status).run();
        assert!(format!("{}{}", run.stdout, run.stderr).contains(expect), "{}", run.stderr);
    }
}

#[test]
fn entries_are_checked_also_where_there_are_no_tasks() {
    rush().args(["cache", "verify"]).status(0).stdout("0 results in order\n").run();
}

#[test]
fn the_directory_of_the_cache_is_what_the_workspace_says() {
    let text = "workspace {\n  cache { dir: \"kept\" }\n}\n\
                task a {\n  inputs: [\"**\"]\n  outputs: [\"o\"]\n  run: `cp tasks.rush o`\n}\n";
    let run = rush().file("tasks.rush", text).args(["run", "a"]).status(0).run();
    let run = run.then().args(["cache", "stats"]).status(0).run();
    assert!(run.stdout.contains("/work/kept\n  1 result with 1 file"), "{}", run.stdout);
    let run = run.then().args(["why", "a"]).status(0).run();
    assert!(run.stdout.starts_with("a  cached\n"), "{}", run.stdout);
}

#[test]
fn the_cache_of_the_workspace_is_meant_whatever_its_tasks_are_like() {
    let check = |settings: &str, status: i32, expect: &str| {
        let text = format!(
            "workspace {{\n  cache {{ dir: {settings} }}\n}}\n\
                            task a(name: string) {{\n  run: `echo ${{name}}`\n}}\n\
                            task broken {{\n  run: nobody\n}}\ntask {{{{\n"
        );
        let run = rush().file("tasks.rush", text).args(["cache", "clear"]).status(status).run();
        assert!(format!("{}{}", run.stdout, run.stderr).contains(expect), "{}", run.stderr);
        let run = run.then().args(["cache", "stats"]).status(status).run();
        assert!(status != 0 || run.stdout.contains("/work/kept\n"), "{}", run.stdout);
    };
    check("\"kept\"", 0, "forgot 0 results");
    check("nowhere", 2, "nowhere");
}

#[test]
fn a_failing_task_says_which_variables_it_did_not_see() {
    let text = "task a {\n  inputs: []\n  run: sh\"\"\"\n    exit 3\n  \"\"\"\n}\n";
    let run = rush().file("tasks.rush", text).env("SPECIAL_TOKEN", "x").args(["run", "a"]);
    run.status(1).stderr("SPECIAL_TOKEN").run();
}

#[test]
fn of_many_processes_that_want_the_same_one_runs() {
    let text = "task a {\n  inputs: [\"in\"]\n  outputs: [\"out\"]\n  \
                run: sh\"\"\"\n    echo x >> count\n    cp in out\n  \"\"\"\n}\n";
    let listed = rush().file("tasks.rush", text).file("in", "1").args(["version"]).run();
    let work = listed.work();
    let start = || {
        let mut command = listed.command(env!("CARGO_BIN_EXE_rush"));
        command.args(["run", "a", "--log", "quiet"]);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command.spawn().unwrap()
    };
    let mut running: Vec<_> = (0..16).map(|_| start()).collect();
    for child in &mut running {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(std::fs::read_to_string(work.join("count")).unwrap(), "x\n");
    assert_eq!(std::fs::read_to_string(work.join("out")).unwrap(), "1");
}

#[test]
fn flags_of_tasks_need_a_task_to_verify() {
    let run = rush().file("tasks.rush", "task a { run: `true` }\n");
    run.args(["cache", "verify", "--set", "x=1"]).status(2).stderr("without a task").run();
}
