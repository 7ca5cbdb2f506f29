//! What the editor was last told about each document, so that it is told of changes only.

use std::collections::BTreeMap;
use std::sync::Arc;

use ls_types::{Diagnostic, Uri};

use crate::check::{Findings, Wave};
use crate::outbox::{Outbox, Publication};
use crate::workspace::WorkspaceId;

/// What the editor was last told.
#[derive(Debug)]
pub(crate) struct Published {
    outbox: Arc<Outbox>,
    documents: BTreeMap<Uri, Last>,
}

/// The last word about a document, and who said it.
#[derive(Debug)]
struct Last {
    workspace: WorkspaceId,
    version: Option<i32>,
    diagnostics: Vec<Diagnostic>,
}

impl Published {
    pub(crate) const fn new(outbox: Arc<Outbox>) -> Self {
        Self { outbox, documents: BTreeMap::new() }
    }

    /// Tells what a check found. After one of the whole workspace, nothing stays of what it left out.
    pub(crate) fn tell(&mut self, workspace: WorkspaceId, wave: Wave, findings: Findings) {
        if wave == Wave::Workspace {
            let uris = findings.uris();
            let left_out = |uri: &Uri, it: &Last| it.workspace == workspace && !uris.contains(uri);
            let left_out: Vec<Uri> = self
                .documents
                .iter()
                .filter(|(uri, it)| left_out(uri, it))
                .map(|(uri, _)| uri.clone())
                .collect();
            left_out.iter().for_each(|uri| self.forget(uri));
        }
        for publication in findings.publications {
            self.publish(workspace, publication);
        }
    }

    /// Takes back what a workspace said, but for documents that another is about to speak of.
    pub(crate) fn forget_workspace(
        &mut self,
        workspace: WorkspaceId,
        is_kept: impl Fn(&Uri) -> bool,
    ) {
        let its = self.documents.iter();
        let its = its.filter(|(uri, it)| it.workspace == workspace && !is_kept(uri));
        let its: Vec<Uri> = its.map(|(uri, _)| uri.clone()).collect();
        its.iter().for_each(|uri| self.forget(uri));
    }

    /// Takes back what was said about a document.
    pub(crate) fn forget(&mut self, uri: &Uri) {
        let said = self.documents.remove(uri).is_some_and(|it| !it.diagnostics.is_empty());
        if said {
            let (uri, diagnostics) = (uri.clone(), Vec::new());
            self.outbox.publish(Publication { uri, version: None, diagnostics });
        }
    }

    fn publish(&mut self, workspace: WorkspaceId, publication: Publication) {
        let Publication { uri, version, diagnostics } = &publication;
        let is_news = match self.documents.get(uri) {
            Some(last) => last.version != *version || last.diagnostics != *diagnostics,
            None => version.is_some() || !diagnostics.is_empty(),
        };
        if !is_news {
            return;
        }
        let last = Last { workspace, version: *version, diagnostics: diagnostics.clone() };
        if last.diagnostics.is_empty() && last.version.is_none() {
            self.documents.remove(uri);
        } else {
            self.documents.insert(uri.clone(), last);
        }
        self.outbox.publish(publication);
    }
}
