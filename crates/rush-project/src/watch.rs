//! Tells when files below a directory change.
//!
//! Directories that Git ignores are not watched, unless they are named; neither are `.git` and the state of Rush. A
//! burst of events comes as one [`Changed`], and so does all that happened while nobody asked. What a change means,
//! and whether the contents really differ, is not known here.

mod inbox;
mod walk;

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use notify::{Config, PollWatcher, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, NoCache, new_debouncer_opt};

use inbox::{Inbox, Missing, News};
use walk::Ignored;

/// How long it has to be quiet before a burst counts as over.
const QUIET: Duration = Duration::from_millis(50);

/// How often files are compared where the system does not tell of changes.
const POLL_PAUSE: Duration = Duration::from_secs(1);

/// How changes are noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WatchMode {
    /// The operating system tells.
    #[default]
    Told,
    /// By looking again and again; for file systems that tell nothing, such as those of a network.
    Polled,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// These paths, absolute: files that were written, made or removed, and directories.
    Paths(BTreeSet<Utf8PathBuf>),
    /// Events were lost; anything may have changed.
    Anything,
}

/// Why nothing can be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The system has no more watches to give.
    #[error(
        "`{path}` can't be watched: the system's limit of watched directories is reached; raise \
         `fs.inotify.max_user_watches`, or look for changes yourself with `--poll`"
    )]
    Limit {
        /// The directory that was one too many.
        path: String,
    },
    /// It refused.
    #[error("`{path}` can't be watched: {source}")]
    Refused {
        /// The directory.
        path: String,
        /// Why.
        source: notify::Error,
    },
}

/// Watches the files below a directory until it is dropped.
pub struct Watch {
    root: PathBuf,
    named: Vec<PathBuf>,
    watcher: Watcher,
    watched: HashSet<PathBuf>,
    /// The named directories that are ignored, so that nothing below them is.
    counted: Vec<PathBuf>,
    inbox: Inbox,
}

enum Watcher {
    Told(Debouncer<RecommendedWatcher, NoCache>),
    Polled(Debouncer<PollWatcher, NoCache>),
}

impl Watch {
    /// Watches everything below `root` that is not ignored, and the directories in `named` whatever is ignored. `bell`
    /// is rung when [`Watch::next`] has something to tell; it is called on a thread of its own.
    pub fn open(
        root: &Utf8Path,
        named: &[Utf8PathBuf],
        mode: WatchMode,
        bell: impl Fn() + Send + 'static,
    ) -> Result<Self, WatchError> {
        let inbox = Inbox::default();
        let refused = |source| WatchError::Refused { path: root.to_string(), source };
        let watcher = Watcher::new(mode, inbox.clone(), bell).map_err(refused)?;
        let root = root.as_std_path().to_owned();
        let (watched, counted) = (HashSet::new(), Vec::new());
        let mut watch = Self { root, named: Vec::new(), watcher, watched, counted, inbox };
        watch.name(named)?;
        Ok(watch)
    }

    /// From now on these directories are watched whatever is ignored, and no others are.
    pub fn name(&mut self, named: &[Utf8PathBuf]) -> Result<(), WatchError> {
        self.named = named.iter().map(|it| it.as_std_path().to_owned()).collect();
        self.extend()
    }

    /// All files that are watched, sorted.
    pub fn files(&self) -> Vec<Utf8PathBuf> {
        let counted = self.counted.iter().flat_map(|it| walk::files(it, Ignored::Counted));
        let all: BTreeSet<PathBuf> =
            walk::files(&self.root, Ignored::Skipped).into_iter().chain(counted).collect();
        all.into_iter().filter_map(|it| Utf8PathBuf::from_path_buf(it).ok()).collect()
    }

    /// Whether a file that is there is one of [`Watch::files`].
    pub fn shows(&self, file: &Utf8Path) -> bool {
        let file = file.as_std_path();
        let Some(directory) = file.parent().filter(|it| self.watched.contains(*it)) else {
            return false;
        };
        let is_counted = self.counted.iter().any(|it| file.starts_with(it));
        let ignored = if is_counted { Ignored::Counted } else { Ignored::Skipped };
        walk::files_in(directory, ignored).iter().any(|it| it == file)
    }

    /// Waits for the next change, at most this long.
    pub fn next(&mut self, timeout: Duration) -> Result<Option<Changed>, WatchError> {
        let Some(News { mut paths, moved, missing }) = self.inbox.take(timeout) else {
            return Ok(None);
        };
        let has_moved = match missing {
            Missing::Nothing | Missing::Events => self.forget(&moved),
            // Any directory may be another one now.
            Missing::Paths => self.forget(&self.watched.iter().cloned().collect()),
        };
        let is_complete = missing == Missing::Nothing && !paths.iter().any(|it| is_ignore_file(it));
        if !is_complete || has_moved || paths.iter().any(|path| self.is_new_directory(path)) {
            let before = self.watched.clone();
            self.extend()?;
            // What was written into a new directory before it was watched made no event.
            for directory in self.watched.difference(&before) {
                paths.extend(walk::files_in(directory, Ignored::Counted));
            }
        }
        let paths = paths.into_iter().filter_map(|path| Utf8PathBuf::from_path_buf(path).ok());
        Ok(Some(if is_complete { Changed::Paths(paths.collect()) } else { Changed::Anything }))
    }

    fn is_new_directory(&self, path: &Path) -> bool {
        !self.watched.contains(path)
            && walk::is_there(path)
            && !path.components().any(|it| walk::is_nobodys(it.as_os_str()))
    }

    /// Forgets directories that came or went, with all below: another one of that name is not the one that is
    /// watched. Returns whether there were any.
    fn forget(&mut self, moved: &BTreeSet<PathBuf>) -> bool {
        let is_moved = |it: &&PathBuf| it.ancestors().any(|above| moved.contains(above));
        if !moved.iter().any(|it| self.watched.contains(it)) {
            return false;
        }
        let gone: Vec<PathBuf> = self.watched.iter().filter(is_moved).cloned().collect();
        for directory in &gone {
            self.watcher.unwatch(directory);
            self.watched.remove(directory);
        }
        true
    }

    /// Watches the directories that are there and are not watched yet.
    fn extend(&mut self) -> Result<(), WatchError> {
        self.watched.retain(|it| walk::is_there(it));
        let mut directories: BTreeSet<PathBuf> =
            walk::directories(&self.root, Ignored::Skipped).into_iter().collect();
        self.counted.clear();
        for named in &self.named {
            if directories.contains(named) {
                continue;
            }
            if walk::is_there(named) {
                self.counted.push(named.clone());
                directories.extend(walk::directories(named, Ignored::Counted));
            } else if let Some(there) = named.ancestors().find(|it| walk::is_there(it)) {
                // So that its arrival is seen.
                directories.insert(there.to_owned());
            }
        }
        for directory in directories {
            if self.watched.contains(&directory) {
                continue;
            }
            match self.watcher.watch(&directory) {
                Ok(()) => {
                    self.watched.insert(directory);
                }
                // It went away between being listed and being watched.
                Err(error) if is_gone(&error) => {}
                Err(source) => return Err(WatchError::new(&directory, source)),
            }
        }
        Ok(())
    }
}

impl WatchError {
    fn new(path: &Path, source: notify::Error) -> Self {
        let path = path.display().to_string();
        match source.kind {
            notify::ErrorKind::MaxFilesWatch => Self::Limit { path },
            _ => Self::Refused { path, source },
        }
    }
}

impl Watcher {
    fn new(
        mode: WatchMode,
        inbox: Inbox,
        bell: impl Fn() + Send + 'static,
    ) -> notify::Result<Self> {
        let handler = move |result: DebounceEventResult| {
            inbox.put(result);
            bell();
        };
        let config = Config::default().with_follow_symlinks(false);
        Ok(match mode {
            WatchMode::Told => {
                Self::Told(new_debouncer_opt(QUIET, None, handler, NoCache, config)?)
            }
            WatchMode::Polled => {
                // By contents: times are compared by the second, and an editor is faster than that.
                let config = config.with_poll_interval(POLL_PAUSE).with_compare_contents(true);
                Self::Polled(new_debouncer_opt(QUIET, None, handler, NoCache, config)?)
            }
        })
    }

    fn watch(&mut self, directory: &Path) -> notify::Result<()> {
        match self {
            Self::Told(it) => it.watch(directory, RecursiveMode::NonRecursive),
            Self::Polled(it) => it.watch(directory, RecursiveMode::NonRecursive),
        }
    }

    /// What is not there any more is not watched either, so failing is fine.
    fn unwatch(&mut self, directory: &Path) {
        let _ = match self {
            Self::Told(it) => it.unwatch(directory),
            Self::Polled(it) => it.unwatch(directory),
        };
    }
}

/// Whether a file decides which others are ignored.
fn is_ignore_file(path: &Path) -> bool {
    path.file_name().is_some_and(|it| it == ".gitignore")
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "the tests change real files")]
mod tests {
    use std::fs;
    use std::time::Instant;

    use super::*;

    fn scene() -> (tempfile::TempDir, Utf8PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let root = Utf8PathBuf::from_path_buf(root).unwrap();
        fs::create_dir_all(root.join("src")).unwrap();
        fs::create_dir_all(root.join("out/deep")).unwrap();
        fs::write(root.join(".gitignore"), "out\n").unwrap();
        (directory, root)
    }

    /// Waits until a path is told of; fails after some seconds.
    #[track_caller]
    fn expect(watch: &mut Watch, path: &Utf8Path) {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) {
            match watch.next(Duration::from_secs(1)).unwrap() {
                Some(Changed::Paths(paths)) if paths.contains(path) => return,
                Some(Changed::Anything) => return,
                _ => {}
            }
        }
        panic!("nothing was told of {path}");
    }

    fn check(mode: WatchMode) {
        let (_directory, root) = scene();
        let mut watch = Watch::open(&root, &[], mode, || {}).unwrap();
        fs::write(root.join("src/a.c"), "1").unwrap();
        expect(&mut watch, &root.join("src/a.c"));
        fs::create_dir_all(root.join("src/new/deeper")).unwrap();
        fs::write(root.join("src/new/deeper/b.c"), "1").unwrap();
        expect(&mut watch, &root.join("src/new/deeper/b.c"));
        fs::write(root.join("src/new/deeper/b.c"), "2").unwrap();
        expect(&mut watch, &root.join("src/new/deeper/b.c"));
        fs::remove_file(root.join("src/a.c")).unwrap();
        expect(&mut watch, &root.join("src/a.c"));
        fs::remove_dir_all(root.join("src")).unwrap();
        fs::create_dir_all(root.join("src")).unwrap();
        expect(&mut watch, &root.join("src"));
        fs::write(root.join("src/c.c"), "1").unwrap();
        expect(&mut watch, &root.join("src/c.c"));
    }

    #[test]
    fn changes_are_told_also_in_new_directories() {
        check(WatchMode::Told);
    }

    #[test]
    fn changes_are_found_by_looking() {
        check(WatchMode::Polled);
    }

    #[test]
    fn what_is_ignored_makes_no_noise_unless_it_is_named() {
        let (_directory, root) = scene();
        let mut quiet = Watch::open(&root, &[], WatchMode::Told, || {}).unwrap();
        let named = [root.join("out")];
        let mut watch = Watch::open(&root, &named, WatchMode::Told, || {}).unwrap();
        fs::write(root.join("out/deep/x"), "1").unwrap();
        expect(&mut watch, &root.join("out/deep/x"));
        fs::write(root.join("src/a.c"), "1").unwrap();
        loop {
            let Some(Changed::Paths(paths)) = quiet.next(Duration::from_secs(20)).unwrap() else {
                panic!("nothing was told")
            };
            assert!(!paths.contains(&root.join("out/deep/x")));
            if paths.contains(&root.join("src/a.c")) {
                break;
            }
        }
    }

    #[test]
    fn files_are_those_that_are_not_ignored_and_those_that_are_named() {
        let (_directory, root) = scene();
        for file in ["src/a.c", "out/deep/x", "top"] {
            fs::write(root.join(file), "1").unwrap();
        }
        // For other tools.
        fs::write(root.join(".ignore"), "top\n").unwrap();
        let names = |watch: &Watch| {
            let files = watch.files();
            files.iter().map(|it| it.strip_prefix(&root).unwrap().to_string()).collect::<Vec<_>>()
        };
        let mut watch = Watch::open(&root, &[], WatchMode::Told, || {}).unwrap();
        assert_eq!(names(&watch), [".gitignore", ".ignore", "src/a.c", "top"]);
        assert!(watch.shows(&root.join("src/a.c")) && !watch.shows(&root.join("out/deep/x")));
        watch.name(&[root.join("out")]).unwrap();
        assert_eq!(names(&watch), [".gitignore", ".ignore", "out/deep/x", "src/a.c", "top"]);
        assert!(watch.shows(&root.join("out/deep/x")));
        fs::write(root.join(".gitignore"), "").unwrap();
        loop {
            match watch.next(Duration::from_secs(20)).unwrap() {
                Some(Changed::Anything) => break,
                Some(Changed::Paths(_)) => {}
                None => panic!("nothing was told"),
            }
        }
    }
}
