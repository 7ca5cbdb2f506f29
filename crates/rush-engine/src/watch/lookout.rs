//! Turns what the file system tells into changes of content, as far as they concern the plan.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use rush_plan::{NodeId, Plan, Task, WorkspacePath};
use rush_project::{Changed, Watch, WatchError, WatchMode};
use rush_system::{FileKind, System};
use tokio::sync::Notify;

use super::contents::Contents;
use super::territory::{Concerned, Link, Territory, is_task_file};
use super::{FileChange, Happened, Watching};

/// Changes that came together.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The files, sorted, each once.
    pub(super) files: Vec<FileChange>,
    /// The nodes that read them.
    pub(super) nodes: BTreeSet<NodeId>,
}

impl Changes {
    pub(super) const fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Adds later ones.
    pub(super) fn extend(&mut self, later: Self) {
        for file in later.files {
            self.files.retain(|it| it.path != file.path);
            self.files.push(file);
        }
        self.files.sort();
        self.nodes.extend(later.nodes);
    }
}

/// What goes on while something changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meanwhile {
    Nothing,
    ARun,
}

pub(super) struct Lookout {
    watch: Watch,
    bell: Arc<Notify>,
    system: Arc<dyn System>,
    root: Utf8PathBuf,
    contents: Contents,
    /// `None` as long as there is no sound plan; then every file may be what is missing.
    territory: Option<Territory>,
    own_files: Vec<Utf8PathBuf>,
    /// The files that Rush writes its own words to.
    own_output: Vec<(u64, u64)>,
}

impl Lookout {
    pub(super) fn open(watching: &Watching, system: Arc<dyn System>) -> Result<Self, WatchError> {
        let bell = Arc::new(Notify::new());
        let rung = Arc::clone(&bell);
        let mode: WatchMode = watching.mode;
        let watch = Watch::open(&watching.root, &[], mode, move || rung.notify_one())?;
        let mut lookout = Self {
            watch,
            bell,
            system,
            root: watching.root.clone(),
            contents: Contents::new(),
            territory: None,
            own_files: watching.own_files.clone(),
            own_output: rush_exec::own_output(),
        };
        lookout.learn(is_task_file);
        Ok(lookout)
    }

    /// Watches for a plan from now on. Must come before it runs: what changes later is a change.
    pub(super) fn turn_to(&mut self, plan: &Plan) -> Result<(), WatchError> {
        let territory = Territory::of(plan, self.links());
        let (directories, files) = territory.named();
        let directories: Vec<Utf8PathBuf> =
            directories.iter().map(|it| self.root.join(it)).collect();
        self.watch.name(&directories)?;
        self.contents.learn(files.iter().map(String::as_str), &self.root, &*self.system);
        self.territory = Some(territory);
        self.learn_all();
        self.add_found(plan);
        Ok(())
    }

    /// The links of the workspace that lead to other files and directories of it.
    fn links(&self) -> Vec<Link> {
        let found = self.watch.files().into_iter().filter_map(|path| {
            let is_link =
                self.system.symlink_metadata(&path).is_ok_and(|it| it.kind == FileKind::Symlink);
            if !is_link {
                return None;
            }
            let real = self.system.canonicalize(&path).ok()?;
            let home = self.system.canonicalize(path.parent()?).ok()?;
            let at = home.join(path.file_name()?);
            Link::new(relative(&at, &self.root)?, relative(&real, &self.root)?)
        });
        found.collect()
    }

    /// Without a sound plan every file may be the one that is missing.
    pub(super) fn turn_to_everything(&mut self) {
        self.territory = None;
        self.learn_all();
    }

    /// Adds the files that compilers said they read.
    pub(super) fn add_found(&mut self, plan: &Plan) {
        for node in plan.nodes() {
            if let Some(task) = node.as_task() {
                self.add_found_by(task, node.id());
            }
        }
    }

    fn add_found_by(&mut self, task: &Task, node: NodeId) {
        let Some(depfile) = &task.depfile else { return };
        let Ok(text) = self.system.read(&self.root.join(depfile.as_str())) else { return };
        for path in rush_exec::depfile_paths(&text, self.root.as_std_path(), &task.dir) {
            // Only the workspace is watched.
            let path = std::str::from_utf8(&path).ok().and_then(|it| WorkspacePath::new(it).ok());
            let Some(path) = path else { continue };
            if let Some(territory) = &mut self.territory {
                territory.add_file(path.as_str(), node);
            }
            self.contents.learn(std::iter::once(path.as_str()), &self.root, &*self.system);
        }
    }

    /// Where something changed, for telling whether it happens again and again: the files, and for those that are new
    /// also the patterns they come under, since a task may give its files other names each time.
    pub(super) fn places(&self, files: &[FileChange]) -> BTreeSet<String> {
        let mut places: BTreeSet<String> = files.iter().map(|it| it.path.clone()).collect();
        if let Some(territory) = &self.territory {
            let new = files.iter().filter(|it| it.happened == Happened::Appeared);
            places.extend(new.flat_map(|it| territory.patterns(&it.path)).map(str::to_owned));
        }
        places
    }

    /// The nodes that read one of these files.
    pub(super) fn concerned(&self, files: &[FileChange]) -> BTreeSet<NodeId> {
        let concerned = |file: &FileChange| {
            let territory = self.territory.as_ref()?;
            Some(territory.concerned(&file.path, file.happened).nodes)
        };
        files.iter().filter_map(concerned).flatten().collect()
    }

    /// How many files are watched.
    pub(super) fn count(&self) -> usize {
        self.contents.count()
    }

    /// Waits until something may have changed.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// What changed since this was last asked, as far as it matters.
    pub(super) fn changes(&mut self, meanwhile: Meanwhile) -> Result<Changes, WatchError> {
        let mut suspects = BTreeSet::new();
        while let Some(changed) = self.watch.next(Duration::ZERO)? {
            match changed {
                Changed::Paths(paths) => {
                    for path in paths.iter().filter_map(|it| relative(it, &self.root)) {
                        suspects.extend(self.contents.below(path));
                        suspects.insert(path.to_owned());
                    }
                }
                Changed::Anything => {
                    suspects.extend(self.contents.all());
                    let files = self.watch.files();
                    suspects.extend(
                        files.iter().filter_map(|it| relative(it, &self.root)).map(str::to_owned),
                    );
                }
            }
        }
        let mut changes = Changes::default();
        for path in suspects {
            self.look(path, meanwhile, &mut changes);
        }
        Ok(changes)
    }

    fn look(&mut self, path: String, meanwhile: Meanwhile, changes: &mut Changes) {
        let is_known = self.contents.knows(&path);
        if self.is_own(&path) || !is_known && !self.is_meant(&path) {
            return;
        }
        let Some(happened) = self.contents.look(&path, &self.root, &*self.system) else { return };
        let concerned = match (&self.territory, meanwhile) {
            (None, _) => Concerned { is_plan: true, ..Concerned::default() },
            (Some(territory), Meanwhile::Nothing) => territory.concerned(&path, happened),
            (Some(territory), Meanwhile::ARun) => territory.concerned_meanwhile(&path, happened),
        };
        if !concerned.is_nobody() {
            changes.nodes.extend(concerned.nodes);
            changes.files.push(FileChange { path, happened });
        }
    }

    /// Whether a file that was not there before is one of those that are watched.
    fn is_meant(&self, path: &str) -> bool {
        self.territory.as_ref().is_some_and(|it| it.names(path))
            || self.watch.shows(&self.root.join(path))
    }

    /// Whether Rush writes this file itself.
    fn is_own(&self, path: &str) -> bool {
        let path = self.root.join(path);
        if self.own_files.contains(&path) {
            return true;
        }
        !self.own_output.is_empty()
            && self.system.metadata(&path).is_ok_and(|found| {
                found.inode != 0 && self.own_output.contains(&(found.device, found.inode))
            })
    }

    /// Gets to know the files that concern somebody.
    fn learn_all(&mut self) {
        let territory = self.territory.take();
        self.learn(|path| match &territory {
            Some(territory) => !territory.concerned(path, Happened::Changed).is_nobody(),
            None => true,
        });
        self.territory = territory;
    }

    fn learn(&mut self, is_meant: impl Fn(&str) -> bool) {
        let files = self.watch.files();
        let paths =
            files.iter().filter_map(|it| relative(it, &self.root)).filter(|it| is_meant(it));
        self.contents.learn(paths, &self.root, &*self.system);
    }
}

fn relative<'a>(path: &'a Utf8Path, root: &Utf8Path) -> Option<&'a str> {
    path.strip_prefix(root).ok().map(Utf8Path::as_str).filter(|it| !it.is_empty())
}
