//! What Tab offers, as a shell asks for it.

use crate::rush;

const TASKS: &str = r#"
/// Build one crate.
task build(crate: "core" | "api" | "cli", release: bool = false) {
  run: `true`
}
task bundle(formats: ["deb" | "rpm"] = []) {
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
    check(&["cache", "verify", "bui"], &["build"]);
    check(&["cache", "verify", "test-unit", "--lon"], &["--long"]);
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

#[test]
fn runs_are_offered_with_what_became_of_them() {
    let tasks = "task good { run: `true` }\ntask bad { run: `false` }\n";
    let ran = rush().file("tasks.rush", tasks).args(["run", "good"]).status(0).run();
    let mut ran = ran.then().args(["run", "bad"]).status(1).run();
    for (verb, tasks) in [("retry", 0), ("logs", 2), ("runs show", 0), ("runs diff last", 0)] {
        let words = ["--", "rush"].into_iter().chain(verb.split(' ')).chain([""]);
        ran = ran.then().args(words).env("RUSH_COMPLETE", "fish").run();
        let offered: Vec<_> = ran.stdout.lines().filter(|it| !it.starts_with('-')).collect();
        let ends = |at: usize, end: &str| offered.get(at).is_some_and(|it| it.ends_with(end));
        assert!(ends(0, " s ago: bad") && ends(1, " s ago: bad"), "{verb}: {offered:?}");
        assert!(offered[0].starts_with("last\tfailed, "), "{verb}: {offered:?}");
        assert!(ends(2, " s ago: good") && offered[2].contains("\tsucceeded, "), "{offered:?}");
        assert_eq!(offered.len(), 3 + tasks, "{verb}: {offered:?}");
    }
    // No run goes on, and none was lost.
    for verb in ["cancel", "resume"] {
        ran = ran.then().args(["--", "rush", verb, ""]).env("RUSH_COMPLETE", "fish").run();
        assert_eq!(ran.stdout.lines().find(|it| !it.starts_with('-')), None, "{verb}");
    }
}

#[test]
fn a_list_flag_offers_the_members_of_its_elements() {
    check(&["run", "bundle", "--formats", ""], &["deb", "rpm"]);
    check(&["run", "bundle", "--formats", "deb", "--formats", "r"], &["rpm"]);
}

#[test]
fn files_are_offered_where_a_path_is_wanted() {
    check(&["check", "ta"], &["tasks.rush"]);
    check(&["fmt", "web/t"], &["web/tasks.rush"]);
    check(&["-C", "w"], &["web/"]);
    check(&["-C", "web", "check", "t"], &["tasks.rush"]);
    check(&["run", "--plan", "ta"], &["tasks.rush"]);
    check(&["run", "build", "--trace", "ta"], &["tasks.rush"]);
    check(&["plan", "build", "--out", "we"], &["web/"]);
    // No directory but for `-C`.
    check(&["-C", "ta"], &[]);
}

#[test]
fn what_is_done_with_a_plan_in_a_file_is_offered() {
    check(&["plan", "ver"], &["verify"]);
    check(&["plan", "show", "ta"], &["tasks.rush"]);
    check(&["plan", "diff", "a.json", "ta"], &["tasks.rush"]);
    check(&["plan", "diff", "a.json", "b.json", "--format", ""], &["text", "json"]);
    check(&["plan", "build", "ver"], &[]);
}

#[test]
fn what_goes_to_the_task_as_it_is_may_be_a_file() {
    check(&["run", "build", "--", "bu"], &[]);
    check(&["run", "build", "--", "ta"], &["tasks.rush"]);
    check(&["build", "--", "ta"], &["tasks.rush"]);
}
