//! The task files that tests try everything on: the examples, and the blocks of the specification.

#![allow(
    clippy::disallowed_methods,
    reason = "a test reads the corpus and an environment variable"
)]

use std::path::{Path, PathBuf};

/// Whether tests shall try all places instead of some.
pub(crate) fn is_long() -> bool {
    std::env::var("RUSH_TEST_LONG").is_ok()
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The examples, and the blocks of the specification.
pub(crate) fn texts() -> Vec<String> {
    let root = root();
    let mut files = Vec::new();
    collect(&root.join("docs/examples"), "rush", &mut files);
    let mut texts: Vec<String> =
        files.iter().map(|it| std::fs::read_to_string(it).unwrap()).collect();
    let mut pages = Vec::new();
    collect(&root.join("tests/spec"), "md", &mut pages);
    for page in pages {
        let text = std::fs::read_to_string(page).unwrap();
        let blocks = text.split("```rush\n").skip(1);
        texts.extend(blocks.filter_map(|it| Some(it.split_once("```")?.0.to_owned())));
    }
    texts
}

/// All files below a directory whose names end so, in the order of their names.
pub(crate) fn collect(directory: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(directory).unwrap().map(|it| it.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            collect(&entry, ending, found);
        } else if entry.extension().is_some_and(|it| it == ending) {
            found.push(entry);
        }
    }
}
