//! What `tree-sitter` made of the grammar is what it would make of it now, and its own tests pass.
//!
//! `cargo xtask test` installs the program and says where it is; without it these tests are left out.

use std::path::Path;
use std::process::Command;

use crate::repository::{files, read, root, setting};

const FOLDER: &str = "grammar/tree-sitter-rush";

/// Runs `tree-sitter` on a copy of the grammar; `None` when it is not installed.
#[allow(clippy::disallowed_methods, reason = "the tests copy a part of the repository")]
fn run(copy: &Path, words: &[&str]) -> Option<()> {
    let program = setting("RUSH_TREE_SITTER")?;
    for path in files(FOLDER, "") {
        let target = copy.join(path.strip_prefix(&format!("{FOLDER}/"))?);
        std::fs::create_dir_all(target.parent()?).ok()?;
        std::fs::copy(root().join(&path), target).ok()?;
    }
    let mut command = Command::new(program);
    // What it compiles stays in the copy.
    command.args(words).current_dir(copy).env("TREE_SITTER_LIBDIR", copy.join("lib"));
    let output = command.output().expect("the program starts");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success(), "`tree-sitter {}`\n{out}{err}", words.join(" "));
    Some(())
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the test reads what was generated")]
fn the_generated_parser_is_up_to_date() {
    let copy = tempfile::tempdir().expect("a folder can be made");
    if run(copy.path(), &["generate"]).is_none() {
        return;
    }
    for name in ["parser.c", "grammar.json", "node-types.json"] {
        let made = std::fs::read_to_string(copy.path().join("src").join(name)).unwrap_or_default();
        let path = format!("{FOLDER}/src/{name}");
        assert!(made == read(&path), "{path} is old; run `tree-sitter generate` in {FOLDER}");
    }
}

#[test]
fn the_grammar_passes_its_own_tests() {
    let copy = tempfile::tempdir().expect("a folder can be made");
    run(copy.path(), &["test"]);
}
