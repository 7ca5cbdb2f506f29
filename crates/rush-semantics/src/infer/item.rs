//! Each kind of item, from its outside in.

use rush_syntax::ast::{self, Check, ItemKind, ParamDecl};
use smol_str::SmolStr;

use super::context::{By, Context, Expected, Reads, name_span};
use super::{Inference, LocalSource};
use crate::db::{Db, Item};
use crate::order::{circle_of, script_in_circle};
use crate::report;
use crate::signature::{ParamSig, signature};
use crate::ty::{Ty, is_too_large};
use crate::types::lower_written;

/// Visits one item.
pub fn infer_item(db: &dyn Db, item: Item) -> Inference {
    let mut context = Context::new(db, item);
    context.item_names();
    context.item();
    context.propose_for_reads();
    context.out
}

/// The axes of an item's own `matrix`, from a visit of nothing else.
pub fn infer_axes(db: &dyn Db, item: Item) -> Option<Vec<(SmolStr, Ty)>> {
    Context::new(db, item).own_axes()
}

impl Context<'_> {
    /// Visits the whole item.
    pub fn item(&mut self) {
        match &self.ast.kind {
            ItemKind::Nothing | ItemKind::Use { .. } => {}
            ItemKind::Let(it) => {
                let ty = self.let_value(it.ty, it.value);
                self.limit(&ty);
            }
            ItemKind::Param(param) => self.file_param(param),
            ItemKind::Fn { params, result, body, .. } => {
                self.params(params);
                match result {
                    Some(id) => {
                        let ty = self.lower(*id);
                        let by = By::Annotation(self.ast.type_range(*id));
                        self.expect(*body, Expected { ty: &ty, by });
                    }
                    None => {
                        let ty = self.synth(*body);
                        self.limit(&ty);
                    }
                }
            }
            ItemKind::Type { ty, .. } => {
                let ty = self.lower(*ty);
                self.limit(&ty);
                self.type_defaults();
            }
            ItemKind::Check(check) => self.check(check),
            ItemKind::Decl(decl) => self.decl(decl),
            ItemKind::Kind(kind) => {
                for field in &kind.fields {
                    self.kind_field(field);
                }
                self.type_defaults();
            }
        }
    }

    /// The axes its own `matrix` declares; nothing else is visited.
    pub fn own_axes(mut self) -> Option<Vec<(SmolStr, Ty)>> {
        let ItemKind::Decl(decl) = &self.ast.kind else { return None };
        let matrix = self.own_field("matrix")?;
        self.params(decl.params.as_deref().unwrap_or_default());
        self.block_lets(&decl.body);
        Some(self.axes(matrix))
    }

    /// Findings about the item's own name: circles and duplicates.
    fn item_names(&mut self) {
        let Some(name) = self.ast.name() else { return };
        let at = self.span(name.range);
        if let Some(original) = crate::names::duplicate_of(self.db, self.item)
            && let Some(first) = name_span(self.db, original)
        {
            self.report(report::duplicate_item(at.clone(), &name.text, first));
        }
        // One finding a circle: at its first member.
        if let Some(circle) = circle_of(self.db, self.item)
            && circle.first() == Some(&self.item)
        {
            let steps = circle
                .iter()
                .filter_map(|it| Some((name_span(self.db, *it)?, it.name(self.db).to_string())));
            let steps: Vec<_> = steps.collect();
            let script = script_in_circle(self.db, circle);
            let script = script.map(|(reader, read)| (reader.name(self.db), read.name(self.db)));
            let found = report::circular(at, &name.text, &steps);
            self.report(match script {
                Some((reader, read)) => report::by_a_script(found, reader, read),
                None => found,
            });
        }
    }

    /// Reports a type that others get to see as an error, because it is too large.
    fn limit(&mut self, ty: &Ty) {
        if let Some(name) = self.ast.name()
            && is_too_large(ty)
        {
            let at = self.span(name.range);
            self.report(report::type_too_large(at, &name.text));
        }
    }

    fn file_param(&mut self, param: &ParamDecl) {
        let ty = self.lower(param.ty);
        let Some(default) = param.default else { return };
        self.reads = Reads::As(ty.clone());
        let by = By::Annotation(self.ast.type_range(param.ty));
        self.expect(default, Expected { ty: &ty, by });
        self.reads = Reads::Forbidden;
    }

    /// Binds the parameters and checks their defaults; a default sees the parameters before it.
    pub fn params(&mut self, params: &[ParamDecl]) {
        if params.is_empty() {
            return;
        }
        let known = self.watch.is_none().then(|| signature(self.db, self.item));
        let problems = known.into_iter().flat_map(|it| it.problems.iter().cloned());
        self.out.diagnostics.extend(problems);
        let mut known = known.into_iter().flat_map(|it| &it.params).peekable();
        for (position, param) in params.iter().enumerate() {
            let is_it =
                |it: &&ParamSig| param.name.as_ref().is_some_and(|name| name.text == it.name);
            let ty = match known.next_if(is_it) {
                Some(known) => known.ty.clone(),
                // Without a name, or with one that is taken: its problems are known as well.
                None => {
                    let written = (self.item, self.ast);
                    lower_written(self.db, written, param.ty, &mut Vec::new())
                }
            };
            if param.is_rest && !matches!(ty.bare(), Ty::List(_) | Ty::Error) {
                let at = self.span(self.ast.type_range(param.ty));
                self.report(report::rest_is_no_list(at, &ty));
            }
            if let Some(default) = param.default {
                let by = By::Annotation(self.ast.type_range(param.ty));
                self.expect(default, Expected { ty: &ty, by });
            }
            if let Some(name) = &param.name {
                self.bind(name, ty, LocalSource::Parameter(position));
            }
        }
    }

    /// `check condition, message`
    pub fn check(&mut self, check: &Check) {
        self.expect(check.condition, Expected { ty: &Ty::Bool, by: By::Language });
        self.expect(check.message, Expected { ty: &Ty::TEXT, by: By::Language });
    }

    fn kind_field(&mut self, field: &ParamDecl) {
        if let Some(default) = field.default {
            let ty = self.lower(field.ty);
            let by = By::Annotation(self.ast.type_range(field.ty));
            self.expect(default, Expected { ty: &ty, by });
        }
    }

    /// Checks the defaults of record fields and tags that are declared inside types of this item.
    pub fn type_defaults(&mut self) {
        for index in 0..self.ast.type_count() {
            let (ast::TypeExpr::Record(fields) | ast::TypeExpr::Tag { fields, .. }) =
                self.ast.ty(ast::TypeId(index as u32))
            else {
                continue;
            };
            for field in fields {
                self.kind_field(field);
            }
        }
    }
}
