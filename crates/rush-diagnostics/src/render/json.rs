//! For programs: the JSON of `-o json`, described by `docs/schemas/diagnostics-1.json`.
//!
//! The shape is a promise: a field is added under the same version, never renamed or removed. The
//! structs here are that shape and nothing else; the compiler's own types are never serialised.

use serde::Serialize;
use text_size::{TextRange, TextSize};

use crate::counts::Counts;
use crate::diagnostic::{Severity, Tag};
use crate::mending::inserted;
use crate::resolve::{ResolvedDiagnostic, ResolvedEdit, ResolvedFix, ResolvedLabel};
use crate::source::SourceLookup;
use crate::span::FileId;

/// The version of the shape.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct ReportJson {
    version: u32,
    counts: CountsJson,
    diagnostics: Vec<DiagnosticJson>,
}

#[derive(Serialize)]
struct CountsJson {
    error: usize,
    warning: usize,
    info: usize,
    hint: usize,
    files: usize,
    fixable: usize,
}

#[derive(Serialize)]
struct DiagnosticJson {
    code: String,
    name: &'static str,
    severity: &'static str,
    message: String,
    file: Option<String>,
    range: Option<RangeJson>,
    label: Option<String>,
    labels: Vec<LabelJson>,
    notes: Vec<String>,
    help: Option<String>,
    fixes: Vec<FixJson>,
    tag: Option<&'static str>,
    explain: String,
}

#[derive(Serialize)]
struct RangeJson {
    start: PositionJson,
    end: PositionJson,
}

#[derive(Serialize)]
struct PositionJson {
    offset: u32,
    line: u32,
    column: u32,
    column_utf16: u32,
}

#[derive(Serialize)]
struct LabelJson {
    file: Option<String>,
    range: Option<RangeJson>,
    message: String,
}

#[derive(Serialize)]
struct FixJson {
    title: String,
    automatic: bool,
    edits: Vec<EditJson>,
}

#[derive(Serialize)]
struct EditJson {
    file: Option<String>,
    range: Option<RangeJson>,
    text: String,
}

/// Renders an envelope with the version, the counts and one object a finding, in the order given.
pub fn render_json(diagnostics: &[ResolvedDiagnostic], sources: &dyn SourceLookup) -> String {
    let report = report(diagnostics, sources);
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

/// Returns the same envelope as a value, to be put into a larger document.
pub fn json_value(
    diagnostics: &[ResolvedDiagnostic],
    sources: &dyn SourceLookup,
) -> serde_json::Value {
    serde_json::to_value(report(diagnostics, sources)).unwrap_or_default()
}

fn report(diagnostics: &[ResolvedDiagnostic], sources: &dyn SourceLookup) -> ReportJson {
    let Counts { errors, warnings, infos, hints, files, fixable } = Counts::of(diagnostics);
    ReportJson {
        version: VERSION,
        counts: CountsJson {
            error: errors,
            warning: warnings,
            info: infos,
            hint: hints,
            files,
            fixable,
        },
        diagnostics: diagnostics.iter().map(|it| diagnostic_json(it, sources)).collect(),
    }
}

fn diagnostic_json(it: &ResolvedDiagnostic, sources: &dyn SourceLookup) -> DiagnosticJson {
    let ResolvedLabel { file, range, message } = &it.primary;
    DiagnosticJson {
        code: it.code.to_string(),
        name: it.code.info().name,
        severity: severity_word(it.severity),
        message: it.message.clone(),
        file: path(*file, sources),
        range: range_json(*file, *range, sources),
        label: Some(message.clone()).filter(|it| !it.is_empty()),
        labels: it.secondary.iter().map(|it| label_json(it, sources)).collect(),
        notes: it.notes.clone(),
        help: it.help.clone(),
        fixes: it.fixes.iter().map(|it| fix_json(it, sources)).collect(),
        tag: it.tag.map(|it| match it {
            Tag::Unnecessary => "unnecessary",
            Tag::Deprecated => "deprecated",
        }),
        explain: format!("rush explain {}", it.code),
    }
}

/// Spelled out here and not taken from `Severity::word`, which may change its wording for people.
fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
        Severity::Hint => "hint",
    }
}

fn label_json(label: &ResolvedLabel, sources: &dyn SourceLookup) -> LabelJson {
    LabelJson {
        file: path(label.file, sources),
        range: range_json(label.file, label.range, sources),
        message: label.message.clone(),
    }
}

fn fix_json(fix: &ResolvedFix, sources: &dyn SourceLookup) -> FixJson {
    let edit = |edit: &ResolvedEdit| EditJson {
        file: path(edit.file, sources),
        range: range_json(edit.file, edit.range, sources),
        text: inserted(edit, sources.source(edit.file)),
    };
    FixJson {
        title: fix.title.clone(),
        automatic: fix.is_automatic,
        edits: fix.edits.iter().map(edit).collect(),
    }
}

fn path(file: FileId, sources: &dyn SourceLookup) -> Option<String> {
    sources.source(file).map(|it| it.path().to_owned())
}

fn range_json(file: FileId, range: TextRange, sources: &dyn SourceLookup) -> Option<RangeJson> {
    let source = sources.source(file)?;
    let at = |offset: TextSize| {
        let at = source.position(offset);
        PositionJson {
            offset: at.offset,
            line: at.line,
            column: at.column,
            column_utf16: at.column_utf16,
        }
    };
    let range = source.clamp(range);
    Some(RangeJson { start: at(range.start()), end: at(range.end()) })
}
