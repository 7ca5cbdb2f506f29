//! What each word of a file is shown as.

use std::fmt::Write as _;

use text_size::{TextRange, TextSize};

use super::{Modifiers, Token, TokenKind, semantic_tokens};
use crate::fixture::Case;

/// Tokens one a line as `text kind modifiers`; punctuation has none.
fn check(input: &str, expect: &str) {
    let case = Case::new(input);
    let text = case.file.text(&case.db).clone();
    let tokens = semantic_tokens(&case.db, case.file, None);
    well_formed(&text, &tokens);
    let shown: Vec<String> = tokens.iter().map(|it| show(&text, it)).collect();
    let expect: Vec<&str> = expect.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    assert_eq!(shown, expect, "{input}");
}

fn show(text: &str, token: &Token) -> String {
    let written = &text[std::ops::Range::<usize>::from(token.range)];
    let mut shown = format!("{} {}", written.replace(' ', "_"), token.kind.name());
    for (bit, name) in Modifiers::ALL.iter().enumerate() {
        if token.modifiers.bits() & (1 << bit) != 0 {
            write!(shown, " {name}").unwrap();
        }
    }
    shown
}

/// Sorted, apart, not empty, and each on one line.
fn well_formed(text: &str, tokens: &[Token]) {
    let mut end = TextSize::new(0);
    for token in tokens {
        assert!(token.range.start() >= end && !token.range.is_empty(), "{token:?}");
        end = token.range.end();
        assert!(!text[std::ops::Range::<usize>::from(token.range)].contains('\n'), "{token:?}");
    }
}

/// Only the tokens of some kinds.
fn check_kinds(kinds: &[TokenKind], input: &str, expect: &[&str]) {
    let case = Case::new(input);
    let text = case.file.text(&case.db).clone();
    let tokens = semantic_tokens(&case.db, case.file, None);
    well_formed(&text, &tokens);
    let found: Vec<&str> = tokens
        .iter()
        .filter(|it| kinds.contains(&it.kind))
        .map(|it| &text[std::ops::Range::<usize>::from(it.range)])
        .collect();
    assert_eq!(found, expect, "{input}");
}

#[test]
fn items_are_told_by_their_kind() {
    check(
        "let x = 1\nparam p: bool = true\nfn f(a: int) -> int = a\ntype T = \"a\" | R\n",
        "let keyword
         x variable declaration readonly static
         = operator
         1 number
         param keyword
         p parameter declaration readonly static
         bool type defaultLibrary
         = operator
         true keyword
         fn keyword
         f function declaration
         a parameter declaration readonly
         int type defaultLibrary
         -> operator
         int type defaultLibrary
         = operator
         a parameter readonly
         type keyword
         T type declaration
         = operator
         \"a\" enumMember
         | operator",
    );
}

#[test]
fn declarations_show_kinds_fields_and_tasks() {
    check(
        "template t {}\ntask a extends t { needs: [b] }\ntask b {}\n",
        "template kind defaultLibrary
         t template declaration
         task kind defaultLibrary
         a task declaration
         extends keyword
         t template
         needs property defaultLibrary
         b task
         task kind defaultLibrary
         b task declaration",
    );
    check(
        "secret s { from: env(\"S\") }\n",
        "secret kind defaultLibrary
         s secret declaration
         from property defaultLibrary
         env enumMember defaultLibrary
         \"S\" string",
    );
}

#[test]
fn imports_are_namespaces() {
    check(
        "//- tasks.rush\nuse \"./x.rush\" as x\ntask a { needs: [x.b] }\n//- x.rush\ntask b {}\n",
        "use keyword
         \"./x.rush\" string
         as keyword
         x namespace declaration
         task kind defaultLibrary
         a task declaration
         needs property defaultLibrary
         x namespace
         b task",
    );
}

#[test]
fn texts_have_holes_and_escapes() {
    check(
        "let x = \"a\\n${y}b\"\nlet y = r\"\\d\"\n",
        "let keyword
         x variable declaration readonly static
         = operator
         \" string
         a string
         \\n escape
         ${ hole
         y variable readonly static
         } hole
         b string
         \" string
         let keyword
         y variable declaration readonly static
         = operator
         r\"\\d\" string",
    );
}

#[test]
fn texts_over_lines_are_cut() {
    check_kinds(
        &[TokenKind::Text],
        "let x = \"\"\"\n  one\n\n  two\n\"\"\"\n",
        &["\"\"\"", "one", "two", "\"\"\""],
    );
    check_kinds(&[TokenKind::Comment], "//! a\r\n//! b\r\nlet x = 1\r\n", &["//! a", "//! b"]);
}

#[test]
fn commands_show_programs_and_flags() {
    let words = [TokenKind::Program, TokenKind::Flag];
    check_kinds(
        &words,
        "task a(x: string = \"\") { run: `cargo test --all -p=${x} ${x} -- -` }\n",
        &["cargo", "--all", "-p", "--"],
    );
    check_kinds(&words, "task a { run: `./x/y.sh '-q' \"-v\"` }\n", &["./x/y.sh"]);
    check_kinds(
        &words,
        "task a { run: [`a`, argv\"\"\"\n    b\n    -c\n  \"\"\"] }\n",
        &["a", "b", "-c"],
    );
}

#[test]
fn scripts_show_captured_values() {
    check(
        "task a(x: string, d: string = \"\") {\n  run: sh\"\"\"\n    echo \"$x\" $y ${d}\n  \"\"\"\n}\n",
        "task kind defaultLibrary
         a task declaration
         x parameter declaration readonly
         string type defaultLibrary
         d parameter declaration readonly
         string type defaultLibrary
         = operator
         \"\" string
         run property defaultLibrary
         sh interpreter
         x parameter readonly captured
         d parameter readonly captured",
    );
}

const SCRIPT: [TokenKind; 2] = [TokenKind::Keyword, TokenKind::Comment];

fn script(tag: &str, body: &str, expect: &[&str]) {
    let body = format!("    {}\n", body.replace('\n', "\n    "));
    check_kinds(&SCRIPT, &format!("task a {{\n  run: {tag}\"\"\"\n{body}  \"\"\"\n}}\n"), expect);
}

#[test]
fn shells_have_reserved_words_where_a_command_begins() {
    script("sh", "if true; then echo if; fi", &["if", "then", "fi"]);
    script("bash", "for in in do; do echo in; done", &["for", "in", "do", "done"]);
    script("sh", "for f\ndo\necho done\ndone", &["for", "do", "done"]);
    script(
        "sh",
        "case $x in\na) if x; then y; fi ;;\nesac",
        &["case", "in", "if", "then", "fi", "esac"],
    );
    script("bash", "[[ -n $x ]] && { a; }", &["[[", "]]", "{", "}"]);
    script("sh", "x=1 while true | do; ! y", &["while", "do", "!"]);
}

#[test]
fn shells_quote_and_comment() {
    script("sh", "echo '# if' \"# fi\" \\# # then\nif a", &["# then", "if"]);
    script("sh", "echo $# ${x#if} a#b #c", &["#c"]);
    script("sh", "cat <<'END'\nif # no\nEND\nif", &["if"]);
    script("sh", "cat <<< if\nif", &["if"]);
    script("sh", "echo 'never closed\nif", &[]);
}

#[test]
fn other_languages_have_theirs() {
    script(
        "python",
        "import os # x\ndef f(a):\n    return '''if # no'''",
        &["import", "# x", "def", "return"],
    );
    script(
        "node",
        "const a = `if ${b}` // c\n/* d\n e */ return a.in",
        &["const", "// c", "/* d", "e */", "return"],
    );
    script("ruby", "puts \"a #{b}\" unless nil # c", &["unless", "nil", "# c"]);
    script("pwsh", "if ($x) { <# a #> exit }", &["if", "<# a #>", "exit"]);
    script("fish", "if test $x; end # y", &["if", "end", "# y"]);
    script("nu", "let x = 1 # y", &["let", "# y"]);
}

#[test]
fn matrix_axes_tags_and_methods() {
    check_kinds(
        &[TokenKind::Axis, TokenKind::Member, TokenKind::Method, TokenKind::Function],
        "task a {\n  matrix { v: [\"x\"] }\n  retry { attempts: 2, delay: fixed(1s) }\n  run: `a ${matrix.v.upper()} ${...flag(\"a\", none)}`\n}\n",
        &["v", "fixed", "v", "upper", "flag"],
    );
}

#[test]
fn keywords_depend_on_their_place() {
    check_kinds(
        &[TokenKind::Keyword],
        "task check(type: string = \"\", extends: int = 1) {\n  let x = if true then 1 else 2\n  check x == 1, \"m\"\n  env { check: \"\", if: \"\" }\n}\n",
        &["let", "if", "true", "then", "else", "check"],
    );
    check_kinds(
        &[TokenKind::Keyword],
        "let x = [for a in [1] if true: a, none]\n",
        &["let", "for", "in", "if", "true", "none"],
    );
    check_kinds(&[TokenKind::Keyword], "check 1 == 1, \"m\"\n", &["check"]);
}

#[test]
fn a_range_shows_its_items_only() {
    let case = Case::new("let a = 1\nlet b = 2\nlet c = 3\n");
    let text = case.file.text(&case.db).clone();
    let range = TextRange::new(10.into(), 15.into());
    let tokens = semantic_tokens(&case.db, case.file, Some(range));
    let shown: Vec<String> = tokens.iter().map(|it| show(&text, it)).collect();
    assert_eq!(shown, ["let keyword", "b variable declaration readonly static"]);
}

#[test]
fn broken_items_are_coloured_too() {
    check(
        "task a {\n  run: `x ${y\n  nees: [\nlet z = \"a\n",
        "task kind defaultLibrary
         a task declaration
         run property defaultLibrary
         ` string
         x program
         _ string
         ${ hole
         let keyword
         z variable declaration readonly static
         = operator
         \" string
         a string",
    );
    check("\n", "");
    check("$%&\n", "% operator");
}

#[test]
fn the_prelude_is_coloured() {
    let case = Case::new("let x = 1\n");
    let prelude = rush_semantics::Db::workspace(&case.db).prelude(&case.db);
    let text = prelude.text(&case.db).clone();
    let tokens = semantic_tokens(&case.db, prelude, None);
    well_formed(&text, &tokens);
    assert!(tokens.len() > 500);
}

#[test]
fn the_legend_is_in_order() {
    for (at, kind) in TokenKind::ALL.iter().enumerate() {
        assert_eq!(kind.index() as usize, at);
    }
}
