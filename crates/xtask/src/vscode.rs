//! The extension for VS Code: built, linted, packaged and tested with node.
//!
//! By default its packaged code runs against the real language server, in a stand-in for the editor.
//! On demand the editor itself is installed below the target folder and driven in a browser. What is
//! tested is written in TypeScript, in `editors/vscode/test`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::install::{self, SystemTool};
use crate::test::{debug_binary, target_dir};
use crate::{root, run};

/// What the editor is compiled with, and the browser that shows it.
const EDITOR_TOOLS: &[SystemTool] = &[
    program("chromium", "chromium", "for the editor in a browser"),
    program("g++", "g++", "for the editor's own modules"),
    program("make", "make", "for the editor's own modules"),
    program("rg", "ripgrep", "for the search in the editor"),
    program("pkg-config", "pkg-config", "for finding libraries"),
    library(&["--exists", "krb5-gssapi"], "libkrb5-dev"),
    library(&["--exists", "libsecret-1"], "libsecret-1-dev"),
    library(&["--exists", "x11"], "libx11-dev"),
    library(&["--exists", "xkbfile"], "libxkbfile-dev"),
];

const fn program(
    program: &'static str,
    package: &'static str,
    purpose: &'static str,
) -> SystemTool {
    SystemTool { program, probe: &["--version"], package, purpose }
}

/// A library has no program to ask, but a file that `pkg-config` reads.
const fn library(probe: &'static [&'static str], package: &'static str) -> SystemTool {
    SystemTool { program: "pkg-config", probe, package, purpose: "for the editor's own modules" }
}

/// Builds, lints and packages the extension, and runs its tests against the program that was built.
pub fn test() -> Result<()> {
    fetch()?;
    for script in ["lint", "package", "test"] {
        run(npm(&["run", "--silent", script]).env("RUSH_BIN", debug_binary()))?;
    }
    Ok(())
}

/// Runs the tests in the editor itself; a picture of it is left beside its files.
pub fn test_in_editor() -> Result<()> {
    install::system_tools(EDITOR_TOOLS)?;
    let place = target_dir().join("editors");
    let code_server = place.join("code-server");
    let mut script = Command::new("bash");
    run(script.arg(folder().join("scripts/code-server.sh")).arg(&code_server))?;
    let mut tests = npm(&["run", "--silent", "test:editor"]);
    tests.env("RUSH_BIN", debug_binary()).env("CODE_SERVER", &code_server);
    run(tests.env("RUSH_EDITOR_DATA", place.join("vscode")))
}

fn folder() -> PathBuf {
    root().join("editors/vscode")
}

fn npm(words: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(words).current_dir(folder());
    command
}

/// Installs what the lock file names, unless it is there; nothing of it is run for that.
pub(crate) fn fetch() -> Result<()> {
    let wanted = read(&folder().join("package-lock.json"))?;
    let note = folder().join("node_modules/.installed-lock.json");
    if fs::read_to_string(&note).is_ok_and(|it| it == wanted) {
        return Ok(());
    }
    run(&mut npm(&["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    fs::write(&note, wanted).with_context(|| format!("could not write `{}`", note.display()))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("could not read `{}`", path.display()))
}
