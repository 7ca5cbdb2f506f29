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
task test_unit(long: bool = false) {
  run: `true`
}
service data_base {
  run: `true`
}
param registry: string = "localhost"
profile ci {
  registry: "r"
}
profile nightly {
  registry: "n"
}
workspace {
  members: ["web"]
}
"#;

const WEB: &str = "task test_pages(page: string = \"all\") { run: `true` }\n";

/// Asks as bash does: the words typed so far, the last one unfinished.
fn check(words: &[&str], expect: &[&str]) {
    let typed = ["--", "rush"].iter().chain(words).copied();
    let index = words.len().to_string();
    let asked = rush()
        .file("tasks.rush", TASKS)
        .file("web/tasks.rush", WEB)
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

#[test]
fn every_form_of_a_label_is_offered_where_it_was_begun() {
    check(&["run", "test"], &["test_unit"]);
    check(&["run", "test-"], &["test-unit"]);
    check(&["test-"], &["test-unit"]);
    check(&["run", "test-unit", "--lon"], &["--long"]);
    check(&["run", "//web"], &["//web:test_pages"]);
    check(&["//web"], &["//web:test_pages"]);
    check(&["run", "//:b"], &["//:build", "//:bundle"]);
    check(&["run", "//web:test_pages", "--pa"], &["--parallel", "--page"]);
    check(&["run", "build", "--force-task", "bun"], &["bundle"]);
    for verb in ["plan", "why", "describe", "graph"] {
        check(&[verb, "bui"], &["build"]);
    }
}

#[test]
fn what_task_files_name_is_offered() {
    for verb in ["run", "plan", "why", "describe", "up"] {
        check(&[verb, "--profile", ""], &["ci", "nightly"]);
        check(&[verb, "--set", "r"], &["registry="]);
    }
    check(&["build", "--profile", "n"], &["nightly"]);
    check(&["replay", "--set", ""], &["registry="]);
    check(&["up", "d"], &["data_base"]);
    check(&["down", "d"], &["data_base"]);
}

#[test]
fn settings_are_offered() {
    check(&["config", "get", "job"], &["jobs", "jobserver"]);
}
