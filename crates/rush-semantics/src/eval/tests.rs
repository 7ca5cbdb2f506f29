//! What plans come out of which texts: one text summary for each case.

mod examples;
mod given;
mod graph;
mod merge;
mod race;
mod request;
mod scale;
mod service;
mod summary;
mod texts;
mod values;

use rush_plan::{Call, Given, PlanRequest, ReadValue};

use super::{PlanOutcome, Round, plan};
use crate::RushDatabase;

/// A request in the making; `run("build web:test")` names labels.
pub(super) fn run(labels: &str) -> PlanRequest {
    rush_test::request(labels.split(' ').filter(|it| !it.is_empty()))
}

/// One call with everything between its brackets, spaces included.
pub(super) fn call(label: &str, arguments: &str) -> PlanRequest {
    let mut request = run("");
    request.goal.calls = vec![Call { arguments: Some(arguments.into()), ..Call::new(label) }];
    request
}

/// Additions to a request.
pub(super) trait With: Sized {
    fn flag(self, name: &str, texts: &[&str]) -> Self;
    fn switch(self, name: &str) -> Self;
    fn profile(self, name: &str) -> Self;
    fn set(self, name: &str, text: &str) -> Self;
    fn rest(self, texts: &[&str]) -> Self;
    fn read(self, key: rush_plan::ReadKey, value: ReadValue) -> Self;
}

impl With for PlanRequest {
    fn flag(mut self, name: &str, texts: &[&str]) -> Self {
        let texts = texts.iter().map(ToString::to_string).collect();
        self.goal.params.insert(name.to_owned(), Given::Texts(texts));
        self
    }
    fn switch(mut self, name: &str) -> Self {
        self.goal.params.insert(name.to_owned(), Given::Switch(true));
        self
    }
    fn profile(mut self, name: &str) -> Self {
        self.goal.profile = Some(name.to_owned());
        self
    }
    fn set(mut self, name: &str, text: &str) -> Self {
        self.goal.set.entry(name.to_owned()).or_default().push(text);
        self
    }
    fn rest(mut self, texts: &[&str]) -> Self {
        self.goal.rest = texts.iter().map(ToString::to_string).collect();
        self
    }
    fn read(mut self, key: rush_plan::ReadKey, value: ReadValue) -> Self {
        self.reads.insert(key, value);
        self
    }
}

/// A database of the files of a fixture: `//- path` begins a file, the first is `tasks.rush`.
pub(super) fn database(fixture: &str) -> RushDatabase {
    let mut db = RushDatabase::default();
    db.set_files(files(fixture));
    db
}

fn files(fixture: &str) -> Vec<(&str, &str)> {
    let mut files = Vec::new();
    let mut path = "tasks.rush";
    let mut start = 0;
    for (at, _) in fixture.match_indices("//- ") {
        files.push((path, &fixture[start..at]));
        let end = fixture[at..].find('\n').map_or(fixture.len(), |it| at + it + 1);
        path = fixture[at + 4..end].trim();
        start = end;
    }
    files.push((path, &fixture[start..]));
    files.retain(|(path, text)| *path != "tasks.rush" || !text.trim().is_empty());
    files
}

/// Plans and compares the summary.
#[track_caller]
pub(super) fn check_plan(fixture: &str, request: &PlanRequest, expect: &str) {
    let db = database(fixture);
    let outcome = plan(&db, request);
    let found = summary::summary(&db, &outcome);
    let place = std::panic::Location::caller();
    assert!(
        found.trim() == expect.trim(),
        "{}:{}\n<<<<found\n{}\n>>>>\n----expected\n{}\n",
        place.file(),
        place.line(),
        found.trim(),
        expect.trim()
    );
}

/// The plan of a fixture that has one.
pub(super) fn planned(fixture: &str, request: &PlanRequest) -> rush_plan::Plan {
    let db = database(fixture);
    match plan(&db, request) {
        Round::Done(PlanOutcome::Planned { plan, .. }) => *plan,
        other => panic!("{}", summary::summary(&db, &other)),
    }
}
