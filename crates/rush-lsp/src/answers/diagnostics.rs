//! Diagnostics of one document, for editors that ask for them.

use ls_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult,
    FullDocumentDiagnosticReport, RelatedFullDocumentDiagnosticReport,
    RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
};
use rush_diagnostics::{ResolvedDiagnostic, resolve_all};
use rush_semantics::check::{file_diagnostics, left_open, prepare};
use tower_lsp::jsonrpc::Result;

use crate::convert;
use crate::ground::{Desk, Ground};
use crate::published::result_id;
use crate::question::{Question, Subject, Urgency};

impl Question for DocumentDiagnosticParams {
    type Found = Vec<ResolvedDiagnostic>;
    type Answer = DocumentDiagnosticReportResult;
    const WHILE: &'static str = "a document was checked";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let (view, asked) = ground.document()?;
        let db = &view.db;
        prepare(db);
        let graph = view.graph.iter().filter(|it| it.file() == asked.id);
        let hints = left_open(db, asked.file);
        let own = file_diagnostics(db, asked.file);
        let found = resolve_all(own.iter().chain(graph).chain(hints), db);
        found.iter().for_each(|it| convert::note(&mut view.table, db, it));
        Some(found)
    }

    /// Editors ask about what they show, also when they never opened it: there is nothing to say.
    fn unknown(&self) -> Result<Option<Self::Answer>> {
        self.nothing()
    }

    fn nothing(&self) -> Result<Option<Self::Answer>> {
        Ok(Some(report(Vec::new(), self.previous_result_id.as_deref())))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let Some(table) = desk.table() else { return Ok(None) };
        let session = &desk.terms.session;
        let mut items: Vec<_> =
            found.iter().filter_map(|it| convert::convert(it, table, session)).collect();
        items.extend(desk.terms.lints.of(&self.text_document.uri));
        Ok(Some(report(items, self.previous_result_id.as_deref())))
    }
}

/// What is said to an editor that knows a report already, if any.
fn report(items: Vec<Diagnostic>, known: Option<&str>) -> DocumentDiagnosticReportResult {
    let id = result_id(&items);
    let report: DocumentDiagnosticReport = if known == Some(&id) {
        RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport {
                result_id: id,
            },
        }
        .into()
    } else {
        RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport {
                result_id: Some(id),
                items,
            },
        }
        .into()
    };
    report.into()
}
