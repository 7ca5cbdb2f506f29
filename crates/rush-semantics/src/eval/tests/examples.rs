//! The examples of the book are planned, whatever they need to read.

use super::super::{PlanOutcome, Round, in_rounds, plan, runnable};
use super::{run, summary};
use crate::RushDatabase;
use crate::names::{files, label};
use crate::signature::signature;

/// Plans every task that needs no argument.
fn check_example(texts: &[(&str, &str)]) {
    let mut db = RushDatabase::default();
    db.set_files(texts.iter().copied());
    for file in files(&db) {
        for item in runnable(&db, file) {
            if signature(&db, item).required().next().is_some() {
                continue;
            }
            let label = label(&db, item);
            let outcome = in_rounds(run(&label), |it| plan(&db, it), rush_test::read).unwrap();
            let is_planned = matches!(outcome, PlanOutcome::Planned { .. });
            assert!(is_planned, "{label}: {}", summary::summary(&db, &Round::Done(outcome)));
        }
    }
}

#[test]
fn the_examples_of_the_book_are_planned() {
    let examples = [
        include_str!("../../../../../docs/examples/c/tasks.rush"),
        include_str!("../../../../../docs/examples/containers/tasks.rush"),
        include_str!("../../../../../docs/examples/deploy/tasks.rush"),
        include_str!("../../../../../docs/examples/hello/tasks.rush"),
        include_str!("../../../../../docs/examples/matrix/tasks.rush"),
        include_str!("../../../../../docs/examples/python/tasks.rush"),
        include_str!("../../../../../docs/examples/rust/tasks.rush"),
        include_str!("../../../../../docs/examples/scripts/tasks.rush"),
        include_str!("../../../../../docs/examples/web/tasks.rush"),
    ];
    for text in examples {
        check_example(&[("tasks.rush", text)]);
    }
}
