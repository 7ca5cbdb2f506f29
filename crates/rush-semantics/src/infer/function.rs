//! Calls of the functions of Rush: `env`, `file`, `files`, `flag`, `all`, `path`, `glob` and `sh(raw: ..)`.

use rush_diagnostics::TextRange;
use rush_syntax::ast::{Expr, ExprId, Part};

use super::call::Args;
use super::context::{Context, Reads};
use crate::builtins::Builtin;
use crate::report;
use crate::ty::Ty;

impl Context<'_> {
    /// A call of a function of Rush.
    pub(super) fn builtin(&mut self, id: ExprId, function: Builtin, args: Args<'_>) -> Ty {
        let called = if let Builtin::Raw(_) = function { "sh" } else { function.name() };
        self.fields_as_arguments(called, &function.params(), args);
        if function.is_written_out() {
            self.must_be_written_out(called, args);
        }
        match function {
            Builtin::Env | Builtin::File => match self.reads.clone() {
                // Its second argument is told; what it would be without is nobody's question.
                Reads::As(_) if self.has_fallback(id) => return Ty::Error,
                Reads::As(ty) => return ty.optional(),
                Reads::Forbidden => {
                    let at = self.span_of(id);
                    self.report(report::read_not_allowed(at, called));
                    return Ty::Error;
                }
            },
            Builtin::Path | Builtin::Glob => {
                args.0.iter().for_each(|it| self.made_path(it.value, &function.result()));
            }
            Builtin::Raw(_) => self.computed_script(id, args),
            _ => {}
        }
        function.result()
    }

    fn computed_script(&mut self, id: ExprId, (args, _): Args<'_>) {
        // The word is there to be searched for.
        let report = match args.iter().find(|it| it.name.is_none()) {
            Some(arg) => {
                let start = self.ast.expr_range(arg.value).start();
                let insert = Some((TextRange::empty(start), "raw: ".to_owned()));
                report::missing_argument(self.span_of(arg.value), "sh", &["raw"], insert, None)
            }
            None => report::computed_script(self.span_of(id)),
        };
        self.report(report);
    }

    /// What an editor lists and a plan records must be known without evaluating anything.
    fn must_be_written_out(&mut self, function: &str, (args, _): Args<'_>) {
        for arg in args {
            let is_literal = matches!(
                self.ast.expr(arg.value),
                Expr::Text(parts) if parts.iter().all(|it| matches!(it, Part::Text { .. }))
            );
            let is_reported = self.out.ty(arg.value).is_error();
            if !is_literal && !is_reported {
                let at = self.span_of(arg.value);
                self.report(report::not_written_out(at, function));
            }
        }
    }
}
