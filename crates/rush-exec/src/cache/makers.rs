//! Which nodes of a workspace made what is at a path, beside the one that asks.
//!
//! Only asked where something lies in the way of a task that it did not make itself. It does not know what follows from
//! the answer.

use std::sync::PoisonError;

use rush_plan::{Node, NodeId, Task};
use rustc_hash::{FxHashMap, FxHashSet};

use super::contents::{Content, Name};
use super::entry::Input;
use super::inner::Inner;
use super::inputs::shown;
use super::leftovers::names_of;
use super::save::Fresh;
use super::stamp::{Kind, Stamp};
use super::table::{CONDITION, FileId, Record};

/// Who made what is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    /// Attempts of the node that asks.
    This,
    /// Those of another one of the plan, at this position.
    Planned(usize),
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
    files: Vec<(FileId, NodeId)>,
}

/// What nodes made in this run, by its names; kept up from when somebody asks first.
#[derive(Default)]
pub(super) struct MadeNow(FxHashMap<Name, Vec<(usize, Proof)>>);

/// What attempts made in whose outputs others declare something more exactly, as they left it.
pub(super) type LeftInside = FxHashMap<Name, Vec<(usize, Stamp)>>;

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
        matches!(self, Self::This | Self::Planned(_) | Self::Former)
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
            files.extend(record.made().map(|id| (id, node)));
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
        let made_now = made_now.find(|(_, proof)| match proof {
            Proof::Result(content) => is_it(content),
            Proof::Attempt(stamp) => stamp.still_holds(now),
        });
        if let Some((other, _)) = made_now {
            return Maker::Planned(other);
        }
        let left = self.left_inside.get_or_init(|| self.find_left_inside());
        let mut left = left.get(path).into_iter().flatten();
        if let Some((other, _)) = left.find(|it| it.0 != position && it.1.still_holds(now)) {
            return Maker::Planned(*other);
        }
        let mut maker = Maker::Nobody;
        for (content, node) in self.made_at(path) {
            match self.plan.position(node) {
                Some(other) if other != position && is_it(content) => return Maker::Planned(other),
                None if is_it(content) => maker = Maker::Former,
                _ => {}
            }
        }
        maker
    }

    /// What earlier attempts of nodes are noted to have made where others may declare something more exactly.
    fn find_left_inside(&self) -> LeftInside {
        let mut found = LeftInside::default();
        for position in self.preceding.around() {
            for (name, stamp) in self.left(position).0.outputs {
                found.entry(name).or_default().push((position, stamp));
            }
        }
        found
    }

    /// What the last results of nodes have at a path, as the table knows it.
    fn made_at(&self, path: &[u8]) -> impl Iterator<Item = (&Content, NodeId)> {
        let all = &self.made_by_name.get_or_init(|| MadeByName::of(self)).files;
        let from = all.partition_point(|it| self.table.file(it.0).is_some_and(|it| *it.0 < *path));
        let made = all.iter().skip(from);
        let made = made.filter_map(|(id, node)| Some((self.table.file(*id)?, *node)));
        let named = made.take_while(move |((name, _), _)| **name == *path);
        named.map(|((_, content), node)| (content, node)).filter(|it| it.0.is_of_file())
    }

    /// What to tell of a file that a task reads without naming it, if another call of a task of the plan made it: with
    /// a value that an axis or an argument no longer has, as a rule.
    pub(super) fn remark_on_former(&self, task: &Task, inputs: &[Input]) -> Option<String> {
        if !*self.has_other_calls.get_or_init(|| self.find_other_calls()) {
            return None;
        }
        let is_named = names_of(task.inputs.as_deref().unwrap_or_default());
        let mut files = inputs.iter().filter(|it| it.kind == Kind::File && !is_named(&it.path));
        files.find_map(|it| {
            let call = self.other_call(it)?;
            let path = shown(&it.path);
            Some(format!(
                "it reads `{path}`, which `{call}` made, and that is not asked for now; remove it if nobody needs it"
            ))
        })
    }

    /// Whether tasks of the plan are called in several ways, and other nodes have results.
    fn find_other_calls(&self) -> bool {
        let is_call = |node: &Node| !node.arguments().is_empty() || !node.cell().is_empty();
        self.plan.nodes().iter().any(is_call)
            && self.table.records.iter().any(|it| self.plan.position(it.0).is_none())
    }

    /// The call of a task of the plan that made a file and is not in the plan itself.
    fn other_call(&self, file: &Input) -> Option<String> {
        let mut made = self.made_at(&file.path).filter(|it| it.0.digest == file.digest).peekable();
        let is_planned = |node: NodeId| self.plan.position(node).is_some();
        let (_, node) = *made.peek()?;
        if made.any(|it| is_planned(it.1)) {
            return None;
        }
        let call = self.vault.peek_id(self.table.records.get(node)?.entry)?.task;
        let label = call.split_once('(')?.0;
        self.plan.nodes().iter().any(|it| it.label() == label).then_some(call)
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
