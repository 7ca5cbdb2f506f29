//! What to write in place of `env(..)` and `file(..)` where they may not be read.

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
        let value = self.source(self.ast.expr_range(it.value));
        let declaration = declaration(&name.text, ty, value)?;
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
        let value = self.source(self.ast.expr_range(whole));
        let declaration = declaration(&name, self.param_type(whole), value)?;
        is_free.then_some(report::ParamProposal::Beside { name, declaration })
    }
}

fn declaration(name: &str, ty: &str, value: &str) -> Option<String> {
    let written = format!("param {name}: {ty} = {value}");
    (written.len() <= PROPOSAL_MAX && !written.contains('\n')).then_some(written)
}
