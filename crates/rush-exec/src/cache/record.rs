//! A result on its way into the cache, and what a run leaves in the table.

use std::io;
use std::sync::{Arc, PoisonError};

use rush_plan::{CacheMode, Digest, Glob, LogStream, Task, WorkspacePath};

use super::capture::{CaptureError, Captured, Keep, capture};
use super::contents::{Content, Name, nothing};
use super::depfile::prerequisites;
use super::entry::{Entry, Input, Inputs, Output, entry_id, files_digest, full_key, output_digest};
use super::inner::{Inner, Made, now_ms};
use super::inputs::{Listed, first_difference, input, shown};
use super::listing::{Listing, Patterns, Purpose};
use super::look::record_log;
use super::part::Part;
use super::said::Saying;
use super::stamp::{Kind, Stamp};
use super::table::{Builder, CONDITION, FileSet, Record, SetId, Table};
use super::vault::{Found, Lock};
use crate::results::{Pending, Success};

/// How the remark begins that a task is no function of its inputs.
pub const UNLIKE_BEFORE: &str = "the same inputs gave another result before";

/// Up to this size a file that was written just before is read a second time at the end of a run, so that the next
/// run need not.
const SETTLE_BYTES_MAX: u64 = 64 * 1024;
/// How often an entry that is used is marked as such.
const TOUCH_AGE_MS: u64 = 24 * 60 * 60 * 1000;

/// What will be in the table.
pub(super) struct Fresh {
    pub(super) record: Record,
    pub(super) listed: Arc<Listed>,
    pub(super) discovered: Vec<Input>,
    pub(super) outputs: Vec<(Name, Content)>,
}

/// A node that runs.
pub(super) struct LocalPending {
    pub(super) inner: Arc<Inner>,
    pub(super) position: usize,
    pub(super) shape: Digest,
    pub(super) dependencies: Digest,
    pub(super) parts: Vec<Part>,
    pub(super) listed: Arc<Listed>,
    pub(super) said: Saying,
    pub(super) started_ns: i64,
    /// Held until the result is there for others.
    pub(super) lock: Option<Lock>,
}

/// Why a result is not remembered.
enum Refusal {
    /// An input is not what it was.
    Changed(Name),
    /// The depfile is not there.
    NoDepfile(WorkspacePath),
    /// The world refused, on the side of the workspace.
    Unreadable(io::Error),
    /// The world refused, on the side of the cache.
    Unwritable(io::Error),
}

impl Pending for LocalPending {
    fn begin_attempt(&mut self) {
        self.said = Saying::new();
    }

    fn hear(&mut self, stream: LogStream, bytes: &[u8]) {
        self.said.hear(&self.inner.vault, stream, bytes);
    }

    fn record(self: Box<Self>, success: Success) -> Vec<String> {
        let inner = Arc::clone(&self.inner);
        inner.files_changed();
        let mut notes = Vec::new();
        match self.keep(success, &mut notes) {
            Ok(()) => {}
            Err(Refusal::Changed(path)) => notes.push(format!(
                "`{}` changed while it ran; its result is used but not remembered",
                shown(&path)
            )),
            Err(Refusal::NoDepfile(path)) => notes.push(format!(
                "it did not write its depfile `{path}`, so its result is not remembered"
            )),
            Err(Refusal::Unreadable(error)) => {
                notes.push(format!("its result is not remembered: {error}"));
            }
            Err(Refusal::Unwritable(error)) => notes.extend(inner.tell_write_problem(&error)),
        }
        notes
    }
}

impl LocalPending {
    fn keep(self, success: Success, notes: &mut Vec<String>) -> Result<(), Refusal> {
        let inner = Arc::clone(&self.inner);
        let Some((node, task)) = inner.remembered_task(self.position) else { return Ok(()) };
        let now = inner.listed(task).map_err(Refusal::Unreadable)?;
        if let Some(path) = first_difference(&self.listed.inputs, &now.inputs) {
            return Err(Refusal::Changed(path.into()));
        }
        let discovered = self.discovered(task)?;
        let files = files_digest(&now.inputs, &discovered);
        let key = full_key(&self.parts, files);
        let is_stamp = task.cache.mode == CacheMode::Stamp;
        let Captured { outputs, names_root } = if is_stamp {
            Captured { outputs: Vec::new(), names_root: true }
        } else {
            self.capture(task)?
        };
        let output = if is_stamp { key } else { output_digest(&outputs) };
        inner.set_made(self.position, Made::Digest(output));
        let log = self.said.finish(&inner.vault).map_err(Refusal::Unwritable)?;
        let (inputs, blob) = Inputs::pack(now.inputs.clone());
        put_list(&inner, &inputs, blob)?;
        let paths: Vec<Name> = discovered.iter().map(|it| it.path.clone()).collect();
        let (found, blob) = Inputs::pack(discovered.clone());
        put_list(&inner, &found, blob)?;
        let entry = Entry {
            key,
            task: node.to_string(),
            rush: env!("CARGO_PKG_VERSION").to_owned(),
            parts: self.parts,
            inputs,
            discovered: found,
            files,
            outputs,
            output,
            log,
            root: names_root.then(|| inner.contents.root.clone()),
            is_stamp,
            created_ms: now_ms(),
            duration_ms: success.duration.as_millis() as u64,
            cpu_ms: (success.usage.user + success.usage.system).as_millis() as u64,
            memory_bytes_peak: success.usage.memory_bytes_peak,
        };
        notes.extend(inner.unlike_before(task, &entry));
        let id = entry_id(key, entry.root.as_deref());
        inner.vault.put_entry(id, &entry).map_err(Refusal::Unwritable)?;
        if task.depfile.is_some() {
            let first = full_key(&entry.parts, files_digest(&now.inputs, &[]));
            inner.vault.put_path_list(first, paths).map_err(Refusal::Unwritable)?;
        }
        let outputs = if is_stamp {
            inner.stamped_outputs(task)
        } else {
            entry.outputs.iter().map(|it| inner.output_content(it)).collect()
        };
        let record = Record {
            task: entry.task,
            shape: self.shape,
            dependencies: self.dependencies,
            key,
            entry: id,
            before: inner.before(self.position, id),
            output,
            is_stamp,
            recorded_ms: entry.created_ms,
            here_ms: entry.created_ms,
            touched_ms: entry.created_ms,
            log: record_log(&entry.log),
            inputs: None,
            discovered: Vec::new(),
            outputs: Vec::new(),
        };
        inner.keep_fresh(self.position, Fresh { record, listed: now, discovered, outputs });
        drop(self.lock);
        Ok(())
    }

    fn capture(&self, task: &Task) -> Result<Captured, Refusal> {
        let inner = &self.inner;
        let listing = inner.outputs(task).map_err(Refusal::Unreadable)?;
        let captured = capture(&inner.contents, &inner.vault, &listing, Keep::Blobs);
        captured.map_err(|error| match error {
            CaptureError::Output(error) => Refusal::Unreadable(error),
            CaptureError::Cache(error) => Refusal::Unwritable(error),
        })
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
        let outputs = Patterns::new(&task.outputs);
        let mut found = Vec::new();
        for name in prerequisites(&text) {
            let Some(path) = inner.resolve(&task.dir, &name) else { continue };
            let is_known = self.listed.inputs.iter().any(|it| it.path == path);
            if is_known || outputs.take(&String::from_utf8_lossy(&path)) {
                continue;
            }
            let stamp = inner.contents.tree.stamp_followed(&path);
            if stamp.kind == Kind::File && stamp.changed_ns >= self.started_ns {
                return Err(Refusal::Changed(path));
            }
            found.push(input(&inner.contents, path).map_err(Refusal::Unreadable)?);
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found.dedup();
        Ok(found)
    }
}

fn put_list(inner: &Inner, list: &Inputs, blob: Option<Vec<u8>>) -> Result<(), Refusal> {
    match (list, blob) {
        (Inputs::Blob(digest), Some(bytes)) => {
            inner.vault.put_blob(*digest, &bytes).map_err(Refusal::Unwritable)
        }
        _ => Ok(()),
    }
}

impl Inner {
    /// The declared outputs as they are.
    pub(super) fn outputs(&self, task: &Task) -> io::Result<Listing> {
        let patterns = Patterns::new(&task.outputs);
        self.lister.list(&self.contents, self.written(), &patterns, Purpose::Outputs)
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

    /// A path of a depfile, relative to the workspace or absolute; `None` if it leads above the root.
    fn resolve(&self, dir: &WorkspacePath, name: &[u8]) -> Option<Name> {
        let absolute = name.first() == Some(&b'/') || name.get(1) == Some(&b':');
        let mut path: Vec<&[u8]> = match self.contents.relative(name) {
            Some(relative) if absolute => return normal(Vec::new(), relative),
            _ if absolute => return Some(name.into()),
            _ => Vec::new(),
        };
        let dir = if dir.is_root() { &b""[..] } else { dir.as_str().as_bytes() };
        path.extend(dir.split(|byte| *byte == b'/').filter(|it| !it.is_empty()));
        normal(path, name)
    }

    /// What to say if the same key gave something else before.
    fn unlike_before(&self, task: &Task, entry: &Entry) -> Option<String> {
        let Found::Whole((_, before)) = self.entry_for(task, entry.key) else { return None };
        if before.output == entry.output {
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
        Some(format!("{UNLIKE_BEFORE}: `{path}` differs"))
    }

    pub(super) fn keep_fresh(&self, position: usize, fresh: Fresh) {
        let is_urgent = fresh.record.is_stamp;
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner).insert(position, fresh);
        // A stamp is nowhere else, so it must survive whatever becomes of this run.
        if is_urgent {
            let _ = self.save();
        }
    }

    /// Whether anything is to be remembered of this run.
    pub(super) fn has_fresh(&self) -> bool {
        !self.fresh.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Writes the table, with what another Rush wrote since it was read.
    pub(super) fn save(&self) -> io::Result<()> {
        let Some(path) = &self.table_path else { return Ok(()) };
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if fresh.is_empty() {
            return Ok(());
        }
        let lock =
            std::fs::File::options().create(true).append(true).open(path.with_extension("lock"))?;
        lock.lock()?;
        let current = Table::load(path);
        let mut builder = Builder::default();
        let mut ours = rustc_hash::FxHashMap::default();
        let mut lists = rustc_hash::FxHashMap::default();
        let mut copied = rustc_hash::FxHashMap::default();
        for (position, fresh) in fresh.iter() {
            let Some(node) = self.node(*position) else { continue };
            // Nodes with the same patterns have the same list.
            let inputs = *lists
                .entry(Arc::as_ptr(&fresh.listed))
                .or_insert_with(|| self.set_row(&fresh.listed, &mut builder));
            ours.insert(node.id(), self.row(fresh, inputs, &mut builder));
        }
        for (name, content) in self.contents.followed() {
            builder
                .program(&name, self.contents.settle(&name, SETTLE_BYTES_MAX).unwrap_or(content));
        }
        for (name, content) in current.programs.iter().filter_map(|id| current.file(*id)) {
            builder.program(name, *content);
        }
        for (node, record) in &current.records {
            let is_later = ours.get(node).is_some_and(|it: &Record| it.here_ms >= record.here_ms);
            if !is_later && let Some(copy) = current.copy_record(record, &mut copied, &mut builder)
            {
                ours.insert(*node, copy);
            }
        }
        ours.into_iter().for_each(|(node, record)| builder.record(node, record));
        let directory = path.parent().unwrap_or_else(|| std::path::Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        io::Write::write_all(&mut file, &builder.finish().encode())?;
        file.persist(path).map_err(|it| it.error)?;
        Ok(())
    }

    /// What the table has of a list of inputs.
    fn set_row(&self, listed: &Listed, to: &mut Builder) -> SetId {
        let mut files = Vec::with_capacity(listed.inputs.len());
        for input in &listed.inputs {
            let content = match input.kind {
                Kind::File => self.settled(&input.path).filter(|it| it.digest == input.digest),
                _ => Some(Content { digest: input.digest, ..self.unread(&input.path) }),
            };
            // One that is not what it was when the result was made has to be read next time.
            let content = content.unwrap_or_else(|| Content {
                digest: input.digest,
                is_settled: false,
                ..self.unread(&input.path)
            });
            files.push(to.file(&input.path, content));
        }
        let condition = |(name, stamp): &(Name, Stamp)| {
            to.file(name, Content { stamp: *stamp, digest: CONDITION, is_settled: true })
        };
        let conditions = listed.conditions.iter().map(condition).collect();
        let (patterns, written) = (listed.patterns, listed.written);
        to.set(FileSet { patterns, written, files, conditions })
    }

    fn row(&self, fresh: &Fresh, inputs: SetId, to: &mut Builder) -> Record {
        let Fresh { record, discovered, outputs, .. } = fresh;
        let discovered = discovered.iter().map(|it| {
            let content = match it.kind {
                Kind::File => self.settled(&it.path).filter(|now| now.digest == it.digest),
                _ => None,
            };
            let unsure =
                || Content { is_settled: false, digest: it.digest, ..self.unread(&it.path) };
            to.file(&it.path, content.unwrap_or_else(unsure))
        });
        let discovered = discovered.collect();
        let outputs = outputs.iter().map(|(name, known)| {
            let is_file = known.stamp.kind == Kind::File && known.digest != CONDITION;
            let settled = if is_file { self.settled(name) } else { None };
            to.file(name, settled.filter(|it| it.digest == known.digest).unwrap_or(*known))
        });
        let outputs = outputs.collect();
        let touched_ms = self.touch(record);
        Record { inputs: Some(inputs), discovered, outputs, touched_ms, ..record.clone() }
    }

    fn settled(&self, name: &Name) -> Option<Content> {
        self.contents.settle(name, SETTLE_BYTES_MAX)
    }

    /// What is known of something without reading it.
    fn unread(&self, name: &Name) -> Content {
        let stamp = self.contents.tree.stamp(name);
        Content { stamp, digest: nothing(stamp.kind), is_settled: stamp.kind != Kind::File }
    }

    /// Marks the entry of a record as used, now and then.
    fn touch(&self, record: &Record) -> u64 {
        let now = now_ms();
        if now.saturating_sub(record.touched_ms) < TOUCH_AGE_MS {
            return record.touched_ms;
        }
        self.vault.touch_entry(record.entry);
        now
    }
}

/// The components of a path without `.` and `..`; `None` if it leads above the root.
fn normal<'a>(mut path: Vec<&'a [u8]>, name: &'a [u8]) -> Option<Name> {
    for component in name.split(|byte| *byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => {
                path.pop()?;
            }
            _ => path.push(component),
        }
    }
    Some(path.join(&b'/').into())
}
