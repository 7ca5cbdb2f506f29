//! What nodes made, as far as it decides the results of others: digests of outputs, known from what is remembered or
//! looked at when somebody wants to know.
//!
//! It does not know files that are read; those are a matter of `inputs`.

use std::borrow::Cow;
use std::io;
use std::sync::PoisonError;

use rush_plan::{CacheMode, Digest, Glob, Node, NodeState, Plan, Service, Task};
use rustc_hash::FxHashSet;

use super::capture::{CaptureError, Keep, capture};
use super::codec::Writer;
use super::entry::{Output, files_digest, full_key, nothing_made, output_digest};
use super::inner::Inner;
use super::listing::{Listing, Patterns};
use super::order::hands_on;
use super::part::{Part, PartKind};
use super::stamp::Kind;
use crate::service::{as_task, reaches};

/// What a node made, as its dependants see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// It has not ended.
    Unknown,
    /// This.
    Digest(Digest),
    /// The same, unless somebody wrote over it since; looked at when somebody wants to know.
    Doubted(Digest),
    /// Nobody can tell; this equals nothing.
    Untold(Digest),
    /// What its declared outputs hold; looked at when somebody wants to know.
    Outputs,
    /// What the nodes it needs made.
    Needed,
    /// It is a service that may run on something else than what is there.
    Doubtful,
}

impl Made {
    /// What dependants see of a task of which no result is known. One whose `when` is false leaves its outputs as they
    /// are, and who needs it may read them.
    pub(super) fn unremembered(task: &Task) -> Self {
        if !task.outputs.is_empty() {
            Self::Outputs
        } else if task.run.is_empty() && task.skip.is_none() {
            Self::Needed
        } else {
            Self::Digest(nothing_made())
        }
    }
}

impl Inner {
    /// The nodes whose results decide that of a node, in the order of their ids, each once: those that it needs, and of
    /// those before it the ones whose outputs its wildcards leave out, or that may write over what it needs. All else makes no
    /// difference to its result.
    pub(super) fn needed_by(&self, position: usize) -> Cow<'_, [usize]> {
        let needed = self.needed.get(position).map(Vec::as_slice).unwrap_or_default();
        let is_directory = |writer| self.makes_directory(writer);
        let left_out = self.preceding.left_out(&self.plan, position, is_directory);
        if left_out.is_empty() {
            return Cow::Borrowed(needed);
        }
        let mut all = [needed, &left_out].concat();
        all.sort_unstable_by_key(|it| self.node(*it).map(Node::id));
        all.dedup();
        Cow::Owned(all)
    }

    /// Whether a task made a directory; before a run, whether it did when it ended last. `None` if it has not ended.
    fn makes_directory(&self, position: usize) -> Option<bool> {
        let task = self.node(position).and_then(Node::as_task);
        let task = task.filter(|_| self.made_so_far(position) != Made::Unknown)?;
        let patterns = Patterns::new(&task.outputs);
        let is_directory =
            |path: &str| match self.contents.tree.stamp_followed(path.as_bytes()).kind {
                Kind::Absent => self.made_directory(position, path),
                kind => kind == Kind::Directory,
            };
        let listed = || {
            let listing = self.outputs(task).unwrap_or_default();
            listing.paths.iter().any(|(_, kind)| *kind == Kind::Directory)
        };
        let mut wanted = patterns.wanted().iter();
        let path = Glob::literal_prefix;
        Some(wanted.any(|it| if it.is_literal() { is_directory(path(it)) } else { listed() }))
    }

    /// Whether the last result of a task has a directory at a path, or anything below it.
    fn made_directory(&self, position: usize, path: &str) -> bool {
        let outputs = self.record(position).into_iter().flat_map(|it| &it.outputs);
        let mut outputs = outputs.filter_map(|id| self.table.file(*id));
        outputs.any(|(name, content)| match name.strip_prefix(path.as_bytes()) {
            Some([]) => content.stamp.kind == Kind::Directory,
            Some(rest) => rest.first() == Some(&b'/'),
            None => false,
        })
    }

    pub(super) fn set_made(&self, position: usize, made: Made) {
        let mut all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = all.get_mut(position) {
            *slot = made;
        }
    }

    /// Lets no dependant take the last result of a `stamp` task for the one that was made just now.
    pub(super) fn forget_stamp(&self, position: usize) {
        if self.is_stamp(position) {
            self.set_made(position, Made::Untold(unknown()));
        }
    }

    /// Notes how a node ended if nothing better is known of what it made.
    pub(super) fn note_end(&self, position: usize, state: &NodeState) {
        let Some(node) = self.node(position) else { return };
        // What a service is does not depend on how it ends.
        let Some(task) = node.as_task() else { return };
        let is_idle = task.run.is_empty() && task.finally.is_empty();
        if !is_idle && !matches!(state, NodeState::Cached | NodeState::Skipped { .. }) {
            self.files_changed();
            if self.made_so_far(position) == Made::Unknown {
                self.forget_stamp(position);
            }
            self.doubt_inside(position);
        }
        let mut all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slot) = all.get_mut(position).filter(|it| **it == Made::Unknown) else { return };
        *slot = Made::unremembered(task);
    }

    /// A task ran that may have written over what others made before and declare more exactly: who comes next reads what
    /// lies there now, also by way of groups and services. Nobody can tell what that is where no files are kept.
    fn doubt_inside(&self, position: usize) {
        let inside = self.preceding.inside(position);
        if inside.is_empty() {
            return;
        }
        let behind = self.handed_on(inside);
        let mut all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        for other in inside.iter().chain(&behind) {
            let (Some(made), Some(node)) = (all.get_mut(*other), self.node(*other)) else {
                continue;
            };
            let Made::Digest(known) = *made else { continue };
            *made = match node.as_task() {
                // What a service is made of is found out whenever it is not known.
                None => Made::Unknown,
                Some(_) if hands_on(node) => Made::Needed,
                Some(_) if self.is_stamp(*other) => Made::Untold(unknown()),
                Some(_) => Made::Doubted(known),
            };
        }
    }

    /// The groups and services that hand on what some nodes made.
    fn handed_on(&self, from: &[usize]) -> Vec<usize> {
        let mut all: FxHashSet<usize> = from.iter().copied().collect();
        let mut found = Vec::new();
        for node in self.plan.topological().filter(|it| hands_on(it)) {
            let Some(position) = self.plan.position(node.id()) else { continue };
            let mut needed = node.edges.iter().filter(|it| reaches(it.reason));
            if needed.any(|it| self.plan.position(it.node).is_some_and(|it| all.contains(&it))) {
                all.insert(position);
                found.push(position);
            }
        }
        found
    }

    fn is_stamp(&self, position: usize) -> bool {
        let task = self.node(position).and_then(Node::as_task);
        task.is_some_and(|it| it.cache.mode == CacheMode::Stamp)
    }

    /// What the needed nodes made, if that is known without looking at files.
    pub(super) fn dependencies_at_once(&self, position: usize) -> Option<Digest> {
        let needed = self.needed_by(position);
        if needed.is_empty() {
            return Some(nothing_made());
        }
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let mut digests = Vec::with_capacity(needed.len());
        for node in &*needed {
            let Some(Made::Digest(digest) | Made::Untold(digest)) = made.get(*node) else {
                return None;
            };
            digests.push(*digest);
        }
        drop(made);
        digests.extend(self.stamps_behind(position).map(|it| self.stamp_run(it)));
        Some(combine(&digests))
    }

    /// What the needed nodes made, as parts and as one digest.
    pub(super) fn dependencies(&self, position: usize) -> io::Result<(Vec<Part>, Digest)> {
        let mut parts = Vec::new();
        let mut digests = Vec::new();
        for needed in &*self.needed_by(position) {
            let digest = self.made_by(*needed)?;
            let name = self.node(*needed).map(ToString::to_string).unwrap_or_default();
            digests.push(digest);
            parts.push(Part { kind: PartKind::Dependency, name, digest });
        }
        for stamp in self.stamps_behind(position) {
            let digest = self.stamp_run(stamp);
            let name = self.node(stamp).map(ToString::to_string).unwrap_or_default();
            digests.push(digest);
            parts.push(Part { kind: PartKind::Dependency, name, digest });
        }
        parts.sort_by(|a, b| a.name.cmp(&b.name));
        let digest = if digests.is_empty() { nothing_made() } else { combine(&digests) };
        Ok((parts, digest))
    }

    /// What a node made, as far as that is known.
    pub(super) fn made_so_far(&self, position: usize) -> Made {
        let all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(position).copied().unwrap_or(Made::Unknown)
    }

    /// When the last result of a node here was made.
    pub(super) fn recorded_ms(&self, position: usize) -> Option<u64> {
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = fresh.get(&position).map(|it| &it.record);
        fresh.or_else(|| self.record(position)).map(|it| it.recorded_ms)
    }

    pub(super) fn made_by(&self, position: usize) -> io::Result<Digest> {
        let digest = match self.made_so_far(position) {
            Made::Digest(digest) | Made::Untold(digest) => return Ok(digest),
            Made::Doubtful => return Ok(unknown()),
            Made::Unknown => match self.node(position).and_then(Node::as_service) {
                Some(service) => self.service_digest(position, service)?,
                None => return Err(self.still_runs(position)),
            },
            Made::Needed => self.dependencies(position)?.1,
            Made::Outputs | Made::Doubted(_) => match self.look_at_outputs(position)? {
                Some(digest) => digest,
                None => return Ok(self.made_untold(position)),
            },
        };
        self.set_made(position, Made::Digest(digest));
        Ok(digest)
    }

    /// Nobody can tell what a node made.
    pub(super) fn made_untold(&self, position: usize) -> Digest {
        let digest = unknown();
        self.set_made(position, Made::Untold(digest));
        digest
    }

    /// What dependants of a service depend on: what it is started with, its inputs and what it needs.
    fn service_digest(&self, position: usize, service: &Service) -> io::Result<Digest> {
        let task =
            Task { inputs: Some(service.inputs.clone().unwrap_or_default()), ..as_task(service) };
        let mut parts = self.facts.parts(&task);
        parts.extend(self.dependencies(position)?.0);
        let inputs = &self.listed(&task)?.inputs;
        Ok(full_key(&parts, files_digest(inputs, &[])))
    }

    /// The digest of the outputs as they are; `None` where nobody can tell.
    pub(super) fn outputs_digest(&self, position: usize) -> io::Result<Option<Digest>> {
        Ok(self.captured_outputs(position)?.map(|it| it.0))
    }

    /// Whether a task has ended and what lies in its outputs may be something else now. What it made is not always known.
    pub(super) fn is_otherwise(&self, position: usize) -> io::Result<bool> {
        match self.made_so_far(position) {
            Made::Digest(_) if self.is_stamp(position) => Ok(true),
            Made::Digest(made) | Made::Doubted(made) => {
                Ok(self.outputs_digest(position)? != Some(made))
            }
            Made::Outputs | Made::Untold(_) => Ok(true),
            Made::Unknown | Made::Needed | Made::Doubtful => Ok(false),
        }
    }

    /// The same with the outputs, of which a `stamp` task has none that are kept.
    pub(super) fn captured_outputs(
        &self,
        position: usize,
    ) -> io::Result<Option<(Digest, Vec<Output>)>> {
        let Some(task) = self.node(position).and_then(Node::as_task) else {
            return Ok(Some((nothing_made(), Vec::new())));
        };
        if task.cache.mode == CacheMode::Stamp
            && let Some(record) = self.record(position).filter(|it| it.is_stamp && !it.is_spent())
            && self.outputs_are_in_place(&self.table, record)
        {
            return Ok(Some((record.output, Vec::new())));
        }
        let mut listing = self.outputs(task)?;
        self.add_inside(position, &mut listing);
        if self.lie_elsewhere(task, &listing) {
            return Ok(None);
        }
        let captured = capture(&self.contents, &self.vault, &listing, Keep::Digests);
        let captured = captured.map_err(|error| match error {
            CaptureError::Output(error) | CaptureError::Cache(error) => error,
            CaptureError::Special(_) => io::ErrorKind::Unsupported.into(),
        })?;
        Ok(Some((output_digest(&captured.outputs), captured.outputs)))
    }

    /// Whether outputs lie behind a link, where they are not listed.
    fn lie_elsewhere(&self, task: &Task, listing: &Listing) -> bool {
        let leads_out = |path: &[u8]| {
            self.contents.tree.stamp(path).kind == Kind::Link
                && self.contents.tree.stamp_followed(path).kind == Kind::Directory
                && self.contents.target_of(path).is_none()
        };
        let patterns = Patterns::new(&task.outputs);
        let mut named = patterns.wanted().iter().filter(|it| it.is_literal());
        listing.beyond.iter().any(|it| it.file.is_none())
            || named.any(|it| leads_out(it.literal_prefix().as_bytes()))
    }

    fn still_runs(&self, position: usize) -> io::Error {
        let name = self.node(position).map(ToString::to_string).unwrap_or_default();
        io::Error::other(format!("`{name}`, whose outputs it may read, has not ended yet"))
    }
}

/// What stands for something that nobody looked at: it equals nothing.
fn unknown() -> Digest {
    let mut writer = Writer::default();
    writer.i64(super::stamp::now_ns());
    Digest::of("rush unknown result", &writer.0)
}

fn combine(digests: &[Digest]) -> Digest {
    let mut writer = Writer::default();
    digests.iter().for_each(|it| writer.digest(*it));
    Digest::of("rush needed", &writer.0)
}

/// The nodes that each node needs itself, and the services behind those of them that make no files: a test behind a
/// migration uses the database. In the order of their ids, each once.
pub(super) fn needed(plan: &Plan) -> Vec<Vec<usize>> {
    let of_node = |node: &Node| {
        let required = node.edges.iter().filter(|edge| reaches(edge.reason));
        required.filter_map(|edge| plan.position(edge.node)).collect()
    };
    let mut all: Vec<Vec<usize>> = plan.nodes().iter().map(of_node).collect();
    let is_service = |it: usize| plan.nodes().get(it).is_some_and(|it| it.as_service().is_some());
    if (0..all.len()).any(is_service) {
        for position in plan.topological().filter_map(|it| plan.position(it.id())) {
            let needed = all.get(position).into_iter().flatten();
            let effects = needed.filter(|it| makes_no_files(plan, **it));
            let behind = effects.filter_map(|it| all.get(*it)).flatten().copied();
            let behind: Vec<usize> = behind.filter(|it| is_service(*it)).collect();
            all.get_mut(position).into_iter().for_each(|it| it.extend(&behind));
        }
    }
    for needed in &mut all {
        needed.sort_unstable_by_key(|it| plan.nodes().get(*it).map(Node::id));
        needed.dedup();
    }
    all
}

fn makes_no_files(plan: &Plan, position: usize) -> bool {
    let task = plan.nodes().get(position).and_then(Node::as_task);
    task.is_some_and(|it| it.outputs.is_empty())
}
