//! The scripts of a saved document, handed to a checker.

use ls_types::{Diagnostic, DiagnosticSeverity, NumberOrString, Uri};
use rush_diagnostics::{Code, resolve_all};
use rush_ide::{ShellScript, shell_scripts};
use rush_semantics::check::file_diagnostics;
use text_size::TextRange;
use tower_lsp::jsonrpc::Result;

use crate::ground::{Desk, Ground};
use crate::lint::{ScriptRemark, ScriptSeverity, offset};
use crate::question::{Question, Subject, Urgency};
use crate::settings::ShellCheck;

/// Who says so.
const SOURCE: &str = "shellcheck";

/// The rule that says what `Code::UnquotedVariable` says.
const UNQUOTED: &str = "SC2086";

/// Asked by the server itself when a document was saved.
pub(crate) struct LintScripts(pub(crate) Uri);

impl Question for LintScripts {
    /// The scripts, and the variables of which Rush itself says that they are not quoted.
    type Found = (Vec<ShellScript>, Vec<TextRange>);
    type Answer = Vec<Diagnostic>;
    const WHILE: &'static str = "scripts were checked";
    const URGENCY: Urgency = Urgency::Searching;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.0)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        if ground.terms.settings.shellcheck == ShellCheck::Off {
            return None;
        }
        let (view, asked) = ground.document()?;
        let findings = file_diagnostics(&view.db, asked.file);
        let unquoted = findings.iter().filter(|it| it.code == Code::UnquotedVariable);
        let unquoted = resolve_all(unquoted, &view.db).iter().map(|it| it.primary.range).collect();
        Some((shell_scripts(&view.db, asked.file), unquoted))
    }

    /// Here nothing waits for the checker but this one thread.
    fn tell(&self, (scripts, unquoted): Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let mut said = Vec::new();
        for script in scripts {
            let remarks = desk.terms.linter.lint(&script.shell, &script.text).unwrap_or_default();
            let place = |it: &ScriptRemark| place(it, &script);
            let is_said = |it: &&ScriptRemark| {
                it.code == UNQUOTED && unquoted.iter().any(|at| place(it).intersect(*at).is_some())
            };
            let new = remarks.iter().filter(|it| !is_said(it));
            said.extend(new.filter_map(|it| diagnostic(it, place(it), desk)));
        }
        Ok(Some(said))
    }
}

/// Where a remark stands in the document.
fn place(remark: &ScriptRemark, script: &ShellScript) -> TextRange {
    let place =
        |at| script.at.range.start() + text_size::TextSize::new(offset(&script.text, at) as u32);
    let (start, end) = (place(remark.start), place(remark.end));
    TextRange::new(start, end.max(start))
}

fn diagnostic(remark: &ScriptRemark, place: TextRange, desk: &Desk) -> Option<Diagnostic> {
    let rule = remark.code.clone();
    Some(Diagnostic {
        range: desk.range(place)?,
        severity: Some(match remark.severity {
            ScriptSeverity::Error => DiagnosticSeverity::ERROR,
            ScriptSeverity::Warning => DiagnosticSeverity::WARNING,
            ScriptSeverity::Information => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(rule)),
        source: Some(SOURCE.to_owned()),
        message: remark.message.clone(),
        ..Diagnostic::default()
    })
}
