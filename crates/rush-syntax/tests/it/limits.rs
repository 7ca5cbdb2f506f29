//! Hostile input: nothing panics, overflows a small stack, or takes more than linear time.

use std::time::Duration;

use proptest::prelude::*;
use rush_syntax::{Dialect, format, parse_item, parse_tree, split};
use rush_test::{assert_linear, spent_on};

use crate::corpus::{KINDS, files};
use crate::formatting::formatted;

/// Runs the whole pipeline on a thread with a stack of 1 MB and returns how long it took.
fn run(text: String) -> Duration {
    let pipeline = move || {
        let slices = split(&text, &KINDS);
        for slice in &slices {
            let item = &text[slice.range];
            let parsed = parse_item(item, Dialect::File);
            drop(parsed);
            let tree = parse_tree(item, Dialect::File);
            assert_eq!(tree.text(item), item);
        }
        let _ = format(&text, &KINDS);
    };
    let work = move || spent_on(pipeline);
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap()
}

/// The time for `unit` repeated to a tenth of the size and to the whole must be about linear.
#[track_caller]
fn is_linear(head: &str, unit: &str, size: usize) {
    let text = |size: usize| format!("{head}{}", unit.repeat(size / unit.len()));
    assert_linear(&format!("`{unit}`"), size, |size| run(text(size)));
}

/// Debug builds are slower; they check the shape on smaller texts, unless there is time.
#[allow(clippy::disallowed_methods, reason = "a switch of the tests, not of Rush")]
fn size() -> usize {
    let is_long = !cfg!(debug_assertions) || std::env::var_os("RUSH_TEST_LONG").is_some();
    if is_long { 10_000_000 } else { 300_000 }
}

#[test]
fn brackets_prefixes_quotes_and_dots_take_linear_time() {
    for unit in [
        "[", "!", "\"", "a.", "(", "{", "]", "}", "-", "`", "${", "\"${", "a ", ",", ":", "=", "?",
        "\\", "#", "\0", "'", "‘", "/*", "$", ";",
    ] {
        is_linear("let x = ", unit, size());
    }
}

#[test]
fn long_lines_take_linear_time() {
    for unit in [
        "a: 1, ",
        "a: 1 ",
        "a b ",
        "if a then ",
        "for a in ",
        "a + ",
        "x { ",
        "1 ",
        "\"a\" ",
        "a[0]",
        "f(a) ",
        "a | ",
        "...a",
        "/* a */ ",
        "/* a",
        "a ? b : ",
        "a and ",
        "not a ",
        "a = ",
        "$a ",
        "./a ",
        "a, ",
        "\"\"\"a ",
        "//a:b, ",
        "//a:b, \"http://a\", ",
    ] {
        is_linear("task a { ", unit, size() / 10);
        is_linear("let x = [", unit, size() / 10);
        is_linear("type x = ", unit, size() / 10);
    }
}

#[test]
fn many_lines_take_linear_time() {
    for unit in [
        "}\n",
        "/*\n",
        "/* a\n",
        "  a: |\n    b\n",
        "  a:\n  - b\n",
        "  a: b, c\n",
        "var a = b\n",
        "a = b\n",
        "  ]\n",
        "  a {\n",
        "  x: \"\"\"\n",
        "  x: sh\"\"\"\n+\n",
        "  x: sh\"\"\"a\n    b\n",
        "  x: \"\"\"a\n",
        "    \"\"\"a ${b\n",
        "a b\n",
        "/// a\n",
        "// a\n",
        "x\n",
        "  x\n",
        "\tx: 1\n",
        "  x: [\n",
        "  if:\n",
        "  x: 1ss\n",
        "\r\n",
        "\r",
    ] {
        is_linear("task a {\n", unit, size() / 10);
        is_linear("task a {\n  x: sh\"\"\"\n", unit, size() / 10);
    }
    is_linear("", "task a {\n  run: `x`\n}\n", size() / 5);
}

#[test]
fn a_hundred_thousand_items_are_cut() {
    let text = "task a {}\n".repeat(100_000);
    assert_eq!(split(&text, &KINDS).len(), 100_000);
}

/// Pieces that are likely to interact.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "task a {\n",
        "}\n",
        "  ",
        "\n",
        "\n\n",
        "let x = ",
        "fn f(a: int) = ",
        "type T = ",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        ",",
        ":",
        "=",
        ".",
        "...",
        "..=",
        "-",
        "!",
        "+",
        "??",
        "||",
        "|",
        "?",
        "a",
        "b: ",
        "if ",
        " then ",
        " else ",
        "for x in ",
        "check ",
        "\"",
        "\"t\"",
        "\"${",
        "`",
        "`c ${x}`",
        "sh\"\"\"\n",
        "    body\n",
        "  \"\"\"",
        "\"\"\"",
        "// c\n",
        "/// d\n",
        "//! f\n",
        "# h\n",
        "1",
        "2s",
        "\r\n",
        "\t",
        "\u{feff}",
        "é",
        "\\",
        "r\"",
        "@merge ",
        "env { A: \"b\" }\n",
        "  run: `x`\n",
        "  x: [\n",
        "  ]\n",
    ]);
    prop_oneof![20 => fixed.prop_map(str::to_owned), 1 => any::<String>()]
}

/// A file of the corpus with a few bytes changed.
fn mutated() -> impl Strategy<Value = String> {
    let texts: Vec<String> = files().into_iter().map(|it| it.text).collect();
    let edit = (any::<prop::sample::Index>(), 0..4_usize, piece());
    (prop::sample::select(texts), prop::collection::vec(edit, 1..4)).prop_map(|(text, edits)| {
        edits.into_iter().fold(text, |text, (at, removed, piece)| {
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len() + 1);
            let end = (at + removed).min(characters.len());
            characters.splice(at..end, piece.chars());
            characters.into_iter().collect()
        })
    })
}

fn check_any(text: &str) {
    let slices = split(text, &KINDS);
    let tiles: String = slices.iter().map(|it| &text[it.range]).collect();
    assert_eq!(tiles, text);
    for slice in &slices {
        let item = &text[slice.range];
        for dialect in [Dialect::File, Dialect::Prelude] {
            let tree = parse_tree(item, dialect);
            assert_eq!(tree.text(item), item);
            for error in parse_item(item, dialect).errors {
                assert!(item.get(std::ops::Range::<usize>::from(error.range)).is_some());
                for (range, _) in error.fix.iter().flat_map(|it| &it.edits) {
                    assert!(item.get(std::ops::Range::<usize>::from(*range)).is_some());
                }
            }
        }
    }
    formatted(text);
}

#[test]
fn what_random_texts_found_survives() {
    for text in [
        "let x =   \"\"\"let x =     body\n then \"${  \"\"\"}\n",
        "task a { needs: [//web:test, //b/c:d] }\n",
        "task a { needs: [//web:test, \"x, ${y //b:c]\n",
        "task a { needs: [ //:test(x, [1], //b\n",
        "  /// d\nfor x in \n",
        "rubbish\n  /// d\n  // c\ntask a {}\n",
        "let größe = [ärger, 1ß, _é]\n",
        "  task a {\n\t run: `x`\n }\n\ttask b {}\n",
    ] {
        check_any(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives(text in any::<String>()) {
        check_any(&text);
    }

    #[test]
    fn any_pieces_survive(pieces in prop::collection::vec(piece(), 0..40)) {
        check_any(&pieces.concat());
    }

    #[test]
    fn any_mutation_survives(text in mutated()) {
        check_any(&text);
    }
}
