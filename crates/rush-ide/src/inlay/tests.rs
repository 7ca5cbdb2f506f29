//! One `check` for hints; the cases are data.

use text_size::{TextRange, TextSize};

use super::{HintConfig, HintKind, Padding, inlay_hints};
use crate::completion::tests::FixtureFiles;
use crate::fixture::Case;

fn hints(fixture: &str, config: &HintConfig) -> String {
    let case = Case::new(fixture);
    let text = case.file.text(&case.db).clone();
    let all = TextRange::up_to(TextSize::of(&*text));
    let files = FixtureFiles::of(&case);
    let mut found = inlay_hints(&case.db, &files, case.file, all, config);
    let mut shown = String::from(&*text);
    found.reverse();
    for hint in found {
        let label = match hint.padding {
            Padding::Before => format!("[ {}]", hint.label),
            Padding::After => format!("[{} ]", hint.label),
        };
        shown.insert_str(hint.at.into(), &label);
    }
    shown
}

/// The lines of the file that have a hint, with it between brackets.
fn check((kind, fixture, expect): &(HintKind, &str, &str)) -> Option<String> {
    let profile = fixture.contains("profile ci").then(|| "ci".to_owned());
    let shown = hints(fixture, &HintConfig { shown: vec![*kind], profile });
    let text = Case::new(fixture).file.text(&Case::new(fixture).db).to_string();
    let changed = shown.lines().zip(text.lines()).filter(|(a, b)| a != b);
    let found = changed.map(|(line, _)| line.trim()).collect::<Vec<_>>().join(" | ");
    (found != *expect).then(|| format!("--- {fixture}\nexpected {expect}\nfound    {found}\n"))
}

#[test]
fn what_is_not_written_is_shown() {
    let failed: String = CASES.iter().filter_map(check).collect();
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn each_kind_can_be_left_out_and_a_range_asked_for() {
    let fixture = "fn f(a: int) -> int = a\nlet x = f(1)\nlet y = f(2)\n";
    let none = HintConfig { shown: Vec::new(), profile: None };
    assert!(!hints(fixture, &none).contains('['));
    let case = Case::new(fixture);
    let line = TextRange::new(24.into(), 36.into());
    let files = FixtureFiles::of(&case);
    let found = inlay_hints(&case.db, &files, case.file, line, &HintConfig::all());
    assert_eq!(found.len(), 1);
    let source = found[0].source.unwrap();
    assert_eq!(case.show(source), "tasks.rush:1:6 \"a: int\"");
}

#[test]
fn a_hint_says_where_a_value_comes_from() {
    let case = Case::new("workspace {\n  defaults { timeout: 20m }\n}\ntask a {\n}\n");
    let text = case.file.text(&case.db).clone();
    let all = TextRange::up_to(TextSize::of(&*text));
    let files = FixtureFiles::of(&case);
    let found = inlay_hints(&case.db, &files, case.file, all, &HintConfig::all());
    let tooltip = found[0].tooltip.clone().unwrap();
    assert_eq!(
        tooltip,
        "From `defaults` of the workspace in tasks.rush:\n```rush-tasks\ntimeout: 20m\n```"
    );
    assert_eq!(case.show(found[0].source.unwrap()), "tasks.rush:2:12 \"{ timeout: 20m }\"");
}

const CASES: &[(HintKind, &str, &str)] = &[
    (
        HintKind::Argument,
        "fn f(a: int, b: bool) -> int = a\nlet x = f(1, true)\n",
        "let x = f([a: ]1, [b: ]true)",
    ),
    (HintKind::Argument, "fn f(a: int) -> int = a\nlet a = 1\nlet x = f(a)\n", ""),
    (
        HintKind::Argument,
        "fn f(size: int) -> int = size\nlet max_size = 1\nlet x = f(max_size)\n",
        "",
    ),
    (HintKind::Argument, "fn f(a: int) -> int = a\nlet x = f(a: 1)\n", ""),
    (
        HintKind::Argument,
        "task b(e: string, n: int = 1) {}\ntask a {\n  needs: [b(\"x\", 2)]\n}\n",
        "needs: [b([e: ]\"x\", [n: ]2)]",
    ),
    (
        HintKind::Argument,
        "template t(n: int) {}\ntask a extends t(1) {\n}\n",
        "task a extends t([n: ]1) {",
    ),
    (
        HintKind::Argument,
        "task a {\n  retry { attempts: 2, delay: exponential(1s, 3.0) }\n}\n",
        "retry { attempts: 2, delay: exponential([first: ]1s, [factor: ]3.0) }",
    ),
    (
        HintKind::Argument,
        "service s {\n  run: `x`\n  ready { probe: tcp(80) }\n}\n",
        "ready { probe: tcp([port: ]80) }",
    ),
    (
        HintKind::Argument,
        "let x = flag(\"a\", \"b\")\n",
        "let x = flag([name: ]\"a\", [value: ]\"b\")",
    ),
    (HintKind::Argument, "task a {\n  inputs: files(\"*.c\")\n}\n", ""),
    (HintKind::Argument, "type P = int(1..=9)\nlet x = P(1)\n", ""),
    (HintKind::Argument, "fn f(a: int) -> int = a\nlet x = f(\n", ""),
    (
        HintKind::Default,
        "template t {\n  timeout: 5m\n  inputs: [\"x\"]\n}\ntask a extends t {\n  inputs: []\n}\n",
        "task a extends t {[ t: timeout 5m]",
    ),
    (
        HintKind::Default,
        "workspace {\n  defaults { timeout: 20m }\n}\ntask a {\n}\n",
        "task a {[ workspace: timeout 20m]",
    ),
    (
        HintKind::Default,
        "workspace {\n  defaults { timeout: 20m }\n}\ntask a {\n  timeout: 1m\n}\n",
        "",
    ),
    (
        HintKind::Default,
        "workspace {\n  defaults { timeout: 20m, log: \"stream\" }\n}\nprofile ci {\n  defaults { log: \"grouped\" }\n}\ntask a {\n}\n",
        "task a {[ profile ci: log \"grouped\"][ workspace: timeout 20m]",
    ),
    (
        HintKind::Default,
        "workspace {\n  defaults { env { A: \"1\", B: \"2\" } }\n}\ntask a {\n  env { A: \"3\" }\n}\n",
        "task a {[ workspace: env B]",
    ),
    (
        HintKind::Default,
        "template t {\n  env { A: \"1\" }\n}\ntask a extends t {\n  env { B: \"3\" }\n}\n",
        "task a extends t {[ t: env A]",
    ),
    (
        HintKind::Default,
        "template t {\n  timeout: 1m\n}\ntemplate u extends t {\n  log: \"quiet\"\n}\ntask a extends u {\n}\n",
        "template u extends t {[ t: timeout 1m] | task a extends u {[ u: log \"quiet\"][ t: timeout 1m]",
    ),
    (
        HintKind::Default,
        "template t {\n  run: sh\"\"\"\n    echo a\n  \"\"\"\n}\ntask a extends t {\n}\n",
        "task a extends t {[ t: run]",
    ),
    (HintKind::Default, "template t {}\ntask a extends t {\n}\ntask b {\n}\n", ""),
    (HintKind::Default, "task a extends a {\n  timeout: 1m\n}\n", ""),
    (
        HintKind::Default,
        "workspace {\n  defaults { timeout: 20m }\n}\nservice s {\n  run: `x`\n}\n",
        "",
    ),
    (
        HintKind::Files,
        "//- tasks.rush\ntask a {\n  inputs: [\"*.c\"]\n}\n//- a.c\n//- b.c\n",
        "inputs: [\"*.c\"][ 2 files]",
    ),
    (
        HintKind::Files,
        "//- tasks.rush\ntask a {\n  inputs: [\"*.c\", \"x\"]\n}\n//- a.c\n",
        "inputs: [\"*.c\", \"x\"][ 1 file]",
    ),
    (HintKind::Files, "task a {\n  inputs: [\"*.c\"]\n}\n", "inputs: [\"*.c\"][ no file]"),
    (
        HintKind::Files,
        "//- tasks.rush\nworkspace { members: [\"p/*\", \"q\"] }\n//- p/x/tasks.rush\n//- q/tasks.rush\n//- r/tasks.rush\n",
        "workspace { members: [\"p/*\", \"q\"][ 2 packages] }",
    ),
    (
        HintKind::Files,
        "workspace { members: [\"p\"] }\n",
        "workspace { members: [\"p\"][ no package] }",
    ),
    (HintKind::Files, "task a {\n  outputs: [\"*.c\"]\n}\n", ""),
    (
        HintKind::Files,
        "//- tasks.rush\nlet src = [\"*.c\"]\ntask a {\n  inputs: [...src, \"y\"]\n}\n//- a.c\n//- y\n",
        "inputs: [...src, \"y\"][ 2 files]",
    ),
    (
        HintKind::Files,
        "//- tasks.rush\nlet src = [\"*.c\"]\ntask a {\n  inputs: src\n}\n//- a.c\n",
        "inputs: src[ 1 file]",
    ),
    (
        HintKind::Files,
        "//- web/tasks.rush\ntask a {\n  inputs: [\"*.c\"]\n}\n//- web/a.c\n//- b.c\n",
        "inputs: [\"*.c\"][ 1 file]",
    ),
    (HintKind::Files, "task a(n: string) {\n  inputs: [\"${n}.c\"]\n}\n", ""),
    (HintKind::Files, "task a {\n  inputs: []\n}\n", ""),
    (
        HintKind::Cells,
        "task a {\n  matrix {\n    os: [\"l\", \"m\"]\n    v: [1, 2, 3]\n  }\n}\n",
        "matrix[ 6 cells] {",
    ),
    (HintKind::Cells, "task a {\n  matrix { os: [\"l\"] }\n}\n", "matrix[ 1 cell] { os: [\"l\"] }"),
    (
        HintKind::Cells,
        "task a {\n  matrix {\n    os: [\"l\", \"m\"]\n    v: [1, 2]\n    exclude: [{ os: \"l\", v: 2 }]\n  }\n}\n",
        "matrix[ 3 cells] {",
    ),
    (
        HintKind::Cells,
        "task a {\n  matrix {\n    os: [\"l\", \"m\"]\n    v: [1, 2]\n    exclude: [{ os: \"l\" }]\n    include: [{ os: \"x\", v: 9 }]\n  }\n}\n",
        "matrix[ 3 cells] {",
    ),
    (
        HintKind::Cells,
        "type C = \"a\" | \"b\" | \"c\"\ntask a {\n  matrix { c: C.values }\n}\n",
        "matrix[ 3 cells] { c: C.values }",
    ),
    (HintKind::Cells, "task a(xs: [string]) {\n  matrix { c: xs }\n}\n", ""),
    (HintKind::Cells, "task a {\n  matrix { }\n}\n", ""),
];
