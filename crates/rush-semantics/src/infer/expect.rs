//! Whether a value fits where it stands: the meeting of what is expected and what is found.

use std::sync::Arc;

use rush_diagnostics::{Code, TextRange};
use rush_syntax::ast::{Element, Expr, ExprId, Part};
use smol_str::SmolStr;

use super::context::{By, Context, Expected};
use super::expr::is_list;
use super::narrow::Outcome;
use super::shape;
use super::unknown::Sought;
use super::{LocalSource, Meaning};
use crate::report::{self, Remedy};
use crate::signature::params_of;
use crate::ty::{Fit, TextTy, Ty, fits, join, may_fit, strip_none};

impl Context<'_> {
    /// Visits an expression where a type is expected, and reports when it does not fit.
    pub fn expect(&mut self, id: ExprId, expected: Expected<'_>) -> Ty {
        self.watch_scope(id);
        self.watch_expected(id, expected.ty);
        let ast = self.ast;
        if let Some(ty) = self.without_quotes(id, expected.ty) {
            return self.set_type(id, ty);
        }
        let ty = match ast.expr(id) {
            Expr::If { condition, then, otherwise } => {
                self.expect(*condition, Expected { ty: &Ty::Bool, by: By::Language });
                let then =
                    self.assuming(*condition, Outcome::Holds, |it| it.expect(*then, expected));
                let otherwise =
                    self.assuming(*condition, Outcome::Fails, |it| it.expect(*otherwise, expected));
                join(then, otherwise)
            }
            Expr::List(elements) => match list_variant(expected.ty) {
                Some(element) => {
                    if self.foreign_list(id, elements, (element, &expected.by)) {
                        return self.set_type(id, Ty::Error);
                    }
                    for it in elements {
                        self.expect_element(it, Expected { ty: element, by: expected.by });
                    }
                    Ty::List(Arc::clone(element))
                }
                None => self.synth_and_coerce(id, expected),
            },
            Expr::Record(record) => match Self::record_variant(record, expected.ty) {
                Some(variant) => {
                    let ty = self.expect_record(record, &variant, expected);
                    if !ty.is_error() {
                        self.out.conversions.insert(id, variant);
                    }
                    ty
                }
                None => self.synth_and_coerce(id, expected),
            },
            Expr::Call { callee, args, args_range } => {
                let found = self.call(id, *callee, (args, *args_range), Some(expected.ty));
                let found = self.set_type(id, found);
                self.coerce(id, &found, expected)
            }
            Expr::Text(parts) if has_holes(parts) => self.expect_text(id, parts, expected),
            Expr::Binary { op: rush_syntax::ast::BinaryOp::Otherwise, left, right, .. } => {
                let left_ty = self.synth(*left);
                let optional = expected.ty.clone().optional();
                self.coerce(*left, &left_ty, Expected { ty: &optional, by: expected.by });
                let right_ty = self.expect(*right, expected);
                join(strip_none(&left_ty), right_ty)
            }
            _ => self.synth_and_coerce(id, expected),
        };
        self.set_type(id, ty)
    }

    fn synth_and_coerce(&mut self, id: ExprId, expected: Expected<'_>) -> Ty {
        let before = self.out.diagnostics.len();
        if self.shell_line(id, expected.ty) {
            return Ty::Error;
        }
        let found = self.synth_sought(id, Sought::Value(expected.ty));
        self.bare_command(id, expected.ty, before);
        self.coerce(id, &found, expected)
    }

    fn expect_element(&mut self, element: &Element, expected: Expected<'_>) {
        match element {
            Element::Value(value) => {
                self.element = Some(*value);
                self.expect(*value, expected);
            }
            Element::Spread(value) => self.expect_spread(*value, expected),
            Element::For { name, iterable, condition, element } => {
                self.for_element(name.as_deref(), *iterable, *condition, |it| {
                    it.expect_element(element, expected);
                });
            }
            Element::If { condition, element } => {
                self.expect(*condition, Expected { ty: &Ty::Bool, by: By::Language });
                self.assuming(*condition, Outcome::Holds, |it| {
                    it.expect_element(element, expected);
                });
            }
        }
    }

    /// `...value` in a list: a list of what is expected, or an optional one.
    fn expect_spread(&mut self, value: ExprId, expected: Expected<'_>) {
        let list = Ty::list(expected.ty.clone());
        self.watch_expected(value, &list);
        if let Expr::List(_) = self.ast.expr(value) {
            self.expect(value, Expected { ty: &list, by: expected.by });
            return;
        }
        let found = self.synth_sought(value, Sought::Value(&list));
        if self.spread_of(value, &found).is_error() {
            return;
        }
        let is_list = is_list(&strip_none(&found));
        let target = if is_list { list } else { expected.ty.clone() };
        let target = if found.may_be_none() { target.optional() } else { target };
        self.coerce(value, &found, Expected { ty: &target, by: expected.by });
    }

    /// A text with holes is accepted as a path or a glob: its fixed parts are checked now.
    fn expect_text(&mut self, id: ExprId, parts: &[Part], expected: Expected<'_>) -> Ty {
        let found = self.synth(id);
        if *found.bare() == Ty::Secret || fits(&found, expected.ty) != Fit::No {
            return self.coerce(id, &found, expected);
        }
        let wanted =
            expected.ty.members().iter().find(|it| matches!(it.bare(), Ty::Path | Ty::Glob));
        match wanted {
            Some(target) => {
                self.computed_text(id, parts, target);
                self.out.conversions.insert(id, target.clone());
                target.clone()
            }
            None => self.coerce(id, &found, expected),
        }
    }

    /// Compares what was found with what is expected; remembers the conversion, or reports.
    pub fn coerce(&mut self, id: ExprId, found: &Ty, expected: Expected<'_>) -> Ty {
        self.watch_expected(id, expected.ty);
        match fits(found, expected.ty) {
            Fit::Exact => found.clone(),
            Fit::Converted => {
                let target = target_of(found, expected.ty);
                self.literals(id, found, &target);
                self.out.conversions.insert(id, target.clone());
                target
            }
            Fit::No if is_checked_later(found, expected) => {
                self.out.conversions.insert(id, expected.ty.clone());
                expected.ty.clone()
            }
            Fit::No => {
                self.misfit(id, found, expected);
                Ty::Error
            }
        }
    }

    fn misfit(&mut self, id: ExprId, found: &Ty, expected: Expected<'_>) {
        let at = self.span_of(id);
        let because = self.reason(&expected);
        let wanted = expected.ty;
        let rest = strip_none(found);
        let report = if found.may_be_none() && *found != Ty::None && fits(&rest, wanted) != Fit::No
        {
            report::maybe_none(at, &format!("`{}`", self.source_of(id)))
        } else if *found.bare() == Ty::Secret {
            report::secret_leak(at, place_of(wanted))
        } else {
            match (found.bare(), strip_none(wanted)) {
                (Ty::Text(TextTy::Literal(text)), rest) => {
                    self.wrong_text(id, text, &rest, expected)
                }
                (Ty::Int(_) | Ty::Float(_) | Ty::Duration(_) | Ty::Size(_), rest)
                    if is_known(found)
                        && rest.members().len() == 1
                        && (is_same_sort(found, &rest) || is_whole_number(found, &rest)) =>
                {
                    report::out_of_range(at, found, &rest, because)
                }
                _ => {
                    let remedy = self.remedy(id, found, wanted);
                    let mut report = report::mismatch(at, wanted, found, remedy, because);
                    if let Some((range, name)) = self.parameter_type(id)
                        && is_same_sort(found, wanted)
                    {
                        let narrow = strip_none(wanted).bare().to_string();
                        let declared = self.span(range);
                        report = report::too_wide(report, declared, &name, &narrow);
                    }
                    if let Ty::Alias(alias) = wanted
                        && is_same_sort(found, wanted)
                    {
                        report = report.help(format!(
                            "write `{}(..)` to check it when it is known",
                            alias.name
                        ));
                    }
                    report
                }
            }
        };
        let report = self.with_shape(report, id, found, wanted);
        self.report(match expected.by {
            By::Field(name) if report.code == Code::TypeMismatch && !is_open(wanted) => {
                report.note(format!("`{name}` takes `{wanted}`"))
            }
            _ => report,
        });
    }

    /// Where the type of a parameter is written, if the expression is just its name.
    fn parameter_type(&self, id: ExprId) -> Option<(TextRange, SmolStr)> {
        let Meaning::Local(local) = self.out.meanings.get(&id)? else { return None };
        let local = self.out.locals.get(local.0 as usize)?;
        let LocalSource::Parameter(at) = local.source else { return None };
        let param = params_of(&self.ast.kind).get(at)?;
        Some((self.ast.type_range(param.ty), local.name.clone()))
    }

    /// A known text that does not fit.
    fn wrong_text(
        &mut self,
        id: ExprId,
        text: &SmolStr,
        wanted: &Ty,
        expected: Expected<'_>,
    ) -> rush_diagnostics::Diagnostic {
        let at = self.span_of(id);
        let because = self.reason(&expected);
        if let Some(members) = wanted.literal_texts()
            && !members.is_empty()
        {
            let members: Vec<&str> = members.iter().map(SmolStr::as_str).collect();
            return report::not_a_member(at, text, &members, because);
        }
        if matches!(wanted.bare(), Ty::Text(TextTy::Pattern(_))) {
            return report::pattern_mismatch(at, text, wanted, because);
        }
        let remedy = self.remedy(id, &Ty::literal(text.clone()), expected.ty);
        report::mismatch(at, expected.ty, &Ty::literal(text.clone()), remedy, because)
    }

    /// What makes the value fit.
    fn remedy(&self, id: ExprId, found: &Ty, wanted: &Ty) -> Option<Remedy> {
        let source = self.source_of(id);
        let wanted = strip_none(wanted);
        if let Ty::List(inner) = strip_none(found).bare()
            && self.element == Some(id)
            && fits(inner, &wanted) != Fit::No
        {
            return Some(Remedy::one("take its elements with `...`", format!("...{source}")));
        }
        let is = |test: fn(&Ty) -> bool| wanted.members().iter().any(|it| test(it.bare()));
        match (self.ast.expr(id), found.bare()) {
            (Expr::Text(_), Ty::Text(TextTy::Literal(text))) => {
                self.remedy_of_text(source, text, &wanted)
            }
            (Expr::Int(_) | Expr::Float(_) | Expr::Bool(_), _)
                if is(|it| matches!(it, Ty::Text(TextTy::Any))) =>
            {
                Some(Remedy::one("put it in quotes", format!("\"{source}\"")))
            }
            (Expr::Int(_) | Expr::Float(_), _)
                if let Some(remedy) = with_units(source, &wanted) =>
            {
                Some(remedy)
            }
            // A variable of `env`, or what is written to a program: its text is all there is to it.
            (Expr::Name(_) | Expr::Field { .. }, _)
                if is(|it| *it == Ty::Secret) && has_text_form(found) =>
            {
                Some(Remedy::one("put it in a text", format!("\"${{{source}}}\"")))
            }
            _ => in_list(found, &wanted, source),
        }
    }

    /// What makes a text fit that is known; `source` is how it is written.
    fn remedy_of_text(&self, source: &str, text: &SmolStr, wanted: &Ty) -> Option<Remedy> {
        let is = |test: fn(&Ty) -> bool| wanted.members().iter().any(|it| test(it.bare()));
        let parsed = super::literal::literal_type(text);
        if parsed.is_some_and(|ty| fits(&ty, wanted) != Fit::No) {
            return Some(Remedy::one("remove the quotes", text.to_string()));
        }
        if let Some(name) = self.needed(text, wanted) {
            let name = if list_variant(wanted).is_some() { format!("[{name}]") } else { name };
            return Some(Remedy::one("name it without quotes", name));
        }
        if is(|it| matches!(it, Ty::Duration(_)))
            && let Some(duration) = shape::duration_in_words(text)
        {
            return Some(Remedy::one("write it without quotes, with its unit", duration));
        }
        if let Some(remedy) =
            shape::size_of_other_tools(text).filter(|_| is(|it| matches!(it, Ty::Size(_))))
        {
            return Some(remedy);
        }
        let is_number = text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
        if let Some(remedy) = with_units(text, wanted).filter(|_| is_number) {
            return Some(remedy);
        }
        let is_block = source.starts_with("\"\"\"") && !source.contains('\\');
        if is(|it| *it == Ty::Command) && is_block && text.trim_end().contains('\n') {
            return Some(Remedy::one("make it a script with `sh`", format!("sh{source}")));
        }
        if is(|it| *it == Ty::Command) && !text.contains('`') && !text.contains('\n') {
            let command = format!("`{}`", text.replace('\\', "\\\\"));
            return Some(Remedy::one("use backticks", command));
        }
        in_list(&Ty::literal(text.clone()), wanted, source)
    }
}

/// A number with the units it may have been meant in, where a duration or a size is expected.
fn with_units(number: &str, wanted: &Ty) -> Option<Remedy> {
    let units = wanted.members().iter().find_map(|it| match it.bare() {
        Ty::Duration(_) => Some(["s", "m", "h"]),
        Ty::Size(_) => Some(["B", "MB", "GB"]),
        _ => None,
    })?;
    let texts = units.map(|unit| format!("{number}{unit}")).into_iter();
    let texts: Vec<_> = texts.filter(|it| super::literal::literal_type(it).is_some()).collect();
    // One that is left over since the others are too large is no more certain than they were.
    (texts.len() > 1).then_some(Remedy { title: "add a unit", texts })
}

/// Whether every value of a type, none of which is a text, can be part of one.
fn has_text_form(ty: &Ty) -> bool {
    let is_plain = |it: &Ty| {
        matches!(it, Ty::Bool | Ty::Int(_) | Ty::Float(_) | Ty::Duration(_) | Ty::Size(_))
    };
    ty.members().iter().all(|it| is_plain(it.bare()))
}

/// Whether any value of its sort will do, so that there is nothing to say about the type.
fn is_open(ty: &Ty) -> bool {
    matches!(ty.bare(), Ty::List(element) if element.is_error())
}

/// Whether a field takes a value of which only the sort is known, so that the rest is seen later.
fn is_checked_later(found: &Ty, expected: Expected<'_>) -> bool {
    matches!(expected.by, By::Field(_)) && may_fit(found, expected.ty)
}

/// A whole number where a number with limits is expected.
fn is_whole_number(found: &Ty, wanted: &Ty) -> bool {
    matches!((found.bare(), wanted.bare()), (Ty::Int(_), Ty::Float(_)))
}

/// The change that puts a single value into the list that is expected.
fn in_list(found: &Ty, wanted: &Ty, source: &str) -> Option<Remedy> {
    let element = list_variant(wanted)?;
    let fits_inside = fits(found, element) != Fit::No && !matches!(found.bare(), Ty::List(_));
    fits_inside.then(|| Remedy::one("put it in a list", format!("[{source}]")))
}

/// The element type of the first list among the variants of a type.
pub fn list_variant(ty: &Ty) -> Option<&Arc<Ty>> {
    ty.members().iter().find_map(|member| match member.bare() {
        Ty::List(element) => Some(element),
        _ => None,
    })
}

/// The member of the expected type that the value is converted to.
fn target_of(found: &Ty, expected: &Ty) -> Ty {
    let members = expected.members();
    let best = members.iter().find(|member| fits(found, member) != Fit::No);
    match best {
        Some(member) if members.len() > 1 => member.clone(),
        _ => expected.clone(),
    }
}

/// Whether something of a text is only known when it is worked out.
pub fn has_holes(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::Hole { .. }))
}

/// Whether the type has one value.
pub fn is_known(ty: &Ty) -> bool {
    match ty.bare() {
        Ty::Int(it) | Ty::Duration(it) | Ty::Size(it) => it.single().is_some(),
        Ty::Float(it) => it.single().is_some(),
        Ty::Text(TextTy::Literal(_)) => true,
        _ => false,
    }
}

fn is_same_sort(a: &Ty, b: &Ty) -> bool {
    let b = strip_none(b);
    b.members().iter().any(|b| std::mem::discriminant(a.bare()) == std::mem::discriminant(b.bare()))
}

/// What a secret would become.
fn place_of(wanted: &Ty) -> &'static str {
    match wanted.bare() {
        Ty::Glob | Ty::Path => "a path",
        Ty::List(_) => "part of a list",
        Ty::Text(_) => "text",
        _ => "such a value",
    }
}
