//! Words in texts: where one stands as a whole, and one that stands nowhere.

use memchr::memmem;
use rush_semantics::{Db, names};
use rush_syntax::ast::{Expr, Item, Part};
use smol_str::SmolStr;
use text_size::TextRange;

use crate::syntax::exprs;

/// How often a word stands in a text, not as a part of a longer one.
pub(super) fn count(text: &str, word: &str) -> usize {
    let is_part = |it: &u8| it.is_ascii_alphanumeric() || *it == b'_';
    let bytes = text.as_bytes();
    let is_whole = |at: &usize| {
        let before = at.checked_sub(1).and_then(|it| bytes.get(it));
        !before.is_some_and(is_part) && !bytes.get(at + word.len()).is_some_and(is_part)
    };
    memmem::find_iter(bytes, word.as_bytes()).filter(is_whole).count()
}

/// A text in which both names are the same word.
pub(super) fn open(text: &str, names: [&str; 2]) -> String {
    let is_part = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let mut found = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = match rest.find(|it| is_part(it) != is_part(first)) {
            Some(len) => len,
            None => rest.len(),
        };
        let (run, after) = rest.split_at(len);
        found.push_str(if names.contains(&run) { "\u{b7}" } else { run });
        rest = after;
    }
    found
}

/// A name like `name` that is written nowhere in the workspace.
pub(super) fn fresh(db: &dyn Db, name: &str) -> SmolStr {
    let is_free = |it: &SmolStr| names::files(db).all(|file| count(file.text(db), it) == 0);
    let mut candidates = (2_u32..).map(|at| SmolStr::from(format!("{name}_{at}")));
    candidates.find(is_free).unwrap_or_default()
}

/// Where an item has a text that is nothing but `word`, quotes excluded.
pub(super) fn texts<'a>(ast: &'a Item, word: &'a str) -> impl Iterator<Item = TextRange> + 'a {
    exprs(ast).filter_map(move |(_, expr)| match expr {
        Expr::Text(parts) => match parts.as_slice() {
            [Part::Text { value, range, .. }] if value == word => Some(*range),
            _ => None,
        },
        _ => None,
    })
}
