//! Each production of `grammar/rush.ebnf` has a text it accepts and one it rejects.

use rush_syntax::{Dialect, parse_item, split};

use crate::corpus::KINDS;

const GRAMMAR: &str = include_str!("../../../../grammar/rush.ebnf");

/// The id of a production, a text that uses it, and one that breaks it.
const CASES: [(&str, &str, &str); 38] = [
    ("file", "let a = 1\nlet b = 2\n", "1\n"),
    ("item", "/// D.\nlet a = 1\n", "let a = 1 let b = 2\n"),
    ("use", "use \"//x\" as x\n", "use x as x\n"),
    ("let", "let a: int = 1\n", "let a: int\n"),
    ("param", "param a: int = 1\n", "param a = 1\n"),
    ("fn", "fn f(a: int) -> int = a\n", "fn f(a: int) -> = a\n"),
    ("type", "type T = int\n", "type T: int\n"),
    ("check", "check a, \"b\"\n", "check a \"b\"\n"),
    ("decl", "task a(b: int) extends c.d(1) {}\n", "task a b {}\n"),
    ("record", "let a = { b: 1, c: 2, }\n", "let a = { b: 1 c: 2 }\n"),
    ("member", "task a {\n  let b = 1\n  check c, \"d\"\n}\n", "task a {\n  1\n}\n"),
    ("spread", "let a = { ...b }\n", "let a = { ... }\n"),
    ("field", "let a = { b: 1, \"c\": 2, d { e: 3 } }\n", "let a = { b = 1 }\n"),
    ("params", "fn f(\n  a: int\n  b: int,\n) = a\n", "fn f(a: int b: int) = a\n"),
    ("pdecl", "fn f(a: int = 1, ...b: [int]) = a\n", "fn f(...a: [int], b: int) = a\n"),
    ("attr", "kind k = { @merge a: int }\n", "kind k = { @ a: int }\n"),
    ("expr", "let a = if b then c else d\n", "let a = if b then c\n"),
    ("or", "let a = b || c\n", "let a = b ||\n"),
    ("and", "let a = b && c\n", "let a = && c\n"),
    ("cmp", "let a = b in c\n", "let a = b == c == d\n"),
    ("sum", "let a = b + c - d\n", "let a = b + + c\n"),
    ("mul", "let a = b * c / d % e\n", "let a = b * / c\n"),
    ("alt", "let a = b ?? c ?? d\n", "let a = b ??\n"),
    ("un", "let a = !b\n", "let a = !!b\n"),
    ("post", "let a = b.c[d](e)\n", "let a = b.\n"),
    ("args", "let a = f(\n  b\n  c: d\n)\n", "let a = f(b c)\n"),
    ("arg", "let a = f(b: c)\n", "let a = f(b:)\n"),
    (
        "atom",
        "let a = [1, 1s, 1B, \"b\", r\"c\", `d`, sh\"\"\"e\"\"\", none, (f)]\n",
        "let a = ()\n",
    ),
    ("list", "let a = [\n  b\n  c,\n  d\n]\n", "let a = [b c]\n"),
    ("elem", "let a = [for b in c if d: if e: ...f]\n", "let a = [for b c: d]\n"),
    ("union", "type T =\n  | a\n  | b\n", "type T = a |\n"),
    ("optional", "type T = int?\n", "type T = int??\n"),
    (
        "t0",
        "type T = map(int) | a(b: int) | \"c\" | -1 | [int] | { d: int } | (int)\n",
        "type T = [int\n",
    ),
    ("range", "type T = int(1..=5) | int(..5) | int(1..)\n", "type T = int(..)\n"),
    ("bound", "type T = duration(-1s..1h)\n", "type T = int(a..b)\n"),
    ("path", "type T = a.b.c\n", "type T = a.\n"),
    ("kind", "kind k(params, extends) = { a: int = 1 }\n", "kind k { a: int }\n"),
    ("record", "task a {\n  b { c: 1 }\n}\n", "task a {\n  b { c: 1\n}\n"),
];

fn errors(id: &str, text: &str) -> usize {
    let dialect = if matches!(id, "kind" | "attr") { Dialect::Prelude } else { Dialect::File };
    split(text, &KINDS).iter().map(|it| parse_item(&text[it.range], dialect).errors.len()).sum()
}

#[test]
fn every_production_has_an_accepting_and_a_rejecting_case() {
    for line in GRAMMAR.lines().filter_map(|line| line.strip_prefix("(* [")) {
        let id = line.split(']').next().unwrap();
        assert!(CASES.iter().any(|case| case.0 == id), "no case for `{id}`");
    }
    for (id, good, bad) in CASES {
        assert!(GRAMMAR.contains(&format!("[{id}]")), "no production `{id}`");
        assert_eq!(errors(id, good), 0, "{id}: {good}");
        assert_ne!(errors(id, bad), 0, "{id}: {bad}");
    }
}
