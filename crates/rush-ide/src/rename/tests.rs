//! New names, and what keeps a thing from having one.

use super::{prepare_rename, rename};
use crate::fixture::Case;

/// Renames what is at `$0`; expects the files that changed, each behind a line `//- path`.
fn check(text: &str, name: &str, expect: &str) {
    let case = Case::new(text);
    let prepared = prepare_rename(&case.db, case.file, case.offset).unwrap();
    assert!(!prepared.name.is_empty());
    let mut edits = rename(&case.db, case.file, case.offset, name).unwrap();
    edits.sort_by_key(|it| std::cmp::Reverse(it.at.key()));
    let mut texts = std::collections::BTreeMap::<_, String>::new();
    for edit in edits {
        let file = case.db.file(edit.at.file).unwrap();
        let text = texts.entry(edit.at.file).or_insert_with(|| file.text(&case.db).to_string());
        text.replace_range(std::ops::Range::<usize>::from(edit.at.range), &edit.text);
    }
    let shown = texts
        .iter()
        .map(|(file, text)| format!("//- {}\n{text}", case.db.file(*file).unwrap().path(&case.db)));
    assert_eq!(shown.collect::<String>(), expect, "{text}");
    // Nobody notices but the reader.
    let mut after = rush_semantics::RushDatabase::default();
    for file in rush_semantics::names::files(&case.db) {
        let text = texts.get(&file.id(&case.db)).cloned();
        let text = text.unwrap_or_else(|| file.text(&case.db).to_string());
        after.set_file(file.path(&case.db), &text);
    }
    assert_eq!(codes(&after), codes(&case.db), "{text}");
}

fn codes(db: &rush_semantics::RushDatabase) -> Vec<String> {
    let files = rush_semantics::names::files(db);
    let found = files.flat_map(|it| rush_semantics::check::file_diagnostics(db, it));
    found.map(|it| it.code.to_string()).collect()
}

fn refused(text: &str, name: &str, expect: &str) {
    let case = Case::new(text);
    let refusal = prepare_rename(&case.db, case.file, case.offset)
        .and_then(|_| rename(&case.db, case.file, case.offset, name))
        .unwrap_err();
    assert_eq!(refusal.0, expect, "{text}");
}

#[test]
fn a_task_in_all_files() {
    check(
        "//- lib.rush\ntask build {}\n//- tasks.rush\nuse \"./lib.rush\" as lib\ntask a {\n  needs: [lib.bu$0ild]\n}\n",
        "compile",
        "//- lib.rush\ntask compile {}\n//- tasks.rush\nuse \"./lib.rush\" as lib\ntask a {\n  needs: [lib.compile]\n}\n",
    );
}

#[test]
fn a_task_that_all_finds_alone() {
    check(
        "//- a/tasks.rush\ntask te$0st {}\n//- tasks.rush\nworkspace { members: [\"a\"] }\ntask t {\n  needs: all(\"//*\", \"test\")\n}\n",
        "verify",
        "//- a/tasks.rush\ntask verify {}\n//- tasks.rush\nworkspace { members: [\"a\"] }\ntask t {\n  needs: all(\"//*\", \"verify\")\n}\n",
    );
    refused(
        "//- a/tasks.rush\ntask te$0st {}\n//- b/tasks.rush\ntask test {}\n//- tasks.rush\nworkspace { members: [\"*\"] }\ntask t {\n  needs: all(\"//*\", \"test\")\n}\n",
        "verify",
        "`all(.., \"test\")` finds it together with other tasks of this name",
    );
}

#[test]
fn a_parameter_in_calls_and_scripts() {
    check(
        "task a($0who: string) {\n  run: sh\"\"\"\n    echo \"$who\" ${who}\n  \"\"\"\n}\ntask b {\n  needs: [a(who: \"x\")]\n}\n",
        "name",
        "//- tasks.rush\ntask a(name: string) {\n  run: sh\"\"\"\n    echo \"$name\" ${name}\n  \"\"\"\n}\ntask b {\n  needs: [a(name: \"x\")]\n}\n",
    );
}

#[test]
fn other_things() {
    check(
        "task a {\n  let d = \"x\"\n  dir: $0d\n}\n",
        "e",
        "//- tasks.rush\ntask a {\n  let e = \"x\"\n  dir: e\n}\n",
    );
    check("type T = int\nlet x: $0T = 1\n", "U", "//- tasks.rush\ntype U = int\nlet x: U = 1\n");
    check(
        "type P = { left: int }\nlet p: P = { left: 1 }\nlet n = p.$0left\n",
        "l",
        "//- tasks.rush\ntype P = { l: int }\nlet p: P = { l: 1 }\nlet n = p.l\n",
    );
    check(
        "task a {\n  matrix: { os: [\"x\"] }\n  run: `e ${matrix.$0os}`\n}\ntask b {\n  needs: [a(os: \"x\")]\n}\n",
        "sys",
        "//- tasks.rush\ntask a {\n  matrix: { sys: [\"x\"] }\n  run: `e ${matrix.sys}`\n}\ntask b {\n  needs: [a(sys: \"x\")]\n}\n",
    );
    check(
        "//- lib.rush\ntask c {}\n//- tasks.rush\nuse \"./lib.rush\" as $0lib\ntask a {\n  needs: [lib.c]\n}\n",
        "l",
        "//- tasks.rush\nuse \"./lib.rush\" as l\ntask a {\n  needs: [l.c]\n}\n",
    );
    check(
        "task a {\n  env: { KE$0Y: \"1\" }\n  run: sh\"\"\"\n    echo \"$KEY\"\n  \"\"\"\n}\n",
        "TOKEN",
        "//- tasks.rush\ntask a {\n  env: { TOKEN: \"1\" }\n  run: sh\"\"\"\n    echo \"$TOKEN\"\n  \"\"\"\n}\n",
    );
    check(
        "param level: int = 1\nprofile p {\n  le$0vel: 2\n}\n",
        "depth",
        "//- tasks.rush\nparam depth: int = 1\nprofile p {\n  depth: 2\n}\n",
    );
    check("task $0a {}\n", "a", "");
}

#[test]
fn names_that_are_taken() {
    refused("task $0a {}\ntask b {}\n", "b", "`tasks.rush` has a task `b` already");
    refused("task a($0x: int, y: int) {}\n", "y", "`a` has a parameter `y` already");
    refused("let y = 1\ntask a($0x: int) {}\n", "y", "it would hide the let `y`");
    refused("let $0y = 1\ntask a(x: int) {}\n", "x", "`a` has a `x` of its own");
    refused("task $0y {}\ntask a(x: int) {\n  needs: [y]\n}\n", "x", "`a` has a `x` of its own");
    refused("task a {\n  let $0x = 1\n  let y = x\n}\n", "y", "`a` has a `y` already");
    refused(
        "task a($0x: string) {\n  run: sh\"\"\"\n    echo \"$x $HOME\"\n  \"\"\"\n}\n",
        "HOME",
        "a script reads another variable `HOME`",
    );
    refused(
        "task a($0x: string) {\n  run: sh\"\"\"\n    n=1\n    echo \"$x\"\n  \"\"\"\n}\n",
        "n",
        "a script sets a variable `n` of its own",
    );
    refused("type P = { $0a: int, b: int }\n", "b", "`P` has a field `b` already");
    refused("let $0x = 1\n", "host", "`host` means something of Rush already");
}

#[test]
fn names_that_are_none() {
    for name in ["", "1x", "a b", "a-b", "true", "in", "\"x\"", "x, y", "x = 2\nlet z", "x // y"] {
        refused(
            "let $0x = 1\n",
            name,
            &format!("`{name}` is no name: write letters, digits and `_`"),
        );
    }
}

#[test]
fn things_without_a_name_of_ones_own() {
    refused("task a {\n  ne$0eds: []\n}\n", "x", "`needs` belongs to Rush and can't be renamed");
    refused("ta$0sk a {}\n", "x", "`task` belongs to Rush and can't be renamed");
    refused("let x = $0host.os\n", "x", "`host` belongs to Rush and can't be renamed");
    refused("param x: string? = en$0v(\"X\")\n", "x", "`env` belongs to Rush and can't be renamed");
    refused("let x = $01\n", "x", "there is no name here that can be changed");
    refused(
        "//- lib.rush\nlet a = 1\n//- tasks.rush\nuse \"./l$0ib.rush\" as lib\n",
        "x",
        "this is a file; rename the file itself",
    );
    refused(
        "//- lib.rush\ntask b$0 {}\n//- tasks.rush\nuse \"./lib.rush\" as l\ntask a {\n  needs: [l.b]\n}\n",
        "_b",
        "other files use it, and `_b` would be private to this one",
    );
}
