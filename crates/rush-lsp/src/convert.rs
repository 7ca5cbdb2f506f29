//! Diagnostics in the terms of the protocol.

use std::collections::{BTreeMap, HashMap};

use camino::Utf8PathBuf;
use ls_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, Range, Uri,
};
use rush_diagnostics::{FileId, ResolvedDiagnostic, ResolvedLabel, Severity, Tag, TextRange};
use rush_semantics::RushDatabase;
use serde_json::json;

use crate::capabilities::Session;
use crate::paths;
use crate::position::Lines;

/// Who says so.
const SOURCE: &str = "rush";

/// How the files of one workspace are named to the editor.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// The workspace's root.
    pub(crate) root: Utf8PathBuf,
    /// The open documents, as the editor spells them, by their path in the workspace.
    pub(crate) open: BTreeMap<String, Uri>,
}

impl Names {
    /// The name of a file, given by its path in the workspace.
    pub(crate) fn uri(&self, path: &str) -> Option<Uri> {
        self.open.get(path).cloned().or_else(|| paths::to_uri(&self.root.join(path)))
    }
}

/// Turns diagnostics of one revision into those of the protocol.
pub(crate) struct Converter<'a> {
    db: &'a RushDatabase,
    names: &'a Names,
    session: &'a Session,
    /// The files met so far. The prelude has no name the editor could open.
    files: HashMap<FileId, Option<(Uri, Lines)>>,
}

impl<'a> Converter<'a> {
    pub(crate) fn new(db: &'a RushDatabase, names: &'a Names, session: &'a Session) -> Self {
        Self { db, names, session, files: HashMap::new() }
    }

    /// Converts one diagnostic.
    pub(crate) fn convert(&mut self, found: &ResolvedDiagnostic) -> Option<Diagnostic> {
        let range = self.range(found.primary.file, found.primary.range)?;
        let related = self.session.shows_related.then(|| self.related(&found.secondary));
        Some(Diagnostic {
            range,
            severity: Some(severity(found.severity)),
            code: Some(NumberOrString::String(found.code.to_string())),
            code_description: None,
            source: Some(SOURCE.to_owned()),
            message: message(found),
            related_information: related.filter(|it| !it.is_empty()),
            tags: found.tag.filter(|_| self.session.shows_tags).map(|it| vec![tag(it)]),
            data: self.session.keeps_data.then(|| data(found)),
        })
    }

    fn related(&mut self, labels: &[ResolvedLabel]) -> Vec<DiagnosticRelatedInformation> {
        let related = labels.iter().filter_map(|label| {
            let range = self.range(label.file, label.range)?;
            let (uri, _) = self.file(label.file)?;
            let location = Location { uri: uri.clone(), range };
            Some(DiagnosticRelatedInformation { location, message: label.message.clone() })
        });
        related.collect()
    }

    fn range(&mut self, file: FileId, range: TextRange) -> Option<Range> {
        let encoding = self.session.encoding;
        let (_, lines) = self.file(file)?;
        Some(lines.range(usize::from(range.start())..usize::from(range.end()), encoding))
    }

    fn file(&mut self, id: FileId) -> Option<&(Uri, Lines)> {
        let (db, names) = (self.db, self.names);
        let file = self.files.entry(id).or_insert_with(|| {
            let file = db.file(id)?;
            let uri = names.uri(file.path(db))?;
            Some((uri, Lines::new(file.text(db).clone())))
        });
        file.as_ref()
    }
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
