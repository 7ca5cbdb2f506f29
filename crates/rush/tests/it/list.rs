//! `rush list`: what can be run, for people and for programs.

use crate::rush;

const TASKS: &str = r#"
/// Compile one crate.
///
/// With cargo.
task build(crate: "core" | "api", release: bool = false, features: [string] = [], ...args: [string]) {
  run: `true`
}
task _helper { run: `true` }
template common {}
"#;

#[test]
fn tasks_are_listed_with_their_flags() {
    let listed = rush().file("tasks.rush", TASKS).args(["list"]).status(0).run();
    insta::assert_snapshot!(listed.snapshot(), @r#"
    exit status: 0
    ----- stdout -----
    build  --crate CRATE [--release] [--features FEATURES...] [-- ARGS...]  Compile one crate.
    ----- stderr -----
    "#);
}

#[test]
fn private_tasks_and_templates_are_shown_when_asked_for() {
    let listed = rush().file("tasks.rush", TASKS).args(["list", "--all", "-o", "names"]);
    listed.status(0).stdout("_helper\nbuild\ncommon\n").run();
}

#[test]
fn json_has_labels_places_and_types() {
    let listed = rush().file("tasks.rush", TASKS).args(["list", "-o", "json"]).status(0).run();
    let all: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    let build = &all["tasks"][0];
    assert_eq!(build["label"], "//:build");
    assert_eq!(build["line"], 5);
    assert_eq!(build["params"][0]["required"], true);
}

#[test]
fn broken_items_are_counted_on_standard_error() {
    let rush = rush().file("tasks.rush", "task a {\n  run: `true`\n}\ntask b {\n  x: 1\n}\n");
    let rush = rush.args(["list", "-o", "names"]).status(0).stdout("a\n");
    rush.stderr("1 item has an error").run();
}

#[test]
fn the_docs_stand_in_one_column() {
    let tasks = "/// Short.\ntask a(on: bool = true) { run: `true` }\n\
                 /// Long.\ntask b(first_word: string = \"\", second_word: string = \"\", ...args: [string]) { run: `true` }\n\
                 /// Fits.\ntask c(filter: string?, ...args: [string]) { run: `true` }\n";
    let listed = rush().file("tasks.rush", tasks).args(["list"]).status(0).run();
    insta::assert_snapshot!(listed.stdout, @r#"
    a  [--no-on]                     Short.
    b  [--first-word FIRST_WORD] [--second-word SECOND_WORD] [-- ARGS...]
                                     Long.
    c  --filter FILTER [-- ARGS...]  Fits.
    "#);
}
