//! New names, and what keeps a thing from having one.

use super::{prepare_rename, rename};
use crate::fixture::Case;

/// What renaming what is at `$0` comes to: the files that change, each behind a line `//- path`, or
/// `refused: ` and why.
fn outcome(text: &str, name: &str) -> String {
    let case = Case::new(text);
    let prepared = prepare_rename(&case.db, case.file, case.offset);
    let renamed = prepared.and_then(|prepared| {
        assert!(!prepared.name.is_empty());
        rename(&case.db, case.file, case.offset, name)
    });
    let mut edits = match renamed {
        Ok(edits) => edits,
        Err(refusal) => return format!("refused: {}", refusal.0),
    };
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
    shown.collect()
}

fn check(text: &str, name: &str, expect: &str) {
    assert_eq!(outcome(text, name), expect, "{text}");
}

fn refused(text: &str, name: &str, expect: &str) {
    check(text, name, &format!("refused: {expect}"));
}

/// Texts, new names and reasons.
fn all_refused(cases: &[(&str, &str, &str)]) {
    let found = cases.iter().map(|(text, name, _)| (*text, *name, outcome(text, name)));
    let expect = cases.iter().map(|(text, name, why)| (*text, *name, format!("refused: {why}")));
    let (found, expect): (Vec<_>, Vec<_>) = (found.collect(), expect.collect());
    let differ = found.iter().zip(&expect).filter(|(found, expect)| found != expect);
    let differ: Vec<String> =
        differ.map(|(found, expect)| format!("{found:?}\n  not {:?}", expect.2)).collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
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
        "the text \"test\" in the task `t` means the task `test` of b/tasks.rush, too",
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
fn a_field_may_have_the_name_of_a_method() {
    check(
        "type Point = { key$0s: int }\nfn of(it: Point) -> int = it.keys\n",
        "x",
        "//- tasks.rush\ntype Point = { x: int }\nfn of(it: Point) -> int = it.x\n",
    );
}

#[test]
fn a_name_may_be_the_kind_of_the_workspace() {
    check(
        "//- api/tasks.rush\ntask t {}\n//- lib.rush\nlet workspa$0ce = 1\nlet two = workspace\n//- tasks.rush\nuse \"./lib.rush\" as lib\nworkspace { members: [\"api\"] }\nlet n = lib.workspace\n",
        "one",
        "//- lib.rush\nlet one = 1\nlet two = one\n//- tasks.rush\nuse \"./lib.rush\" as lib\nworkspace { members: [\"api\"] }\nlet n = lib.one\n",
    );
}

#[test]
fn names_that_are_taken() {
    all_refused(&[
        ("task $0a {}\ntask b {}\n", "b", "the task `b` would be wrong: `b` is already declared"),
        (
            "task a($0x: int, y: int) {}\n",
            "y",
            "the task `a` would be wrong: `y` hides another `y` that is in scope here",
        ),
        (
            "let y = 1\ntask a($0x: int) {}\n",
            "y",
            "the task `a` would be wrong: `y` hides another `y` that is in scope here",
        ),
        (
            "let $0y = 1\ntask a(x: int) {}\n",
            "x",
            "the task `a` would be wrong: `x` hides another `x` that is in scope here",
        ),
        (
            "task $0y {}\ntask a(x: int) {\n  needs: [y]\n}\n",
            "x",
            "the task `a` would be wrong: expected a task or a service, found a whole number",
        ),
        (
            "task a {\n  let $0x = 1\n  let y = x\n}\n",
            "y",
            "the task `a` would be wrong: `y` hides another `y` that is in scope here",
        ),
        (
            "type P = { $0a: int, b: int }\n",
            "b",
            "`type P` would be wrong: field `b` is written twice",
        ),
        (
            "type W = | $0a(x: int) | b(x: int)\n",
            "b",
            "`b` in `type W` means the variant `b` of `type W` already",
        ),
    ]);
}

#[test]
fn names_that_are_taken_in_a_declaration() {
    all_refused(&[
        (
            "task a {\n  env { $0X: \"1\", Y: \"2\" }\n  run: `b`\n}\n",
            "Y",
            "the task `a` would be wrong: field `Y` is written twice",
        ),
        (
            "task a {\n  matrix { $0x: [1], y: [2] }\n  run: `b`\n}\n",
            "y",
            "the task `a` would be wrong: field `y` is written twice",
        ),
        (
            "task a(x: int = 1) {\n  matrix { $0y: [2] }\n  run: `b`\n}\n",
            "x",
            "`x` in the task `a` means the parameter `x` of the task `a` already",
        ),
        (
            "task a {\n  matrix { $0y: [2] }\n  run: `b ${matrix.y}`\n}\n",
            "exclude",
            "the task `a` would be wrong: expected a record, found the number 2",
        ),
        (
            "param $0cl: string = \"a\"\nprofile ci { cl: \"b\" }\n",
            "defaults",
            "the profile `ci` would be wrong: expected `Defaults`, found text",
        ),
        (
            "//- lib.rush\ntask b$0 {}\n//- tasks.rush\nuse \"./lib.rush\" as l\ntask a {\n  needs: [l.b]\n}\n",
            "_b",
            "the task `a` would be wrong: `_b` is private to lib.rush",
        ),
    ]);
}

#[test]
fn names_that_mean_something_else_to_a_script() {
    all_refused(&[
        (
            "task a($0x: string) {\n  run: sh\"\"\"\n    echo \"$x $HOME\"\n  \"\"\"\n}\n",
            "HOME",
            "`HOME` is another variable that a script of the task `a` reads",
        ),
        (
            "task a($0x: string) {\n  run: sh\"\"\"\n    n=1\n    echo \"$x\"\n  \"\"\"\n}\n",
            "n",
            "`n` is a variable that the script of the task `a` sets",
        ),
        (
            "let $0version = \"1\"\ntask b {\n  run: sh\"\"\"\n    ver=3\n    echo \"$version $ver\"\n  \"\"\"\n}\n",
            "ver",
            "`ver` is a variable that the script of the task `b` sets",
        ),
        (
            "let com$0piler = \"gcc -O\"\ntask a { run: `${compiler} x.c` }\ntask b {\n  run: sh\"\"\"\n    \"$CC\" y.c\n  \"\"\"\n}\n",
            "CC",
            "`CC` is another variable that a script of the task `b` reads",
        ),
        (
            "template t { env { MODE: \"x\" } }\ntask a($0m: string) extends t {\n  run: sh\"\"\"\n    echo \"$MODE $m\"\n  \"\"\"\n}\n",
            "MODE",
            "`MODE` in a script of the task `a` means the variable `MODE` that the template `t` sets",
        ),
        (
            "workspace { defaults { env { MODE: \"x\" } } }\ntask a($0m: string) {\n  run: sh\"\"\"\n    echo \"$m\"\n  \"\"\"\n}\n",
            "MODE",
            "`MODE` in a script of the task `a` means the variable `MODE` that the workspace sets",
        ),
        (
            "let $0x = \"a b\"\ntask a {\n  run: sh\"\"\"\n    echo \"$x\"\n  \"\"\"\n}\n",
            "path",
            "the task `a` would be wrong: exporting a value named `path` would break the script",
        ),
    ]);
}

#[test]
fn names_that_other_names_would_take_over() {
    all_refused(&[
        (
            "fn $0f(a: string, b: string) -> [string] = [a, b]\ntask a { run: `x ${...flag(\"-x\", \"1\")} ${...f(\"a\", \"b\")}` }\n",
            "flag",
            "`flag` in the task `a` means the function `flag` of Rush, and would mean this",
        ),
        (
            "fn f(x: int) -> int = x\ntask a($0n: int) { run: `echo ${f(n)}` }\n",
            "f",
            "the task `a` would be wrong: `f` hides another `f` that is in scope here",
        ),
        (
            "let $0x = 1\ntask a { run: `b ${host.os} ${x}` }\n",
            "host",
            "the task `a` would be wrong: `host` has no `os`",
        ),
        (
            "type $0T = \"a\" | \"b\"\nlet all_of = T.values\nlet other = 1\n",
            "other",
            "`let all_of` would be wrong: `other` has no `values`",
        ),
        (
            "//- a/tasks.rush\ntask $0one { run: `x` }\n//- tasks.rush\nworkspace { members: [\"*\"] }\ntask t {\n  needs: [...all(\"//*\", \"lint\")]\n  run: `y`\n}\n//- b/tasks.rush\ntask lint { run: `z` }\n",
            "lint",
            "the text \"lint\" in the task `t` would mean this, too",
        ),
        (
            "task b$0iuld { run: `x` }\ntask a { needs: [build] }\n",
            "build",
            "`build` is written in the task `a` already, and would mean this",
        ),
    ]);
}

#[test]
fn what_cannot_be_followed() {
    all_refused(&[
        (
            "let p = { $0port: 1 }\nlet k = p.keys()\n",
            "x",
            "`let k` takes the name of the field `port` as a text, which would change",
        ),
        (
            "let p = { $0port: 1 }\nlet has = \"port\" in p\n",
            "x",
            "`let has` takes the name of the field `port` as a text, which would change",
        ),
        (
            "let vars = { $0LEVEL: \"1\" }\ntask a {\n  env: vars\n  run: `b`\n}\n",
            "X",
            "the task `a` takes the name of the field `LEVEL` as a text, which would change",
        ),
        (
            "let vars = { $0LEVEL: \"1\" }\ntask a {\n  env { ...vars, MODE: \"x\" }\n  run: `b`\n}\n",
            "X",
            "the task `a` takes the name of the field `LEVEL` as a text, which would change",
        ),
        (
            "type Shape = { $0width: int }\nfn area(it: Shape) = it.width\nlet s = { width: 1 }\nlet n = area(s)\n",
            "w",
            "the field `width` is also written or read where no type with a name says what it belongs to; write the type there first",
        ),
        ("type W = { $0x: int } | { x: string }\n", "y", "`W` declares more than one field `x`"),
        (
            "profile $0ci {}\nlet mode = profile.name\nlet is_ci = mode == \"ci\"\n",
            "auto",
            "`let mode` hands `profile.name` on, so Rush can't tell which texts \"ci\" mean the profile",
        ),
    ]);
}

#[test]
fn what_is_wrong_already_does_not_become_another_mistake() {
    all_refused(&[
        (
            "let at: \"dev\" | \"prod\" | \"staging\" = \"dev\"\nlet n = { $0dev: 1, prod: 6 }[at]\n",
            "test",
            "the field `dev` is also written or read where no type with a name says what it belongs to; write the type there first",
        ),
        (
            "task $0make { run: `x` }\ntask b { needs: [\"make\"] }\n",
            "build",
            "the task `b` would be wrong: expected a task or a service, found text",
        ),
    ]);
    check(
        "task $0make { run: `x` }\ntask b { needs: [make(1)] }\n",
        "build",
        "//- tasks.rush\ntask build { run: `x` }\ntask b { needs: [build(1)] }\n",
    );
}

#[test]
fn fields_that_are_taken() {
    all_refused(&[
        ("let p = { $0a: 1, b: 2 }\n", "b", "`let p` would be wrong: field `b` is written twice"),
        (
            "fn f(c: { $0a: int, b: int }) = c.a\n",
            "b",
            "`fn f` would be wrong: field `b` is written twice",
        ),
        (
            "type W = | t($0a: int, b: int)\n",
            "b",
            "`type W` would be wrong: field `b` is written twice",
        ),
    ]);
}

#[test]
fn what_is_renamed_along() {
    check(
        "profile c$0i {}\nlet is_ci = profile.name == \"ci\" || profile.name in [\"x\", \"ci\"]\ntask a { run: `b ${profile.name ?? \"none\"}` }\n",
        "auto",
        "//- tasks.rush\nprofile auto {}\nlet is_ci = profile.name == \"auto\" || profile.name in [\"x\", \"auto\"]\ntask a { run: `b ${profile.name ?? \"none\"}` }\n",
    );
    check(
        "//- tasks.rush\nworkspace { members: [\"web\"] }\nprofile c$0i {}\n//- web/tasks.rush\nprofile ci {}\n",
        "auto",
        "//- tasks.rush\nworkspace { members: [\"web\"] }\nprofile auto {}\n//- web/tasks.rush\nprofile auto {}\n",
    );
    let base = "template t { env { MODE: \"x\" } }\n";
    let own = "task a extends t {\n  env { MO$0DE: none, OLD: base.env[\"MODE\"] }\n  run: sh\"\"\"\n    echo \"$MODE\"\n  \"\"\"\n}\n";
    let both = format!("{base}{own}");
    let renamed = both.replace("$0", "").replace("MODE", "KIND");
    check(&both, "KIND", &format!("//- tasks.rush\n{renamed}"));
    let defaults = "workspace { defaults { env { MODE: \"x\" } } }\ntask a {\n  run: sh\"\"\"\n    echo \"$MO$0DE\"\n  \"\"\"\n}\n";
    let renamed = defaults.replace("$0", "").replace("MODE", "KIND");
    check(defaults, "KIND", &format!("//- tasks.rush\n{renamed}"));
    // A name between quotes may be any text, there and back.
    let quoted = "task a {\n  env { \"MY-$0VAR\": \"1\" }\n  run: `b`\n}\n";
    check(quoted, "X-Y", &format!("//- tasks.rush\n{}", quoted.replace("MY-$0VAR", "X-Y")));
    // What nobody uses by that name may be hidden.
    check("let $0x = 1\n", "host", "//- tasks.rush\nlet host = 1\n");
}

#[test]
fn a_word_that_follows_names_is_a_name_too() {
    let text = "template $0t {}\ntask a extends t { run: `x` }\n";
    let renamed = "//- tasks.rush\ntemplate extends {}\ntask a extends extends { run: `x` }\n";
    check(text, "extends", renamed);
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
fn every_word_names_a_field() {
    check(
        "let x = { $0a: 1 }\nlet y = x.a\n",
        "if",
        "//- tasks.rush\nlet x = { if: 1 }\nlet y = x.if\n",
    );
    check("type P = { $0if: int }\n", "in", "//- tasks.rush\ntype P = { in: int }\n");
    refused("let x = { $0a: 1 }\n", "a-b", "`a-b` is no name: write letters, digits and `_`");
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
}

#[test]
fn fields_of_records_without_a_type() {
    check(
        "fn f(c: { $0x: int }) = c.x\nlet n = f({ x: 1 })\n",
        "y",
        "//- tasks.rush\nfn f(c: { y: int }) = c.y\nlet n = f({ y: 1 })\n",
    );
    check(
        "//- l.rush\nlet conf = { host: { name: \"x\" } }\n\
         //- tasks.rush\nuse \"./l.rush\" as l\nlet n = l.conf.host.$0name\n",
        "at",
        "//- l.rush\nlet conf = { host: { at: \"x\" } }\n\
         //- tasks.rush\nuse \"./l.rush\" as l\nlet n = l.conf.host.at\n",
    );
    check(
        "let all_of = [{ $0a: 1 }, { a: 2 }]\nlet n = [for it in all_of: it.a]\n",
        "b",
        "//- tasks.rush\nlet all_of = [{ b: 1 }, { b: 2 }]\nlet n = [for it in all_of: it.b]\n",
    );
    // Handed on to what declares the field itself.
    refused(
        "let p = { $0x: 1 }\nfn f(c: { x: int }) = c.x\nlet n = f(p)\n",
        "y",
        "the field `x` is also written or read where no type with a name says what it belongs to; \
         write the type there first",
    );
}

#[test]
fn what_a_script_reads_and_then_sets() {
    let task = "task a(ti$0tle: string) {\n  run: sh\"\"\"\n    title=${title%/}\n  \"\"\"\n}\n";
    let why = "a script has a variable `title` of its own, too: give that another name there first";
    refused(task, "head", why);
    let task = "task a(he$0ad: string) {\n  run: sh\"\"\"\n    echo \"$head\"\n    read -r title\n  \"\"\"\n}\n";
    refused(task, "title", "`title` is a variable that the script of the task `a` sets");
}

#[test]
fn what_a_script_takes_out_of_the_environment_by_name() {
    let script = |head: &str, taken: &str| {
        format!(
            "task a({head}: string) {{\n  run: node\"\"\"\n    const {{ {taken} }} = process.env\n  \"\"\"\n}}\n"
        )
    };
    check(
        &script("ti$0tle", "title: local, other"),
        "head",
        &format!("//- tasks.rush\n{}", script("head", "head: local, other")),
    );
    let why = "a script has a variable `title` of its own, too: give that another name there first";
    for taken in ["title", "other, title", "title = 'x'"] {
        refused(&script("ti$0tle", taken), "head", why);
    }
    // Nothing is taken out by that name.
    for taken in ["other = 'x, title'", "other, // title, more\n    last"] {
        let script = |head: &str| script(head, taken);
        check(&script("ti$0tle"), "head", &format!("//- tasks.rush\n{}", script("head")));
    }
}
