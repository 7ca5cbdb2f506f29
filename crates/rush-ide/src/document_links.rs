//! Words that name a file which can be opened.
//!
//! `document_links(db, files, file) -> Vec<DocumentLink>`: the path of each `use`, and every plain
//! path that leads to a file which is there: texts where a path or a pattern of one file is expected,
//! the arguments of `path` and `glob`, and words of commands that have a `/`. Targets are relative to
//! the workspace root. A path of a task is sought in its package; in a command, in the directory `dir`
//! names. What has holes or wildcards has no link.

use rush_plan::{Glob, WorkspacePath};
use rush_semantics::argv::{Piece, split};
use rush_semantics::builtins::Builtin;
use rush_semantics::infer::infer;
use rush_semantics::names::{import_target, package_dir, resolve_path};
use rush_semantics::ty::Ty;
use rush_semantics::{Db, Item, SourceFile};
use rush_syntax::ast::{self, Expr, ItemKind, fixed_text};
use rustc_hash::FxHashMap;
use text_size::{TextRange, TextSize};

use crate::draft::Parents;
use crate::files::{FileKind, FileView};
use crate::place::{FileRange, Placed};
use crate::syntax::{exprs, slice};

/// A place that leads to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentLink {
    /// The path as written, without quotes.
    pub at: FileRange,
    /// The file, relative to the workspace root.
    pub target: String,
}

/// The links of a file, in the order written.
pub fn document_links(db: &dyn Db, files: &dyn FileView, file: SourceFile) -> Vec<DocumentLink> {
    let mut known = Known { files, directories: FxHashMap::default() };
    let mut found = Vec::new();
    for placed in Placed::all(db, file) {
        db.unwind_if_revision_cancelled();
        let mut links = imports(db, placed.item);
        links.extend(paths(db, placed.item).into_iter().filter(|(_, it)| known.is_file(it)));
        links.sort_by_key(|(at, _)| (at.start(), at.end()));
        links.dedup_by_key(|(at, _)| at.start());
        let links = links.into_iter().map(|(at, target)| (placed.range(db, at), target));
        found.extend(links.map(|(at, target)| DocumentLink { at, target }));
    }
    found
}

/// Which files there are, asked once for each directory.
struct Known<'a> {
    files: &'a dyn FileView,
    directories: FxHashMap<String, Vec<String>>,
}

impl Known<'_> {
    fn is_file(&mut self, path: &str) -> bool {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        let files = self.files;
        let names = self.directories.entry(directory.to_owned()).or_insert_with(|| {
            let entries = files.entries(directory).into_iter();
            entries.filter(|it| it.kind == FileKind::File).map(|it| it.name).collect()
        });
        names.iter().any(|it| it == name)
    }
}

type Link = (TextRange, String);

fn imports(db: &dyn Db, item: Item) -> Vec<Link> {
    let ItemKind::Use { path: Some(path), .. } = &item.ast(db).kind else { return Vec::new() };
    let target = import_target(db, item);
    target
        .map(|it| (unquoted(item.text(db), path.range), it.path(db).to_string()))
        .into_iter()
        .collect()
}

/// What may be paths of files, resolved.
fn paths(db: &dyn Db, item: Item) -> Vec<Link> {
    let (ast, text) = (item.ast(db), item.text(db));
    let package = package_dir(db, item.file(db));
    let (parents, inference) = (Parents::of(ast), infer(db, item));
    let mut found = Vec::new();
    for (id, expr) in exprs(ast) {
        match expr {
            Expr::Text(parts) => {
                let made = parents.builtin_of(ast, inference, id);
                let meant = |text: &str| path(inference.ty(id), made, text, package);
                let path = fixed_text(parts).and_then(|it| meant(&it));
                found.extend(path.map(|it| (unquoted(text, ast.expr_range(id)), it)));
            }
            Expr::Command(parts) => {
                let Some(dir) = directory(ast, package) else { continue };
                let argv = split(parts, text);
                for word in &argv.words {
                    let [Piece::Text { value, range }] = word.pieces.as_slice() else { continue };
                    if value.contains('/') && !value.starts_with('/') {
                        found.extend(resolve_path(&dir, value).map(|it| (*range, it)));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// The path that a text means where it is wanted as this type, or is `made` into something else by a function: as it
/// is, or as a pattern that matches one path only.
fn path(ty: &Ty, made: Option<Builtin>, text: &str, package: &str) -> Option<String> {
    let has = |wanted: &Ty| ty.members().iter().any(|it| it.bare() == wanted);
    if has(&Ty::Glob) || made == Some(Builtin::Glob) {
        let glob = Glob::parse(text).ok().filter(|it| it.is_literal() && !it.is_negated())?;
        let path = glob.resolve(&WorkspacePath::new(package).unwrap_or_default()).ok()?;
        Some(path.literal_prefix().to_owned())
    } else if has(&Ty::Path) || made == Some(Builtin::Path) {
        resolve_path(package, text)
    } else {
        None
    }
}

/// Where the commands of an item run; `None` when that is computed.
fn directory(ast: &ast::Item, package: &str) -> Option<String> {
    let Some(field) = ast.field("dir") else { return Some(package.to_owned()) };
    let Expr::Text(parts) = ast.expr(field.value) else { return None };
    resolve_path(package, &fixed_text(parts)?)
}

/// A literal without its quotes.
fn unquoted(text: &str, at: TextRange) -> TextRange {
    let written = slice(text, at);
    let open = written.find('"').map_or(0, |it| it + 1);
    let close = written.len() - usize::from(written.ends_with('"') && written.len() > open);
    TextRange::new(
        at.start() + TextSize::new(open as u32),
        at.start() + TextSize::new(close as u32),
    )
}

#[cfg(test)]
mod tests {
    use super::document_links;
    use crate::files::{FileEntry, FileKind, FileMatches, FileView};
    use crate::fixture::Case;

    /// A workspace with a few files.
    struct Disk(&'static [&'static str]);

    impl FileView for Disk {
        fn entries(&self, directory: &str) -> Vec<FileEntry> {
            let inside = self.0.iter().filter_map(|path| match directory {
                "" => Some(*path),
                _ => path.strip_prefix(directory)?.strip_prefix('/'),
            });
            let mut entries: Vec<FileEntry> = inside
                .map(|rest| match rest.split_once('/') {
                    Some((name, _)) => {
                        FileEntry { name: name.to_owned(), kind: FileKind::Directory }
                    }
                    None => FileEntry { name: rest.to_owned(), kind: FileKind::File },
                })
                .collect();
            entries.dedup();
            entries
        }

        fn matches(&self, _: &str, _: &[String]) -> FileMatches {
            FileMatches::default()
        }
    }

    const DISK: Disk = Disk(&[
        "Cargo.lock",
        "app/[id]/{x}.ts",
        "src/a.c",
        "scripts/go.sh",
        "web/x.txt",
        "web/bin/y",
    ]);

    /// Links as `place -> target`.
    fn check(input: &str, expect: &[&str]) {
        let case = Case::new(input);
        let found: Vec<String> = document_links(&case.db, &DISK, case.file)
            .iter()
            .map(|it| format!("{} -> {}", case.show(it.at), it.target))
            .collect();
        assert_eq!(found, expect, "{input}");
    }

    #[test]
    fn imports_lead_to_their_file() {
        check(
            "//- tasks.rush\nuse \"web\" as w\nuse \"./none.rush\" as n\n//- web/tasks.rush\n",
            &["tasks.rush:1:6 \"web\" -> web/tasks.rush"],
        );
    }

    #[test]
    fn plain_paths_lead_to_files_that_are_there() {
        check(
            "task a { inputs: [\"Cargo.lock\", \"src/*.c\", \"src/a.c\", \"src\", \"gone\"] }\n",
            &[
                "tasks.rush:1:20 \"Cargo.lock\" -> Cargo.lock",
                "tasks.rush:1:45 \"src/a.c\" -> src/a.c",
            ],
        );
        check("let x = path(\"src/a.c\")\n", &["tasks.rush:1:15 \"src/a.c\" -> src/a.c"]);
        check("let x = [glob(\"src/a.c\")]\n", &["tasks.rush:1:16 \"src/a.c\" -> src/a.c"]);
        check("let x = \"src/a.c\"\n", &[]);
        check("task a { depfile: r\"src/a.c\" }\n", &["tasks.rush:1:21 \"src/a.c\" -> src/a.c"]);
    }

    #[test]
    fn signs_of_patterns_are_escaped_in_patterns_only() {
        let at = r#"tasks.rush:1:20 "app/\\\\[id\\\\]/\\\\{x\\\\}.ts" -> app/[id]/{x}.ts"#;
        check("task a { inputs: [\"app/\\\\[id\\\\]/\\\\{x\\\\}.ts\"] }\n", &[at]);
        check("task a { inputs: [\"app/[id]/{x}.ts\", \"!src/a.c\"] }\n", &[]);
        check(
            "task a { depfile: \"app/[id]/{x}.ts\" }\n",
            &["tasks.rush:1:20 \"app/[id]/{x}.ts\" -> app/[id]/{x}.ts"],
        );
    }

    #[test]
    fn paths_belong_to_the_package() {
        check(
            "//- web/tasks.rush\ntask a { inputs: [\"x.txt\", \"//Cargo.lock\", \"../src/a.c\"] }\n",
            &[
                "web/tasks.rush:1:20 \"x.txt\" -> web/x.txt",
                "web/tasks.rush:1:29 \"//Cargo.lock\" -> Cargo.lock",
                "web/tasks.rush:1:45 \"../src/a.c\" -> src/a.c",
            ],
        );
    }

    #[test]
    fn words_of_commands_with_a_slash_are_paths() {
        check(
            "task a { run: `scripts/go.sh Cargo.lock ./src/a.c /etc/passwd ${\"x\"}/y` }\n",
            &[
                "tasks.rush:1:16 \"scripts/go.sh\" -> scripts/go.sh",
                "tasks.rush:1:41 \"./src/a.c\" -> src/a.c",
            ],
        );
        check(
            "task a { dir: \"web\", run: `bin/y` }\n",
            &["tasks.rush:1:28 \"bin/y\" -> web/bin/y"],
        );
        check("task a(d: path) { dir: d, run: `bin/y` }\n", &[]);
    }

    #[test]
    fn broken_items_have_links() {
        check(
            "task a {\n  inputs: [\"src/a.c\", \"x\n  run: `scripts/go.sh\n",
            &[
                "tasks.rush:2:13 \"src/a.c\" -> src/a.c",
                "tasks.rush:3:9 \"scripts/go.sh\" -> scripts/go.sh",
            ],
        );
    }
}
