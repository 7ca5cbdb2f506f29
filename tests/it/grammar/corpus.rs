//! All Rush the repository holds: files, examples, and the blocks of the specification.

use std::sync::OnceLock;

use rush_syntax::Dialect;

use crate::markdown::blocks;
use crate::repository::{files, read};
use crate::spec::notation::case;

/// A file, or a part of a page that is one.
pub struct Source {
    /// Where it is from: a path, and for a block the line.
    pub place: String,
    pub text: String,
    pub dialect: Dialect,
}

/// The folders that hold task files.
const FOLDERS: [&str; 3] =
    ["crates/rush-syntax/tests/corpus", "crates/rush-semantics/src", "docs/examples"];

/// The files of the repository; all of them are free of mistakes.
pub fn sources() -> &'static [Source] {
    static FILES: OnceLock<Vec<Source>> = OnceLock::new();
    FILES.get_or_init(|| {
        let below = FOLDERS.iter().flat_map(|it| files(it, ".rush"));
        std::iter::once("tasks.rush".to_owned()).chain(below).map(file).collect()
    })
}

fn file(place: String) -> Source {
    let is_prelude = place.ends_with("prelude.rush");
    let dialect = if is_prelude { Dialect::Prelude } else { Dialect::File };
    Source { text: read(&place), place, dialect }
}

/// The blocks of the specification and of the guide; many are wrong on purpose.
pub fn pages() -> Vec<Source> {
    let pages = files("tests/spec", ".md").into_iter().chain(files("docs", ".md"));
    let mut found = Vec::new();
    for page in pages {
        for block in blocks(&read(&page)).iter().filter(|it| it.is_rush()) {
            for (path, text) in case(block).files {
                let place = format!("{page}:{} {path}", block.line + 1);
                found.push(Source { place, text, dialect: Dialect::File });
            }
        }
    }
    found
}
