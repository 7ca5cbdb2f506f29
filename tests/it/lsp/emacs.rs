//! A real Emacs with Eglot and the mode people install: it shows what `rush check` says, and offers
//! what may stand at the cursor.
#![allow(clippy::disallowed_methods, reason = "files of its own, for programs of others")]

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::editor;

const SOURCE: &str = "use \"./lib.rush\" as lib\ntask build {\n  run: `true`\n}\ntask test {\n  needs: [build, lib.build(n: 1)]\n  depends_on: []\n}\n";

/// Its own text looks as if the cursor were in another task.
const LIBRARY: &str =
    "task build(n: int) {\n  run: sh\"\"\"\n    echo $n > ran.txt\n  \"\"\"\n}\nlet x = 1\n";

/// Debian keeps packages of Emacs in folders that `-Q` leaves out.
const PACKAGES: &str = "(dolist (it '(\"/usr/share/emacs/site-lisp/elpa/\" \"/usr/share/emacs/site-lisp/elpa-src/\")) \
     (when (file-directory-p it) (let ((default-directory it)) (normal-top-level-add-subdirs-to-load-path))))";

#[test]
fn emacs_shows_problems_and_completes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.rush");
    fs::write(&file, SOURCE).unwrap();
    fs::write(folder.path().join("lib.rush"), LIBRARY).unwrap();
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
        assert_eq!(shown["line"], 6);
    }
    let completions = report["completions"].as_array().unwrap();
    assert!(completions.iter().any(|it| it == "build"), "{completions:?}");
    assert_eq!(report["task"]["label"], "//:test");
    assert_eq!(report["library"]["label"], "//:lib.build");
    assert_eq!(report["library"]["arguments"], "n: ");
    assert_eq!(report["library"]["directory"], report["task"]["directory"]);
    assert_eq!(report["elsewhere"], Value::Null);
    let prelude = &report["prelude"];
    assert!(prelude["line"].as_str().unwrap().starts_with("needs: "), "{prelude}");
    assert_eq!(
        (&prelude["mode"], &prelude["read_only"]),
        (&"rush-tasks-page-mode".into(), &true.into())
    );
    assert_eq!(prelude["served"], Value::Null, "no server is asked about it");
    assert_eq!(report["in_text"], "test");
    assert_eq!(fs::read_to_string(folder.path().join("ran.txt")).unwrap(), "3\n");
}
