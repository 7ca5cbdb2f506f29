//! Calls: of declarations, functions, tags and refined types, and which of them a callee is.
//!
//! Methods and the functions of Rush have files of their own.

use rush_diagnostics::{Label, TextRange};
use rush_syntax::Kind;
use rush_syntax::ast::{Arg, Expr, ExprId};
use smol_str::SmolStr;

use super::context::{By, Context, Expected, Home, name_span};
use super::unknown::Sought;
use super::{Meaning, view};
use crate::builtins::Builtin;
use crate::db::Item;
use crate::names::{Referent, import_target, referent, resolve};
use crate::report;
use crate::signature::{Matched, Signature, match_args, matrix_axes, result_type, signature};
use crate::ty::{FieldTy, TagTy, Ty, examples, union};
use crate::types::declared_type;

/// The arguments of a call, and where they are written.
pub type Args<'a> = (&'a [Arg], TextRange);

impl Context<'_> {
    /// The type of `callee(args)`; `expected` is what tags are looked up in first.
    pub fn call(
        &mut self,
        id: ExprId,
        callee: ExprId,
        args: Args<'_>,
        expected: Option<&Ty>,
    ) -> Ty {
        if let Expr::Name(name) = self.ast.expr(callee) {
            if let Some(tag) = expected.and_then(|ty| tag_of(ty, name)) {
                return self.tag(callee, &tag, args);
            }
            if self.local(name).is_none() && resolve(self.db, self.file, name).is_none() {
                if let Some(item) = self.type_of_name(callee) {
                    return self.refined(callee, item, args);
                }
                if let Some(found) = Builtin::named(name) {
                    self.mean(callee, Meaning::Builtin(found));
                    return self.builtin(id, found, args);
                }
                if let Some((field, tag)) = expected.and_then(|ty| field_with_tag(ty, name)) {
                    self.tag(callee, &tag, args);
                    let at = self.span_of(id);
                    let source = self.source_of(id);
                    self.report(report::field_takes_tag(at, name, &field, source));
                    return Ty::Error;
                }
                if self.is_tag_somewhere(name) {
                    return self.tag_without_type(callee, name, args);
                }
            }
        }
        if let Some(item) = self.type_of_name(callee) {
            return self.refined(callee, item, args);
        }
        if let Expr::Field { base, name } = self.ast.expr(callee)
            && self.import_of(*base).is_none()
        {
            return self.method(*base, name, args);
        }
        match self.callee(callee) {
            Callee::Item(item) => self.call_item(callee, item, args),
            Callee::Unknown => self.silent(args),
            Callee::Other => {
                let ty = self.synth_sought(callee, Sought::Callee(expected));
                if !ty.is_error() {
                    let at = self.span_of(callee);
                    let what = format!("`{}`", self.source_of(callee));
                    self.report(report::not_callable(at, &what));
                }
                self.silent(args)
            }
        }
    }

    /// The item a callee names.
    fn callee(&mut self, callee: ExprId) -> Callee {
        let found = match self.ast.expr(callee) {
            Expr::Name(name) if self.local(name).is_none() => referent(self.db, self.file, name),
            Expr::Field { base, name } => {
                let Some((_, Some(file))) = self.import_of(*base) else { return Callee::Other };
                self.mean(*base, Meaning::Namespace(file));
                if crate::names::is_private(&name.text) {
                    return Callee::Other;
                }
                referent(self.db, file, &name.text)
            }
            _ => None,
        };
        if let Some(Referent { item, is_unclear: true }) = found {
            self.mean(callee, Meaning::Item(item));
            return Callee::Unknown;
        }
        match found.map(|it| it.item) {
            Some(item) if matches!(item.kind(self.db), Kind::Task | Kind::Service | Kind::Fn) => {
                Callee::Item(item)
            }
            Some(item)
                if item.kind(self.db) == Kind::Use && import_target(self.db, item).is_none() =>
            {
                Callee::Unknown
            }
            _ => Callee::Other,
        }
    }

    /// Visits arguments of a call that means nothing.
    pub(super) fn silent(&mut self, (args, _): Args<'_>) -> Ty {
        for arg in args {
            self.synth(arg.value);
        }
        Ty::Error
    }

    fn call_item(&mut self, callee: ExprId, item: Item, args: Args<'_>) -> Ty {
        self.mean(callee, Meaning::Item(item));
        let kind = item.kind(self.db);
        let axes = if kind == Kind::Task { matrix_axes(self.db, item).as_slice() } else { &[] };
        let signature = signature(self.db, item);
        // A function may hand on what it is given to any task.
        let home = if kind == Kind::Fn { Home::Unknown } else { Home::Of(item) };
        self.at_home(home, |it| it.arguments(item, signature, axes, args));
        if kind == Kind::Fn {
            return result_type(self.db, item).clone();
        }
        let ty = Ty::Decl { item, kind };
        self.set_type(callee, ty)
    }

    /// Checks arguments against the parameters of an item.
    pub fn arguments(
        &mut self,
        item: Item,
        signature: &Signature,
        axes: &[(SmolStr, Ty)],
        (args, range): Args<'_>,
    ) {
        let names = signature.params.iter().map(|param| param.name.as_str());
        let matched = match_args(names.clone(), axes, args);
        for (param, value) in signature.params.iter().zip(&matched.by_param) {
            if let Some(value) = value {
                let by = By::Parameter(item, &param.name);
                self.expect(*value, Expected { ty: &param.ty, by });
            }
        }
        for (axis, value) in &matched.axes {
            if let Some((name, ty)) = axes.iter().find(|(name, _)| name == axis) {
                self.expect(*value, Expected { ty, by: By::Field(name) });
            }
        }
        let params = (|| view::parameters(signature), axes);
        self.watch_call(range, view::Callee::Item(item), params);
        if signature.is_broken {
            self.unmatched(&matched, args);
            return;
        }
        let name = item.name(self.db).clone();
        let mut known: Vec<&str> = names.collect();
        known.extend(axes.iter().map(|(axis, _)| axis.as_str()));
        let is_named_wrongly = self.misfits(&name, &known, &matched, args);
        let missing = signature.params.iter().zip(&matched.by_param);
        let missing = missing
            .filter(|(param, value)| value.is_none() && !param.has_default && !param.is_rest);
        let missing: Vec<(&str, &Ty)> =
            missing.map(|(param, _)| (param.name.as_str(), &param.ty)).collect();
        if !missing.is_empty() && !is_named_wrongly {
            let because = name_span(self.db, item)
                .map(|span| Label { span, message: format!("`{name}` is declared here") });
            self.missing(&name, &missing, (args, range), because);
        }
    }

    /// Visits arguments whose parameters can't be read, without a word about that.
    fn unmatched(&mut self, matched: &Matched, args: &[Arg]) {
        let named = matched.unknown.iter().chain(&matched.repeated);
        let named = named.filter_map(|at| args.get(*at)).map(|arg| arg.value);
        for value in matched.surplus.iter().copied().chain(named) {
            self.synth(value);
        }
    }

    /// Reports arguments nobody takes; says whether there was one with a wrong name.
    fn misfits(&mut self, callee: &str, known: &[&str], matched: &Matched, args: &[Arg]) -> bool {
        for &value in &matched.surplus {
            self.synth(value);
            let at = self.span_of(value);
            self.report(report::surplus_argument(at, callee, matched.by_param.len()));
        }
        let named = |positions: &[usize]| {
            let args = positions.iter().filter_map(|at| args.get(*at));
            args.filter_map(|arg| Some((arg.name.clone()?, arg.value))).collect::<Vec<_>>()
        };
        let (unknown, repeated) = (named(&matched.unknown), named(&matched.repeated));
        for (name, value) in &unknown {
            self.synth(*value);
            let at = self.span(name.range);
            self.report(report::unknown_argument(at, callee, &name.text, known));
        }
        for (name, value) in repeated {
            self.synth(value);
            let at = self.span(name.range);
            self.report(report::repeated_argument(at, &name.text));
        }
        !unknown.is_empty()
    }

    fn missing(
        &mut self,
        callee: &str,
        missing: &[(&str, &Ty)],
        (args, range): Args<'_>,
        because: Option<Label>,
    ) {
        let insert = match range.end().checked_sub(1.into()) {
            Some(close) if !range.is_empty() => {
                let comma = if args.is_empty() { "" } else { ", " };
                (TextRange::empty(close), format!("{comma}{}", examples(missing)))
            }
            // A base whose name stands alone: `extends t`.
            _ => (range, format!("({})", examples(missing))),
        };
        let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
        let at = self.span(range);
        let report = report::missing_argument(at, callee, &names, Some(insert), because);
        self.report(report::or_left_out(report, missing));
    }

    /// `tcp(port)`
    pub fn tag(&mut self, callee: ExprId, tag: &std::sync::Arc<TagTy>, args: Args<'_>) -> Ty {
        self.mean(callee, Meaning::Tag(tag.name.clone()));
        self.set_type(callee, Ty::Tag(tag.clone()));
        self.fields_as_arguments(&tag.name, &tag.fields, args);
        Ty::Tag(tag.clone())
    }

    /// Checks arguments against the fields of a tag, or the parameters of a method or of a function of Rush.
    pub(super) fn fields_as_arguments(&mut self, callee: &str, fields: &[FieldTy], args: Args<'_>) {
        let params = (|| view::fields_as_parameters(fields), &[][..]);
        self.watch_call(args.1, view::Callee::Named(callee.into()), params);
        let names = fields.iter().map(|field| field.name.as_str());
        let matched = match_args(names.clone(), &[], args.0);
        for (field, value) in fields.iter().zip(&matched.by_param) {
            if let Some(value) = value {
                self.expect(*value, Expected { ty: &field.ty, by: By::Field(&field.name) });
            }
        }
        let known: Vec<&str> = names.collect();
        let is_named_wrongly = self.misfits(callee, &known, &matched, args.0);
        let missing = fields.iter().zip(&matched.by_param).filter(|(field, value)| {
            value.is_none() && field.default.is_none() && !field.ty.may_be_none()
        });
        let missing: Vec<(&str, &Ty)> =
            missing.map(|(field, _)| (field.name.as_str(), &field.ty)).collect();
        if !missing.is_empty() && !is_named_wrongly {
            self.missing(callee, &missing, args, None);
        }
    }

    fn is_tag_somewhere(&self, name: &str) -> bool {
        let files = [self.file, self.db.workspace().prelude(self.db)];
        let mut items = files.iter().flat_map(|file| file.items(self.db).iter());
        items.any(|item| {
            item.kind(self.db) == Kind::Type
                && tag_of(declared_type(self.db, *item), name).is_some()
        })
    }

    fn tag_without_type(&mut self, callee: ExprId, name: &str, args: Args<'_>) -> Ty {
        let at = self.span_of(callee);
        self.mean(callee, Meaning::Unknown);
        self.report(
            report::unknown_name(at, name, [])
                .note(format!(
                    "`{name}(..)` is a variant of a type, and no such type is expected here"
                ))
                .help(format!("annotate the `let` with the type `{name}` belongs to")),
        );
        self.silent(args)
    }

    /// `Port(expr)`: the value is checked when it is known.
    fn refined(&mut self, callee: ExprId, item: Item, args: Args<'_>) -> Ty {
        self.mean(callee, Meaning::Item(item));
        let name = item.name(self.db).clone();
        let target = Ty::Alias(std::sync::Arc::new(crate::ty::AliasTy {
            name: name.clone(),
            item,
            ty: declared_type(self.db, item).clone(),
        }));
        let value = FieldTy { name: "value".into(), ty: unrefined(&target), default: None };
        let params = (|| view::fields_as_parameters(&[value]), &[][..]);
        self.watch_call(args.1, view::Callee::Item(item), params);
        let [arg] = args.0 else {
            self.silent(args);
            let at = self.span(args.1);
            self.report(report::missing_argument(at, &name, &["value"], None, None));
            return target;
        };
        let found = self.synth(arg.value);
        self.watch_expected(arg.value, &target);
        if !found.is_error() && !target.is_error() {
            let span = self.span_of(arg.value);
            if crate::ty::fits(&found, &unrefined(&target)) == crate::ty::Fit::No {
                self.report(report::mismatch(span, &target, &found, None, None));
            } else if super::expect::is_known(&found) {
                let by = By::Language;
                self.coerce(arg.value, &found, Expected { ty: &target, by });
            }
        }
        target
    }
}

/// What stands before the parentheses.
enum Callee {
    /// A task, a service or a function.
    Item(Item),
    /// Something that was reported elsewhere.
    Unknown,
    /// Something else.
    Other,
}

/// The field of an expected record that takes a variant of this name.
fn field_with_tag(ty: &Ty, name: &str) -> Option<(SmolStr, std::sync::Arc<TagTy>)> {
    ty.members().iter().find_map(|member| match member.bare() {
        Ty::Record(record) => record
            .fields
            .iter()
            .find_map(|field| Some((field.name.clone(), tag_of(&field.ty, name)?))),
        _ => None,
    })
}

/// The tag of this name among the variants of a type.
pub fn tag_of(ty: &Ty, name: &str) -> Option<std::sync::Arc<TagTy>> {
    ty.members().iter().find_map(|member| match member.bare() {
        Ty::Tag(tag) if tag.name == name => Some(tag.clone()),
        Ty::Union(_) => tag_of(member, name),
        _ => None,
    })
}

/// The type without ranges and patterns.
pub(super) fn unrefined(ty: &Ty) -> Ty {
    let members = ty.members().iter().map(|member| match member.bare() {
        Ty::Int(_) => Ty::INT,
        Ty::Float(_) => Ty::FLOAT,
        Ty::Duration(_) => Ty::DURATION,
        Ty::Size(_) => Ty::SIZE,
        Ty::Text(_) => Ty::TEXT,
        other => other.clone(),
    });
    union(members.collect())
}
