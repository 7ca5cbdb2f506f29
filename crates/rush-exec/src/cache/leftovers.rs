//! What earlier attempts left where a task writes, so that its result holds what belongs to it and nothing else.
//!
//! Patterns of outputs match whatever lies there: files made from a source that was renamed since, files of an attempt
//! that failed, files that somebody else put there. Tools that build on what is there need some of that, so what
//! attempts here are known to have made stays while all that they read is still there and the command is the same.
//! Else it goes before the task runs, as far as nobody changed it since. A file that nobody is known to have made stays
//! whatever happens; one that the attempt did not write either keeps the result from being remembered, or, if the task
//! names it, keeps it to this checkout. It does not know how results are kept, nor what may be removed; see `owned`.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::PoisonError;

use rush_plan::{CacheMode, Digest, Glob, Task};
use rustc_hash::{FxHashMap, FxHashSet};

use super::contents::{Content, Name};
use super::entry::{Input, Neighbour};
use super::inner::Inner;
use super::inputs::{Listed, input, shown};
use super::inside::{Declared, Inside};
use super::left::{self, Left};
use super::listing::{Listing, keeps_directory, parent};
use super::look::Situation;
use super::makers::Maker;
use super::order::hands_on;
use super::owned::Owned;
use super::stamp::{Kind, Stamp};
use super::table::{CONDITION, Record};
use super::written::writes;

/// How many of the files that were removed are named.
const NAMED_MAX: usize = 3;

/// What was in the outputs of a task before it ran.
#[derive(Default)]
pub(super) struct Before {
    there: FxHashMap<Name, There>,
    pub(super) left: Left,
    /// Whether there is a file with a note.
    is_noted: bool,
    /// What was removed before it ran.
    removed: Vec<Name>,
    /// What lay where others declare something more exactly.
    pub(super) inside: Inside,
}

/// The same of a task of which nothing is remembered: of that, what lay where others declare something more exactly, if
/// they do so anywhere. An error where nobody can tell.
pub(super) type BeforeUnremembered = io::Result<Option<Before>>;

/// What was at a path before a task ran.
struct There {
    stamp: Stamp,
    maker: Maker,
    /// What was in it, if the task names it and Rush did not make it.
    digest: Option<Digest>,
    /// The same, if another task of the plan made it.
    made: Option<Input>,
}

/// What of a listing belongs to a result.
#[derive(Default)]
pub(super) struct Belonging {
    pub(super) listing: Listing,
    /// What was there before, and nobody is known to have made.
    pub(super) found: FxHashSet<Name>,
    pub(super) reach: ResultReach,
    /// Whose files it does not hold, although they match its patterns.
    pub(super) beside: BTreeMap<usize, Vec<Input>>,
    /// What others had made where it wrote something itself.
    pub(super) over: Vec<Input>,
}

/// Where a result may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ResultReach {
    /// In every checkout: it holds nothing but what the attempt made.
    #[default]
    Everywhere,
    /// Here, while it is in place: it holds a file that somebody else made.
    InPlace,
}

/// Why nothing can be said of a result.
pub(super) enum Stranger {
    /// A file lies there as it did before the task ran, and nobody is known to have made it.
    File(Name),
    /// What the task made lies behind a link.
    Link(Name),
}

/// Why what earlier attempts made is in the way.
#[derive(Clone, Copy, Debug)]
enum Lost {
    /// Another command made it, or the same one with other variables or programs.
    Command,
    /// It was made from something that is gone.
    Input,
}

impl Inner {
    /// Removes what earlier attempts made from files that are gone or by another command, tells so, and says what else
    /// lies there.
    pub(super) fn make_way(
        &self,
        situation: &Situation<'_>,
        notes: &mut Vec<String>,
    ) -> io::Result<Before> {
        let (position, task) = (situation.position, situation.task);
        if !self.is_noted(position, task) {
            return Ok(Before::default());
        }
        let mut there = if is_watched(task) { self.outputs(task)? } else { Listing::default() };
        there.paths.retain(|it| it.1 != Kind::Absent);
        let inside = self.files_inside(position, task)?;
        let (mut left, is_noted) = self.left(position);
        let mut removed = Vec::new();
        if there.paths.is_empty() && inside.is_empty() {
            left = left.cleared();
        } else if let Some(lost) = self.lost(situation, &left) {
            let owned = Owned::new(self, position, &left);
            removed = self.remove_made(situation, &owned, &mut there);
            notes.extend(lost.told(&removed));
            left = left.cleared();
        }
        left.shape = Some(situation.shape);
        let before = self.before_in((position, task), (there, inside), left);
        Ok(Before { is_noted, removed, ..before })
    }

    /// What lies at these paths before a task runs.
    fn before_in(
        &self,
        (position, task): (usize, &Task),
        (there, inside): (Listing, Declared),
        left: Left,
    ) -> Before {
        let owned = Owned::new(self, position, &left);
        let inside = self.inside_before(inside, &owned);
        let is_named = names_of(&task.outputs);
        let there = there.paths.into_iter().map(|(path, kind)| {
            let stamp = self.contents.tree.stamp(&path);
            let is_directory = kind == Kind::Directory;
            let maker = if is_directory { Maker::This } else { owned.maker_of(&path, &stamp) };
            let is_asked = !maker.is_rush() && is_named(&path);
            let digest = || self.contents.look(&path).ok().map(|it| it.digest);
            let digest = is_asked.then(digest).flatten();
            let is_anothers = matches!(maker, Maker::Planned(_));
            let made = || input(&self.contents, path.clone()).ok();
            let made = is_anothers.then(made).flatten();
            (path, There { stamp, maker, digest, made })
        });
        let there = there.collect();
        Before { there, left, inside, ..Before::default() }
    }

    /// What lies there before a task runs of which nothing is remembered.
    pub(super) fn before_unremembered(&self, position: usize) -> BeforeUnremembered {
        let task = self.node(position).and_then(writes);
        let Some(task) = task.filter(|_| self.preceding.has_inside(position)) else {
            return Ok(None);
        };
        let inside = self.files_inside(position, task)?;
        let (left, is_noted) = self.left(position);
        let before = self.before_in((position, task), (Listing::default(), inside), left);
        Ok(Some(Before { is_noted, ..before }))
    }

    /// Whether something lies in the outputs of a task that this run does not know to be made by anybody.
    pub(super) fn has_strangers(&self, position: usize, task: &Task) -> bool {
        let Some(listing) = is_watched(task).then(|| self.outputs(task).ok()).flatten() else {
            return false;
        };
        let left = self.left(position).0;
        let owned = Owned::new(self, position, &left);
        listing.paths.iter().any(|(path, kind)| is_file(*kind) && !owned.maker(path).is_rush())
    }

    /// What decided earlier attempts and is no more: their command, or something they read.
    fn lost(&self, situation: &Situation<'_>, left: &Left) -> Option<Lost> {
        let record = self.record(situation.position).filter(|_| !left.is_cleared);
        let mut shapes = left.shape.into_iter().chain(record.map(|it| it.shape));
        // Without its salt the cache tells nothing of commands, and no result is remembered.
        if self.facts.salt != [0; 32] && shapes.any(|it| it != situation.shape) {
            return Some(Lost::Command);
        }
        let inputs = &situation.listed.inputs;
        let is_lost = lacks(inputs, left.inputs.iter())
            || record.is_some_and(|record| {
                let listed = self.set_of(record).into_iter().flat_map(|it| self.files(&it.files));
                lacks(inputs, listed.map(|it| &it.0))
                    || self.files(&record.discovered).any(|it| self.is_gone(&it.0))
                    || self.has_lost_output(situation.position)
            });
        is_lost.then_some(Lost::Input)
    }

    /// Whether a file is gone that the last result of something needed had made.
    fn has_lost_output(&self, position: usize) -> bool {
        let mut waiting = vec![position];
        let mut seen = FxHashSet::default();
        while let Some(position) = waiting.pop() {
            for needed in &*self.needed_by(position) {
                if !seen.insert(*needed) {
                    continue;
                }
                if self.node(*needed).is_some_and(hands_on) {
                    waiting.push(*needed);
                }
                if self.lost_its_outputs(*needed) {
                    return true;
                }
            }
        }
        false
    }

    /// Whether a file of the last result of a node is gone. It has ended, so the answer stays the same.
    fn lost_its_outputs(&self, position: usize) -> bool {
        let lost = || self.lost_outputs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lost().get(&position) {
            return *known;
        }
        // The last result of a task that is not remembered any more says nothing of what it makes now.
        let record = self.remembered_task(position).and_then(|_| self.record(position));
        let record = record.filter(|it| !it.is_stamp);
        let mut made = record.into_iter().flat_map(|it| self.files(&it.outputs));
        let is_lost = made.any(|it| self.is_gone(&it.0));
        lost().insert(position, is_lost);
        is_lost
    }

    /// Notes whether an attempt whose result is not remembered lost files of the last one that is. What was gone before
    /// it ran is no loss of now: the record stays as it is for as long as no result is remembered.
    fn note_loss(&self, position: usize, before: &Before) {
        let record = self.record(position).filter(|it| !it.is_stamp);
        let mut made = record.into_iter().flat_map(|it| self.files(&it.outputs));
        let was_there = |it: &Name| before.there.contains_key(it) || before.removed.contains(it);
        let is_lost = made.any(|it| self.is_gone(&it.0) && was_there(&it.0));
        let mut lost = self.lost_outputs.lock().unwrap_or_else(PoisonError::into_inner);
        lost.insert(position, is_lost);
    }

    fn is_gone(&self, path: &[u8]) -> bool {
        self.contents.tree.stamp(path).kind == Kind::Absent
    }

    /// Those that were there.
    fn files<'a>(&'a self, ids: &'a [u32]) -> impl Iterator<Item = &'a (Name, Content)> {
        let files = ids.iter().filter_map(|id| self.table.file(*id));
        files.filter(|it| it.1.stamp.kind != Kind::Absent && it.1.digest != CONDITION)
    }

    /// Removes what is still as it was made, and returns which files that were. What somebody changed since is theirs.
    fn remove_made(
        &self,
        situation: &Situation<'_>,
        owned: &Owned<'_>,
        there: &mut Listing,
    ) -> Vec<Name> {
        let inputs: FxHashSet<&[u8]> = situation.listed.inputs.iter().map(|it| &*it.path).collect();
        let mut removed = Vec::new();
        // From the end: what is in a directory goes before it does.
        for (path, kind) in there.paths.iter_mut().rev() {
            if inputs.contains(&**path) || owned.maker(path) != Maker::This {
                continue;
            }
            let outcome = owned.removable(path).map(|it| it.remove(&self.contents));
            if matches!(outcome, Ok(Ok(()))) {
                if *kind != Kind::Directory {
                    removed.push(path.clone());
                }
                *kind = Kind::Absent;
            }
        }
        there.paths.retain(|it| it.1 != Kind::Absent);
        self.files_changed();
        removed.reverse();
        removed
    }

    /// What of a listing belongs to the result. A file that lies there as it did before the task ran is no part of it if
    /// another task of the plan made it, and if nobody is known to have made it, unless the task names it; one that only
    /// keeps a directory in a repository is left alone.
    pub(super) fn belonging(
        &self,
        (position, task): (usize, &Task),
        before: &Before,
        mut listing: Listing,
    ) -> Result<Belonging, Stranger> {
        let is_named = names_of(&task.outputs);
        let owned = LazyCell::new(|| Owned::new(self, position, &before.left));
        let (mut found, mut reach) = (FxHashSet::default(), ResultReach::Everywhere);
        let (mut left_alone, mut beside) = (FxHashSet::default(), BTreeMap::new());
        let mut over = Vec::new();
        for beyond in std::mem::take(&mut listing.beyond) {
            let Some(file) = beyond.file else { return Err(Stranger::Link(beyond.link)) };
            found.insert(file);
            reach = ResultReach::InPlace;
        }
        for (path, kind) in listing.paths.iter().filter(|it| is_file(it.1)) {
            let Some(then) = before.there.get(path) else { continue };
            let is_untouched = !self.is_written(then, path);
            match then.maker {
                Maker::This => continue,
                Maker::Planned(_) | Maker::Former if !is_untouched => {
                    over.extend(then.made.clone());
                    continue;
                }
                // What was changed by hand may be again what attempts here made.
                _ if !is_untouched && owned.maker(path) == Maker::This => continue,
                _ if !is_untouched => {}
                _ if is_named(path) => {
                    if *kind == Kind::Link && self.leads_to_directory(path) {
                        return Err(Stranger::Link(path.clone()));
                    }
                    reach = ResultReach::InPlace;
                }
                Maker::Planned(other) => {
                    beside.insert(path.clone(), (other, then.made.clone()));
                    continue;
                }
                Maker::Adopted => {}
                _ if keeps_directory(path) => {
                    left_alone.insert(path.clone());
                    continue;
                }
                _ => return Err(Stranger::File(path.clone())),
            }
            found.insert(path.clone());
        }
        listing.paths.retain(|it| !left_alone.contains(&it.0));
        leave_out(&mut listing.paths, |it| beside.contains_key(it));
        let mut neighbours: BTreeMap<usize, Vec<Input>> = BTreeMap::new();
        for (other, made) in beside.into_values() {
            neighbours.entry(other).or_default().extend(made);
        }
        Ok(Belonging { listing, found, reach, beside: neighbours, over })
    }

    /// What an entry has of the nodes beside which it was made.
    pub(super) fn neighbours(&self, beside: BTreeMap<usize, Vec<Input>>) -> Vec<Neighbour> {
        let neighbour = |(position, files): (usize, _)| {
            let node = self.node(position)?;
            Some(Neighbour { node: node.id(), name: node.to_string(), files: Some(files) })
        };
        beside.into_iter().filter_map(neighbour).collect()
    }

    /// Whether something was written since. Times and modes alone are no text: `touch` and `chmod` write nothing.
    fn is_written(&self, then: &There, path: &[u8]) -> bool {
        let now = self.contents.tree.stamp(path);
        let as_then = Stamp { mode: then.stamp.mode, changed_ns: then.stamp.changed_ns, ..now };
        let has_digest = |digest| self.contents.look(path).is_ok_and(|it| it.digest == digest);
        !then.stamp.still_holds(&as_then) && !then.digest.is_some_and(has_digest)
    }

    /// Whether it is noted what lies in the outputs of a task before it runs.
    fn is_noted(&self, position: usize, task: &Task) -> bool {
        is_watched(task) || self.preceding.has_inside(position)
    }

    fn leads_to_directory(&self, path: &[u8]) -> bool {
        self.contents.tree.stamp_followed(path).kind == Kind::Directory
    }

    /// Notes what an attempt made whose result is not remembered.
    pub(super) fn leave(&self, position: usize, listed: &Listed, before: &Before) {
        self.note_loss(position, before);
        let task = self.remembered_task(position).map(|it| it.1);
        let Some(task) = task.filter(|it| self.is_noted(position, it)) else { return };
        let mut made = self.made_inside((position, task), before);
        if is_watched(task) {
            made.extend(self.made_in_attempt(task, before));
        }
        self.note_attempt(position, &listed.inputs, before, made);
    }

    /// The same of a task of which nothing is remembered: what it made where others declare something more exactly.
    pub(super) fn leave_unremembered(&self, position: usize, before: &BeforeUnremembered) {
        let Ok(before) = before else {
            self.made_untold(position);
            return;
        };
        let task = self.node(position).and_then(writes);
        if let (Some(before), Some(task)) = (before, task) {
            let made = self.made_inside((position, task), before);
            self.note_attempt(position, &[], before, made);
        }
    }

    /// Notes what an attempt made, for this run and those that follow.
    fn note_attempt(
        &self,
        position: usize,
        inputs: &[Input],
        before: &Before,
        made: Vec<(Name, Stamp)>,
    ) {
        self.note_unremembered(position, made.clone());
        let left = &before.left;
        let is_cleared = left.is_cleared && (left.after.is_some() || before.is_noted);
        let Some(path) = self.left_path(position).filter(|_| !made.is_empty() || is_cleared) else {
            return;
        };
        let inputs = inputs.iter().filter(|it| it.kind != Kind::Absent);
        let inputs = inputs.map(|it| it.path.clone()).chain(left.inputs.iter().cloned());
        let earlier = left.outputs.iter().map(|(name, stamp)| (name.clone(), *stamp));
        let left = Left {
            after: left.after,
            shape: left.shape,
            is_cleared: left.is_cleared,
            inputs: inputs.collect(),
            outputs: earlier.chain(made).collect(),
        };
        // Without the note the next result is not remembered either, which is told then.
        let _ = left.write(&path);
    }

    /// The files that an attempt made or made again, as they are now. What was there before and nobody is known to have
    /// made stays somebody's, whatever the attempt did to it.
    fn made_in_attempt(&self, task: &Task, before: &Before) -> Vec<(Name, Stamp)> {
        let listing = self.outputs(task).unwrap_or_default();
        let beyond: FxHashSet<Name> = listing.beyond.into_iter().filter_map(|it| it.file).collect();
        let files = listing.paths.into_iter();
        let files = files.filter(|(path, kind)| is_file(*kind) && !beyond.contains(path));
        let stamped = files.map(|(path, _)| (self.contents.tree.stamp(&path), path));
        let made = stamped.filter(|(now, path)| {
            let is_made = |it: &There| it.maker.is_rush() && !it.stamp.still_holds(now);
            before.there.get(path).is_none_or(is_made)
        });
        made.map(|(stamp, path)| (path, stamp)).collect()
    }

    /// A result was remembered: what is there is what it made.
    pub(super) fn forget_left(&self, position: usize, before: &Before) {
        if before.is_noted {
            self.drop_left(position);
        }
    }

    /// The last result is in place: what attempts made since is of no use, even if it is the result that was there
    /// before them.
    pub(super) fn drop_left(&self, position: usize) {
        if let Some(path) = self.left_path(position) {
            let _ = std::fs::remove_file(path);
        }
    }

    /// What is noted of a node, and whether there is a note at all, be it an old one.
    pub(super) fn left(&self, position: usize) -> (Left, bool) {
        let others = self.left_by_others(position);
        let record = self.record(position).map(|it: &Record| it.entry);
        let after = others.as_ref().map_or(record, |it| it.after);
        let bytes = self.left_path(position).and_then(|it| std::fs::read(it).ok());
        let left = bytes.as_deref().and_then(Left::read).filter(|it| it.after == after);
        let mut left = left.unwrap_or_else(|| Left { after, ..Left::default() });
        if let Some(others) = others {
            left = left.with(others);
        }
        let made = self.unremembered.lock().unwrap_or_else(PoisonError::into_inner);
        left.outputs.extend(made.get(&position).into_iter().flatten().cloned());
        (left, bytes.is_some())
    }

    /// Notes what a node made in this run, or had put in place, without a result that is remembered.
    pub(super) fn note_unremembered(&self, position: usize, made: Vec<(Name, Stamp)>) {
        let mut all = self.unremembered.lock().unwrap_or_else(PoisonError::into_inner);
        let mut made_now = self.made_now.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made_now) = made_now.as_mut() {
            made_now.add_attempt(position, &made);
        }
        all.insert(position, made);
    }

    /// Removes the notes of nodes that nobody has run for as long as results are kept.
    pub(super) fn drop_old_notes(&self) {
        if let Some(directory) = self.left_directory() {
            left::drop_old(&directory, self.limits.age_max);
        }
    }

    fn left_directory(&self) -> Option<PathBuf> {
        Some(self.table_path.as_ref()?.with_extension("left"))
    }

    fn left_path(&self, position: usize) -> Option<PathBuf> {
        let node = self.node(position)?.id().to_string();
        let name = Digest::of("rush left", node.as_bytes()).to_string();
        Some(self.left_directory()?.join(name))
    }
}

/// Whether one of these names is not among the files that are there; both are in order.
fn lacks<'a>(inputs: &[Input], mut names: impl Iterator<Item = &'a Name>) -> bool {
    let there = inputs.iter().filter(|it| it.kind != Kind::Absent);
    let mut there = there.map(|it| &it.path).peekable();
    names.any(|name| {
        while there.next_if(|it| *it < name).is_some() {}
        there.next_if_eq(&name).is_none()
    })
}

/// Leaves out files, and the directories that hold nothing else.
fn leave_out(paths: &mut Vec<(Name, Kind)>, is_out: impl Fn(&Name) -> bool) {
    let (mut kept, mut emptied) = (FxHashSet::default(), FxHashSet::default());
    for (path, _) in paths.iter().filter(|it| it.1 != Kind::Directory) {
        let directories = if is_out(path) { &mut emptied } else { &mut kept };
        directories.extend(above(path).map(Name::from));
    }
    let stays = |path: &Name| !is_out(path) && (kept.contains(path) || !emptied.contains(path));
    paths.retain(|it| stays(&it.0));
}

/// The directories that a path lies in, the nearest one first.
fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let directories = std::iter::successors(Some(parent(path)), |it| Some(parent(it)));
    directories.take_while(|it| !it.is_empty())
}

/// Whether it matters what lies in the outputs of a task.
fn is_watched(task: &Task) -> bool {
    task.cache.mode == CacheMode::Local && !task.outputs.is_empty()
}

/// Tells whether patterns name a file by itself.
pub(super) fn names_of(patterns: &[String]) -> impl Fn(&[u8]) -> bool + use<> {
    let globs = patterns.iter().filter_map(|text| Glob::parse(text).ok());
    let named: Vec<Glob> = globs.filter(Glob::is_literal).collect();
    move |path| named.iter().any(|it| it.literal_prefix().as_bytes() == path)
}

/// Whether something is there that may hold text.
pub(super) const fn is_file(kind: Kind) -> bool {
    !matches!(kind, Kind::Absent | Kind::Directory)
}

impl Lost {
    /// What to say about the files that were removed.
    fn told(self, removed: &[Name]) -> Option<String> {
        let mut names: Vec<String> =
            removed.iter().take(NAMED_MAX).map(|it| format!("`{}`", shown(it))).collect();
        if removed.len() > NAMED_MAX {
            names.push(format!("{} more", removed.len() - NAMED_MAX));
        }
        let last = names.pop()?;
        let names =
            if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) };
        let why = match self {
            Self::Command => "what it runs, or what that is given, changed",
            Self::Input => "something that earlier attempts read is gone",
        };
        Some(format!("{why}, so what was made then is removed: {names}"))
    }
}
