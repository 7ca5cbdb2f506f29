//! A result on its way into the cache.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use rush_plan::{CacheMode, Digest, Glob, LogStream, Task, WorkspacePath};
use rustc_hash::FxHashSet;

use super::capture::{CaptureError, Captured, Keep, capture};
use super::contents::{Content, Name};
use super::depfile;
use super::entry::{Entry, Input, Inputs, Output, entry_id, files_digest, full_key, output_digest};
use super::inner::{Inner, now_ms};
use super::inputs::{Listed, first_difference, input, is_rewritten, shown};
use super::inside::Intrusion;
use super::leftovers::{Before, Belonging, ResultReach, Stranger};
use super::listing::{Listing, Patterns, Purpose};
use super::lock::Lock;
use super::look::record_log;
use super::made::Made;
use super::owned::sweep;
use super::part::{Difference, Part, PartKind, differences};
use super::relied::Relied;
use super::said::Saying;
use super::save::Fresh;
use super::stamp::{Kind, Stamp};
use super::table::{CONDITION, Record};
use super::turns::Turn;
use super::vault::Found;
use crate::results::{Pending, Recorded, Success};

/// The right to make the result of a key, as far as it could be had.
pub(super) type HeldKey = Option<Lock>;

/// A node that runs.
pub(super) struct LocalPending {
    pub(super) inner: Arc<Inner>,
    pub(super) position: usize,
    pub(super) shape: Digest,
    pub(super) dependencies: Digest,
    pub(super) parts: Vec<Part>,
    /// What decides the result beside its inputs, see [`super::fingerprint::Facts::sources`].
    pub(super) sources: Vec<(Name, Stamp)>,
    pub(super) listed: Arc<Listed>,
    /// What was in its outputs before.
    pub(super) before: Arc<Before>,
    /// What it needs, as it was before.
    pub(super) relied: Relied,
    pub(super) said: Saying,
    pub(super) started_ns: i64,
    /// Held until the result is there for others, or what was made is noted.
    pub(super) turn: Turn,
    pub(super) lock: HeldKey,
}

/// Why a result is not remembered.
enum Refusal {
    /// A file that decides the result is not what it was.
    Changed(Name),
    /// Something that such files say is not what it was.
    Differs(Difference),
    /// A service that it needs may run on something else than what is there.
    Doubtful,
    /// What decides the result of something that it needs is not what it was.
    Otherwise,
    /// It wrote or removed what another task of the plan declares more exactly.
    Anothers(Intrusion),
    /// Another run may have written its outputs at the same time.
    Shared,
    /// The depfile is not there.
    NoDepfile(WorkspacePath),
    /// The depfile has no rule as make has them.
    ForeignDepfile(WorkspacePath),
    /// A depfile names a file that is not there.
    Unfounded(WorkspacePath, Name),
    /// An output was there before, and nobody is known to have made it.
    Found(Name),
    /// Outputs lie behind a link.
    Beyond(Name),
    /// An output is a pipe, a socket or a device.
    Special(Name),
    /// The world refused, on the side of the workspace.
    Unreadable(io::Error),
    /// The world refused, on the side of the cache.
    Unwritable(io::Error),
}

/// How a refusal is told.
enum Told {
    AtOnce(String),
    /// Nothing can be written to the cache, which concerns each result.
    OnceInARun(io::Error),
}

impl Refusal {
    fn told(self) -> Told {
        Told::AtOnce(match self {
            Self::Changed(path) => format!(
                "`{}` changed while it ran; its result is used but not remembered",
                shown(&path)
            ),
            Self::Differs(difference) => format!(
                "{difference} since it began; its result is used but not remembered"
            ),
            Self::Doubtful => "a service that it needs was up before what that runs on changed; its result is used but not \
                 remembered"
                    .to_owned(),
            Self::Otherwise => "what it needs is not what it was when it began; its result is used but not remembered"
                    .to_owned(),
            Self::Anothers(intrusion) => intrusion.to_string(),
            Self::Shared => "another Rush made the same files at the same time; its result is used but not remembered"
                    .to_owned(),
            Self::NoDepfile(path) => format!(
                "it did not write its depfile `{path}`, so its result is not remembered"
            ),
            Self::ForeignDepfile(path) => format!(
                "its depfile `{path}` has no `target: file file` as make has it, so its result is not remembered"
            ),
            Self::Unfounded(depfile, path) => format!(
                "its depfile `{depfile}` names `{}`, and there is no such file, so its result is not remembered; \
                 names in it count from `dir`",
                shown(&path)
            ),
            Self::Found(path) => format!(
                "`{}` was among its outputs before and it did not write it, so its result is used but not \
                 remembered; remove it, or leave it out with `!{}` in `outputs`",
                shown(&path),
                shown(&path)
            ),
            Self::Beyond(link) => format!(
                "its outputs lie behind `{}`, a link that it did not make, so its result is used but not \
                 remembered; name them where that leads, or put a directory in its place",
                shown(&link)
            ),
            Self::Special(path) => format!(
                "its output `{}` is a pipe, a socket or a device, which can't be kept, so its result is not \
                 remembered",
                shown(&path)
            ),
            Self::Unreadable(error) => format!("its result is not remembered: {error}"),
            Self::Unwritable(error) => return Told::OnceInARun(error),
        })
    }
}

impl Pending for LocalPending {
    fn begin_attempt(&mut self) {
        self.said = Saying::new();
    }

    fn hear(&mut self, stream: LogStream, bytes: &[u8]) {
        self.said.hear(&self.inner.vault, stream, bytes);
    }

    fn record(mut self: Box<Self>, success: Success) -> Recorded {
        let turn = std::mem::replace(&mut self.turn, Turn::Nobodys(None));
        let (inner, position) = (Arc::clone(&self.inner), self.position);
        let (listed, before) = (Arc::clone(&self.listed), Arc::clone(&self.before));
        inner.files_changed();
        let mut notes = Vec::new();
        let mut unlike_before = None;
        let outcome = self.keep(success, &turn, &mut unlike_before);
        notes.extend(unlike_before.clone());
        let (is_refused, before_that) = (outcome.is_err(), notes.len());
        if outcome.is_err() {
            inner.forget_stamp(position);
            inner.leave(position, &listed, &before);
        } else {
            inner.forget_left(position, &before);
        }
        match outcome.map_err(Refusal::told) {
            Ok(()) => {}
            Err(Told::AtOnce(note)) => notes.push(note),
            Err(Told::OnceInARun(error)) => notes.extend(inner.tell_write_problem(&error)),
        }
        // What keeps every result from being written is told only once in a run.
        let refusal = || notes.get(before_that).map_or("its result can't be kept", |it| it);
        let refused = is_refused.then(|| refusal().to_owned());
        Recorded { notes, unlike_before, refused }
    }

    fn leave(self: Box<Self>) {
        self.inner.leave(self.position, &self.listed, &self.before);
    }
}

impl LocalPending {
    fn keep(
        self,
        success: Success,
        turn: &Turn,
        unlike: &mut Option<String>,
    ) -> Result<(), Refusal> {
        let inner = Arc::clone(&self.inner);
        let Some((node, task)) = inner.remembered_task(self.position) else { return Ok(()) };
        let listed = inner.listed(task).map_err(Refusal::Unreadable)?;
        let changed = first_difference(&self.listed.inputs, &listed.inputs);
        let rewritten = || self.listed.first_rewritten(&listed, &inner.contents.tree);
        if let Some(path) = changed.or_else(rewritten) {
            return Err(Refusal::Changed(path.into()));
        }
        if let Some(path) = inner.first_unreliable(&self.relied) {
            return Err(Refusal::Changed(path));
        }
        self.has_its_sources(task)?;
        // It may have been looked for before its services were.
        let dependencies = inner.dependencies(self.position).map_err(Refusal::Unreadable)?.1;
        if dependencies != self.dependencies {
            let doubt = inner.needs_doubtful(self.position);
            return Err(if doubt { Refusal::Doubtful } else { Refusal::Otherwise });
        }
        let discovered = self.discovered(task)?;
        let (position, shape, dependencies) = (self.position, self.shape, self.dependencies);
        // Held until others can find the result.
        let (entry, found, _lock) = self.entry(task, success, (&listed, &discovered))?;
        if inner.was_shared(turn, task) {
            return Err(Refusal::Shared);
        }
        let entry = Entry { task: node.to_string(), ..entry };
        *unlike = inner.unlike_before(task, &entry);
        let id = entry_id(entry.key, entry.root.as_deref());
        inner.vault.put_entry(id, &entry).map_err(Refusal::Unwritable)?;
        if task.depfile.is_some() {
            let first = full_key(&entry.parts, files_digest(&listed.inputs, &[]));
            let paths = discovered.iter().map(|it| it.path.clone()).collect();
            inner.vault.put_path_list(first, paths).map_err(Refusal::Unwritable)?;
        }
        let outputs = match task.cache.mode {
            CacheMode::Stamp => inner.stamped_outputs(task),
            CacheMode::Local | CacheMode::Off => inner.output_contents(task, &entry.outputs),
        };
        let record = Record {
            shape,
            dependencies,
            key: entry.key,
            entry: id,
            before: inner.before(position, id),
            output: entry.output,
            is_stamp: task.cache.mode == CacheMode::Stamp,
            recorded_ms: entry.created_ms,
            here_ms: entry.created_ms,
            touched_ms: entry.created_ms,
            log: record_log(&entry),
            inputs: None,
            discovered: Vec::new(),
            outputs: Vec::new(),
            found: Vec::new(),
        };
        inner.keep_fresh(position, Fresh { record, listed, discovered, outputs, found });
        Ok(())
    }

    /// Whether programs, variables and standard input are still what the key says; each command reads them anew.
    fn has_its_sources(&self, task: &Task) -> Result<(), Refusal> {
        let facts = &self.inner.facts;
        let now = facts.parts(task);
        if !self.parts.starts_with(&now) {
            let then = self.parts.iter().filter(|it| it.kind != PartKind::Dependency);
            let then: Vec<Part> = then.cloned().collect();
            return differences(&then, &now)
                .into_iter()
                .next()
                .map_or(Ok(()), |it| Err(Refusal::Differs(it)));
        }
        let tree = &self.inner.contents.tree;
        let now = facts.sources(task);
        let mut pairs = self.sources.iter().zip(&now);
        let rewritten =
            pairs.find(|((path, then), (_, now))| is_rewritten(tree, path, (then, now)));
        rewritten.map_or(Ok(()), |((path, _), _)| Err(Refusal::Changed(path.clone())))
    }

    /// Everything that is kept of the result but its name; its blobs are in the cache afterwards.
    fn entry(
        self,
        task: &Task,
        success: Success,
        (listed, discovered): (&Listed, &[Input]),
    ) -> Result<(Entry, FxHashSet<Name>, HeldKey), Refusal> {
        let files = files_digest(&listed.inputs, discovered);
        let key = full_key(&self.parts, files);
        let is_stamp = task.cache.mode == CacheMode::Stamp;
        let others = self.neighbours_inside(task)?;
        let (Captured { outputs, names_root }, Belonging { found, reach, mut beside, over, .. }) =
            if is_stamp {
                let nothing = Captured { outputs: Vec::new(), names_root: true };
                (nothing, Belonging { reach: ResultReach::InPlace, ..Belonging::default() })
            } else {
                self.capture(task)?
            };
        for other in others {
            beside.entry(other).or_default();
        }
        let output = if is_stamp { key } else { output_digest(&outputs) };
        let Self { inner, position, parts, said, lock, .. } = self;
        let root = &inner.contents.root;
        // Whatever is good only in place is kept as a stamp is: without contents, for this checkout.
        let is_in_place = reach == ResultReach::InPlace;
        let is_bound =
            is_in_place || names_root || discovered.iter().any(|it| lies_near(&it.path, root));
        inner.set_made(position, Made::Digest(output));
        let entry = Entry {
            key,
            task: String::new(),
            rush: env!("CARGO_PKG_VERSION").to_owned(),
            parts,
            inputs: put_list(&inner, listed.inputs.clone())?,
            discovered: put_list(&inner, discovered.to_vec())?,
            files,
            outputs,
            output,
            log: said.finish(&inner.vault).map_err(Refusal::Unwritable)?,
            root: is_bound.then(|| root.clone()),
            is_stamp: is_in_place,
            created_ms: now_ms(),
            duration_ms: success.duration.as_millis() as u64,
            cpu_ms: (success.usage.user + success.usage.system).as_millis() as u64,
            memory_bytes_peak: success.usage.memory_bytes_peak.unwrap_or_default(),
            commands: success.commands,
            beside: inner.neighbours(beside),
            over,
        };
        Ok((entry, found, lock))
    }

    /// The tasks that wrote meanwhile what they declare more exactly.
    fn neighbours_inside(&self, task: &Task) -> Result<Vec<usize>, Refusal> {
        let inner = &self.inner;
        let changed = inner.changed_inside((self.position, task), &self.before);
        let changed = changed.map_err(Refusal::Unreadable)?;
        let neighbours = inner
            .judge_inside(self.position, &self.before, changed)
            .map_err(Refusal::Unreadable)?;
        neighbours.map_err(Refusal::Anothers)
    }

    fn capture(&self, task: &Task) -> Result<(Captured, Belonging), Refusal> {
        let inner = &self.inner;
        let listing = inner.outputs(task).map_err(Refusal::Unreadable)?;
        sweep(&inner.contents, &listing);
        let belonging = inner.belonging((self.position, task), &self.before, listing);
        let belonging = belonging.map_err(|stranger| match stranger {
            Stranger::File(path) => Refusal::Found(path),
            Stranger::Link(path) => Refusal::Beyond(path),
        })?;
        let listing = &belonging.listing;
        if let Some((path, _)) = listing.paths.iter().find(|it| it.1 == Kind::Other) {
            return Err(Refusal::Special(path.clone()));
        }
        let keep = match belonging.reach {
            ResultReach::Everywhere => Keep::Blobs,
            ResultReach::InPlace => Keep::Digests,
        };
        let captured = capture(&inner.contents, &inner.vault, listing, keep);
        let captured = captured.map_err(|error| match error {
            CaptureError::Output(error) => Refusal::Unreadable(error),
            CaptureError::Special(path) => Refusal::Special(path),
            CaptureError::Cache(error) => Refusal::Unwritable(error),
        })?;
        Ok((captured, belonging))
    }

    /// What the depfile names, beside what the patterns match and what the task itself makes.
    fn discovered(&self, task: &Task) -> Result<Vec<Input>, Refusal> {
        let Some(file) = &task.depfile else { return Ok(Vec::new()) };
        let inner = &self.inner;
        let path = inner.contents.tree.path(file.as_str().as_bytes());
        let text = std::fs::read(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Refusal::NoDepfile(file.clone()),
            _ => Refusal::Unreadable(error),
        })?;
        if depfile::is_foreign(&text) {
            return Err(Refusal::ForeignDepfile(file.clone()));
        }
        let outputs = Patterns::new(&task.outputs);
        let mut found = Vec::new();
        let contents = &inner.contents;
        for path in depfile::paths(&text, &contents.tree, (&contents.root, &task.dir)) {
            let path = Name::from(path);
            let is_known = self.listed.inputs.iter().any(|it| it.path == path);
            if is_known || outputs.take(&String::from_utf8_lossy(&path)) {
                continue;
            }
            let stamp = contents.tree.stamp_followed(&path);
            if stamp.kind == Kind::File && stamp.changed_ns >= self.started_ns {
                return Err(Refusal::Changed(path));
            }
            if stamp.kind == Kind::Absent {
                return Err(Refusal::Unfounded(file.clone(), path));
            }
            found.push(input(contents, path).map_err(Refusal::Unreadable)?);
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found.dedup();
        Ok(found)
    }
}

/// Keeps a list where entries with the same one find it.
fn put_list(inner: &Inner, list: Vec<Input>) -> Result<Inputs, Refusal> {
    let (list, blob) = Inputs::pack(list);
    if let (Inputs::Blob(digest), Some(bytes)) = (&list, blob) {
        inner.vault.put_blob(*digest, &bytes).map_err(Refusal::Unwritable)?;
    }
    Ok(list)
}

impl Inner {
    /// The declared outputs as they are.
    pub(super) fn outputs(&self, task: &Task) -> io::Result<Listing> {
        let patterns = Patterns::new(&task.outputs);
        self.lister.list(&self.contents, self.written(), &patterns, Purpose::Outputs)
    }

    /// Those outputs of a result that no other task of the plan declares more exactly.
    pub(super) fn own_outputs<'a>(&self, task: &Task, outputs: &'a [Output]) -> Cow<'a, [Output]> {
        let patterns = Patterns::new(&task.outputs);
        let patterns = patterns.wanted().iter();
        let hidden: Vec<_> = patterns.map(|it| self.written().outside_of_output(it)).collect();
        let is_own = |output: &&Output| {
            let path = String::from_utf8_lossy(&output.path);
            hidden.iter().any(|it| it.reaches(&path) && !it.hides(&path))
        };
        if outputs.iter().all(|it| is_own(&it)) {
            return Cow::Borrowed(outputs);
        }
        Cow::Owned(outputs.iter().filter(is_own).cloned().collect())
    }

    /// What the table keeps of the outputs: themselves, and the directories where another one would appear.
    pub(super) fn output_contents(&self, task: &Task, outputs: &[Output]) -> Vec<(Name, Content)> {
        let mut contents: Vec<_> = outputs.iter().map(|it| self.output_content(it)).collect();
        let is_searched = |text: &String| Glob::parse(text).is_ok_and(|it| !it.is_literal());
        if task.outputs.iter().any(is_searched)
            && let Ok(listing) = self.outputs(task)
        {
            let searched = listing.conditions.into_iter().map(|(name, _)| name);
            let more = searched.filter(|name| {
                self.contents.tree.stamp(name).kind == Kind::Directory
                    && outputs.iter().all(|it| it.path != *name)
            });
            contents.extend(more.map(|name| (name.clone(), self.directory_content(&name))));
        }
        contents
    }

    /// A directory, as far as it tells whether something came or went.
    pub(super) fn directory_content(&self, name: &Name) -> Content {
        let stamp = self.contents.tree.stamp(name);
        let digest = self.contents.look(name).map_or(CONDITION, |it| it.digest);
        Content { stamp, digest, is_settled: true }
    }

    /// What the table keeps of an output.
    pub(super) fn output_content(&self, output: &Output) -> (Name, Content) {
        let stamp = self.contents.tree.stamp(&output.path);
        let known = self.contents.remembered(&output.path, &stamp);
        let is_settled = output.kind != Kind::File || known.is_some();
        // The digests of links are made in another way when they are read.
        let digest = match output.kind {
            Kind::File => output.digest,
            _ => self.contents.look(&output.path).map_or(output.digest, |it| it.digest),
        };
        (output.path.clone(), Content { stamp, digest, is_settled })
    }

    /// What has to be there for a `stamp` result to hold: what the patterns begin with.
    fn stamped_outputs(&self, task: &Task) -> Vec<(Name, Content)> {
        let globs = task.outputs.iter().filter_map(|text| Glob::parse(text).ok());
        let wanted = globs.filter(|glob| !glob.is_negated());
        let content = |glob: Glob| {
            let path = glob.literal_directory().as_bytes();
            let stamp = self.contents.tree.stamp_followed(path);
            (Name::from(path), Content { stamp, digest: CONDITION, is_settled: true })
        };
        wanted.map(content).collect()
    }

    /// What to say if the same key gave something else before.
    fn unlike_before(&self, task: &Task, entry: &Entry) -> Option<String> {
        let Found::Whole((_, before)) = self.entry_for(task, entry.key) else { return None };
        let is_alike = entry.is_stamp == before.is_stamp
            && entry.beside == before.beside
            && entry.over == before.over;
        if before.output == entry.output || !is_alike {
            return None;
        }
        let differs = |it: &&Output| {
            let same = entry.outputs.iter().find(|other| other.path == it.path);
            same.is_none_or(|other| other.digest != it.digest || other.kind != it.kind)
        };
        let gone = before.outputs.iter().find(differs).map(|it| &it.path);
        let new = || {
            let is_new = |it: &&Output| before.outputs.iter().all(|other| other.path != it.path);
            entry.outputs.iter().find(is_new).map(|it| &it.path)
        };
        let path = gone.or_else(new).map(|it| shown(it)).unwrap_or_default();
        Some(format!("the same inputs gave another result before: `{path}` differs"))
    }
}

/// Whether a file is named by an absolute path that begins as that of the workspace does, so that another checkout
/// may read another one in its place.
fn lies_near(path: &[u8], root: &[u8]) -> bool {
    let has_drive = path.get(1) == Some(&b':');
    has_drive || first_directory(path).is_some_and(|it| first_directory(root) == Some(it))
}

fn first_directory(path: &[u8]) -> Option<&[u8]> {
    path.strip_prefix(b"/")?.split(|byte| *byte == b'/').next()
}
