//! What there is to say about each document, so that the editor is told of changes only.
//!
//! An editor that asks itself is told nothing, and answered from here.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use ls_types::{
    Diagnostic, FullDocumentDiagnosticReport, PreviousResultId, UnchangedDocumentDiagnosticReport,
    Uri, WorkspaceDiagnosticReport, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};

use crate::check::{Findings, Wave};
use crate::outbox::{Outbox, Publication};
use crate::workspace::WorkspaceId;

/// Whether the editor is told, or asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It is told.
    Push,
    /// It asks.
    Pull,
}

/// What the editor was last told.
#[derive(Debug)]
pub(crate) struct Published {
    outbox: Arc<Outbox>,
    mode: Mode,
    documents: BTreeMap<Uri, Last>,
}

/// What a check found of a document, to an editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// What it found before.
    Same,
    /// Something else, which the editor has asked for, as it opened or changed the text itself.
    Asked,
    /// Something else.
    New,
}

/// The last word about a document, and who said it.
#[derive(Debug)]
struct Last {
    workspace: WorkspaceId,
    version: Option<i32>,
    diagnostics: Vec<Diagnostic>,
}

impl Published {
    pub(crate) const fn new(outbox: Arc<Outbox>, mode: Mode) -> Self {
        Self { outbox, mode, documents: BTreeMap::new() }
    }

    /// Tells what a check found, and says whether any of it is new. After a check of the whole
    /// workspace, nothing stays of what it left out.
    pub(crate) fn tell(&mut self, workspace: WorkspaceId, wave: Wave, findings: Findings) -> bool {
        let mut is_news = false;
        if wave == Wave::Workspace {
            let uris = findings.uris();
            let left_out = |uri: &Uri, it: &Last| it.workspace == workspace && !uris.contains(uri);
            let left_out: Vec<Uri> = self
                .documents
                .iter()
                .filter(|(uri, it)| left_out(uri, it))
                .map(|(uri, _)| uri.clone())
                .collect();
            is_news |= !left_out.is_empty();
            left_out.iter().for_each(|uri| self.forget(uri));
        }
        let mut asked = 0;
        for publication in findings.publications {
            match self.publish(workspace, publication) {
                Word::Same => {}
                Word::Asked => asked += 1,
                Word::New => is_news = true,
            }
        }
        // Of several texts it may have asked about one before it changed another.
        is_news || asked > 1
    }

    /// What there is to say about documents that the editor does not hold, but for what it knows.
    pub(crate) fn report(&self, known: &[PreviousResultId]) -> WorkspaceDiagnosticReport {
        let known: BTreeMap<&Uri, &str> =
            known.iter().map(|it| (&it.uri, it.value.as_str())).collect();
        let closed = self.documents.iter().filter(|(_, it)| it.version.is_none());
        let mut items: Vec<_> = closed
            .map(|(uri, last)| report(uri, &last.diagnostics, known.get(uri).copied()))
            .collect();
        // What is clean again has no diagnostics to be remembered by.
        let gone = known.iter().filter(|(uri, _)| !self.documents.contains_key(**uri));
        items.extend(gone.map(|(uri, id)| report(uri, &[], Some(id))));
        WorkspaceDiagnosticReport { items }
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
        if said && self.mode == Mode::Push {
            let (uri, diagnostics) = (uri.clone(), Vec::new());
            self.outbox.publish(Publication { uri, version: None, diagnostics });
        }
    }

    fn publish(&mut self, workspace: WorkspaceId, publication: Publication) -> Word {
        let Publication { uri, version, diagnostics } = &publication;
        let last = self.documents.get(uri);
        let is_other = match last {
            Some(last) => last.version != *version || last.diagnostics != *diagnostics,
            None => version.is_some() || !diagnostics.is_empty(),
        };
        if !is_other {
            return Word::Same;
        }
        let is_edited = version.is_some() && last.is_none_or(|it| it.version != *version);
        let is_asked = self.mode == Mode::Pull && is_edited;
        let last = Last { workspace, version: *version, diagnostics: diagnostics.clone() };
        if last.diagnostics.is_empty() && last.version.is_none() {
            self.documents.remove(uri);
        } else {
            self.documents.insert(uri.clone(), last);
        }
        if self.mode == Mode::Push {
            self.outbox.publish(publication);
        }
        if is_asked { Word::Asked } else { Word::New }
    }
}

fn report(
    uri: &Uri,
    diagnostics: &[Diagnostic],
    known: Option<&str>,
) -> WorkspaceDocumentDiagnosticReport {
    let (uri, version, id) = (uri.clone(), None, result_id(diagnostics));
    if known == Some(&id) {
        let unchanged_document_diagnostic_report =
            UnchangedDocumentDiagnosticReport { result_id: id };
        return WorkspaceUnchangedDocumentDiagnosticReport {
            uri,
            version,
            unchanged_document_diagnostic_report,
        }
        .into();
    }
    let full_document_diagnostic_report =
        FullDocumentDiagnosticReport { result_id: Some(id), items: diagnostics.to_vec() };
    WorkspaceFullDocumentDiagnosticReport { uri, version, full_document_diagnostic_report }.into()
}

/// What tells diagnostics from others.
pub(crate) fn result_id(diagnostics: &[Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    let text = serde_json::to_string(diagnostics).unwrap_or_default();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
