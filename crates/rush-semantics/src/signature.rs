//! What an item shows to others: parameters, results, axes. The firewall of incremental checking.
//!
//! A signature depends on annotations alone, except where the language infers: the type of a `let`,
//! the result of a `fn` without one, the axes of a `matrix`. Those are queries of their own, which
//! compare equal when a body changed without changing its type.

use rush_diagnostics::{Code, Diagnostic, TextSize};
use rush_syntax::ast::{Arg, ExprId, ItemKind, ParamDecl};
use rush_syntax::{Parsed, SyntaxError};
use smol_str::SmolStr;

use crate::db::{Db, Item};
use crate::infer::infer;
use crate::names::base_of;
use crate::order::is_circular;
use crate::ty::{Ty, is_too_large};
use crate::types::lower_type;

/// The parameters of a declaration, a template or a function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// In the order declared.
    pub params: Vec<ParamSig>,
    /// What is wrong with the types of the parameters.
    pub problems: Vec<Diagnostic>,
    /// Whether there may be other parameters than these, because they are written wrongly.
    pub is_broken: bool,
}

/// A parameter as callers see it.
#[derive(Debug, PartialEq, Eq)]
pub struct ParamSig {
    /// Its name.
    pub name: SmolStr,
    /// The type of its argument.
    pub ty: Ty,
    /// Whether it may be left out.
    pub has_default: bool,
    /// Whether it takes what follows `--`.
    pub is_rest: bool,
}

impl Signature {
    /// The position of a parameter.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.params.iter().position(|param| param.name == name)
    }

    /// The parameters that must be given.
    pub fn required(&self) -> impl Iterator<Item = &ParamSig> {
        self.params.iter().filter(|param| !param.has_default && !param.is_rest)
    }
}

/// The parameters of an item; none for items that can't have any.
#[salsa::tracked(returns(ref))]
pub fn signature(db: &dyn Db, item: Item) -> Signature {
    let written = params_of(&item.ast(db).kind);
    let mut params = Vec::<ParamSig>::with_capacity(written.len());
    let mut problems = Vec::new();
    for param in written {
        let ty = lower_type(db, item, param.ty, &mut problems);
        let Some(name) = &param.name else { continue };
        if params.iter().all(|it| it.name != name.text) {
            let (name, has_default) = (name.text.clone(), param.default.is_some());
            params.push(ParamSig { name, ty, has_default, is_rest: param.is_rest });
        }
    }
    Signature { params, problems, is_broken: has_broken_parameters(item.parsed(db)) }
}

/// Whether the way the parameters are written leaves open which there are. A comma that is missing
/// does not, and neither does what is certain to be meant otherwise, nor a name that is no name here.
pub fn has_broken_parameters(parsed: &Parsed) -> bool {
    if parsed.errors.is_empty() {
        return false;
    }
    let (name, body) = match &parsed.item.kind {
        ItemKind::Fn { name, body, .. } => (name, parsed.item.expr_range(*body).start()),
        ItemKind::Decl(decl) => (&decl.name, decl.body.range.start()),
        _ => return false,
    };
    let from = name.as_ref().map_or(TextSize::default(), |it| it.range.end());
    let is_in_head = |error: &&SyntaxError| match error.code {
        // Where the `(` is missing, the name is the place.
        Code::UnclosedBracket => error.range.start() < body,
        Code::ExpectedSyntax => {
            !error.is_certain() && from <= error.range.start() && error.range.start() < body
        }
        _ => false,
    };
    parsed.errors.iter().any(|it| is_in_head(&it))
}

/// The parameter list of an item; empty for items that can't have one.
pub fn params_of(kind: &ItemKind) -> &[ParamDecl] {
    match kind {
        ItemKind::Fn { params, .. } => params,
        ItemKind::Decl(decl) => decl.params.as_deref().unwrap_or_default(),
        _ => &[],
    }
}

/// The type of a file-level `let` or `param`.
#[salsa::tracked(returns(ref))]
pub fn value_type(db: &dyn Db, item: Item) -> Ty {
    let ast = item.ast(db);
    let annotated = match &ast.kind {
        ItemKind::Param(param) => Some(param.ty),
        ItemKind::Let(it) => it.ty,
        _ => None,
    };
    if is_circular(db, item) {
        return Ty::Error;
    }
    let ty = match (&ast.kind, annotated) {
        (_, Some(ty)) => lower_type(db, item, ty, &mut Vec::new()),
        (ItemKind::Let(it), None) => infer(db, item).ty(it.value).clone(),
        _ => Ty::Error,
    };
    if is_too_large(&ty) { Ty::Error } else { ty }
}

/// The type of a function's result.
#[salsa::tracked(returns(ref))]
pub fn result_type(db: &dyn Db, item: Item) -> Ty {
    let ItemKind::Fn { result, body, .. } = &item.ast(db).kind else { return Ty::Error };
    if is_circular(db, item) {
        return Ty::Error;
    }
    let ty = match result {
        Some(ty) => lower_type(db, item, *ty, &mut Vec::new()),
        None => infer(db, item).ty(*body).clone(),
    };
    if is_too_large(&ty) { Ty::Error } else { ty }
}

/// The axes of a task's matrix with the type of their values, inherited ones included.
pub fn matrix_axes(db: &dyn Db, item: Item) -> &Vec<(SmolStr, Ty)> {
    static NONE: Vec<(SmolStr, Ty)> = Vec::new();
    if item.mentions(db).extends || item.mentions(db).matrix { all_axes(db, item) } else { &NONE }
}

/// A matrix whose values call its own task, or each other's, has no axes; what is called in vain is reported there.
fn axes_in_a_circle(_: &dyn Db, _: salsa::Id, _: Item) -> Vec<(SmolStr, Ty)> {
    Vec::new()
}

#[salsa::tracked(returns(ref), cycle_result = axes_in_a_circle)]
fn all_axes(db: &dyn Db, item: Item) -> Vec<(SmolStr, Ty)> {
    if is_circular(db, item) {
        return Vec::new();
    }
    match crate::infer::own_axes(db, item) {
        Some(axes) => axes,
        None => base_of(db, item).map(|base| matrix_axes(db, base).clone()).unwrap_or_default(),
    }
}

/// Which argument goes to which parameter.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// For each parameter of the signature, the argument that was given.
    pub by_param: Vec<Option<ExprId>>,
    /// The arguments that select cells, by axis.
    pub axes: Vec<(SmolStr, ExprId)>,
    /// Positional arguments beyond the last parameter.
    pub surplus: Vec<ExprId>,
    /// Named arguments (by their position among all) that nobody takes.
    pub unknown: Vec<usize>,
    /// Named arguments (by their position among all) whose parameter already has one.
    pub repeated: Vec<usize>,
}

/// Matches arguments to parameter names: positional ones in order, named ones by name. `names` are
/// the parameters' names, `axes` further names that may be given.
pub fn match_args<'a>(
    names: impl IntoIterator<Item = &'a str>,
    axes: &[(SmolStr, Ty)],
    args: &[Arg],
) -> Matched {
    let names: Vec<&str> = names.into_iter().collect();
    let mut matched = Matched { by_param: vec![None; names.len()], ..Matched::default() };
    for (at, arg) in args.iter().enumerate() {
        let Some(name) = &arg.name else {
            let before = args.iter().take(at).filter(|arg| arg.name.is_none()).count();
            match matched.by_param.get_mut(before) {
                Some(slot) => *slot = Some(arg.value),
                None => matched.surplus.push(arg.value),
            }
            continue;
        };
        let position = names.iter().position(|it| *it == name.text);
        match position.and_then(|it| matched.by_param.get_mut(it)) {
            Some(Some(_)) => matched.repeated.push(at),
            Some(slot) => *slot = Some(arg.value),
            None if axes.iter().any(|(axis, _)| *axis == name.text) => {
                matched.axes.push((name.text.clone(), arg.value));
            }
            None => matched.unknown.push(at),
        }
    }
    matched
}
