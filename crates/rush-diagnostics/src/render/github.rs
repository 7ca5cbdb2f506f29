//! For GitHub Actions: workflow commands that become annotations on the changed lines.

use std::fmt::Write as _;

use crate::diagnostic::Severity;
use crate::resolve::ResolvedDiagnostic;
use crate::source::SourceLookup;

/// Renders one workflow command a line.
///
/// GitHub shows ten annotations of each level a step; the order given decides which.
pub fn render_github(diagnostics: &[ResolvedDiagnostic], sources: &dyn SourceLookup) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let _ = writeln!(out, "{}", command(diagnostic, sources));
    }
    out
}

fn command(diagnostic: &ResolvedDiagnostic, sources: &dyn SourceLookup) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "notice",
    };
    let mut properties = Vec::new();
    if let Some(source) = sources.source(diagnostic.primary.file) {
        let start = source.position(diagnostic.primary.range.start());
        let end = source.position(diagnostic.primary.range.end());
        properties.push(format!("file={}", property(source.path())));
        properties.push(format!("line={},endLine={}", start.line, end.line));
        // Columns are only understood within one line, and the last one is part of the range.
        if start.line == end.line {
            let last = end.column.saturating_sub(1).max(start.column);
            properties.push(format!("col={},endColumn={last}", start.column));
        }
    }
    let title = format!("{} {}", diagnostic.code, diagnostic.code.info().name);
    properties.push(format!("title={}", property(&title)));
    format!("::{level} {}::{}", properties.join(","), data(&body(diagnostic)))
}

fn body(diagnostic: &ResolvedDiagnostic) -> String {
    let why = diagnostic.notes.iter().map(|it| format!("why: {it}"));
    let help = diagnostic.help.iter().map(|it| format!("help: {it}"));
    let fix = diagnostic.fixes.first().filter(|it| Some(&it.title) != diagnostic.help.as_ref());
    let fix = fix.map(|it| format!("fix: {}", it.title));
    let lines: Vec<_> =
        std::iter::once(diagnostic.message.clone()).chain(why).chain(help).chain(fix).collect();
    lines.join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
