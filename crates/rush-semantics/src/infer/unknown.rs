//! Names that nothing has: what was probably meant, of what can stand there.
//!
//! Only what is known of an item without a look at its value counts: its kind, and the type that is written.
//! To ask for the type of its value could close a circle that no text has.

use rush_diagnostics::Undeclared;
use rush_syntax::Kind;
use rush_syntax::ast::{ExprId, ItemKind};
use smol_str::SmolStr;

use super::context::Context;
use super::expect::list_variant;
use crate::builtins::Builtin;
use crate::db::{Db, Item};
use crate::names::{Namespace, file_names, is_undeclared, resolve, resolve_type};
use crate::report;
use crate::signature::{has_broken_parameters, value_type};
use crate::ty::{Fit, Ty, fits, strip_none};

/// What is looked for where a name stands.
#[derive(Clone, Copy)]
pub enum Sought<'t> {
    /// Part of a larger expression, of which nothing is known.
    Anything,
    /// A value of a type.
    Value(&'t Ty),
    /// A value with a text form: it stands in a hole.
    Text,
    /// Something that is called, for a value of a type.
    Callee(Option<&'t Ty>),
}

impl Context<'_> {
    /// Reports a name that nothing has.
    pub fn unknown_name(&mut self, id: ExprId, name: &SmolStr, sought: Sought<'_>) -> Ty {
        self.mean(id, super::Meaning::Unknown);
        if self.watch.is_some() {
            // Nobody reads the report, and what was meant is sought among all names of the file.
            return Ty::Error;
        }
        if self.is_meant_elsewhere(name) {
            return Ty::Error;
        }
        let report = self.misused_name(id, name).unwrap_or_else(|| self.nothing(id, name, sought));
        self.report(report);
        Ty::Error
    }

    /// Whether a declaration that can't be read may have declared the name. That it can't is the
    /// mistake.
    fn is_meant_elsewhere(&self, name: &SmolStr) -> bool {
        let parsed = self.item.parsed(self.db);
        has_broken_parameters(parsed)
            || is_undeclared(self.db, self.file, name)
            || self.decl.as_ref().is_some_and(|decl| {
                let written = parsed.item.decl().and_then(|it| it.body.field(name));
                written.is_some() && decl.kind.field(name).is_none()
            })
    }

    /// A name that is there, but no value.
    fn misused_name(&self, id: ExprId, name: &SmolStr) -> Option<rush_diagnostics::Diagnostic> {
        let at = self.span_of(id);
        if Builtin::named(name).is_some() {
            let use_it = format!("call it: `{name}(..)`");
            return Some(report::not_a_value(at, name, "a function of Rush", use_it));
        }
        if let Some(item) = resolve_type(self.db, self.file, name) {
            let ty = item.name(self.db);
            let use_it = format!("`{ty}.values` lists its members, `{ty}(..)` checks a value");
            return Some(report::not_a_value(at, ty, "a type", use_it));
        }
        let is_axis =
            |it: &super::context::DeclContext<'_>| it.axes.iter().any(|(axis, _)| axis == name);
        let decl = self.decl.as_ref().filter(|it| is_axis(it));
        decl.map(|_| report::axis_without_matrix(at, name))
    }

    fn nothing(
        &self,
        id: ExprId,
        name: &SmolStr,
        sought: Sought<'_>,
    ) -> rush_diagnostics::Diagnostic {
        let at = self.span_of(id);
        let texts = match sought {
            Sought::Value(ty) => strip_none(ty).literal_texts().unwrap_or_default(),
            Sought::Anything | Sought::Text | Sought::Callee(_) => Vec::new(),
        };
        if texts.contains(name) {
            return report::word_without_quotes(at, name);
        }
        let tags = match sought {
            Sought::Callee(Some(ty)) => tags_of(ty),
            Sought::Callee(None) | Sought::Anything | Sought::Value(_) | Sought::Text => Vec::new(),
        };
        let meant = Undeclared::new(name);
        let known = self.names_sought(sought, |it| meant.may_mean(it));
        // `matrix` where there is none is no slip of the pen.
        let known = tags.iter().chain(&known).map(SmolStr::as_str).filter(|it| it != name);
        let report = report::unknown_name(at.clone(), name, known);
        if !report.fixes.is_empty() {
            return report;
        }
        if !tags.is_empty() {
            return report::with_variants(report, tags.iter().map(SmolStr::as_str));
        }
        if let Some(near) = rush_diagnostics::suggest(name, texts.iter().map(SmolStr::as_str)) {
            return report::with_quotes(report, &at, near);
        }
        match sought {
            Sought::Value(ty) | Sought::Callee(Some(ty)) if names_tasks(ty) => {
                report::with_task(report, name)
            }
            Sought::Value(ty) if fits(&Ty::literal(name.clone()), ty) != Fit::No => {
                report::with_quotes(report, &at, name)
            }
            _ => report,
        }
    }

    /// The names that can stand there; of what the file declares, which may be thousands, only those
    /// that are like what is written.
    pub(super) fn names_sought(
        &self,
        sought: Sought<'_>,
        is_like: impl Fn(&str) -> bool,
    ) -> Vec<SmolStr> {
        let names = file_names(self.db, self.file);
        let mut known: Vec<SmolStr> = Vec::new();
        if !matches!(sought, Sought::Callee(_)) {
            let locals = self.scope.iter().filter_map(|id| self.out.locals.get(id.0 as usize));
            let fitting = locals.filter(|it| may_be(&it.ty, sought));
            known.extend(fitting.map(|local| local.name.clone()));
        }
        let is_it = |name: &&SmolStr| is_like(name) && self.can_be_item(name, sought);
        known.extend(names.names(Namespace::Values).filter(is_it).cloned());
        let fixed: &[(&'static str, Ty)] =
            &[("true", Ty::Bool), ("false", Ty::Bool), ("none", Ty::None)];
        let fixed = fixed.iter().filter(|(_, ty)| match sought {
            Sought::Anything => true,
            Sought::Value(_) => may_be(ty, sought),
            Sought::Text | Sought::Callee(_) => false,
        });
        known.extend(fixed.map(|(name, _)| SmolStr::new_static(name)));
        match sought {
            Sought::Anything => {
                known.extend(["host", "profile", "matrix", "base"].map(SmolStr::new_static));
            }
            Sought::Callee(_) => {
                known.extend(names.names(Namespace::Types).cloned());
                known.extend(Builtin::ALL.map(|it| SmolStr::new_static(it.name())));
            }
            Sought::Value(_) | Sought::Text => {}
        }
        known
    }

    fn can_be_item(&self, name: &str, sought: Sought<'_>) -> bool {
        let Some(item) = resolve(self.db, self.file, name).filter(|it| *it != self.item) else {
            return false;
        };
        let kind = item.kind(self.db);
        match sought {
            Sought::Anything => true,
            Sought::Callee(_) => matches!(kind, Kind::Fn | Kind::Task | Kind::Service),
            Sought::Text => matches!(kind, Kind::Let | Kind::Param | Kind::Secret),
            Sought::Value(_) => match kind {
                Kind::Let | Kind::Param => {
                    written_type(self.db, item).is_none_or(|ty| may_be(ty, sought))
                }
                Kind::Secret => may_be(&Ty::Secret, sought),
                Kind::Task | Kind::Service => may_be(&Ty::Decl { item, kind }, sought),
                _ => false,
            },
        }
    }
}

/// The type that a `let` or `param` of a file is declared with.
pub(super) fn written_type(db: &dyn Db, item: Item) -> Option<&Ty> {
    let is_written = match &item.ast(db).kind {
        ItemKind::Param(_) => true,
        ItemKind::Let(it) => it.ty.is_some(),
        _ => false,
    };
    is_written.then(|| value_type(db, item))
}

/// Whether a value of the type is what is sought, alone or in a list.
fn may_be(ty: &Ty, sought: Sought<'_>) -> bool {
    let Sought::Value(wanted) = sought else { return true };
    let inner = strip_none(ty);
    // Without `none`, nothing is left of `none`; and nothing fits everywhere.
    let fits = |wanted: &Ty| {
        fits(ty, wanted) != Fit::No || inner != Ty::Never && fits(&inner, wanted) != Fit::No
    };
    // One that is too wide may still be meant: that is the next finding.
    ty.is_error()
        || wanted.is_error()
        || fits(wanted)
        || crate::ty::may_fit(ty, wanted)
        || list_variant(wanted).is_some_and(|it| fits(it))
}

/// Whether tasks or services are expected, one or a list of them.
pub(super) fn names_tasks(ty: &Ty) -> bool {
    let ty = strip_none(ty);
    let element = list_variant(&ty);
    let members = element.map_or(&ty, AsRef::as_ref).members();
    members.iter().any(|it| matches!(it.bare(), Ty::Kind(_)))
}

/// The names of the variants of a type.
fn tags_of(ty: &Ty) -> Vec<SmolStr> {
    let tags = ty.members().iter().flat_map(|member| match member.bare() {
        Ty::Tag(tag) => vec![tag.name.clone()],
        Ty::Union(_) => tags_of(member),
        _ => Vec::new(),
    });
    tags.collect()
}
