//! What else changes when files get another path: the `use` items that lead to them, and theirs.
//!
//! `will_rename(db, old, new) -> Vec<FileEdit>` is asked before the move; paths are relative to the
//! workspace root, with `/` between the parts, of a file or of a whole directory. Paths keep their
//! style: `//` stays, a relative path stays relative with or without `./`, a directory that stands
//! for its `tasks.rush` stays a directory. What would still lead to the same file is left alone.

use rush_semantics::names::{PACKAGE_FILE, directory, files, import_target, resolve_path};
use rush_semantics::{Db, Item};
use rush_syntax::Kind;
use rush_syntax::ast::ItemKind;
use text_size::{TextRange, TextSize};

use crate::place::{FileEdit, Placed};
use crate::syntax::slice;

/// The edits that keep every `use` leading to the same file after `old` became `new`.
pub fn will_rename(db: &dyn Db, old: &str, new: &str) -> Vec<FileEdit> {
    let (old, new) = (old.trim_matches('/'), new.trim_matches('/'));
    if old == new || old.is_empty() {
        return Vec::new();
    }
    let mut edits = Vec::new();
    for file in files(db) {
        db.unwind_if_revision_cancelled();
        let imports = Placed::all(db, file).filter(|it| it.item.kind(db) == Kind::Use);
        edits.extend(imports.filter_map(|it| rewritten(db, it, &Move { old, new })));
    }
    edits
}

/// A file or a directory that gets another path.
struct Move<'a> {
    old: &'a str,
    new: &'a str,
}

impl Move<'_> {
    /// The path something has after the move.
    fn apply(&self, path: &str) -> String {
        match path.strip_prefix(self.old) {
            Some("") => self.new.to_owned(),
            Some(rest) if rest.starts_with('/') && self.new.is_empty() => rest[1..].to_owned(),
            Some(rest) if rest.starts_with('/') => format!("{}{rest}", self.new),
            _ => path.to_owned(),
        }
    }
}

fn rewritten(db: &dyn Db, import: Placed, moved: &Move<'_>) -> Option<FileEdit> {
    let item: Item = import.item;
    let ItemKind::Use { path: Some(path), .. } = &item.ast(db).kind else { return None };
    let target = import_target(db, item)?.path(db);
    let from = item.file(db).path(db);
    let (new_from, new_target) = (moved.apply(from), moved.apply(target));
    if new_from == from.as_str() && new_target == target.as_str() {
        return None;
    }
    let written = path.text.as_str();
    // A directory stands for the `tasks.rush` in it.
    let is_directory = resolve_path(directory(from), written).as_deref() != Some(target.as_str());
    let wanted = match new_target.strip_suffix(PACKAGE_FILE) {
        Some(dir) if is_directory && (dir.is_empty() || dir.ends_with('/')) => {
            dir.trim_end_matches('/')
        }
        _ => new_target.as_str(),
    };
    let base = directory(&new_from);
    if resolve_path(base, written).as_deref() == Some(wanted) {
        return None;
    }
    let text = match written.strip_prefix("//") {
        Some(_) => format!("//{wanted}"),
        None => relative(base, wanted, written.starts_with("./")),
    };
    let quoted = slice(item.text(db), path.range);
    // The content: what stands between the quotes.
    let quotes = TextSize::of('"');
    let has_quotes = quoted.len() >= 2 && quoted.starts_with('"') && quoted.ends_with('"');
    let content = has_quotes
        .then(|| TextRange::new(path.range.start() + quotes, path.range.end() - quotes))?;
    Some(FileEdit { at: import.range(db, content), text })
}

/// The path from a directory to something; below it with `./` when the path had that before.
fn relative(base: &str, wanted: &str, has_dot: bool) -> String {
    let parts = |path: &str| -> Vec<String> {
        path.split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    let (from, to) = (parts(base), parts(wanted));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = vec!["..".to_owned(); from.len() - shared];
    let down = to.into_iter().skip(shared);
    let is_below = up.is_empty();
    let path = up.into_iter().chain(down).collect::<Vec<_>>().join("/");
    match path.as_str() {
        "" => ".".to_owned(),
        // A path that led upwards before had no choice, so below it gets the usual dot.
        _ if is_below && has_dot => format!("./{path}"),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::will_rename;
    use crate::fixture::Case;

    /// Edits as `place -> text`.
    fn check((old, new): (&str, &str), input: &str, expect: &[&str]) {
        let case = Case::new(input);
        let found: Vec<String> = will_rename(&case.db, old, new)
            .iter()
            .map(|it| format!("{} -> {}", case.show(it.at), it.text))
            .collect();
        assert_eq!(found, expect, "{old} to {new}");
    }

    const FILES: &str = "//- tasks.rush\nuse \"./lib/rust.rush\" as a\nuse \"//lib/rust.rush\" as b\n\
        use \"web\" as c\nuse \"lib/rust.rush\" as d\n//- lib/rust.rush\nuse \"go.rush\" as go\n\
        use \"../web\" as w\n//- lib/go.rush\n//- web/tasks.rush\nuse \"../lib/rust.rush\" as r\n";

    #[test]
    fn a_file_is_found_under_its_new_name() {
        check(
            ("lib/rust.rush", "lib/cargo.rush"),
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
            ("lib/rust.rush", "rust.rush"),
            FILES,
            &[
                "lib/rust.rush:1:6 \"go.rush\" -> lib/go.rush",
                "lib/rust.rush:2:6 \"../web\" -> web",
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
            ("lib", "tools/lib"),
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
            ("web", "site"),
            FILES,
            &["lib/rust.rush:2:6 \"../web\" -> ../site", "tasks.rush:3:6 \"web\" -> site"],
        );
        check(
            ("web/tasks.rush", "web/main.rush"),
            FILES,
            &[
                "lib/rust.rush:2:6 \"../web\" -> ../web/main.rush",
                "tasks.rush:3:6 \"web\" -> web/main.rush",
            ],
        );
    }

    #[test]
    fn what_still_leads_there_is_left_alone() {
        check(("web/tasks.rush", "web/tasks.rush"), FILES, &[]);
        check(("we", "x"), FILES, &[]);
        check(("docs", "book"), FILES, &[]);
        check(
            ("lib/go.rush", "lib/golang.rush"),
            FILES,
            &["lib/rust.rush:1:6 \"go.rush\" -> golang.rush"],
        );
    }

    #[test]
    fn the_packages_own_file_is_named_by_a_dot() {
        check(
            ("a.rush", "web/a.rush"),
            "//- a.rush\nuse \"web\" as w\n//- web/tasks.rush\n",
            &["a.rush:1:6 \"web\" -> ."],
        );
    }

    #[test]
    fn broken_imports_are_left_alone() {
        check(
            ("a.rush", "b.rush"),
            "//- tasks.rush\nuse \"a.rush\" as\nuse \"a.rus\nuse\n//- a.rush\n",
            &["tasks.rush:1:6 \"a.rush\" -> b.rush"],
        );
    }
}
