//! All findings about an item, a file and a workspace.
//!
//! What concerns one item is found by looking at that item; what concerns the graph of tasks is a
//! second wave, so that an editor can show the first at once.

use rush_diagnostics::{Code, Diagnostic, TextRange};
use rustc_hash::FxHashSet;

use rush_syntax::Kind;

use crate::db::{Db, Item, SourceFile};
use crate::infer::infer;
use crate::order::definitions;

mod causes;
mod defaults;
mod deprecated;
mod environment;
mod fences;
mod file_docs;
mod inherited;
mod label_comments;
mod lint;
mod repeats;
mod selection;

/// Whether `--name` belongs to `rush run` itself, so that no parameter can have it as its flag.
pub fn is_run_flag(name: &str) -> bool {
    lint::RUN_FLAGS.contains(&name)
}

pub use causes::{causes, causing_errors, left_open};
pub use deprecated::deprecation;
pub(crate) use lint::{item_lints, workspace_item};
pub use repeats::joined;

/// Everything that is wrong with one item: its syntax, its names and types, its style.
pub fn item_diagnostics(db: &dyn Db, item: Item) -> &[Diagnostic] {
    // Most items are sound: a query for all of them would cost more than it remembers, and so would
    // a look at the syntax of each after an edit of one.
    let found = infer(db, item);
    if found.has_syntax_errors { broken_item_diagnostics(db, item) } else { &found.diagnostics }
}

#[salsa::tracked(returns(ref))]
fn broken_item_diagnostics(db: &dyn Db, item: Item) -> Vec<Diagnostic> {
    let id = item.id(db);
    let errors = item.parsed(db).errors.iter();
    let mut found: Vec<Diagnostic> =
        errors.map(|error| error.clone().into_diagnostic(&id)).collect();
    let lines = Lines::of(item.text(db));
    let meaning = &infer(db, item).diagnostics;
    if let Some(unknown) = meaning.iter().find(|it| it.code == Code::UnknownKind) {
        // What an item of no kind should look like, nobody can say.
        let line = lines.of_finding(unknown);
        found.retain(|it| !is_unread(it) || lines.of_finding(it) != line);
    }
    // Where a `let` is forgotten, the `=` is right.
    let lets: FxHashSet<usize> =
        meaning.iter().filter(|it| lacks_let(it)).map(|it| lines.of_finding(it)).collect();
    found.retain(|it| it.code != Code::EqualsForColon || !lets.contains(&lines.of_finding(it)));
    // That a name has a sign which names have not is no news where nothing has the name.
    let unknown = meaning.iter().filter(|it| it.code == Code::UnknownField);
    let unknown: Vec<TextRange> = unknown.map(|it| it.primary.span.range).collect();
    found.retain(|it| !unknown.contains(&it.primary.span.range));
    // Beside a word that only is spelled otherwise, the line is read as it is meant.
    let respelled = item.parsed(db).errors.iter().filter(|it| it.is_respelled());
    let respelled: Vec<TextRange> =
        respelled.map(|it| it.range).filter(|it| !unknown.contains(it)).collect();
    let unread: FxHashSet<usize> = found
        .iter()
        .filter(|it| is_unread(it) && !respelled.contains(&it.primary.span.range))
        .map(|it| lines.of_finding(it))
        .collect();
    let meaning = meaning
        .iter()
        .filter(|it| !unread.contains(&lines.of_finding(it)) && !echoes(it, &found))
        .filter(|it| !respelled.iter().any(|at| at.contains_range(it.primary.span.range)))
        .cloned();
    let meaning: Vec<Diagnostic> = meaning.collect();
    found.extend(meaning);
    found
}

/// Whether the place of a finding is broken itself: then it follows from the mistake in there.
fn echoes(finding: &Diagnostic, syntax: &[Diagnostic]) -> bool {
    syntax.iter().any(|it| finding.primary.span.range.contains_range(it.primary.span.range))
}

fn lacks_let(finding: &Diagnostic) -> bool {
    finding.code == Code::UnknownField
        && finding.fixes.iter().any(|it| it.title == crate::report::LET_MISSING)
}

/// Whether what the author meant by the line of a finding is not known, so that what else is found
/// there may follow from it. Behind a text without an end all quotes are read the wrong way round.
fn is_unread(finding: &Diagnostic) -> bool {
    matches!(finding.code, Code::ExpectedSyntax | Code::UnclosedText)
}

/// The ends of the lines of a text.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(memchr::memchr_iter(b'\n', text.as_bytes()).collect())
    }

    fn of_finding(&self, finding: &Diagnostic) -> usize {
        let start = usize::from(finding.primary.span.range.start());
        self.0.partition_point(|end| *end < start)
    }
}

/// Everything that is wrong with the items of one file.
pub fn file_diagnostics(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for &item in file.items(db).iter() {
        db.unwind_if_revision_cancelled();
        found.extend(item_diagnostics(db, item).iter().cloned());
    }
    fences::join(&mut found);
    found.extend(lint::file_lints(db, file));
    found.extend(deprecated::uses(db, file));
    found
}

/// Prepares definitions in an order in which none waits for another, so that no query recurses
/// deeper than a body does. Whoever checks many items calls this first.
pub fn prepare(db: &dyn Db) {
    prepare_for(db, db);
}

/// Prepares the definitions of a scratch database, for as long as nobody writes to the one whose
/// question it answers.
pub fn prepare_for(asker: &dyn Db, db: &dyn Db) {
    for &item in &definitions(db, db.workspace()).order {
        asker.unwind_if_revision_cancelled();
        match item.kind(db) {
            Kind::Let | Kind::Param => {
                crate::signature::value_type(db, item);
            }
            Kind::Fn => {
                crate::signature::result_type(db, item);
            }
            Kind::Type => {
                crate::types::declared_type(db, item);
            }
            _ => {
                crate::signature::matrix_axes(db, item);
            }
        }
    }
}
