//! The reference page is made from the prelude, so it can't drift from what the compiler knows.

use rush_semantics::{RushDatabase, reference};

use crate::repository::{read, setting, write};

const PAGE: &str = "docs/reference/kinds.md";

#[test]
fn the_reference_page_is_what_the_prelude_says() {
    let made = reference::page(&RushDatabase::default());
    if setting("RUSH_UPDATE_DOCS").is_some() {
        write(PAGE, &made);
    }
    assert!(
        read(PAGE) == made,
        "{PAGE} is not what the prelude says; \
         `RUSH_UPDATE_DOCS=1 cargo nextest run -p rush-tests reference` writes it"
    );
}
