//! A real Neovim with the configuration people paste: what is typed and not saved is reported as
//! `rush check` reports it, formatted as `rush fmt` formats it, and run.
//!
//! Each test is done in the Neovim of the system, and in the current one that `RUSH_NEOVIM` names.
#![allow(clippy::disallowed_methods, reason = "files of its own, for programs of others")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::editor::{self, rush};

/// What is on the disk and what is typed below it. The crab moves columns apart: it is one
/// character, two UTF-16 code units and four bytes.
const SAVED: &str = "task build {\n  run: `true`\n}\n";
const TYPED: &str = "\ntask \u{20}test {\nneeds: [build]\nrun: `echo ${\"🦀é\" + frobnicate}`\n}";

/// The Neovim to test in: `nvim`, and the one that `cargo xtask test` installs.
fn neovims() -> Vec<OsString> {
    let installed = std::env::var_os("RUSH_NEOVIM");
    [Some("nvim".into()), installed].into_iter().flatten().collect()
}

#[test]
fn a_typed_mistake_is_shown_as_rush_check_shows_it() {
    neovims().iter().for_each(|it| shows_a_typed_mistake(it));
}

fn shows_a_typed_mistake(neovim: &OsStr) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.rush");
    fs::write(&file, SAVED).unwrap();
    let report = edit(neovim, "tests/it/lsp/neovim.lua", &file);
    assert_eq!(fs::read_to_string(&file).unwrap(), SAVED, "nothing was saved");
    assert_eq!(report["is_modified"], true);

    let typed = report["typed"].as_str().unwrap();
    assert!(typed.contains("frobnicate"), "{typed}");
    fs::write(&file, typed).unwrap();
    let checked = rush(folder.path(), &["check", "-o", "json"]);
    let checked: Value = serde_json::from_slice(&checked.stdout).unwrap();
    let expect: Vec<Finding> =
        checked["diagnostics"].as_array().unwrap().iter().map(|it| of_rush(it, typed)).collect();
    let shown = report["diagnostics"].as_array().unwrap();
    let shown: Vec<Finding> = shown.iter().map(of_neovim).collect();
    assert_eq!(shown, expect);

    rush(folder.path(), &["fmt"]);
    assert_eq!(report["formatted"].as_str().unwrap(), fs::read_to_string(&file).unwrap());
}

/// Code, message, and where: line and column in bytes, from 0, of start and end.
type Finding = (String, String, [u64; 4]);

fn of_neovim(found: &Value) -> Finding {
    let message = found["message"].as_str().unwrap().lines().next().unwrap();
    let place = ["line", "column", "end_line", "end_column"].map(|it| found[it].as_u64().unwrap());
    (found["code"].as_str().unwrap().to_owned(), message.to_owned(), place)
}

fn of_rush(found: &Value, text: &str) -> Finding {
    let place = |end: &str| {
        let offset = found["range"][end]["offset"].as_u64().unwrap() as usize;
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |it| it + 1);
        [before.matches('\n').count() as u64, (offset - line_start) as u64]
    };
    let ([line, column], [end_line, end_column]) = (place("start"), place("end"));
    let text = |field: &str| found[field].as_str().unwrap().to_owned();
    (text("code"), text("message"), [line, column, end_line, end_column])
}

/// Runs a script in Neovim and returns its report.
fn edit(neovim: &OsStr, script: &str, file: &Path) -> Value {
    let mut neovim = starts(neovim, script);
    neovim.env("RUSH_TYPED", TYPED);
    editor::session(neovim, file.parent().unwrap(), file, "editors/neovim/rush.lua")
}

fn starts(neovim: &OsStr, script: &str) -> Command {
    let mut neovim = Command::new(neovim);
    neovim
        .args(["--headless", "-u", "NONE", "-i", "NONE", "-n", "-c"])
        .arg(format!("luafile {}", editor::ours(script).display()));
    neovim
}

const LIBRARY: &str = "task build {\n  run: `true`\n}\n";
const PROJECT: &str = "use \"./lib.rush\" as lib\n\ntask pack {\n  depends_on: [lib.build]\n}\n\n\
     task test {\n  needs: [lib.build]\n  run: sh\"\"\"\n    echo done > ran.txt\n  \"\"\"\n}\n";

/// A project of its own below, whose tasks are called as those above.
const BELOW: &str = "use \"./tools.rush\" as tools\ntask test {\n  run: `false`\n}\n";
const TOOLS: &str =
    "task test {\n  needs: []\n  run: sh\"\"\"\n    echo below > ran.txt\n  \"\"\"\n}\n";

#[test]
fn a_person_completes_fixes_renames_and_runs() {
    neovims().iter().for_each(|it| takes_a_tour(it));
}

fn takes_a_tour(neovim: &OsStr) {
    let folder = tempfile::tempdir().unwrap();
    let (file, library) = (folder.path().join("tasks.rush"), folder.path().join("lib.rush"));
    fs::write(&file, PROJECT).unwrap();
    fs::write(&library, LIBRARY).unwrap();
    fs::create_dir(folder.path().join("app")).unwrap();
    fs::write(folder.path().join("app/tasks.rush"), BELOW).unwrap();
    fs::write(folder.path().join("app/tools.rush"), TOOLS).unwrap();
    let fixed = tempfile::tempdir().unwrap();
    fs::write(fixed.path().join("tasks.rush"), PROJECT).unwrap();
    fs::write(fixed.path().join("lib.rush"), LIBRARY).unwrap();
    rush(fixed.path(), &["check", "--fix"]);
    let report = edit(neovim, "tests/it/lsp/neovim_tour.lua", &file);

    let offered = report["completions"].as_array().unwrap();
    assert!(offered.iter().any(|it| it == "build"), "{offered:?}");
    assert!(report["hover"].as_str().unwrap().contains("task build"), "{report}");
    assert_eq!(
        report["fixed"].as_str().unwrap(),
        fs::read_to_string(fixed.path().join("tasks.rush")).unwrap(),
        "a fix does what `rush check --fix` does"
    );
    assert!(report["definition"].as_str().unwrap().ends_with("lib.rush"), "{report}");
    assert_eq!(report["prelude"], serde_json::json!(["  needs: [task | service] = []", false]));
    assert!(fs::read_to_string(&library).unwrap().starts_with("task compile {"));
    let renamed = fs::read_to_string(&file).unwrap();
    assert_eq!(renamed.matches("lib.compile").count(), 2, "{renamed}");
    assert_eq!(report["diagnostics"].as_array().unwrap().len(), 0, "{report}");
    assert_eq!(report["task_names"], serde_json::json!(["lib.compile", "pack", "test"]));
    assert_eq!(fs::read_to_string(folder.path().join("ran.txt")).unwrap(), "done\n");
    assert_eq!(report["task_names_below"], serde_json::json!(["test", "tools.test"]));
    assert_eq!(
        report["comforts"],
        serde_json::json!({ "hover": true, "rename": true, "colour": "rushKeyword" })
    );
    assert_eq!(
        report["completed_lines"],
        serde_json::json!([["  retry {", "    ", "  }"], [2, 3]]),
        "lines are lines, and the cursor is where something is written"
    );
}

#[test]
fn what_runs_is_what_is_on_the_screen_and_lenses_tell_how_it_ended() {
    neovims().iter().for_each(|it| runs_what_is_typed(it));
}

fn runs_what_is_typed(neovim: &OsStr) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.rush");
    let before = "task known {\n  run: sh\"\"\"\n    echo OLD > ran.txt\n  \"\"\"\n}\n";
    fs::write(&file, before).unwrap();
    let report = edit(neovim, "tests/it/lsp/neovim_run.lua", &file);
    // What can't be saved is told, and nothing runs.
    let notices = report["notices"].as_array().unwrap();
    let [notice] = notices.as_slice() else { panic!("{notices:?}") };
    let expect = "nothing was run, for `gone/other.rush` could not be saved: E212: ";
    let notice = notice.as_str().unwrap();
    assert!(notice.starts_with(expect) && notice.lines().count() == 1, "{notice}");
    assert_eq!(report["windows_after"], report["windows"]);
}

#[test]
fn what_is_extracted_gets_the_name_that_a_person_chooses() {
    neovims().iter().for_each(|it| extracts(it));
}

fn extracts(neovim: &OsStr) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.rush");
    let before =
        "// 🦀é\ntask pack {\n  description: \"🦀é\", outputs: [\"out/app\"]\n  run: `true`\n}\n";
    fs::write(&file, before).unwrap();
    let mut neovim = starts(neovim, "tests/it/lsp/neovim_extract.lua");
    neovim.env("RUSH_FROM", "\"out").env("RUSH_TO", "/app\"").env("RUSH_NAME", "artifact");
    neovim.env("RUSH_TITLE", "extract to a `let` of this task");
    let report = editor::session(neovim, folder.path(), &file, "editors/neovim/rush.lua");
    let after = before.replace(
        "description: \"🦀é\", outputs: [\"out/app\"]",
        "description: \"🦀é\", let artifact = \"out/app\", outputs: [artifact]",
    );
    assert_eq!(report["text"].as_str(), Some(&*after), "{report}");
    assert!(report["asked"].as_str().unwrap().starts_with("output"), "{report}");
    assert_eq!(report["is_modified"], true);
    assert_eq!(fs::read_to_string(&file).unwrap(), before, "nothing was saved");
}
