//! What a bare name means, and what it may be used for.

use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ExprId};
use smol_str::SmolStr;

use super::Meaning;
use super::context::{Context, Narrowable, name_span};
use super::unknown::Sought;
use crate::db::Item;
use crate::names::{Referent, import_target, referent, resolve, resolve_type};
use crate::report;
use crate::signature::{signature, value_type};
use crate::ty::{Limits, Ty, examples, union};

impl Context<'_> {
    /// The type of a name, and its meaning; `sought` helps where nothing has it.
    pub fn name(&mut self, id: ExprId, name: &SmolStr, sought: Sought<'_>) -> Ty {
        if let Some(local) = self.local(name) {
            self.mean(id, Meaning::Local(local));
            return self.local_type(local);
        }
        if let Some((meaning, ty)) = self.declaration_name(name) {
            self.mean(id, meaning);
            return ty;
        }
        if let Some(found) = referent(self.db, self.file, name) {
            return self.item_name(id, found);
        }
        if let Some((meaning, ty)) = prelude_name(name) {
            self.mean(id, meaning);
            return ty;
        }
        self.unknown_name(id, name, sought)
    }

    /// `matrix` and `base`, inside a declaration that can have them.
    fn declaration_name(&self, name: &str) -> Option<(Meaning, Ty)> {
        let decl = self.decl.as_ref()?;
        match name {
            "matrix" if !decl.axes.is_empty() => {
                Some((Meaning::Matrix, Ty::record(decl.axes.iter().cloned())))
            }
            "base" if decl.base.is_some() => {
                let data = |field: &&crate::kinds::KindField| {
                    !matches!(field.name.as_str(), "run" | "finally")
                };
                let fields = decl.kind.fields.iter().filter(data);
                let fields = fields.map(|field| (field.name.clone(), field.ty.clone()));
                Some((Meaning::Base, Ty::record(fields)))
            }
            _ => None,
        }
    }

    /// The type of a reference to an item of a file.
    pub fn item_name(&mut self, id: ExprId, Referent { item, is_unclear }: Referent) -> Ty {
        if is_unclear {
            self.mean(id, Meaning::Item(item));
            return Ty::Error;
        }
        let name = item.name(self.db);
        let kind = item.kind(self.db);
        // The word is enough; a look at the syntax would make this item depend on that one's body.
        match kind {
            Kind::Let | Kind::Param => {
                self.mean(id, Meaning::Item(item));
                if item == self.item {
                    return Ty::Error;
                }
                let narrowed = self.narrowed_type(&Narrowable::named(Meaning::Item(item)));
                narrowed.unwrap_or_else(|| value_type(self.db, item).clone())
            }
            Kind::Secret => {
                self.mean(id, Meaning::Item(item));
                Ty::Secret
            }
            Kind::Task | Kind::Service => {
                self.mean(id, Meaning::Item(item));
                Ty::Decl { item, kind }
            }
            Kind::Fn => {
                self.mean(id, Meaning::Item(item));
                let at = self.span_of(id);
                let use_it = format!("call it: `{name}(..)`");
                self.report(report::not_a_value(at, name, "a function", use_it));
                Ty::Error
            }
            Kind::Use => {
                if let Some(file) = import_target(self.db, item) {
                    self.mean(id, Meaning::Namespace(file));
                    let at = self.span_of(id);
                    let use_it = format!("write `{name}.` and one of its names");
                    self.report(report::not_a_value(at, name, "an import", use_it));
                }
                Ty::Error
            }
            Kind::Type | Kind::Check | Kind::Unknown => Ty::Error,
            _ => {
                self.mean(id, Meaning::Item(item));
                let at = self.span_of(id);
                let what = format!("a {kind}");
                let use_it = "only tasks and services can be needed or read".to_owned();
                self.report(report::not_a_value(at, name, &what, use_it));
                Ty::Error
            }
        }
    }

    /// A declaration that is named without a call is called with its defaults. What a `let` or a `for` names was
    /// called where that is written.
    pub fn bare_declaration(&mut self, id: ExprId, ty: &Ty) {
        let Ty::Decl { item, .. } = ty else { return };
        if self.out.meanings.get(&id) != Some(&Meaning::Item(*item)) {
            return;
        }
        let signature = signature(self.db, *item);
        let required = signature.required().map(|it| (it.name.as_str(), &it.ty));
        let required: Vec<(&str, &Ty)> = required.collect();
        let missing: Vec<&str> = required.iter().map(|(name, _)| *name).collect();
        if missing.is_empty() || signature.is_broken {
            return;
        }
        let name = item.name(self.db);
        let end = rush_diagnostics::TextRange::empty(self.ast.expr_range(id).end());
        let because = name_span(self.db, *item).map(|span| rush_diagnostics::Label {
            span,
            message: format!("`{name}` is declared here"),
        });
        let insert = Some((end, format!("({})", examples(&required))));
        let at = self.span_of(id);
        let report = report::missing_argument(at, name, &missing, insert, because);
        self.report(report::or_left_out(report, &required));
    }

    /// The import behind an expression that is just its name.
    pub fn import_of(&self, id: ExprId) -> Option<(Item, Option<crate::db::SourceFile>)> {
        let Expr::Name(name) = self.ast.expr(id) else { return None };
        if self.local(name).is_some() {
            return None;
        }
        let item = resolve(self.db, self.file, name)?;
        (item.kind(self.db) == Kind::Use).then(|| (item, import_target(self.db, item)))
    }

    /// The type behind an expression that is just the name of one, `ns.Name` included.
    pub fn type_of_name(&mut self, id: ExprId) -> Option<Item> {
        match self.ast.expr(id) {
            Expr::Name(name) => {
                if self.local(name).is_some() || resolve(self.db, self.file, name).is_some() {
                    return None;
                }
                resolve_type(self.db, self.file, name)
            }
            Expr::Field { base, name } => {
                let (_, file) = self.import_of(*base)?;
                let file = file?;
                if resolve(self.db, file, &name.text).is_some() {
                    return None;
                }
                let found = resolve_type(self.db, file, &name.text)?;
                self.mean(*base, Meaning::Namespace(file));
                Some(found)
            }
            _ => None,
        }
    }
}

/// The type of a word that is a value without being declared: `host`, `profile`.
pub fn word_type(name: &str) -> Option<Ty> {
    prelude_name(name).map(|(_, ty)| ty)
}

/// The names of the prelude that are values.
fn prelude_name(name: &str) -> Option<(Meaning, Ty)> {
    match name {
        "host" => Some((Meaning::Host, host_type())),
        "profile" => {
            let name = Ty::TEXT.optional();
            Some((Meaning::Profile, Ty::record([(SmolStr::new_static("name"), name)])))
        }
        _ => None,
    }
}

/// The facts about the host.
fn host_type() -> Ty {
    let texts = |texts: &[&'static str]| {
        union(texts.iter().map(|text| Ty::literal(SmolStr::new_static(text))).collect())
    };
    let field = |name: &'static str, ty: Ty| (SmolStr::new_static(name), ty);
    Ty::record([
        field("os", texts(&["linux", "macos", "windows", "freebsd"])),
        field("arch", Ty::TEXT),
        field("cpus", Ty::Int(Limits::AtLeast(1))),
        field("memory", Ty::SIZE),
        field("ci", Ty::Bool),
    ])
}
