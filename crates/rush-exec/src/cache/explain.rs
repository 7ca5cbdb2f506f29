//! Whether a node would be answered from the cache, and why not; and what differed when it last ran. Nothing is
//! written and nothing is started.

use rush_plan::{CacheMode, Digest, Node, NodeId, Task};

use super::commands::{self, CommandTexts};
use super::entry::{Entry, Input, Output, entry_id, nothing_made};
use super::inner::{Inner, is_remembered};
use super::inputs::shown;
use super::listing::Patterns;
use super::look::{Candidate, Situation};
use super::made::Made;
use super::owned::{InTheWay, Owned};
use super::part::{Change, Difference, PartKind, differences};
use super::restore::Restore;
use super::stamp::Kind;
use super::table::{Record, RecordLog};

/// How many of the latest results are read to find one of the same task with other arguments.
const CALLS_READ_MAX: usize = 256;

/// What a run would do with a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// It has nothing to execute, or its `when` is false.
    Idle,
    /// Its result is there; so many of its outputs would be put back.
    Cached {
        /// How many outputs are not as they should be.
        restores: usize,
    },
    /// It would run.
    Runs(Vec<Reason>),
    /// It would run if what these nodes make is not what they made before.
    Depends(Vec<NodeId>),
}

/// Why a node runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It has no `inputs`.
    NoInputs,
    /// Its `cache.mode` is `off`.
    Off,
    /// Somebody wants it to.
    Forced,
    /// No earlier result is known.
    Never,
    /// No earlier result with these arguments is known; the nearest is that of another call.
    OtherArguments(String),
    /// The earlier result is older than `cache.ttl`.
    Expired,
    /// The outputs of a `stamp` task are gone.
    OutputsGone,
    /// A later attempt of a `stamp` task did not succeed.
    Unfinished,
    /// The result is no longer in the cache.
    EntryGone,
    /// The result was made beside a task that writes to the same place and has no part now.
    Beside(String),
    /// Its result was made beside other files of another task that writes to the same place.
    BesideOther(String),
    /// Something is not what it was.
    Differs(Difference),
    /// Its result is there, and something lies in its place that is not Rush's; what, as the end of a sentence.
    InTheWay(String),
    /// What decides it can't be read.
    Unreadable(String),
}

/// What is known of the results of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// What a run would do now.
    pub outlook: Outlook,
    /// What was another one when the node last ran than the time before; empty if that is not known.
    pub last: Vec<Difference>,
    /// When the last result was made, in milliseconds since 1970.
    pub recorded_ms: Option<u64>,
}

impl Reason {
    /// A name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoInputs => "no_inputs",
            Self::Off => "off",
            Self::Forced => "forced",
            Self::Never => "never",
            Self::OtherArguments(_) => "other_arguments",
            Self::Expired => "expired",
            Self::OutputsGone => "outputs_gone",
            Self::Unfinished => "unfinished",
            Self::EntryGone => "entry_gone",
            Self::Beside(_) | Self::BesideOther(_) => "beside",
            Self::Differs(_) => "differs",
            Self::InTheWay(_) => "in_the_way",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

/// As the end of a sentence that begins with "because".
impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoInputs => f.write_str("it has no `inputs`, so it always runs"),
            Self::Off => f.write_str("its `cache.mode` is `off`"),
            Self::Forced => f.write_str("it is forced to"),
            Self::Never => f.write_str("no earlier result of it is known"),
            Self::OtherArguments(call) => {
                write!(f, "its arguments are others than those of its last result, `{call}`")
            }
            Self::Expired => f.write_str("its result is older than `cache.ttl`"),
            Self::OutputsGone => f.write_str("its outputs are gone, and they are not kept"),
            Self::Unfinished => f.write_str("its last attempt did not succeed"),
            Self::EntryGone => f.write_str("its result is no longer in the cache"),
            Self::Beside(other) => write!(
                f,
                "its result was made beside `{other}`, which writes to the same place and is not asked for now"
            ),
            Self::BesideOther(other) => {
                write!(f, "what `{other}` has in the same place is not what it was then")
            }
            Self::Differs(difference) => difference.fmt(f),
            Self::InTheWay(what) => write!(f, "{what}, so its result can't be put back"),
            Self::Unreadable(problem) => f.write_str(problem),
        }
    }
}

impl Inner {
    /// What a run would do with each node, in the order of the plan.
    pub(super) fn outlooks(&self) -> Vec<Outlook> {
        self.contents.foreseen.clear();
        self.files_changed();
        let mut all = vec![Outlook::Idle; self.plan.nodes().len()];
        for position in self.order() {
            let outlook = self.outlook(position, &all);
            self.presume_made(position);
            if let Some(slot) = all.get_mut(position) {
                *slot = outlook;
            }
        }
        all
    }

    fn order(&self) -> Vec<usize> {
        let positions: rustc_hash::FxHashMap<NodeId, usize> =
            self.plan.nodes().iter().enumerate().map(|(at, node)| (node.id(), at)).collect();
        self.plan.topological().filter_map(|node| positions.get(&node.id()).copied()).collect()
    }

    fn outlook(&self, position: usize, earlier: &[Outlook]) -> Outlook {
        let Some(node) = self.node(position) else { return Outlook::Idle };
        let Some(task) = node.as_task() else { return Outlook::Idle };
        if !is_remembered(task) {
            self.set_made(position, Made::unremembered(task));
        }
        if task.skip.is_some() {
            return Outlook::Idle;
        }
        if task.run.is_empty() {
            let uncertain = self.uncertain(position, earlier);
            return if uncertain.is_empty() { Outlook::Idle } else { Outlook::Depends(uncertain) };
        }
        if !is_remembered(task) {
            let reason = if task.inputs.is_none() { Reason::NoInputs } else { Reason::Off };
            return Outlook::Runs(vec![reason]);
        }
        if self.is_forced(node) {
            return Outlook::Runs(vec![Reason::Forced]);
        }
        let found = self
            .situation(position)
            .map(|it| it.map_or(Outlook::Idle, |situation| self.judge(position, &situation)));
        match found {
            Ok(outlook) => match self.uncertain(position, earlier) {
                uncertain if self.hangs_on(&outlook, &uncertain) => Outlook::Depends(uncertain),
                _ => outlook,
            },
            Err(error) => Outlook::Runs(vec![Reason::Unreadable(error.to_string())]),
        }
    }

    /// Whether nothing is decided before these nodes have run: what would be, they may make what it was.
    fn hangs_on(&self, outlook: &Outlook, uncertain: &[NodeId]) -> bool {
        let nodes = || uncertain.iter().filter_map(|it| self.plan.node(*it));
        let outputs: Vec<Patterns> =
            nodes().filter_map(Node::as_task).map(|it| Patterns::new(&it.outputs)).collect();
        let is_undone = |reason: &Reason| match reason {
            Reason::Differs(it) if it.kind == PartKind::File => {
                outputs.iter().any(|outputs| outputs.take(&it.name))
            }
            Reason::Differs(it) if it.kind == PartKind::Dependency => {
                nodes().any(|node| node.to_string() == it.name)
            }
            _ => false,
        };
        match outlook {
            Outlook::Cached { .. } => !uncertain.is_empty(),
            Outlook::Runs(reasons) => reasons.iter().all(is_undone),
            Outlook::Idle | Outlook::Depends(_) => false,
        }
    }

    /// Takes it that a task that runs makes what it made last: what does not depend on that may be decided already.
    fn presume_made(&self, position: usize) {
        let is_known = self.made.lock().is_ok_and(|it| it.get(position) != Some(&Made::Unknown));
        if !is_known && self.node(position).is_some_and(|it| it.as_task().is_some()) {
            let last = self.record(position).map_or_else(nothing_made, |it| it.output);
            self.set_made(position, Made::Digest(last));
        }
    }

    /// The nodes that may make something else than before of what decides this one: needed ones, also those behind
    /// services, and those before it whose outputs it reads.
    fn uncertain(&self, position: usize, earlier: &[Outlook]) -> Vec<NodeId> {
        let mut found: Vec<NodeId> = Vec::new();
        let read = self.preceding.read(&self.plan, position);
        for needed in self.needed_by(position).iter().chain(&read) {
            let id = self.node(*needed).map(rush_plan::Node::id);
            match earlier.get(*needed) {
                _ if self.node(*needed).is_some_and(|it| it.as_service().is_some()) => {
                    found.extend(self.uncertain(*needed, earlier));
                }
                Some(Outlook::Runs(_)) if self.makes_anything(*needed) => found.extend(id),
                Some(Outlook::Depends(nodes)) => {
                    let is_group = self.node(*needed).and_then(|it| it.as_task());
                    if is_group.is_some_and(|it| it.run.is_empty()) {
                        found.extend(nodes);
                    } else if self.makes_anything(*needed) {
                        found.extend(id);
                    }
                }
                Some(Outlook::Runs(_) | Outlook::Idle | Outlook::Cached { .. }) | None => {}
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn makes_anything(&self, position: usize) -> bool {
        let task = self.node(position).and_then(|it| it.as_task());
        task.is_some_and(|it| !it.outputs.is_empty() || it.cache.mode == CacheMode::Stamp)
    }

    fn judge(&self, position: usize, situation: &Situation<'_>) -> Outlook {
        let candidates = self.candidates(situation);
        let mut is_expired = false;
        for candidate in &candidates {
            if let Some(outlook) = self.is_there(position, situation, candidate) {
                return outlook;
            }
            let entry = self.vault.peek(candidate.key, &self.contents.root);
            is_expired |= entry.is_some_and(|it| !Self::is_young(situation.task, it.created_ms));
        }
        if let (CacheMode::Stamp, None) = (situation.task.cache.mode, &situation.task.depfile) {
            // What it makes is its key, whatever that was last.
            self.set_made(position, Made::Digest(situation.first_key));
        }
        Outlook::Runs(self.reasons(position, situation, &candidates, is_expired))
    }

    fn is_there(
        &self,
        position: usize,
        situation: &Situation<'_>,
        candidate: &Candidate,
    ) -> Option<Outlook> {
        let task = situation.task;
        let record = self.record(position).filter(|it| it.key == candidate.key);
        if let Some(record) = record
            && (record.log != RecordLog::InEntry
                || self.vault.peek_id(record.entry).is_some_and(|it| self.lacks(&it).is_none()))
            && Self::is_young(task, record.recorded_ms)
            && self.outputs_are_in_place(&self.table, record)
            && (record.is_stamp || self.owns_nothing_else(situation, record))
        {
            self.set_made(position, Made::Digest(record.output));
            return Some(Outlook::Cached { restores: 0 });
        }
        if task.cache.mode != CacheMode::Local {
            return None;
        }
        let entry = self.vault.peek(candidate.key, &self.contents.root)?;
        if entry.is_stamp
            || !Self::is_young(task, entry.created_ms)
            || self.lacks(&entry).is_some()
            || self.is_over_anothers((position, task), &entry)
        {
            return None;
        }
        let outputs = &*self.own_outputs(task, &entry.outputs);
        let restore = Restore { contents: &self.contents, vault: &self.vault, outputs };
        let there = self.outputs(task).unwrap_or_default();
        let left = self.left(position).0;
        let owned = Owned::new(self, position, &left);
        let work = match restore.work(&there, &owned) {
            Ok(work) => work,
            Err(what) => return Some(Outlook::Runs(vec![Reason::InTheWay(what.to_string())])),
        };
        let missing: Vec<&Output> = work.missing().collect();
        self.foresee(outputs, &missing, work.stale());
        self.set_made(position, Made::Digest(entry.output));
        Some(Outlook::Cached { restores: missing.len() })
    }

    fn reasons(
        &self,
        position: usize,
        situation: &Situation<'_>,
        candidates: &[Candidate],
        is_expired: bool,
    ) -> Vec<Reason> {
        let Some(record) = self.record(position) else {
            return vec![self.without_record(situation)];
        };
        if is_expired {
            return vec![Reason::Expired];
        }
        let Some(before) = self.vault.peek_id(record.entry) else {
            return vec![Reason::EntryGone];
        };
        let mut found = differences(&before.parts, &situation.parts);
        let commands = CommandTexts::of(situation.task, |text| self.secrets.sentence(text));
        commands::tell(&mut found, &before.commands, &commands);
        let old = self.vault.inputs(&before.inputs).unwrap_or_default();
        found.extend(file_differences(&old, &situation.listed.inputs));
        let old = self.vault.inputs(&before.discovered).unwrap_or_default();
        let now = self.as_they_are(&old);
        found.extend(file_differences(&old, &now));
        if found.is_empty() {
            let is_known = candidates.iter().any(|it| it.key == record.key);
            let reason = match situation.task.cache.mode {
                CacheMode::Stamp if record.is_spent() => Reason::Unfinished,
                CacheMode::Stamp if is_known => {
                    Self::stamp_reason(situation.task, record.recorded_ms)
                }
                CacheMode::Local if is_known && before.is_stamp => self.changed_output(record),
                _ => match self.lacks(&before) {
                    Some(it) if self.plan.position(it.node).is_some() => {
                        Reason::BesideOther(it.name.clone())
                    }
                    Some(it) => Reason::Beside(it.name.clone()),
                    None => Reason::EntryGone,
                },
            };
            return vec![reason];
        }
        found.into_iter().map(Reason::Differs).collect()
    }

    /// Why a node that has no result runs: perhaps the same task has one with other arguments.
    fn without_record(&self, situation: &Situation<'_>) -> Reason {
        let mut latest: Vec<_> = self.table.records.iter().map(|it| it.1).collect();
        latest.sort_by_key(|it| std::cmp::Reverse(it.here_ms));
        let label = situation.node.label();
        let is_same =
            |call: &String| call.strip_prefix(label).is_some_and(|it| it.starts_with('('));
        let calls = latest.into_iter().take(CALLS_READ_MAX);
        let mut calls = calls.filter_map(|it| Some(self.vault.peek_id(it.entry)?.task));
        calls.find(is_same).map_or(Reason::Never, Reason::OtherArguments)
    }

    fn stamp_reason(task: &Task, recorded_ms: u64) -> Reason {
        if Self::is_young(task, recorded_ms) { Reason::OutputsGone } else { Reason::Expired }
    }

    /// Why a result is of no use that is good only in place.
    fn changed_output(&self, record: &Record) -> Reason {
        let mut outputs = record.outputs.iter().filter_map(|id| self.table.file(*id));
        let changed = outputs.find(|(name, known)| {
            let now = self.contents.look(name);
            !now.is_ok_and(|it| it.stamp.kind == known.stamp.kind && it.digest == known.digest)
        });
        match changed {
            Some((name, _)) if self.contents.tree.stamp(name).kind != Kind::Absent => {
                Reason::InTheWay(InTheWay::Foreign(name.clone()).to_string())
            }
            _ => Reason::OutputsGone,
        }
    }

    fn as_they_are(&self, files: &[Input]) -> Vec<Input> {
        let now = |it: &Input| super::inputs::input(&self.contents, it.path.clone()).ok();
        files.iter().filter_map(now).collect()
    }

    /// What is known of a node's results.
    pub(super) fn why(&self, position: usize) -> Why {
        let outlook = self.outlooks().into_iter().nth(position).unwrap_or(Outlook::Idle);
        let record = self.record(position);
        let last = record.map(|it| self.last_differences(it.before, it.entry)).unwrap_or_default();
        Why { outlook, last, recorded_ms: record.map(|it| it.recorded_ms) }
    }

    fn last_differences(&self, before: Option<Digest>, entry: Digest) -> Vec<Difference> {
        let before = before.and_then(|id| self.vault.peek_id(id));
        let (Some(before), Some(entry)) = (before, self.vault.peek_id(entry)) else {
            return Vec::new();
        };
        let mut found = differences(&before.parts, &entry.parts);
        commands::tell(&mut found, &before.commands, &entry.commands);
        for (old, new) in [(&before.inputs, &entry.inputs), (&before.discovered, &entry.discovered)]
        {
            let old = self.vault.inputs(old).unwrap_or_default();
            let new = self.vault.inputs(new).unwrap_or_default();
            found.extend(file_differences(&old, &new));
        }
        found
    }
}

fn file_differences(before: &[Input], now: &[Input]) -> Vec<Difference> {
    let mut old: rustc_hash::FxHashMap<&[u8], &Input> =
        before.iter().map(|it| (&*it.path, it)).collect();
    let mut found = Vec::new();
    let is_absent = |it: &Input| it.kind == Kind::Absent;
    for input in now {
        let change = match old.remove(&*input.path) {
            Some(other) if other == input => continue,
            Some(other) if is_absent(other) => Change::Added,
            Some(_) if is_absent(input) => Change::Removed,
            Some(other) => changed(other, input),
            None => Change::Added,
        };
        found.push(difference(&input.path, change));
    }
    // A name that stood for nothing is told only where nothing else is: as a rule it has become a directory.
    let is_all = found.is_empty() && old.values().all(|it| is_absent(it));
    let gone = old.into_values().filter(|it| is_all || !is_absent(it));
    found.extend(gone.map(|it| difference(&it.path, Change::Removed)));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// How two files of one path differ that are both there.
fn changed(before: &Input, now: &Input) -> Change {
    let is_content_same = before.kind == now.kind && before.digest == now.digest;
    match now.is_executable {
        _ if !is_content_same => Change::Changed,
        true => Change::Executable,
        false => Change::NotExecutable,
    }
}

fn difference(path: &[u8], change: Change) -> Difference {
    Difference::new(PartKind::File, shown(path), change)
}

impl super::vault::Vault {
    /// An entry for looking only: nothing is removed, whatever it is like.
    pub(super) fn peek_id(&self, id: Digest) -> Option<Entry> {
        Entry::decode_as(id, &std::fs::read(self.entry_path(id)).ok()?)
    }

    fn peek(&self, key: Digest, root: &[u8]) -> Option<Entry> {
        let ids = [entry_id(key, None), entry_id(key, Some(root))];
        ids.into_iter().find_map(|id| self.peek_id(id))
    }
}
