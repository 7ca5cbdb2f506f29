//! The fuzz targets' claims on a bounded number of inputs: corpus files with pieces of others in
//! them, which reach deeper than random bytes do.

use std::sync::OnceLock;

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::sample::{Index, select};
use rush_tests::fuzz;

use crate::repository::{files, read, setting};

/// Words and signs that mean something to the language, and some that mean nothing.
const PIECES: &[&str] = &[
    "task", "service", "use", "let", "param", "fn", "type", "check", "extends", "if", "then",
    "else", "for", "in", "none", "{", "}", "[", "]", "(", ")", ":", ",", "=", "==", "->", "...",
    "..=", "|", "||", "&&", "??", "?", "!", "-", "+", "*", "/", "%", ".", "\"", "\"\"\"", "`",
    "sh\"\"\"", "${", "$", "\\", "'", "1", "0.5", "10m", "2GiB", "2Gb", "\n", "\n\n", "\r\n", " ",
    "  ", "\t", "// c", "/// d", "#", "\u{0}", "\u{feff}", "ä", "😀", "needs", "run", "x", "_x",
];

fn cases() -> u32 {
    if setting("RUSH_TEST_LONG").is_some() { 20_000 } else { 256 }
}

/// The texts of the corpus and of the examples.
fn corpus() -> &'static [String] {
    static CORPUS: OnceLock<Vec<String>> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let folders = ["crates/rush-syntax/tests/corpus", "docs/examples"];
        folders.iter().flat_map(|it| files(it, ".rush")).map(|path| read(&path)).collect()
    })
}

fn mutate(text: &str, changes: &[(Index, Index, &str)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, length, piece) in changes {
        let start = at.index(bytes.len() + 1);
        let end = (start + length.index(24)).min(bytes.len());
        bytes.splice(start..end, piece.bytes());
    }
    bytes
}

/// What a fuzzer once found; each stays here so that it is never found again.
#[test]
fn every_claim_holds_for_what_fuzzers_found() {
    let inputs = [
        include_bytes!("../fuzz/found/a-blank.bin").as_slice(),
        include_bytes!("../fuzz/found/crossed-brackets.bin").as_slice(),
        include_bytes!("../fuzz/found/crossed-brackets-2.bin").as_slice(),
    ];
    for bytes in inputs {
        fuzz::parse(bytes);
        fuzz::format_twice(bytes);
        fuzz::check_file(bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn every_claim_holds_for_damaged_files(
        file in any::<Index>(),
        changes in vec((any::<Index>(), any::<Index>(), select(PIECES)), 1..6),
    ) {
        let text: &String = file.get(corpus());
        let bytes = mutate(text, &changes);
        fuzz::parse(&bytes);
        fuzz::format_twice(&bytes);
        fuzz::check_file(&bytes);
    }

    #[test]
    fn every_claim_holds_for_any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        fuzz::parse(&bytes);
        fuzz::format_twice(&bytes);
        fuzz::check_file(&bytes);
    }
}
