//! Every piece of Rush in the documents and examples is sound and laid out as `rush fmt` does.

use std::fmt::Write as _;

use rush_semantics::Db as _;
use rush_semantics::eval::runnable;
use rush_semantics::names::label;
use rush_semantics::signature::signature;

use crate::findings::{self, Asked, Files};
use crate::markdown::blocks;
use crate::repository;

#[test]
fn every_block_of_the_documents_is_clean() {
    let mut report = String::new();
    let mut pages = vec!["README.md".to_owned(), "ARCHITECTURE.md".to_owned()];
    pages.extend(repository::files("docs/guide", ".md"));
    pages.extend(repository::files("docs/reference", ".md"));
    pages.push("docs/examples/README.md".to_owned());
    for page in pages {
        for block in blocks(&repository::read(&page)) {
            if block.is_rush() {
                let files = vec![("tasks.rush".to_owned(), block.text())];
                report.push_str(&judge(&page, block.line, &files));
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn every_example_is_clean() {
    let mut report = String::new();
    let all = repository::files("docs/examples", ".rush");
    let roots = all.iter().filter_map(|it| it.strip_suffix("/tasks.rush"));
    for root in roots.filter(|it| it.split('/').count() == 3) {
        let inside = all.iter().filter_map(|it| Some((it, it.strip_prefix(root)?)));
        // `c` also begins `containers`.
        let inside = inside.filter(|(_, it)| it.starts_with('/'));
        let files = inside.map(|(path, it)| (it[1..].to_owned(), repository::read(path)));
        report.push_str(&judge(root, 0, &files.collect()));
    }
    let own = vec![("tasks.rush".to_owned(), repository::read("tasks.rush"))];
    report.push_str(&judge("", 0, &own));
    assert!(report.is_empty(), "{report}");
}

#[test]
fn every_task_of_the_examples_can_be_planned() {
    let mut report = String::new();
    let all = repository::files("docs/examples", "");
    let roots = all.iter().filter_map(|it| it.strip_suffix("/tasks.rush"));
    for root in roots.filter(|it| it.split('/').count() == 3) {
        let inside = all.iter().filter_map(|it| Some((it, it.strip_prefix(root)?)));
        let inside = inside.filter(|(_, it)| it.starts_with('/'));
        let files: Files =
            inside.map(|(path, it)| (it[1..].to_owned(), repository::read(path))).collect();
        for call in calls(&files) {
            let asked = Asked { calls: vec![call.clone()], ..Asked::default() };
            for it in findings::planning(&files, &asked) {
                let (code, message) = (it.code, it.message);
                let _ = writeln!(report, "{root}: {call}: {code} {message}");
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// The labels of the tasks that need no argument.
fn calls(files: &Files) -> Vec<String> {
    let db = findings::database(files);
    let mut found = Vec::new();
    for file in db.workspace().packages(&db).values() {
        for item in runnable(&db, *file) {
            if signature(&db, item).required().next().is_none() {
                found.push(label(&db, item));
            }
        }
    }
    found
}

fn judge(page: &str, line: usize, files: &Files) -> String {
    let mut found = findings::check(files);
    found.extend(findings::layout(files));
    let mut out = String::new();
    for it in found {
        let line = line + it.line + 1;
        let _ = writeln!(out, "{page}:{line}: {} {}: {}", it.path, it.code, it.message);
    }
    out
}
