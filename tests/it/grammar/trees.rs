//! The tree-sitter grammar beside the compiler's parser: they agree on items, parameters, members,
//! and on whether there is a mistake, over the whole corpus and over damaged versions of it.

use std::fmt::Write as _;
use std::ops::Range;

use rush_semantics::kinds::KIND_NAMES;
use rush_syntax::{Dialect, SyntaxKind, parse_tree, split};

use super::corpus::{Source, pages, sources};
use super::outline::{Outline, of_compiler, of_tree, parser};
use crate::repository::{read, setting};

/// Mistakes that only the compiler finds: a part of the text, and why it stays so.
const KNOWN_DIFFERENCES: [(&str, &str); 4] = [
    ("\n\t", "white space is no token; an error on every line would hide the colours"),
    ("99999999999999999999", "the value of a number is no matter of a grammar"),
    ("// each\n    : x", "the scanner skips a line end where no separator can stand"),
    ("((((((((((((((((((((((((((((((((", "the compiler limits the nesting, the trees are not deep"),
];

#[test]
fn both_parsers_see_the_same_items_and_members() {
    let mut parser = parser();
    for Source { place, text, dialect } in sources() {
        let compiler = of_compiler(text, *dialect);
        assert!(!compiler.has_error, "{place} is free of mistakes");
        assert_eq!(of_tree(text, &mut parser), compiler, "{place}");
    }
}

#[test]
fn both_parsers_judge_the_pages_alike() {
    let mut parser = parser();
    let mut report = String::new();
    for Source { place, text, dialect } in pages() {
        let compiler = of_compiler(&text, dialect);
        let tree = of_tree(&text, &mut parser);
        let is_same = compiler.has_error == tree.has_error
            && (compiler.has_error || compiler.items == tree.items);
        let is_known =
            compiler.has_error && KNOWN_DIFFERENCES.iter().any(|(part, _)| text.contains(part));
        if !is_same && !is_known {
            let _ = writeln!(report, "{place}: {}\n{text}", verdict(&compiler, &tree));
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn both_parsers_find_the_damage() {
    let mut parser = parser();
    let mut report = String::new();
    let (mut count, mut differ) = (0, 0);
    for Source { place, text, dialect } in sources() {
        for slice in split(text, KIND_NAMES) {
            let item = &text[Range::<usize>::from(slice.range)];
            for damaged in without_one_token(item, *dialect).into_iter().step_by(step()) {
                count += 1;
                let compiler = of_compiler(&damaged, *dialect);
                let tree = of_tree(&damaged, &mut parser);
                if compiler.has_error != tree.has_error {
                    differ += 1;
                    let _ = writeln!(report, "{place}: {}\n{damaged}", verdict(&compiler, &tree));
                }
            }
        }
    }
    assert!(differ == 0, "{differ} of {count} differ\n{report}");
}

/// A token is left out of one item; the others have to stay as they were.
#[test]
fn damage_stays_in_its_item() {
    let mut parser = parser();
    let (mut count, mut lost) = (0, Vec::new());
    for Source { place, text, dialect } in sources() {
        let whole = of_tree(text, &mut parser).items;
        for slice in split(text, KIND_NAMES) {
            let range = Range::<usize>::from(slice.range);
            let item = &text[range.clone()];
            let own = of_tree(item, &mut parser).items;
            let others: Vec<_> = whole.iter().filter(|it| !own.contains(it)).collect();
            let lines = item.ends_with('\n');
            // A line end that is lost at the end of an item is damage to the next one.
            let damaged = without_one_token(item, *dialect);
            for damaged in
                damaged.iter().filter(|it| it.ends_with('\n') == lines).step_by(2 * step())
            {
                count += 1;
                let damaged = replaced(text, range.clone(), damaged);
                let left = of_tree(&damaged, &mut parser).items;
                if let Some(other) = others.iter().find(|it| !left.contains(it)) {
                    lost.push(format!("{place}: `{other}` is lost, {left:?} left of\n{damaged}"));
                }
            }
        }
    }
    // A value that is missing at the end of an item takes the next item for it.
    let few = count / 50;
    assert!(lost.len() <= few, "{} of {count} spread\n{}", lost.len(), lost.join("\n"));
}

/// Which damaged versions are tried: each one only when there is time.
fn step() -> usize {
    if setting("RUSH_TEST_LONG").is_some() { 1 } else { 5 }
}

fn verdict(compiler: &Outline, tree: &Outline) -> &'static str {
    match (compiler.has_error, tree.has_error) {
        (true, false) => "only the compiler finds a mistake",
        (false, true) => "only tree-sitter finds a mistake",
        _ => "the items differ",
    }
}

/// The item as often as it has tokens, each time without one of them.
fn without_one_token(item: &str, dialect: Dialect) -> Vec<String> {
    let tokens: Vec<_> = parse_tree(item, dialect).tokens().collect();
    let mut damaged = Vec::new();
    for token in tokens {
        let range = Range::<usize>::from(token.range);
        let is_text = matches!(
            token.kind,
            SyntaxKind::Text | SyntaxKind::Raw | SyntaxKind::Command | SyntaxKind::Script
        );
        if token.kind == SyntaxKind::Newline {
            damaged.push(replaced(item, range.clone(), " "));
        } else if !token.kind.is_trivia() {
            damaged.push(replaced(item, range.clone(), ""));
        }
        if is_text {
            // The quote that closes it.
            damaged.push(replaced(item, range.end - 1..range.end, ""));
        }
    }
    damaged
}

fn replaced(item: &str, range: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &item[..range.start], &item[range.end..])
}

#[test]
fn the_scanner_knows_the_kinds_of_the_prelude() {
    let scanner = read("grammar/tree-sitter-rush/src/scanner.c");
    let (_, after) = scanner.split_once("KINDS[] = {").expect("the scanner lists the kinds");
    let (list, _) = after.split_once(", NULL}").expect("the list ends");
    let mut listed: Vec<_> = list.split(", ").map(|it| it.trim_matches('"')).collect();
    let mut known = KIND_NAMES.to_vec();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
}
