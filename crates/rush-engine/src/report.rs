//! What was found wrong, with the texts it points into.

use rush_diagnostics::{Counts, Diagnostic, ResolvedDiagnostic, Severity, Sources};
use rush_project::Project;

/// Findings of one revision, ready to be rendered.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The findings, by path, position and code.
    pub diagnostics: Vec<ResolvedDiagnostic>,
    /// The texts they point into.
    pub sources: Sources,
}

impl Report {
    /// Resolves findings against the current texts.
    pub fn new(project: &Project, diagnostics: &[Diagnostic]) -> Self {
        let diagnostics = project.resolve(diagnostics);
        let sources = project.sources(&diagnostics);
        Self { diagnostics, sources }
    }

    /// How many findings there are.
    pub fn counts(&self) -> Counts {
        Counts::of(&self.diagnostics)
    }

    /// Whether a finding fails a check.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|it| it.severity == Severity::Error)
    }
}
