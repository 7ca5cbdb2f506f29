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
