//! What `.gitignore` files say about directories, with or without a repository.
//!
//! The file of a directory speaks of what is below it, and the nearest one that says anything
//! counts. In a repository the files above the workspace and `.git/info/exclude` count too; the
//! settings of a user's own Git do not, nor do files for other tools, so that all users of a checkout
//! see the same files.

use std::rc::Rc;

use crate::{DirEntry, FileKind, System};
use camino::{Utf8Path, Utf8PathBuf};
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

const FILE: &str = ".gitignore";
/// How many directories above the workspace are searched for the root of a repository.
const ABOVE_MAX: usize = 32;

/// The rules that hold in one directory.
#[derive(Debug, Default)]
pub struct Ignored {
    /// Those of its own file.
    own: Option<Gitignore>,
    /// Those of the directories above it.
    above: Option<Rc<Self>>,
}

impl Ignored {
    /// The rules that hold where the workspace begins.
    pub fn above(system: &dyn System, root: &Utf8Path) -> Rc<Self> {
        let mut directories: Vec<Utf8PathBuf> = Vec::new();
        for directory in root.ancestors().take(ABOVE_MAX) {
            directories.push(directory.to_owned());
            if system.exists(&directory.join(".git")) {
                break;
            }
        }
        let Some(repository) = directories.last() else { return Rc::default() };
        if !system.exists(&repository.join(".git")) {
            return Rc::default();
        }
        let excluded = rules(system, repository, ".git/info/exclude");
        let mut all = Rc::new(Self { own: excluded, above: None });
        // The file of the root itself is read when its directory is listed.
        for directory in directories.iter().skip(1).rev() {
            all = all.and(rules(system, directory, FILE));
        }
        all
    }

    /// With what the directory of these entries says itself.
    pub fn with(
        self: &Rc<Self>,
        system: &dyn System,
        directory: &Utf8Path,
        entries: &[DirEntry],
    ) -> Rc<Self> {
        if entries.iter().any(|it| it.name == FILE) {
            self.and(rules(system, directory, FILE))
        } else {
            Rc::clone(self)
        }
    }

    /// With what a directory says itself, whatever is in it.
    pub(crate) fn below(self: &Rc<Self>, system: &dyn System, directory: &Utf8Path) -> Rc<Self> {
        self.and(rules(system, directory, FILE))
    }

    fn and(self: &Rc<Self>, own: Option<Gitignore>) -> Rc<Self> {
        match own {
            Some(_) => Rc::new(Self { own, above: Some(Rc::clone(self)) }),
            None => Rc::clone(self),
        }
    }

    /// Whether a path is ignored, given that the directory that holds it is not.
    pub fn holds(&self, path: &Utf8Path, kind: FileKind) -> bool {
        let is_directory = kind == FileKind::Directory;
        let mut at = Some(self);
        while let Some(level) = at {
            match level.own.as_ref().map(|it| it.matched(path, is_directory)) {
                Some(Match::Ignore(_)) => return true,
                Some(Match::Whitelist(_)) => return false,
                Some(Match::None) | None => at = level.above.as_deref(),
            }
        }
        false
    }
}

/// What a file says; lines that are no patterns say nothing.
fn rules(system: &dyn System, directory: &Utf8Path, file: &str) -> Option<Gitignore> {
    let bytes = system.read(&directory.join(file)).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut builder = GitignoreBuilder::new(directory);
    for line in text.trim_start_matches('\u{feff}').lines() {
        // A wrong pattern is no pattern, as it is to Git.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok().filter(|it| !it.is_empty())
}
