//! What Tab offers, as a shell asks for it.

use crate::rush;

const TASKS: &str = r#"
/// Build one crate.
task build(crate: "core" | "api" | "cli", release: bool = false) {
  run: `true`
}
task bundle {
  run: `true`
}
"#;

/// Asks as bash does: the words typed so far, the last one unfinished.
fn check(words: &[&str], expect: &[&str]) {
    let typed = ["--", "rush"].iter().chain(words).copied();
    let index = words.len().to_string();
    let asked = rush()
        .file("tasks.rush", TASKS)
        .args(typed)
        .env("RUSH_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", &index)
        .env("_CLAP_IFS", "\n")
        .run();
    let offered: Vec<_> = asked.stdout.lines().collect();
    assert_eq!(offered, expect, "{}", asked.snapshot());
}

#[test]
fn tasks_are_offered_where_a_label_stands() {
    check(&["run", "bu"], &["build", "bundle"]);
    check(&["describe", "bui"], &["build"]);
}

#[test]
fn a_task_is_offered_where_a_verb_could_stand() {
    check(&["bun"], &["bundle"]);
}

#[test]
fn the_flags_of_the_typed_task_are_offered() {
    check(&["run", "build", "--cr"], &["--crate"]);
    check(&["build", "--no-re"], &["--no-release"]);
}

#[test]
fn the_members_of_a_union_are_offered() {
    check(&["run", "build", "--crate", ""], &["core", "api", "cli"]);
    check(&["build", "--crate", "a"], &["api"]);
}

#[test]
fn each_shell_gets_a_script_that_asks_rush() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = rush().args(["completions", shell]).status(0).run();
        assert!(script.stdout.contains("RUSH_COMPLETE"), "{shell}: {}", script.stdout);
    }
}
