//! The projects that are open, and how far each is checked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rush_diagnostics::Diagnostic;
use rush_project::{Applied, Change, Folders, Project, ProjectError};
use rush_semantics::names::PACKAGE_FILE;
use rush_semantics::{Db as _, SourceFile};
use rush_system::{MemorySystem, System};

use crate::buffers::BufferedSystem;
use crate::check::Wave;
use crate::outbox::Progress;
use crate::table::LineCache;

/// The number of a workspace; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WorkspaceId(u32);

/// A project, and how far it is checked.
pub(crate) struct Workspace {
    pub(crate) project: Project,
    /// Whether its files are those of the disk. If not, one document has it for itself.
    pub(crate) is_shared: bool,
    /// Counts the states of the texts.
    pub(crate) generation: u64,
    pub(crate) stage: Stage,
    /// When it may be checked as a whole.
    pub(crate) due: Instant,
    /// What the rules about the graph last said.
    pub(crate) graph: Arc<Vec<Diagnostic>>,
    /// What is in its folders.
    pub(crate) folders: Folders,
    /// Where the lines of its texts begin.
    pub(crate) lines: LineCache,
    /// How far its first check is shown to be.
    pub(crate) opening: Opening,
}

/// Whether a person sees that a workspace is being opened.
#[derive(Debug)]
pub(crate) enum Opening {
    /// Nothing was shown yet.
    New,
    /// It is shown until this is dropped.
    Shown(#[expect(dead_code, reason = "it is there to be dropped")] Progress),
    /// The first check is over, or nothing can be shown.
    Over,
}

/// How far a workspace is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Texts changed, and nothing was started.
    Changed,
    /// A check is under way.
    Checking(Wave),
    /// The open documents are checked; the rest follows when nothing is typed any more.
    Quiet,
    /// All is said.
    Idle,
}

impl Workspace {
    fn new(project: Project) -> Self {
        let folders = Folders::new(Arc::clone(project.system()), project.root());
        Self {
            folders,
            lines: LineCache::default(),
            opening: Opening::New,
            project,
            is_shared: true,
            generation: 0,
            stage: Stage::Changed,
            due: Instant::now(),
            graph: Arc::default(),
        }
    }

    /// The file that declares the kinds.
    pub(crate) fn prelude(&self) -> SourceFile {
        self.project.db().workspace().prelude(self.project.db())
    }

    /// Takes in changes of files. A check that is under way unwinds.
    pub(crate) fn apply(&mut self, changes: Vec<Change>, quiet: Duration) -> Applied {
        let applied = self.project.apply_changes(changes);
        self.generation += 1;
        self.stage = Stage::Changed;
        self.due = Instant::now() + quiet;
        applied
    }
}

/// The projects that are open.
pub(crate) struct Workspaces {
    system: BufferedSystem,
    open: BTreeMap<WorkspaceId, Workspace>,
    next: u32,
}

impl Workspaces {
    pub(crate) const fn new(system: BufferedSystem) -> Self {
        Self { system, open: BTreeMap::new(), next: 0 }
    }

    pub(crate) fn system(&self) -> &dyn System {
        &self.system
    }

    pub(crate) fn get_mut(&mut self, id: WorkspaceId) -> Option<&mut Workspace> {
        self.open.get_mut(&id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (WorkspaceId, &Workspace)> {
        self.open.iter().map(|(id, workspace)| (*id, workspace))
    }

    pub(crate) fn get(&self, id: WorkspaceId) -> Option<&Workspace> {
        self.open.get(&id)
    }

    /// Has a workspace be checked again, though no text changed.
    pub(crate) fn check_anew(&mut self, id: WorkspaceId) {
        if let Some(workspace) = self.open.get_mut(&id) {
            workspace.generation += 1;
            workspace.stage = Stage::Changed;
        }
    }

    /// Has all be checked again, by other rules.
    pub(crate) fn check_all_anew(&mut self) {
        for workspace in self.open.values_mut() {
            workspace.generation += 1;
            workspace.stage = Stage::Changed;
            workspace.graph = Arc::default();
        }
    }

    pub(crate) fn remove(&mut self, id: WorkspaceId) {
        self.open.remove(&id);
    }

    pub(crate) fn clear(&mut self) {
        self.open.clear();
    }

    /// The innermost workspace of which the file at `path` is part already.
    pub(crate) fn containing(&self, path: &Utf8Path) -> Option<WorkspaceId> {
        let inside = self.open.iter().filter(|(_, it)| {
            let relative = path.strip_prefix(it.project.root());
            it.is_shared && relative.is_ok_and(|path| it.project.file(path.as_str()).is_some())
        });
        inside.max_by_key(|(_, it)| it.project.root().as_str().len()).map(|(id, _)| *id)
    }

    /// The workspace around a directory, opened if it isn't.
    pub(crate) fn around(&mut self, directory: &Utf8Path) -> Result<WorkspaceId, ProjectError> {
        let system = Arc::new(self.system.clone());
        let project = Project::open(system, directory)?;
        Ok(self.add_shared(project))
    }

    /// The workspace of a file that has none around it: its folder, as if that were a package.
    pub(crate) fn lone(&mut self, path: &Utf8Path) -> Result<WorkspaceId, ProjectError> {
        let directory = folder(path);
        let system = self.system.with_invented(directory.join(PACKAGE_FILE));
        let project = Project::open(Arc::new(system), &directory)?;
        Ok(self.add_shared(project))
    }

    /// A workspace in which there is one document and nothing else.
    pub(crate) fn private(&mut self, path: &Utf8Path) -> Result<WorkspaceId, ProjectError> {
        let directory = folder(path);
        let system = MemorySystem::from_files([(directory.join(PACKAGE_FILE).as_str(), "")]);
        let project = Project::open(Arc::new(system), &directory)?;
        Ok(self.add(Workspace { is_shared: false, ..Workspace::new(project) }))
    }

    fn add_shared(&mut self, project: Project) -> WorkspaceId {
        let mut open = self.open.iter();
        let same = open.find(|(_, it)| it.is_shared && it.project.root() == project.root());
        let same = same.map(|(id, _)| *id);
        same.unwrap_or_else(|| self.add(Workspace::new(project)))
    }

    fn add(&mut self, workspace: Workspace) -> WorkspaceId {
        let id = WorkspaceId(self.next);
        self.next += 1;
        self.open.insert(id, workspace);
        id
    }
}

fn folder(path: &Utf8Path) -> Utf8PathBuf {
    path.parent().unwrap_or(Utf8Path::new("/")).to_owned()
}
