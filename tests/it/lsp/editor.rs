//! What the tests with real editors share: the program, and the report an editor writes.
#![allow(clippy::disallowed_methods, reason = "files of its own, for programs of others")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Runs Rush in a folder.
pub fn rush(folder: &Path, words: &[&str]) -> Output {
    let output = program(folder).args(words).output();
    output.unwrap_or_else(|error| panic!("`{}` can't be started: {error}", binary().display()))
}

/// The program under test in a folder that is its home as well. It inherits only where programs are, so that it is
/// the same under make, under another Rush, and on a build machine.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    command.current_dir(folder).env_clear().env("HOME", folder).env("LANG", "C.UTF-8");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// The program under test: `RUSH_BIN`, or what `cargo build -p rush` left beside this test.
pub fn binary() -> PathBuf {
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

/// A file of this repository, by its path from the root.
pub fn ours(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Runs an editor on a file with a configuration of ours, and returns the report its script writes.
pub fn session(mut editor: Command, folder: &Path, file: &Path, config: &str) -> Value {
    let report = folder.join("report.json");
    let _ = fs::remove_file(&report);
    let output = editor
        .current_dir(folder)
        .env("RUSH_COMMAND", binary())
        .env("RUSH_EDITOR_CONFIG", ours(config))
        .env("RUSH_FILE", file)
        .env("RUSH_REPORT", &report)
        .env("HOME", folder)
        .env("XDG_STATE_HOME", folder)
        .env("XDG_CACHE_HOME", folder)
        .env("XDG_DATA_HOME", folder)
        .output()
        .unwrap_or_else(|error| {
            panic!(
                "{editor:?} can't be started ({error}); `cargo xtask test` installs what tests need"
            )
        });
    let text = fs::read_to_string(&report)
        .unwrap_or_else(|error| panic!("the editor reported nothing ({error}): {output:?}"));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report.get("problem"), None, "the editor says; {output:?}");
    report
}
