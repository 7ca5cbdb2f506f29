//! The type that is written for the place where a literal stands.

use rush_semantics::Item;
use rush_semantics::infer::{Meaning, infer};
use rush_semantics::kinds::kind;
use rush_semantics::names::{base_of, resolve};
use rush_semantics::signature::params_of;
use rush_semantics::ty::Ty;
use rush_syntax::Kind;
use rush_syntax::ast::{Arg, Expr, ExprId, ItemKind, ParamDecl, TypeExpr, TypeId};
use smol_str::SmolStr;

use super::super::header::declaring_kind;
use super::{Origin, Origins, Shape, branches};
use crate::draft::Parent;

impl Origins<'_> {
    /// The types that are declared for a literal; none where it stands for itself.
    pub(super) fn wanted(&self, item: Item, id: ExprId) -> Vec<Origin> {
        let types_of = |id: ExprId| {
            let ends = self.ends(Origin::value(item, id)).into_iter();
            ends.filter(|it| matches!(it.shape, Shape::Type(_)))
        };
        let written: Vec<Origin> = match self.parent(item, id) {
            Some(Parent::OfDeclaration(name)) => self.kind_field(item, &name).into_iter().collect(),
            Some(Parent::OfRecord(record, name)) => {
                types_of(record).flat_map(|it| self.values(it, &name)).collect()
            }
            Some(Parent::OfList(list)) => types_of(list).flat_map(|it| self.elements(it)).collect(),
            Some(Parent::OfCall(call, at)) => self.parameter(item, call, at).into_iter().collect(),
            Some(Parent::Part(whole))
                if branches(item.ast(self.db).expr(whole)).contains(&Some(id)) =>
            {
                return self.wanted(item, whole);
            }
            _ => {
                let annotation = self.parents(item).annotation(id).map(|ty| Origin::ty(item, ty));
                annotation.or_else(|| self.parameter_of_base(item, id)).into_iter().collect()
            }
        };
        let is_list = matches!(item.ast(self.db).expr(id), Expr::List(_));
        let mut types = self.all_ends(written);
        types.retain(|it| {
            let Shape::Type(ty) = it.shape else { return false };
            matches!(it.item.ast(self.db).ty(ty), TypeExpr::List(_)) == is_list
        });
        types
    }

    /// The type of a `let`, where it has one, else its value.
    pub(super) fn annotated(&self, item: Item, value: ExprId) -> Origin {
        match self.parents(item).annotation(value) {
            Some(ty) => Origin::ty(item, ty),
            None => Origin::value(item, value),
        }
    }

    /// The type of a field of a declaration; for a profile also of the `param` it sets.
    fn kind_field(&self, item: Item, name: &SmolStr) -> Option<Origin> {
        let def = kind(self.db, item.ast(self.db).decl()?.kind())?;
        if def.field(name).is_some() {
            let home = declaring_kind(self.db, def.item, name);
            let ItemKind::Kind(kind) = &home.ast(self.db).kind else { return None };
            return kind
                .fields
                .iter()
                .find(|it| is_named(it, name))
                .map(|it| Origin::ty(home, it.ty));
        }
        let param = resolve(self.db, item.file(self.db), name)?;
        match &param.ast(self.db).kind {
            ItemKind::Param(it) if param.kind(self.db) == Kind::Param => {
                Some(Origin::ty(param, it.ty))
            }
            _ => None,
        }
    }

    /// The type of the parameter that an argument is for.
    fn parameter(&self, item: Item, call: ExprId, at: usize) -> Option<Origin> {
        let Expr::Call { callee, args, .. } = item.ast(self.db).expr(call) else { return None };
        let inference = infer(self.db, item);
        match inference.meanings.get(callee)? {
            Meaning::Item(of) => taking(params_of(&of.ast(self.db).kind), args, at, *of),
            Meaning::Tag(_) => {
                let Ty::Tag(tag) = inference.ty(*callee).bare() else { return None };
                let ast = tag.item.ast(self.db);
                let types = (0..ast.type_count()).map(|at| ast.ty(TypeId(at as u32)));
                let mut fields = types.filter_map(|it| match it {
                    TypeExpr::Tag { name, fields } if name.text == tag.name => Some(fields),
                    _ => None,
                });
                taking(fields.next()?, args, at, tag.item)
            }
            _ => None,
        }
    }

    /// The type of the parameter that an argument behind `extends` is for.
    fn parameter_of_base(&self, item: Item, value: ExprId) -> Option<Origin> {
        let args = item.ast(self.db).decl()?.extends.as_ref()?.args.as_ref()?;
        let at = args.iter().position(|it| it.value == value)?;
        let base = base_of(self.db, item)?;
        taking(params_of(&base.ast(self.db).kind), args, at, base)
    }
}

fn taking(params: &[ParamDecl], args: &[Arg], at: usize, home: Item) -> Option<Origin> {
    let param = match args.get(at)?.name.as_ref() {
        Some(name) => params.iter().find(|it| is_named(it, &name.text)),
        None => params.get(at),
    };
    param.map(|it| Origin::ty(home, it.ty))
}

fn is_named(param: &ParamDecl, name: &str) -> bool {
    param.name.as_ref().is_some_and(|it| it.text == name)
}
