//! The proper look for an earlier result: inputs are listed and hashed, the key is made, and what is found under it
//! is put in place.

use std::cell::LazyCell;
use std::io;
use std::sync::Arc;

use rush_plan::{CacheMode, Digest, Node, Task};
use rustc_hash::FxHashSet;

use super::claim::{LocalClaim, UnrememberedClaim};
use super::codec::Writer;
use super::contents::Name;
use super::entry::{Entry, Input, Log, Neighbour, entry_id, files_digest, full_key};
use super::inner::{Inner, now_ms};
use super::inputs::{Listed, input, shown};
use super::left::Left;
use super::listing::keeps_directory;
use super::lock::Lock;
use super::made::Made;
use super::makers::Maker;
use super::neighbours::wait;
use super::owned::{Owned, sweep};
use super::part::Part;
use super::record::HeldKey;
use super::restore::{Restore, RestoreError, is_whole};
use super::said;
use super::save::Fresh;
use super::stamp::Kind;
use super::table::{Record, RecordLog, Table};
use super::turns::{Turn, Waited};
use super::vault::Found;
use crate::results::{Earlier, Hit, Patience};

/// Everything that decides the result of a node, now.
pub(super) struct Situation<'a> {
    pub(super) position: usize,
    pub(super) node: &'a Node,
    pub(super) task: &'a Task,
    pub(super) shape: Digest,
    pub(super) dependencies: Digest,
    pub(super) parts: Vec<Part>,
    pub(super) listed: Arc<Listed>,
    /// The key without what a depfile adds.
    pub(super) first_key: Digest,
}

/// A key that the result may have, with what the depfile of then named.
pub(super) struct Candidate {
    pub(super) key: Digest,
    pub(super) discovered: Vec<Input>,
}

/// What becomes of the wish for the right to make the result of a key.
enum Key {
    Ours(Lock),
    /// It can't be had, or whoever has it can't be waited for.
    Nobodys,
    /// Somebody else had it and is done.
    WasAnothers,
}

/// What was found under the keys.
enum Search {
    /// A result.
    Hit(Box<Fresh>, Log),
    /// Nothing, and what is to be told about that.
    Nothing(Vec<String>),
}

impl Inner {
    /// Everything that decides the result of a node.
    pub(super) fn situation(&self, position: usize) -> io::Result<Option<Situation<'_>>> {
        let Some((node, task)) = self.remembered_task(position) else { return Ok(None) };
        self.learn();
        let shape = self.facts.shape(task, &mut Writer::default());
        let mut parts = self.facts.parts(task);
        let (more, dependencies) = self.dependencies(position)?;
        parts.extend(more);
        let listed = self.listed(task)?;
        let first_key = full_key(&parts, files_digest(&listed.inputs, &[]));
        let situation =
            Situation { position, node, task, shape, dependencies, parts, listed, first_key };
        Ok(Some(situation))
    }

    /// The keys that the result may have.
    pub(super) fn candidates(&self, situation: &Situation<'_>) -> Vec<Candidate> {
        let inputs = &situation.listed.inputs;
        if situation.task.depfile.is_none() {
            return vec![Candidate { key: situation.first_key, discovered: Vec::new() }];
        }
        let lists = self.vault.path_lists(situation.first_key);
        let candidate = |list: Vec<Name>| {
            let discovered: io::Result<Vec<Input>> =
                list.into_iter().map(|path| input(&self.contents, path)).collect();
            let discovered = discovered.ok()?;
            let files = files_digest(inputs, &discovered);
            Some(Candidate { key: full_key(&situation.parts, files), discovered })
        };
        lists.into_iter().filter_map(candidate).collect()
    }

    /// Looks for the result of a node; without one, it runs.
    pub(super) fn look(self: &Arc<Self>, position: usize, patience: &Patience) -> Earlier {
        if self.remembered_task(position).is_none() {
            return self.unremembered(position, Turn::Nobodys(None), Vec::new());
        }
        let situation = match self.situation_or_notes(position) {
            Ok(situation) => situation,
            Err(notes) => return self.run_in_turn(position, notes, patience),
        };
        let files = situation.listed.inputs.iter().map(|it| (&*it.path, it.kind));
        let notes = self.remark_on_inputs(situation.task, files);
        if !self.is_forced(situation.node) {
            let candidates = self.candidates(&situation);
            let in_place = candidates.iter().find_map(|it| self.in_place(&situation, it));
            if let Some((fresh, log)) = in_place {
                return self.hit(position, fresh, &log, notes);
            }
        }
        // Whatever comes next writes where the outputs are.
        let Some((turn, waited)) = self.take_turn(situation.task, patience) else {
            return Earlier::Stopped { notes };
        };
        let situation = match waited {
            Waited::No => Ok(situation),
            Waited::ForAnother => self.situation_or_notes(position),
        };
        match situation {
            Ok(situation) => self.find_in_turn(situation, (turn, notes), patience),
            Err(notes) => self.unremembered(position, turn, notes),
        }
    }

    /// What decides the result of a node, or why that can't be told.
    pub(super) fn situation_or_notes(&self, position: usize) -> Result<Situation<'_>, Vec<String>> {
        match self.situation(position) {
            Ok(Some(situation)) => Ok(situation),
            Ok(None) => Err(Vec::new()),
            Err(error) => Err(vec![format!("its result is not remembered: {error}")]),
        }
    }

    /// Lets a node run that will not be remembered: it writes where others do.
    fn run_in_turn(
        self: &Arc<Self>,
        position: usize,
        notes: Vec<String>,
        patience: &Patience,
    ) -> Earlier {
        let task = self.node(position).and_then(Node::as_task);
        match task.map(|task| self.take_turn(task, patience)) {
            Some(Some((turn, _))) => self.unremembered(position, turn, notes),
            Some(None) => Earlier::Stopped { notes },
            None => Earlier::Miss { claim: None, notes },
        }
    }

    fn find_in_turn<'a>(
        self: &'a Arc<Self>,
        mut situation: Situation<'a>,
        (turn, mut notes): (Turn, Vec<String>),
        patience: &Patience,
    ) -> Earlier {
        let position = situation.position;
        if self.may_be_behind() && self.has_strangers(position, situation.task) {
            if let Search::Hit(fresh, log) = self.search(&situation) {
                return self.hit(position, *fresh, &log, notes);
            }
            // What nobody is known to have made may be what another run made just now.
            self.catch_up(patience);
            situation = match self.situation_or_notes(position) {
                Ok(situation) => situation,
                Err(notes) => return self.unremembered(position, turn, notes),
            };
        }
        loop {
            match self.search(&situation) {
                Search::Hit(fresh, log) => return self.hit(position, *fresh, &log, notes),
                // After a wait the same may be found again.
                Search::Nothing(mut more) => {
                    more.retain(|it| !notes.contains(it));
                    notes.append(&mut more);
                }
            }
            let lock = match self.take_key(&situation, patience) {
                Some(Key::Ours(lock)) => Some(lock),
                Some(Key::Nobodys) => None,
                // Its result is looked for. Much may have changed meanwhile.
                Some(Key::WasAnothers) => {
                    self.files_changed();
                    situation = match self.situation_or_notes(position) {
                        Ok(situation) => situation,
                        Err(notes) => return self.unremembered(position, turn, notes),
                    };
                    continue;
                }
                None => return Earlier::Stopped { notes },
            };
            // Whoever had it may have been done between our search and our taking it.
            if lock.is_some()
                && let Search::Hit(fresh, log) = self.search(&situation)
            {
                return self.hit(position, *fresh, &log, notes);
            }
            return self.miss(&situation, (turn, lock), notes);
        }
    }

    /// Takes the right to make the result of a key, or waits until whoever has it is done; `None` if it was stopped
    /// meanwhile.
    fn take_key(&self, situation: &Situation<'_>, patience: &Patience) -> Option<Key> {
        let name = self.lock_name(situation);
        let mut has_waited = false;
        wait(patience, || match self.vault.try_lock(name) {
            // Given back, so that all who waited may put the result in place at once.
            Ok(Some(_)) if has_waited => Ok(Key::WasAnothers),
            Ok(Some(lock)) => Ok(Key::Ours(lock)),
            // Nobody can be kept from doing the same; that is work twice, not a wrong result.
            Err(_) => Ok(Key::Nobodys),
            // A task around this run may have the key.
            Ok(None) if self.is_nested() => Ok(Key::Nobodys),
            Ok(None) => {
                has_waited = true;
                Err(self.vault.lock_holder(name))
            }
        })
    }

    pub(super) fn lock_name(&self, situation: &Situation<'_>) -> Digest {
        // A stamp is good for one checkout, and so is the wait for it.
        let is_stamp = situation.task.cache.mode == CacheMode::Stamp;
        entry_id(situation.first_key, is_stamp.then_some(&self.contents.root))
    }

    fn hit(&self, position: usize, fresh: Fresh, log: &Log, mut notes: Vec<String>) -> Earlier {
        let log = said::replay(&self.vault, log).unwrap_or_else(|error| {
            notes.push(format!("what it said then can't be read: {error}"));
            None
        });
        self.set_made(position, Made::Digest(fresh.record.output));
        self.keep_fresh(position, fresh);
        Earlier::Hit(Hit { log, notes })
    }

    /// Nothing was found: the node has to run.
    fn miss(
        self: &Arc<Self>,
        situation: &Situation<'_>,
        (turn, lock): (Turn, HeldKey),
        notes: Vec<String>,
    ) -> Earlier {
        let (position, key) = (situation.position, self.lock_name(situation));
        let inner = Arc::clone(self);
        let claim = LocalClaim { inner, position, key, turn, lock };
        Earlier::Miss { claim: Some(Box::new(claim)), notes }
    }

    /// A node that runs and is not remembered.
    fn unremembered(self: &Arc<Self>, position: usize, turn: Turn, notes: Vec<String>) -> Earlier {
        let claim = UnrememberedClaim { inner: Arc::clone(self), position, turn };
        Earlier::Miss { claim: Some(Box::new(claim)), notes }
    }

    fn search(&self, situation: &Situation<'_>) -> Search {
        let mut notes = Vec::new();
        if self.is_forced(situation.node) {
            return Search::Nothing(notes);
        }
        for candidate in self.candidates(situation) {
            if let Some((fresh, log)) = self.in_place(situation, &candidate) {
                return Search::Hit(Box::new(fresh), log);
            }
            if situation.task.cache.mode != CacheMode::Local {
                continue;
            }
            match self.entry_for(situation.task, candidate.key) {
                Found::Whole((_, entry))
                    if self.is_over_anothers((situation.position, situation.task), &entry) => {}
                Found::Whole((id, entry)) => match self.restore(situation, &entry) {
                    Ok(found) => {
                        let log = entry.log.clone();
                        let fresh =
                            Fresh { found, ..self.fresh_of(situation, candidate, id, &entry) };
                        return Search::Hit(Box::new(fresh), log);
                    }
                    Err(error) => notes.push(self.after_damage(id, &entry, error)),
                },
                Found::Nothing => {}
                Found::Damaged => notes.push(damaged_entry()),
            }
        }
        Search::Nothing(notes)
    }

    /// The entry of a key that is good for this workspace and young enough.
    pub(super) fn entry_for(&self, task: &Task, key: Digest) -> Found<(Digest, Entry)> {
        let mut is_damaged = false;
        for id in [entry_id(key, None), entry_id(key, Some(&self.contents.root))] {
            match self.vault.entry(id) {
                Found::Whole(entry)
                    if Self::is_young(task, entry.created_ms)
                        && !entry.is_stamp
                        && self.lacks(&entry).is_none() =>
                {
                    return Found::Whole((id, entry));
                }
                Found::Whole(_) | Found::Nothing => {}
                Found::Damaged => is_damaged = true,
            }
        }
        if is_damaged { Found::Damaged } else { Found::Nothing }
    }

    /// The first node beside which a result was made and that is not in the plan, or has ended and left something else.
    pub(super) fn lacks<'e>(&self, entry: &'e Entry) -> Option<&'e Neighbour> {
        let is_alike = |known: &Input| {
            let now = self.contents.look(&known.path);
            now.is_ok_and(|it| it.digest == known.digest && it.stamp.kind == known.kind)
        };
        entry.beside.iter().find(|it| match self.plan.position(it.node) {
            Some(other) if self.has_ended(other) => {
                !it.files.as_ref().is_some_and(|files| files.iter().all(is_alike))
            }
            // What comes later will be there then.
            Some(_) => false,
            None => true,
        })
    }

    fn has_ended(&self, position: usize) -> bool {
        self.made_so_far(position) != Made::Unknown
    }

    /// Whether a result would write over what another node made that has ended, and did not so when it was made, or has
    /// something that another one declares more exactly now, so that it is not put back, and that is not there.
    pub(super) fn is_over_anothers(&self, (position, task): (usize, &Task), entry: &Entry) -> bool {
        let left = Left::default();
        let owned = LazyCell::new(|| Owned::new(self, position, &left));
        let own = self.own_outputs(task, &entry.outputs);
        let own: FxHashSet<&[u8]> = own.iter().map(|it| &*it.path).collect();
        let mut files = entry.outputs.iter().filter(|it| it.kind != Kind::Directory);
        files.any(|output| {
            let Ok(now) = self.contents.look(&output.path) else { return false };
            if now.stamp.kind == output.kind && now.digest == output.digest {
                return false;
            }
            let was_so = |it: &Input| it.path == output.path && it.digest == now.digest;
            let is_anothers = || {
                !matches!(now.stamp.kind, Kind::Absent | Kind::Directory)
                    && matches!(owned.maker(&output.path), Maker::Planned(it) if self.has_ended(it))
                    && !entry.over.iter().any(was_so)
            };
            !own.contains(&*output.path) || is_anothers()
        })
    }

    /// The last result here, if it has this key and its files are still there.
    fn in_place(&self, situation: &Situation<'_>, candidate: &Candidate) -> Option<(Fresh, Log)> {
        let task = situation.task;
        // The files of a stamp are those that whoever ran it last left.
        let newest = (task.cache.mode == CacheMode::Stamp).then(|| self.table_now());
        let table = newest.as_ref().unwrap_or(&self.table);
        let record = table.records.get(situation.node.id())?;
        let is_usable = record.key == candidate.key
            && self.is_of_this_root(record)
            && record.is_stamp == (task.cache.mode == CacheMode::Stamp)
            && Self::is_young(task, record.recorded_ms)
            && self.outputs_are_in_place(table, record)
            && (record.is_stamp || self.owns_nothing_else(situation, record));
        if !is_usable {
            return None;
        }
        let log = match &record.log {
            RecordLog::Here(bytes) => Log::Here(bytes.clone()),
            RecordLog::InEntry => match self.vault.entry(record.entry) {
                Found::Whole(entry) if self.lacks(&entry).is_none() => entry.log,
                Found::Whole(_) | Found::Nothing | Found::Damaged => return None,
            },
        };
        let outputs = record.outputs.iter().filter_map(|id| table.file(*id));
        let outputs = outputs.map(|(name, content)| match content.stamp.kind {
            // Something may have come and gone in it, which is no difference.
            Kind::Directory if !record.is_stamp => (name.clone(), self.directory_content(name)),
            _ => (name.clone(), *content),
        });
        let outputs = outputs.collect();
        let record = Record {
            shape: situation.shape,
            dependencies: situation.dependencies,
            here_ms: now_ms(),
            ..record.clone()
        };
        let found = found_of(table, &record).cloned().collect();
        let discovered = candidate.discovered.clone();
        let listed = Arc::clone(&situation.listed);
        Some((Fresh { record, listed, discovered, outputs, found }, log))
    }

    /// Whether a result that names the root of its workspace was made at this one: the workspace may have been moved.
    pub(super) fn is_of_this_root(&self, record: &Record) -> bool {
        let bound = || entry_id(record.key, Some(&self.contents.root));
        record.entry == entry_id(record.key, None) || record.entry == bound()
    }

    pub(super) fn outputs_are_in_place(&self, table: &Table, record: &Record) -> bool {
        record.outputs.iter().filter_map(|id| table.file(*id)).all(|(name, known)| {
            if record.is_stamp {
                return self.contents.tree.stamp_followed(name).kind != Kind::Absent;
            }
            let now = self.contents.tree.stamp(name);
            now.kind == known.stamp.kind
                && now.mode == known.stamp.mode
                && (now.kind == Kind::Directory
                    || self.contents.look(name).is_ok_and(|it| it.digest == known.digest))
        })
    }

    /// Whether nothing was added where the task owns whatever its patterns match.
    pub(super) fn owns_nothing_else(&self, situation: &Situation<'_>, record: &Record) -> bool {
        let Ok(listing) = self.outputs(situation.task) else { return false };
        let known = record.outputs.iter().filter_map(|id| self.table.file(*id));
        let known: FxHashSet<&[u8]> = known.map(|(name, _)| &**name).collect();
        let left = Left::default();
        let owned = LazyCell::new(|| Owned::new(self, situation.position, &left));
        let kept = |kind| !matches!(kind, Kind::Absent | Kind::Other);
        let is_others = |name: &[u8]| matches!(owned.maker(name), Maker::Planned(_));
        let belongs =
            |name: &[u8]| known.contains(name) || keeps_directory(name) || is_others(name);
        listing.beyond.iter().all(|it| it.file.is_some())
            && listing.paths.iter().all(|(name, kind)| !kept(*kind) || belongs(name))
    }

    /// Puts a result in place, and says which of its files are somebody else's.
    fn restore(
        &self,
        situation: &Situation<'_>,
        entry: &Entry,
    ) -> Result<FxHashSet<Name>, RestoreError> {
        let outputs = &*self.own_outputs(situation.task, &entry.outputs);
        let restore = Restore { contents: &self.contents, vault: &self.vault, outputs };
        let refused = |error| RestoreError::Refused(Name::default(), error);
        let there = self.outputs(situation.task).map_err(refused)?;
        sweep(&self.contents, &there);
        let left = self.left(situation.position).0;
        let owned = Owned::new(self, situation.position, &left);
        let work = restore.work(&there, &owned).map_err(RestoreError::InTheWay)?;
        let record = self.record(situation.position);
        let mut found: FxHashSet<Name> =
            record.into_iter().flat_map(|it| found_of(&self.table, it)).cloned().collect();
        // What is not there is Rush's once it is put there.
        let missing: FxHashSet<&Name> = work.missing().map(|it| &it.path).collect();
        found.retain(|it| !missing.contains(it));
        let position = situation.position;
        restore
            .put_in_place(&work)
            .inspect_err(|_| self.note_unremembered(position, restore.placed(&work)))?;
        if let Log::Blob(digest, _) = entry.log
            && !is_whole(&self.vault, digest).unwrap_or(false)
        {
            self.vault.drop_blob(digest);
            return Err(RestoreError::Damaged(Name::default()));
        }
        self.drop_left(position);
        self.files_changed();
        Ok(found)
    }

    fn fresh_of(
        &self,
        situation: &Situation<'_>,
        candidate: Candidate,
        id: Digest,
        entry: &Entry,
    ) -> Fresh {
        let before = self.before(situation.position, id);
        let record = Record {
            shape: situation.shape,
            dependencies: situation.dependencies,
            key: candidate.key,
            entry: id,
            before,
            output: entry.output,
            is_stamp: false,
            recorded_ms: entry.created_ms,
            here_ms: now_ms(),
            touched_ms: 0,
            log: record_log(entry),
            inputs: None,
            discovered: Vec::new(),
            outputs: Vec::new(),
            found: Vec::new(),
        };
        let outputs = self.own_outputs(situation.task, &entry.outputs);
        let outputs = self.output_contents(situation.task, &outputs);
        let (listed, discovered) = (Arc::clone(&situation.listed), candidate.discovered);
        Fresh { record, listed, discovered, outputs, found: FxHashSet::default() }
    }

    /// The entry of the result before this one.
    pub(super) fn before(&self, position: usize, entry: Digest) -> Option<Digest> {
        let record = self.record(position)?;
        if record.entry == entry { record.before } else { Some(record.entry) }
    }

    /// Drops a result and its blobs that are damaged: one that stays would be taken for whole when the result is made
    /// again.
    fn drop_damaged(&self, id: Digest, entry: &Entry) {
        self.vault.drop_entry(id);
        for (blob, _) in entry.blobs() {
            if !is_whole(&self.vault, blob).unwrap_or(false) {
                self.vault.drop_blob(blob);
            }
        }
    }

    fn after_damage(&self, id: Digest, entry: &Entry, error: RestoreError) -> String {
        match error {
            RestoreError::Damaged(path) => {
                self.drop_damaged(id, entry);
                let what =
                    if path.is_empty() { "log".to_owned() } else { format!("`{}`", shown(&path)) };
                format!("its cached {what} was damaged and is dropped; it is made again")
            }
            RestoreError::InTheWay(what) => format!(
                "its cached result is not put in place, since {what}; remove that if nobody needs it"
            ),
            RestoreError::Refused(path, error) if path.is_empty() => {
                format!("its cached result can't be put in place: {error}")
            }
            RestoreError::Refused(path, error) => {
                format!("its cached `{}` can't be put in place: {error}", shown(&path))
            }
        }
    }
}

fn found_of<'t>(table: &'t Table, record: &Record) -> impl Iterator<Item = &'t Name> {
    record.found.iter().filter_map(|id| Some(&table.file(*id)?.0))
}

/// What the table keeps of a log. That of a result which is not good in every plan is read from the entry, which says so.
pub(super) fn record_log(entry: &Entry) -> RecordLog {
    /// A longer one is read from the entry.
    const BYTES_MAX: usize = 1024;
    match &entry.log {
        Log::Here(bytes) if bytes.len() <= BYTES_MAX && entry.beside.is_empty() => {
            RecordLog::Here(bytes.clone())
        }
        Log::Here(_) | Log::Blob(..) => RecordLog::InEntry,
    }
}

fn damaged_entry() -> String {
    "its entry in the cache was damaged and is dropped; it is made again".to_owned()
}
