//! Which files the patterns of a task match, on this machine.
//!
//! Patterns are relative to the workspace root; one that names a directory means what is in it, and exclusions
//! count in any order. Symbolic links are not followed.

use std::ops::ControlFlow;

use camino::Utf8Path;
use rush_plan::Glob;
use rush_system::{LeftOut, System, Walk};

/// The patterns of one field.
pub(crate) struct Patterns {
    wanted: Vec<Glob>,
    excluded: Vec<Glob>,
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
    pub(crate) fn match_any(
        &self,
        system: &dyn System,
        root: &Utf8Path,
        left_out: LeftOut,
    ) -> bool {
        self.wanted
            .iter()
            .any(|glob| self.match_file(glob, Walk { system, root, start: "", left_out }))
    }

    /// Whether a pattern matches a file in the workspace of a walk that is not excluded.
    pub(crate) fn match_file(&self, glob: &Glob, walk: Walk<'_>) -> bool {
        let walk = Walk { start: glob.literal_directory(), ..walk };
        let take = |path: &str| {
            let is_meant = self.takes(glob, path) || path == walk.start;
            if is_meant { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        walk.visit(|it| glob.may_match_below(it), take).is_some()
    }

    fn takes(&self, glob: &Glob, path: &str) -> bool {
        glob.matches(path) && !self.exclude(path)
    }

    /// Whether a path is excluded.
    pub(crate) fn exclude(&self, path: &str) -> bool {
        self.excluded.iter().any(|it| it.matches(path))
    }
}
