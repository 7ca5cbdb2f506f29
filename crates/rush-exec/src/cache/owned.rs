//! What Rush may remove from a workspace, or put something in the place of: what it can prove to have made itself, and
//! what is still as it was made.
//!
//! A file is as it was made if it has the kind and the contents of an output of a result of this workspace, or the stamp
//! that a failed attempt left it with; what lay there before an attempt, and nobody is known to have made, was *found*,
//! and stays somebody else's whatever the attempt did to it. What lies behind a link lies elsewhere. [`Removable`] and
//! [`Room`] can't be had without that proof, look once more before they act, and nothing else in here removes or
//! replaces a file of a workspace. It does not know why something is in the way, nor what is to be put there.

use std::cell::RefCell;
use std::io;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::contents::{Content, Contents, Name, nothing};
use super::entry::Output;
use super::inner::Inner;
use super::inputs::shown;
use super::left::Left;
use super::listing::{Listing, join, parent};
use super::makers::Maker;
use super::stamp::{Kind, Stamp, now_ns};
use super::table::{FileId, Record};
use super::unique::unique;
use crate::os::files::{self, Tree};

/// How long after it was last written to nobody puts a temporary file in place any more.
const ABANDONED_NS: i64 = 60 * 60 * 1_000_000_000;

/// Files by their names.
type Files<'a> = FxHashMap<&'a [u8], &'a Content>;

/// What attempts here are known to have made, as one node sees it.
pub(super) struct Owned<'a> {
    inner: &'a Inner,
    position: usize,
    /// The outputs of its last result that its attempts made.
    recorded: Files<'a>,
    /// Those that were there before.
    adopted: Files<'a>,
    left: &'a Left,
    /// Directories that no link leads to, as far as somebody asked.
    plain: RefCell<FxHashSet<Name>>,
}

/// The proof that what is at a path may go.
#[derive(Debug)]
pub(super) struct Removable {
    path: Name,
    seen: Stamp,
}

/// The proof that something may be put at a path.
pub(super) struct Room<'o> {
    pub(super) output: &'o Output,
    seen: Stamp,
}

/// What may neither be removed nor replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum InTheWay {
    /// Something that is not as Rush made it.
    Foreign(Name),
    /// Something that another task made, which has no part in this run.
    Another(Name),
    /// A link that leads elsewhere.
    Link(Name),
}

/// How a directory is reached.
enum Reach {
    /// It is there, and no link leads to it.
    There,
    /// It is not there, and can be made.
    Nowhere,
    /// It can be made once this is gone.
    Behind(Removable),
}

impl<'a> Owned<'a> {
    /// What is known of a node, with what its attempts left since its last result.
    pub(super) fn new(inner: &'a Inner, position: usize, left: &'a Left) -> Self {
        let record = inner.record(position).filter(|it| !left.is_cleared && !it.is_stamp);
        let made = record.into_iter().flat_map(Record::made);
        let found = record.into_iter().flat_map(|it| it.found.iter().copied());
        Self {
            inner,
            position,
            recorded: files_of(inner, made),
            adopted: files_of(inner, found),
            left,
            plain: RefCell::default(),
        }
    }

    /// Who made what is at a path, as it is now.
    pub(super) fn maker(&self, path: &[u8]) -> Maker {
        self.maker_of(path, &self.tree().stamp(path))
    }

    /// The same of a path that was looked at.
    pub(super) fn maker_of(&self, path: &[u8], now: &Stamp) -> Maker {
        let is_left = self.left.outputs.get(path).is_some_and(|it| it.still_holds(now));
        let is_one_of = |files: &Files<'_>| {
            files.get(path).is_some_and(|it| is_as_made(self.inner, path, now, it))
        };
        if is_left || is_one_of(&self.recorded) {
            return Maker::This;
        }
        if is_one_of(&self.adopted) {
            return Maker::Adopted;
        }
        self.inner
            .other_maker(self.position, path, now, |made| is_as_made(self.inner, path, now, made))
    }

    /// The proof that what is at a path may go; of a directory, as far as nothing is in it.
    pub(super) fn removable(&self, path: &[u8]) -> Result<Removable, InTheWay> {
        match self.reach(parent(path))? {
            Reach::There => self.removable_at(path, self.tree().stamp(path)),
            // Whatever was there is reached by a link, and goes or stays with it.
            Reach::Nowhere | Reach::Behind(_) => {
                Ok(Removable { path: path.into(), seen: Stamp::ABSENT })
            }
        }
    }

    fn removable_at(&self, path: &[u8], seen: Stamp) -> Result<Removable, InTheWay> {
        let is_ours = match seen.kind {
            Kind::Absent | Kind::Directory => true,
            Kind::Unreadable => false,
            Kind::File | Kind::Link | Kind::Other => self.maker_of(path, &seen).is_rush(),
        };
        if is_ours {
            return Ok(Removable { path: path.into(), seen });
        }
        let is_link = seen.kind == Kind::Link;
        Err(if is_link { InTheWay::Link(path.into()) } else { InTheWay::Foreign(path.into()) })
    }

    /// How a directory is reached, if what is in the way there may go.
    fn reach(&self, directory: &[u8]) -> Result<Reach, InTheWay> {
        if directory.is_empty() || self.plain.borrow().contains(directory) {
            return Ok(Reach::There);
        }
        match self.reach(parent(directory))? {
            Reach::There => {}
            other => return Ok(other),
        }
        let seen = self.tree().stamp(directory);
        match seen.kind {
            Kind::Directory => {
                self.plain.borrow_mut().insert(directory.into());
                Ok(Reach::There)
            }
            Kind::Absent => Ok(Reach::Nowhere),
            _ => self.removable_at(directory, seen).map(Reach::Behind),
        }
    }

    /// The proof that an output may be put in place, once what is added to `first` is gone.
    pub(super) fn room<'o>(
        &self,
        output: &'o Output,
        first: &mut Vec<Removable>,
    ) -> Result<Room<'o>, InTheWay> {
        let free = Room { output, seen: Stamp::ABSENT };
        match self.reach(parent(&output.path))? {
            Reach::There => {}
            Reach::Nowhere => return Ok(free),
            Reach::Behind(link) => {
                first.push(link);
                return Ok(free);
            }
        }
        let seen = self.tree().stamp(&output.path);
        match (output.kind, seen.kind) {
            (_, Kind::Absent) | (Kind::Directory, Kind::Directory) => {}
            (_, Kind::Directory) => self.clear(&output.path, first)?,
            (Kind::Directory, _) => first.push(self.removable_at(&output.path, seen)?),
            (Kind::File, Kind::File) if self.has_contents_of(output) => {
                return Ok(Room { output, seen });
            }
            _ => {
                self.removable_at(&output.path, seen)?;
                return Ok(Room { output, seen });
            }
        }
        Ok(free)
    }

    fn has_contents_of(&self, output: &Output) -> bool {
        let look = self.inner.contents.look(&output.path);
        look.is_ok_and(|it| it.stamp.kind == Kind::File && it.digest == output.digest)
    }

    /// Adds a directory and all that is in it; whatever that is, also what no pattern matches.
    fn clear(&self, directory: &[u8], to: &mut Vec<Removable>) -> Result<(), InTheWay> {
        let foreign = |_| InTheWay::Foreign(directory.into());
        let below = std::fs::read_dir(self.tree().path(directory)).map_err(foreign)?;
        for entry in below {
            let name = entry.map_err(foreign)?.file_name();
            let path = join(directory, &files::bytes_of(&name));
            let seen = self.tree().stamp(&path);
            match seen.kind {
                Kind::Directory => self.clear(&path, to)?,
                _ => to.push(self.removable_at(&path, seen)?),
            }
        }
        let seen = self.tree().stamp(directory);
        to.push(Removable { path: directory.into(), seen });
        Ok(())
    }

    fn tree(&self) -> &'a Tree {
        &self.inner.contents.tree
    }
}

fn files_of(inner: &Inner, ids: impl Iterator<Item = FileId>) -> Files<'_> {
    let files = ids.filter_map(|id| inner.table.file(id)).filter(|it| it.1.is_of_file());
    files.map(|it| (&*it.0, &it.1)).collect()
}

/// Whether something is still what was made. The mode of a file is not part of it: no text is lost with a mode.
pub(super) fn is_as_made(inner: &Inner, path: &[u8], now: &Stamp, made: &Content) -> bool {
    if now.kind != made.stamp.kind {
        return false;
    }
    let has_digest = || inner.contents.look(path).is_ok_and(|it| it.digest == made.digest);
    match now.kind {
        Kind::Directory => true,
        // What a link leads to may change without it.
        Kind::Link => made.stamp.still_holds(now) || has_digest(),
        Kind::File => made.is_settled && made.stamp.still_holds(now) || has_digest(),
        Kind::Absent | Kind::Other | Kind::Unreadable => false,
    }
}

/// Whether a file is the one that was seen. When it last changed is not asked: that of a file with several names changes
/// whenever one of the others goes.
fn is_still(seen: &Stamp, now: &Stamp) -> bool {
    Stamp { changed_ns: seen.changed_ns, ..*now } == *seen
}

impl Removable {
    pub(super) fn path(&self) -> &Name {
        &self.path
    }

    pub(super) fn is_directory(&self) -> bool {
        self.seen.kind == Kind::Directory
    }

    /// Removes it, if it is still what the proof is about; a directory only if it is empty.
    pub(super) fn remove(&self, contents: &Contents) -> io::Result<()> {
        let now = contents.tree.stamp(&self.path);
        let full = contents.tree.path(&self.path);
        match now.kind {
            Kind::Absent => {}
            Kind::Directory if self.is_directory() => std::fs::remove_dir(full)?,
            _ if is_still(&self.seen, &now) => std::fs::remove_file(full)?,
            _ => return Err(changed_meanwhile()),
        }
        let gone =
            Content { stamp: Stamp::ABSENT, digest: nothing(Kind::Absent), is_settled: true };
        contents.remember(&self.path, gone);
        Ok(())
    }
}

impl Room<'_> {
    /// Puts there what `make` writes to a path beside, whole or not at all; `make` says whether it is good.
    pub(super) fn fill(
        &self,
        tree: &Tree,
        make: impl FnOnce(&Path) -> io::Result<bool>,
    ) -> io::Result<bool> {
        let target = tree.path(&self.output.path);
        let name = format!(".rush-{}-{}.tmp", std::process::id(), unique());
        let temporary = target.with_file_name(name);
        let outcome = make(&temporary).and_then(|is_good| {
            if is_good {
                if !is_still(&self.seen, &tree.stamp(&self.output.path)) {
                    return Err(changed_meanwhile());
                }
                std::fs::rename(&temporary, &target)?;
            }
            Ok(is_good)
        });
        if !matches!(outcome, Ok(true)) {
            let _ = std::fs::remove_file(&temporary);
        }
        outcome
    }
}

/// Whether a name is one that a file has for a moment before it is in place.
pub(super) fn is_temporary(name: &[u8]) -> bool {
    let middle = name.strip_prefix(b".rush-").and_then(|it| it.strip_suffix(b".tmp"));
    let is_number = |it: &[u8]| !it.is_empty() && it.iter().all(u8::is_ascii_digit);
    let parts = middle.map(|it| it.split(|byte| *byte == b'-').collect::<Vec<_>>());
    parts.is_some_and(|it| it.len() == 2 && it.into_iter().all(is_number))
}

/// Removes what a Rush that was killed left where these outputs are: nobody else gives such names.
pub(super) fn sweep(contents: &Contents, there: &Listing) {
    for path in &there.temporaries {
        let seen = contents.tree.stamp(path);
        let is_made_here = matches!(seen.kind, Kind::File | Kind::Link);
        if is_made_here && seen.modified_ns.saturating_add(ABANDONED_NS) < now_ns() {
            // What can't be removed is in nobody's way.
            let _ = Removable { path: path.clone(), seen }.remove(contents);
        }
    }
}

fn changed_meanwhile() -> io::Error {
    io::Error::other("it changed at this moment")
}

impl InTheWay {
    /// What it is about.
    pub(super) const fn path(&self) -> &Name {
        match self {
            Self::Foreign(path) | Self::Another(path) | Self::Link(path) => path,
        }
    }
}

/// As the end of a sentence that begins with "since".
impl std::fmt::Display for InTheWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = shown(self.path());
        match self {
            Self::Foreign(_) => write!(f, "`{path}` is there and is not as Rush made it"),
            Self::Another(_) => write!(f, "`{path}` is there and another task made it"),
            Self::Link(_) => write!(f, "`{path}` is a link that Rush did not make"),
        }
    }
}
