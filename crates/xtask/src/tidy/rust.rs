//! Rules about single Rust files: the header, the length, and what must not be written.

use super::Problem;
use super::sources::Source;

/// No Rust file is longer.
const LINES_MAX: usize = 600;

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: &[&str] =
    &["mod.rs", "utils.rs", "util.rs", "common.rs", "helpers.rs", "misc.rs"];

/// Pieces of code that must not stay; written in halves so that this file may list them.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("#[", "ignore"), "a test that is not run proves nothing; assert today's answer"),
    (concat!("todo", "!("), "write it, or leave it out"),
    (concat!("unimplemented", "!("), "write it, or leave it out"),
    (concat!("TO", "DO"), "file it where work is tracked"),
    (concat!("FIX", "ME"), "file it where work is tracked"),
];

/// Crates that may start processes.
const STARTERS: &[&str] = &["rush-exec", "rush-test", "xtask", "tests"];

/// Checks one file.
pub(super) fn check(file: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !file.text.starts_with("//!") {
        problems.push(Problem::in_line(&file.path, 0, "open with `//!`: what this file is for"));
    }
    let lines = file.text.lines().count();
    if lines > LINES_MAX {
        let message = format!("{lines} lines; split the file, {LINES_MAX} is the most");
        problems.push(Problem::in_file(&file.path, message));
    }
    if EMPTY_NAMES.contains(&file.name()) {
        problems.push(Problem::in_file(&file.path, "name the file after what it holds"));
    }
    let lines: Vec<&str> = file.text.lines().collect();
    let unix_paths = may_ask_for_the_system(file);
    for (index, line) in lines.iter().enumerate() {
        let rest = lines.get(index..).unwrap_or_default();
        let code = line.trim_start();
        let found = forbidden(code)
            .or_else(|| glob_import(code).then_some("import names one by one"))
            .or_else(|| silenced(rest).then_some("an `allow` needs a `reason`"))
            .or_else(|| (!unix_paths && asks_for_the_system(rest)).then_some(SYSTEM))
            .or_else(|| (starts_processes(code) && !may_start(file)).then_some(PROCESS));
        problems.extend(found.map(|it| Problem::in_line(&file.path, index, it)));
    }
    problems
}

const SYSTEM: &str = "differences between systems live in `unix.rs`, `windows.rs` and rush-system";
const PROCESS: &str = "only rush-exec starts processes";

fn forbidden(code: &str) -> Option<&'static str> {
    FORBIDDEN.iter().find(|(word, _)| code.contains(word)).map(|(_, why)| *why)
}

/// `use super::*` is fine, clippy sees to it that it stands in tests; so is a library's prelude.
fn glob_import(code: &str) -> bool {
    let is_use = code.starts_with("use ") || code.starts_with("pub use ");
    let is_fine = code.starts_with("use super::*;") || code.contains("::prelude::*;");
    is_use && code.trim_end().ends_with("::*;") && !is_fine
}

/// Whether an `allow` starts on the first line and ends without giving a reason.
fn silenced(lines: &[&str]) -> bool {
    let Some(first) = lines.first().map(|it| it.trim_start()) else { return false };
    if !(first.starts_with("#[allow(") || first.starts_with("#![allow(")) {
        return false;
    }
    for line in lines {
        if line.contains("reason") {
            return false;
        }
        if line.contains(")]") {
            break;
        }
    }
    true
}

fn may_ask_for_the_system(file: &Source) -> bool {
    matches!(file.name(), "unix.rs" | "windows.rs")
        || file.path.contains("/unix/")
        || file.path.contains("/windows/")
        || file.crate_folder() == Some("rush-system")
}

/// Whether the first line selects by operating system, other than to choose a module.
fn asks_for_the_system(lines: &[&str]) -> bool {
    let Some(first) = lines.first().map(|it| it.trim_start()) else { return false };
    let written = first.split("//").next().unwrap_or_default();
    let attribute =
        ["#[cfg(", "#![cfg(", "#[cfg_attr("].iter().find_map(|it| first.strip_prefix(it));
    let condition = attribute.or_else(|| Some(written.split_once(concat!("cfg", "!("))?.1));
    let is_selection = condition.is_some_and(|condition| {
        ["unix", "windows", "target_"].iter().any(|it| condition.contains(it))
    });
    let item = lines.iter().skip(1).find(|it| !it.trim_start().starts_with("#["));
    let chooses = |line: &str| {
        let named = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
        line.ends_with(';') && (named.starts_with("mod ") || named.starts_with("use "))
    };
    is_selection && !item.is_some_and(|it| chooses(it))
}

fn starts_processes(code: &str) -> bool {
    !code.starts_with("//") && code.contains(concat!("process::", "Command"))
}

fn may_start(file: &Source) -> bool {
    file.is_test() || file.crate_folder().is_none_or(|it| STARTERS.contains(&it))
}

#[cfg(test)]
mod tests {
    use super::super::sources::Source;

    /// Checks one file and expects these lines to be found.
    fn check(path: &str, text: &str, expect: &[usize]) {
        let file = Source { path: path.to_owned(), text: text.to_owned() };
        let found: Vec<_> = super::check(&file).into_iter().filter_map(|it| it.line).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn a_file_opens_with_what_it_is_for() {
        check("crates/a/src/a.rs", "//! For a.\n", &[]);
        check("crates/a/src/a.rs", "// For a.\n", &[1]);
    }

    #[test]
    fn an_allow_gives_its_reason_also_over_several_lines() {
        let reasoned = "//! A.\n#[allow(\n    dead_code,\n    reason = \"x\"\n)]\nfn f() {}\n";
        check("crates/a/src/a.rs", reasoned, &[]);
        check("crates/a/src/a.rs", "//! A.\n#[allow(dead_code)]\nfn f() {}\n", &[2]);
    }

    #[test]
    fn systems_differ_in_their_own_files_only() {
        let code = "//! A.\n#[cfg(unix)]\nfn f() {}\n";
        check("crates/a/src/a.rs", code, &[2]);
        check("crates/a/src/a/unix.rs", code, &[]);
        check("crates/a/src/a.rs", "//! A.\n#[cfg(unix)]\nmod unix;\n", &[]);
        check("crates/a/src/a.rs", "//! A.\n#[cfg(unix)]\npub use unix::f;\n", &[]);
        check("crates/a/src/a.rs", "//! A.\n#[cfg(test)]\nmod tests;\n", &[]);
    }

    #[test]
    fn globs_and_processes_are_found() {
        check("crates/a/src/a.rs", "//! A.\nuse crate::b::*;\n", &[2]);
        let start = concat!("//! A.\nuse std::process::", "Command;\n");
        check("crates/a/src/a.rs", start, &[2]);
        check("crates/rush-exec/src/a.rs", start, &[]);
    }
}
