//! What is said about each mistake: the text, then each error with its place and its fix.

use std::fmt::Write as _;

use rush_syntax::{Dialect, SyntaxError, parse_item, split};

use crate::corpus::KINDS;

/// The errors of a file as a person would read them, each followed by its fix.
fn rendered(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let _ = writeln!(out, "| {line}");
    }
    for slice in split(text, &KINDS) {
        let item = &text[slice.range];
        for error in parse_item(item, Dialect::File).errors {
            render(&error, item, slice.range.start().into(), text, &mut out);
        }
    }
    out
}

fn place(text: &str, offset: usize) -> String {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|it| *it != '\n').count() + 1;
    format!("{line}:{column}")
}

fn render(error: &SyntaxError, item: &str, base: usize, text: &str, out: &mut String) {
    let start = usize::from(error.range.start());
    let _ = writeln!(
        out,
        "{} {} at {} {:?}",
        error.code,
        error.message,
        place(text, base + start),
        &item[error.range]
    );
    if !error.label.is_empty() {
        let _ = writeln!(out, "  label: {}", error.label);
    }
    for (range, message) in &error.secondary {
        let _ = writeln!(
            out,
            "  {} {:?}: {message}",
            place(text, base + usize::from(range.start())),
            &item[*range]
        );
    }
    if let Some(help) = &error.help {
        let _ = writeln!(out, "  help: {help}");
    }
    if let Some(fix) = &error.fix {
        let word = if fix.is_automatic { "fix" } else { "offered" };
        let mut fixed = item.to_owned();
        for (range, new) in fix.edits.iter().rev() {
            fixed.replace_range(std::ops::Range::<usize>::from(*range), new);
        }
        let left = parse_item(&fixed, Dialect::File).errors.len();
        let _ = writeln!(out, "  {word}: {} ({left} errors left)", fix.title);
        for line in fixed.lines().filter(|it| !item.lines().any(|old| old == *it)) {
            let _ = writeln!(out, "  > {line}");
        }
    }
}

macro_rules! check {
    ($name:ident, $($text:expr),+ $(,)?) => {
        #[test]
        fn $name() {
            let all: Vec<String> = [$($text),+].iter().map(|it| rendered(it)).collect();
            insta::assert_snapshot!(all.join("\n"));
        }
    };
}

check!(
    rush0001_unclosed_text,
    "let x = \"abc\nlet y = 1\n",
    "task a {\n  run: `echo \"${b}\n  env { A: \"x }\n}\n",
    "let x = \"a ${b\n",
    "let x = r\"abc\n",
    "task a {\n  run: sh\"\"\"\n    echo\n",
    "let x = \"\"\"abc\n",
);
check!(
    rush0002_unclosed_bracket,
    "task a {\n  retry {\n    attempts: 3\n  env { A: \"b\" }\n}\n",
    "task a {\n  inputs: [\"a\", \"b\"\n  run: `x`\n}\n",
    "task a {\n  retry\n    attempts: 3\n  }\n  run: `x`\n}\n",
    "task a {\n  run: `x`\n",
    "task a\n  run: `x`\n}\n",
    "task a(\n  x: int\n extends b {\n  run: `x`\n}\n",
    "task a(x: int {\n  run: `x`\n}\n",
    "let x = f(1, 2\n",
    "let x = \"a\" ]\n",
    "let x = \"\"\"\n  a ${b\n  c\n\"\"\"\n",
    "let x = [1, (2]\n",
);
check!(
    rush0003_text_block_indent,
    "task a {\n  run: sh\"\"\"\necho hi\ncd x\n    ls\n  \"\"\"\n  dir: \"b\"\n}\n",
    "task a {\n  run: sh\"\"\"\n    echo hi\n  dir: \"b\"\n}\n",
    "task a {\n  run: sh\"\"\"\n    echo hi\n    \"\"\"\n  dir: \"b\"\n}\n",
    "task a {\n  run: sh\"\"\"\n    echo hi\n}\n",
);
check!(
    rush0004_expected_syntax,
    "task a {\n  timeout:\n  run: `x`\n}\n",
    "task a {\n  run:\n    `x`\n}\n",
    "task a {\n  timeout 3s\n  run\n}\n",
    "task a {\n  : 3\n  x: 1 2\n}\n",
    "let x = a +\n",
    "let x = foo.\n",
    "let = 1\n",
    "let x 1\n",
    "let if = 1\n",
    "param x\nparam y: = 1\nparam int\n",
    "fn f = 1\nfn g() 1\nfn (a) = 1\n",
    "type T\ntype T =\ntype T = int()\ntype U = int(x)\n",
    "use \"a\"\nuse \"a\" as\nuse x as y\n",
    "check a\n",
    "task test-unit {\n}\n",
    "task a\ntask b extends {\n}\n",
    "let x = if a then b\nlet y = if a else b\nlet z = [for x y: z, if a b]\n",
    "let x = \"a \\q ${} b\"\n",
    "let x = a == b == c\nlet y = !!a\nlet z = - -1\n",
    "let x = [, 1,, 2]\n",
    "hello\n",
    "task a {\n}\n  stray\n",
    "task a\n{\n}\n",
    "task a(...x: int, y: int) {\n}\n",
    "let x = a ; b\nlet y = a & b\n",
);
check!(
    rush0005_missing_separator,
    "task a { timeout: 3s retries: 2 }\n",
    "let x = [1 2 3]\n",
    "let x = f(a b)\n",
    "fn f(a: int b: int) = a\n",
);
check!(rush0006_equals_for_colon, "task a {\n  timeout = 3s\n  env { A = \"b\", C = \"d\" }\n}\n",);
check!(rush0007_foreign_comment, "# top\nlet x = 1 # why\n", "task a {\n  # note\n  run: `x`\n}\n");
check!(
    rush0008_column_zero,
    "task a {\nrun: `x`\n  dir: \"b\"\n}\n",
    "task a {\n\trun: `x`\n\tdir: \"b\"\n}\n",
);
check!(rush0009_unknown_unit, "let x = [2Gb, 10sec, 5x, 1m1h, 99999999999999999999]\n",);

#[test]
fn rush0010_too_deep() {
    let cases = [
        format!("let x = {}{}\n", "[".repeat(200), "]".repeat(200)),
        format!("let x = {}\n", "[".repeat(200)),
        format!("let x = a{}\n", ".a".repeat(200)),
        format!("let x = a{}\n", " + a".repeat(200)),
        format!("let x = {}a\n", "if a then b else ".repeat(200)),
        format!("let x = [{}a]\n", "if a: ".repeat(200)),
        format!("let x = \"{}{}\"\n", "${\"".repeat(200), "\"}".repeat(200)),
    ];
    for case in cases {
        let errors = parse_item(&case, Dialect::File).errors;
        let codes: Vec<String> = errors.iter().map(|it| it.code.to_string()).collect();
        assert_eq!(codes, ["RUSH0010"], "{}", &case[..40]);
    }
}
