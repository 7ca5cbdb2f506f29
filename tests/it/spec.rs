//! The literate specification: every block of `tests/spec/*.md` finds exactly what it says.
//!
//! A block marked `rush` is checked; with `plan="label(args)"` that call is planned too, with `fmt`
//! the layout is judged, with `nocheck` it is only for reading. A finding that is not expected
//! fails, also a warning or a hint, and so does an expectation that is not met.

mod fill;
pub mod notation;

use std::fmt::Write as _;

use crate::findings::{self, Asked, Finding};
use crate::markdown::{Block, blocks};
use crate::repository;
use notation::{Case, Expected, case, written};

const FOLDER: &str = "tests/spec";

#[test]
fn every_block_finds_what_it_says() {
    if repository::setting("RUSH_SPEC_FILL").is_some() {
        fill::fill();
    }
    let only = repository::setting("RUSH_SPEC");
    let mut report = String::new();
    let (mut count, mut failed) = (0, 0);
    for path in repository::files(FOLDER, ".md") {
        if only.as_ref().is_some_and(|it| !path.contains(it)) {
            continue;
        }
        for block in blocks(&repository::read(&path)) {
            if !block.is_rush() || block.has("nocheck") {
                continue;
            }
            count += 1;
            let problems = problems(&path, &block);
            failed += usize::from(!problems.is_empty());
            report.push_str(&problems);
        }
    }
    assert!(count > 0, "no block of the specification was found");
    assert!(failed == 0, "{failed} of {count} blocks fail\n{report}");
}

/// What is wrong with a block, as lines for a person; empty when nothing is.
fn problems(path: &str, block: &Block) -> String {
    let case = case(block);
    let found = found(block, &case);
    let mut unmet: Vec<&Expected> = case.expected.iter().collect();
    let mut surplus = Vec::new();
    for finding in &found {
        match unmet.iter().position(|expected| meets(finding, expected)) {
            Some(at) => {
                unmet.remove(at);
            }
            None => surplus.push(finding),
        }
    }
    let mut out = String::new();
    for it in unmet {
        let line = block.line + it.written + 1;
        let words = written(it.column, it.width, it.code, &it.message);
        let _ = writeln!(out, "{path}:{line}: expected\n{words}");
    }
    for it in surplus {
        let line = place(block, it);
        let words = written(it.column, it.width, it.code, &it.message);
        let source = source(&case, it);
        let _ = writeln!(out, "{path}:{line}: found\n{source}\n{words}");
    }
    out
}

/// What Rush finds at the stages the block asks for.
fn found(block: &Block, case: &Case) -> Vec<Finding> {
    if block.has("fmt") {
        return findings::layout(&case.files);
    }
    let mut found = findings::check(&case.files);
    let pairs = |name: &str| {
        let values = block.values(name).into_iter();
        values.filter_map(|it| it.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())))
    };
    let asked = Asked {
        calls: block.values("plan"),
        profile: block.values("profile").into_iter().next(),
        set: pairs("set").collect(),
        env: pairs("env").collect(),
    };
    if !asked.calls.is_empty() {
        for finding in findings::planning(&case.files, &asked) {
            if !found.contains(&finding) {
                found.push(finding);
            }
        }
    }
    found
}

fn meets(finding: &Finding, expected: &Expected) -> bool {
    !expected.message.is_empty()
        && finding.path == expected.path
        && finding.line == expected.line
        && finding.column == expected.column
        && finding.width == expected.width
        && finding.code == expected.code
        && finding.message.contains(&expected.message)
        // A proposal that is not expected is a mistake as well.
        && finding.message.contains("did you mean") == expected.message.contains("did you mean")
}

/// The line of the Markdown file, counted from 1, a finding points at.
fn place(block: &Block, finding: &Finding) -> usize {
    let mut path = "tasks.rush";
    let mut count = 0;
    for (at, line) in block.lines.iter().enumerate() {
        if let Some(next) = line.strip_prefix("// file: ") {
            path = next.trim();
            count = 0;
        } else if !line.trim_start().starts_with('^') {
            if path == finding.path && count == finding.line {
                return block.line + at + 1;
            }
            count += 1;
        }
    }
    block.line
}

fn source<'a>(case: &'a Case, finding: &Finding) -> &'a str {
    let file = case.files.iter().find(|(path, _)| *path == finding.path);
    file.and_then(|(_, text)| text.lines().nth(finding.line)).unwrap_or_default()
}
