//! The formatter: its look, and that it is idempotent, keeps the meaning and every comment.

use rush_syntax::ast::same_meaning;
use rush_syntax::{Dialect, format, parse_item, split};

use crate::corpus::{KINDS, files};

/// What `text` looks like when formatted, after the properties that hold for every text.
pub(crate) fn formatted(text: &str) -> String {
    let once = format(text, &KINDS);
    let twice = format(&once.text, &KINDS);
    assert_eq!(once.text, twice.text, "not idempotent on:\n{text}");
    assert_eq!(comments(text), comments(&once.text), "a comment was lost in:\n{text}");
    let (before, after) = (split(text, &KINDS), split(&once.text, &KINDS));
    let items = |text: &str, slices: &[rush_syntax::Slice]| {
        let parse = |range| parse_item(&text[range], Dialect::File).item;
        slices.iter().filter(|it| !it.kind.is_empty()).map(|it| parse(it.range)).collect::<Vec<_>>()
    };
    let (before, after) = (items(text, &before), items(&once.text, &after));
    assert_eq!(before.len(), after.len(), "the items differ:\n{text}\n{}", once.text);
    for (a, b) in before.iter().zip(&after) {
        assert!(same_meaning(a, b), "the meaning differs:\n{text}\n{}", once.text);
    }
    once.text
}

/// The comments of a text, sorted, since a trailing one may move to a line of its own.
fn comments(text: &str) -> Vec<String> {
    let mut comments: Vec<String> = split(text, &KINDS)
        .iter()
        .flat_map(|slice| {
            let item = &text[slice.range];
            let tree = rush_syntax::parse_tree(item, Dialect::File);
            let all: Vec<String> = tree
                .tokens()
                .filter(|it| it.kind.is_comment())
                .map(|it| item[it.range].trim_end().to_owned())
                .collect();
            all
        })
        .collect();
    comments.sort();
    comments
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(formatted(text), expected);
}

#[test]
fn the_corpus_is_formatted_and_stays_so() {
    for file in files().into_iter().filter(|it| it.dialect == Dialect::File) {
        assert_eq!(formatted(&file.text), file.text, "{}", file.name);
    }
}

#[test]
fn spaces_are_canonical() {
    check("let x=a+b*-c ?? d\n", "let x = a + b * -c ?? d\n");
    check("let x = f( a ,b:c ) [ 0 ] . y\n", "let x = f(a, b: c)[0].y\n");
    check("let x = ! ( a||b )\n", "let x = !(a || b)\n");
    check("type T=int( 1 ..= 5 )|none\n", "type T = int(1..=5) | none\n");
    check(
        "fn f(a:int=1,...b:[string])->[string]=[... b]\n",
        "fn f(a: int = 1, ...b: [string]) -> [string] = [...b]\n",
    );
    check("task a{run:`x`}\n", "task a { run: `x` }\n");
    check("task a { }\n", "task a {}\n");
    check(
        "let x = [- 1, 2 - 1, for a in b if c:d, if a : ...b]\n",
        "let x = [-1, 2 - 1, for a in b if c: d, if a: ...b]\n",
    );
}

#[test]
fn a_newline_after_the_opener_breaks_a_group() {
    check("let x = [\n 1, 2]\n", "let x = [\n  1\n  2\n]\n");
    check("let x = [1,\n 2\n]\n", "let x = [1, 2]\n");
    check("let x = { a: {b: 1}, c: [ ] }\n", "let x = { a { b: 1 }, c: [] }\n");
    check(
        "task a(\n x: int, y: { z: int }) {\n env: {\n A: \"b\" }\n}\n",
        "task a(\n  x: int\n  y: { z: int }\n) {\n  env {\n    A: \"b\"\n  }\n}\n",
    );
}

#[test]
fn a_long_group_breaks() {
    let word = "a".repeat(60);
    check(&format!("let x = [{word}, {word}]\n"), &format!("let x = [\n  {word}\n  {word}\n]\n"));
    check(
        &format!("let x = f([{word}], y: {word})\n"),
        &format!("let x = f(\n  [{word}]\n  y: {word}\n)\n"),
    );
}

#[test]
fn comments_stay_where_they_are() {
    check(
        "// a\n\n\n// b\ntask x { // c\n// d\n\n\n run: `x` // e\n\n// f\n} // g\n// h\n",
        "// a\n\n// b\ntask x { // c\n  // d\n\n  run: `x` // e\n\n  // f\n} // g\n// h\n",
    );
    check("let x = [1, // a\n 2]\n", "let x = [\n  1 // a\n  2\n]\n");
    check("let x = a + // b\n c\n", "let x = a + // b\n  c\n");
    check("let x = (a // b\n == c)\n", "let x = (\n  a // b\n    == c\n)\n");
}

#[test]
fn blank_lines_are_at_most_one() {
    check("\n\nlet x = 1\n\n\n\nlet y = 2\nlet z = 3\n\n\n", "let x = 1\n\nlet y = 2\nlet z = 3\n");
    check("task a {\n\n  x: 1\n\n\n  y: 2\n\n}\n", "task a {\n  x: 1\n\n  y: 2\n}\n");
}

#[test]
fn scripts_are_shifted_as_a_block() {
    check(
        "task a {\n      run: sh\"\"\"\n            if x; then\n\n              y\n            fi\n      \"\"\"\n}\n",
        "task a {\n  run: sh\"\"\"\n    if x; then\n\n      y\n    fi\n  \"\"\"\n}\n",
    );
    check(
        "let x = [\"\"\"\n a ${b}\n   c\n\"\"\"]\n",
        "let x = [\n  \"\"\"\n    a ${b}\n      c\n  \"\"\"\n]\n",
    );
    check(
        "let x = f(sh\"\"\"\n a\n\"\"\".args(b))\n",
        "let x = f(sh\"\"\"\n  a\n\"\"\".args(b))\n",
    );
}

#[test]
fn continued_lines_are_indented() {
    check("type T =\n | \"a\"\n    | \"b\"\n", "type T =\n  | \"a\"\n  | \"b\"\n");
    check("let x = a\n    || b\n  && [\n 1]\n", "let x = a\n  || b\n  && [\n    1\n  ]\n");
    check("let x = if a\n then b\n   else c\n", "let x = if a\n  then b\n  else c\n");
}

#[test]
fn a_reserved_word_may_be_a_key() {
    check("let x = {\n then: 1,\n else: 2 // c\n}\n", "let x = {\n  then: 1\n  else: 2 // c\n}\n");
    check(
        "fn f(\n a: int, // c\n else: int\n) = a\n",
        "fn f(\n  a: int // c\n  else: int\n) = a\n",
    );
    check("type T = {\n a: int,\n then: int\n}\n", "type T = {\n  a: int\n  then: int\n}\n");
    check("let x = f(\n 1,\n else: 2)\n", "let x = f(\n  1\n  else: 2\n)\n");
    // Without its `:` it could be the branch of an `if` above.
    check(
        "let x = {\n a: if b then c else d, // c\n then { e: 1 }\n}\n",
        "let x = {\n  a: if b then c else d, // c\n  then { e: 1 }\n}\n",
    );
    check(
        "let x = {\n then: { e: 1 },\n else: { e: 2 }}\n",
        "let x = {\n  then: { e: 1 }\n  else: { e: 2 }\n}\n",
    );
    check(
        "let x = {\n a: c.else\n b: if c.then\n  then { e: 1 }\n  else { e: 2 }\n}\n",
        "let x = {\n  a: c.else\n  b: if c.then\n    then { e: 1 }\n    else { e: 2 }\n}\n",
    );
}

#[test]
fn a_check_keeps_its_comma() {
    check("task a { check x , \"y\" , z: 1 }\n", "task a { check x, \"y\", z: 1 }\n");
    check("task a {\n check (x),\n \"y\"\n z: 1\n}\n", "task a {\n  check (x), \"y\"\n  z: 1\n}\n");
}

#[test]
fn a_broken_item_is_left_alone_and_its_neighbours_are_formatted() {
    check(
        "let  x=1\ntask  a {\n  run:   \n}\nlet  y=2\n",
        "let x = 1\ntask  a {\n  run:   \n}\nlet y = 2\n",
    );
}

#[test]
fn line_ends_and_the_mark_are_kept() {
    assert_eq!(format("let  x=1\r\nlet y=2\r\n", &KINDS).text, "let x = 1\r\nlet y = 2\r\n");
    assert_eq!(format("let  x=1\r\nlet y=2\n", &KINDS).text, "let x = 1\nlet y = 2\n");
    assert_eq!(format("\u{feff}let  x=1\n", &KINDS).text, "\u{feff}let x = 1\n");
    assert_eq!(
        format("#!/usr/bin/env rush\n\n\nlet  x=1", &KINDS).text,
        "#!/usr/bin/env rush\n\nlet x = 1\n"
    );
}

/// Files nobody would write on purpose, and what they look like when formatted.
const ODD: &[(&str, &str)] = &[
    ("", ""),
    ("\n\n\n", ""),
    ("// only a comment", "// only a comment\n"),
    ("/// documents nothing\n", "/// documents nothing\n"),
    ("//! file\n\n\n\n// loose\n\n\nlet x=1", "//! file\n\n// loose\n\nlet x = 1\n"),
    (
        "let x = [ // first\n1, // one\n// own line\n2 // two\n// last\n]\n",
        "let x = [ // first\n1, // one\n// own line\n2 // two\n// last\n]\n",
    ),
    (
        "let x=[ // first\n 1, // one\n  // own\n 2\n  // last\n]\n",
        "let x = [ // first\n  1 // one\n  // own\n  2\n  // last\n]\n",
    ),
    ("let x = { // opener\n}\n", "let x = { // opener\n}\n"),
    (
        "task a( // params\n  b: int // b\n  // end\n) { // body\n  run: `x` // run\n} // after\n",
        "task a( // params\n  b: int // b\n  // end\n) { // body\n  run: `x` // run\n} // after\n",
    ),
    (
        "task a {\n  run: `x`\n\n\n  // before the end\n\n}\n",
        "task a {\n  run: `x`\n\n  // before the end\n}\n",
    ),
    (
        "let a=1\n// above the broken\nlet b = = 2 // in it\n// below\nlet c=3\n",
        "let a = 1\n// above the broken\nlet b = = 2 // in it\n// below\nlet c = 3\n",
    ),
    ("task a { run:\n// between\n}\n\nlet x=1\n", "task a { run:\n// between\n}\n\nlet x = 1\n"),
    ("let x=1\r\n\r\n\r\n// c\r\nlet y=2", "let x = 1\r\n\r\n// c\r\nlet y = 2\r\n"),
    (
        "task a {\r\n  run: sh\"\"\"\r\n      echo\r\n  \"\"\"\r\n}\r\n",
        "task a {\r\n  run: sh\"\"\"\r\n    echo\r\n  \"\"\"\r\n}\r\n",
    ),
    ("task a {\n\trun: `x`\n}\nlet x=1\n", "task a {\n\trun: `x`\n}\nlet x = 1\n"),
    (
        "let x = if a // why\n  then b // yes\n  else c // no\n",
        "let x = if a // why\n  then b // yes\n  else c // no\n",
    ),
    ("let x = a + // left\n  b // right\n", "let x = a + // left\n  b // right\n"),
    ("\u{feff}let x=1\n", "\u{feff}let x = 1\n"),
    ("task a{run:`x`};let y=1\n", "task a{run:`x`};let y=1\n"),
];

#[test]
fn odd_files_keep_their_comments_and_their_broken_items() {
    for (text, expected) in ODD {
        assert_eq!(formatted(text), *expected, "{text:?}");
    }
}
