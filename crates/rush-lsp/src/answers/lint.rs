//! The scripts of a saved document, handed to a checker.

use ls_types::{Diagnostic, DiagnosticSeverity, NumberOrString, Uri};
use rush_ide::{ShellScript, shell_scripts};
use text_size::TextRange;
use tower_lsp::jsonrpc::Result;

use crate::ground::{Desk, Ground};
use crate::lint::{ScriptRemark, ScriptSeverity, offset};
use crate::question::{Question, Subject, Urgency};
use crate::settings::ShellCheck;

/// Who says so.
const SOURCE: &str = "shellcheck";

/// Asked by the server itself when a document was saved.
pub(crate) struct LintScripts(pub(crate) Uri);

impl Question for LintScripts {
    type Found = Vec<ShellScript>;
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
        Some(shell_scripts(&view.db, asked.file))
    }

    /// Here nothing waits for the checker but this one thread.
    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let mut said = Vec::new();
        for script in found {
            let remarks = desk.terms.linter.lint(&script.shell, &script.text).unwrap_or_default();
            said.extend(remarks.iter().filter_map(|it| diagnostic(it, &script, desk)));
        }
        Ok(Some(said))
    }
}

fn diagnostic(remark: &ScriptRemark, script: &ShellScript, desk: &Desk) -> Option<Diagnostic> {
    let place =
        |at| script.at.range.start() + text_size::TextSize::new(offset(&script.text, at) as u32);
    let (start, end) = (place(remark.start), place(remark.end));
    let rule = remark.code.clone();
    Some(Diagnostic {
        range: desk.range(TextRange::new(start, end.max(start)))?,
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
