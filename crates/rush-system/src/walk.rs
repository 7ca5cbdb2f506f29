//! The files below a directory, for patterns.
//!
//! There is one rule for what counts, wherever files are looked for: what Git ignores does not (see [`Ignored`]),
//! unless the walk begins in there, since whoever names an ignored directory means it. Names that begin with a dot
//! count, `.git` and the state of Rush never do, and links are not followed. It knows no patterns.

use std::ops::ControlFlow;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::{FileKind, Ignored, System};

/// What lies in every workspace and is nobody's source.
const NEVER: [&str; 2] = [".git", ".rush-state"];

/// A walk over the files below a directory of a workspace.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'a> {
    /// Whose files.
    pub system: &'a dyn System,
    /// The workspace.
    pub root: &'a Utf8Path,
    /// Where it begins, relative to the workspace; `""` and `.` are the workspace itself.
    pub start: &'a str,
    /// What is left out.
    pub left_out: LeftOut,
}

/// Which files a walk leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// What Git ignores.
    Ignored,
    /// Nothing.
    Nothing,
}

impl Walk<'_> {
    /// Returns the files, relative to the workspace with `/` between names; see [`Walk::visit`].
    pub fn files(&self, is_entered: impl Fn(&str) -> bool) -> Vec<String> {
        let mut files = Vec::new();
        self.visit(is_entered, |path| {
            files.push(path.to_owned());
            ControlFlow::<()>::Continue(())
        });
        files
    }

    /// Shows each file until one breaks off, and returns what it broke off with. Directories for which `is_entered`
    /// is false are passed by; what can't be listed has no files.
    pub fn visit<T>(
        &self,
        is_entered: impl Fn(&str) -> bool,
        mut found: impl FnMut(&str) -> ControlFlow<T>,
    ) -> Option<T> {
        let start = if self.start == "." { "" } else { self.start };
        let kind = self.system.metadata(&self.path(start)).ok()?.kind;
        if kind != FileKind::Directory {
            return found(start).break_value();
        }
        let mut waiting = vec![(start.to_owned(), self.rules(start))];
        while let Some((directory, above)) = waiting.pop() {
            let at = self.path(&directory);
            let Ok(entries) = self.system.list_dir(&at) else { continue };
            let rules = above.map(|it| it.with(self.system, &at, &entries));
            for entry in entries.into_iter().filter(|it| !NEVER.contains(&it.name.as_str())) {
                let is_ignored = |it: &Rc<Ignored>| it.holds(&at.join(&entry.name), entry.kind);
                if rules.as_ref().is_some_and(is_ignored) {
                    continue;
                }
                let path = join(&directory, &entry.name);
                if entry.kind != FileKind::Directory {
                    if let ControlFlow::Break(value) = found(&path) {
                        return Some(value);
                    }
                } else if is_entered(&path) {
                    waiting.push((path, rules.clone()));
                }
            }
        }
        None
    }

    /// The rules above a directory; none where nothing is left out, or the directory is ignored itself.
    fn rules(&self, directory: &str) -> Option<Rc<Ignored>> {
        if self.left_out == LeftOut::Nothing {
            return None;
        }
        let mut rules = Ignored::above(self.system, self.root);
        let mut above = String::new();
        for name in directory.split('/').filter(|it| !it.is_empty()) {
            rules = rules.below(self.system, &self.path(&above));
            above = join(&above, name);
            if rules.holds(&self.path(&above), FileKind::Directory) {
                return None;
            }
        }
        Some(rules)
    }

    fn path(&self, inside: &str) -> Utf8PathBuf {
        if inside.is_empty() { self.root.to_owned() } else { self.root.join(inside) }
    }
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::{LeftOut, Walk};
    use crate::MemorySystem;

    fn check(start: &str, left_out: LeftOut, expect: &str) {
        let system = MemorySystem::from_files([
            ("/r/.git/info/exclude", "private\n"),
            ("/r/.gitignore", "*.log\n"),
            ("/r/w/.gitignore", "out/\n/a/*.tmp\n"),
            ("/r/w/.ignore", "src\n"),
            ("/r/w/.rush-state/x", ""),
            ("/r/w/.env", ""),
            ("/r/w/a/b.log", ""),
            ("/r/w/a/.gitignore", "!kept.log\n"),
            ("/r/w/a/kept.log", ""),
            ("/r/w/a/x.tmp", ""),
            ("/r/w/out/deep/x.log", ""),
            ("/r/w/private", ""),
            ("/r/w/src/main.c", ""),
        ]);
        let walk = Walk { system: &system, root: "/r/w".into(), start, left_out };
        let mut files = walk.files(|it| it != "src/never");
        files.sort();
        assert_eq!(files.join(" "), expect, "from `{start}`");
    }

    #[test]
    fn what_git_ignores_is_left_out() {
        let all = ".env .gitignore .ignore a/.gitignore a/kept.log src/main.c";
        check("", LeftOut::Ignored, all);
        check(".", LeftOut::Ignored, all);
        check("a", LeftOut::Ignored, "a/.gitignore a/kept.log");
    }

    #[test]
    fn what_is_named_counts() {
        check("out", LeftOut::Ignored, "out/deep/x.log");
        check("out/deep", LeftOut::Ignored, "out/deep/x.log");
        check("private", LeftOut::Ignored, "private");
        check("nowhere", LeftOut::Ignored, "");
    }

    #[test]
    fn nothing_is_left_out_where_everything_counts() {
        check("a", LeftOut::Nothing, "a/.gitignore a/b.log a/kept.log a/x.tmp");
    }
}
