//! Diagnostics in the terms of the protocol.

use ls_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    NumberOrString,
};
use rush_diagnostics::{Code, ResolvedDiagnostic, ResolvedLabel, Severity, Tag};
use rush_ide::FileRange;
use rush_semantics::RushDatabase;
use serde_json::json;

use crate::capabilities::Session;
use crate::pages;
use crate::table::Table;

/// Who says so.
pub(crate) const SOURCE: &str = "rush";

/// Notes the files that a diagnostic speaks of.
pub(crate) fn note(table: &mut Table, db: &RushDatabase, found: &ResolvedDiagnostic) {
    let labels = std::iter::once(&found.primary).chain(&found.secondary);
    labels.for_each(|it| table.note(db, it.file));
}

/// Turns a diagnostic of one revision into one of the protocol.
pub(crate) fn convert(
    found: &ResolvedDiagnostic,
    table: &Table,
    session: &Session,
) -> Option<Diagnostic> {
    let related = session.shows_related.then(|| related(&found.secondary, table));
    Some(Diagnostic {
        range: table.range(found.primary.file, found.primary.range)?,
        severity: Some(severity(found.severity)),
        code: Some(NumberOrString::String(found.code.to_string())),
        code_description: description(found.code).filter(|_| session.shows_pages),
        source: Some(SOURCE.to_owned()),
        message: message(found),
        related_information: related.filter(|it| !it.is_empty()),
        tags: found.tag.filter(|_| session.shows_tags).map(|it| vec![tag(it)]),
        data: session.keeps_data.then(|| data(found)),
    })
}

fn description(code: Code) -> Option<CodeDescription> {
    Some(CodeDescription { href: pages::of_code(code)? })
}

fn related(labels: &[ResolvedLabel], table: &Table) -> Vec<DiagnosticRelatedInformation> {
    let related = labels.iter().filter_map(|label| {
        let location = table.location(FileRange { file: label.file, range: label.range })?;
        Some(DiagnosticRelatedInformation { location, message: label.message.clone() })
    });
    related.collect()
}

/// The problem, then why it is one and what to do: editors have no other place for these.
fn message(found: &ResolvedDiagnostic) -> String {
    let label = Some(found.primary.message.as_str()).filter(|it| !it.is_empty());
    let notes = found.notes.iter().map(|it| format!("note: {it}"));
    let help = found.help.iter().map(|it| format!("help: {it}"));
    let rest = label.map(str::to_owned).into_iter().chain(notes).chain(help);
    std::iter::once(found.message.clone()).chain(rest).collect::<Vec<_>>().join("\n")
}

/// For clients that do more than show: what they would else have to parse out of the message.
fn data(found: &ResolvedDiagnostic) -> serde_json::Value {
    let fix = |fix: &rush_diagnostics::ResolvedFix| json!({ "title": fix.title, "automatic": fix.is_automatic });
    json!({
        "name": found.code.info().name,
        "explain": format!("rush explain {}", found.code),
        "fixes": found.fixes.iter().map(fix).collect::<Vec<_>>(),
    })
}

const fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Info => DiagnosticSeverity::INFORMATION,
        Severity::Hint => DiagnosticSeverity::HINT,
    }
}

const fn tag(tag: Tag) -> DiagnosticTag {
    match tag {
        Tag::Unnecessary => DiagnosticTag::UNNECESSARY,
        Tag::Deprecated => DiagnosticTag::DEPRECATED,
    }
}
