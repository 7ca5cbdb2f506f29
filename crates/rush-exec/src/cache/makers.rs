//! Which nodes of a workspace made what is at a path, beside the one that asks.
//!
//! Only asked where something lies in the way of a task that it did not make itself. It does not know what follows from
//! the answer.

use std::sync::PoisonError;

use rustc_hash::{FxHashMap, FxHashSet};

use super::contents::{Content, Name};
use super::inner::Inner;
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

/// What other nodes than one made.
pub(super) struct Others<'a> {
    inner: &'a Inner,
    position: usize,
    /// What they made in this run.
    fresh: FxHashMap<Name, Vec<Content>>,
    /// The same without a result that is remembered.
    unremembered: FxHashMap<Name, Vec<Stamp>>,
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

impl<'a> Others<'a> {
    /// What nodes made beside the one at a position.
    pub(super) fn of(inner: &'a Inner, position: usize) -> Self {
        let mut fresh: FxHashMap<Name, Vec<Content>> = FxHashMap::default();
        let all = inner.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, it) in all.iter().filter(|it| *it.0 != position && !it.1.record.is_stamp) {
            let made = it
                .outputs
                .iter()
                .filter(|(name, content)| content.is_of_file() && !it.found.contains(name));
            for (name, content) in made {
                fresh.entry(name.clone()).or_default().push(*content);
            }
        }
        drop(all);
        let mut unremembered: FxHashMap<Name, Vec<Stamp>> = FxHashMap::default();
        let all = inner.unremembered.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, stamp) in all.iter().filter(|it| *it.0 != position).flat_map(|it| it.1) {
            unremembered.entry(name.clone()).or_default().push(*stamp);
        }
        drop(all);
        Self { inner, position, fresh, unremembered }
    }

    /// Who made what is at a path, if `is_it` says that it is what was made.
    pub(super) fn maker(
        &self,
        path: &[u8],
        now: &Stamp,
        is_it: impl Fn(&Content) -> bool,
    ) -> Maker {
        let is_fresh = self.fresh.get(path).is_some_and(|it| it.iter().any(&is_it));
        let mut stamps = self.unremembered.get(path).into_iter().flatten();
        if is_fresh || stamps.any(|it| it.still_holds(now)) {
            return Maker::Planned;
        }
        let inner = self.inner;
        let all = &inner.made_by_name.get_or_init(|| MadeByName::of(inner)).files;
        let file = |id: FileId| inner.table.file(id);
        let from = all.partition_point(|it| file(it.0).is_some_and(|it| *it.0 < *path));
        let named =
            all.iter().skip(from).take_while(|it| file(it.0).is_some_and(|it| *it.0 == *path));
        let mut maker = Maker::Nobody;
        for (id, position) in named.filter(|it| it.1 != Some(self.position)) {
            let is_made = file(*id).is_some_and(|it| it.1.is_of_file() && is_it(&it.1));
            match position {
                Some(_) if is_made => return Maker::Planned,
                None if is_made => maker = Maker::Former,
                _ => {}
            }
        }
        maker
    }
}
