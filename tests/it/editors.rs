//! What people paste: each configuration for an editor that is not run here is well-formed and starts
//! the language server for the right files, and the lines of the page about editors work.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "files of this repository and programs of others, read by a test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::markdown::blocks;

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

/// Programs that the page asks for, as far as its lines depend on them: what they are to write needs its
/// folder, what they are to read has to be there.
const STAND_INS: &[(&str, &str)] = &[
    ("npm", "[ \"$1\" = ci ] || : > rush-tasks.vsix"),
    ("code", "[ \"$1\" = --install-extension ] && [ -f \"$2\" ]"),
    ("tree-sitter", "[ \"$1 $2\" = 'build -o' ] && [ -f \"$4/src/parser.c\" ] && : > \"$3\""),
    ("hx", "[ \"$*\" = '--grammar build' ]"),
    ("git", "[ \"$*\" = 'rev-parse HEAD' ] && echo 0123456789abcdef0123456789abcdef01234567"),
];

fn write_stand_ins(folder: &Path) {
    fs::create_dir(folder).unwrap();
    for (name, script) in STAND_INS {
        fs::write(folder.join(name), format!("#!/bin/sh\n{script}\n")).unwrap();
    }
    assert!(Command::new("chmod").args(["-R", "755"]).arg(folder).status().unwrap().success());
}

/// A checkout with what the page speaks of.
fn checkout(folder: &Path) {
    fs::create_dir_all(folder.join("editors/vscode")).unwrap();
    fs::create_dir(folder.join("grammar")).unwrap();
    for part in ["editors/neovim", "editors/helix", "editors/zed", "editors/kate"] {
        let (from, to) = (ours("..").join(part), folder.join(part));
        assert!(Command::new("cp").arg("-r").args([from, to]).status().unwrap().success());
    }
    let (from, to) = (ours("../grammar/tree-sitter-rush"), folder.join("grammar"));
    assert!(Command::new("cp").arg("-r").args([from, to]).status().unwrap().success());
}

#[test]
fn what_the_page_has_people_paste_works_on_a_fresh_account_and_twice() {
    let place = tempfile::tempdir().unwrap();
    let [home, rush, programs] = ["home", "rush", "programs"].map(|it| place.path().join(it));
    fs::create_dir(&home).unwrap();
    checkout(&rush);
    write_stand_ins(&programs);
    let page = fs::read_to_string(ours("../docs/editors.md")).unwrap();
    let pasted: Vec<_> = blocks(&page).into_iter().filter(|it| it.info == "sh").collect();
    assert!(pasted.len() >= 6, "{pasted:?}");
    for block in pasted.iter().chain(&pasted) {
        let mut shell = Command::new("sh");
        shell.args(["-eu", "-c", &block.text()]).current_dir(&rush).env_clear();
        shell.env("HOME", &home).env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
        let output = shell.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && told.is_empty(), "{}: {told}", block.text());
    }
    for file in [
        ".config/nvim/plugin/rush.lua",
        ".config/nvim/queries/rush/highlights.scm",
        ".local/share/nvim/site/parser/rush.so",
        ".config/helix/runtime/queries/rush/highlights.scm",
        ".local/share/org.kde.syntax-highlighting/syntax/rush.xml",
    ] {
        assert!(home.join(file).is_file(), "{file}");
    }
    assert!(!home.join(".config/nvim/queries/rush/queries").exists());
    let helix = fs::read_to_string(home.join(".config/helix/languages.toml")).unwrap();
    assert_eq!(helix.matches("[[language]]").count(), 1, "{helix}");
    let zed = fs::read_to_string(rush.join("editors/zed/extension.toml")).unwrap();
    for text in [helix, zed] {
        assert!(text.contains(rush.to_str().unwrap()) && !text.contains("/PATH/TO"), "{text}");
    }
}
