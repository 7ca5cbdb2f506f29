//! Methods: which a type has, and calls of them.

use rush_diagnostics::Span;
use rush_syntax::ast::{Element, Expr, ExprId, Name};

use super::call::{Args, unrefined};
use super::context::Context;
use super::expr::HoleIn;
use super::operator::is_or_holds_secret;
use crate::report;
use crate::ty::{FieldTy, Ty, union};

/// How other languages make a list from another, or go through one.
const ITERATIONS: &[&str] = &[
    "collect", "each", "every", "filter", "flatMap", "flat_map", "forEach", "for_each", "map",
    "select",
];

impl Context<'_> {
    /// `value.method(args)`
    pub(super) fn method(&mut self, base: ExprId, name: &Name, args: Args<'_>) -> Ty {
        let ty = match self.ast.expr(base) {
            Expr::Script { tag, body } if name.text == "args" => {
                let ty = self.script_with_args(base, tag, body);
                self.set_type(base, ty)
            }
            _ => self.synth(base),
        };
        if ty.is_error() {
            return self.silent(args);
        }
        if ty.may_be_none() {
            let at = self.span_of(base);
            let what = format!("`{}`", self.source_of(base));
            self.report(report::maybe_none(at, &what));
            return self.silent(args);
        }
        let Some((params, result)) = method_of(&ty, &name.text) else {
            return self.no_method(&ty, name, args);
        };
        if name.text == "contains" && self.secrets_searched(base, &ty, args) {
            return result;
        }
        self.fields_as_arguments(&name.text, &params, args);
        match name.text.as_str() {
            "args" => self.script_arguments(args),
            "join" => self.joined(base, &ty),
            _ => {}
        }
        result
    }

    /// Reports that a list with secrets is searched, which compares them.
    fn secrets_searched(&mut self, base: ExprId, ty: &Ty, args: Args<'_>) -> bool {
        let element = ty.members().iter().find_map(|it| match it.bare() {
            Ty::List(element) if is_or_holds_secret(element) => Some(Ty::clone(element)),
            _ => None,
        });
        let (Some(element), [wanted, ..]) = (element, args.0) else { return false };
        self.silent(args);
        let wanted = self.out.ty(wanted.value).clone();
        let at = self.span(self.ast.expr_range(base).cover(args.1));
        self.report(report::secrets_compared(at, &wanted, &element));
        true
    }

    /// What is joined becomes part of a text, so each element needs a text form.
    fn joined(&mut self, base: ExprId, ty: &Ty) {
        let written = match self.ast.expr(base) {
            Expr::List(elements) => elements.iter().map(plain_element).collect(),
            _ => None,
        };
        let written: Option<Vec<ExprId>> = written;
        for value in written.iter().flatten() {
            let ty = self.out.ty(*value).clone();
            if ty.may_be_none() && ty != Ty::None {
                let at = self.span_of(*value);
                self.report(report::maybe_none_element(at, self.source_of(*value)));
            } else {
                self.hole(*value, self.ast.expr_range(*value), &ty, HoleIn::Text);
            }
        }
        if written.is_some() {
            return;
        }
        for list in ty.members() {
            let Ty::List(element) = list.bare() else { continue };
            if element.may_be_none() {
                let at = self.span_of(base);
                self.report(report::maybe_none_in_list(at, self.source_of(base)));
            } else {
                self.hole(base, self.ast.expr_range(base), element, HoleIn::Text);
            }
        }
    }

    fn no_method(&mut self, ty: &Ty, name: &Name, args: Args<'_>) -> Ty {
        let at: Span = self.span(name.range);
        let known = methods_of(ty);
        let found = report::no_member(at, &ty.to_string(), &name.text, known.iter().copied());
        let is_list = ty.members().iter().any(|it| matches!(it.bare(), Ty::List(_)));
        if !is_list || !ITERATIONS.contains(&name.text.as_str()) {
            self.report(found);
            return self.silent(args);
        }
        self.report(report::list_by_method(found));
        // They are a function, or say what one would do: nothing that stands for a value.
        let told = self.out.diagnostics.len();
        let ty = self.silent(args);
        self.out.diagnostics.truncate(told);
        ty
    }

    fn script_arguments(&mut self, (args, _): Args<'_>) {
        for arg in args {
            let ty = self.out.ty(arg.value).clone();
            let mut elements: Vec<Ty> = match self.ast.expr(arg.value) {
                Expr::List(elements) => elements
                    .iter()
                    .filter_map(|it| match it {
                        Element::Value(value) => Some(self.out.ty(*value).clone()),
                        _ => None,
                    })
                    .collect(),
                _ => Vec::new(),
            };
            if let Ty::List(element) = ty.bare() {
                elements.push(Ty::clone(element));
            }
            let is_bad =
                |it: &Ty| matches!(it.bare(), Ty::List(_) | Ty::Record(_) | Ty::Secret | Ty::None);
            if elements.iter().any(is_bad) {
                let at = self.span_of(arg.value);
                let name = self.source_of(arg.value).to_owned();
                self.report(report::list_in_script(at, &name));
            } else {
                // Each element becomes an argument, so it needs a text form as well.
                self.joined(arg.value, &ty);
            }
        }
    }
}

fn plain_element(element: &Element) -> Option<ExprId> {
    match element {
        Element::Value(value) => Some(*value),
        Element::Spread(_) | Element::For { .. } | Element::If { .. } => None,
    }
}

/// The methods of a type.
pub fn methods_of(ty: &Ty) -> &'static [&'static str] {
    match sort_of(ty) {
        Some(Ty::Text(_)) => &[
            "len",
            "trim",
            "upper",
            "lower",
            "replace",
            "split",
            "starts_with",
            "ends_with",
            "contains",
        ],
        Some(Ty::List(_)) => &["len", "join", "contains"],
        Some(Ty::Map(_) | Ty::Record(_)) => &["keys", "values"],
        Some(Ty::Path) => &["name", "stem", "ext", "parent"],
        Some(Ty::Duration(_)) => &["seconds"],
        Some(Ty::Size(_)) => &["bytes"],
        Some(Ty::Command) => &["args"],
        _ => &[],
    }
}

/// The one sort of value a type holds.
fn sort_of(ty: &Ty) -> Option<&Ty> {
    let first = ty.members().first()?.bare();
    let is_same = |it: &Ty| std::mem::discriminant(it.bare()) == std::mem::discriminant(first);
    ty.members().iter().all(is_same).then_some(first)
}

/// The parameters and the result of a method.
pub fn method_of(ty: &Ty, name: &str) -> Option<(Vec<FieldTy>, Ty)> {
    let field = |name: &'static str, ty: Ty| FieldTy { name: name.into(), ty, default: None };
    let sort = sort_of(ty)?;
    Some(match (sort, name) {
        (Ty::Text(_) | Ty::List(_), "len") => (vec![], Ty::INT),
        (Ty::Text(_), "trim" | "upper" | "lower") => (vec![], Ty::TEXT),
        (Ty::Text(_), "replace") => {
            (vec![field("from", Ty::TEXT), field("to", Ty::TEXT)], Ty::TEXT)
        }
        (Ty::Text(_), "split") => (vec![field("separator", Ty::TEXT)], Ty::list(Ty::TEXT)),
        (Ty::Text(_), "starts_with" | "ends_with" | "contains") => {
            (vec![field("text", Ty::TEXT)], Ty::Bool)
        }
        (Ty::List(_), "join") => (vec![field("separator", Ty::TEXT)], Ty::TEXT),
        (Ty::List(element), "contains") => (vec![field("value", widen(element))], Ty::Bool),
        (Ty::Map(_) | Ty::Record(_), "keys") => (vec![], Ty::list(Ty::TEXT)),
        (Ty::Map(value), "values") => (vec![], Ty::list((**value).clone())),
        (Ty::Record(record), "values") => {
            let members = record.fields.iter().flat_map(|it| it.ty.members().to_vec());
            (vec![], Ty::list(union(members.collect())))
        }
        (Ty::Path, "name" | "stem") => (vec![], Ty::TEXT),
        (Ty::Path, "ext") => (vec![], Ty::TEXT.optional()),
        (Ty::Path, "parent") => (vec![], Ty::Path),
        (Ty::Duration(_), "seconds") => (vec![], Ty::FLOAT),
        (Ty::Size(_), "bytes") => (vec![], Ty::INT),
        (Ty::Command, "args") => (vec![field("list", Ty::list(Ty::Error))], Ty::Command),
        _ => return None,
    })
}

/// What `contains` may be asked about a list: anything of the same sort.
fn widen(element: &Ty) -> Ty {
    unrefined(element)
}
