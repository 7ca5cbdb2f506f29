//! All findings about an item, a file and a workspace.
//!
//! What concerns one item is found by looking at that item; what concerns the graph of tasks is a
//! second wave, so that an editor can show the first at once.

use rush_diagnostics::Diagnostic;

use crate::db::{Db, Item, SourceFile};
use crate::infer::infer;
use crate::order::definitions;

mod lint;

/// Whether `--name` belongs to `rush run` itself, so that no parameter can have it as its flag.
pub fn is_run_flag(name: &str) -> bool {
    lint::RUN_FLAGS.contains(&name)
}

pub(crate) use lint::item_lints;

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
    let meaning = infer(db, item).diagnostics.iter().filter(|it| !echoes(it, &found)).cloned();
    let meaning: Vec<Diagnostic> = meaning.collect();
    found.extend(meaning);
    found
}

/// Whether the place of a finding is broken itself: then it follows from the mistake in there.
fn echoes(finding: &Diagnostic, syntax: &[Diagnostic]) -> bool {
    syntax.iter().any(|it| finding.primary.span.range.contains_range(it.primary.span.range))
}

/// Everything that is wrong with the items of one file.
pub fn file_diagnostics(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for &item in file.items(db).iter() {
        db.unwind_if_revision_cancelled();
        found.extend(item_diagnostics(db, item).iter().cloned());
    }
    found.extend(lint::file_lints(db, file));
    found
}

/// Prepares definitions in an order in which none waits for another, so that no query recurses
/// deeper than a body does. Whoever checks many items calls this first.
pub fn prepare(db: &dyn Db) {
    for &item in &definitions(db, db.workspace()).order {
        db.unwind_if_revision_cancelled();
        match item.kind(db).as_str() {
            "let" | "param" => {
                crate::signature::value_type(db, item);
            }
            "fn" => {
                crate::signature::result_type(db, item);
            }
            "type" => {
                crate::types::declared_type(db, item);
            }
            _ => {
                crate::signature::matrix_axes(db, item);
            }
        }
    }
}
