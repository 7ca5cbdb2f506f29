//! The reference page is made from the prelude, so it can't drift from what the compiler knows.

use rush_semantics::{RushDatabase, reference};

#[test]
fn the_reference_page_is_what_the_prelude_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/kinds.md");
    let made = reference::page(&RushDatabase::default());
    if std::env::var_os("RUSH_UPDATE_DOCS").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == made,
        "docs/reference/kinds.md is not what the prelude says; \
         RUSH_UPDATE_DOCS=1 cargo nextest run -p rush-tests reference writes it"
    );
}
