//! Tells when files below a directory change.
//!
//! Directories that Git ignores are not watched, unless they are named; neither are `.git` and the state of Rush. A
//! burst of events comes as one [`Changed`]. What a change means, and whether the contents really differ, is not
//! known here.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use ignore::WalkBuilder;
use notify::{Config, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, NoCache, new_debouncer_opt};

/// How long it has to be quiet before a burst counts as over.
const QUIET: Duration = Duration::from_millis(50);

/// How often files are compared where the system does not tell of changes.
const POLL_PAUSE: Duration = Duration::from_secs(1);

/// What lies in every workspace and is nobody's source.
const NEVER: [&str; 2] = [".git", ".rush-state"];

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
    events: Receiver<DebounceEventResult>,
}

enum Watcher {
    Told(Debouncer<RecommendedWatcher, NoCache>),
    Polled(Debouncer<PollWatcher, NoCache>),
}

impl Watch {
    /// Watches everything below `root` that is not ignored, and the directories in `named` whatever is ignored.
    pub fn open(
        root: &Utf8Path,
        named: &[Utf8PathBuf],
        mode: WatchMode,
    ) -> Result<Self, WatchError> {
        let (sender, events) = channel();
        let refused = |source| WatchError::Refused { path: root.to_string(), source };
        let watcher = Watcher::new(mode, sender).map_err(refused)?;
        let named = named.iter().map(|it| it.as_std_path().to_owned()).collect();
        let root = root.as_std_path().to_owned();
        let mut watch = Self { root, named, watcher, watched: HashSet::new(), events };
        watch.extend()?;
        Ok(watch)
    }

    /// Waits for the next change, at most this long.
    pub fn next(&mut self, timeout: Duration) -> Result<Option<Changed>, WatchError> {
        let first = match self.events.recv_timeout(timeout) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(None),
        };
        let mut paths = BTreeSet::new();
        let mut is_complete = true;
        for result in std::iter::once(first).chain(self.events.try_iter()) {
            match result {
                Ok(events) => {
                    for event in events {
                        is_complete &= !event.need_rescan();
                        if !matches!(event.kind, EventKind::Access(_)) {
                            paths.extend(event.paths.iter().cloned());
                        }
                    }
                }
                Err(_) => is_complete = false,
            }
        }
        if !is_complete || paths.iter().any(|path| self.is_new_directory(path)) {
            let before = self.watched.clone();
            self.extend()?;
            // What was written into a new directory before it was watched made no event.
            for directory in self.watched.difference(&before) {
                paths.extend(files_in(directory));
            }
        }
        let paths = paths.into_iter().filter_map(|path| Utf8PathBuf::from_path_buf(path).ok());
        Ok(match is_complete {
            true => Some(Changed::Paths(paths.collect())),
            false => Some(Changed::Anything),
        })
    }

    fn is_new_directory(&self, path: &Path) -> bool {
        !self.watched.contains(path)
            && path.is_dir()
            && !path.components().any(|it| NEVER.iter().any(|name| it.as_os_str() == *name))
    }

    /// Watches the directories that are there and are not watched yet.
    fn extend(&mut self) -> Result<(), WatchError> {
        self.watched.retain(|it| it.is_dir());
        let mut directories = directories(&self.root, Ignored::Skipped);
        for named in &self.named {
            directories.extend(directories_of(named));
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
    fn new(mode: WatchMode, sender: Sender<DebounceEventResult>) -> notify::Result<Self> {
        let handler = move |result: DebounceEventResult| {
            // Whoever listened is gone; so will be the watcher in a moment.
            let _ = sender.send(result);
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
}

/// What becomes of ignored directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ignored {
    Skipped,
    Counted,
}

/// A directory with those below it; its parent if it is not there yet, so that its arrival is seen.
fn directories_of(named: &Path) -> Vec<PathBuf> {
    let there = named.ancestors().find(|it| it.is_dir());
    match there {
        Some(there) if there == named => directories(named, Ignored::Counted),
        Some(there) => vec![there.to_owned()],
        None => Vec::new(),
    }
}

fn directories(root: &Path, ignored: Ignored) -> Vec<PathBuf> {
    let mut walk = WalkBuilder::new(root);
    walk.hidden(false).require_git(false).follow_links(false);
    if ignored == Ignored::Counted {
        walk.ignore(false).git_ignore(false).git_exclude(false).git_global(false).parents(false);
    }
    walk.filter_entry(|entry| !NEVER.iter().any(|name| entry.file_name() == *name));
    let entries = walk.build().filter_map(Result::ok);
    let directories = entries.filter(|it| it.file_type().is_some_and(|kind| kind.is_dir()));
    directories.map(ignore::DirEntry::into_path).collect()
}

fn files_in(directory: &Path) -> Vec<PathBuf> {
    let mut walk = WalkBuilder::new(directory);
    walk.hidden(false).require_git(false).max_depth(Some(1));
    walk.build().filter_map(Result::ok).map(ignore::DirEntry::into_path).skip(1).collect()
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
        let mut watch = Watch::open(&root, &[], mode).unwrap();
        fs::write(root.join("src/a.c"), "1").unwrap();
        expect(&mut watch, &root.join("src/a.c"));
        fs::create_dir_all(root.join("src/new/deeper")).unwrap();
        fs::write(root.join("src/new/deeper/b.c"), "1").unwrap();
        expect(&mut watch, &root.join("src/new/deeper/b.c"));
        fs::write(root.join("src/new/deeper/b.c"), "2").unwrap();
        expect(&mut watch, &root.join("src/new/deeper/b.c"));
        fs::remove_file(root.join("src/a.c")).unwrap();
        expect(&mut watch, &root.join("src/a.c"));
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
        let mut quiet = Watch::open(&root, &[], WatchMode::Told).unwrap();
        let named = [root.join("out")];
        let mut watch = Watch::open(&root, &named, WatchMode::Told).unwrap();
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
}
