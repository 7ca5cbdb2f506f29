//! One `check` for signatures; the cases are data.

use super::signature_help;
use crate::fixture::Case;

/// The label with the active parameter between `<` and `>`; and its docs after a ` # `.
fn shown(fixture: &str) -> String {
    let case = Case::new(fixture);
    let Some(help) = signature_help(&case.db, case.file, case.offset) else { return "-".into() };
    let active = help.active.and_then(|it| help.params.get(it));
    let Some(param) = active else { return help.label };
    let (start, end) = (param.range.start, param.range.end);
    let label = &help.label;
    let docs = param.docs.as_ref().or(help.docs.as_ref());
    let docs = docs.map(|it| format!(" # {it}")).unwrap_or_default();
    format!("{}<{}>{}{docs}", &label[..start], &label[start..end], &label[end..])
}

fn check(fixture: &str, expect: &str) -> Option<String> {
    let found = shown(fixture);
    (found != expect).then(|| format!("--- {fixture}\nexpected {expect}\nfound    {found}\n"))
}

#[test]
fn the_parameter_that_is_written_is_shown() {
    let failed: String =
        CASES.iter().filter_map(|(fixture, expect)| check(fixture, expect)).collect();
    assert!(failed.is_empty(), "{failed}");
}

const CASES: &[(&str, &str)] = &[
    (
        "task b(e: \"x\" | \"y\", n: int = 1) {}\ntask a {\n  needs: [b($0)]\n}\n",
        "task b(<e: \"x\" | \"y\">, n: int = 1)",
    ),
    (
        "task b(e: string, n: int = 1) {}\ntask a {\n  needs: [b(\"x\", $0)]\n}\n",
        "task b(e: string, <n: int = 1>)",
    ),
    (
        "task b(e: string, n: int = 1) {}\ntask a {\n  needs: [b(n: $0)]\n}\n",
        "task b(e: string, <n: int = 1>)",
    ),
    (
        "task b(e: string, n: int = 1) {}\ntask a {\n  needs: [b(n: 2, $0)]\n}\n",
        "task b(<e: string>, n: int = 1)",
    ),
    (
        "fn f(a: int = 1, bc: int = 2) = a\nlet x = f(b$0c: 3)\n",
        "fn f(a: int = 1, <bc: int = 2>) -> int",
    ),
    (
        "template t(n: int, m: string = \"x\") {}\ntask a extends t(1, m$0: \"y\") {}\n",
        "template t(n: int, <m: string = \"x\">)",
    ),
    ("task b(e: string) {}\ntask a {\n  needs: [b(\"x$0\")]\n}\n", "task b(<e: string>)"),
    ("task b(e: string) {}\ntask a {\n  needs: [b(\"x\", $0)]\n}\n", "task b(e: string)"),
    ("task b(e: string) {}\ntask a {\n  needs: [b($0\n}\n", "task b(<e: string>)"),
    ("task b(e: string) {}\ntask a {\n  needs: [b$0(\"x\")]\n}\n", "-"),
    ("task b(e: string) {}\ntask a {\n  needs: [b(\"x\")$0]\n}\n", "-"),
    (
        "/// Compiles.\ntask b(\n  /// For whom.\n  e: string\n) {}\ntask a {\n  needs: [b($0)]\n}\n",
        "task b(<e: string>) # For whom.",
    ),
    (
        "/// Compiles.\ntask b(e: string) {}\ntask a {\n  needs: [b($0)]\n}\n",
        "task b(<e: string>) # Compiles.",
    ),
    (
        "fn f(a: int, b: bool) -> [string] = []\nlet x = f(1, $0)\n",
        "fn f(a: int, <b: bool>) -> [string]",
    ),
    ("fn f(a: int) = a + 1\nlet x = f(f($0))\n", "fn f(<a: int>) -> int"),
    (
        "template t(n: int, m: string = \"x\") {}\ntask a extends t(1, $0) {}\n",
        "template t(n: int, <m: string = \"x\">)",
    ),
    ("template t(n: int) {}\ntask a extends t($0\n", "template t(<n: int>)"),
    (
        "task a {\n  retry { attempts: 2, delay: fixed($0) }\n}\n",
        "fixed(<delay: duration(0s..)>) # The wait before each try.",
    ),
    (
        "task a {\n  retry { attempts: 2, delay: exponential(1s, max: $0) }\n}\n",
        "exponential(first: duration(0s..), factor: float(1.0..) = 2.0, <max: duration(0s..) = 5m>, jitter: bool = true) # The longest wait.",
    ),
    ("secret s { from: env($0) }\n", "env(<name: string>) # The variable of the caller."),
    ("let x = \"a\".replace(\"b\", $0)\n", "replace(from: string, <to: string>) -> string"),
    ("let x = [\"a\"].join($0)\n", "join(<separator: string>) -> string"),
    (
        "let x = flag(\"a\", $0)\n",
        "flag(name: string, <value: string?>) -> [string] # A flag with its value as two arguments, or no argument when the value is `none`.",
    ),
    ("type Port = int(1..=9)\nlet x = Port($0)\n", "type Port(<value: int>)"),
    (
        "task b(n: int = 1) {\n  matrix { os: [\"l\", \"m\"] }\n}\ntask a {\n  needs: [b(os: $0)]\n}\n",
        "task b(n: int = 1, <os: \"l\" | \"m\" = ..>) # An axis of its matrix: only the cells with this value run.",
    ),
    (
        "//- tasks.rush\nuse \"./l.rush\" as l\ntask a {\n  needs: [l.t(1, $0)]\n}\n//- l.rush\ntask t(a: int, b: int) {}\n",
        "task t(a: int, <b: int>)",
    ),
    ("task b(e: { x: int }) {}\ntask a {\n  needs: [b({ x: $0 })]\n}\n", "task b(<e: { x: int }>)"),
    (
        "task b(n: int, ...rest: [string]) {}\ntask a {\n  needs: [b(1, $0)]\n}\n",
        "task b(n: int, <...rest: [string]>)",
    ),
    ("let x = nothing($0)\n", "-"),
    ("let x = (1 + $0)\n", "-"),
    ("task a {\n  $0\n}\n", "-"),
    ("$0", "-"),
];
