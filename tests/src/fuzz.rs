//! Claims about any bytes. `cargo fuzz` looks for a counterexample with coverage as its guide; the
//! test suite tries a bounded number of random inputs against the same functions.

use rush_diagnostics::resolve_all;
use rush_semantics::{RushDatabase, check, kinds::KIND_NAMES};
use rush_syntax::{Dialect, ast::same_meaning, format, parse_item, parse_tree, split};

/// The slices of a file tile it, and each item's tree holds its text.
pub fn parse(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut end = 0;
    for slice in split(&text, KIND_NAMES) {
        assert_eq!(usize::from(slice.range.start()), end, "slices leave a gap");
        end = usize::from(slice.range.end());
        let item = &text[std::ops::Range::<usize>::from(slice.range)];
        assert_eq!(parse_tree(item, Dialect::File).text(item), item, "the tree lost text");
    }
    assert_eq!(end, text.len(), "the slices end early");
}

/// Formatting twice is formatting once, and keeps the meaning of every sound item.
pub fn format_twice(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let once = format(&text, KIND_NAMES);
    let twice = format(&once.text, KIND_NAMES);
    assert_eq!(once.text, twice.text, "formatting is not idempotent");
    if !once.broken_items.is_empty() {
        return;
    }
    let (before, after) = (items(&text), items(&once.text));
    assert_eq!(before.len(), after.len(), "formatting changed the number of items");
    for (old, new) in before.into_iter().zip(after) {
        let old = parse_item(old, Dialect::File).item;
        let new = parse_item(new, Dialect::File).item;
        assert!(same_meaning(&old, &new), "formatting changed the meaning");
    }
}

/// The texts of the items; the white space of a file without any is none.
fn items(text: &str) -> Vec<&str> {
    let slices = split(text, KIND_NAMES);
    let texts = slices.iter().map(|it| &text[std::ops::Range::<usize>::from(it.range)]);
    texts.filter(|it| !it.trim().is_empty()).collect()
}

/// Checking ends, and every finding points into the file.
pub fn check_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut db = RushDatabase::default();
    let file = db.set_file("tasks.rush", &text);
    check::prepare(&db);
    let found = check::file_diagnostics(&db, file);
    for finding in resolve_all(&found, &db) {
        let range = finding.primary.range;
        assert!(usize::from(range.end()) <= text.len(), "a finding points behind the file");
        assert!(text.is_char_boundary(range.start().into()), "a finding points into a character");
    }
}
