//! Hands shell scripts to shellcheck, for the language server.

use rush_engine::check_script;
use rush_lsp::{ScriptLinter, ScriptRemark, ScriptSeverity};

/// The shellcheck that is on the path, if there is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShellCheck;

impl ScriptLinter for ShellCheck {
    fn lint(&self, shell: &str, script: &str) -> Option<Vec<ScriptRemark>> {
        let remarks = check_script(shell, script)?.into_iter().map(|it| ScriptRemark {
            start: it.start,
            end: it.end,
            severity: match it.level.as_str() {
                "error" => ScriptSeverity::Error,
                "warning" => ScriptSeverity::Warning,
                _ => ScriptSeverity::Information,
            },
            code: format!("SC{}", it.code),
            message: it.message,
        });
        Some(remarks.collect())
    }
}
