//! `rush fmt`: files, standard input, and what it leaves alone.

use crate::rush;

const UGLY: &str = "task a {\n run: `true`\n}\n";
const PRETTY: &str = "task a {\n  run: `true`\n}\n";

#[test]
fn files_are_formatted_once() {
    let first = rush().file("tasks.rush", UGLY).args(["fmt"]).status(0);
    let first = first.stderr("formatted tasks.rush").run();
    assert_eq!(first.read("tasks.rush"), PRETTY);
    assert_eq!(first.then().args(["fmt"]).status(0).run().stderr, "");
}

#[test]
fn a_check_only_says_what_would_change() {
    let found = rush().file("tasks.rush", UGLY).args(["fmt", "--check"]).status(1);
    let found = found.stderr("RUSH0801").run();
    assert_eq!(found.read("tasks.rush"), UGLY);
    let diff = found.then().args(["fmt", "--diff"]).status(0).run();
    assert!(diff.stdout.contains("- run: `true`\n+  run: `true`\n"), "{}", diff.stdout);
}

#[test]
fn standard_input_becomes_standard_output() {
    rush().stdin(UGLY).args(["fmt", "-"]).status(0).stdout(PRETTY).run();
}

#[test]
fn a_broken_item_is_left_as_it_is() {
    let broken = "task  b {\n   run: (\n}\n";
    let text = format!("{broken}\n{UGLY}");
    let rush = rush().file("tasks.rush", &text).args(["fmt"]).status(1).run();
    assert_eq!(rush.read("tasks.rush"), format!("{broken}\n{PRETTY}"));
}

#[test]
fn comments_and_line_ends_survive() {
    let text = "// one\r\ntask a { // two\r\n run: `true` // three\r\n}\r\n";
    let rush = rush().file("tasks.rush", text).args(["fmt"]).status(0).run();
    let formatted = rush.read("tasks.rush");
    assert!(["one", "two", "three"].iter().all(|it| formatted.contains(it)), "{formatted}");
    assert_eq!(formatted.matches('\n').count(), formatted.matches("\r\n").count());
}

#[test]
fn a_check_for_programs_names_every_file() {
    let text = "task  b {\n   run: (\n}\n";
    let rush = rush().file("tasks.rush", UGLY).file("good.rush", PRETTY).file("bad.rush", text);
    let args = ["fmt", "--check", "-o", "json", "tasks.rush", "good.rush", "bad.rush"];
    let found = rush.args(args).status(1).run();
    let found: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(found["version"], 1);
    let file = |name: &str| {
        let files = found["files"].as_array().unwrap();
        let is_it = |it: &&serde_json::Value| it["path"].as_str().unwrap().ends_with(name);
        let file = files.iter().find(is_it).unwrap();
        (file["formatted"].as_bool().unwrap(), file["broken"].as_bool().unwrap())
    };
    assert_eq!(file("tasks.rush"), (false, false));
    assert_eq!(file("good.rush"), (true, false));
    assert_eq!(file("bad.rush"), (true, true));
}

#[test]
fn only_a_check_has_a_form_for_programs() {
    rush().file("tasks.rush", UGLY).args(["fmt", "-o", "json"]).status(2).stdout("").run();
}
