//! What `.gitignore` files say, with or without git.
//!
//! The file of a directory speaks of what is below it, the nearest one that says anything counts, and what lies in
//! an ignored directory is ignored. Where the workspace lies in a git repository, the files above it up to the
//! repository's root count too, and so does `.git/info/exclude`. The rule is that of `rush_system::Ignored`; what is
//! asked here also says which files an answer depended on.

use std::sync::{Arc, Mutex, PoisonError};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rustc_hash::FxHashMap;

use super::contents::{Contents, Name};
use super::listing::{join, parent};
use super::stamp::{Kind, Stamp, now_ns};
use crate::os::files;

/// How many directories above the workspace are searched for the root of a repository.
const ABOVE_MAX: usize = 32;

/// The files that were read.
#[derive(Default)]
pub(crate) struct Ignores {
    levels: Mutex<FxHashMap<Name, Arc<Level>>>,
    /// Directories above the workspace, as `..` and so on, nearest first; found once.
    above: std::sync::OnceLock<Vec<Name>>,
}

/// What the file of one directory says.
pub(crate) struct Level {
    /// The file.
    pub(crate) file: Name,
    pub(crate) stamp: Stamp,
    rules: Option<Gitignore>,
}

/// The files that one search asked, by their directory, so that each is looked at once.
pub(crate) type Asked = FxHashMap<Name, Arc<Level>>;

impl Ignores {
    /// Whether something is ignored, or a directory it lies in.
    pub(crate) fn ignore_all(
        &self,
        contents: &Contents,
        path: &[u8],
        kind: Kind,
        asked: &mut Asked,
    ) -> bool {
        let mut path = path;
        let mut kind = kind;
        let mut is_ignored = false;
        while !path.is_empty() {
            is_ignored |= self.ignore(contents, path, kind, asked);
            path = parent(path);
            kind = Kind::Directory;
        }
        is_ignored
    }

    /// What the nearest file that says anything about this very path says.
    pub(crate) fn ignore(
        &self,
        contents: &Contents,
        path: &[u8],
        kind: Kind,
        asked: &mut Asked,
    ) -> bool {
        let is_directory = kind == Kind::Directory;
        let mut directory = path;
        while !directory.is_empty() {
            directory = parent(directory);
            let rest = if directory.is_empty() { path } else { rest_of(path, directory) };
            let level = self.level(contents, directory, b".gitignore", asked);
            match level.judge(rest, is_directory) {
                Match::Ignore(()) => return true,
                Match::Whitelist(()) => return false,
                Match::None => {}
            }
        }
        for (above, name) in self.above(contents) {
            let level = self.level(contents, above, name, asked);
            match level.judge(&below(contents, above, path), is_directory) {
                Match::Ignore(()) => return true,
                Match::Whitelist(()) => return false,
                Match::None => {}
            }
        }
        false
    }

    fn level<'a>(
        &self,
        contents: &Contents,
        directory: &[u8],
        name: &[u8],
        asked: &'a mut Asked,
    ) -> &'a Level {
        // The one file in the workspace's own directory with another name gets a key that is no directory.
        let key = if name == b".gitignore" { directory } else { name };
        if !asked.contains_key(key) {
            let level = self.current(contents, join(directory, name));
            asked.insert(key.into(), level);
        }
        asked.get(key).expect("it was just put there")
    }

    fn current(&self, contents: &Contents, file: Name) -> Arc<Level> {
        let stamp = contents.tree.stamp_followed(&file);
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(level) = levels.get(&file).filter(|it| it.stamp.still_holds(&stamp)) {
            return Arc::clone(level);
        }
        let read_ns = now_ns();
        let rules = (stamp.kind == Kind::File).then(|| read(contents, &file)).flatten();
        let stamp = if stamp.is_settled(read_ns) { stamp } else { Stamp::UNREADABLE };
        let level = Arc::new(Level { file: file.clone(), stamp, rules });
        levels.insert(file, Arc::clone(&level));
        level
    }

    /// The places of further files, the most important first.
    fn above<'a>(&'a self, contents: &Contents) -> impl Iterator<Item = (&'a [u8], &'static [u8])> {
        let above = self.above.get_or_init(|| find_above(contents));
        let ignores = above.iter().map(|it| (&**it, &b".gitignore"[..]));
        let inside = ignores.filter(|it| !it.0.is_empty());
        inside.chain(above.last().map(|it| (&**it, &b".git/info/exclude"[..])))
    }
}

impl Level {
    fn judge(&self, path: &[u8], is_directory: bool) -> Match<()> {
        match &self.rules {
            Some(rules) => rules.matched(files::path_of(path), is_directory).map(|_| ()),
            None => Match::None,
        }
    }
}

/// The directories from the workspace up to the root of its repository; empty without one.
fn find_above(contents: &Contents) -> Vec<Name> {
    let mut directories: Vec<Name> = vec![Name::default()];
    for _ in 0..ABOVE_MAX {
        let Some(last) = directories.last() else { break };
        if contents.tree.stamp_followed(&join(last, b".git")).kind != Kind::Absent {
            return directories;
        }
        let next = join(last, b"..");
        directories.push(next);
    }
    Vec::new()
}

/// A path of the workspace as seen from a directory above it.
fn below(contents: &Contents, above: &[u8], path: &[u8]) -> Name {
    let levels = above.split(|byte| *byte == b'/').filter(|it| *it == b"..").count();
    let mut start = contents.root.len();
    for _ in 0..levels {
        start = parent(contents.root.get(..start).unwrap_or_default()).len();
    }
    let rest = contents.root.get(start..).unwrap_or_default();
    join(rest.strip_prefix(b"/").unwrap_or(rest), path)
}

fn rest_of<'a>(path: &'a [u8], directory: &[u8]) -> &'a [u8] {
    path.get(directory.len() + 1..).unwrap_or_default()
}

fn read(contents: &Contents, file: &[u8]) -> Option<Gitignore> {
    let text = std::fs::read(contents.tree.path(file)).ok()?;
    let mut builder = GitignoreBuilder::new("");
    for line in String::from_utf8_lossy(&text).lines() {
        // A line that is no pattern says nothing, as in git.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok()
}
