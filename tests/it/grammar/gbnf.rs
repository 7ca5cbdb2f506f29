//! The GBNF export: it takes the corpus, and what it takes is free of mistakes.
#![allow(clippy::disallowed_methods, reason = "files of its own, for a program of others")]

mod notation;
mod recogniser;
mod writer;

use std::process::Command;

use rush_semantics::kinds::KIND_NAMES;
use rush_syntax::Dialect;
use rush_syntax::grammar::{EBNF, gbnf};

use super::corpus::{pages, sources};
use super::outline::{first_mistake, of_compiler};
use crate::repository::setting;
use notation::Grammar;
use recogniser::Recogniser;
use writer::Writer;

fn grammar() -> Grammar {
    let text = gbnf(EBNF, KIND_NAMES).expect("the grammar can be converted");
    Grammar::parse(&text)
}

/// Texts that are free of mistakes for the parser and that the export does not take: the start of
/// the line where it stops, and why it stays so.
const REFUSED: [(&str, &str); 6] = [
    ("`", "a quote in the command is never closed; the compiler says so when it splits it"),
    ("\u{feff}", "nobody wants a model to write a byte-order mark"),
    ("kind job {", "no kind; the parser alone does not know"),
    ("sk a {", "no kind; the parser alone does not know"),
    ("sk build {", "no kind; the parser alone does not know"),
    (
        "== 1",
        "in parentheses every newline counts for nothing; one grammar of expressions has to do",
    ),
];

/// Whether somebody takes a text; else the byte where it stops.
type Take<'a> = &'a dyn Fn(&str) -> Result<(), usize>;

/// Expects that the corpus is taken, but for what is known to be refused.
fn check_corpus(take: Take<'_>) {
    let mut refused = Vec::new();
    let pages = pages();
    for source in sources().iter().chain(&pages) {
        let is_sound = !of_compiler(&source.text, source.dialect).has_error;
        if source.dialect == Dialect::Prelude || !is_sound {
            continue;
        }
        if let Err(at) = take(&source.text) {
            let line = source.text[..at].lines().count();
            let rest = source.text[at..].lines().next().unwrap_or_default();
            if REFUSED.iter().any(|(start, _)| rest.starts_with(start)) {
                continue;
            }
            refused.push(format!("{}:{line}: stops at `{rest}`", source.place));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn the_corpus_is_taken() {
    let recogniser = Recogniser::new(&grammar());
    check_corpus(&|text| recogniser.take(text));
}

/// What no file of Rush is.
const WRONG: [&str; 8] = [
    "task {\n",
    "task a { run: }\n",
    "task a {\n  run: `true`\n",
    "let x = \n",
    "let = 1\n",
    "use lib\n",
    "tasks:\n  a: b\n",
    "task a {\n  needs: [b\n  run: `true`\n}\n",
];

#[test]
fn what_is_wrong_is_refused() {
    let recogniser = Recogniser::new(&grammar());
    for text in WRONG {
        assert!(recogniser.take(text).is_err(), "{text}");
    }
}

/// The same by llama.cpp itself: `RUSH_TEST_GBNF` names its `test-gbnf-validator`.
#[test]
fn llama_cpp_takes_the_same() {
    let Some(validator) = setting("RUSH_TEST_GBNF") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (rules, input) = (folder.path().join("rush.gbnf"), folder.path().join("tasks.rush"));
    std::fs::write(&rules, gbnf(EBNF, KIND_NAMES).unwrap()).unwrap();
    let take = |text: &str| {
        std::fs::write(&input, text).unwrap();
        let output = Command::new(&validator).arg(&rules).arg(&input).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        if said.contains("is valid") {
            return Ok(());
        }
        let at = said.split_once("at position ").and_then(|(_, it)| it.lines().next());
        let at: usize = at.and_then(|it| it.parse().ok()).unwrap_or_else(|| panic!("{said}"));
        Err(text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte))
    };
    check_corpus(&take);
    for text in WRONG {
        assert!(take(text).is_err(), "{text}");
    }
}

/// Why a text the export takes may still have a mistake: what the message says, and the reason.
const WRITTEN: [(&str, &str); 4] = [
    ("it takes all that is left", "that a parameter is the last one is a remark in the EBNF"),
    ("is too large", "no rule counts how much the digits of a number come to"),
    ("is too small", "the same"),
    ("is not a number", "nor whether a part of a unit is a whole number of nanoseconds"),
];

/// `check {` reads as a field or a declaration, not as a condition that begins with a record; the EBNF does not say so.
fn has_check_of_record(text: &str) -> bool {
    let after_gap = |mut rest: &str| loop {
        rest = rest.trim_start();
        match rest.strip_prefix("//") {
            Some(comment) => rest = comment.split_once('\n').map_or("", |it| it.1),
            None => break rest.starts_with('{'),
        }
    };
    text.match_indices("check").any(|(at, word)| after_gap(&text[at + word.len()..]))
}

#[test]
fn what_it_writes_is_free_of_mistakes() {
    let grammar = grammar();
    let count = if setting("RUSH_TEST_LONG").is_some() { 20_000 } else { 300 };
    let (mut tried, mut bad) = (0, Vec::new());
    for seed in 0..count {
        let text = Writer::new(&grammar, seed).write();
        // Where a text over several lines ends depends on the indentation of its first line, which
        // no context-free grammar can compare.
        if text.lines().any(|it| it.trim_end().ends_with("\"\"\"")) {
            continue;
        }
        tried += 1;
        if let Some(mistake) = first_mistake(&text) {
            let is_written = WRITTEN.iter().any(|(part, _)| mistake.contains(part));
            if is_written || has_check_of_record(&text) {
                continue;
            }
            bad.push(format!("{mistake}\n--\n{text}"));
        }
    }
    assert!(tried > count / 4, "only {tried} of {count} texts were tried");
    assert!(bad.is_empty(), "{} of {tried} have mistakes\n{}", bad.len(), bad.join("\n----\n"));
}
