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
    rush0002_list_before_field,
    "task a {\n  needs: [b, run: `x`\n}\n",
    "task a { needs: [b, f(c: 1), run: `x` }\n",
);
check!(
    rush0002_unclosed_hole,
    "let x = \"a ${b\"\n",
    "task a { needs: [f(\"a ${b\", 1)], run: `x` }\n",
    "task a {\n  run: `echo \"a ${b\" c`\n  dir: \"d\"\n}\n",
    "task a {\n  run: `echo ${b`\n  dir: \"d\"\n}\n",
    "let x = \"${f(\"x)}\"\n",
);
check!(
    rush0002_surplus_closer,
    "task a { run: `x` } }\n",
    "task a(x: int = 1) { run: `x` } }\n",
    "task a extends b { run: `x` } }\n",
    "task a { needs: [b]], run: `x` }\n",
    "task a {\n  needs: [b]]\n  env { A: \"x\" }}\n  run: `x`\n}\n",
    "let x = f(1))\n",
    "let x = { a: 1 }}\n",
    // Here an opener is missing.
    "task a env { A: \"x\" } }\n",
    "task a run: `x` }\n",
    "task a { needs: b], run: `x` }\n",
    "let x = g f(1))\n",
);
check!(
    rush0003_text_block_indent,
    "task a {\n  run: sh\"\"\"\necho hi\ncd x\n    ls\n  \"\"\"\n  dir: \"b\"\n}\n",
    "task a {\n  run: sh\"\"\"\n    echo hi\n  dir: \"b\"\n}\n",
    "task a {\n  run: sh\"\"\"\n    echo hi\n    \"\"\"\n  dir: \"b\"\n}\n",
    "task a {\n  run: sh\"\"\"\n    echo hi\n}\n",
    // Lines move together, and where it is not sure how far, the fix is only offered.
    "task a {\n  run: python\"\"\"\nimport os\ndef f():\n    pass\n\"\"\"\n}\n",
    "task a {\n  run: python\"\"\"\n    import os\ndef f():\n    pass\n  \"\"\"\n}\n",
    "task a {\n  run: sh\"\"\"\n    cat <<EOF\na\n  b\n      c\nEOF\n    ls\n  \"\"\"\n}\n",
    "task a {\n  run: sh\"\"\"\n    for x in a; do\n  echo $x\n    done\n  \"\"\"\n}\n",
    "task a {\n  run: sh\"\"\"\n    echo hi\n\"\"\"\n}\n",
    "let a = \"\"\"\nx\n  y\n\"\"\"\n",
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
check!(
    rush0007_foreign_comment,
    "# top\nlet x = 1 # why\n",
    "task a {\n  # note\n  run: `x`\n}\n",
    "let x = 1\n#!/usr/bin/env rush\n#/ note\n",
);
check!(
    block_comments,
    "/* a */\nlet x = 1 /* b */\n",
    "/**\n * a\n *   b\n */\nlet x = 1\n",
    "task a {\n  /* one\n     two */ run: `x`\n  inputs: [\"a\", /* c */ \"b\"]\n}\n",
    "/*\ntask a {\n  run: `x`\n}\n*/\n",
    "/* open\nlet x = 1\n",
    "task a {\n  inputs: [src/*.c]\n  run: `x` /*\n  y\n  */ dir: \"b\"\n}\n",
);
check!(
    habits_in_values,
    "task a {\n  run: 'it \"is\"'\n  dir: “b”\n  env { A: 'a\\n' }\n}\n",
    "let x = a and not b or c\nlet y = not a == b\n",
    "let x = a = b\nlet y = a !== b\nlet z = a ? b : c\nlet w = a ? b ? c : d : e\n",
    "task a {\n  needs:\n    - b\n    - c\n  run:\n  - make all\n  - make test\n  env:\n    A: \"b\"\n}\n",
    "task a {\n  needs: b, c\n  timeout: 5 min, dir: \"x\"\n}\n",
    "task a {\n  run: make -j4\n}\ntask b {\n  run: make | tee x\n}\n",
    "task a {\n  run: |\n    it's {\n\n      done\n  dir: \"b\"\n}\n",
    "task a {\n  env {\n    A: >-\n      one\n      two\n  }\n}\n",
    "task a {\n  run: sh \"x\"\n  finally: argv \"y\"\n  dir: f\"z\"\n}\n",
    "let x = [y * 2 for y in z if y > 1]\nlet a = [1..3]\nlet b = f(c = 1)\n",
    "task a {\n  inputs: [src/**/*.c, ./x, *.h]\n  dir: ${b}\n  env { A: $B }\n}\n",
    "task a {\n  if b {\n    run: `x`\n  }\n  for c in d {\n  }\n  task e {\n  }\n  assert f, \"g\"\n}\n",
);
check!(
    habits_in_heads,
    "var a = 1\nexport const b = 2\npub fn c(x: int) = x\nimport \"./d\" as d\n",
    "export task a {\n  run: `x`\n}\n",
    "task \"build-all\" {\n}\ntask a: b {\n}\ntask c extends: b {\n}\n",
    "fn a(x: int): int = x\nfn b(x: int) { x }\ntype C {\n  d: int\n}\n",
    "param a = \"b\"\nparam c = 5m\ncheck a == b \"m\"\n",
    "build:\n\tmake\n\ntest: build\n\tmake test\n",
    "CC = gcc\nbuild:\n\tmake\n",
    "task a {\n  run: `x`;\n}\nb:\n  run: x\n",
);
check!(
    rush0008_column_zero,
    "task a {\nrun: `x`\n  dir: \"b\"\n}\n",
    "task a {\n\trun: `x`\n\tdir: \"b\"\n}\n",
    "let\nx = 1\n",
    "param\n\nc: string = \"l\"\n",
);
check!(
    names_with_colons,
    "task test:unit { run: `x` }\n",
    "task test:unit:fast(x: int) extends b {\n  run: `x`\n}\n",
    "task a:b\n",
);
check!(
    names_with_points,
    "task test.unit { run: `x` }\n",
    "task a.b.c(x: int) extends d {\n  run: `x`\n}\n",
);
check!(
    types_of_other_languages,
    "task a(x: list(string), y: Array([int]), z: int = 1) {\n  run: `x`\n}\n",
    "param x: List<string> = []\nfn f(x: Vec<string>?, y: string[]) -> int[] = y\n",
    "type A = { b: Map<string, int>, c: Set<int> }\ntype B = x < y\n",
    // These are what they look like.
    "type C = list(b: int) | array()\ntype D = map(string)\n",
);
check!(
    labels_as_values,
    "task a {\n  needs: //web:test\n  after: //web:lint, run: `x`\n}\n",
    "task a {\n  needs: // none yet\n  run: `x`\n}\n",
);
check!(
    commands_in_other_quotes,
    "task a {\n  run: 'make | tee log'\n}\ntask b {\n  run: ['make', “test”]\n}\n",
    "task a {\n  run: 'echo $x'\n  finally: 'it`s'\n}\n",
);
check!(
    names_of_commands_in_data,
    "let c: C = { command: 'x', script: 'y | z', run: 'a' }\nlet d = { sh: 'bash' }\n",
    "task a {\n  env { shell: 'bash' }\n  run: 'x'\n}\n",
    "deploy a {\n  script: 'up'\n  run: 'x'\n}\n",
    "let c = {\n  command: cargo build\n  script: |\n    a\n    b\n}\n",
);
check!(
    bodies_and_types_without_their_opener,
    "task a(x: int)\n  let y = x\n  retry { attempts: 2 }\n  run: `x`\n}\ntask b { run: `y` }\n",
    "fn a(x: int) -> string] = [\"a\"]\nfn b(x: string]) -> int = 1\n",
    "fn a(x: int) [string] = [\"a\"]\nfn b() string = \"b\"\nfn c() 1\n",
);
check!(
    characters_nobody_sees,
    "task a { run: `x` }\rtask b { run: `y` }\n",
    "task a {\0 run: `x`\u{7f} }\n",
);
check!(
    the_least_number,
    "let x = -9223372036854775808\nlet y = 9223372036854775808\nlet z = 1 - 9223372036854775808\n",
    "type T = int(-9223372036854775808..=-9223372036854775807) | -9223372036854775808\n",
    "let x = [-9223372036854775809, -9223372036854775808.x, -5 min]\n",
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

/// The text of the first `"""` of a file, dedented as a run reads it.
fn first_body(text: &str) -> String {
    let (_, rest) = text.split_once("\"\"\"\n").unwrap();
    let (body, _) = rest.split_once("\"\"\"").unwrap();
    let (body, _) = body.rsplit_once('\n').unwrap_or_default();
    let white = |line: &str| line.len() - line.trim_start().len();
    let lines = || body.lines().filter(|it| !it.trim().is_empty());
    let common = lines().map(white).min().unwrap_or(0);
    let lines = body.lines().map(|it| it.get(common..).unwrap_or_default().trim_end());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_body_that_is_indented_by_a_fix_says_the_same() {
    let bodies = [
        "import os\ndef f():\n    pass\nprint(os.getcwd())\n",
        "if x:\n\n  a\n      b\n c\n",
        " a\n  b\nc\n   \n    d\n",
        "\n  a\n    b\n",
    ];
    for body in bodies {
        for closer in ["  \"\"\"", "\"\"\""] {
            for tag in ["python", "sh", "", "r"] {
                let text = format!("task a {{\n  stdin: {tag}\"\"\"\n{body}{closer}\n}}\n");
                let error = parse_item(&text, Dialect::File).errors.remove(0);
                let fix = error.fix.expect("a fix");
                assert!(fix.is_automatic, "{text}");
                let mut fixed = text.clone();
                for (range, new) in fix.edits.iter().rev() {
                    fixed.replace_range(std::ops::Range::<usize>::from(*range), new);
                }
                let left = parse_item(&fixed, Dialect::File).errors;
                assert!(left.is_empty(), "{fixed}\n{left:?}");
                assert_eq!(first_body(&fixed), first_body(&text), "{text}\n{fixed}");
            }
        }
    }
}
