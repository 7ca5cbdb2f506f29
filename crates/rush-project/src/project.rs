//! An open workspace: the database, and the files it was filled from.
//!
//! Which files belong is a closure: the root's `tasks.rush`, those of the members, open buffers, and
//! whatever these `use`, inside the workspace. The closure is recomputed from texts in memory when an
//! import, a member or a file comes or goes; only new files are read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rush_semantics::layout::{self, Members};
use rush_semantics::names::PACKAGE_FILE;
use rush_semantics::{Db as _, RushDatabase, SourceFile};
use rush_system::{System, SystemError};

use crate::ahead;
use crate::change::{Applied, Change, Content};
use crate::discover::{as_member, discover};
use crate::error::ProjectError;
use crate::members;
use crate::text::Text;

/// An open workspace.
pub struct Project {
    db: RushDatabase,
    system: Arc<dyn System>,
    root: Utf8PathBuf,
    package: String,
    /// What people's paths are relative to.
    pub(crate) current_dir: Utf8PathBuf,
    overlays: BTreeMap<String, Arc<str>>,
    /// Files that are not UTF-8, with the place where that was found out.
    pub(crate) broken: BTreeMap<String, usize>,
    members: Option<Members>,
    /// The files that members would have, whether they are there or not.
    member_files: BTreeSet<String>,
    /// Files somebody asks for that are not there.
    missing: BTreeSet<String>,
}

impl Project {
    /// Finds the workspace around `start` and loads all of its files.
    pub fn open(system: Arc<dyn System>, start: &Utf8Path) -> Result<Self, ProjectError> {
        Self::load(system, start, RushDatabase::default())
    }

    /// Opens a project for a program that answers once and ends: that is faster, and the first of
    /// [`Project::apply_changes`] takes as long as opening.
    pub fn open_once(system: Arc<dyn System>, start: &Utf8Path) -> Result<Self, ProjectError> {
        Self::load(system, start, RushDatabase::for_one_answer())
    }

    fn load(
        system: Arc<dyn System>,
        start: &Utf8Path,
        db: RushDatabase,
    ) -> Result<Self, ProjectError> {
        let found = discover(&*system, start)?;
        let package = found.package.strip_prefix(&found.root).map(as_member).unwrap_or_default();
        let current_dir = system.current_dir()?;
        let current_dir = system.canonicalize(&current_dir).unwrap_or(current_dir);
        let mut project = Self {
            db,
            system,
            root: found.root,
            package,
            current_dir,
            overlays: BTreeMap::new(),
            broken: BTreeMap::new(),
            members: None,
            member_files: BTreeSet::new(),
            missing: BTreeSet::new(),
        };
        project.settle(Reading::Strict)?;
        Ok(project)
    }

    /// The database. It changes only through [`Project::apply_changes`].
    pub const fn db(&self) -> &RushDatabase {
        &self.db
    }

    /// A snapshot for another thread. The next change waits until it is dropped.
    pub fn snapshot(&self) -> RushDatabase {
        self.db.clone()
    }

    /// The world the project is read from.
    pub const fn system(&self) -> &Arc<dyn System> {
        &self.system
    }

    /// The absolute path of the workspace, without links.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// The directory of the package around the start, relative to the root; empty for the root.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// The file at a path relative to the root, if it belongs to the workspace.
    pub fn file(&self, path: &str) -> Option<SourceFile> {
        self.db.workspace().files(&self.db).get(path).copied()
    }

    /// Every file of the workspace, by its path relative to the root.
    pub fn files(&self) -> impl Iterator<Item = (&str, SourceFile)> {
        self.db.workspace().files(&self.db).iter().map(|(path, file)| (path.as_str(), *file))
    }

    /// The absolute path of a file, given relative to the root.
    pub fn absolute(&self, path: &str) -> Utf8PathBuf {
        self.root.join(path)
    }

    /// The path relative to the root, with `/`; `None` for what lies outside. `path` is absolute, and
    /// may lead through links.
    pub fn relative(&self, path: &Utf8Path) -> Option<String> {
        if let Ok(inside) = path.strip_prefix(&self.root) {
            return Some(as_member(inside));
        }
        // The file itself may not be there yet, so only its directory is asked for.
        let directory = self.system.canonicalize(path.parent()?).ok()?;
        let path = directory.join(path.file_name()?);
        path.strip_prefix(&self.root).ok().map(as_member)
    }

    /// Takes in what happened to files: the one door through which texts change.
    ///
    /// Files that the new texts ask for are loaded, those nobody asks for any more are dropped. What
    /// can't be read counts as not there. Waits until every snapshot is dropped.
    pub fn apply_changes(&mut self, changes: Vec<Change>) -> Applied {
        let mut applied = Applied::default();
        let mut is_settled = true;
        for change in changes {
            if let Some(path) = self.relative(&change.path) {
                is_settled &= self.apply(&path, change.content);
            } else {
                let is_above = change.path.file_name() == Some(PACKAGE_FILE)
                    && change.path.parent().is_some_and(|it| self.root.starts_with(it));
                applied.is_outdated |= is_above;
                applied.outside.push(change.path);
            }
        }
        if !is_settled {
            // Unreadable files are taken as missing, so this can't fail.
            if let Ok(moved) = self.settle(Reading::Lenient) {
                applied.added = moved.added;
                applied.removed = moved.removed;
            }
            applied.is_outdated |= !self.is_anchored();
        }
        applied
    }

    /// Takes in one file; says whether the set of files is still right.
    fn apply(&mut self, path: &str, content: Content) -> bool {
        let mut is_opened = false;
        let text = match content {
            Content::Overlay(text) => {
                is_opened = self.overlays.insert(path.to_owned(), text.clone()).is_none();
                Some(Text::valid(text))
            }
            Content::Disk => {
                self.overlays.remove(path);
                Text::read(&*self.system, &self.absolute(path)).unwrap_or_default()
            }
            Content::Removed => {
                self.overlays.remove(path);
                None
            }
        };
        let old = self.file(path).map(|file| file.text(&self.db).clone());
        match (old, text) {
            (Some(old), Some(new)) => {
                let is_settled = has_same_links(path, &old, &new.text);
                self.put(path, &new);
                if is_opened {
                    self.db.expect_edits(path);
                }
                is_settled
            }
            (Some(_), None) => {
                self.db.remove_file(path);
                self.broken.remove(path);
                false
            }
            (None, Some(new)) => {
                let belongs = self.overlays.contains_key(path)
                    || self.missing.contains(path)
                    || path.ends_with(PACKAGE_FILE);
                if belongs && self.overlays.contains_key(path) {
                    self.put(path, &new);
                }
                !belongs
            }
            (None, None) => true,
        }
    }

    fn put(&mut self, path: &str, text: &Text) {
        match text.broken_at {
            Some(at) => self.broken.insert(path.to_owned(), at),
            None => self.broken.remove(path),
        };
        self.db.set_files([(path, Arc::clone(&text.text))]);
    }

    /// Whether the root is still the root of the package it was opened in.
    fn is_anchored(&self) -> bool {
        let is_member = || self.members.as_ref().is_some_and(|it| it.contains(&self.package));
        self.file(PACKAGE_FILE).is_some() && (self.package.is_empty() || is_member())
    }

    /// Loads what is asked for and drops what is not.
    fn settle(&mut self, reading: Reading) -> Result<Moved, SystemError> {
        let mut closure = Closure { reading, ..Closure::default() };
        self.reach(&mut closure, [PACKAGE_FILE.to_owned()])?;
        self.list_members(&closure);
        let roots: Vec<_> = self.member_files.iter().chain(self.overlays.keys()).cloned().collect();
        self.reach(&mut closure, roots)?;
        let Closure { reached, missing, new, .. } = closure;
        self.missing = missing;
        let gone: Vec<String> = self
            .files()
            .map(|(path, _)| path.to_owned())
            .filter(|it| !reached.contains(it))
            .collect();
        for path in &gone {
            self.db.remove_file(path);
            self.broken.remove(path);
        }
        let broken = new.iter().filter_map(|(path, it)| Some((path.clone(), it.broken_at?)));
        self.broken.extend(broken);
        self.db.set_files(new.iter().map(|(path, it)| (path.as_str(), Arc::clone(&it.text))));
        Ok(Moved { added: new.into_keys().collect(), removed: gone })
    }

    /// Adds files, and what they use, to the closure.
    fn reach(
        &self,
        closure: &mut Closure,
        roots: impl IntoIterator<Item = String>,
    ) -> Result<(), SystemError> {
        let mut queue: Vec<String> = roots.into_iter().collect();
        let mut ahead = self.read_ahead(closure, &queue);
        while let Some(path) = queue.pop() {
            if closure.reached.contains(&path) || closure.missing.contains(&path) {
                continue;
            }
            if let Some(file) = self.file(&path) {
                queue.extend(layout::imports(&path, file.text(&self.db)));
            } else if let Some(text) = self.read(&path, ahead.remove(&path), closure.reading)? {
                queue.extend(layout::imports(&path, &text.text));
                closure.new.insert(path.clone(), text);
            } else {
                closure.missing.insert(path);
                continue;
            }
            closure.reached.insert(path);
        }
        Ok(())
    }

    fn list_members(&mut self, closure: &Closure) {
        let loaded = self.file(PACKAGE_FILE).map(|it| it.text(&self.db).clone());
        let text = loaded.or_else(|| closure.new.get(PACKAGE_FILE).map(|it| it.text.clone()));
        self.members = text.and_then(|it| layout::members(&it));
        let directories = match &self.members {
            Some(members) => members::candidates(&*self.system, &self.root, members),
            None => Vec::new(),
        };
        let files = directories.iter().map(|it| members::join(it, PACKAGE_FILE));
        self.member_files = files.collect();
    }

    /// What the disk says of those of the files that will be asked for.
    fn read_ahead(&self, closure: &Closure, paths: &[String]) -> BTreeMap<String, ahead::Outcome> {
        let is_known = |path: &String| {
            closure.reached.contains(path)
                || self.overlays.contains_key(path)
                || self.file(path).is_some()
        };
        let unknown = paths.iter().filter(|it| !is_known(it));
        let files: Vec<_> = unknown.map(|it| (it.clone(), self.absolute(it))).collect();
        ahead::read(&*self.system, &files)
    }

    fn read(
        &self,
        path: &str,
        ahead: Option<ahead::Outcome>,
        reading: Reading,
    ) -> Result<Option<Text>, SystemError> {
        if let Some(text) = self.overlays.get(path) {
            return Ok(Some(Text::valid(text.clone())));
        }
        let found = ahead.unwrap_or_else(|| Text::read(&*self.system, &self.absolute(path)));
        match (found, reading) {
            (Err(_), Reading::Lenient) => Ok(None),
            (text, _) => text,
        }
    }
}

/// What becomes of a file that is there and can't be read.
#[derive(Clone, Copy, Debug, Default)]
enum Reading {
    /// It is an error.
    #[default]
    Strict,
    /// It counts as missing.
    Lenient,
}

/// The files reached so far.
#[derive(Debug, Default)]
struct Closure {
    reading: Reading,
    reached: BTreeSet<String>,
    missing: BTreeSet<String>,
    /// Those that are not in the database yet.
    new: BTreeMap<String, Text>,
}

/// The files that came and went.
struct Moved {
    added: Vec<String>,
    removed: Vec<String>,
}

/// Whether two texts of a file ask for the same files.
fn has_same_links(path: &str, old: &str, new: &str) -> bool {
    layout::has_same_imports(path, old, new)
        && (path != PACKAGE_FILE || layout::members(old) == layout::members(new))
}
