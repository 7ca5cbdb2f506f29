//! What other tasks made and a node relies on while it runs: it is to stay as it is, like what the node reads by `inputs`.
//!
//! The key names it by what those tasks are known to have made. Whether that was there from the first moment to the last
//! is asked when the result is recorded, of the files themselves: other runs, people and tasks of the same run write
//! without asking. It does not know how results are kept.

use std::io;
use std::sync::{Arc, PoisonError};

use rush_plan::{Digest, Glob, Node, Task};
use rustc_hash::FxHashSet;

use super::contents::{Content, Name};
use super::inner::Inner;
use super::inputs::is_rewritten;
use super::listing::Patterns;
use super::made::Made;
use super::order::hands_on;
use super::owned::is_as_made;
use super::stamp::{Kind, Stamp};
use super::written::writes;

/// What was found in the outputs of a task.
pub(super) type LookedAt = Arc<[(Name, Content)]>;

/// What a node relies on, as it was when the node began.
#[derive(Default)]
pub(super) struct Relied {
    /// The tasks that made it, as the key has them.
    makers: Vec<usize>,
    files: Vec<File>,
    /// Tasks of which no files are kept, and when their results were made.
    stamps: Vec<(usize, Option<u64>)>,
}

/// A file, a link or a directory that is needed.
struct File {
    name: Name,
    /// As it was made.
    made: Content,
    /// As it was when the node began.
    then: Stamp,
    /// Whether a service relies on it, and the node only on that.
    is_behind_service: bool,
}

/// What somebody made, as far as it is known by its files.
enum Known {
    Files(Vec<(Name, Content)>),
    Stamp,
    Nothing,
}

impl Inner {
    /// What a node relies on as it is now. What the task declares itself is its own to make anew.
    pub(super) fn relied(&self, (position, task): (usize, &Task)) -> Relied {
        let own = Patterns::new(&task.outputs);
        let mut relied = Relied::default();
        for (maker, is_behind_service) in self.makers_behind(position) {
            relied.makers.push(maker);
            match self.known_files(maker, |it| has_contents(&it.1)) {
                Known::Files(files) => {
                    let is_own = |it: &Name| own.take(&String::from_utf8_lossy(it));
                    let files = files.into_iter().filter(|it| !is_own(&it.0));
                    relied.files.extend(files.map(|(name, made)| {
                        let then = self.contents.tree.stamp(&name);
                        File { name, made, then, is_behind_service }
                    }));
                }
                Known::Stamp => relied.stamps.push((maker, self.recorded_ms(maker))),
                Known::Nothing => {}
            }
        }
        relied
    }

    /// The first of what a node relies on that is not what was made, or was written since the node began.
    pub(super) fn first_unreliable(&self, relied: &Relied) -> Option<Name> {
        let had_company = self.neighbours.was_anybody_there();
        // What a service reads it has read, as a rule, and some of it is the service's own to write.
        let files = relied.files.iter().filter(|it| had_company || !it.is_behind_service);
        let (directories, files): (Vec<_>, Vec<_>) =
            files.partition(|it| it.made.stamp.kind == Kind::Directory);
        let file = files.into_iter().find(|it| !self.is_reliable(it, &relied.makers, had_company));
        let file = file.or_else(|| {
            let mut directories = directories.into_iter().filter(|_| had_company);
            directories.find(|it| self.has_other_files(it))
        });
        let mut stamps = relied.stamps.iter();
        file.map(|it| it.name.clone()).or_else(|| {
            let (maker, _) = stamps.find(|(maker, then)| self.was_stamped_again(*maker, *then))?;
            let maker = self.node(*maker).and_then(Node::as_task)?;
            Some(maker.outputs.first()?.as_bytes().into())
        })
    }

    /// Whether a file stayed as it was when the node began, and is what was made.
    fn is_reliable(&self, file: &File, makers: &[usize], had_company: bool) -> bool {
        let (name, now) = (&file.name, self.contents.tree.stamp(&file.name));
        let is_alone_and_same = !had_company && now == file.made.stamp;
        let is_as_made = || is_as_made(self, name, &now, &file.made);
        !is_rewritten(&self.contents.tree, name, (&file.then, &now))
            && (is_alone_and_same || is_as_made() || self.is_made_by(makers, name, &now))
    }

    /// Whether something came into a directory or went since, and no other task of the plan writes there.
    fn has_other_files(&self, directory: &File) -> bool {
        let now = self.contents.tree.stamp(&directory.name);
        now != directory.then && !self.is_shared(&directory.name)
    }

    /// Whether what a task is known to have made is there no more.
    pub(super) fn is_remade(&self, maker: usize) -> bool {
        let files = self.files_made(maker, |it| has_contents(&it.1));
        files.iter().any(|(name, made)| {
            let now = self.contents.tree.stamp(name);
            !is_as_made(self, name, &now, made)
        })
    }

    /// The tasks whose files a node relies on, by way of groups, and of services, which is told of each.
    pub(super) fn makers_behind(&self, position: usize) -> Vec<(usize, bool)> {
        let (mut seen, mut open) = (FxHashSet::default(), vec![(position, false)]);
        let mut makers = Vec::new();
        while let Some((position, is_behind_service)) = open.pop() {
            for needed in &*self.needed_by(position) {
                let Some(node) = self.node(*needed) else { continue };
                let is_behind_service = is_behind_service || node.as_service().is_some();
                if !seen.insert((*needed, is_behind_service)) {
                    continue;
                }
                if hands_on(node) {
                    open.push((*needed, is_behind_service));
                } else if writes_files(node) {
                    makers.push((*needed, is_behind_service));
                }
            }
        }
        makers
    }

    /// The files that are wanted of those that a task made that has ended, if its dependants know them one by one.
    pub(super) fn files_made(
        &self,
        maker: usize,
        is_wanted: impl Fn(&(Name, Content)) -> bool,
    ) -> Vec<(Name, Content)> {
        match self.known_files(maker, is_wanted) {
            Known::Files(files) => files,
            Known::Stamp | Known::Nothing => Vec::new(),
        }
    }

    /// The files that are wanted of those by which it is known what a task made that has ended.
    fn known_files(&self, maker: usize, is_wanted: impl Fn(&(Name, Content)) -> bool) -> Known {
        let (Made::Digest(made) | Made::Doubted(made)) = self.made_so_far(maker) else {
            return Known::Nothing;
        };
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fresh) = fresh.get(&maker).filter(|it| it.record.output == made) {
            let is_stamp = fresh.record.is_stamp;
            let files = || fresh.outputs.iter().filter(|it| is_wanted(it)).cloned().collect();
            return if is_stamp { Known::Stamp } else { Known::Files(files()) };
        }
        drop(fresh);
        if let Some(record) = self.record(maker).filter(|it| it.output == made) {
            let files = record.outputs.iter().filter_map(|id| self.table.file(*id));
            let files = files.filter(|it| is_wanted(it)).cloned();
            return if record.is_stamp { Known::Stamp } else { Known::Files(files.collect()) };
        }
        let looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        let files = |all: &LookedAt| all.iter().filter(|it| is_wanted(it)).cloned().collect();
        looked_at.get(&maker).map_or(Known::Nothing, |it| Known::Files(files(it)))
    }

    /// Looks at the outputs of a task whose result is not remembered; `None` where nobody can tell what it made.
    pub(super) fn look_at_outputs(&self, maker: usize) -> io::Result<Option<Digest>> {
        let Some((digest, outputs)) = self.captured_outputs(maker)? else { return Ok(None) };
        let files: LookedAt = outputs.iter().map(|it| self.output_content(it)).collect();
        self.looked_at.lock().unwrap_or_else(PoisonError::into_inner).insert(maker, files);
        Ok(Some(digest))
    }

    /// Whether several tasks of the plan may write to a directory. What is declared more exactly is no other's.
    fn is_shared(&self, directory: &[u8]) -> bool {
        let directory = String::from_utf8_lossy(directory);
        let may_write = |output: &Glob| {
            output.with_contents().may_match_below(&directory)
                && !self.written().outside_of_output(output).hides_all_in(&directory)
        };
        let tasks = self.plan.nodes().iter().filter_map(writes);
        let writers = tasks.filter(|it| Patterns::new(&it.outputs).wanted().iter().any(may_write));
        writers.take(2).count() == 2
    }

    /// Whether what is at a path is what one of these tasks made there, on top of others.
    fn is_made_by(&self, makers: &[usize], path: &Name, now: &Stamp) -> bool {
        makers.iter().any(|maker| {
            let made = self.files_made(*maker, |it| it.0 == *path);
            made.first().is_some_and(|it| is_as_made(self, path, now, &it.1))
        })
    }

    /// Whether another run made a `stamp` anew, or began to.
    fn was_stamped_again(&self, maker: usize, then: Option<u64>) -> bool {
        let Some(node) = self.node(maker) else { return false };
        if !self.may_be_behind() {
            return false;
        }
        let table = self.table_now();
        let record = table.records.get(node.id()).filter(|it| !it.is_spent());
        record.map(|it| it.recorded_ms) != then
    }
}

/// Whether it can be told later that this is what was made.
fn has_contents(made: &Content) -> bool {
    made.is_of_file() && matches!(made.stamp.kind, Kind::File | Kind::Link | Kind::Directory)
}

fn writes_files(node: &Node) -> bool {
    node.as_task().is_some_and(|it| !it.outputs.is_empty())
}
