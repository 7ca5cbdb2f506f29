//! What to write in place of `env(..)` and `file(..)` where they may not be read, or with a second argument.

use rush_diagnostics::{Code, Diagnostic, Edit, TextRange, TextSize};
use rush_syntax::ast::{self, BinaryOp, Expr, ExprId, ItemKind, fixed_text};
use rustc_hash::FxHashMap;

use super::Meaning;
use super::context::Context;
use crate::builtins::Builtin;
use crate::names::{duplicate_of, resolve};
use crate::order::each_child;
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

/// Where the reads of an item stand.
struct Places {
    /// The expression around each one.
    parents: Vec<Option<ExprId>>,
    /// The reads.
    reads: FxHashMap<TextRange, (ExprId, Builtin)>,
    /// Those with a second argument, by where that stands.
    fallbacks: FxHashMap<TextRange, Fallback>,
}

impl Places {
    fn parent(&self, id: ExprId) -> Option<ExprId> {
        self.parents.get(id.0 as usize).copied().flatten()
    }
}

impl Context<'_> {
    /// Adds to each read that is not allowed the `param` that would read it, and to a second argument of a read
    /// where it belongs: to others it is the value where nothing is set.
    pub fn propose_for_reads(&mut self) {
        let concerns =
            |it: &Diagnostic| matches!(it.code, Code::ReadNotAllowed | Code::UnknownArgument);
        let mut diagnostics = std::mem::take(&mut self.out.diagnostics);
        if diagnostics.iter().any(concerns) {
            let places = self.places();
            for found in &mut diagnostics {
                let proposed = match found.code {
                    Code::ReadNotAllowed => self.with_param(found, &places),
                    Code::UnknownArgument => self.with_fallback(found, &places),
                    _ => None,
                };
                if let Some(proposed) = proposed {
                    *found = proposed;
                }
            }
        }
        self.out.diagnostics = diagnostics;
    }

    fn places(&self) -> Places {
        let exprs = || (0..self.ast.expr_count()).map(|at| ExprId(at as u32));
        let mut parents = vec![None; self.ast.expr_count()];
        for id in exprs() {
            each_child(self.ast.expr(id), |child| {
                if let Some(parent) = parents.get_mut(child.0 as usize) {
                    *parent = Some(id);
                }
            });
        }
        let reads = exprs().filter_map(|id| Some((self.ast.expr_range(id), (id, self.read(id)?))));
        let fallbacks = exprs().filter_map(|id| self.fallback_argument(id));
        Places {
            parents,
            reads: reads.collect(),
            fallbacks: fallbacks.map(|it| (self.ast.expr_range(it.value), it)).collect(),
        }
    }

    fn with_param(&self, found: &Diagnostic, places: &Places) -> Option<Diagnostic> {
        let (read, function) = *places.reads.get(&found.primary.span.range)?;
        let whole = self.with_fallbacks(read, places);
        let proposed = match &self.ast.kind {
            ItemKind::Let(it) if it.value == whole => self.instead_of_let(it),
            _ => self.beside(read, function, whole),
        };
        Some(report::with_param(found.clone(), proposed?))
    }

    fn with_fallback(&self, found: &Diagnostic, places: &Places) -> Option<Diagnostic> {
        let it = places.fallbacks.get(&found.primary.span.range)?;
        let mut behind = self.behind_read(it);
        let mut edits = Vec::new();
        if places.parent(it.read).is_some_and(|parent| self.binds(parent)) {
            let start = TextRange::empty(self.ast.expr_range(it.read).start());
            edits.push(Edit::replace(&self.id, start, "(".to_owned()));
            behind.push(')');
        }
        edits.push(Edit::replace(&self.id, it.behind, behind));
        let value = self.ast.expr_range(it.value);
        let beside = [
            TextRange::new(it.behind.start(), value.start()),
            TextRange::new(value.end(), it.behind.end()),
        ];
        let has_comment = beside.into_iter().any(|gap| self.source(gap).contains("//"));
        Some(report::with_fallback(found.clone(), edits, !has_comment))
    }

    /// Whether a read has a second argument.
    pub(super) fn has_fallback(&self, read: ExprId) -> bool {
        self.fallback_argument(read).is_some()
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
        let value = self.source(self.ast.expr_range(fallback.value));
        let is_looser = match self.ast.expr(fallback.value) {
            Expr::If { .. } => true,
            Expr::Binary { op, .. } => *op != BinaryOp::Otherwise,
            _ => false,
        };
        if is_looser { format!(") ?? ({value})") } else { format!(") ?? {value}") }
    }

    /// The source of a value, with the second argument of a read where it belongs.
    fn as_proposed(&self, whole: ExprId) -> String {
        let source = self.source(self.ast.expr_range(whole));
        let Some(fallback) = self.fallback_argument(whole) else { return source.to_owned() };
        let name = source.len() - usize::from(fallback.behind.len());
        format!("{}{}", source.get(..name).unwrap_or(source), self.behind_read(&fallback))
    }

    /// Whether an expression binds its parts more tightly than `??` does.
    fn binds(&self, id: ExprId) -> bool {
        match self.ast.expr(id) {
            Expr::Binary { op, .. } => *op != BinaryOp::Otherwise,
            Expr::Unary { .. } | Expr::Field { .. } | Expr::Index { .. } => true,
            _ => false,
        }
    }

    fn read(&self, id: ExprId) -> Option<Builtin> {
        let Expr::Call { callee, .. } = self.ast.expr(id) else { return None };
        match self.out.meanings.get(callee) {
            Some(Meaning::Builtin(it @ (Builtin::Env | Builtin::File))) => Some(*it),
            _ => None,
        }
    }

    /// The chain of `??` that a read is part of.
    fn with_fallbacks(&self, read: ExprId, places: &Places) -> ExprId {
        let is_chain = |it: &ExprId| {
            matches!(self.ast.expr(*it), Expr::Binary { op: BinaryOp::Otherwise, .. })
        };
        let around = |id: &ExprId| places.parent(*id).filter(is_chain);
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
