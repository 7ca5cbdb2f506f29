//! Where things are named.

use super::{Reference, highlights, references};
use crate::fixture::Case;
use crate::names::{Role, Where};

fn shown(case: &Case, found: &[Reference]) -> Vec<String> {
    let mark = |it: &Reference| match (it.role, it.place) {
        (Role::Declaration, _) => " declared",
        (Role::Write, _) => " written",
        (Role::Read, Where::Script | Where::ScriptName) => " in a script",
        (Role::Read, Where::Text) => " in a text",
        (Role::Read, Where::Code) => "",
    };
    found.iter().map(|it| format!("{}{}", case.show(it.at), mark(it))).collect()
}

fn check(text: &str, expect: &[&str]) {
    let case = Case::new(text);
    assert_eq!(shown(&case, &references(&case.db, case.file, case.offset)), expect, "{text}");
}

fn check_highlights(text: &str, expect: &[&str]) {
    let case = Case::new(text);
    assert_eq!(shown(&case, &highlights(&case.db, case.file, case.offset)), expect, "{text}");
}

#[test]
fn a_task_is_named_in_other_files() {
    check(
        "//- lib.rush\ntask build {}\ntask other {\n  needs: [build]\n}\n//- tasks.rush\nuse \"./lib.rush\" as lib\n\
         task build {}\ntask all_of_it {\n  needs: [lib.bu$0ild, build]\n}\n",
        &[
            "lib.rush:1:6 \"build\" declared",
            "lib.rush:3:11 \"build\"",
            "tasks.rush:4:15 \"build\"",
        ],
    );
}

#[test]
fn a_task_found_by_its_name() {
    check(
        "//- a/tasks.rush\ntask te$0st {}\n//- tasks.rush\nworkspace { members: [\"a\"] }\n\
         task test_all {\n  needs: all(\"//*\", \"test\")\n}\n",
        &["a/tasks.rush:1:6 \"test\" declared", "tasks.rush:3:22 \"test\" in a text"],
    );
}

#[test]
fn parameters_are_named_in_calls_and_scripts() {
    check(
        "task a($0who: string) {\n  run: sh\"\"\"\n    echo \"$who\" '$who' ${who}\n  \"\"\"\n}\n\
         task b {\n  needs: [a(who: \"x\")]\n}\n",
        &[
            "tasks.rush:1:8 \"who\" declared",
            "tasks.rush:3:12 \"who\" in a script",
            "tasks.rush:3:26 \"who\" in a script",
            "tasks.rush:7:13 \"who\" written",
        ],
    );
}

#[test]
fn locals_stay_at_home() {
    check(
        "task a {\n  let d = \"x\"\n  dir: $0d\n}\ntask b {\n  let d = \"y\"\n  dir: d\n}\n",
        &["tasks.rush:2:7 \"d\" declared", "tasks.rush:3:8 \"d\""],
    );
}

#[test]
fn files_are_named_by_use() {
    check(
        "//- lib.rush\n//! Docs.\n//- web/tasks.rush\nuse \"//lib.rush\" as lib\n//- tasks.rush\nuse \"./li$0b.rush\" as lib\n",
        &["web/tasks.rush:1:6 \"//lib.rush\" in a text", "tasks.rush:1:6 \"./lib.rush\" in a text"],
    );
}

#[test]
fn fields_of_kinds_and_types() {
    check(
        "type P = { left: int }\nlet p: P = { left: 1 }\nlet n = p.le$0ft\n",
        &[
            "tasks.rush:1:12 \"left\" declared",
            "tasks.rush:2:14 \"left\" written",
            "tasks.rush:3:11 \"left\"",
        ],
    );
}

#[test]
fn what_is_private_is_looked_for_in_its_file() {
    check(
        "//- a.rush\nlet _x = 1\n//- tasks.rush\nlet _$0x = 1\nlet y = _x\n",
        &["tasks.rush:1:5 \"_x\" declared", "tasks.rush:2:9 \"_x\""],
    );
}

#[test]
fn highlights_stay_in_the_file() {
    check_highlights(
        "//- a.rush\nuse \"./tasks.rush\" as t\ntask z {\n  needs: [t.b]\n}\n//- tasks.rush\ntask $0b {}\ntask c {\n  needs: [b]\n}\n",
        &["tasks.rush:1:6 \"b\" declared", "tasks.rush:3:11 \"b\""],
    );
    check_highlights(
        "task a {\n  ru$0n: `x`\n}\ntask b {\n  run: `y`\n}\n",
        &["tasks.rush:2:3 \"run\" written", "tasks.rush:5:3 \"run\" written"],
    );
    check_highlights("task a {\n  $0\n}\n", &[]);
}

#[test]
fn a_field_without_a_type_is_named_where_its_record_goes() {
    let text = "let p = { port: 1 }\nfn f(c: { port: int }) = c.port\nlet n = p.$0port\n\
                let m = f({ port: p.port })\n";
    let expect = [
        "tasks.rush:1:11 \"port\" declared",
        "tasks.rush:3:11 \"port\"",
        "tasks.rush:4:21 \"port\"",
    ];
    check(text, &expect);
    check_highlights(text, &expect);
    check(
        "fn f(c: { po$0rt: int }) = c.port\nlet m = f({ port: 1 })\n",
        &[
            "tasks.rush:1:11 \"port\" declared",
            "tasks.rush:1:28 \"port\"",
            "tasks.rush:2:13 \"port\" written",
        ],
    );
}
