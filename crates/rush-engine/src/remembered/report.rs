//! Findings as they are remembered: with the texts they point into, so that they can be shown again.

use std::collections::BTreeSet;

use rush_diagnostics::{
    Code, FileId, ResolvedDiagnostic, ResolvedEdit, ResolvedFix, ResolvedLabel, Severity, Source,
    SourceLookup as _, Tag, TextRange,
};
use serde::{Deserialize, Serialize};

use crate::report::Report;

/// A report in the form it is written in.
#[derive(Serialize, Deserialize)]
pub(crate) struct RememberedReport {
    findings: Vec<Finding>,
    sources: Vec<(u32, String, String)>,
}

#[derive(Serialize, Deserialize)]
struct Finding {
    code: u16,
    severity: Weight,
    message: String,
    primary: Place,
    secondary: Vec<Place>,
    notes: Vec<String>,
    help: Option<String>,
    fixes: Vec<Change>,
    tag: Option<Tint>,
}

/// A severity.
#[derive(Serialize, Deserialize)]
enum Weight {
    Hint,
    Info,
    Warning,
    Error,
}

/// A tag.
#[derive(Serialize, Deserialize)]
enum Tint {
    Unnecessary,
    Deprecated,
}

/// A range of a file with a text: what is to be seen there, or what is to stand there.
#[derive(Serialize, Deserialize)]
struct Place {
    file: u32,
    start: u32,
    end: u32,
    text: String,
}

#[derive(Serialize, Deserialize)]
struct Change {
    title: String,
    edits: Vec<Place>,
    is_automatic: bool,
}

impl RememberedReport {
    pub(crate) fn of(report: &Report) -> Self {
        let findings: Vec<_> = report.diagnostics.iter().map(Finding::of).collect();
        let files: BTreeSet<u32> = findings.iter().flat_map(Finding::files).collect();
        let source = |id: u32| {
            let source = report.sources.source(FileId(id))?;
            Some((id, source.path().to_owned(), source.text().to_owned()))
        };
        let sources = files.into_iter().filter_map(source).collect();
        Self { findings, sources }
    }

    /// The report; `None` if it has a code that this build does not know.
    pub(crate) fn into_report(self) -> Option<Report> {
        let findings = self.findings.into_iter().map(Finding::into_diagnostic);
        let sources = self.sources.into_iter();
        let source =
            |(id, path, text): (u32, String, String)| (FileId(id), Source::new(path, text));
        Some(Report {
            diagnostics: findings.collect::<Option<_>>()?,
            sources: sources.map(source).collect(),
        })
    }
}

impl Finding {
    fn of(found: &ResolvedDiagnostic) -> Self {
        let ResolvedDiagnostic {
            code,
            severity,
            message,
            primary,
            secondary,
            notes,
            help,
            fixes,
            tag,
        } = found;
        Self {
            code: code.number(),
            severity: match severity {
                Severity::Hint => Weight::Hint,
                Severity::Info => Weight::Info,
                Severity::Warning => Weight::Warning,
                Severity::Error => Weight::Error,
            },
            message: message.clone(),
            primary: Place::of_label(primary),
            secondary: secondary.iter().map(Place::of_label).collect(),
            notes: notes.clone(),
            help: help.clone(),
            fixes: fixes.iter().map(Change::of).collect(),
            tag: tag.map(|it| match it {
                Tag::Unnecessary => Tint::Unnecessary,
                Tag::Deprecated => Tint::Deprecated,
            }),
        }
    }

    fn files(&self) -> impl Iterator<Item = u32> {
        let places = std::iter::once(&self.primary).chain(&self.secondary);
        places.chain(self.fixes.iter().flat_map(|it| &it.edits)).map(|it| it.file)
    }

    fn into_diagnostic(self) -> Option<ResolvedDiagnostic> {
        let code = Code::all().find(|it| it.code.number() == self.code)?.code;
        Some(ResolvedDiagnostic {
            code,
            severity: match self.severity {
                Weight::Hint => Severity::Hint,
                Weight::Info => Severity::Info,
                Weight::Warning => Severity::Warning,
                Weight::Error => Severity::Error,
            },
            message: self.message,
            primary: self.primary.into_label(),
            secondary: self.secondary.into_iter().map(Place::into_label).collect(),
            notes: self.notes,
            help: self.help,
            fixes: self.fixes.into_iter().map(Change::into_fix).collect(),
            tag: self.tag.map(|it| match it {
                Tint::Unnecessary => Tag::Unnecessary,
                Tint::Deprecated => Tag::Deprecated,
            }),
        })
    }
}

impl Change {
    fn of(fix: &ResolvedFix) -> Self {
        let ResolvedFix { title, edits, is_automatic } = fix;
        let edit = |it: &ResolvedEdit| Place::new(it.file, it.range, &it.text);
        let edits = edits.iter().map(edit).collect();
        Self { title: title.clone(), edits, is_automatic: *is_automatic }
    }

    fn into_fix(self) -> ResolvedFix {
        let edit = |it: Place| ResolvedEdit { file: it.file(), range: it.range(), text: it.text };
        let edits = self.edits.into_iter().map(edit).collect();
        ResolvedFix { title: self.title, edits, is_automatic: self.is_automatic }
    }
}

impl Place {
    fn new(file: FileId, range: TextRange, text: &str) -> Self {
        let (start, end) = (range.start().into(), range.end().into());
        Self { file: file.0, start, end, text: text.to_owned() }
    }

    fn of_label(label: &ResolvedLabel) -> Self {
        Self::new(label.file, label.range, &label.message)
    }

    fn into_label(self) -> ResolvedLabel {
        ResolvedLabel { file: self.file(), range: self.range(), message: self.text }
    }

    const fn file(&self) -> FileId {
        FileId(self.file)
    }

    fn range(&self) -> TextRange {
        TextRange::new(self.start.into(), self.end.max(self.start).into())
    }
}
