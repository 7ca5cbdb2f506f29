//! `//!` below the head of a file, where it documents nothing.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use rush_diagnostics::{Diagnostic, Span, TextRange, TextSize};
use rush_syntax::SyntaxKind;

use crate::db::{Db, Item};
use crate::report;

/// The findings about the `//!` lines of an item, one for those that follow each other.
///
/// Those of the head stand before every item, in a part of the file that declares nothing.
pub fn below_the_head(db: &dyn Db, item: Item) -> Vec<Diagnostic> {
    static MARK: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("//!"));
    let text: &str = item.text(db);
    // Nearly no item has one, and then nothing is lexed.
    if MARK.find(text.as_bytes()).is_none() {
        return Vec::new();
    }
    let tokens = rush_syntax::tokens(text);
    if tokens.iter().all(|it| it.kind.is_trivia()) {
        return Vec::new();
    }
    let mut runs: Vec<Vec<TextRange>> = Vec::new();
    let mut is_open = false;
    for token in &tokens {
        match (token.kind, runs.last_mut()) {
            (SyntaxKind::FileDoc, Some(run)) if is_open => run.push(token.range),
            (SyntaxKind::FileDoc, _) => runs.push(vec![token.range]),
            (SyntaxKind::Newline | SyntaxKind::Whitespace, _) => continue,
            _ => {}
        }
        is_open = token.kind == SyntaxKind::FileDoc;
    }
    runs.iter().map(|run| finding(db, item, run)).collect()
}

fn finding(db: &dyn Db, item: Item, run: &[TextRange]) -> Diagnostic {
    let text: &str = item.text(db);
    let first = run.first().copied().unwrap_or_default();
    let end = run.last().map_or(0, |it| usize::from(it.end()));
    let below = text.get(end..).unwrap_or_default();
    let below = below.split_once('\n').map_or("", |(_, it)| it).lines().next().unwrap_or_default();
    let is_above_something = !below.trim().is_empty() && !below.trim().starts_with(['}', ')', ']']);
    let ours = if is_above_something { "///" } else { "//" };
    let marks = run.iter().map(|it| TextRange::at(it.start(), TextSize::of("//!"))).collect();
    let line = text.get(usize::from(first.start())..usize::from(first.end())).unwrap_or_default();
    let first = TextRange::at(first.start(), TextSize::of(line.trim_end()));
    report::file_doc_below(Span::new(item.id(db), first), ours, marks)
}
