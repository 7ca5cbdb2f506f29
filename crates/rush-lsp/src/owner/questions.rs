//! Gives each question what it is answered from, once a thread is free for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use ls_types::{TraceValue, Uri};

use super::Owner;
use crate::crew::{Returned, Waiting};
use crate::document::{Document, PathKind};
use crate::files::Listing;
use crate::ground::{Asked, Ground, View};
use crate::paths;
use crate::position::Lines;
use crate::question::{Pending, Subject, Tried};
use crate::table::{Names, Open, PRELUDE_URI, Table};
use crate::workspace::WorkspaceId;

impl Owner {
    /// Takes a question in. It is about the texts as they are now.
    pub(super) fn ask(&mut self, pending: Box<dyn Pending>) {
        let edition = match pending.subject() {
            Subject::Document(uri) => self.documents.get(uri).map(Document::edition),
            Subject::Everything => None,
        };
        self.crew.take_in(Waiting::new(pending, edition));
    }

    /// Takes back a question that was tried.
    pub(super) fn returned(&mut self, returned: Returned) {
        if let Tried::Answered { what, took, bug } = &returned.tried {
            bug.iter().for_each(|it| self.outbox.log(it.clone()));
            if self.trace != TraceValue::Off {
                let verbose = (self.trace == TraceValue::Verbose).then(|| format!("{took:?}"));
                self.outbox.trace((*what).to_owned(), verbose);
            }
        }
        self.crew.take_back(returned);
    }

    /// Hands out the questions for which there is a thread. The projects are in step by now.
    pub(super) fn hand_out(&mut self) {
        while let Some(mut waiting) = self.crew.next() {
            match self.ground(waiting.pending.subject()) {
                Some(ground) => self.crew.hand_out(waiting, ground),
                None if self.is_silent(waiting.pending.subject()) => {
                    waiting.pending.answer_nothing();
                }
                None => waiting.pending.answer_unknown(),
            }
        }
    }

    /// Whether nothing is said of a document, though it is open.
    fn is_silent(&self, subject: Subject<'_>) -> bool {
        let Subject::Document(uri) = subject else { return false };
        self.documents.get(uri).is_some_and(|it| it.path_kind == PathKind::Legacy)
    }

    /// What a question is answered from; nothing if it is about a document that nobody knows.
    fn ground(&self, subject: Subject<'_>) -> Option<Ground> {
        let Subject::Document(uri) = subject else {
            let terms = Arc::clone(&self.terms);
            let views = self.workspaces.iter().filter_map(|(id, _)| self.view(id)).collect();
            return Some(Ground { terms, views, asked: None });
        };
        self.about(uri)
    }

    fn about(&self, uri: &Uri) -> Option<Ground> {
        let terms = Arc::clone(&self.terms);
        let (workspace, path) = self.place(uri)?;
        let mut view = self.view(workspace)?;
        let file = match path {
            Some(path) => self.workspaces.get(workspace)?.project.file(&path)?,
            None => self.workspaces.get(workspace)?.prelude(),
        };
        let id = file.id(&view.db);
        let lines = match self.documents.get(uri).filter(|it| it.path_kind != PathKind::Prelude) {
            Some(document) => Arc::clone(&document.lines),
            None => Arc::new(Lines::new(file.text(&view.db).clone())),
        };
        view.table.note_open(&view.db, id, &lines);
        let asked = Asked { file, id, uri: uri.clone(), lines };
        Some(Ground { terms, views: vec![view], asked: Some(asked) })
    }

    /// The workspace of a file, and its path in there; no path for the prelude, which all have.
    fn place(&self, uri: &Uri) -> Option<(WorkspaceId, Option<String>)> {
        if uri.as_str() == PRELUDE_URI {
            return self.workspaces.iter().next().map(|(id, _)| (id, None));
        }
        if let Some(document) = self.documents.get(uri) {
            let home = document.home?;
            return Some((home, self.workspaces.get(home)?.project.relative(&document.path)));
        }
        let path = self.without_links(paths::from_uri(uri)?);
        let id = self.workspaces.containing(&path)?;
        Some((id, self.workspaces.get(id)?.project.relative(&path)))
    }

    /// A snapshot of a workspace. It holds up every edit until it is dropped.
    fn view(&self, id: WorkspaceId) -> Option<View> {
        let workspace = self.workspaces.get(id)?;
        let names = Arc::new(self.names(id)?);
        let encoding = self.terms.session.encoding;
        Some(View {
            db: workspace.project.snapshot(),
            files: Listing(workspace.folders.clone()),
            graph: Arc::clone(&workspace.graph),
            table: Table::new(Arc::clone(&names), workspace.lines.clone(), encoding),
            names,
        })
    }

    /// How the files of a workspace are named.
    pub(super) fn names(&self, id: WorkspaceId) -> Option<Names> {
        let project = &self.workspaces.get(id)?.project;
        let its = self.documents.iter().filter(|(_, it)| it.home == Some(id));
        let open: BTreeMap<String, Open> = its
            .filter_map(|(uri, document)| {
                let path = project.relative(&document.path)?;
                Some((path, Open { uri: uri.clone(), version: document.version }))
            })
            .collect();
        Some(Names { root: project.root().to_owned(), open })
    }
}
