//! What a run leaves in the table of the workspace: written now and then and at its end, together with what another Rush wrote since
//! the table was read.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use rush_plan::{CacheMode, Node, NodeId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::contents::{Content, Name, nothing};
use super::entry::Input;
use super::inner::{Inner, now_ms};
use super::inputs::Listed;
use super::merge::Merged;
use super::stamp::{Kind, Stamp};
use super::table::{Builder, CONDITION, FileSet, Record, SetId, Table};
use crate::os::files::stamp_of_open;

/// Up to this size a file that was written just before is read a second time at the end of a run, so that the next
/// run need not.
pub(super) const SETTLE_BYTES_MAX: u64 = 64 * 1024;
/// How often an entry that is used is marked as such.
const TOUCH_AGE_MS: u64 = 24 * 60 * 60 * 1000;

/// What will be in the table.
pub(super) struct Fresh {
    pub(super) record: Record,
    pub(super) listed: Arc<Listed>,
    pub(super) discovered: Vec<Input>,
    pub(super) outputs: Vec<(Name, Content)>,
    /// Those that were there before an attempt, and that nobody was known to have made.
    pub(super) found: FxHashSet<Name>,
}

/// Forgets the results of a workspace, so that a run answers nothing from them. Which files attempts made, and from what,
/// stays known: there is no other proof of it.
pub fn forget_results(table: &Path) -> io::Result<()> {
    let _lock = match lock(table) {
        // Where there is no directory, nothing is remembered.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    if !table.exists() {
        return Ok(());
    }
    let forgotten = Table::load(table).forgotten();
    let nothing = Builder::default();
    replace(table, &Merged::new(&nothing, &forgotten, &Table::default()), None)
}

/// Keeps others from writing the table, until what it returns is dropped.
fn lock(table: &Path) -> io::Result<File> {
    let lock = File::options().create(true).append(true).open(table.with_extension("lock"))?;
    lock.lock()?;
    Ok(lock)
}

fn replace(table: &Path, by: &Merged<'_>, spent: Option<NodeId>) -> io::Result<()> {
    let directory = table.parent().unwrap_or_else(|| Path::new("."));
    let file = tempfile::NamedTempFile::new_in(directory)?;
    by.write(&file, spent)?;
    file.persist(table).map_err(|it| it.error)?;
    Ok(())
}

impl Inner {
    pub(super) fn keep_fresh(&self, position: usize, fresh: Fresh) {
        let is_urgent = fresh.record.is_stamp;
        let mut all = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        let mut made_now = self.made_now.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made_now) = made_now.as_mut() {
            made_now.add_result(position, &fresh);
        }
        drop(made_now);
        all.insert(position, fresh);
        self.neighbours.note_recorded();
        self.is_unsaved.store(true, Ordering::Relaxed);
        drop(all);
        // A stamp is nowhere else, so it must survive whatever becomes of this run.
        if is_urgent {
            let _ = self.save();
        }
    }

    /// Whether anything is to be remembered of this run.
    pub(super) fn has_fresh(&self) -> bool {
        !self.fresh.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Whether anything of that is not written yet.
    pub(super) fn is_unsaved(&self) -> bool {
        self.is_unsaved.load(Ordering::Relaxed)
    }

    /// Writes the table, with what another Rush wrote since it was read.
    pub(super) fn save(&self) -> io::Result<()> {
        let Some(path) = &self.table_path else { return Ok(()) };
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if fresh.is_empty() {
            return Ok(());
        }
        self.write_table(path, &fresh, None)?;
        self.neighbours.note_saved();
        self.is_unsaved.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Whether the last result of a node here ends with its next attempt, so that [`Inner::spend`] has something to do.
    pub(super) fn is_stamped(&self, position: usize) -> bool {
        let was_stamp = || self.record(position).is_some_and(|it| it.is_stamp && !it.is_spent());
        // Another Rush may have made one since.
        let task = self.node(position).and_then(Node::as_task);
        was_stamp() || task.is_some_and(|it| it.cache.mode == CacheMode::Stamp)
    }

    /// A task begins to run. The files of its last result are no longer those of that result if it is a `stamp`, however
    /// the attempt ends and whatever becomes of this run, so that is written at once.
    pub(super) fn spend(&self, position: usize) -> io::Result<()> {
        let (Some(node), Some(path)) = (self.node(position), &self.table_path) else {
            return Ok(());
        };
        if !self.is_stamped(position) || !path.exists() {
            return Ok(());
        }
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        self.write_table(path, &fresh, Some(node.id()))
    }

    /// Writes what this run has found out, and that the result of a node is `spent`.
    fn write_table(
        &self,
        path: &Path,
        fresh: &FxHashMap<usize, Fresh>,
        spent: Option<NodeId>,
    ) -> io::Result<()> {
        let _lock = lock(path)?;
        let newer = if self.table_is_current(path) { None } else { Some(Table::load(path)) };
        let before = newer.as_ref().unwrap_or(&self.table);
        if let Some(node) = spent
            && before.records.get(node).is_none_or(Record::is_spent)
        {
            return Ok(());
        }
        let ours = self.rows_of(fresh);
        // Whatever others wrote is in there from now on.
        self.may_be_behind();
        replace(path, &Merged::new(&ours, before, &self.table), spent)?;
        self.note_written(path);
        Ok(())
    }

    /// Whether the table that was read at the start is still the one of the workspace.
    fn table_is_current(&self, path: &Path) -> bool {
        let Some(then) = &self.table_stamp else { return false };
        let now = File::open(path).and_then(|file| stamp_of_open(&file));
        now.is_ok_and(|now| then.still_holds(&now))
    }

    /// What this run has found out.
    fn rows_of(&self, fresh: &FxHashMap<usize, Fresh>) -> Builder {
        let mut builder = Builder::default();
        let mut lists = FxHashMap::default();
        for (position, fresh) in fresh {
            let Some(node) = self.node(*position) else { continue };
            // Nodes with the same patterns have the same list.
            let inputs = *lists
                .entry(Arc::as_ptr(&fresh.listed))
                .or_insert_with(|| self.set_row(&fresh.listed, &mut builder));
            let row = self.row(fresh, inputs, &mut builder);
            builder.record(node.id(), row);
        }
        for (name, content) in self.contents.followed() {
            builder
                .program(&name, self.contents.settle(&name, SETTLE_BYTES_MAX).unwrap_or(content));
        }
        builder
    }

    /// What the table has of a list of inputs.
    fn set_row(&self, listed: &Listed, to: &mut Builder) -> SetId {
        let mut files = Vec::with_capacity(listed.inputs.len());
        for input in &listed.inputs {
            let content = match input.kind {
                Kind::File => self.settled(&input.path),
                // What they were may be something else by now: an absent one was made, a link leads elsewhere.
                _ => self.contents.look(&input.path).ok(),
            };
            let content = content.filter(|it| it.digest == input.digest);
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
        let Fresh { record, discovered, .. } = fresh;
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
        let (mut outputs, mut found) = (Vec::with_capacity(fresh.outputs.len()), Vec::new());
        for (name, known) in &fresh.outputs {
            let is_file = known.stamp.kind == Kind::File && known.digest != CONDITION;
            let settled = if is_file { self.settled(name) } else { None };
            // Another task may have given it another mode since.
            let is_it =
                |it: &Content| it.digest == known.digest && it.stamp.mode == known.stamp.mode;
            let id = to.file(name, settled.filter(is_it).unwrap_or(*known));
            outputs.push(id);
            if fresh.found.contains(name) {
                found.push(id);
            }
        }
        let (inputs, touched_ms) = (Some(inputs), self.touch(record));
        Record { touched_ms, inputs, discovered, outputs, found, ..record.clone() }
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
