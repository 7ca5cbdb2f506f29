//! The shell scripts of a file, for who checks them as scripts.

use rush_semantics::{Db, SourceFile};
use rush_syntax::ast::Expr;
use text_size::TextRange;

use crate::place::{FileRange, Placed};
use crate::syntax::{exprs, slice};

/// A script as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellScript {
    /// Which shell it is for: `sh` or `bash`.
    pub shell: String,
    /// Where it is, quotes excluded.
    pub at: FileRange,
    /// The text there, indented as it is.
    pub text: String,
}

/// The shell scripts of a file, in the order written.
pub fn shell_scripts(db: &dyn Db, file: SourceFile) -> Vec<ShellScript> {
    let mut found = Vec::new();
    for placed in Placed::all(db, file) {
        db.unwind_if_revision_cancelled();
        let (ast, text) = (placed.item.ast(db), placed.item.text(db));
        for (id, expr) in exprs(ast) {
            let Expr::Script { tag, body } = expr else { continue };
            let Some((first, last)) = body.first().zip(body.last()) else { continue };
            let at = TextRange::new(first.range().start(), last.range().end());
            let is_shell = matches!(tag.text.as_str(), "sh" | "bash");
            if is_shell && ast.expr_range(id).contains_range(at) {
                let (shell, text) = (tag.text.to_string(), slice(text, at).to_owned());
                found.push(ShellScript { shell, at: placed.range(db, at), text });
            }
        }
    }
    found.sort_by_key(|it| it.at.key());
    found
}

#[cfg(test)]
mod tests {
    use super::shell_scripts;
    use crate::fixture::Case;

    #[test]
    fn scripts_are_found_as_they_are_written() {
        let case = Case::new(
            "task a {\n  run: sh\"\"\"\n    echo $x\n  \"\"\"\n}\ntask b { run: python\"\"\"\n  1\n\"\"\" }\n",
        );
        let found: Vec<String> = shell_scripts(&case.db, case.file)
            .iter()
            .map(|it| format!("{} {} {:?}", it.shell, case.show(it.at), it.text))
            .collect();
        let [script] = found.as_slice() else { panic!("{found:?}") };
        assert!(script.starts_with("sh tasks.rush:") && script.contains("echo $x"), "{script}");
    }
}
