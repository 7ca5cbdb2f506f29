//! How many findings there are, and the line that says so.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::diagnostic::Severity;
use crate::resolve::ResolvedDiagnostic;

/// How many findings of each severity there are, in how many files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Findings that fail a check.
    pub errors: usize,
    /// Findings that are probably mistakes.
    pub warnings: usize,
    /// Findings worth knowing.
    pub infos: usize,
    /// Suggestions.
    pub hints: usize,
    /// Files with at least one finding.
    pub files: usize,
    /// Findings that `rush check --fix` can mend.
    pub fixable: usize,
}

impl Counts {
    /// Counts the findings.
    pub fn of(diagnostics: &[ResolvedDiagnostic]) -> Self {
        let mut counts = Self::default();
        let mut files = BTreeSet::new();
        for diagnostic in diagnostics {
            files.insert(diagnostic.primary.file);
            match diagnostic.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Info => counts.infos += 1,
                Severity::Hint => counts.hints += 1,
            }
            counts.fixable += usize::from(diagnostic.fixes.iter().any(|fix| fix.is_automatic));
        }
        counts.files = files.len();
        counts
    }
}

/// Returns the line that ends a report, or `None` when there is nothing to report:
/// ``3 errors, 1 warning in 2 files; `rush explain RUSH0201` tells more``.
///
/// The code it names is that of the first finding of the highest severity.
pub fn summary(diagnostics: &[ResolvedDiagnostic]) -> Option<String> {
    let severest = diagnostics.iter().map(|it| it.severity).max()?;
    let first = diagnostics.iter().find(|it| it.severity == severest)?;
    let counts = Counts::of(diagnostics);
    let parts = [
        (counts.errors, "error"),
        (counts.warnings, "warning"),
        (counts.infos, "note"),
        (counts.hints, "hint"),
    ];
    let parts: Vec<_> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|it| plural(it.0, it.1)).collect();
    let mut line = format!("{} in {}", parts.join(", "), plural(counts.files, "file"));
    if counts.fixable > 0 {
        let _ = write!(line, "; `rush check --fix` mends {}", counts.fixable);
    }
    let _ = write!(line, "; `rush explain {}` tells more", first.code);
    Some(line)
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
