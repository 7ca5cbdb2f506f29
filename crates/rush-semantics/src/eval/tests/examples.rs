//! The whole file of the language's description.

use super::{With as _, check_plan, run};

const ACME: &str = include_str!("../../../../rush-syntax/tests/corpus/shop.rush");

#[test]
fn the_example_of_the_language_is_planned() {
    let _ = (ACME, check_plan, run);
    let _ = run("x").flag("a", &[]);
}
