//! Flags made from the parameters of tasks.

use crate::rush;

const TASKS: &str = r#"
param registry: string = "localhost"
/// Build one crate.
task build(
  /// The crate.
  crate: "core" | "api" | "cli"
  release: bool = true
  features: [string] = []
  jobs_per_crate: int(1..=8) = 1
) {
  run: `echo ${crate} ${release} ${jobs_per_crate} ${registry} ${...features}`
}
task test(filter: string? = none, release: bool = false, ...args: [string]) {
  run: `echo ${...filter} ${release} ${...args}`
}
"#;

fn check(args: &[&str], stdout: &str) {
    let rush = rush().file("tasks.rush", TASKS).args(args.iter().copied());
    rush.status(0).stdout(stdout).run();
}

fn refuse(args: &[&str], stderr: &[&str]) {
    let rush = rush().file("tasks.rush", TASKS).args(args.iter().copied()).status(2).stdout("");
    stderr.iter().fold(rush, |rush, text| rush.stderr(text)).run();
}

#[test]
fn values_switches_and_lists() {
    check(&["build", "--crate", "api"], "api true 1 localhost\n");
    check(&["run", "build", "--crate=api", "--no-release"], "api false 1 localhost\n");
    let args = ["build", "--crate", "cli", "--features", "a", "--features", "b c"];
    check(&args, "cli true 1 localhost a b c\n");
    check(&["build", "--crate", "api", "--jobs-per-crate", "3", "-j2"], "api true 3 localhost\n");
}

#[test]
fn a_flag_belongs_to_the_label_before_it() {
    let rush = rush().file("tasks.rush", TASKS);
    let args = ["run", "build", "--crate", "api", "--no-release", "test", "--release"];
    let run = rush.args(args).status(0).run();
    assert_eq!(run.stdout, "build | api false 1 localhost\ntest  | true\n");
}

#[test]
fn what_follows_two_dashes_goes_to_the_task() {
    check(&["test", "--filter", "x", "--", "-k", "name"], "x false -k name\n");
    refuse(&["build", "--crate", "api", "--", "x"], &["`build` takes nothing after `--`"]);
}

#[test]
fn a_param_of_the_file_has_a_flag_too() {
    check(&["build", "--crate", "api", "--registry", "r"], "api true 1 r\n");
    check(&["build", "--crate", "api", "--set", "registry=r"], "api true 1 r\n");
}

#[test]
fn call_syntax_does_the_same() {
    check(&["build(crate: \"api\", release: false)"], "api false 1 localhost\n");
    let rush = rush().file("tasks.rush", TASKS).args(["run", "build(*)", "-j1"]).status(0).run();
    assert_eq!(rush.stdout.lines().count(), 3, "{}", rush.stdout);
}

#[test]
fn a_wrong_value_is_told_with_the_allowed_ones() {
    let words = ["\"core\", \"api\", \"cli\"", "did you mean `api`?"];
    refuse(&["run", "build", "--crate", "apii"], &words);
    refuse(&["build", "--crate", "api", "--jobs-per-crate", "9"], &["1..=8"]);
    refuse(&["build"], &["`build` needs a value for `crate`"]);
}

#[test]
fn a_wrong_flag_is_told_with_the_likely_one() {
    refuse(&["build", "--crat", "api"], &["did you mean `--crate`?"]);
    refuse(&["test", "--frob"], &["`rush run test --help` shows its flags"]);
    refuse(&["build", "--crate"], &["`--crate` needs a value", "`core`, `api`, `cli`"]);
}

#[test]
fn a_word_is_used_once() {
    let tasks = "task a(s: string = \"d\") {\n  confirm: \"really?\"\n  run: `echo ${s}`\n}\n";
    let at = |args: &[&str]| rush().file("tasks.rush", tasks).args(args.iter().copied());
    let refuse = |args: &[&str], help: &str| {
        at(args).status(2).stdout("").stderr("`--s` needs a value").stderr(help).run();
    };
    refuse(&["run", "a", "--s", "--yes"], "write `--s=--yes`");
    refuse(&["run", "a", "--s", "--dry-run", "x"], "write `--s=--dry-run`");
    refuse(&["run", "a", "--s", "-j4"], "write `--s=-j4`");
    refuse(&["run", "a", "--s", "--", "--yes"], "write `--s=--`");
    refuse(&["run", "a", "--s", "--help"], "write `--s=--help`");
    let last = at(&["run", "a", "--s", "-e"]).status(2).stderr("`-e` is a flag of its own");
    last.stderr("if it is the value of `--s`, write `--s=-e`").run();
    at(&["run", "a", "--s=--dry-run", "--yes"]).status(0).stdout("--dry-run\n").run();
    at(&["run", "a", "--s", "-5", "--yes"]).status(0).stdout("-5\n").run();
}

#[test]
fn a_list_of_the_file_is_given_as_a_list_of_a_task() {
    let tasks = "param l: [string] = [\"x\"]\nparam one: int = 1\n\
                 task a(m: [string] = []) { run: `echo ${one} ${...l} / ${...m}` }\n";
    let at = |args: &[&str]| {
        let words = ["run", "a"].iter().chain(args).copied();
        rush().file("tasks.rush", tasks).args(words)
    };
    let check = |args: &[&str], stdout: &str| {
        at(args).status(0).stdout(stdout).run();
    };
    check(&["--l", "q", "--l", "r", "--m", "s", "--m", "t"], "1 q r / s t\n");
    check(&["--set", "l=q", "--set", "l=r"], "1 q r /\n");
    check(&["--set", "l=q,r", "--m", "q,r"], "1 q,r / q,r\n");
    check(&["--l", "q", "--set", "l=r"], "1 q r /\n");
    check(&["--set", "l=", "--m", ""], "1 /\n");
    check(&[], "1 x /\n");
    let twice = "2 values were given where one is expected";
    at(&["--set", "one=1", "--set", "one=2"]).status(2).stderr(twice).run();
    at(&["--one", "1", "--one", "2"]).status(2).stderr(twice).run();
}

#[test]
fn of_two_tasks_with_one_name_none_is_run() {
    let refuse = |tasks: &str| {
        let run = rush().file("tasks.rush", tasks).args(["run", "a"]).status(2).stdout("").run();
        assert!(run.stderr.contains("RUSH0103"), "{}", run.stderr);
        assert!(!run.stderr.contains("did you mean"), "{}", run.stderr);
    };
    refuse("task a { run: `x` }\ntask a { run: `y` }\n");
    refuse("let a = 1\ntask a { run: `y` }\n");
    refuse("task b { run: `y` }\ntask a { needs: [b] }\ntask b { run: `x` }\n");
}

#[test]
fn the_help_of_a_task_is_made_from_its_parameters() {
    let shown = rush().file("tasks.rush", TASKS).args(["run", "build", "--help"]).status(0).run();
    insta::assert_snapshot!(shown.stdout, @r#"
    Build one crate.

    Usage: rush run build --crate CRATE [FLAGS]

    Flags:
      --crate CRATE                    The crate. [possible: core, api, cli] [required]
      --release, --no-release          [default: true]
      --features FEATURES ..           [type: [string]] [default: []]
      --jobs-per-crate JOBS_PER_CRATE  [type: int(1..=8)] [default: 1]

    Parameters of the file:
      --registry REGISTRY  [type: string] [default: "localhost"]

    `rush run --help` shows the flags of every run
    "#);
}

#[test]
fn a_parameter_named_like_a_flag_of_run_is_given_by_a_call() {
    let tasks = "task build(jobs: int = 1) {\n  run: `echo ${jobs}`\n}\n";
    let at = |args: &[&str]| rush().file("tasks.rush", tasks).args(args.iter().copied()).status(0);
    at(&["run", "build(jobs: 3)"]).stdout("3\n").run();
    at(&["run", "build", "--jobs", "3"]).stdout("1\n").run();
    at(&["list"]).stdout("build  [(jobs: ..)]\n").run();
}

#[test]
fn a_missing_value_is_asked_for_as_it_can_be_given() {
    let source = "task a(dry_pan: int) { run: `echo ${dry_pan}` }\n\
                  task b(jobs: int) { run: `echo ${jobs}` }\n";
    let refuse = |args: &[&str], help: &str| {
        let rush = rush().file("tasks.rush", source).args(args.iter().copied());
        rush.status(2).stdout("").stderr(help).run();
    };
    refuse(&["a"], "add `--dry-pan int`");
    refuse(&["a", "--dry_pan", "x"], "`--dry-pan`: expected int, found \"x\"");
    refuse(&["b"], "`--jobs` is a flag of `rush run`; write the call `'b(jobs: int)'`");
    rush().file("tasks.rush", source).args(["run", "b(jobs: 3)"]).status(0).stdout("3\n").run();
}

/// A flag or a verb that the checker does not know would make a parameter or a task unreachable
/// without a word.
#[test]
fn the_checker_knows_every_flag_of_run_and_every_verb() {
    let check = |words: &[String], item: fn(&str) -> String, code: &str| {
        assert!(words.len() > 10, "{words:?}");
        let source: String = words.iter().map(|it| item(&it.replace('-', "_"))).collect();
        let checked = rush().file("tasks.rush", source).args(["check", "-o", "json"]).run();
        let report: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
        let found = report["diagnostics"].as_array().unwrap();
        let found: Vec<_> = found.iter().filter(|it| it["code"] == code).collect();
        assert_eq!(found.len(), words.len(), "{words:?}\n{found:#?}");
    };
    let help = rush().args(["run", "-h"]).run().stdout;
    let flags = help.lines().filter_map(|line| {
        let mut words = line.split_whitespace().take(2);
        words.find_map(|it| it.strip_prefix("--")).map(|it| it.replace("...", ""))
    });
    let flags: Vec<_> = flags.collect();
    check(
        &flags,
        |it| format!("task t_{it}({it}: int = 1) {{ run: `echo ${{{it}}}` }}\n"),
        "RUSH0804",
    );
    let help = rush().args(["-h"]).run().stdout;
    let verbs = help.lines().skip_while(|it| *it != "Commands:").skip(1);
    let verbs = verbs.take_while(|it| !it.is_empty());
    let verbs: Vec<_> =
        verbs.filter_map(|it| Some(it.split_whitespace().next()?.to_owned())).collect();
    check(&verbs, |it| format!("task {it} {{ run: `true` }}\n"), "RUSH0803");
}

#[test]
fn a_map_is_given_by_a_call() {
    let source = "task a(vars: map(string) = {}, ...rest: [string]) {\n  env: vars\n  run: sh\"\"\"echo $A\"\"\"\n}\n";
    let at = |args: &[&str]| rush().file("tasks.rush", source).args(args.iter().copied());
    let refused = at(&["a", "--vars", "A=b"]).status(2).stdout("");
    refused.stderr("`map(string)` can't be given as a flag").stderr("'a(vars: {").run();
    at(&["a", "--rest", "x"]).status(2).stderr("from what follows `--`").run();
    let source = "task a(jobs: int = 1) { run: `echo ${jobs}` }\n";
    let refused = rush().file("tasks.rush", source).args(["plan", "a", "--jobs", "3"]).status(2);
    refused.stderr("`--jobs` is a flag of `rush run`, so `jobs` of `a` has none").run();
    at(&["a(vars: { A: \"b\" })"]).status(0).stdout("b\n").run();
}

#[test]
fn a_call_that_is_no_call_is_shown_with_a_mark() {
    let at = |call: &str| {
        let rush = rush().file("tasks.rush", TASKS).args(["run", call, "--color", "never"]);
        rush.status(2).stdout("").run().stderr
    };
    insta::assert_snapshot!(at("build(*"), @r#"
      × expected `)` at the end of the call
      │   build(*
      │          ^
    "#);
    insta::assert_snapshot!(at("build(crate: )"), @r#"
      × expected a value after `crate:`
      │   build(crate:)
      │              ^
    "#);
    let lines = "build(\n  crate: \"\u{e4}pi\",\n  relase: true)";
    insta::assert_snapshot!(at(lines), @r#"
      × "äpi" is not one of "core", "api", "cli"
      │   build(crate: "äpi",
      │                ^^^^^
      │ `build` takes no argument `relase`; it takes `crate`, `release`, `features` and `jobs_per_crate`
      │     relase: true)
      │     ^^^^^^
      help: did you mean `api`?
            did you mean `release`?
    "#);
    for verb in ["plan", "why", "describe", "graph", "up"] {
        rush().file("tasks.rush", TASKS).args([verb, "build(*"]).status(2).stdout("").run();
    }
}

#[test]
fn a_long_list_of_what_is_possible_says_how_many_are_left() {
    let tasks: String = (0..30).map(|it| format!("task t{it:02} {{ run: `true` }}\n")).collect();
    let refused = rush().file("tasks.rush", tasks).args(["run", "nothing_like_it"]).status(2);
    refused.stderr("`t00`").stderr("and 18 more").run();
}

#[test]
fn a_task_nearby_is_meant_before_one_far_away() {
    let source = "workspace { members: [\"pkg\"] }\ntask test { run: `true` }\n";
    let pkg = "task test { run: `true` }\n";
    let at = |args: &[&str]| {
        let rush = rush().file("tasks.rush", source).file("pkg/tasks.rush", pkg);
        rush.args(args.iter().copied()).status(2).stderr("did you mean `test`?").run();
    };
    at(&["run", "tset"]);
    at(&["-C", "pkg", "run", "tset"]);
}

#[test]
fn a_word_behind_a_switch_is_explained() {
    refuse(&["test", "--release", "true"], &["no task is named `true`", "write `--release=true`"]);
    check(&["test", "--release=false"], "false\n");
}

#[test]
fn there_is_a_short_help_and_a_long_one() {
    for verb in ["run", "plan", "why", "up", "describe", "list"] {
        let short = rush().args([verb, "-h"]).status(0).run().stdout;
        let long = rush().args([verb, "--help"]).status(0).run().stdout;
        assert!(short.contains("see more with '--help'"), "{verb}: {short}");
        assert!(long.contains("see a summary with '-h'"), "{verb}: {long}");
    }
}

#[test]
fn a_value_without_its_flag_is_told_where_it_goes() {
    refuse(&["build", "api"], &["no task is named `api`", "write `build --crate api`"]);
    refuse(&["build", "crate=api"], &["write `build --crate=api`"]);
    refuse(&["test", "unit"], &["write `test -- unit`"]);
    refuse(&["test", "unit", "it", "--release"], &["write `test -- unit it`"]);
    let tasks = "task serve(port: int) { run: `echo ${port}` }\n";
    let rush = rush().file("tasks.rush", tasks).args(["serve", "80"]);
    rush.status(2).stderr("write `serve --port 80`").run();
}

#[test]
fn the_least_number_is_given_as_it_is_written() {
    let tasks = "type N = int(-9223372036854775808..=5)\n\
                 param p: int = -9223372036854775808\n\
                 task a(n: int = 1, k: N = -9223372036854775808) { run: `echo ${n} ${k} ${p}` }\n";
    let least = "-9223372036854775808";
    let rush = rush().file("tasks.rush", tasks).args(["run", "a", "--n=-9223372036854775808"]);
    let ran = rush.status(0).stdout(&format!("{least} {least} {least}\n")).run();
    let below = ran.then().args(["run", "a", "--n=-9223372036854775809"]).status(2);
    below.stderr("-9223372036854775809").run();
}

#[test]
fn of_equally_near_words_all_are_named() {
    let tasks = "task bui(mode_a: int = 1, mode_b: int = 1) { run: `true` }\ntask build_a { run: `true` }\ntask build_b { run: `true` }\n";
    let check = |args: &[&str], stderr: &str| {
        let rush = rush().file("tasks.rush", tasks).args(args.iter().copied());
        rush.status(2).stdout("").stderr(stderr).run();
    };
    check(&["run", "build_c"], "did you mean `build_a` or `build_b`?");
    check(&["run", "bui", "--mode-c", "1"], "did you mean `--mode-a` or `--mode-b`?");
}
