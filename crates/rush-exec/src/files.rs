//! Which files the patterns of a task match, on this machine.
//!
//! Patterns are relative to the workspace root; one that names a directory means what is in it, and exclusions
//! count in any order. Symbolic links are not followed.

use camino::Utf8Path;
use ignore::WalkBuilder;
use rush_plan::Glob;

/// The patterns of one field.
pub(crate) struct Patterns {
    wanted: Vec<Glob>,
    excluded: Vec<Glob>,
}

/// Whether files that git ignores count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ignored {
    Counts,
    DoesNotCount,
}

impl Patterns {
    /// Reads the patterns; the plan was validated, so those that are none were told before.
    pub(crate) fn new(texts: &[String]) -> Self {
        let globs = texts.iter().filter_map(|text| Glob::parse(text).ok());
        let (excluded, wanted) = globs.map(|glob| glob.with_contents()).partition(Glob::is_negated);
        Self { wanted, excluded }
    }

    /// Each wanted pattern.
    pub(crate) fn wanted(&self) -> &[Glob] {
        &self.wanted
    }

    /// Whether one of the wanted patterns matches a file below `root`.
    pub(crate) fn match_any(&self, root: &Utf8Path, ignored: Ignored) -> bool {
        self.wanted.iter().any(|glob| self.matches_file(glob, root, ignored))
    }

    /// Whether this pattern matches a file that is not excluded.
    pub(crate) fn matches_file(&self, glob: &Glob, root: &Utf8Path, ignored: Ignored) -> bool {
        let start = root.join(glob.literal_directory());
        if start.is_file() {
            return true;
        }
        let is_strict = ignored == Ignored::DoesNotCount;
        let mut walk = WalkBuilder::new(start);
        walk.standard_filters(false).git_ignore(is_strict).git_exclude(is_strict);
        walk.parents(is_strict).require_git(false);
        walk.filter_entry(|entry| {
            entry.file_name() != ".git" && entry.file_name() != ".rush-state"
        });
        walk.build().flatten().any(|entry| {
            let is_directory = entry.file_type().is_some_and(|it| it.is_dir());
            let path = entry.path().strip_prefix(root).ok().and_then(|it| it.to_str());
            !is_directory && path.is_some_and(|path| self.takes(glob, path))
        })
    }

    fn takes(&self, glob: &Glob, path: &str) -> bool {
        glob.matches(path) && !self.excluded.iter().any(|it| it.matches(path))
    }
}
