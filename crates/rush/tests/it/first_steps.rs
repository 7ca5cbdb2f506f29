//! The first minutes of a new user: nothing there, a file of another tool, a broken pipe.

use crate::rush;

#[test]
fn without_a_file_rush_shows_one_to_paste() {
    let found = rush().file(".git/HEAD", "").args(["list"]).status(3).run();
    insta::assert_snapshot!(found.snapshot(), @r#"
    exit status: 3
    ----- stdout -----
    ----- stderr -----
      × no `tasks.rush` in `[WORK]`, which is the root of the repository
      help: to begin, put this into `[WORK]/tasks.rush`:

              task hello {
                run: `echo hello`
              }
    "#);
}

#[test]
fn the_file_that_is_shown_works() {
    let text = "task hello {\n  run: `echo hello`\n}\n";
    rush().file("tasks.rush", text).args(["hello"]).status(0).stdout("hello\n").run();
}

#[test]
fn a_file_of_taskrush_is_named() {
    let rush = rush().file(".rush", "tasks:\n  build:\n    cmd: make\n").args(["list"]);
    rush.status(3).stderr("is a TaskRush file").run();
}

#[test]
fn a_mistyped_verb_is_suggested() {
    let rush = rush().file("tasks.rush", "task a {\n  run: `true`\n}\n").args(["chekc"]);
    rush.status(2).stderr("did you mean the verb `check`?").run();
}

/// The verbs below `words` that the program itself lists.
fn verbs(words: &[&str]) -> Vec<String> {
    let shown = rush().args(words.iter().copied().chain(["--help"])).status(0).run().stdout;
    let (_, listed) = shown.split_once("\nCommands:\n").unwrap_or_default();
    let rows = listed.lines().take_while(|it| !it.is_empty());
    rows.filter_map(|it| it.split_whitespace().next().map(str::to_owned)).collect()
}

#[test]
fn each_verb_has_examples() {
    let verbs = verbs(&[]);
    assert!(verbs.len() > 20, "{verbs:?}");
    for verb in verbs {
        let shown = rush().args([&verb, "--help"]).status(0).run();
        assert!(shown.stdout.contains("Examples:"), "{verb}: {}", shown.stdout);
        for action in self::verbs(&[&verb]).iter().filter(|it| *it != "help") {
            let own = rush().args([&verb, action, "--help"]).status(0).run();
            let is_shown = shown.stdout.contains(&format!("\n  rush {verb} {action}"));
            assert!(is_shown || own.stdout.contains("Examples:"), "{verb} {action}");
        }
    }
}

#[test]
fn verbs_that_do_not_work_yet_do_not_appear() {
    let verbs = verbs(&[]);
    for verb in ["watch", "serve", "import", "init"] {
        assert!(!verbs.iter().any(|it| it == verb), "{verbs:?}");
    }
}

#[test]
fn help_can_be_asked_for_like_a_verb() {
    let run = |words: &[&str]| rush().args(words.iter().copied()).status(0).run().stdout;
    assert_eq!(run(&["help"]), run(&["--help"]));
    assert_eq!(run(&["help", "run"]), run(&["run", "--help"]));
    assert_eq!(run(&["help", "plan", "show"]), run(&["plan", "show", "--help"]));
}

#[test]
fn a_parameter_that_is_not_left_out_says_how_it_can_be() {
    let text = "task test(k: string?, ...args: [string]) {\n  run: `pytest -k ${k} ${...args}`\n}\n\n\
                task ci {\n  needs: [test]\n}\n\ntask other(...args) {}\n";
    let found = rush().file("tasks.rush", text).args(["check"]).status(1).run();
    insta::assert_snapshot!(found.snapshot(), @r#"
    exit status: 1
    ----- stdout -----
    ----- stderr -----
    error[RUSH0208]: `k` may be `none` here
       ╭─[ tasks.rush:2:21 ]
       │
     2 │   run: `pytest -k ${k} ${...args}`
       │                     ┬
       │                     ╰── here
    ───╯
      help: write `${...k}` to leave the argument out, `${...if k != none then ["-k", k] else []}` to leave out `-k` as well, or `${k ?? ".."}` for a default
       try: leave the argument out when it is none
       try: leave `-k` and its argument out when it is none

    error[RUSH0202]: `test` needs a value for `k`
       ╭─[ tasks.rush:6:11 ]
       │
     1 │ task test(k: string?, ...args: [string]) {
       │      ──┬─
       │        ╰─── `test` is declared here
       │
     6 │   needs: [test]
       │           ──┬─
       │             ╰─── here
    ───╯
      help: to leave out `k`, add `= none` where it is declared
       try: add `k`

    error[RUSH0004]: expected `:` and a type after `args`
       ╭─[ tasks.rush:9:15 ]
       │
     9 │ task other(...args) {}
       │               ──┬─
       │                 ╰─── here
    ───╯
      help: as in `...args: [string]`

    3 errors in 1 file; `rush explain RUSH0208` tells more
    "#);
    let text = text.replace("-k ${k}", "${...k}");
    let run = rush().file("tasks.rush", &text).args(["run", "test"]).status(2);
    run.stderr("add `--k string`; to leave out `k`, add `= none` where it is declared").run();
}
