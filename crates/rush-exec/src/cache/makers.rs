//! Which nodes of a workspace made what is at a path, beside the one that asks.
//!
//! Only asked where something lies in the way of a task that it did not make itself. It does not know what follows from
//! the answer.

use std::sync::PoisonError;

use rustc_hash::{FxHashMap, FxHashSet};

use super::contents::{Content, Name};
use super::inner::Inner;
use super::save::Fresh;
use super::stamp::{Kind, Stamp};
use super::table::{CONDITION, FileId, Record};

/// Who made what is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    /// Attempts of the node that asks.
    This,
    /// Those of another one of the plan.
    Planned,
    /// Those of one that is not in the plan.
    Former,
    /// Nobody that is known made it first; it is as the last result of the node that asks has it.
    Adopted,
    /// Nobody that is known.
    Nobody,
}

/// What the last results of all nodes made, by its names.
#[derive(Default)]
pub(super) struct MadeByName {
    /// With the position of the node; none if it is not in the plan.
    files: Vec<(FileId, Option<usize>)>,
}

/// What nodes made in this run, by its names; kept up from when somebody asks first.
#[derive(Default)]
pub(super) struct MadeNow(FxHashMap<Name, Vec<(usize, Proof)>>);

/// What was made, as it was when the attempt ended.
#[derive(Clone, Copy)]
enum Proof {
    /// By the result of an attempt.
    Result(Content),
    /// Without a result that is remembered.
    Attempt(Stamp),
}

impl Maker {
    /// Whether that is a proof that Rush made it.
    pub(super) const fn is_rush(self) -> bool {
        matches!(self, Self::This | Self::Planned | Self::Former)
    }
}

impl Record {
    /// The outputs that its attempts made.
    pub(super) fn made(&self) -> impl Iterator<Item = FileId> {
        let found: FxHashSet<FileId> = self.found.iter().copied().collect();
        self.outputs.iter().copied().filter(move |id| !found.contains(id))
    }
}

impl Content {
    /// Whether it is known what is in it, and that something is there.
    pub(super) fn is_of_file(&self) -> bool {
        self.stamp.kind != Kind::Absent && self.digest != CONDITION
    }
}

impl MadeByName {
    fn of(inner: &Inner) -> Self {
        let mut files = Vec::new();
        for (node, record) in inner.table.records.iter().filter(|it| !it.1.is_stamp) {
            let position = inner.plan.position(node);
            files.extend(record.made().map(|id| (id, position)));
        }
        let name = |id: FileId| inner.table.file(id).map(|it| &it.0);
        files.sort_by_key(|it| name(it.0));
        Self { files }
    }
}

impl MadeNow {
    /// Adds what the result of a node has that its attempts made.
    pub(super) fn add_result(&mut self, position: usize, fresh: &Fresh) {
        if fresh.record.is_stamp {
            return;
        }
        let is_made =
            |name: &Name, content: &Content| content.is_of_file() && !fresh.found.contains(name);
        for (name, content) in fresh.outputs.iter().filter(|it| is_made(&it.0, &it.1)) {
            self.0.entry(name.clone()).or_default().push((position, Proof::Result(*content)));
        }
    }

    /// Adds what a node made without a result that is remembered.
    pub(super) fn add_attempt(&mut self, position: usize, made: &[(Name, Stamp)]) {
        for (name, stamp) in made {
            self.0.entry(name.clone()).or_default().push((position, Proof::Attempt(*stamp)));
        }
    }
}

impl Inner {
    /// Who made what is at a path beside the node at a position, if `is_it` says that it is what was made.
    pub(super) fn other_maker(
        &self,
        position: usize,
        path: &[u8],
        now: &Stamp,
        is_it: impl Fn(&Content) -> bool,
    ) -> Maker {
        let mut made_now = self.made_now(path).into_iter().filter(|it| it.0 != position);
        let is_made_now = made_now.any(|(_, proof)| match proof {
            Proof::Result(content) => is_it(&content),
            Proof::Attempt(stamp) => stamp.still_holds(now),
        });
        if is_made_now {
            return Maker::Planned;
        }
        let all = &self.made_by_name.get_or_init(|| MadeByName::of(self)).files;
        let file = |id: FileId| self.table.file(id);
        let from = all.partition_point(|it| file(it.0).is_some_and(|it| *it.0 < *path));
        let named =
            all.iter().skip(from).take_while(|it| file(it.0).is_some_and(|it| *it.0 == *path));
        let mut maker = Maker::Nobody;
        for (id, other) in named.filter(|it| it.1 != Some(position)) {
            let is_made = file(*id).is_some_and(|it| it.1.is_of_file() && is_it(&it.1));
            match other {
                Some(_) if is_made => return Maker::Planned,
                None if is_made => maker = Maker::Former,
                _ => {}
            }
        }
        maker
    }

    /// What nodes made at a path in this run.
    fn made_now(&self, path: &[u8]) -> Vec<(usize, Proof)> {
        let known = |made: &MadeNow| made.0.get(path).cloned().unwrap_or_default();
        if let Some(made) = &*self.made_now.lock().unwrap_or_else(PoisonError::into_inner) {
            return known(made);
        }
        // Whoever adds to these adds to that next, so all three are held, in this order.
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        let attempts = self.unremembered.lock().unwrap_or_else(PoisonError::into_inner);
        let mut made = self.made_now.lock().unwrap_or_else(PoisonError::into_inner);
        let made = made.get_or_insert_with(|| {
            let mut made = MadeNow::default();
            fresh.iter().for_each(|(position, it)| made.add_result(*position, it));
            attempts.iter().for_each(|(position, it)| made.add_attempt(*position, it));
            made
        });
        known(made)
    }
}
