//! Calls of the functions of Rush: `env`, `file`, `files`, `flag`, `all`, `path`, `glob` and `sh(raw: ..)`.

use rush_diagnostics::TextRange;
use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ExprId, Part};

use super::Builtin;
use super::call::Args;
use super::context::{Context, Reads};
use crate::report;
use crate::ty::{FieldTy, Ty};

impl Context<'_> {
    /// The functions of Rush.
    pub(super) fn builtin(&mut self, id: ExprId, function: Builtin, args: Args<'_>) -> Ty {
        let text = Ty::TEXT;
        let field = |name: &'static str, ty: Ty| FieldTy { name: name.into(), ty, default: None };
        match function {
            Builtin::Env | Builtin::File => {
                let (name, param) =
                    if function == Builtin::Env { ("env", "name") } else { ("file", "path") };
                self.fields_as_arguments(name, &[field(param, text)], args);
                match self.reads.clone() {
                    Reads::As(ty) => ty.optional(),
                    Reads::Forbidden => {
                        let at = self.span_of(id);
                        self.report(report::read_not_allowed(at, name));
                        Ty::Error
                    }
                }
            }
            Builtin::Files => {
                self.fields_as_arguments("files", &[field("pattern", Ty::Glob)], args);
                self.must_be_written_out("files", args);
                Ty::list(Ty::Path)
            }
            Builtin::Flag => {
                let fields = [field("name", text.clone()), field("value", text.optional())];
                self.fields_as_arguments("flag", &fields, args);
                Ty::list(Ty::TEXT)
            }
            Builtin::All => {
                let fields = [field("packages", Ty::Glob), field("task", text)];
                self.fields_as_arguments("all", &fields, args);
                self.must_be_written_out("all", args);
                Ty::list(Ty::Kind(Kind::Task))
            }
            Builtin::Raw(_) => {
                self.fields_as_arguments("sh", &[field("raw", text)], args);
                // The word is there to be searched for.
                if let Some(arg) = args.0.iter().find(|it| it.name.is_none()) {
                    let start = self.ast.expr_range(arg.value).start();
                    let insert = Some((TextRange::empty(start), "raw: ".to_owned()));
                    let at = self.span_of(arg.value);
                    self.report(report::missing_argument(at, "sh", &["raw"], insert, None));
                    return Ty::Command;
                }
                let at = self.span_of(id);
                self.report(report::computed_script(at));
                Ty::Command
            }
            Builtin::Path => {
                self.fields_as_arguments("path", &[field("text", text)], args);
                Ty::Path
            }
            Builtin::Glob => {
                self.fields_as_arguments("glob", &[field("text", text)], args);
                Ty::Glob
            }
        }
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
