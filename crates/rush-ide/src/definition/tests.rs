//! Where names lead.

use super::{definition, type_definition};
use crate::fixture::Case;
use crate::place::FileRange;

/// Expects the places that the name at `$0` leads to.
fn check(text: &str, expect: &[&str]) {
    let case = Case::new(text);
    let found = definition(&case.db, case.file, case.offset);
    let found: Vec<FileRange> =
        found.into_iter().flat_map(|it| it.targets).map(|it| it.name).collect();
    assert_eq!(found.into_iter().map(|it| case.show(it)).collect::<Vec<_>>(), expect, "{text}");
}

fn check_type(text: &str, expect: &[&str]) {
    let case = Case::new(text);
    let found = type_definition(&case.db, case.file, case.offset);
    let found: Vec<FileRange> =
        found.into_iter().flat_map(|it| it.targets).map(|it| it.name).collect();
    assert_eq!(found.into_iter().map(|it| case.show(it)).collect::<Vec<_>>(), expect, "{text}");
}

/// The start of the place in the prelude, whose lines may move.
fn check_prelude(text: &str, name: &str) {
    let case = Case::new(text);
    let found = definition(&case.db, case.file, case.offset).unwrap();
    let shown = case.show(found.targets[0].name);
    assert!(shown.starts_with("<prelude>:") && shown.ends_with(&format!("\"{name}\"")), "{shown}");
}

#[test]
fn items_of_the_file() {
    check("task a {}\ntask b {\n  needs: [$0a]\n}\n", &["tasks.rush:1:6 \"a\""]);
    check("task a {}\ntask b {\n  needs: [a$0]\n}\n", &["tasks.rush:1:6 \"a\""]);
    check("let x = 1\nlet y = $0x + 1\n", &["tasks.rush:1:5 \"x\""]);
    check("param p: int = 1\nlet y = p$0\n", &["tasks.rush:1:7 \"p\""]);
    check("fn f(a: int) = a\nlet y = $0f(1)\n", &["tasks.rush:1:4 \"f\""]);
    check("type T = int\nlet y: $0T = 1\n", &["tasks.rush:1:6 \"T\""]);
    check("type T = int\ntask a(x: $0T) {}\n", &["tasks.rush:1:6 \"T\""]);
    check("template t {}\ntask a extends $0t {}\n", &["tasks.rush:1:10 \"t\""]);
    check(
        "secret s { from: env(\"S\") }\ntask a {\n  env: { S: $0s }\n}\n",
        &["tasks.rush:1:8 \"s\""],
    );
    check("service s {\n  run: `x`\n}\ntask a {\n  needs: [$0s]\n}\n", &["tasks.rush:1:9 \"s\""]);
    check("task $0a {}\n", &["tasks.rush:1:6 \"a\""]);
    check("let x = $0nothing\n", &[]);
    check("$0\n", &[]);
}

#[test]
fn parameters_and_locals() {
    check("task a(x: int) {\n  run: `echo ${$0x}`\n}\n", &["tasks.rush:1:8 \"x\""]);
    check("task a(x: int) {}\ntask b {\n  needs: [a($0x: 1)]\n}\n", &["tasks.rush:1:8 \"x\""]);
    check("task a {\n  let d = \"x\"\n  dir: $0d\n}\n", &["tasks.rush:2:7 \"d\""]);
    check("fn f(xs: [int]) = [for x in xs: $0x]\n", &["tasks.rush:1:24 \"x\""]);
    check("template t(x: int) {}\ntask a extends t($0x: 1) {}\n", &["tasks.rush:1:12 \"x\""]);
    check(
        "service s(port: int = 1) {\n  run: `x`\n}\ntask a {\n  needs: [s]\n  run: `x ${s.$0port}`\n}\n",
        &["tasks.rush:1:11 \"port\""],
    );
}

#[test]
fn from_a_script_to_what_it_reads() {
    check(
        "task a(who: string) {\n  run: sh\"\"\"\n    echo \"${wh$0o}\"\n  \"\"\"\n}\n",
        &["tasks.rush:1:8 \"who\""],
    );
    check(
        "let who = \"x\"\ntask a {\n  run: bash\"\"\"\n    echo \"$w$0ho\"\n  \"\"\"\n}\n",
        &["tasks.rush:1:5 \"who\""],
    );
    check(
        "task a {\n  env: { KEY: \"1\" }\n  run: sh\"\"\"\n    echo \"$KE$0Y\"\n  \"\"\"\n}\n",
        &["tasks.rush:2:10 \"KEY\""],
    );
    check("task a(x: string) {\n  run: sh\"\"\"\n    echo '$$0x'\n  \"\"\"\n}\n", &[]);
}

#[test]
fn other_files() {
    let lib =
        "//- lib/x.rush\n/// Docs.\ntask build {}\ntype Mode = \"a\" | \"b\"\n//- tasks.rush\n";
    let check = |text: &str, expect: &[&str]| check(&format!("{lib}{text}"), expect);
    check(
        "use \"./lib/x.rush\" as x\ntask a {\n  needs: [x.$0build]\n}\n",
        &["lib/x.rush:2:6 \"build\""],
    );
    check(
        "use \"./lib/x.rush\" as x\ntask a {\n  needs: [$0x.build]\n}\n",
        &["tasks.rush:1:23 \"x\""],
    );
    check("use \"./lib/$0x.rush\" as x\n", &["lib/x.rush:1:1 \"\""]);
    check("use \"./lib/x.rush\" as x\nlet m: x.$0Mode = \"a\"\n", &["lib/x.rush:3:6 \"Mode\""]);
    check("use \"./lib/x.rush\" as x\nlet m = x.$0Mode.values\n", &["lib/x.rush:3:6 \"Mode\""]);
}

#[test]
fn all_leads_to_each_task() {
    check(
        "//- a/tasks.rush\ntask test {}\n//- b/tasks.rush\ntask test {}\n//- tasks.rush\nworkspace { members: [\"a\", \"b\"] }\n\
         task test_all {\n  needs: all(\"//*\", \"te$0st\")\n}\n",
        &["a/tasks.rush:1:6 \"test\"", "b/tasks.rush:1:6 \"test\""],
    );
}

#[test]
fn into_the_prelude() {
    check_prelude("task a {\n  ne$0eds: []\n}\n", "needs");
    check_prelude("ta$0sk a {}\n", "task");
    check_prelude("task a {\n  retry { att$0empts: 2 }\n}\n", "attempts");
    check_prelude("task a {\n  retry { attempts: 2, delay: fi$0xed(1s) }\n}\n", "fixed");
    check_prelude("let r: Re$0try = { attempts: 2 }\n", "Retry");
    check_prelude("template t {\n  di$0r: \"x\"\n}\n", "dir");
}

#[test]
fn fields_and_axes() {
    check(
        "type P = { left: int }\nlet p: P = { left: 1 }\nlet n = p.$0left\n",
        &["tasks.rush:1:12 \"left\""],
    );
    check("type P = { left: int }\nlet p: P = { $0left: 1 }\n", &["tasks.rush:1:12 \"left\""]);
    check("type P = one(x: int) | two\nlet p: P = $0two\n", &[]);
    check("type P = one(x: int) | two()\nlet p: P = $0one(1)\n", &["tasks.rush:1:10 \"one\""]);
    check("type P = one(x: int) | two()\nlet p: P = one($0x: 1)\n", &["tasks.rush:1:14 \"x\""]);
    check(
        "task a {\n  matrix: { os: [\"x\"] }\n  run: `echo ${matrix.$0os}`\n}\n",
        &["tasks.rush:2:13 \"os\""],
    );
    check("param n: int = 1\nprofile p {\n  $0n: 2\n}\n", &["tasks.rush:1:7 \"n\""]);
}

#[test]
fn broken_files_lead_somewhere_too() {
    check("task a {}\ntask b {\n  needs: [$0a\n", &["tasks.rush:1:6 \"a\""]);
    check("task a(x: int {}\n\ntask b {\n  needs: [$0a]\n", &["tasks.rush:1:6 \"a\""]);
    check("let x = 1\nlet y = $0x +\n", &["tasks.rush:1:5 \"x\""]);
}

#[test]
fn types_of_things() {
    check_type("type T = int\nlet x: T = 1\nlet y = $0x\n", &["tasks.rush:1:6 \"T\""]);
    check_type("type T = int\ntask a($0x: T) {}\n", &["tasks.rush:1:6 \"T\""]);
    check_type(
        "type T = int\ntask a(xs: [T]) {\n  run: `e ${...$0xs}`\n}\n",
        &["tasks.rush:1:6 \"T\""],
    );
    check_type("let x = 1\nlet y = $0x\n", &[]);
}

#[test]
fn fields_of_records_without_a_type() {
    check("let p = { port: 1 }\nlet n = p.$0port\n", &["tasks.rush:1:11 \"port\""]);
    check("fn f(c: { port: int }) = c.$0port\n", &["tasks.rush:1:11 \"port\""]);
    check(
        "let n = f({ po$0rt: 1 })\nfn f(c: { port: int }) = c.port\n",
        &["tasks.rush:2:11 \"port\""],
    );
    check("type C = { h: { z: int } }\nfn f(c: C) = c.h.$0z\n", &["tasks.rush:1:17 \"z\""]);
    check("fn f() = { a: 1 }\nlet n = f().$0a\n", &["tasks.rush:1:12 \"a\""]);
    check("let a = { x: 1 }\nlet b = { ...a, y: 2 }\nlet n = b.$0x\n", &["tasks.rush:1:11 \"x\""]);
    check("task a {\n  let c = { n: 1 }\n  run: `echo ${c.$0n}`\n}\n", &["tasks.rush:2:13 \"n\""]);
    check(
        "//- tasks.rush\nuse \"./l.rush\" as l\nlet n = l.conf.host.$0name\n\
         //- l.rush\nlet conf = { host: { name: \"x\" } }\n",
        &["l.rush:1:22 \"name\""],
    );
    check_prelude("service s {\n  run: `x`\n  ready { $0probe: tcp(1) }\n}\n", "probe");
}

#[test]
fn fields_of_the_elements_of_a_list() {
    check(
        "let all_of = [{ a: 1 }, { a: 2 }]\nlet n = [for it in all_of: it.$0a]\n",
        &["tasks.rush:1:17 \"a\""],
    );
    check("let all_of = [{ a: 1 }, { $0a: 2 }]\n", &["tasks.rush:1:17 \"a\""]);
    check(
        "fn f(e: \"d\" | \"p\") = { d: { n: 1 }, p: { n: 2 } }[e].$0n\n",
        &["tasks.rush:1:29 \"n\"", "tasks.rush:1:42 \"n\""],
    );
    check("fn f(e: bool) = (if e then { n: 1 } else { n: 2 }).$0n\n", &["tasks.rush:1:30 \"n\""]);
}

#[test]
fn records_that_hold_each_other_end() {
    check("let a = { x: b.x }\nlet b = a\nlet n = b.$0x\n", &["tasks.rush:1:11 \"x\""]);
    check("let a = b\nlet b = a\nlet n = b.$0x\n", &[]);
}
