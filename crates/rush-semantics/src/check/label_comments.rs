//! `needs: [` and `//web:build` on a line of its own: a label of the command line that is a comment here, so
//! that nothing is needed and nobody says so.
//!
//! Only comments that hold nothing but labels count, and only in the fields that name tasks, where an element
//! may begin. A comment that is meant has a space behind its `//`.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use rush_diagnostics::{Diagnostic, Span, TextRange};
use rush_syntax::SyntaxKind;
use rush_syntax::ast::{Decl, Item as Ast, Member};

use crate::db::{Db, Item};
use crate::report;

/// The fields whose values name tasks.
const FIELDS: [&str; 3] = ["needs", "steps", "after"];

/// The findings about a declaration, one for each field with such comments.
pub fn of_declaration(db: &dyn Db, (item, ast): (Item, &Ast), decl: &Decl) -> Vec<Diagnostic> {
    let text: &str = item.text(db);
    // Nearly no item has one, and then nothing is lexed.
    if !comments(text).any(|it| rush_syntax::label_of_comment(it).is_some()) {
        return Vec::new();
    }
    let labels = labels(text);
    let found = decl.body.members.iter().filter_map(|member| {
        let Member::Field(field) = member else { return None };
        if !FIELDS.contains(&field.name.text.as_str()) {
            return None;
        }
        finding(db, item, inside(&labels, ast.expr_range(field.value)))
    });
    found.collect()
}

/// What may be the comment of each line that has one: from its first `//` on.
fn comments(text: &str) -> impl Iterator<Item = &str> {
    static SLASHES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("//"));
    let mut rest = text;
    std::iter::from_fn(move || {
        let behind = rest.get(SLASHES.find(rest.as_bytes())?..)?;
        let end = memchr::memchr(b'\n', behind.as_bytes()).unwrap_or(behind.len());
        let (comment, others) = behind.split_at_checked(end)?;
        rest = others;
        Some(comment)
    })
}

/// The labels in a part of an item.
fn inside<'l, 't>(
    labels: &'l [(TextRange, &'t str)],
    part: TextRange,
) -> &'l [(TextRange, &'t str)] {
    let from = labels.partition_point(|it| it.0.start() < part.start());
    let to = labels.partition_point(|it| it.0.end() <= part.end());
    labels.get(from..to).unwrap_or_default()
}

/// The comments of an item that hold labels and stand where an element begins.
fn labels(text: &str) -> Vec<(TextRange, &str)> {
    let mut found = Vec::new();
    let mut is_beginning = false;
    for token in rush_syntax::tokens(text) {
        match token.kind {
            SyntaxKind::Whitespace => {}
            SyntaxKind::Comment if is_beginning => {
                let label = text.get(std::ops::Range::<usize>::from(token.range));
                if let Some(label) = label.and_then(rush_syntax::label_of_comment) {
                    let place = TextRange::at(token.range.start(), (label.len() as u32).into());
                    found.push((place, label));
                }
            }
            kind => {
                is_beginning = matches!(
                    kind,
                    SyntaxKind::Newline | SyntaxKind::LeftBracket | SyntaxKind::Comma
                );
            }
        }
    }
    found
}

fn finding(db: &dyn Db, item: Item, labels: &[(TextRange, &str)]) -> Option<Diagnostic> {
    let span = |place: TextRange| Span::new(item.id(db), place);
    let ((first, label), others) = labels.split_first()?;
    let finding = report::label_comment(span(*first), label);
    Some(others.iter().fold(finding, |it, (place, _)| it.because(span(*place), "here, too")))
}
