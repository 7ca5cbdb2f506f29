//! The configurations that people paste for editors that are not run here: each is well-formed, and
//! starts the language server for the right files.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "files of this repository and programs of others, read by a test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A file of TaskRush is called `.rush`, and is YAML.
const TASK_FILES: &str = "?*.rush";

fn ours(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../editors").join(path)
}

fn json(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(ours(path)).unwrap()).unwrap()
}

fn answer(program: &str, words: &[&str], path: &str) -> String {
    let output = Command::new(program).args(words).arg(ours(path)).output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "`{program}` can't be started ({error}); `cargo xtask test` installs what tests need"
        )
    });
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn kate_starts_the_server_in_the_mode_of_its_colours() {
    let server = &json("kate/lspclient.json")["servers"]["rush-tasks"];
    assert_eq!(server["command"], serde_json::json!(["rush", "lsp"]));
    assert_eq!(server["highlightingModeRegex"], "^Rush$");
    answer("xmllint", &["--noout"], "kate/rush.xml");
    let name = answer("xmllint", &["--xpath", "string(/language/@name)"], "kate/rush.xml");
    assert_eq!(name.trim(), "Rush");
    let files = answer("xmllint", &["--xpath", "string(/language/@extensions)"], "kate/rush.xml");
    assert_eq!(files.trim(), TASK_FILES);
}

#[test]
fn sublime_and_jetbrains_start_the_server() {
    let client = &json("sublime/LSP.sublime-settings")["clients"]["rush"];
    assert_eq!(client["command"], serde_json::json!(["rush", "lsp"]));
    let scope = format!("\nscope: {}\n", client["selector"].as_str().unwrap());
    assert!(fs::read_to_string(ours("sublime/Rush.sublime-syntax")).unwrap().contains(&scope));
    let template = json("jetbrains/template.json");
    assert_eq!(template["programArgs"]["default"], "rush lsp");
    assert_eq!(template["fileTypeMappings"][0]["fileType"]["patterns"][0], TASK_FILES);
}

fn toml(path: &str) -> Value {
    const READ: &str =
        "import json, sys, tomllib; print(json.dumps(tomllib.load(open(sys.argv[1], 'rb'))))";
    serde_json::from_str(&answer("python3", &["-c", READ], path)).unwrap()
}

#[test]
fn zed_has_a_language_and_its_server() {
    let extension = toml("zed/extension.toml");
    let language = toml("zed/languages/rush/config.toml");
    assert_eq!(language["path_suffixes"], serde_json::json!(["rush"]));
    let name = language["name"].as_str().unwrap();
    assert_eq!(extension["language_servers"]["rush"]["languages"], serde_json::json!([name]));
    let grammar = &extension["grammars"][language["grammar"].as_str().unwrap()];
    let folder = ours("..").join(grammar["path"].as_str().unwrap());
    assert!(folder.join("grammar.js").is_file(), "{}", folder.display());
    assert!(ours("zed/languages/rush/highlights.scm").is_file());
}

#[test]
fn helix_has_a_language_and_its_server() {
    let languages = toml("helix/languages.toml");
    let language = &languages["language"][0];
    assert_eq!(language["file-types"], serde_json::json!(["rush"]));
    let server = language["language-servers"][0].as_str().unwrap();
    assert_eq!(languages["language-server"][server]["command"], "rush");
    assert_eq!(languages["language-server"][server]["args"], serde_json::json!(["lsp"]));
    let grammar = &languages["grammar"][0];
    assert_eq!(grammar["name"], language["name"]);
    let folder = grammar["source"]["path"].as_str().unwrap().strip_prefix("/PATH/TO/rush/");
    assert!(ours("..").join(folder.unwrap()).join("src/parser.c").is_file());
}
