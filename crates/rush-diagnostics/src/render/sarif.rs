//! For code scanning services: SARIF 2.1.0.
//!
//! Every code of the registry is a rule, so that a service can tell "nothing found" from "not
//! looked for"; the long explanation is only carried for rules that have a result.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};
use text_size::TextRange;

use crate::code::{Code, CodeInfo};
use crate::diagnostic::Severity;
use crate::mending::inserted;
use crate::resolve::{ResolvedDiagnostic, ResolvedEdit, ResolvedFix, ResolvedLabel};
use crate::source::{Source, SourceLookup};
use crate::span::FileId;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Renders one run of the tool `rush` of this version, in the order given.
pub fn render_sarif(
    diagnostics: &[ResolvedDiagnostic],
    sources: &dyn SourceLookup,
    tool_version: &str,
) -> String {
    let found: BTreeSet<Code> = diagnostics.iter().map(|it| it.code).collect();
    let rules: Vec<_> = Code::all().map(|info| rule(info, &found)).collect();
    let results: Vec<_> = diagnostics.iter().map(|it| result(it, sources)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "rush",
                "version": tool_version,
                "rules": rules,
            }},
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn rule(info: &CodeInfo, found: &BTreeSet<Code>) -> Value {
    let mut help = json!({ "text": format!("rush explain {}", info.code) });
    if found.contains(&info.code) {
        set(&mut help, "markdown", json!(info.code.page()));
    }
    json!({
        "id": info.code.to_string(),
        "name": info.name,
        "shortDescription": { "text": info.title },
        "defaultConfiguration": { "level": level(info.severity) },
        "help": help,
    })
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "note",
    }
}

fn result(diagnostic: &ResolvedDiagnostic, sources: &dyn SourceLookup) -> Value {
    let rule_index = Code::all().position(|info| info.code == diagnostic.code).unwrap_or_default();
    let mut result = json!({
        "ruleId": diagnostic.code.to_string(),
        "ruleIndex": rule_index,
        "level": level(diagnostic.severity),
        "message": { "text": message(diagnostic) },
        "locations": location(&diagnostic.primary, sources).into_iter().collect::<Vec<_>>(),
    });
    let related: Vec<_> =
        diagnostic.secondary.iter().filter_map(|label| location(label, sources)).collect();
    if !related.is_empty() {
        set(&mut result, "relatedLocations", json!(related));
    }
    let fixes: Vec<_> = diagnostic.fixes.iter().filter_map(|it| fix(it, sources)).collect();
    if !fixes.is_empty() {
        set(&mut result, "fixes", json!(fixes));
    }
    result
}

fn message(diagnostic: &ResolvedDiagnostic) -> String {
    let why = diagnostic.notes.iter().map(String::as_str);
    let parts = std::iter::once(diagnostic.message.as_str()).chain(why);
    parts.chain(diagnostic.help.as_deref()).collect::<Vec<_>>().join("\n")
}

fn location(label: &ResolvedLabel, sources: &dyn SourceLookup) -> Option<Value> {
    let source = sources.source(label.file)?;
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": artifact(source),
        "region": region(source, label.range),
    }});
    if !label.message.is_empty() {
        set(&mut location, "message", json!({ "text": label.message }));
    }
    Some(location)
}

/// `None` when a file of the edits has no source: half a fix would be a wrong one.
fn fix(fix: &ResolvedFix, sources: &dyn SourceLookup) -> Option<Value> {
    let files: BTreeSet<FileId> = fix.edits.iter().map(|it| it.file).collect();
    if files.is_empty() {
        return None;
    }
    let change = |file: FileId| {
        let source = sources.source(file)?;
        let edits = fix.edits.iter().filter(|it| it.file == file);
        let replacements: Vec<_> = edits.map(|it| replacement(source, it)).collect();
        Some(json!({ "artifactLocation": artifact(source), "replacements": replacements }))
    };
    let changes: Option<Vec<_>> = files.into_iter().map(change).collect();
    Some(json!({ "description": { "text": fix.title }, "artifactChanges": changes? }))
}

fn replacement(source: &Source, edit: &ResolvedEdit) -> Value {
    json!({
        "deletedRegion": region(source, edit.range),
        "insertedContent": { "text": inserted(edit, Some(source)) },
    })
}

fn region(source: &Source, range: TextRange) -> Value {
    let range = source.clamp(range);
    let (start, end) = (source.position(range.start()), source.position(range.end()));
    json!({
        "startLine": start.line,
        "startColumn": start.column_utf16,
        "endLine": end.line,
        "endColumn": end.column_utf16,
    })
}

fn artifact(source: &Source) -> Value {
    let uri = uri(source.path());
    if source.path().starts_with('/') {
        return json!({ "uri": format!("file://{uri}") });
    }
    json!({ "uri": uri, "uriBaseId": "%SRCROOT%" })
}

/// Escapes everything but unreserved characters and `/`, which is right for relative references
/// too: a `:` in the first part would otherwise look like a scheme.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
