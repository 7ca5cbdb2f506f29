//! What earlier attempts left where a task writes, so that its result holds what belongs to it and nothing else.
//!
//! Patterns of outputs match whatever lies there: files made from a source that was renamed since, files of an attempt
//! that failed, files that somebody else put there. Tools that build on what is there need some of that, so what
//! attempts here are known to have made stays while all that they read is still there. Once something of that is gone,
//! it goes before the task runs. A file that nobody is known to have made and that the attempt did not write either
//! keeps the result from being remembered. It does not know how results are kept.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use rush_plan::{CacheMode, Digest, Glob, Task};
use rustc_hash::{FxHashMap, FxHashSet};

use super::codec::{Reader, Writer, unseal};
use super::contents::Name;
use super::entry::Input;
use super::inner::Inner;
use super::inputs::Listed;
use super::listing::Listing;
use super::look::Situation;
use super::order::hands_on;
use super::stamp::{Kind, Stamp};
use super::table::{CONDITION, Record};

const MAGIC: &str = "rush left 1\n";

/// What attempts of a node read and made since its last result here.
#[derive(Debug, Default, PartialEq, Eq)]
struct Left {
    /// The entry of that result: once there is another one, this is of no use.
    after: Option<Digest>,
    /// Whether the files of that result are gone.
    is_cleared: bool,
    inputs: BTreeSet<Name>,
    outputs: BTreeSet<Name>,
}

/// What was in the outputs of a task before it ran.
#[derive(Default)]
pub(super) struct Before {
    there: FxHashMap<Name, Stamp>,
    left: Left,
}

impl Inner {
    /// Removes what earlier attempts made from files that are gone, and says what else lies there.
    pub(super) fn make_way(&self, situation: &Situation<'_>) -> Before {
        let task = situation.task;
        if !is_watched(task) {
            return Before::default();
        }
        let mut there = self.outputs(task).unwrap_or_default();
        there.paths.retain(|it| it.1 != Kind::Absent);
        let mut left = self.left(situation.position);
        if !there.paths.is_empty() && self.has_lost_input(situation, &left) {
            self.remove_made(situation, &left, &mut there);
            left = Left { after: left.after, is_cleared: true, ..Left::default() };
        }
        let stamp = |(path, _): (Name, Kind)| (self.contents.tree.stamp(&path), path);
        let there = there.paths.into_iter().map(stamp).map(|(stamp, path)| (path, stamp));
        Before { there: there.collect(), left }
    }

    /// Whether something is gone that one of these attempts read.
    fn has_lost_input(&self, situation: &Situation<'_>, left: &Left) -> bool {
        let inputs = &situation.listed.inputs;
        if lacks(inputs, left.inputs.iter()) {
            return true;
        }
        let Some(record) = self.record(situation.position).filter(|_| !left.is_cleared) else {
            return false;
        };
        let listed = self.set_of(record).into_iter().flat_map(|it| self.files(&it.files));
        lacks(inputs, listed)
            || self.files(&record.discovered).any(|it| self.is_gone(it))
            || self.has_lost_output(situation.position)
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
                let record = self.record(*needed).filter(|it| !it.is_stamp);
                let mut made = record.into_iter().flat_map(|it| self.files(&it.outputs));
                if made.any(|it| self.is_gone(it)) {
                    return true;
                }
            }
        }
        false
    }

    fn is_gone(&self, path: &[u8]) -> bool {
        self.contents.tree.stamp(path).kind == Kind::Absent
    }

    /// The names of those that were there.
    fn files<'a>(&'a self, ids: &'a [u32]) -> impl Iterator<Item = &'a Name> {
        let files = ids.iter().filter_map(|id| self.table.file(*id));
        let files = files.filter(|it| it.1.stamp.kind != Kind::Absent && it.1.digest != CONDITION);
        files.map(|it| &it.0)
    }

    /// What earlier attempts here are known to have made.
    fn known_to_be_made<'a>(&'a self, position: usize, left: &'a Left) -> FxHashSet<&'a [u8]> {
        let record = self.record(position).filter(|_| !left.is_cleared);
        let recorded = record.into_iter().flat_map(|it| self.files(&it.outputs));
        recorded.chain(&left.outputs).map(|it| &**it).collect()
    }

    fn remove_made(&self, situation: &Situation<'_>, left: &Left, there: &mut Listing) {
        let known = self.known_to_be_made(situation.position, left);
        let inputs: FxHashSet<&[u8]> = situation.listed.inputs.iter().map(|it| &*it.path).collect();
        // From the end: what is in a directory goes before it does.
        for (path, kind) in there.paths.iter_mut().rev() {
            if !known.contains(&**path) || inputs.contains(&**path) {
                continue;
            }
            let full = self.contents.tree.path(path);
            let removed = match kind {
                Kind::Directory => std::fs::remove_dir(full),
                _ => std::fs::remove_file(full),
            };
            if removed.is_ok() {
                *kind = Kind::Absent;
            }
        }
        there.paths.retain(|it| it.1 != Kind::Absent);
        self.files_changed();
    }

    /// The first output that lies there as it did before the task ran, if nobody is known to have made it. One that is
    /// named is what the task says it is.
    pub(super) fn stranger<'a>(
        &self,
        (position, task): (usize, &Task),
        before: &Before,
        listing: &'a Listing,
    ) -> Option<&'a Name> {
        let mut untouched = listing.paths.iter().filter(|it| before.has_as_it_is(self, it));
        let first = untouched.next()?;
        let known = self.known_to_be_made(position, &before.left);
        let globs = task.outputs.iter().filter_map(|text| Glob::parse(text).ok());
        let named: Vec<Glob> = globs.filter(Glob::is_literal).collect();
        let is_named = |path: &[u8]| named.iter().any(|it| it.literal_prefix().as_bytes() == path);
        let mut all = std::iter::once(first).chain(untouched).map(|it| &it.0);
        all.find(|path| !known.contains(&***path) && !is_named(path))
    }

    /// Notes what an attempt made whose result is not remembered.
    pub(super) fn leave(&self, position: usize, listed: &Listed, before: &Before) {
        let task = self.remembered_task(position).map(|it| it.1).filter(|it| is_watched(it));
        let (Some(task), Some(path)) = (task, self.left_path(position)) else { return };
        let listing = self.outputs(task).unwrap_or_default();
        let made = listing.paths.iter().filter(|it| {
            !matches!(it.1, Kind::Absent | Kind::Directory) && !before.has_as_it_is(self, it)
        });
        let made: BTreeSet<Name> = made.map(|it| it.0.clone()).collect();
        if made.is_empty() {
            return;
        }
        let inputs = listed.inputs.iter().filter(|it| it.kind != Kind::Absent);
        let left = Left {
            after: before.left.after,
            is_cleared: before.left.is_cleared,
            inputs: before
                .left
                .inputs
                .iter()
                .cloned()
                .chain(inputs.map(|it| it.path.clone()))
                .collect(),
            outputs: before.left.outputs.iter().cloned().chain(made).collect(),
        };
        // Without the note the next result is not remembered either, which is told then.
        let _ = left.write(&path);
    }

    /// A result was remembered: what is there is what it made.
    pub(super) fn forget_left(&self, position: usize, before: &Before) {
        if !before.left.inputs.is_empty()
            && let Some(path) = self.left_path(position)
        {
            let _ = std::fs::remove_file(path);
        }
    }

    fn left(&self, position: usize) -> Left {
        let after = self.record(position).map(|it: &Record| it.entry);
        let read = || Left::read(&std::fs::read(self.left_path(position)?).ok()?);
        let left = read().filter(|it| it.after == after);
        left.unwrap_or_else(|| Left { after, ..Left::default() })
    }

    fn left_path(&self, position: usize) -> Option<PathBuf> {
        let node = self.node(position)?.id().to_string();
        let name = Digest::of("rush left", node.as_bytes()).to_string();
        Some(self.table_path.as_ref()?.with_extension("left").join(name))
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

impl Left {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(unseal(bytes, MAGIC)?);
        let is_after = reader.byte()? != 0;
        let after = reader.digest()?;
        let is_cleared = reader.byte()? != 0;
        let name = |reader: &mut Reader<'_>| reader.bytes().map(Name::from);
        let (inputs, outputs) = (reader.list(name)?, reader.list(name)?);
        Some(Self {
            after: is_after.then_some(after),
            is_cleared,
            inputs: inputs.into_iter().collect(),
            outputs: outputs.into_iter().collect(),
        })
    }

    fn write(&self, path: &std::path::Path) -> io::Result<()> {
        let mut writer = Writer::default();
        writer.byte(u8::from(self.after.is_some()));
        writer.digest(self.after.unwrap_or_else(super::entry::nothing_made));
        writer.byte(u8::from(self.is_cleared));
        for names in [&self.inputs, &self.outputs] {
            writer.count(names.len());
            names.iter().for_each(|it| writer.bytes(it));
        }
        let directory = path.parent().unwrap_or(path);
        std::fs::create_dir_all(directory)?;
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        io::Write::write_all(&mut file, &writer.sealed(MAGIC))?;
        file.persist(path).map_err(|it| it.error)?;
        Ok(())
    }
}
