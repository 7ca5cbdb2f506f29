//! What to write in place of `env(..)` and `file(..)` where they may not be read, or with a second argument.

use rush_diagnostics::{Code, Edit, TextRange, TextSize};
use rush_syntax::ast::{self, BinaryOp, Expr, ExprId, ItemKind, fixed_text};

use super::Meaning;
use super::context::Context;
use crate::builtins::Builtin;
use crate::names::{duplicate_of, resolve};
use crate::report;
use crate::shell::site::{is_name, is_reserved};
use crate::signature::value_type;
use crate::ty::{Ty, is_settable};

/// The longest declaration that is proposed as a whole.
const PROPOSAL_MAX: usize = 100;

/// A second argument of a read.
struct Fallback {
    read: ExprId,
    value: ExprId,
    /// What follows the name that is read, up to the end of the call.
    behind: TextRange,
}

impl Context<'_> {
    /// Adds to each read that is not allowed the `param` that would read it.
    pub fn propose_params(&mut self) {
        let mut diagnostics = std::mem::take(&mut self.out.diagnostics);
        for found in diagnostics.iter_mut().filter(|it| it.code == Code::ReadNotAllowed) {
            let range = found.primary.span.range;
            let Some((read, function)) = self.read_at(range) else { continue };
            let whole = self.with_fallbacks(read);
            let proposed = match &self.ast.kind {
                ItemKind::Let(it) if it.value == whole => self.instead_of_let(it),
                _ => self.beside(read, function, whole),
            };
            if let Some(proposed) = proposed {
                *found = report::with_param(found.clone(), proposed);
            }
        }
        self.out.diagnostics = diagnostics;
    }

    /// Says of a second argument of a read where it belongs: to others it is the value where nothing is set.
    pub fn propose_fallbacks(&mut self) {
        let mut diagnostics = std::mem::take(&mut self.out.diagnostics);
        for found in diagnostics.iter_mut().filter(|it| it.code == Code::UnknownArgument) {
            let range = found.primary.span.range;
            let mut reads = self.exprs().filter_map(|id| self.fallback_argument(id));
            let Some(it) = reads.find(|it| self.ast.expr_range(it.value) == range) else {
                continue;
            };
            let mut behind = self.behind_read(&it);
            let mut edits = Vec::new();
            if self.is_operand(it.read) {
                let start = TextRange::empty(self.ast.expr_range(it.read).start());
                edits.push(Edit::replace(&self.id, start, "(".to_owned()));
                behind.push(')');
            }
            edits.push(Edit::replace(&self.id, it.behind, behind));
            *found = report::with_fallback(found.clone(), edits);
        }
        self.out.diagnostics = diagnostics;
    }

    /// The second argument of a read that has two.
    fn fallback_argument(&self, read: ExprId) -> Option<Fallback> {
        self.read(read)?;
        let Expr::Call { args, .. } = self.ast.expr(read) else { return None };
        let [name, value] = args.as_slice() else { return None };
        let is_named = name.name.is_some() || value.name.is_some();
        let start = self.ast.expr_range(name.value).end();
        let behind = TextRange::new(start, self.ast.expr_range(read).end());
        (!is_named).then_some(Fallback { read, value: value.value, behind })
    }

    /// What stands behind the name that is read once the second argument is where it belongs.
    fn behind_read(&self, fallback: &Fallback) -> String {
        format!(") ?? {}", self.source(self.ast.expr_range(fallback.value)))
    }

    /// The source of a value, with the second argument of a read where it belongs.
    fn as_proposed(&self, whole: ExprId) -> String {
        let source = self.source(self.ast.expr_range(whole));
        let Some(fallback) = self.fallback_argument(whole) else { return source.to_owned() };
        let name = source.len() - usize::from(fallback.behind.len());
        format!("{}{}", source.get(..name).unwrap_or(source), self.behind_read(&fallback))
    }

    /// Whether something binds a value more tightly than `??` does.
    fn is_operand(&self, id: ExprId) -> bool {
        let range = self.ast.expr_range(id);
        let around =
            self.exprs().filter(|it| *it != id && self.ast.expr_range(*it).contains_range(range));
        let around = around.min_by_key(|it| self.ast.expr_range(*it).len());
        let binds = |it| {
            let is_chain =
                matches!(self.ast.expr(it), Expr::Binary { op: BinaryOp::Otherwise, .. });
            let stands_alone = matches!(
                self.ast.expr(it),
                Expr::Call { .. }
                    | Expr::List(_)
                    | Expr::Record(_)
                    | Expr::Text(_)
                    | Expr::Command(_)
            );
            !is_chain && !stands_alone
        };
        around.is_some_and(binds)
    }

    /// The read that is written at a range.
    fn read_at(&self, range: TextRange) -> Option<(ExprId, Builtin)> {
        self.exprs().find_map(|id| {
            let function = self.read(id)?;
            (self.ast.expr_range(id) == range).then_some((id, function))
        })
    }

    fn read(&self, id: ExprId) -> Option<Builtin> {
        let Expr::Call { callee, .. } = self.ast.expr(id) else { return None };
        match self.out.meanings.get(callee) {
            Some(Meaning::Builtin(it @ (Builtin::Env | Builtin::File))) => Some(*it),
            _ => None,
        }
    }

    fn exprs(&self) -> impl Iterator<Item = ExprId> {
        (0..self.ast.expr_count()).map(|at| ExprId(at as u32))
    }

    /// The chain of `??` that a read is part of.
    fn with_fallbacks(&self, read: ExprId) -> ExprId {
        let around = |id: &ExprId| {
            let is_around = |it: &ExprId| match self.ast.expr(*it) {
                Expr::Binary { op: BinaryOp::Otherwise, left, right, .. } => {
                    left == id || right == id
                }
                _ => false,
            };
            self.exprs().find(is_around)
        };
        std::iter::successors(Some(read), around).last().unwrap_or(read)
    }

    /// The type of a parameter with this default, as it is written.
    fn param_type(&self, whole: ExprId) -> &'static str {
        let last = |id: &ExprId| match self.ast.expr(*id) {
            Expr::Binary { op: BinaryOp::Otherwise, right, .. } => Some(*right),
            _ => None,
        };
        let last = std::iter::successors(Some(whole), last).last().unwrap_or(whole);
        let last = self.fallback_argument(last).map_or(last, |it| it.value);
        if self.read(last).is_some() {
            return "string?";
        }
        match self.out.types.get(last.0 as usize).map(Ty::bare) {
            Some(Ty::Bool) => "bool",
            Some(Ty::Int(_)) => "int",
            Some(Ty::Float(_)) => "float",
            Some(Ty::Duration(_)) => "duration",
            Some(Ty::Size(_)) => "size",
            Some(Ty::Path) => "path",
            _ => "string",
        }
    }

    /// A `let` of the file that is nothing but the read becomes the parameter itself.
    fn instead_of_let(&self, it: &ast::Let) -> Option<report::ParamProposal> {
        let name = it.name.as_ref()?;
        let ty = match it.ty {
            Some(ty) => self.source(self.ast.type_range(ty)),
            None => self.param_type(it.value),
        };
        let declaration = declaration(&name.text, ty, &self.as_proposed(it.value))?;
        let before = self.whole_text().get(..usize::from(name.range.start()))?.trim_end();
        let start = TextSize::of(before.strip_suffix("let")?);
        let keyword = TextRange::at(start, TextSize::of("let"));
        let mut edits = vec![Edit::replace(&self.id, keyword, "param".to_owned())];
        if it.ty.is_none() {
            let at = TextRange::empty(name.range.end());
            edits.push(Edit::replace(&self.id, at, format!(": {ty}")));
        }
        let is_certain = match it.ty {
            Some(_) => is_settable(value_type(self.db, self.item)),
            None => matches!(ty, "string" | "string?"),
        } && duplicate_of(self.db, self.item).is_none();
        Some(report::ParamProposal::Instead { declaration, edits: is_certain.then_some(edits) })
    }

    /// A parameter beside this item, with a name made from that of the variable or the file.
    fn beside(
        &self,
        read: ExprId,
        function: Builtin,
        whole: ExprId,
    ) -> Option<report::ParamProposal> {
        let Expr::Call { args, .. } = self.ast.expr(read) else { return None };
        let Expr::Text(parts) = self.ast.expr(args.first()?.value) else { return None };
        let text = fixed_text(parts)?;
        let stem = match function {
            Builtin::File => {
                let file = text.rsplit('/').next().unwrap_or(&text);
                file.trim_start_matches('.').split('.').next().unwrap_or_default()
            }
            _ => text.as_str(),
        };
        let name = stem.to_ascii_lowercase().replace('-', "_");
        let is_free = is_name(&name)
            && !is_reserved(&name)
            && self.local(&name).is_none()
            && resolve(self.db, self.file, &name).is_none();
        let declaration = declaration(&name, self.param_type(whole), &self.as_proposed(whole))?;
        is_free.then_some(report::ParamProposal::Beside { name, declaration })
    }
}

fn declaration(name: &str, ty: &str, value: &str) -> Option<String> {
    let written = format!("param {name}: {ty} = {value}");
    (written.len() <= PROPOSAL_MAX && !written.contains('\n')).then_some(written)
}
