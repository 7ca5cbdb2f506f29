//! A real Emacs with Eglot and the mode people install: it shows what `rush check` says, and offers
//! what may stand at the cursor.
#![allow(clippy::disallowed_methods, reason = "files of its own, for programs of others")]

use std::fs;
use std::process::Command;

use super::editor;

const SOURCE: &str =
    "task build {\n  run: `true`\n}\ntask test {\n  needs: [build]\n  depends_on: []\n}\n";

/// Debian keeps packages of Emacs in folders that `-Q` leaves out.
const PACKAGES: &str = "(dolist (it '(\"/usr/share/emacs/site-lisp/elpa/\" \"/usr/share/emacs/site-lisp/elpa-src/\")) \
     (when (file-directory-p it) (let ((default-directory it)) (normal-top-level-add-subdirs-to-load-path))))";

#[test]
fn emacs_shows_problems_and_completes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.rush");
    fs::write(&file, SOURCE).unwrap();
    let mut emacs = Command::new("emacs");
    emacs
        .args(["--batch", "-Q", "--eval", PACKAGES, "-l"])
        .arg(editor::ours("tests/it/lsp/emacs.el"));
    let report = editor::session(emacs, folder.path(), &file, "editors/emacs/rush-tasks-mode.el");

    let checked = editor::rush(folder.path(), &["check", "-o", "json"]);
    let checked: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    let expect = checked["diagnostics"].as_array().unwrap();
    let shown = report["diagnostics"].as_array().unwrap();
    assert_eq!(shown.len(), expect.len(), "{shown:?}");
    for (shown, expect) in shown.iter().zip(expect) {
        let message = expect["message"].as_str().unwrap();
        assert!(shown["message"].as_str().unwrap().contains(message), "{shown} is not {expect}");
        assert_eq!(shown["text"], "depends_on");
        assert_eq!(shown["line"], 5);
    }
    let completions = report["completions"].as_array().unwrap();
    assert!(completions.iter().any(|it| it == "build"), "{completions:?}");
    assert_eq!(report["task"], "test");
}
