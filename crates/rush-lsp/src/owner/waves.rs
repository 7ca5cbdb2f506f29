//! Decides when which check starts, and what becomes of its findings.
//!
//! After each edit the open documents are checked at once. When nothing was typed for a moment, the
//! whole workspace follows, with the rules about its graph. A workspace has one check at a time: an
//! edit ends the one before it starts the next. An editor that asks for diagnostics itself does so for
//! a document that it opens or changes; it is told when there is something new about any other.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use camino::Utf8Path;

use super::{Owner, REST};
use crate::bug::{Failure, report};
use crate::check::{self, Checked, Job, Target, Ticket, Wave};
use crate::document::PathKind;
use crate::outbox::Refresh;
use crate::table::Table;
use crate::workspace::{Opening, Stage, WorkspaceId};

impl Owner {
    /// When the next check or rest is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let waiting = self.workspaces.iter().filter(|(_, it)| it.stage == Stage::Quiet);
        waiting.map(|(_, it)| it.due).chain(self.rest).min()
    }

    /// Starts the checks that are due.
    pub(super) fn start_checks(&mut self) {
        let now = Instant::now();
        let ids: Vec<WorkspaceId> = self.workspaces.iter().map(|(id, _)| id).collect();
        for id in ids {
            self.show_opening(id);
            let has_documents =
                !self.terms.session.pulls && self.documents.values().any(|it| it.home == Some(id));
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

    /// Shows that a workspace is being opened, for it may take a while.
    fn show_opening(&mut self, id: WorkspaceId) {
        let Some(workspace) = self.workspaces.get_mut(id) else { return };
        if !matches!(workspace.opening, Opening::New) {
            return;
        }
        workspace.opening = if self.terms.session.shows_progress && workspace.is_shared {
            let name = workspace.project.root().file_name().unwrap_or("/");
            Opening::Shown(self.outbox.show_progress(format!("checking `{name}`")))
        } else {
            Opening::Over
        };
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
        if ticket.wave == Wave::Workspace {
            workspace.opening = Opening::Over;
            self.rest = Some(Instant::now() + REST);
        }
        match outcome {
            Ok(mut findings) => {
                let graph = findings.graph.take().filter(|it| *it != *workspace.graph);
                let mut is_news = graph.is_some();
                if let Some(graph) = graph {
                    workspace.graph = graph.into();
                }
                is_news |= self.published.tell(ticket.workspace, ticket.wave, findings);
                if is_news && self.terms.session.pulls {
                    self.outbox.refresh(Refresh::Diagnostics);
                }
            }
            Err(Failure::Cancelled) => {}
            Err(Failure::Bug(panic)) => self.outbox.log(report("files were checked", &panic)),
        }
    }

    /// Says that there is nothing left to say, if that is so and somebody waits for it.
    pub(super) fn say_settled(&mut self) {
        if self.workspaces.iter().all(|(_, it)| it.stage == Stage::Idle) {
            (0..std::mem::take(&mut self.unsettled)).for_each(|_| self.outbox.say_settled());
        }
    }

    fn start_check(&mut self, id: WorkspaceId, wave: Wave) {
        let inbox = self.inbox.clone();
        let Some(job) = self.job(id, wave) else { return };
        let Some(workspace) = self.workspaces.get_mut(id) else { return };
        let snapshot = workspace.project.snapshot();
        workspace.stage = Stage::Checking(wave);
        self.rest = None;
        if let Err(error) = check::start(job, snapshot, inbox) {
            tracing::error!("a thread could not be started: {error}");
            // The texts are checked when they change again.
            workspace.stage = Stage::Idle;
        }
    }

    fn job(&self, id: WorkspaceId, wave: Wave) -> Option<Job> {
        let session = self.terms.session.clone();
        let names = Arc::new(self.names(id)?);
        let workspace = self.workspaces.get(id)?;
        let project = &workspace.project;
        let mut targets = Vec::new();
        for (path, open) in &names.open {
            let Some(file) = project.file(path) else { continue };
            if let Some(document) = self.documents.get(&open.uri) {
                workspace.lines.set(file.id(project.db()), Arc::clone(&document.lines));
            }
            let (uri, version) = (open.uri.clone(), Some(open.version));
            targets.push(Target { file, uri, version, broken: None });
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
        let table = Table::new(names, workspace.lines.clone(), session.encoding);
        let asks_graph = self.terms.settings.check.graph;
        let lints = self.terms.lints.clone();
        Some(Job { ticket, targets, table, session, lints, asks_graph, graph })
    }
}
