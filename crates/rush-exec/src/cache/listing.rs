//! Which files the patterns of a task match now, and what has to stay as it is for the answer to hold.
//!
//! A pattern that names a directory means what is in it; exclusions count in any order; names that begin with a dot
//! count; links are followed, but not out of the workspace. What git ignores does not count as an input unless it is
//! named, nor does what a task declares as an output, by whatever link it is reached. A pattern that begins in an
//! output means what is made there, ignored or not.

use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use rush_plan::Glob;
use rustc_hash::FxHashMap;

use super::contents::{Contents, Name};
use super::ignored::{Asked, Ignores};
use super::linked::{Entrance, Links};
use super::owned::is_temporary;
use super::stamp::{Kind, Stamp, now_ns};
use super::written::{Hidden, Written};
use crate::os::files;

/// Names that no pattern reaches unless it spells them.
pub(super) const PRIVATE: [&[u8]; 2] = [b".git", b".rush-state"];

/// The patterns of one field.
pub(crate) struct Patterns {
    wanted: Vec<Glob>,
    excluded: Vec<Glob>,
}

/// What the patterns are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Files that are read: without what is ignored and what tasks write.
    Inputs,
    /// Files that are written: everything, directories too.
    Outputs,
}

/// What patterns match.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The paths, sorted, each once; what a pattern names and is not there is among them.
    pub(crate) paths: Vec<(Name, Kind)>,
    /// What the answer depends on beside the paths themselves: directories and files of ignored names.
    pub(crate) conditions: Vec<(Name, Stamp)>,
    /// Links above outputs, with the outputs behind them; what is in a directory there is not listed.
    pub(crate) beyond: Vec<Beyond>,
    /// Names that outputs have before they are in place: of a Rush that puts them there now, or was killed.
    pub(crate) temporaries: Vec<Name>,
    /// Whether directories were searched; else the patterns are plain paths.
    pub(crate) is_searched: bool,
}

/// Outputs that lie behind a link.
#[derive(Debug)]
pub(crate) struct Beyond {
    pub(crate) link: Name,
    /// The only one, if it is no directory.
    pub(crate) file: Option<Name>,
}

/// What is in a directory.
type Names = Arc<Vec<(Name, Kind)>>;

/// Searches directories, and remembers what is in them while their stamps stay the same.
pub(crate) struct Lister {
    ignores: Ignores,
    directories: Mutex<FxHashMap<Name, (Stamp, Names)>>,
    /// The directory of the cache, if it lies in the workspace.
    pub(super) own: Option<Name>,
}

/// A search for what all patterns match.
pub(super) struct Search<'a> {
    pub(super) lister: &'a Lister,
    pub(super) contents: &'a Contents,
    written: &'a Written,
    patterns: &'a Patterns,
    purpose: Purpose,
    found: FxHashMap<Name, Kind>,
    pub(super) conditions: FxHashMap<Name, Stamp>,
    beyond: Vec<Beyond>,
    temporaries: Vec<Name>,
    asked: Asked,
    is_searched: bool,
}

/// The search for what one pattern matches.
struct Walk<'a> {
    glob: Glob,
    hidden: Hidden<'a>,
    heeds_ignored: bool,
    links: Links,
}

impl Patterns {
    /// Reads the patterns; the plan was validated, so all of them are some.
    pub(crate) fn new(texts: &[String]) -> Self {
        let globs = texts.iter().filter_map(|text| Glob::parse(text).ok());
        let (excluded, wanted) = globs.partition(Glob::is_negated);
        let contents = |globs: Vec<Glob>| globs.iter().map(Glob::with_contents).collect();
        Self { wanted, excluded: contents(excluded) }
    }

    /// Whether a path is one of them.
    pub(crate) fn take(&self, path: &str) -> bool {
        self.wanted.iter().any(|it| it.with_contents().matches(path)) && !self.exclude(path)
    }

    /// Those that do not exclude.
    pub(crate) fn wanted(&self) -> &[Glob] {
        &self.wanted
    }

    fn exclude(&self, path: &str) -> bool {
        self.excluded.iter().any(|it| it.matches(path))
    }
}

impl Lister {
    /// A lister that leaves out the directory `own`.
    pub(crate) fn new(own: Option<Name>) -> Self {
        Self { ignores: Ignores::default(), directories: Mutex::default(), own }
    }

    /// Lists what the patterns match.
    pub(crate) fn list(
        &self,
        contents: &Contents,
        written: &Written,
        patterns: &Patterns,
        purpose: Purpose,
    ) -> io::Result<Listing> {
        let mut search = Search {
            lister: self,
            contents,
            written,
            patterns,
            purpose,
            found: FxHashMap::default(),
            conditions: FxHashMap::default(),
            beyond: Vec::new(),
            temporaries: Vec::new(),
            asked: Asked::default(),
            is_searched: false,
        };
        for glob in &patterns.wanted {
            search.glob(glob)?;
        }
        let mut paths: Vec<_> = search.found.into_iter().collect();
        paths.sort_unstable();
        let asked = search.asked.into_values().map(|it| (it.file.clone(), it.stamp));
        search.conditions.extend(asked);
        let mut conditions: Vec<_> = search.conditions.into_iter().collect();
        conditions.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let Search { beyond, temporaries, is_searched, .. } = search;
        Ok(Listing { paths, conditions, beyond, temporaries, is_searched })
    }

    /// The names in a directory.
    fn names(&self, contents: &Contents, path: &[u8]) -> io::Result<(Stamp, Names)> {
        let stamp = contents.tree.stamp_followed(path);
        {
            let known = self.directories.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, names)) = known.get(path).filter(|it| it.0.still_holds(&stamp)) {
                return Ok((stamp, Arc::clone(names)));
            }
        }
        let read_ns = now_ns();
        let mut names = Vec::new();
        for entry in std::fs::read_dir(contents.tree.path(path))? {
            let entry = entry?;
            names.push((files::bytes_of(&entry.file_name()).into(), kind_of(entry.file_type()?)));
        }
        let names = Arc::new(names);
        if stamp.is_settled(read_ns) {
            let mut known = self.directories.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(path.into(), (stamp, Arc::clone(&names)));
            Ok((stamp, names))
        } else {
            // A stamp that nothing equals: the directory is searched again next time.
            Ok((Stamp::UNREADABLE, names))
        }
    }
}

fn kind_of(kind: std::fs::FileType) -> Kind {
    if kind.is_file() {
        Kind::File
    } else if kind.is_dir() {
        Kind::Directory
    } else if kind.is_symlink() {
        Kind::Link
    } else {
        Kind::Other
    }
}

impl Search<'_> {
    fn glob(&mut self, glob: &Glob) -> io::Result<()> {
        if self.purpose == Purpose::Outputs {
            return self.on_disk((glob, glob), glob.literal_directory());
        }
        // Braces name what is in them: `{a,local}.yml` names `local.yml`, ignored or not.
        for choice in glob.choices() {
            let start = choice.literal_directory();
            self.on_disk((&choice, glob), start)?;
            self.foreseen((&choice, glob), start.as_bytes());
        }
        Ok(())
    }

    /// Searches for a pattern that is a choice of another one, or that itself.
    fn on_disk(&mut self, (glob, of): (&Glob, &Glob), start: &str) -> io::Result<()> {
        if glob.is_literal() && !start.is_empty() {
            let stamp = self.contents.tree.stamp(start.as_bytes());
            if self.patterns.exclude(start) {
                return Ok(());
            }
            if !of.is_literal() {
                self.is_searched = true;
                if stamp.kind == Kind::Absent {
                    self.conditions.insert(start.as_bytes().into(), stamp);
                    return Ok(());
                }
                let hidden = self.written.outside_of(of);
                let is_left_out = match stamp.kind {
                    Kind::Directory => hidden.hides_all_in(start),
                    _ => hidden.hides(start),
                };
                if is_left_out {
                    return Ok(());
                }
            }
            if stamp.kind != Kind::Directory || self.purpose == Purpose::Outputs {
                self.found.insert(start.as_bytes().into(), stamp.kind);
            }
            let leads = self.contents.tree.stamp_followed(start.as_bytes()).kind;
            if leads != Kind::Directory
                || stamp.kind == Kind::Link && self.purpose == Purpose::Outputs
            {
                if self.purpose == Purpose::Outputs && stamp.kind != Kind::Absent {
                    self.look_beyond(parent(start.as_bytes()), Some(start.as_bytes()));
                }
                return Ok(());
            }
        }
        if self.purpose == Purpose::Outputs && self.look_beyond(start.as_bytes(), None) {
            return Ok(());
        }
        self.is_searched = true;
        self.walk((glob, of), start.as_bytes())
    }

    /// Whether a directory of outputs is, or lies behind, a link; if so, that is noted.
    fn look_beyond(&mut self, directory: &[u8], file: Option<&[u8]>) -> bool {
        let ends = directory.iter().enumerate().filter(|it| *it.1 == b'/').map(|it| it.0);
        let mut above = ends.chain([directory.len()]).filter_map(|end| directory.get(..end));
        let is_link = |path: &&[u8]| self.contents.tree.stamp(path).kind == Kind::Link;
        let Some(link) = above.find(|it| !it.is_empty() && is_link(it)) else { return false };
        self.beyond.push(Beyond { link: link.into(), file: file.map(Into::into) });
        true
    }

    /// Searches a directory and those below it, at last those that links lead to.
    fn walk(&mut self, (glob, of): (&Glob, &Glob), start: &[u8]) -> io::Result<()> {
        let followed = self.contents.tree.stamp_followed(start);
        if followed.kind != Kind::Directory {
            self.conditions.insert(start.into(), followed);
            return Ok(());
        }
        let reads = self.purpose == Purpose::Inputs;
        // A link that leads out of the workspace is where it ends; outputs have none.
        if reads && self.contents.target_of(start).is_none() {
            return Ok(());
        }
        let hidden = match self.purpose {
            Purpose::Inputs => self.written.outside_of(of),
            Purpose::Outputs => self.written.outside_of_output(glob),
        };
        let heeds_ignored = reads && self.heeds_ignored(&hidden, start);
        let glob = glob.with_contents();
        let mut walk = Walk { glob, hidden, heeds_ignored, links: Links::default() };
        let own = self.lister.own.clone();
        let start = Entrance { at: start.into(), real: None, own, homes: Rc::default() };
        self.below(&mut walk, &start)?;
        while let Some(entrance) = walk.links.next(self, &walk.hidden) {
            self.below(&mut walk, &entrance)?;
        }
        Ok(())
    }

    /// Whether what is ignored does not count below the directory that a pattern begins in. Whoever names an ignored
    /// directory means it, and so does who reads what a task makes.
    fn heeds_ignored(&mut self, hidden: &Hidden<'_>, start: &[u8]) -> bool {
        let ignores = &self.lister.ignores;
        !hidden.reads_made
            && !ignores.ignore_all(self.contents, start, Kind::Directory, &mut self.asked)
    }

    fn below(&mut self, walk: &mut Walk<'_>, entrance: &Entrance) -> io::Result<()> {
        let reads = self.purpose == Purpose::Inputs;
        let Walk { glob, hidden, heeds_ignored, links } = walk;
        let heeds_ignored = *heeds_ignored;
        let mut waiting: Vec<Name> = vec![entrance.at.clone()];
        while let Some(directory) = waiting.pop() {
            let (stamp, names) = match self.lister.names(self.contents, &directory) {
                Ok(listed) => listed,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            self.conditions.insert(directory.clone(), stamp);
            for (name, kind) in names.iter() {
                if PRIVATE.contains(&&**name) {
                    continue;
                }
                let path = join(&directory, name);
                if is_temporary(name) {
                    if !reads {
                        self.temporaries.push(path);
                    }
                    continue;
                }
                if entrance.own.as_ref().is_some_and(|own| **own == *path) {
                    continue;
                }
                let text = String::from_utf8_lossy(&path);
                let is_directory = *kind == Kind::Directory;
                let is_left_out = if is_directory {
                    entrance.is_all_hidden(&path, hidden)
                } else {
                    entrance.is_hidden(&path, hidden)
                };
                if self.patterns.exclude(&text)
                    || is_left_out
                    || heeds_ignored && self.is_ignored(&path, *kind)
                {
                    continue;
                }
                let is_own = || !is_directory || !reads && !entrance.is_hidden(&path, hidden);
                if glob.matches(&text) && is_own() {
                    self.found.insert(path.clone(), *kind);
                }
                if is_directory && glob.may_match_below(&text) {
                    waiting.push(path);
                } else if *kind == Kind::Link && reads && glob.may_match_below(&text) {
                    links.found.insert(path, Rc::clone(&entrance.homes));
                }
            }
        }
        Ok(())
    }

    /// Takes what will be there for what is there.
    fn foreseen(&mut self, (glob, of): (&Glob, &Glob), start: &[u8]) {
        let foreseen = self.contents.foreseen.below(start);
        if foreseen.is_empty() {
            return;
        }
        let inside = glob.with_contents();
        let hidden = self.written.outside_of(of);
        let heeds_ignored = self.heeds_ignored(&hidden, start);
        for (path, kind) in foreseen {
            let text = String::from_utf8_lossy(&path);
            let is_spelled = of.is_literal() && *path == *start;
            if self.patterns.exclude(&text) {
                continue;
            }
            if kind == Kind::Absent && !is_spelled {
                self.found.remove(&path);
                continue;
            }
            if self.found.get(start) == Some(&Kind::Absent) {
                self.found.remove(start);
            }
            let is_meant = inside.matches(&text) && !hidden.hides(&text);
            let counts = is_meant && (!heeds_ignored || !self.is_ignored_below(start, &path, kind));
            if kind != Kind::Directory && (is_spelled || counts) {
                self.found.insert(path, kind);
            }
        }
    }

    /// Whether a path is ignored, or a directory between `start` and it.
    fn is_ignored_below(&mut self, start: &[u8], path: &[u8], kind: Kind) -> bool {
        let (mut path, mut kind) = (path, kind);
        while path.len() > start.len() {
            if self.is_ignored(path, kind) {
                return true;
            }
            (path, kind) = (parent(path), Kind::Directory);
        }
        false
    }

    fn is_ignored(&mut self, path: &[u8], kind: Kind) -> bool {
        self.lister.ignores.ignore(self.contents, path, kind, &mut self.asked)
    }
}

/// Whether a file is one of those that only keep a directory in a repository; whoever put it there needs it.
pub(crate) fn keeps_directory(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    matches!(name, b".gitkeep" | b".gitignore" | b".keep")
}

/// A name in a directory, as a path.
pub(crate) fn join(directory: &[u8], name: &[u8]) -> Name {
    if directory.is_empty() {
        return name.into();
    }
    let mut path = Vec::with_capacity(directory.len() + 1 + name.len());
    path.extend_from_slice(directory);
    path.push(b'/');
    path.extend_from_slice(name);
    path.into()
}

/// The directory a path lies in; `""` is the workspace.
pub(crate) fn parent(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').and_then(|at| path.get(..at)).unwrap_or_default()
}
