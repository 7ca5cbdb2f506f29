//! What earlier attempts left where a task writes, so that its result holds what belongs to it and nothing else.
//!
//! Patterns of outputs match whatever lies there: files made from a source that was renamed since, files of an attempt
//! that failed, files that somebody else put there. Tools that build on what is there need some of that, so what
//! attempts here are known to have made stays while all that they read is still there and the command is the same.
//! Else it goes before the task runs, as far as nobody changed it since. A file that nobody is known to have made and
//! that the attempt did not write either keeps the result from being remembered. It does not know how results are kept.

use std::cell::LazyCell;
use std::path::PathBuf;
use std::sync::PoisonError;

use rush_plan::{CacheMode, Digest, Glob, Task};
use rustc_hash::{FxHashMap, FxHashSet};

use super::contents::{Content, Name};
use super::entry::Input;
use super::inner::Inner;
use super::inputs::{Listed, shown};
use super::left::{self, Left};
use super::listing::{Listing, keeps_directory};
use super::look::Situation;
use super::order::hands_on;
use super::stamp::{Kind, Stamp};
use super::table::{CONDITION, Record};

/// How many of the files that were removed are named.
const NAMED_MAX: usize = 3;

/// What was in the outputs of a task before it ran.
#[derive(Default)]
pub(super) struct Before {
    there: FxHashMap<Name, Stamp>,
    left: Left,
    /// Whether there is a file with a note.
    is_noted: bool,
}

/// Why what earlier attempts made is in the way.
#[derive(Clone, Copy, Debug)]
enum Lost {
    /// Another command made it, or the same one with other variables or programs.
    Command,
    /// It was made from something that is gone.
    Input,
}

/// What earlier attempts here are known to have made.
struct Known<'a> {
    recorded: FxHashMap<&'a [u8], &'a Content>,
    left: &'a Left,
}

impl Inner {
    /// Removes what earlier attempts made from files that are gone or by another command, tells so, and says what else
    /// lies there.
    pub(super) fn make_way(&self, situation: &Situation<'_>, notes: &mut Vec<String>) -> Before {
        if !is_watched(situation.task) {
            return Before::default();
        }
        let mut there = self.outputs(situation.task).unwrap_or_default();
        there.paths.retain(|it| it.1 != Kind::Absent);
        let (mut left, is_noted) = self.left(situation.position);
        if there.paths.is_empty() {
            left = left.cleared();
        } else if let Some(lost) = self.lost(situation, &left) {
            let removed = self.remove_made(situation, &left, &mut there);
            notes.extend(lost.told(&removed));
            left = left.cleared();
        }
        left.shape = Some(situation.shape);
        let stamp = |(path, _): (Name, Kind)| (self.contents.tree.stamp(&path), path);
        let there = there.paths.into_iter().map(stamp).map(|(stamp, path)| (path, stamp));
        Before { there: there.collect(), left, is_noted }
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

    fn is_gone(&self, path: &[u8]) -> bool {
        self.contents.tree.stamp(path).kind == Kind::Absent
    }

    /// Those that were there.
    fn files<'a>(&'a self, ids: &'a [u32]) -> impl Iterator<Item = &'a (Name, Content)> {
        let files = ids.iter().filter_map(|id| self.table.file(*id));
        files.filter(|it| it.1.stamp.kind != Kind::Absent && it.1.digest != CONDITION)
    }

    fn known_to_be_made<'a>(&'a self, position: usize, left: &'a Left) -> Known<'a> {
        let record = self.record(position).filter(|_| !left.is_cleared);
        let recorded = record.into_iter().flat_map(|it| self.files(&it.outputs));
        Known { recorded: recorded.map(|it| (&*it.0, &it.1)).collect(), left }
    }

    /// Removes what is still as it was made, and returns which files that were. What somebody changed since is theirs.
    fn remove_made(
        &self,
        situation: &Situation<'_>,
        left: &Left,
        there: &mut Listing,
    ) -> Vec<Name> {
        let known = self.known_to_be_made(situation.position, left);
        let inputs: FxHashSet<&[u8]> = situation.listed.inputs.iter().map(|it| &*it.path).collect();
        let mut removed = Vec::new();
        // From the end: what is in a directory goes before it does.
        for (path, kind) in there.paths.iter_mut().rev() {
            let is_kept = inputs.contains(&**path) || keeps_directory(path);
            if is_kept || !known.is_as_made(self, path) {
                continue;
            }
            let full = self.contents.tree.path(path);
            let outcome = match kind {
                Kind::Directory => std::fs::remove_dir(full),
                _ => std::fs::remove_file(full),
            };
            if outcome.is_ok() {
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

    /// The first of these files that is not as somebody here is known to have made it.
    pub(super) fn first_unknown(&self, position: usize, files: &[&(Name, Kind)]) -> Option<Name> {
        let left = self.left(position).0;
        let known = self.known_to_be_made(position, &left);
        let mut files = files.iter().filter(|it| it.1 != Kind::Directory);
        files.find(|it| !known.is_as_made(self, &it.0)).map(|it| it.0.clone())
    }

    /// What of a listing belongs to the result; or the first output that lies there as it did before the task ran, if
    /// nobody is known to have made it. One that is named is what the task says it is, and one that only keeps a
    /// directory in a repository is left alone.
    pub(super) fn belonging(
        &self,
        (position, task): (usize, &Task),
        before: &Before,
        mut listing: Listing,
    ) -> Result<Listing, Name> {
        let known = LazyCell::new(|| self.known_to_be_made(position, &before.left));
        let globs = task.outputs.iter().filter_map(|text| Glob::parse(text).ok());
        let named: Vec<Glob> = globs.filter(Glob::is_literal).collect();
        let is_named = |path: &[u8]| named.iter().any(|it| it.literal_prefix().as_bytes() == path);
        let mut stranger = None;
        listing.paths.retain(|it| {
            let path = &*it.0;
            let belongs = stranger.is_some()
                || !before.has_as_it_is(self, it)
                || is_named(path)
                || known.is_as_made(self, path);
            if !belongs && !keeps_directory(path) {
                stranger = Some(it.0.clone());
            }
            belongs
        });
        stranger.map_or(Ok(listing), Err)
    }

    /// Notes what an attempt made whose result is not remembered.
    pub(super) fn leave(&self, position: usize, listed: &Listed, before: &Before) {
        let task = self.remembered_task(position).map(|it| it.1).filter(|it| is_watched(it));
        let (Some(task), Some(path)) = (task, self.left_path(position)) else { return };
        let left = &before.left;
        let made = self.made_in_attempt(position, task, before);
        let is_cleared = left.is_cleared && (left.after.is_some() || before.is_noted);
        if made.is_empty() && !is_cleared {
            return;
        }
        let inputs = listed.inputs.iter().filter(|it| it.kind != Kind::Absent);
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

    /// The files that an attempt made or made again, as they are now. What was there before and is not known to be
    /// made stays somebody's, whatever the attempt did to it.
    fn made_in_attempt(&self, position: usize, task: &Task, before: &Before) -> Vec<(Name, Stamp)> {
        let known = self.known_to_be_made(position, &before.left);
        let listing = self.outputs(task).unwrap_or_default();
        let made = listing.paths.into_iter().filter(|(path, kind)| {
            !matches!(kind, Kind::Absent | Kind::Directory)
                && before.there.get(path).is_none_or(|it| known.has_stamp(path, it))
        });
        let stamped = made.map(|(path, _)| (self.contents.tree.stamp(&path), path));
        let stamped = stamped
            .filter(|(now, path)| before.there.get(path).is_none_or(|then| !then.still_holds(now)));
        stamped.map(|(stamp, path)| (path, stamp)).collect()
    }

    /// A result was remembered: what is there is what it made.
    pub(super) fn forget_left(&self, position: usize, before: &Before) {
        if before.is_noted
            && let Some(path) = self.left_path(position)
        {
            let _ = std::fs::remove_file(path);
        }
    }

    /// What is noted of a node, and whether there is a note at all, be it an old one.
    fn left(&self, position: usize) -> (Left, bool) {
        let after = self.record(position).map(|it: &Record| it.entry);
        let bytes = self.left_path(position).and_then(|it| std::fs::read(it).ok());
        let left = bytes.as_deref().and_then(Left::read).filter(|it| it.after == after);
        (left.unwrap_or_else(|| Left { after, ..Left::default() }), bytes.is_some())
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

/// Whether it matters what lies in the outputs of a task.
fn is_watched(task: &Task) -> bool {
    task.cache.mode == CacheMode::Local && !task.outputs.is_empty()
}

impl Before {
    /// Whether a file lies there untouched.
    fn has_as_it_is(&self, inner: &Inner, (path, kind): &(Name, Kind)) -> bool {
        !matches!(kind, Kind::Absent | Kind::Directory)
            && self
                .there
                .get(path)
                .is_some_and(|it| it.still_holds(&inner.contents.tree.stamp(path)))
    }
}

impl Known<'_> {
    /// Whether a file is what was made, as far as that is known without reading it.
    fn has_stamp(&self, path: &[u8], stamp: &Stamp) -> bool {
        self.left.outputs.get(path).is_some_and(|it| it.still_holds(stamp))
            || self.recorded.get(path).is_some_and(|it| it.stamp.still_holds(stamp))
    }

    /// Whether a file is still what was made.
    fn is_as_made(&self, inner: &Inner, path: &[u8]) -> bool {
        let now = inner.contents.tree.stamp(path);
        let has_stamp = self.has_stamp(path, &now);
        let Some(made) = self.recorded.get(path) else { return has_stamp };
        let is_alike = now.kind == made.stamp.kind && now.mode == made.stamp.mode;
        match now.kind {
            Kind::Directory => made.stamp.kind == Kind::Directory,
            // What a link leads to may change without it.
            Kind::Link if has_stamp => true,
            _ if self.left.outputs.contains_key(path) && has_stamp => true,
            _ => is_alike && inner.contents.look(path).is_ok_and(|it| it.digest == made.digest),
        }
    }
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
