//! Completes expectations that name a code only: `^ RUSH0204` gets its place and message.
//!
//! A convenience of authors, started by `RUSH_SPEC_FILL=1 cargo test -p rush-tests spec`. What it
//! writes is read before it is committed; it never changes an expectation that is complete.

use super::notation::{Case, case, written};
use super::{FOLDER, found};
use crate::findings::Finding;
use crate::markdown::{Block, blocks};
use crate::repository;

/// Completes what is incomplete in all chapters.
pub fn fill() {
    for path in repository::files(FOLDER, ".md") {
        let text = repository::read(&path);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for block in blocks(&text).iter().filter(|it| it.is_rush() && !it.has("nocheck")) {
            fill_block(block, &mut lines);
        }
        let filled = lines.join("\n") + "\n";
        if filled != text {
            repository::write(&path, &filled);
        }
    }
}

fn fill_block(block: &Block, lines: &mut [String]) {
    let case = case(block);
    if case.expected.iter().all(|it| !it.message.is_empty()) {
        return;
    }
    let mut open = unexpected(block, &case);
    for it in case.expected.iter().filter(|it| it.message.is_empty()) {
        let fits =
            |found: &Finding| (&found.path, found.line, found.code) == (&it.path, it.line, it.code);
        let Some(at) = open.iter().position(fits) else { continue };
        let found = open.remove(at);
        if let Some(line) = lines.get_mut(block.line + it.written) {
            *line = written(found.column, found.width, found.code, &found.message);
        }
    }
}

fn unexpected(block: &Block, case: &Case) -> Vec<Finding> {
    let mut open = found(block, case);
    for it in case.expected.iter().filter(|it| !it.message.is_empty()) {
        let is_it = |found: &Finding| {
            (&found.path, found.line, found.code) == (&it.path, it.line, it.code)
                && found.message.contains(&it.message)
        };
        if let Some(at) = open.iter().position(is_it) {
            open.remove(at);
        }
    }
    open
}
