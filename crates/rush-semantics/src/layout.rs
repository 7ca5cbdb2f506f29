//! Which files belong to a workspace, as far as a single text can say.
//!
//! For whoever collects the files: asked before there is a database, so everything is a function of
//! one text, and only the few lines that matter are looked at. Nothing is reported here; the
//! checker says what is wrong with the same lines.

use rush_plan::Glob;
use rush_syntax::ast::{Element, Expr, Item, ItemKind, Member, fixed_text};
use smol_str::SmolStr;

use crate::db::{common_prefix, common_suffix};
use crate::kinds;
use crate::names::{PACKAGE_FILE, directory, resolve_path};

/// The patterns of `workspace { members: [..] }`.
#[derive(Clone, Debug)]
pub struct Members(Vec<Glob>);

impl Members {
    /// Whether the package in this directory, relative to the root, is a member.
    pub fn contains(&self, directory: &str) -> bool {
        let hits = |wanted: bool| {
            self.0.iter().any(|it| it.is_negated() == wanted && it.matches(directory))
        };
        hits(false) && !hits(true)
    }

    /// Whether this directory, relative to the root, or one below it may be a member.
    pub fn may_be(&self, directory: &str) -> bool {
        self.contains(directory) || self.may_be_below(directory)
    }

    /// Whether a pattern has this directory, relative to the root, in its part without wildcards.
    pub fn name(&self, directory: &str) -> bool {
        let wanted = self.0.iter().filter(|it| !it.is_negated());
        wanted.map(Glob::literal_directory).any(|named| {
            let below = named.strip_prefix(directory);
            below.is_some_and(|it| it.is_empty() || it.starts_with('/'))
        })
    }

    /// Whether a directory below this one, relative to the root, may be a member.
    pub fn may_be_below(&self, directory: &str) -> bool {
        self.0.iter().any(|it| !it.is_negated() && it.may_match_below(directory))
    }
}

impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().map(Glob::as_str).eq(other.0.iter().map(Glob::as_str))
    }
}

impl Eq for Members {}

/// The members the first `workspace` item of a text declares; `None` when it has no such item.
pub fn members(text: &str) -> Option<Members> {
    let start = lines_with(text, "workspace").next()?;
    let rest = text.get(start..)?;
    // Up to the first line that closes something, so that a large file is not split for this.
    let close = line_starts(rest).find(|at| rest.get(*at..).is_some_and(|it| it.starts_with('}')));
    let end = close.map_or(rest.len(), |at| at + line_length(rest, at));
    let item = rest.get(..end)?;
    let slice = rush_syntax::split(item, kinds::KIND_NAMES).into_iter().next()?;
    let item = item.get(std::ops::Range::<usize>::from(slice.range))?;
    let item = rush_syntax::parse_item(item, rush_syntax::Dialect::File).item;
    Some(Members(patterns(&item)))
}

/// The files that the `use` items of a text ask for, relative to the root; `path` is the text's own.
///
/// What leaves the workspace or is malformed is left out.
pub fn imports(path: &str, text: &str) -> Vec<String> {
    let written = lines_with(text, "use").filter_map(|at| {
        let line = text.get(at..at + line_length(text, at))?;
        line.split('"').nth(1)
    });
    let target = |written: &str| {
        let target = resolve_path(directory(path), written)?;
        Some(match target.as_str() {
            it if it.strip_suffix(".rush").is_some() => target,
            "" => PACKAGE_FILE.to_owned(),
            it => format!("{it}/{PACKAGE_FILE}"),
        })
    };
    written.filter_map(target).collect()
}

/// Whether the `use` items of two texts of a file ask for the same files. Only the lines that differ are
/// looked at: a line says by itself what it asks for.
pub fn has_same_imports(path: &str, old: &str, new: &str) -> bool {
    let (old, new) = differing_lines(old, new);
    imports(path, old) == imports(path, new)
}

/// The lines from the first to the last that two texts do not share.
fn differing_lines<'t>(old: &'t str, new: &'t str) -> (&'t str, &'t str) {
    let shared = common_prefix(old.as_bytes(), new.as_bytes());
    let start = memchr::memrchr(b'\n', old.as_bytes().get(..shared).unwrap_or_default());
    let start = start.map_or(0, |it| it + 1);
    let (old, new) = (old.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
    let shared = common_suffix(old.as_bytes(), new.as_bytes());
    let tail = old.as_bytes().get(old.len() - shared..).unwrap_or_default();
    let tail = memchr::memchr(b'\n', tail).map_or(0, |it| shared - it);
    let head = |text: &'t str| text.get(..text.len() - tail).unwrap_or_default();
    (head(old), head(new))
}

fn patterns(item: &Item) -> Vec<Glob> {
    let ItemKind::Decl(decl) = &item.kind else { return Vec::new() };
    let fields = decl.body.members.iter().filter_map(|member| match member {
        Member::Field(field) if field.name.text == "members" => Some(item.expr(field.value)),
        Member::Field(_) | Member::Let(_) | Member::Check(_) | Member::Spread { .. } => None,
    });
    let elements = fields.filter_map(|value| match value {
        Expr::List(elements) => Some(elements),
        _ => None,
    });
    let texts = elements.flatten().filter_map(|element| match element {
        Element::Value(value) => text_of(item.expr(*value)),
        Element::Spread(_) | Element::For { .. } | Element::If { .. } => None,
    });
    texts.filter_map(|text| Glob::parse(text.trim_end_matches('/')).ok()).collect()
}

fn text_of(expr: &Expr) -> Option<SmolStr> {
    let Expr::Text(parts) = expr else { return None };
    fixed_text(parts)
}

/// Where the lines begin that begin with this word.
fn lines_with<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let first = if text.starts_with('\u{feff}') { 3 } else { 0 };
    // The word is sought instead of each line: few lines have it, and files may be large.
    let found = memchr::memmem::find_iter(text.as_bytes(), word.as_bytes()).filter(move |at| {
        *at == first || at.checked_sub(1).is_some_and(|it| text.as_bytes().get(it) == Some(&b'\n'))
    });
    found.filter(move |at| opens(text, *at, word))
}

/// Whether the line at `at` begins with this word.
fn opens(text: &str, at: usize, word: &str) -> bool {
    let rest = text.get(at..).and_then(|it| it.strip_prefix(word));
    rest.is_some_and(|it| it.starts_with([' ', '\t', '{', '\r', '\n', '"']))
}

fn line_starts(text: &str) -> impl Iterator<Item = usize> {
    let first = if text.starts_with('\u{feff}') { 3 } else { 0 };
    std::iter::once(first).chain(text.match_indices('\n').map(|(at, _)| at + 1))
}

fn line_length(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.find('\n').unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::{differing_lines, has_same_imports, imports, members};

    #[test]
    fn only_lines_that_differ_are_asked_for_imports() {
        let check = |old: &str, new: &str, expect: (&str, &str)| {
            assert_eq!(differing_lines(old, new), expect, "{old:?} {new:?}");
            let whole = imports("tasks.rush", old) == imports("tasks.rush", new);
            assert_eq!(has_same_imports("tasks.rush", old, new), whole, "{old:?} {new:?}");
        };
        check("use \"a\"\nlet x = 1\n", "use \"b\"\nlet x = 1\n", ("use \"a\"", "use \"b\""));
        check("use \"a\"\nlet x = 1\n", "use \"a\"\nlet x = 2\n", ("let x = 1", "let x = 2"));
        check("use \"a\"", "use \"a\"", ("use \"a\"", "use \"a\""));
        check("use \"a\"", "", ("use \"a\"", ""));
        check("x\nuse \"a\"\n", "xuse \"a\"\n", ("x\nuse \"a\"", "xuse \"a\""));
        check("use \"a\"\n", "use \"a\"\nuse \"a\"\n", ("", "use \"a\"\n"));
        check("use \"é\"\n", "use \"è\"\n", ("use \"é\"", "use \"è\""));
    }

    #[test]
    fn members_are_read_without_a_database() {
        let text = "//! Docs.\nlet a = 1\nworkspace {\n  members: [\"packages/*\", \"!packages/old\", \"web/\"]\n}\ntask b {}\n";
        let members = members(text).unwrap();
        let contains = ["packages/a", "packages/old", "web", "", "packages/a/b"]
            .map(|it| members.contains(it));
        assert_eq!(contains, [true, false, true, false, false]);
        assert!(members.may_be_below("packages") && !members.may_be_below("docs"));
    }

    #[test]
    fn a_workspace_without_members_is_one_too() {
        assert!(members("workspace {}").is_some());
        assert!(members("task workspace {}\n  workspace {}\n").is_none());
    }

    #[test]
    fn imports_are_relative_to_the_file_or_the_root() {
        let text = "use \"./x.rush\" as x\nuse \"../web\" as web\nuse \"//lib/rust.rush\" as rust\n\
                    use \"../../up\" as up\n  use \"no\" as no\n";
        assert_eq!(
            imports("packages/a/tasks.rush", text),
            ["packages/a/x.rush", "packages/web/tasks.rush", "lib/rust.rush", "up/tasks.rush"]
        );
    }
}
