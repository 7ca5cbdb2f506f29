//! A real Neovim with the configuration people paste: what is typed and not saved is reported as
//! `rush check` reports it, and formatted as `rush fmt` formats it.
#![allow(clippy::disallowed_methods, reason = "files of its own, for programs of others")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// What is on the disk and what is typed below it. The crab moves columns apart: it is one
/// character, two UTF-16 code units and four bytes.
const SAVED: &str = "task build {\n  run: `true`\n}\n";
const TYPED: &str = "\ntask \u{20}test {\nneeds: [build]\nrun: `echo {\"🦀é\" + frobnicate}`\n}";

#[test]
fn a_typed_mistake_is_shown_as_rush_check_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.rush");
    fs::write(&file, SAVED).unwrap();
    let report = edit(folder.path(), &file);
    assert_eq!(report.get("problem"), None, "Neovim says");
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

/// Runs the script in Neovim and returns its report.
fn edit(folder: &Path, file: &Path) -> Value {
    let report = folder.join("report.json");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = here.join("it/lsp/neovim.lua");
    let output = Command::new("nvim")
        .args(["--headless", "-u", "NONE", "-i", "NONE", "-n", "-c"])
        .arg(format!("luafile {}", script.display()))
        .current_dir(folder)
        .env("RUSH_COMMAND", binary())
        .env("RUSH_EDITOR_CONFIG", here.join("../editors/neovim/rush.lua"))
        .env("RUSH_FILE", file)
        .env("RUSH_TYPED", TYPED)
        .env("RUSH_REPORT", &report)
        .env("HOME", folder)
        .env("XDG_STATE_HOME", folder)
        .env("XDG_CACHE_HOME", folder)
        .env("XDG_DATA_HOME", folder)
        .output()
        .unwrap_or_else(|error| {
            panic!("`nvim` can't be started ({error}); `cargo xtask test` installs what tests need")
        });
    let text = fs::read_to_string(&report)
        .unwrap_or_else(|error| panic!("Neovim reported nothing ({error}): {output:?}"));
    serde_json::from_str(&text).unwrap()
}

fn rush(folder: &Path, words: &[&str]) -> Output {
    let rush = binary();
    let output = Command::new(&rush).args(words).current_dir(folder).output();
    output.unwrap_or_else(|error| panic!("`{}` can't be started: {error}", rush.display()))
}

/// The program under test: `RUSH_BIN`, or what `cargo build -p rush` left beside this test.
fn binary() -> PathBuf {
    let found = std::env::var_os("RUSH_BIN").map_or_else(
        || {
            let test = std::env::current_exe().unwrap();
            let profile = test.parent().and_then(Path::parent).unwrap();
            profile.join(format!("rush{}", std::env::consts::EXE_SUFFIX))
        },
        PathBuf::from,
    );
    assert!(
        found.is_file(),
        "there is no `{}`; build it with `cargo build -p rush`, or name another in `RUSH_BIN`",
        found.display()
    );
    found
}
