//! What else changes when files get another path: the `use` items that lead to them, and theirs.
//!
//! `will_rename(db, moves) -> Vec<FileEdit>` is asked before the move; paths are relative to the
//! workspace root, with `/` between the parts, of a file or of a whole directory. All that move at
//! once are looked at together: an import and what it leads to may both be among them. Paths keep
//! their style: `//` stays, a relative path stays relative with or without `./`, a directory that
//! stands for its `tasks.rush` stays a directory, and the shortest way stays the shortest. A detour
//! that still leads to the same file is left alone.

use rush_semantics::names::{PACKAGE_FILE, directory, files, import_target, resolve_path};
use rush_semantics::{Db, Item};
use rush_syntax::Kind;
use rush_syntax::ast::ItemKind;

use crate::place::{FileEdit, Placed};
use crate::syntax::{between_quotes, slice};

/// The edits that keep every `use` leading to the same file after each first path became the second.
pub fn will_rename(db: &dyn Db, moves: &[(&str, &str)]) -> Vec<FileEdit> {
    let mut moves: Vec<(&str, &str)> =
        moves.iter().map(|(old, new)| (old.trim_matches('/'), new.trim_matches('/'))).collect();
    moves.retain(|(old, new)| old != new && !old.is_empty());
    // What is said of a file counts more than what is said of a directory around it.
    moves.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
    if moves.is_empty() {
        return Vec::new();
    }
    let moves = Moves(moves);
    let mut edits = Vec::new();
    for file in files(db) {
        db.unwind_if_revision_cancelled();
        let imports = Placed::all(db, file).filter(|it| it.item.kind(db) == Kind::Use);
        edits.extend(imports.filter_map(|it| rewritten(db, it, &moves)));
    }
    edits
}

/// Files and directories that get other paths at once, the longest path first.
struct Moves<'a>(Vec<(&'a str, &'a str)>);

impl Moves<'_> {
    /// The path something has after the moves.
    fn apply(&self, path: &str) -> String {
        let moved = |(old, new): &(&str, &str)| match path.strip_prefix(old)? {
            "" => Some((*new).to_owned()),
            rest if rest.starts_with('/') && new.is_empty() => Some(rest[1..].to_owned()),
            rest if rest.starts_with('/') => Some(format!("{new}{rest}")),
            _ => None,
        };
        self.0.iter().find_map(moved).unwrap_or_else(|| path.to_owned())
    }
}

fn rewritten(db: &dyn Db, import: Placed, moves: &Moves<'_>) -> Option<FileEdit> {
    let item: Item = import.item;
    let ItemKind::Use { path: Some(path), .. } = &item.ast(db).kind else { return None };
    let target = import_target(db, item)?.path(db);
    let from = item.file(db).path(db);
    let (new_from, new_target) = (moves.apply(from), moves.apply(target));
    if new_from == from.as_str() && new_target == target.as_str() {
        return None;
    }
    let written = path.text.as_str();
    // A directory stands for the `tasks.rush` in it.
    let is_directory = resolve_path(directory(from), written).as_deref() != Some(target.as_str());
    let meant = |path| if is_directory { package_directory(path) } else { path };
    let (old_wanted, wanted) = (meant(target.as_str()), meant(new_target.as_str()));
    let (old_base, base) = (directory(from), directory(&new_from));
    let text = in_style(written, base, wanted);
    // A detour that the author wrote is left alone as long as it leads there; the shortest way stays
    // the shortest.
    let is_detour = in_style(written, old_base, old_wanted) != written;
    let leads_there = resolve_path(base, written).as_deref() == Some(wanted);
    if text == written || (is_detour && leads_there) {
        return None;
    }
    let content = between_quotes(slice(item.text(db), path.range))? + path.range.start();
    Some(FileEdit { at: import.range(db, content), text })
}

/// The directory of a package by the path of its file; another file by its own path.
fn package_directory(path: &str) -> &str {
    match path.strip_suffix(PACKAGE_FILE) {
        Some(dir) if dir.is_empty() || dir.ends_with('/') => dir.trim_end_matches('/'),
        _ => path,
    }
}

/// The path from a directory to something, written like another one.
fn in_style(written: &str, base: &str, wanted: &str) -> String {
    if written.starts_with("//") {
        return format!("//{wanted}");
    }
    let path = relative(base, wanted);
    let is_below = !matches!(path.as_str(), "." | "..") && !path.starts_with("../");
    // A path that led upwards had no choice; below it gets the usual dot.
    if is_below && written.starts_with('.') { format!("./{path}") } else { path }
}

/// The path from a directory to something.
fn relative(base: &str, wanted: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        path.split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    let (from, to) = (parts(base), parts(wanted));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = vec!["..".to_owned(); from.len() - shared];
    let down = to.into_iter().skip(shared);
    let path = up.into_iter().chain(down).collect::<Vec<_>>().join("/");
    if path.is_empty() { ".".to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use super::will_rename;
    use crate::fixture::Case;

    /// Edits as `place -> text`.
    fn check(moves: &[(&str, &str)], input: &str, expect: &[&str]) {
        let case = Case::new(input);
        let found: Vec<String> = will_rename(&case.db, moves)
            .iter()
            .map(|it| format!("{} -> {}", case.show(it.at), it.text))
            .collect();
        assert_eq!(found, expect, "{moves:?}");
    }

    const FILES: &str = "//- tasks.rush\nuse \"./lib/rust.rush\" as a\nuse \"//lib/rust.rush\" as b\n\
        use \"web\" as c\nuse \"lib/rust.rush\" as d\n//- lib/rust.rush\nuse \"go.rush\" as go\n\
        use \"../web\" as w\n//- lib/go.rush\n//- web/tasks.rush\nuse \"../lib/rust.rush\" as r\n";

    #[test]
    fn a_file_is_found_under_its_new_name() {
        check(
            &[("lib/rust.rush", "lib/cargo.rush")],
            FILES,
            &[
                "tasks.rush:1:6 \"./lib/rust.rush\" -> ./lib/cargo.rush",
                "tasks.rush:2:6 \"//lib/rust.rush\" -> //lib/cargo.rush",
                "tasks.rush:4:6 \"lib/rust.rush\" -> lib/cargo.rush",
                "web/tasks.rush:1:6 \"../lib/rust.rush\" -> ../lib/cargo.rush",
            ],
        );
    }

    #[test]
    fn what_a_moved_file_uses_is_found_from_there() {
        check(
            &[("lib/rust.rush", "rust.rush")],
            FILES,
            &[
                "lib/rust.rush:1:6 \"go.rush\" -> lib/go.rush",
                "lib/rust.rush:2:6 \"../web\" -> ./web",
                "tasks.rush:1:6 \"./lib/rust.rush\" -> ./rust.rush",
                "tasks.rush:2:6 \"//lib/rust.rush\" -> //rust.rush",
                "tasks.rush:4:6 \"lib/rust.rush\" -> rust.rush",
                "web/tasks.rush:1:6 \"../lib/rust.rush\" -> ../rust.rush",
            ],
        );
    }

    #[test]
    fn a_directory_moves_with_all_in_it() {
        check(
            &[("lib", "tools/lib")],
            FILES,
            &[
                "lib/rust.rush:2:6 \"../web\" -> ../../web",
                "tasks.rush:1:6 \"./lib/rust.rush\" -> ./tools/lib/rust.rush",
                "tasks.rush:2:6 \"//lib/rust.rush\" -> //tools/lib/rust.rush",
                "tasks.rush:4:6 \"lib/rust.rush\" -> tools/lib/rust.rush",
                "web/tasks.rush:1:6 \"../lib/rust.rush\" -> ../tools/lib/rust.rush",
            ],
        );
    }

    #[test]
    fn a_package_stays_a_directory() {
        check(
            &[("web", "site")],
            FILES,
            &["lib/rust.rush:2:6 \"../web\" -> ../site", "tasks.rush:3:6 \"web\" -> site"],
        );
        check(
            &[("web/tasks.rush", "web/main.rush")],
            FILES,
            &[
                "lib/rust.rush:2:6 \"../web\" -> ../web/main.rush",
                "tasks.rush:3:6 \"web\" -> web/main.rush",
            ],
        );
    }

    #[test]
    fn what_moves_together_is_looked_at_together() {
        let files = "//- x/a.rush\nuse \"./b.rush\" as b\nuse \"../c.rush\" as c\n//- x/b.rush\n//- c.rush\n";
        check(&[("x/a.rush", "y/a.rush"), ("x/b.rush", "y/b.rush")], files, &[]);
        check(
            &[("x/a.rush", "a.rush"), ("x/b.rush", "z/b.rush"), ("c.rush", "d.rush")],
            files,
            &["x/a.rush:1:6 \"./b.rush\" -> ./z/b.rush", "x/a.rush:2:6 \"../c.rush\" -> ./d.rush"],
        );
        // A file of a directory that moves may go somewhere else.
        check(
            &[("x", "y"), ("x/b.rush", "b.rush")],
            files,
            &["x/a.rush:1:6 \"./b.rush\" -> ../b.rush"],
        );
    }

    #[test]
    fn raw_paths_are_followed_too() {
        check(
            &[("p/web", "q/web")],
            "//- p/web/tasks.rush\n//- app/tasks.rush\nuse r\"../p/web\" as web\n",
            &["app/tasks.rush:1:7 \"../p/web\" -> ../q/web"],
        );
    }

    #[test]
    fn what_still_leads_there_is_left_alone() {
        check(&[("web/tasks.rush", "web/tasks.rush")], FILES, &[]);
        check(&[("we", "x")], FILES, &[]);
        check(&[("docs", "book")], FILES, &[]);
        check(
            &[("lib/go.rush", "lib/golang.rush")],
            FILES,
            &["lib/rust.rush:1:6 \"go.rush\" -> golang.rush"],
        );
    }

    #[test]
    fn the_packages_own_file_is_named_by_a_dot() {
        check(
            &[("a.rush", "web/a.rush")],
            "//- a.rush\nuse \"web\" as w\n//- web/tasks.rush\n",
            &["a.rush:1:6 \"web\" -> ."],
        );
    }

    #[test]
    fn broken_imports_are_left_alone() {
        check(
            &[("a.rush", "b.rush")],
            "//- tasks.rush\nuse \"a.rush\" as\nuse \"a.rus\nuse\n//- a.rush\n",
            &["tasks.rush:1:6 \"a.rush\" -> b.rush"],
        );
    }
}

#[cfg(test)]
mod property;
