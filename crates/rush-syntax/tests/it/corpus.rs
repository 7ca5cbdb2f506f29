//! Every file of the corpus parses without an error.

use std::path::PathBuf;

use rush_syntax::{Dialect, parse_item, split};

pub(crate) const KINDS: [&str; 7] =
    ["task", "service", "secret", "profile", "workspace", "template", "kind"];

/// A file of the corpus.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) dialect: Dialect,
}

/// All files of the corpus, by name.
pub(crate) fn files() -> Vec<File> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut paths: Vec<_> = folder.read_dir().unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let dialect = match name.as_str() {
            "prelude.rush" => Dialect::Prelude,
            _ => Dialect::File,
        };
        #[allow(clippy::disallowed_methods, reason = "a test reads its own corpus")]
        let text = std::fs::read_to_string(path).unwrap();
        File { name, text, dialect }
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn the_corpus_parses_without_an_error() {
    for file in files() {
        for slice in split(&file.text, &KINDS) {
            let text = &file.text[slice.range];
            let parsed = parse_item(text, file.dialect);
            assert!(parsed.errors.is_empty(), "{}: {text}\n{:#?}", file.name, parsed.errors);
        }
    }
}
