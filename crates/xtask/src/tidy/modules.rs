//! No forgotten file: every Rust file is reached by `mod` from a root that cargo builds.
//!
//! Modules are found by their lines, not by parsing, so a `mod x;` made by a macro is not seen.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::sources::Source;

/// Finds Rust files that nothing includes, and crates with more than one integration test binary.
pub(super) fn check(files: &[Source]) -> Vec<Problem> {
    let by_path: BTreeMap<&str, &Source> =
        files.iter().filter(|it| it.is_rust()).map(|it| (it.path.as_str(), it)).collect();
    let mut todo: Vec<&str> = by_path.keys().copied().filter(|it| is_root(it)).collect();
    let mut reached = BTreeSet::new();
    while let Some(path) = todo.pop() {
        if let Some(file) = by_path.get(path).filter(|_| reached.insert(path)) {
            for candidate in included(file) {
                todo.extend(by_path.get_key_value(candidate.as_str()).map(|(path, _)| *path));
            }
        }
    }
    let forgotten = by_path.keys().filter(|it| is_ours(it) && !reached.contains(*it));
    let mut problems: Vec<_> = forgotten
        .map(|it| Problem::in_file(it, "no `mod` leads to this file, so it is never built"))
        .collect();
    problems.extend(test_binaries(&by_path));
    problems
}

fn is_ours(path: &str) -> bool {
    path.starts_with("crates/") || path.starts_with("tests/")
}

/// Whether cargo builds this file by itself.
fn is_root(path: &str) -> bool {
    let inside = match path.strip_prefix("crates/").and_then(|it| it.split_once('/')) {
        Some((_, inside)) => inside,
        None => path,
    };
    let is_program = |folder: &str| {
        let name = inside.strip_prefix(folder);
        name.is_some_and(|it| !it.contains('/') || it.ends_with("/main.rs"))
    };
    matches!(inside, "src/lib.rs" | "src/main.rs" | "build.rs" | "tests/src/lib.rs")
        || inside.ends_with("/it/main.rs")
        || ["src/bin/", "tests/", "benches/", "examples/", "tests/fuzz/fuzz_targets/"]
            .iter()
            .any(|it| is_program(it))
}

/// The files that the `mod` lines of a file may mean.
fn included(file: &Source) -> Vec<String> {
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    let stem = name.trim_end_matches(".rs");
    let is_top = is_root(&file.path) || stem == "mod";
    let below = if is_top { folder.to_owned() } else { format!("{folder}/{stem}") };
    let mut found = Vec::new();
    let mut explicit = None;
    for line in file.text.lines().map(str::trim) {
        if let Some(path) = line.strip_prefix("#[path = \"") {
            explicit = path.strip_suffix("\"]").map(|it| format!("{folder}/{it}"));
            continue;
        }
        if let Some(module) = module_name(line) {
            let usual = || vec![format!("{below}/{module}.rs"), format!("{below}/{module}/mod.rs")];
            found.extend(explicit.take().map_or_else(usual, |it| vec![it]));
        }
    }
    found
}

/// `x` of `pub(crate) mod x;`.
fn module_name(line: &str) -> Option<&str> {
    let rest = match line.split_once("mod ") {
        Some(("", rest)) => rest,
        Some((visibility, rest)) if visibility.starts_with("pub") => rest,
        _ => return None,
    };
    rest.strip_suffix(';').map(str::trim)
}

fn test_binaries(by_path: &BTreeMap<&str, &Source>) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for path in by_path.keys() {
        let Some((name, inside)) = path.strip_prefix("crates/").and_then(|it| it.split_once('/'))
        else {
            continue;
        };
        let is_binary = inside.starts_with("tests/") && is_root(path);
        if is_binary && !seen.insert(name) {
            let message = "a crate has one integration test binary, `tests/it/main.rs`";
            problems.push(Problem::in_file(path, message));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::sources::Source;

    /// Checks these files and expects these to be found.
    fn check(files: &[(&str, &str)], expect: &[&str]) {
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| Source { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        let found: Vec<_> = super::check(&files).into_iter().map(|it| it.path).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn a_file_without_a_mod_is_forgotten() {
        let lib = ("crates/a/src/lib.rs", "//! A.\nmod b;\npub(crate) mod c;\n");
        let b = ("crates/a/src/b.rs", "mod d;");
        let d = ("crates/a/src/b/d.rs", "");
        check(&[lib, b, d, ("crates/a/src/c.rs", "")], &[]);
        check(&[lib, b, d, ("crates/a/src/e.rs", "")], &["crates/a/src/e.rs"]);
    }

    #[test]
    fn test_files_hang_on_their_main() {
        let main = ("tests/it/main.rs", "mod run;\n");
        check(&[main, ("tests/it/run.rs", "mod deep;"), ("tests/it/run/deep.rs", "")], &[]);
        check(&[main, ("tests/it/lost.rs", "")], &["tests/it/lost.rs"]);
    }

    #[test]
    fn a_written_path_is_followed() {
        let os = ("crates/a/src/lib.rs", "#[cfg(unix)]\n#[path = \"os/unix.rs\"]\nmod platform;\n");
        check(&[os, ("crates/a/src/os/unix.rs", "")], &[]);
    }

    #[test]
    fn one_integration_binary_per_crate() {
        let first = ("crates/a/tests/it/main.rs", "");
        check(&[first, ("crates/a/tests/other.rs", "")], &["crates/a/tests/other.rs"]);
    }
}
