//! What Rush finds in files given as text: at check, in the layout, or when a plan is made.
//!
//! It drives the compiler as the front ends do, with the outside world answered from the files.

use std::collections::BTreeMap;
use std::path::Path;

use rush_diagnostics::{Code, Diagnostic, ResolvedDiagnostic, Severity, Source, resolve_all};
use rush_plan::{CallOrder, Glob, ReadKey, ReadValue, WorkspacePath};
use rush_semantics::eval::{PlanOutcome, in_rounds, plan};
use rush_semantics::{Db as _, RushDatabase, check, graph};
use rush_test::request;

/// The files of a workspace, by path from its root.
pub type Files = Vec<(String, String)>;

/// One finding, as a person would point at it; lines and columns count from 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file.
    pub path: String,
    /// The line it starts on.
    pub line: usize,
    /// The character it starts at.
    pub column: usize,
    /// The characters it covers on that line, at least one.
    pub width: usize,
    /// The code.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// The one-line problem.
    pub message: String,
}

/// A database with these files.
pub fn database(files: &Files) -> RushDatabase {
    let mut db = RushDatabase::default();
    let sources = files.iter().filter(|(path, _)| is_source(path));
    db.set_files(sources.map(|(path, text)| (path.as_str(), text.as_str())));
    db
}

fn is_source(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|it| it == "rush")
}

/// What `rush check` finds.
pub fn check(files: &Files) -> Vec<Finding> {
    let db = database(files);
    check::prepare(&db);
    let mut all = Vec::new();
    for file in db.workspace().files(&db).values() {
        all.extend(check::file_diagnostics(&db, *file));
    }
    all.extend(graph::workspace_diagnostics(&db).iter().cloned());
    placed(&db, &all)
}

/// What is asked of the planner besides the text.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Labels and calls.
    pub calls: Vec<String>,
    /// The profile.
    pub profile: Option<String>,
    /// Values of file-level parameters.
    pub set: BTreeMap<String, String>,
    /// The variables there are.
    pub env: BTreeMap<String, String>,
}

/// What making a plan finds, check apart.
pub fn planning(files: &Files, asked: &Asked) -> Vec<Finding> {
    let db = database(files);
    let mut request = request(asked.calls.iter().map(String::as_str));
    request.goal.order = CallOrder::default();
    request.goal.profile.clone_from(&asked.profile);
    let set = asked.set.iter().map(|(name, text)| (name.clone(), text.as_str().into()));
    request.goal.set = set.collect();
    match in_rounds(request, |it| plan(&db, it), |key| answer(files, asked, key)) {
        Some(PlanOutcome::Planned { warnings, .. }) => placed(&db, &warnings),
        Some(PlanOutcome::Failed(found)) => placed(&db, &found),
        Some(PlanOutcome::Usage(errors)) => panic!("{:?}: {errors:?}", asked.calls),
        None => panic!("{:?} asks for ever more reads", asked.calls),
    }
}

fn answer(files: &Files, asked: &Asked, key: &ReadKey) -> ReadValue {
    let text = |it: Option<&String>| it.cloned().map_or(ReadValue::Absent, ReadValue::Text);
    match key {
        ReadKey::Env(name) => text(asked.env.get(name)),
        ReadKey::File(path) => {
            text(files.iter().find(|(it, _)| it == path.as_str()).map(|(_, text)| text))
        }
        ReadKey::Files(pattern) => {
            let glob = Glob::parse(pattern).expect("the compiler has checked it");
            let paths = files.iter().filter_map(|(path, _)| WorkspacePath::new(path).ok());
            ReadValue::Names(paths.filter(|it| glob.matches(it.as_str())).collect())
        }
    }
}

fn placed(db: &RushDatabase, all: &[Diagnostic]) -> Vec<Finding> {
    let resolved = resolve_all(all, db);
    assert_eq!(all.len(), resolved.len(), "a finding points outside its file");
    resolved.into_iter().map(|it| finding(db, &it)).collect()
}

/// What `rush fmt --check` finds.
pub fn layout(files: &Files) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in files {
        if rush_syntax::format(text, rush_semantics::kinds::KIND_NAMES).text == *text {
            continue;
        }
        let info = Code::NotFormatted.info();
        found.push(Finding {
            path: path.clone(),
            line: 0,
            column: 0,
            width: 1,
            code: info.code,
            severity: info.severity,
            message: info.title.to_owned(),
        });
    }
    found
}

/// A resolved finding with lines and columns.
fn finding(db: &RushDatabase, found: &ResolvedDiagnostic) -> Finding {
    let file = db.file(found.primary.file).expect("findings point into known files");
    let path = file.path(db).to_string();
    let source = Source::new(path.clone(), file.text(db).clone());
    let start = source.position(found.primary.range.start());
    let end = source.position(found.primary.range.end());
    let column = start.column as usize - 1;
    let width = if end.line == start.line {
        (end.column as usize - 1) - column
    } else {
        let line = source.text().lines().nth(start.line as usize - 1).unwrap_or_default();
        line.chars().count().saturating_sub(column)
    };
    Finding {
        path,
        line: start.line as usize - 1,
        column,
        width: width.max(1),
        code: found.code,
        severity: found.severity,
        message: found.message.clone(),
    }
}
