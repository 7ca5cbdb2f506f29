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
