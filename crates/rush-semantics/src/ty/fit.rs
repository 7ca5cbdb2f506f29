//! When a value of one type may stand where another is expected, and whether it must be converted.
//!
//! *Exact* fits are subtyping. *Converted* fits are what "typed by context" allows: a known text
//! becomes a path, a glob, a regular expression or a cron line where one is expected.

use std::sync::Arc;

use super::{FieldTy, Limits, Number, TextTy, Ty};
use crate::constant::matches_whole;

/// How a type relates to an expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It does not fit.
    No,
    /// It fits after the evaluator has converted the value.
    Converted,
    /// It fits as it is.
    Exact,
}

/// Whether every value of `from` is a value of `to`.
pub fn is_subtype(from: &Ty, to: &Ty) -> bool {
    fits(from, to) == Fit::Exact
}

/// How a value of type `from` fits where `to` is expected.
pub fn fits(from: &Ty, to: &Ty) -> Fit {
    match (from.bare(), to.bare()) {
        (Ty::Error | Ty::Never, _) | (_, Ty::Error) => Fit::Exact,
        (Ty::Union(members), to) => {
            members.iter().map(|member| fits(member, to)).min().unwrap_or(Fit::Exact)
        }
        (from, Ty::Union(members)) => {
            members.iter().map(|member| fits(from, member)).max().unwrap_or(Fit::No)
        }
        (Ty::List(from), Ty::List(to)) | (Ty::Map(from), Ty::Map(to)) => fits(from, to),
        (Ty::Record(from), Ty::Record(to)) => fits_fields(&from.fields, &to.fields),
        (Ty::Record(from), Ty::Map(to)) => {
            let worst = from.fields.iter().map(|field| fits(&field.ty, to)).min();
            worst.map_or(Fit::Converted, |fit| fit.min(Fit::Converted))
        }
        (Ty::Tag(from), Ty::Tag(to)) if from.name == to.name => {
            fits_fields(&from.fields, &to.fields)
        }
        (Ty::Text(TextTy::Literal(_)), Ty::Path | Ty::Glob | Ty::Regex | Ty::Cron)
        | (Ty::Path, Ty::Glob) => Fit::Converted,
        (Ty::Decl { kind, .. }, Ty::Kind(expected)) if kind == expected => Fit::Converted,
        (Ty::Int(from), Ty::Float(to)) => {
            let number = |it: i64| Number(it as f64);
            let from = Limits::new(from.low().map(number), from.high().map(number));
            if within(&from, to) { Fit::Converted } else { Fit::No }
        }
        (from, to) => exact(fits_simple(from, to)),
    }
}

/// Whether a value of type `from` fits a field of type `to`, or may do so once it is known: a field
/// that narrows durations or sizes takes any of which nothing else is known, also inside a record
/// or a list.
pub fn may_fit(from: &Ty, to: &Ty) -> bool {
    from.members().iter().all(|from| {
        fits(from, to) != Fit::No || to.members().iter().any(|to| may_fit_one(from, to))
    })
}

fn may_fit_one(from: &Ty, to: &Ty) -> bool {
    match (from.bare(), to.bare()) {
        (Ty::Duration(from), Ty::Duration(to)) | (Ty::Size(from), Ty::Size(to)) => {
            from.single().is_none() && meet(from, to)
        }
        (Ty::List(from), Ty::List(to)) | (Ty::Map(from), Ty::Map(to)) => may_fit(from, to),
        (Ty::Record(from), Ty::Map(to)) => from.fields.iter().all(|it| may_fit(&it.ty, to)),
        (Ty::Record(from), Ty::Record(to)) => may_fit_fields(&from.fields, &to.fields),
        (Ty::Tag(from), Ty::Tag(to)) => {
            from.name == to.name && may_fit_fields(&from.fields, &to.fields)
        }
        _ => false,
    }
}

fn may_fit_fields(from: &[FieldTy], to: &[FieldTy]) -> bool {
    let is_known = |field: &FieldTy| named(to, &field.name).is_some();
    let may_fit = |field: &FieldTy| match named(from, &field.name) {
        Some(given) => may_fit(&given.ty, &field.ty),
        None => field.default.is_some() || field.ty.may_be_none(),
    };
    from.iter().all(is_known) && to.iter().all(may_fit)
}

fn exact(holds: bool) -> Fit {
    if holds { Fit::Exact } else { Fit::No }
}

fn fits_simple(from: &Ty, to: &Ty) -> bool {
    match (from, to) {
        (Ty::Int(from), Ty::Int(to))
        | (Ty::Duration(from), Ty::Duration(to))
        | (Ty::Size(from), Ty::Size(to)) => within(from, to),
        (Ty::Float(from), Ty::Float(to)) => within(from, to),
        (Ty::Text(from), Ty::Text(to)) => match (from, to) {
            (_, TextTy::Any) => true,
            (TextTy::Literal(text), TextTy::Pattern(pattern)) => matches_whole(pattern, text),
            _ => from == to,
        },
        _ => from == to,
    }
}

fn fits_fields(from: &[FieldTy], to: &[FieldTy]) -> Fit {
    let is_known = |field: &FieldTy| named(to, &field.name).is_some();
    if !from.iter().all(is_known) {
        return Fit::No;
    }
    let fit = |field: &FieldTy| match named(from, &field.name) {
        Some(given) => fits(&given.ty, &field.ty),
        None if field.default.is_some() || field.ty.may_be_none() => Fit::Converted,
        None => Fit::No,
    };
    to.iter().map(fit).min().unwrap_or(Fit::Exact)
}

fn named<'f>(fields: &'f [FieldTy], name: &str) -> Option<&'f FieldTy> {
    fields.iter().find(|field| field.name == name)
}

fn within<T: PartialOrd + Copy>(inner: &Limits<T>, outer: &Limits<T>) -> bool {
    let low = match (inner.low(), outer.low()) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(inner), Some(outer)) => inner >= outer,
    };
    let high = match (inner.high(), outer.high()) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(inner), Some(outer)) => inner <= outer,
    };
    low && high
}

/// The least type that holds the values of both.
pub fn join(a: Ty, b: Ty) -> Ty {
    if a.is_error() || b.is_error() {
        return Ty::Error;
    }
    if a == b || is_subtype(&b, &a) {
        return a;
    }
    if is_subtype(&a, &b) {
        return b;
    }
    if let (Ty::List(x), Ty::List(y)) = (a.bare(), b.bare()) {
        return Ty::list(join((**x).clone(), (**y).clone()));
    }
    union(a.members().iter().chain(b.members()).cloned().collect())
}

/// The union of many types; linear for literals, of which long lists are made.
pub fn union(members: Vec<Ty>) -> Ty {
    if members.iter().any(Ty::is_error) {
        return Ty::Error;
    }
    if members.len() <= FEW && members.iter().all(is_literal) {
        return few_literals(members);
    }
    let mut seen = rustc_hash::FxHashSet::default();
    let mut kept: Vec<Ty> = Vec::with_capacity(members.len());
    let (literals, wide): (Vec<Ty>, Vec<Ty>) = members.into_iter().partition(is_literal);
    for member in wide {
        if member == Ty::Never || kept.iter().any(|other| is_subtype(&member, other)) {
            continue;
        }
        kept.retain(|other| !is_subtype(other, &member));
        kept.push(member);
    }
    let wide_count = kept.len();
    for literal in literals {
        let is_covered = kept.iter().take(wide_count).any(|other| is_subtype(&literal, other));
        if !is_covered && seen.insert(literal.clone()) {
            kept.push(literal);
        }
    }
    // Literals first and in the order written, as people list them.
    kept.rotate_left(wide_count);
    match kept.len() {
        0 => Ty::Never,
        1 => kept.remove(0),
        _ => Ty::Union(Arc::from(kept)),
    }
}

/// How many literals are compared with each other without a table.
const FEW: usize = 8;

fn few_literals(mut members: Vec<Ty>) -> Ty {
    let mut kept = 0;
    while let Some(member) = members.get(kept) {
        if members.iter().take(kept).any(|it| it == member) {
            members.remove(kept);
        } else {
            kept += 1;
        }
    }
    match kept {
        0 => Ty::Never,
        1 => members.remove(0),
        _ => Ty::Union(Arc::from(members)),
    }
}

fn is_literal(ty: &Ty) -> bool {
    match ty {
        Ty::Text(TextTy::Literal(_)) => true,
        Ty::Int(limits) | Ty::Duration(limits) | Ty::Size(limits) => limits.single().is_some(),
        _ => false,
    }
}

/// The type without `none`.
pub fn strip_none(ty: &Ty) -> Ty {
    if ty.may_be_none() { without(ty, &Ty::None) } else { ty.clone() }
}

/// The members of `ty` that are not values of `removed`.
pub fn without(ty: &Ty, removed: &Ty) -> Ty {
    let rest = ty.members().iter().filter(|member| !is_subtype(member, removed));
    union(rest.cloned().collect())
}

/// Whether the two types have a value in common, so that `==` between them can be true.
pub fn overlaps(a: &Ty, b: &Ty) -> bool {
    match (a.bare(), b.bare()) {
        (Ty::Error | Ty::Never, _) | (_, Ty::Error | Ty::Never) => true,
        (Ty::Union(members), other) | (other, Ty::Union(members)) => {
            members.iter().any(|member| overlaps(member, other))
        }
        (Ty::Int(a), Ty::Int(b))
        | (Ty::Duration(a), Ty::Duration(b))
        | (Ty::Size(a), Ty::Size(b)) => meet(a, b),
        (Ty::Float(a), Ty::Float(b)) => meet(a, b),
        (Ty::Int(_), Ty::Float(_)) | (Ty::Float(_), Ty::Int(_)) => true,
        (Ty::Text(a), Ty::Text(b)) => match (a, b) {
            (TextTy::Literal(a), TextTy::Literal(b)) => a == b,
            (TextTy::Literal(text), TextTy::Pattern(pattern))
            | (TextTy::Pattern(pattern), TextTy::Literal(text)) => matches_whole(pattern, text),
            _ => true,
        },
        (Ty::List(_), Ty::List(_)) => true,
        (Ty::Record(a), Ty::Record(b)) => {
            a.fields.iter().all(|field| b.field(&field.name).is_some())
        }
        (Ty::Tag(a), Ty::Tag(b)) => a.name == b.name,
        (a, b) => fits(a, b) != Fit::No || fits(b, a) != Fit::No,
    }
}

fn meet<T: PartialOrd + Copy>(a: &Limits<T>, b: &Limits<T>) -> bool {
    let below = |low: Option<T>, high: Option<T>| match (low, high) {
        (Some(low), Some(high)) => low <= high,
        _ => true,
    };
    below(a.low(), b.high()) && below(b.low(), a.high())
}
