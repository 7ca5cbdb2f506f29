//! Brings the projects in step with the documents and the disk.
//!
//! Only what was touched is looked at. Of each such file it is asked how it is *now*, so it does not
//! matter in which order it was opened, edited and closed in between.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use ls_types::Uri;
use rush_project::{Change, ProjectError};
use rush_semantics::names::PACKAGE_FILE;

use super::Owner;
use crate::bug::{Failure, attempt, report};
use crate::document::PathKind;
use crate::workspace::WorkspaceId;

/// How often workspaces may change their borders before it is left at that.
const ROUNDS_MAX: usize = 4;

/// A folder that is open in the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folder {
    /// It is not known yet what is in it.
    New,
    /// It belongs to a workspace.
    In(WorkspaceId),
    /// There is nothing for Rush in it.
    Empty,
}

/// What may not be in step.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Open documents.
    pub(super) documents: BTreeSet<Uri>,
    /// Files that are looked at on the disk, if no document hides them.
    pub(super) files: BTreeSet<Utf8PathBuf>,
    /// Package files that came, went or were saved: workspaces may begin elsewhere.
    packages: BTreeSet<Utf8PathBuf>,
    /// Whether a document was closed, so that a workspace may be of no use.
    pub(super) is_closed: bool,
}

impl Touched {
    /// Notes that a file came, went or was saved, if it is one that makes a package.
    pub(super) fn packages(&mut self, path: &Utf8Path) {
        if path.file_name() == Some(PACKAGE_FILE) {
            self.packages.insert(path.to_owned());
        }
    }

    fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.files.is_empty() && self.packages.is_empty()
    }
}

type Changes = BTreeMap<WorkspaceId, Vec<Change>>;

impl Owner {
    /// Brings everything in step.
    pub(super) fn settle(&mut self) {
        for _ in 0..ROUNDS_MAX {
            self.open_folders();
            if self.touched.is_empty() {
                break;
            }
            let touched =
                Touched { is_closed: self.touched.is_closed, ..std::mem::take(&mut self.touched) };
            let changes = self.changes(&touched);
            self.touched.is_closed |= touched.is_closed;
            self.apply(changes);
        }
        if std::mem::take(&mut self.touched.is_closed) {
            self.drop_unused();
        }
    }

    pub(super) fn add_folders(&mut self, folders: Vec<Utf8PathBuf>) {
        self.folders.extend(folders.into_iter().map(|it| (it, Folder::New)));
    }

    pub(super) fn remove_folders(&mut self, folders: &[Utf8PathBuf]) {
        for folder in folders {
            self.folders.remove(folder);
        }
        self.drop_unused();
    }

    /// Forgets all projects; they are opened again from the documents and folders at the next step.
    pub(super) fn begin_anew(&mut self) {
        self.workspaces.clear();
        for (uri, document) in &mut self.documents {
            document.home = None;
            self.touched.documents.insert(uri.clone());
        }
        for folder in self.folders.values_mut() {
            *folder = Folder::New;
        }
    }

    fn open_folders(&mut self) {
        let new = self.folders.iter().filter(|(_, it)| **it == Folder::New);
        let new: Vec<Utf8PathBuf> = new.map(|(path, _)| path.clone()).collect();
        for path in new {
            let found = match attempt(|| self.workspaces.around(&path)) {
                Ok(Ok(id)) => Folder::In(id),
                Ok(Err(error)) => {
                    tracing::info!("{error}");
                    Folder::Empty
                }
                Err(failure) => {
                    self.log_failure("a folder was opened", failure);
                    Folder::Empty
                }
            };
            self.folders.insert(path, found);
        }
    }

    fn changes(&mut self, touched: &Touched) -> Changes {
        let mut changes = Changes::new();
        for uri in &touched.documents {
            self.change_document(uri, &mut changes);
        }
        for path in &touched.files {
            self.change_file(path, &mut changes);
        }
        for path in &touched.packages {
            // A folder in which there was nothing may have become part of a workspace.
            self.folders.values_mut().filter(|it| **it == Folder::Empty).for_each(|it| {
                *it = Folder::New;
            });
            self.change_above(path, &mut changes);
        }
        changes
    }

    /// A document's own workspace is given its text; others that have the file read it again.
    fn change_document(&mut self, uri: &Uri, changes: &mut Changes) {
        let Some(home) = self.home(uri) else { return };
        let Some(document) = self.documents.get(uri) else { return };
        let change = Change::overlay(document.path.clone(), document.lines.text().clone());
        changes.entry(home).or_default().push(change);
        if document.path_kind == PathKind::Disk {
            let path = &document.path;
            self.reread(path, changes, |id, root| id != home && path.starts_with(root));
        }
    }

    fn change_file(&self, path: &Utf8Path, changes: &mut Changes) {
        let document = self.documents.values().find(|it| it.path == *path);
        let home = document.filter(|it| it.path_kind == PathKind::Disk).and_then(|it| it.home);
        self.reread(path, changes, |id, root| Some(id) != home && path.starts_with(root));
    }

    /// Tells workspaces below a package file that their border may have moved.
    fn change_above(&self, path: &Utf8Path, changes: &mut Changes) {
        let Some(directory) = path.parent() else { return };
        self.reread(path, changes, |_, root| root != directory && root.starts_with(directory));
    }

    /// Has the workspaces that are asked for read a file, which an open buffer may hide.
    fn reread(
        &self,
        path: &Utf8Path,
        changes: &mut Changes,
        is_asked: impl Fn(WorkspaceId, &Utf8Path) -> bool,
    ) {
        for (id, workspace) in self.workspaces.iter() {
            if workspace.is_shared && is_asked(id, workspace.project.root()) {
                changes.entry(id).or_default().push(Change::disk(path));
            }
        }
    }

    fn apply(&mut self, changes: Changes) {
        for (id, changes) in changes {
            let Some(workspace) = self.workspaces.get_mut(id) else { continue };
            let applied = workspace.apply(changes, self.quiet);
            if !workspace.is_shared {
                continue;
            }
            let added = applied.added.iter().map(|path| workspace.project.absolute(path));
            let added: Vec<Utf8PathBuf> = added.collect();
            if !applied.added.is_empty() || !applied.removed.is_empty() {
                workspace.folders.forget();
            }
            if applied.is_outdated {
                self.dissolve(id);
            } else {
                self.take_over(id, &added);
            }
        }
    }

    /// Documents that a workspace has reached anew look for their home again: it may be this one.
    fn take_over(&mut self, id: WorkspaceId, paths: &[Utf8PathBuf]) {
        for (uri, document) in &mut self.documents {
            let is_elsewhere = document.home.is_some_and(|home| home != id);
            if is_elsewhere && paths.contains(&document.path) {
                document.home = None;
                self.touched.documents.insert(uri.clone());
                self.touched.is_closed = true;
            }
        }
    }

    /// Ends a workspace whose border moved; its documents and folders look for another.
    fn dissolve(&mut self, id: WorkspaceId) {
        self.workspaces.remove(id);
        self.published.forget_workspace(id, |uri| self.documents.contains_key(uri));
        for (uri, document) in &mut self.documents {
            if document.home == Some(id) {
                document.home = None;
                self.touched.documents.insert(uri.clone());
            }
        }
        for folder in self.folders.values_mut().filter(|it| **it == Folder::In(id)) {
            *folder = Folder::New;
        }
    }

    /// Ends workspaces in which nothing is open.
    fn drop_unused(&mut self) {
        let is_used = |id: WorkspaceId| {
            self.documents.values().any(|it| it.home == Some(id))
                || self.folders.values().any(|it| *it == Folder::In(id))
        };
        let unused: Vec<_> =
            self.workspaces.iter().map(|(id, _)| id).filter(|id| !is_used(*id)).collect();
        for id in unused {
            self.workspaces.remove(id);
            self.published.forget_workspace(id, |_| false);
        }
    }

    /// The workspace of a document, found or made.
    fn home(&mut self, uri: &Uri) -> Option<WorkspaceId> {
        let document = self.documents.get(uri)?;
        if matches!(document.path_kind, PathKind::Prelude | PathKind::Legacy) {
            return None;
        }
        if let Some(home) = document.home {
            return Some(home);
        }
        let (path, path_kind) = (document.path.clone(), document.path_kind);
        let home = self.find_home(&path, path_kind);
        if let Some(document) = self.documents.get_mut(uri) {
            document.home = home;
        }
        home
    }

    fn find_home(&mut self, path: &Utf8Path, path_kind: PathKind) -> Option<WorkspaceId> {
        if path_kind == PathKind::Disk {
            // Whose a package is, only its surroundings say; any other file is its user's.
            let is_package = path.file_name() == Some(PACKAGE_FILE);
            if let Some(id) = self.workspaces.containing(path).filter(|_| !is_package) {
                return Some(id);
            }
            match attempt(|| self.home_on_disk(path)) {
                Ok(Ok(id)) => return Some(id),
                Ok(Err(error)) => tracing::info!("{error}; `{path}` is checked alone"),
                Err(failure) => self.log_failure("a project was opened", failure),
            }
        }
        let alone = self.workspaces.private(path);
        alone.inspect_err(|error| tracing::error!("`{path}` can't be checked: {error}")).ok()
    }

    fn home_on_disk(&mut self, path: &Utf8Path) -> Result<WorkspaceId, ProjectError> {
        let directory = path.parent().unwrap_or(Utf8Path::new("/"));
        match self.workspaces.around(directory) {
            Err(ProjectError::NoTasksFile { .. } | ProjectError::Legacy { .. }) => {
                self.workspaces.lone(path)
            }
            found => found,
        }
    }

    fn log_failure(&self, place: &str, failure: Failure) {
        if let Failure::Bug(panic) = failure {
            self.outbox.log(report(place, &panic));
        }
    }
}
