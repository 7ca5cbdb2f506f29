//! The rules of the graph on small workspaces: what is accused, and what must not be.

mod circles;
mod incremental;
mod model;
mod ports;
mod reads;
mod size;
mod skipped;
mod writes;

use rush_diagnostics::{Anchor, Diagnostic, Locate, Severity};

use super::workspace_diagnostics;
use crate::db::RushDatabase;

/// A database with the files of a fixture. A line `//- path` starts a file; before the first such
/// line is `tasks.rush`.
fn database(fixture: &str) -> RushDatabase {
    let mut files: Vec<(String, String)> = vec![("tasks.rush".to_owned(), String::new())];
    for line in fixture.lines() {
        match line.strip_prefix("//- ") {
            Some(path) => files.push((path.trim().to_owned(), String::new())),
            None => {
                let (_, text) = files.last_mut().expect("there is a first file");
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    let mut db = RushDatabase::default();
    db.set_files(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    db
}

/// The finding as `error 0503 at second: message`, `at` being the item it is in and its text there.
fn show(db: &RushDatabase, it: &Diagnostic) -> String {
    let severity = match it.severity {
        Severity::Error => "",
        other => other.word(),
    };
    let span = &it.primary.span;
    let file = db.file(span.item.file()).expect("the file is there");
    let start = db.item_range(&span.item).expect("the item is there").start();
    let range = std::ops::Range::<usize>::from(span.range + start);
    let source = file.text(db).get(range).expect("the range is inside");
    let code = it.code;
    format!("{severity} {code} {} `{source}`: {}", span.item.name(), it.message).trim().to_owned()
}

/// Expects exactly these findings, one a line, in any order.
fn check(fixture: &str, expected: &[&str]) {
    let db = database(fixture);
    let mut found: Vec<String> =
        workspace_diagnostics(&db).iter().map(|it| show(&db, it)).collect();
    found.sort();
    let mut expected: Vec<&str> = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected, "for:\n{fixture}");
}

/// Expects no finding.
fn accepts(fixture: &str) {
    check(fixture, &[]);
}

/// Applies the first fix of the only finding and expects this text of `tasks.rush`.
fn check_fix(fixture: &str, expected: &str) {
    let db = database(fixture);
    let [finding] = workspace_diagnostics(&db) else { panic!("expected one finding: {fixture}") };
    let fix = finding.fixes.first().expect("the finding has a fix");
    assert!(fix.is_automatic);
    let [edit] = fix.edits.as_slice() else { panic!("expected one edit") };
    let Anchor::Range(span) = &edit.at else { panic!("expected a range") };
    let start = db.item_range(&span.item).expect("the item is there").start();
    let file = db.file(span.item.file()).expect("the file is there");
    let mut text = file.text(&db).to_string();
    text.replace_range(std::ops::Range::<usize>::from(span.range + start), &edit.text);
    assert_eq!(text, expected);
    let mut mended = RushDatabase::default();
    mended.set_file("tasks.rush", &text);
    assert_eq!(workspace_diagnostics(&mended), &[]);
}
