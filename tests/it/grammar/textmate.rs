//! The TextMate grammar: what each sign is coloured as, and the colours of all examples.
//!
//! `cargo xtask test` installs the programs that tokenise as VS Code does, with its grammars of
//! other languages, and says where they are; without them these tests are left out.
//! `RUSH_COLOURS=update` writes the snapshots of the examples anew.

use std::path::PathBuf;
use std::process::Command;

use rush_semantics::kinds::KIND_NAMES;

use crate::repository::{files, read, root, setting, write};

const GRAMMAR: &str = "grammar/rush.tmLanguage.json";
const FIXTURES: &str = "grammar/textmate/tests";
const SNAPSHOTS: &str = "grammar/textmate/snapshots";

/// The languages of scripts that have a grammar in the tests.
const EMBEDDED: [&str; 3] = ["shellscript", "python", "javascript"];

/// A program of `vscode-tmgrammar-test`, given all grammars; `None` when it is not installed.
fn tool(program: &str) -> Option<Command> {
    let modules = PathBuf::from(setting("RUSH_TEXTMATE")?);
    let mut command = Command::new("node");
    command.arg(modules.join(".bin").join(program)).current_dir(root()).arg("-g").arg(GRAMMAR);
    for language in EMBEDDED {
        let path = modules.join("tm-grammars/grammars").join(format!("{language}.json"));
        command.arg("-g").arg(path);
    }
    Some(command)
}

/// Runs a program, and gives what it says if it fails.
fn failure(command: &mut Command) -> Option<String> {
    let output = command.output().expect("node starts");
    let said = String::from_utf8_lossy(&output.stdout);
    (!output.status.success()).then(|| said.into_owned())
}

#[test]
fn every_sign_has_the_scope_that_is_written_under_it() {
    let Some(mut command) = tool("vscode-tmgrammar-test") else { return };
    let failure = failure(command.arg(format!("{FIXTURES}/*.rush")));
    assert!(failure.is_none(), "{}", failure.unwrap_or_default());
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the test copies the examples")]
fn the_examples_keep_their_colours() {
    let Some(mut command) = tool("vscode-tmgrammar-snap") else { return };
    let is_update = setting("RUSH_COLOURS").as_deref() == Some("update");
    let copy = tempfile::tempdir().expect("a folder can be made");
    command.args(["--scope", "source.rush-tasks"]);
    if is_update {
        command.arg("--updateSnapshot");
    }
    let mut names = Vec::new();
    for path in files("docs/examples", ".rush") {
        let name = path.trim_start_matches("docs/examples/").replace('/', "-");
        let target = copy.path().join(&name);
        std::fs::write(&target, read(&path)).expect("the folder can be written to");
        if !is_update {
            let snapshot = read(&format!("{SNAPSHOTS}/{name}.snap"));
            let target = copy.path().join(format!("{name}.snap"));
            std::fs::write(target, snapshot).expect("the folder can be written to");
        }
        command.arg(target);
        names.push(name);
    }
    let failure = failure(&mut command);
    assert!(failure.is_none(), "{}", failure.unwrap_or_default());
    for name in names.iter().filter(|_| is_update) {
        let made = std::fs::read_to_string(copy.path().join(format!("{name}.snap")));
        write(&format!("{SNAPSHOTS}/{name}.snap"), &made.expect("the program writes it"));
    }
}

#[test]
fn the_kinds_of_the_prelude_open_items() {
    let kinds = format!("({})\\\\b", KIND_NAMES.join("|"));
    assert!(read(GRAMMAR).contains(&kinds), "`{kinds}` has to be in {GRAMMAR}");
}

/// Nothing in the examples is left without a scope of its own.
#[test]
fn every_word_of_the_examples_has_a_scope() {
    for path in files(SNAPSHOTS, ".snap") {
        let mut line = String::new();
        for row in read(&path).lines() {
            if let Some(source) = row.strip_prefix('>') {
                source.clone_into(&mut line);
            }
            let Some(marks) =
                row.strip_prefix('#').and_then(|it| it.strip_suffix(" source.rush-tasks"))
            else {
                continue;
            };
            let start = marks.len() - marks.trim_start().len();
            let marked: String = line.chars().skip(start).take(marks.trim().len()).collect();
            assert!(marked.trim().is_empty(), "{path}: `{marked}` has no scope in `{line}`");
        }
    }
}
