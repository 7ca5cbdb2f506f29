//! What is in the folders of a workspace, for answers that name files.
//!
//! A listing is made when it is asked for, has a limit, and is remembered until somebody says that
//! the disk changed. What Git ignores is left out, as are `.git` and `.rush-state`: patterns of
//! inputs do not reach there either. Contents of files are not looked at.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use rush_plan::{Glob, WorkspacePath};
use rush_system::{FileKind, Ignored, System};

use crate::members::join;

/// How many entries of one directory are told.
const ENTRIES_MAX: usize = 10_000;
/// How many directories one search looks into.
const DIRECTORIES_MAX: usize = 2_000;
/// How many files one search counts.
const MATCHES_MAX: usize = 10_000;
/// How many of the files that were found are named.
const FIRST_MAX: usize = 16;
/// The deepest directory that is searched.
const DEPTH_MAX: usize = 32;

/// The folders of a workspace. Clones share what they remember.
#[derive(Clone, Debug)]
pub struct Folders {
    system: Arc<dyn System>,
    root: Utf8PathBuf,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    directories: HashMap<String, Arc<[FolderEntry]>>,
    found: HashMap<(String, Vec<String>), FoundFiles>,
    /// Counts how often everything was forgotten: what was begun before is not remembered after.
    age: u64,
}

/// Something in a directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FolderEntry {
    /// Its name.
    pub name: String,
    /// Whether there may be something in it.
    pub is_directory: bool,
}

/// Files that patterns match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundFiles {
    /// How many there are.
    pub count: usize,
    /// The first of them in the order of paths, relative to the directory that was asked for, or to
    /// the workspace and with `//` if they lie elsewhere.
    pub first: Vec<String>,
    /// Whether the search ended at a limit.
    pub is_capped: bool,
}

impl Folders {
    /// The folders below `root`.
    pub fn new(system: Arc<dyn System>, root: &Utf8Path) -> Self {
        Self { system, root: root.to_owned(), known: Arc::default() }
    }

    /// Forgets what was listed: the disk changed.
    pub fn forget(&self) {
        self.with(|known| *known = Known { age: known.age + 1, ..Known::default() });
    }

    /// What is in a directory, given relative to the root, in the order of names.
    pub fn entries(&self, directory: &str) -> Arc<[FolderEntry]> {
        let directory = directory.trim_end_matches('/');
        let (known, age) = self.with(|it| (it.directories.get(directory).cloned(), it.age));
        if let Some(entries) = known {
            return entries;
        }
        let entries: Arc<[FolderEntry]> = match self.rules(directory) {
            Some(ignored) => self.list(directory, &ignored).0.into(),
            None => Arc::default(),
        };
        self.remember(age, |known| {
            known.directories.insert(directory.to_owned(), Arc::clone(&entries));
        });
        entries
    }

    /// The files that patterns of a package match; one with a leading `!` takes files away.
    pub fn matches(&self, package: &str, patterns: &[String]) -> FoundFiles {
        let key = (package.to_owned(), patterns.to_vec());
        let (known, age) = self.with(|it| (it.found.get(&key).cloned(), it.age));
        if let Some(found) = known {
            return found;
        }
        let found = self.search(package, patterns);
        self.remember(age, |known| {
            known.found.insert(key, found.clone());
        });
        found
    }

    fn with<T>(&self, f: impl FnOnce(&mut Known) -> T) -> T {
        f(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn remember(&self, age: u64, put: impl FnOnce(&mut Known)) {
        self.with(|known| {
            if known.age == age {
                put(known);
            }
        });
    }

    /// The entries of a directory, and the rules that hold in it.
    fn list(&self, directory: &str, above: &Rc<Ignored>) -> (Vec<FolderEntry>, Rc<Ignored>) {
        let path = self.root.join(directory);
        let Ok(entries) = self.system.list_dir(&path) else { return (Vec::new(), Rc::default()) };
        let ignored = above.with(&*self.system, &path, &entries);
        let mut named: Vec<FolderEntry> = entries
            .into_iter()
            .filter(|it| it.name != ".git" && it.name != ".rush-state")
            .filter(|it| !ignored.holds(&path.join(&it.name), it.kind))
            .map(|it| FolderEntry { is_directory: it.kind == FileKind::Directory, name: it.name })
            .take(ENTRIES_MAX)
            .collect();
        named.sort_unstable();
        (named, ignored)
    }

    /// The rules above a directory; none where the directory itself is left out.
    fn rules(&self, directory: &str) -> Option<Rc<Ignored>> {
        let mut ignored = Ignored::above(&*self.system, &self.root);
        let mut above = String::new();
        for name in directory.split('/').filter(|it| !it.is_empty()) {
            let (entries, rules) = self.list(&above, &ignored);
            ignored = rules;
            entries.iter().find(|it| it.is_directory && it.name == name)?;
            above = join(&above, name);
        }
        Some(ignored)
    }

    fn search(&self, package: &str, patterns: &[String]) -> FoundFiles {
        let Ok(base) = WorkspacePath::new(package) else { return FoundFiles::default() };
        let globs = patterns.iter().filter_map(|it| Glob::parse(it).ok()?.resolve(&base).ok());
        let (excluded, wanted): (Vec<_>, Vec<_>) =
            globs.map(|it| it.with_contents()).partition(Glob::is_negated);
        let mut search = Search {
            folders: self,
            wanted,
            excluded,
            found: BTreeSet::new(),
            count: 0,
            is_capped: false,
        };
        search.walk();
        let mut first: Vec<String> = search.found.iter().cloned().collect();
        first.truncate(FIRST_MAX);
        let first = first.iter().map(|path| relative(package, path)).collect();
        FoundFiles { count: search.count, first, is_capped: search.is_capped }
    }
}

/// A search for files.
struct Search<'a> {
    folders: &'a Folders,
    wanted: Vec<Glob>,
    excluded: Vec<Glob>,
    found: BTreeSet<String>,
    count: usize,
    is_capped: bool,
}

impl Search<'_> {
    fn walk(&mut self) {
        let system = &*self.folders.system;
        let mut queue = vec![(String::new(), Ignored::above(system, &self.folders.root), 0)];
        let mut looked = 0;
        while let Some((directory, above, depth)) = queue.pop() {
            looked += 1;
            if looked > DIRECTORIES_MAX || self.count >= MATCHES_MAX || depth > DEPTH_MAX {
                self.is_capped = true;
                return;
            }
            let (entries, ignored) = self.folders.list(&directory, &above);
            for entry in entries.iter().rev() {
                let path = join(&directory, &entry.name);
                if !entry.is_directory {
                    self.take(path);
                } else if self.wanted.iter().any(|it| it.may_match_below(&path)) {
                    queue.push((path, Rc::clone(&ignored), depth + 1));
                }
            }
        }
    }

    fn take(&mut self, path: String) {
        let is_wanted = self.wanted.iter().any(|it| it.matches(&path))
            && !self.excluded.iter().any(|it| it.matches(&path));
        if !is_wanted {
            return;
        }
        self.count += 1;
        self.found.insert(path);
        if self.found.len() > FIRST_MAX {
            self.found.pop_last();
        }
    }
}

/// A path of the workspace as it is written in a package.
fn relative(package: &str, path: &str) -> String {
    if package.is_empty() {
        return path.to_owned();
    }
    let inside = path.strip_prefix(package).and_then(|it| it.strip_prefix('/'));
    inside.map_or_else(|| format!("//{path}"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rush_system::{MemorySystem, System as _};

    use super::Folders;

    fn disk() -> MemorySystem {
        MemorySystem::from_files([
            ("/w/.gitignore", "target\n*.log\n"),
            ("/w/.git/HEAD", ""),
            ("/w/src/main.rs", ""),
            ("/w/src/a/b.rs", ""),
            ("/w/src/noise.log", ""),
            ("/w/target/out.rs", ""),
            ("/w/pkg/x.rs", ""),
            ("/w/pkg/y.txt", ""),
        ])
    }

    fn names(folders: &Folders, directory: &str) -> String {
        let name = |it: &super::FolderEntry| {
            let mark = if it.is_directory { "/" } else { "" };
            format!("{}{mark} ", it.name)
        };
        folders.entries(directory).iter().map(name).collect()
    }

    #[test]
    fn what_git_ignores_is_not_listed() {
        let folders = Folders::new(Arc::new(disk()), "/w".into());
        assert_eq!(names(&folders, ""), ".gitignore pkg/ src/ ");
        assert_eq!(names(&folders, "src/"), "a/ main.rs ");
        assert_eq!(names(&folders, "target"), "");
        assert_eq!(names(&folders, "src/main.rs"), "");
    }

    #[test]
    fn patterns_are_relative_to_their_package() {
        let folders = Folders::new(Arc::new(disk()), "/w".into());
        let found = |package: &str, patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(|it| (*it).to_owned()).collect();
            let found = folders.matches(package, &patterns);
            assert!(!found.is_capped);
            format!("{} {}", found.count, found.first.join(" "))
        };
        assert_eq!(found("", &["**/*.rs"]), "3 pkg/x.rs src/a/b.rs src/main.rs");
        assert_eq!(found("", &["src", "!src/a"]), "1 src/main.rs");
        assert_eq!(found("pkg", &["*", "!*.txt"]), "1 x.rs");
        assert_eq!(found("pkg", &["//src/main.rs"]), "1 //src/main.rs");
        assert_eq!(found("", &["["]), "0 ");
    }

    #[test]
    fn listings_are_remembered_until_the_disk_changed() {
        let system = disk();
        let folders = Folders::new(Arc::new(system.clone()), "/w".into());
        assert_eq!(folders.matches("", &["pkg/*.rs".to_owned()]).count, 1);
        assert_eq!(names(&folders, "pkg"), "x.rs y.txt ");
        system.write("/w/pkg/z.rs".into(), b"").unwrap();
        assert_eq!(folders.matches("", &["pkg/*.rs".to_owned()]).count, 1);
        folders.forget();
        assert_eq!(folders.matches("", &["pkg/*.rs".to_owned()]).count, 2);
        assert_eq!(names(&folders, "pkg"), "x.rs y.txt z.rs ");
    }
}
