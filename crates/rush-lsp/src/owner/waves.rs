//! Decides when which check starts, and what becomes of its findings.
//!
//! After each edit the open documents are checked at once. When nothing was typed for a moment, the
//! whole workspace follows, with the rules about its graph. A workspace has one check at a time: an
//! edit ends the one before it starts the next.

use std::collections::BTreeSet;
use std::time::Instant;

use camino::Utf8Path;

use super::Owner;
use crate::bug::{Failure, report};
use crate::check::{self, Checked, Job, Target, Ticket, Wave};
use crate::convert::Names;
use crate::document::PathKind;
use crate::workspace::{Stage, Workspace, WorkspaceId};

impl Owner {
    /// When the next check is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let waiting = self.workspaces.iter().filter(|(_, it)| it.stage == Stage::Quiet);
        waiting.map(|(_, it)| it.due).min()
    }

    /// Starts the checks that are due.
    pub(super) fn start_checks(&mut self) {
        let now = Instant::now();
        let ids: Vec<WorkspaceId> = self.workspaces.iter().map(|(id, _)| id).collect();
        for id in ids {
            let has_documents = self.documents.values().any(|it| it.home == Some(id));
            let Some(workspace) = self.workspaces.get_mut(id) else { continue };
            let wave = match workspace.stage {
                Stage::Changed if has_documents => Wave::Documents,
                Stage::Changed => {
                    workspace.stage = Stage::Quiet;
                    continue;
                }
                Stage::Quiet if workspace.due <= now => Wave::Workspace,
                Stage::Quiet | Stage::Checking(_) | Stage::Idle => continue,
            };
            self.start_check(id, wave);
        }
    }

    /// Takes in what a check found, unless it is about texts that were.
    pub(super) fn checked(&mut self, checked: Checked) {
        let Checked { ticket, outcome, bugs } = checked;
        bugs.into_iter().for_each(|bug| self.outbox.log(bug));
        let Some(workspace) = self.workspaces.get_mut(ticket.workspace) else { return };
        if workspace.generation != ticket.generation {
            return;
        }
        workspace.stage = match ticket.wave {
            Wave::Documents => Stage::Quiet,
            Wave::Workspace => Stage::Idle,
        };
        match outcome {
            Ok(mut findings) => {
                if let Some(graph) = findings.graph.take() {
                    workspace.graph = graph.into();
                }
                self.published.tell(ticket.workspace, ticket.wave, findings);
            }
            Err(Failure::Cancelled) => {}
            Err(Failure::Bug(panic)) => self.outbox.log(report("files were checked", &panic)),
        }
    }

    fn start_check(&mut self, id: WorkspaceId, wave: Wave) {
        let inbox = self.inbox.clone();
        let Some((job, workspace)) = self.job(id, wave) else { return };
        let snapshot = workspace.project.snapshot();
        workspace.stage = Stage::Checking(wave);
        if let Err(error) = check::start(job, snapshot, inbox) {
            tracing::error!("a thread could not be started: {error}");
            // The texts are checked when they change again.
            workspace.stage = Stage::Idle;
        }
    }

    fn job(&mut self, id: WorkspaceId, wave: Wave) -> Option<(Job, &mut Workspace)> {
        let session = self.session.clone();
        let workspace = self.workspaces.get_mut(id)?;
        let project = &workspace.project;
        let mut names = Names { root: project.root().to_owned(), ..Names::default() };
        let mut targets = Vec::new();
        for (uri, document) in self.documents.iter().filter(|(_, it)| it.home == Some(id)) {
            let Some(path) = project.relative(&document.path) else { continue };
            let Some(file) = project.file(&path) else { continue };
            names.open.insert(path, uri.clone());
            let version = Some(document.version);
            targets.push(Target { file, uri: uri.clone(), version, broken: None });
        }
        if wave == Wave::Workspace {
            // What is open in another workspace is spoken of there.
            let documents = self.documents.values().filter(|it| it.path_kind == PathKind::Disk);
            let open: BTreeSet<&Utf8Path> = documents.map(|it| it.path.as_path()).collect();
            let closed = project
                .files()
                .filter(|(path, _)| !open.contains(project.absolute(path).as_path()));
            let closed = closed.filter_map(|(path, file)| {
                let broken = project.encoding_problem(file);
                Some(Target { file, uri: names.uri(path)?, version: None, broken })
            });
            targets.extend(closed);
        }
        let ticket = Ticket { workspace: id, generation: workspace.generation, wave };
        let graph = workspace.graph.clone();
        Some((Job { ticket, targets, names, session, graph }, workspace))
    }
}
