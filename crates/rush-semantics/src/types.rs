//! From written types to types.

use std::sync::Arc;

use rush_diagnostics::TextRange;
use rush_diagnostics::{Diagnostic, Span};
use rush_syntax::Kind;
use rush_syntax::ast::{self, Bound, ItemKind, Name, ParamDecl, Refinement, TypeExpr, TypeId};

use crate::constant::regex_problem;
use crate::db::{Db, Item};
use crate::names::{import_target, is_undeclared, resolve, resolve_type};
use crate::report;
use crate::ty::{
    AliasTy, DefaultRef, FieldTy, Limits, Number, RecordTy, TagTy, TextTy, Ty, is_too_large, union,
};

/// The type a type expression of `item` stands for. Problems are added to `problems`.
pub fn lower_type(db: &dyn Db, item: Item, id: TypeId, problems: &mut Vec<Diagnostic>) -> Ty {
    lower_written(db, (item, item.ast(db)), id, problems)
}

/// The same for a type expression of a text that stands where `item` does.
pub(crate) fn lower_written(
    db: &dyn Db,
    (item, ast): (Item, &ast::Item),
    id: TypeId,
    problems: &mut Vec<Diagnostic>,
) -> Ty {
    Lowering { db, item, ast, problems }.ty(id)
}

/// The type a `type` item declares, without its name.
#[salsa::tracked(returns(ref))]
pub fn declared_type(db: &dyn Db, item: Item) -> Ty {
    let ItemKind::Type { ty, .. } = &item.ast(db).kind else { return Ty::Error };
    if crate::order::is_circular(db, item) {
        return Ty::Error;
    }
    let ty = lower_type(db, item, *ty, &mut Vec::new()).bare().clone();
    if is_too_large(&ty) { Ty::Error } else { ty }
}

/// The declared fields of a parameter list, a record type or a tag.
pub fn lower_fields(
    db: &dyn Db,
    item: Item,
    fields: &[ParamDecl],
    problems: &mut Vec<Diagnostic>,
) -> Vec<FieldTy> {
    Lowering { db, item, ast: item.ast(db), problems }.fields(fields)
}

struct Lowering<'a> {
    db: &'a dyn Db,
    item: Item,
    ast: &'a ast::Item,
    problems: &'a mut Vec<Diagnostic>,
}

impl Lowering<'_> {
    fn ty(&mut self, id: TypeId) -> Ty {
        let ast = self.ast;
        match ast.ty(id) {
            TypeExpr::Missing => Ty::Error,
            TypeExpr::None => Ty::None,
            TypeExpr::Text(text) => Ty::literal(text.clone()),
            TypeExpr::Int(value) => Ty::Int(Limits::only(*value)),
            TypeExpr::Float(value) => Ty::Float(Limits::only(Number(*value))),
            TypeExpr::Map(value) => Ty::Map(Arc::new(self.ty(*value))),
            TypeExpr::List(element) => Ty::list(self.ty(*element)),
            TypeExpr::Record(fields) => {
                Ty::Record(Arc::new(RecordTy { fields: self.fields(fields) }))
            }
            TypeExpr::Tag { name, fields }
                if fields.is_empty() && primitive(&name.text).is_some() =>
            {
                let ty = primitive(&name.text).unwrap_or(Ty::Error);
                self.bad_refinement(&ty, ast.type_range(id))
            }
            TypeExpr::Tag { name, fields } if fields.is_empty() && name.text == "map" => {
                let written = format!("{}()", name.text);
                self.problems.push(report::bare_map(self.span(ast.type_range(id)), &written));
                Ty::Error
            }
            TypeExpr::Tag { name, fields } => {
                let (name, fields) = (name.text.clone(), self.fields(fields));
                Ty::Tag(Arc::new(TagTy { name, item: self.item, fields }))
            }
            TypeExpr::Union(members) => {
                let mut all = Vec::with_capacity(members.len());
                for member in members {
                    let ty = self.ty(*member);
                    match ty.bare() {
                        // Also that of a named type: `none` in it has to be seen from outside.
                        Ty::Union(inner) => all.extend(inner.iter().cloned()),
                        _ => all.push(ty),
                    }
                }
                union(all)
            }
            TypeExpr::Optional(inner) => self.ty(*inner).optional(),
            TypeExpr::Path { path, refinement } => {
                let ty = self.path(path);
                match refinement {
                    Some((refinement, range)) => self.refine(&ty, refinement, *range),
                    None => ty,
                }
            }
        }
    }

    fn fields(&mut self, fields: &[ParamDecl]) -> Vec<FieldTy> {
        let item = self.item;
        let mut lowered = Vec::with_capacity(fields.len());
        for field in fields {
            let Some(name) = &field.name else { continue };
            if lowered.iter().any(|known: &FieldTy| known.name == name.text) {
                self.problems.push(report::duplicate_field(
                    self.span(name.range),
                    &name.text,
                    None,
                ));
                continue;
            }
            lowered.push(FieldTy {
                name: name.text.clone(),
                ty: self.ty(field.ty),
                default: field.default.map(|expr| DefaultRef { item, expr }),
            });
        }
        lowered
    }

    fn path(&mut self, path: &[Name]) -> Ty {
        match path {
            [name] => self.simple(name),
            [namespace, name] => self.imported(namespace, name),
            _ => self.unknown(path.last()),
        }
    }

    fn simple(&mut self, name: &Name) -> Ty {
        let file = self.item.file(self.db);
        if let Some(found) = resolve_type(self.db, file, &name.text) {
            return self.alias(found);
        }
        if let Some(ty) = primitive(&name.text) {
            return ty;
        }
        let kind = Kind::of(&name.text);
        if Kind::DECLARED.contains(&kind) {
            return Ty::Kind(kind);
        }
        match resolve_type(self.db, self.db.workspace().prelude(self.db), &name.text) {
            Some(found) => self.alias(found),
            // The prelude's own `matrix: matrix` stands for "axes", which only its reader checks.
            None if name.text == "matrix" && self.is_prelude() => Ty::Error,
            None => self.unknown(Some(name)),
        }
    }

    fn is_prelude(&self) -> bool {
        self.item.file(self.db) == self.db.workspace().prelude(self.db)
    }

    fn imported(&mut self, namespace: &Name, name: &Name) -> Ty {
        let file = self.item.file(self.db);
        let Some(import) = resolve(self.db, file, &namespace.text) else {
            return self.unknown(Some(namespace));
        };
        let Some(target) = import_target(self.db, import) else { return Ty::Error };
        match resolve_type(self.db, target, &name.text) {
            Some(_) if crate::names::is_private(&name.text) => {
                let path = target.path(self.db);
                self.problems.push(report::private_name(self.span(name.range), &name.text, path));
                Ty::Error
            }
            Some(found) => self.alias(found),
            None if is_undeclared(self.db, target, &name.text) => Ty::Error,
            None => {
                let candidates = crate::names::file_names(self.db, target);
                let known = candidates.names(crate::names::Namespace::Types);
                let known = known.map(smol_str::SmolStr::as_str);
                let span = self.span(name.range);
                self.problems.push(report::no_member(span, &namespace.text, &name.text, known));
                Ty::Error
            }
        }
    }

    fn alias(&self, item: Item) -> Ty {
        let ty = declared_type(self.db, item).clone();
        if ty.is_error() {
            return Ty::Error;
        }
        Ty::Alias(Arc::new(AliasTy { name: item.name(self.db).clone(), item, ty }))
    }

    fn unknown(&mut self, name: Option<&Name>) -> Ty {
        let file = self.item.file(self.db);
        if let Some(name) = name.filter(|it| !is_undeclared(self.db, file, &it.text)) {
            let own = crate::names::file_names(self.db, file);
            let own = own.names(crate::names::Namespace::Types).map(smol_str::SmolStr::as_str);
            let known = own.chain(PRIMITIVES.iter().copied()).chain(["task", "service"]);
            self.problems.push(report::unknown_type(self.span(name.range), &name.text, known));
        }
        Ty::Error
    }

    fn refine(&mut self, ty: &Ty, refinement: &Refinement, range: TextRange) -> Ty {
        match (ty.bare(), refinement) {
            (Ty::Error, _) => Ty::Error,
            (Ty::Text(TextTy::Any), Refinement::Pattern(pattern)) => {
                if let Some((at, problem)) = regex_problem(&pattern.text) {
                    let span = self.span(pattern.range);
                    self.problems.push(report::bad_regex(span, &problem, at));
                    return Ty::TEXT;
                }
                Ty::Text(TextTy::Pattern(pattern.text.as_str().into()))
            }
            (_, Refinement::Range { low, high, is_inclusive }) => {
                match limit(ty.bare(), *low, *high, *is_inclusive) {
                    Some(limited) => limited,
                    None => self.bad_refinement(ty, range),
                }
            }
            _ => self.bad_refinement(ty, range),
        }
    }

    fn bad_refinement(&mut self, ty: &Ty, range: TextRange) -> Ty {
        self.problems.push(report::bad_refinement(self.span(range), ty));
        Ty::Error
    }

    fn span(&self, range: TextRange) -> Span {
        Span::new(self.item.id(self.db), range)
    }
}

/// The names of the primitive types.
pub const PRIMITIVES: &[&str] = &[
    "bool", "int", "float", "string", "duration", "size", "path", "glob", "regex", "cron",
    "command", "secret",
];

fn primitive(name: &str) -> Option<Ty> {
    Some(match name {
        "bool" => Ty::Bool,
        "int" => Ty::INT,
        "float" => Ty::FLOAT,
        "string" => Ty::TEXT,
        "duration" => Ty::DURATION,
        "size" => Ty::SIZE,
        "path" => Ty::Path,
        "glob" => Ty::Glob,
        "regex" => Ty::Regex,
        "cron" => Ty::Cron,
        "command" => Ty::Command,
        "secret" => Ty::Secret,
        _ => return None,
    })
}

/// `None` when the bounds are of another type, or when no value lies between them.
fn limit(ty: &Ty, low: Option<Bound>, high: Option<Bound>, is_inclusive: bool) -> Option<Ty> {
    let whole = |pick: fn(Bound) -> Option<i64>| {
        let low = low.map(pick).map_or(Some(None), |it| it.map(Some))?;
        let high = high.map(pick).map_or(Some(None), |it| it.map(Some))?;
        let high = match high {
            // Below the least number there is none.
            Some(it) if !is_inclusive => Some(it.checked_sub(1)?),
            _ => high,
        };
        let is_empty = matches!((low, high), (Some(low), Some(high)) if low > high);
        (!is_empty).then_some(Limits::new(low, high))
    };
    match ty {
        Ty::Int(Limits::Any) => {
            Some(Ty::Int(whole(|it| if let Bound::Int(it) = it { Some(it) } else { None })?))
        }
        Ty::Duration(Limits::Any) => {
            Some(Ty::Duration(whole(
                |it| {
                    if let Bound::Duration(it) = it { Some(it) } else { None }
                },
            )?))
        }
        Ty::Size(Limits::Any) => {
            Some(Ty::Size(whole(|it| if let Bound::Size(it) = it { Some(it) } else { None })?))
        }
        Ty::Float(Limits::Any) => {
            let pick = |bound: Bound| match bound {
                Bound::Int(it) => Some(it as f64),
                Bound::Float(it) => Some(it),
                Bound::Duration(_) | Bound::Size(_) => None,
            };
            let low = low.map(pick).map_or(Some(None), |it| it.map(Some))?;
            let high = high.map(pick).map_or(Some(None), |it| it.map(Some))?;
            let is_empty = matches!((low, high), (Some(low), Some(high)) if low > high);
            let limits = Limits::new(low.map(Number), high.map(Number));
            (!is_empty).then_some(Ty::Float(limits))
        }
        _ => None,
    }
}
