//! Where a value comes from: the literals and the written types behind it.
//!
//! `p.port` reads what somebody wrote as `let p = { port: 1 }` or as `c: { port: int }`. Types do not
//! tell where: they are equal wherever they look alike. So the value is followed through names, calls,
//! branches and lists, over the borders of items. What a value is when it runs is not known here.

mod wanted;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rush_semantics::infer::{LocalSource, Meaning, infer};
use rush_semantics::names::{import_target, resolve, resolve_type, with_bases};
use rush_semantics::signature::params_of;
use rush_semantics::{Db, Item};
use rush_syntax::ast::{
    BinaryOp, Element, Expr, ExprId, ItemKind, Member, Name, Record, TypeExpr, TypeId, fixed_text,
};
use rustc_hash::FxHashMap;

use crate::draft::{Parent, Parents};

/// How many steps are taken for one name. Lists that are joined from many others have more; then some
/// of the places are not found.
const STEPS_MAX: usize = 500;

/// What is written of a record, a list or a map: a value or a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A literal.
    Value(ExprId),
    /// A type.
    Type(TypeId),
}

/// A place of an item that a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) item: Item,
    pub(super) shape: Shape,
}

impl Origin {
    fn value(item: Item, id: ExprId) -> Self {
        Self { item, shape: Shape::Value(id) }
    }

    fn ty(item: Item, id: TypeId) -> Self {
        Self { item, shape: Shape::Type(id) }
    }
}

/// Follows values. The steps it may take are those of one question; what it has looked over serves for
/// all that follow.
pub(crate) struct Origins<'a> {
    db: &'a dyn Db,
    left: Cell<usize>,
    parents: RefCell<FxHashMap<Item, Rc<Parents>>>,
}

impl<'a> Origins<'a> {
    pub(crate) fn new(db: &'a dyn Db) -> Self {
        Self { db, left: Cell::new(0), parents: RefCell::default() }
    }

    pub(crate) fn db(&self) -> &'a dyn Db {
        self.db
    }

    /// The places that declare the field `name` of a value: of each place it may come from, one.
    pub(super) fn fields(&self, item: Item, value: ExprId, name: &str) -> Vec<Origin> {
        let ends = self.of(item, value);
        let mut found: Vec<Origin> = Vec::new();
        for holder in ends.into_iter().flat_map(|it| self.holders(it, name)) {
            if !found.contains(&holder) {
                found.push(holder);
            }
        }
        found
    }

    /// The literals and types that a value may come from.
    pub(super) fn of(&self, item: Item, value: ExprId) -> Vec<Origin> {
        self.left.set(STEPS_MAX);
        self.ends(Origin::value(item, value))
    }

    /// What an expression is part of in its item.
    pub(super) fn parent(&self, item: Item, id: ExprId) -> Option<Parent> {
        self.parents(item).get(id).cloned()
    }

    fn parents(&self, item: Item) -> Rc<Parents> {
        let mut known = self.parents.borrow_mut();
        let parents = known.entry(item);
        Rc::clone(parents.or_insert_with(|| Rc::new(Parents::of(item.ast(self.db)))))
    }

    /// The literals and types that a value comes down to; for a literal with a declared type that type.
    fn ends(&self, origin: Origin) -> Vec<Origin> {
        let Some(left) = self.left.get().checked_sub(1) else { return Vec::new() };
        self.left.set(left);
        match origin.shape {
            Shape::Value(id) => self.ends_of_value(origin.item, id),
            Shape::Type(id) => self.ends_of_type(origin.item, id),
        }
    }

    pub(super) fn all_ends(&self, origins: impl IntoIterator<Item = Origin>) -> Vec<Origin> {
        origins.into_iter().flat_map(|it| self.ends(it)).collect()
    }

    fn ends_of_value(&self, item: Item, id: ExprId) -> Vec<Origin> {
        let here = |id: ExprId| Origin::value(item, id);
        match item.ast(self.db).expr(id) {
            Expr::Record(_) | Expr::List(_) => match self.wanted(item, id) {
                types if types.is_empty() => vec![here(id)],
                types => types,
            },
            Expr::Name(_) => self.all_ends(self.meant(item, id)),
            Expr::Field { base, name } => match self.meant(item, id) {
                found if found.is_empty() => self.all_ends(self.parts(item, *base, name)),
                found => self.all_ends(found),
            },
            Expr::Index { base, index } => {
                let key = match item.ast(self.db).expr(*index) {
                    Expr::Text(parts) => fixed_text(parts),
                    _ => None,
                };
                let bases = self.ends(here(*base)).into_iter();
                let entries = bases.flat_map(|it| match &key {
                    Some(key) => self.values(it, key),
                    None => self.entries(it),
                });
                self.all_ends(entries)
            }
            Expr::If { then, otherwise, .. } => self.all_ends([here(*then), here(*otherwise)]),
            Expr::Binary { op: BinaryOp::Otherwise | BinaryOp::Add, left, right, .. } => {
                self.all_ends([here(*left), here(*right)])
            }
            Expr::Call { callee, .. } => self.all_ends(self.result(item, *callee)),
            _ => Vec::new(),
        }
    }

    fn ends_of_type(&self, item: Item, id: TypeId) -> Vec<Origin> {
        let here = |id: TypeId| Origin::ty(item, id);
        match item.ast(self.db).ty(id) {
            TypeExpr::Record(_) | TypeExpr::List(_) | TypeExpr::Map(_) => vec![here(id)],
            TypeExpr::Union(members) => self.all_ends(members.iter().map(|it| here(*it))),
            TypeExpr::Optional(inner) => self.ends(here(*inner)),
            TypeExpr::Path { path, .. } => {
                let named = self.type_named(item, path).map(|it| (it, &it.ast(self.db).kind));
                match named {
                    Some((named, ItemKind::Type { ty, .. })) => self.ends(Origin::ty(named, *ty)),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    fn type_named(&self, item: Item, path: &[Name]) -> Option<Item> {
        let file = item.file(self.db);
        match path {
            [name] => resolve_type(self.db, file, &name.text).or_else(|| {
                resolve_type(self.db, self.db.workspace().prelude(self.db), &name.text)
            }),
            [namespace, name] => {
                let file = import_target(self.db, resolve(self.db, file, &namespace.text)?)?;
                resolve_type(self.db, file, &name.text)
            }
            _ => None,
        }
    }

    /// What gives a name its value.
    fn meant(&self, item: Item, id: ExprId) -> Vec<Origin> {
        let inference = infer(self.db, item);
        match inference.meanings.get(&id) {
            Some(Meaning::Local(local)) => {
                let local = inference.locals.get(local.0 as usize);
                match local.map(|it| it.source) {
                    Some(LocalSource::Parameter(at)) => {
                        let param = params_of(&item.ast(self.db).kind).get(at);
                        param.map(|it| Origin::ty(item, it.ty)).into_iter().collect()
                    }
                    Some(LocalSource::Let(value)) => vec![self.annotated(item, value)],
                    Some(LocalSource::For(iterable)) => {
                        let lists = self.ends(Origin::value(item, iterable)).into_iter();
                        lists.flat_map(|it| self.elements(it)).collect()
                    }
                    None => Vec::new(),
                }
            }
            Some(Meaning::Item(of)) => match &of.ast(self.db).kind {
                ItemKind::Let(it) => vec![self.annotated(*of, it.value)],
                ItemKind::Param(it) => vec![Origin::ty(*of, it.ty)],
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// What a call gives.
    fn result(&self, item: Item, callee: ExprId) -> Option<Origin> {
        let Some(Meaning::Item(of)) = infer(self.db, item).meanings.get(&callee) else {
            return None;
        };
        match &of.ast(self.db).kind {
            ItemKind::Fn { result: Some(ty), .. } => Some(Origin::ty(*of, *ty)),
            ItemKind::Fn { body, .. } => Some(Origin::value(*of, *body)),
            ItemKind::Type { ty, .. } => Some(Origin::ty(*of, *ty)),
            _ => None,
        }
    }

    /// The values of `base.name`.
    fn parts(&self, item: Item, base: ExprId, name: &Name) -> Vec<Origin> {
        if let Some(Meaning::Matrix) = infer(self.db, item).meanings.get(&base) {
            let mut all = with_bases(self.db, item).filter_map(|of| {
                let ast = of.ast(self.db);
                let Expr::Record(matrix) = ast.expr(ast.field("matrix")?.value) else {
                    return None;
                };
                Some(Origin::value(of, matrix.field(&name.text)?.value))
            });
            let axis = all.next().map(|it| self.ends(it)).unwrap_or_default();
            return axis.into_iter().flat_map(|it| self.elements(it)).collect();
        }
        let bases = self.ends(Origin::value(item, base)).into_iter();
        bases.flat_map(|it| self.values(it, &name.text)).collect()
    }

    /// Which record writes or declares a field: one, unless it comes from what is spread into it.
    pub(super) fn holders(&self, end: Origin, name: &str) -> Vec<Origin> {
        let ast = end.item.ast(self.db);
        match end.shape {
            Shape::Value(id) => {
                let Expr::Record(record) = ast.expr(id) else { return Vec::new() };
                let parents = self.parents(end.item);
                if parents.value(id, name).is_some() {
                    let has = |at: ExprId| parents.value(at, name).map(|_| at);
                    let first = self.first_alike(end.item, id, &has).unwrap_or(id);
                    return vec![Origin::value(end.item, first)];
                }
                self.spread(end.item, record, |it| self.holders(it, name))
            }
            Shape::Type(id) => {
                let TypeExpr::Record(fields) = ast.ty(id) else { return Vec::new() };
                let has = fields.iter().filter_map(|it| it.name.as_ref()).any(|it| it.text == name);
                if has { vec![end] } else { Vec::new() }
            }
        }
    }

    /// The values of a field.
    pub(super) fn values(&self, end: Origin, name: &str) -> Vec<Origin> {
        let ast = end.item.ast(self.db);
        match end.shape {
            Shape::Value(id) => match ast.expr(id) {
                Expr::Record(record) => match self.parents(end.item).value(id, name) {
                    Some(value) => vec![Origin::value(end.item, value)],
                    None => self.spread(end.item, record, |it| self.values(it, name)),
                },
                _ => Vec::new(),
            },
            Shape::Type(id) => match ast.ty(id) {
                TypeExpr::Record(fields) => {
                    let is_it = |it: &&rush_syntax::ast::ParamDecl| {
                        it.name.as_ref().is_some_and(|it| it.text == name)
                    };
                    let field = fields.iter().find(is_it);
                    field.map(|it| Origin::ty(end.item, it.ty)).into_iter().collect()
                }
                TypeExpr::Map(value) => vec![Origin::ty(end.item, *value)],
                _ => Vec::new(),
            },
        }
    }

    /// What the last spread that gives anything gives.
    fn spread(
        &self,
        item: Item,
        record: &Record,
        of: impl Fn(Origin) -> Vec<Origin>,
    ) -> Vec<Origin> {
        let spreads = record.members.iter().rev().filter_map(|member| match member {
            Member::Spread { value, .. } => Some(*value),
            Member::Field(_) | Member::Let(_) | Member::Check(_) => None,
        });
        let mut found = spreads.map(|value| {
            let ends = self.ends(Origin::value(item, value)).into_iter();
            ends.flat_map(&of).collect::<Vec<_>>()
        });
        found.find(|it| !it.is_empty()).unwrap_or_default()
    }

    /// What an index finds: an element, or the value of any key.
    pub(super) fn entries(&self, end: Origin) -> Vec<Origin> {
        let ast = end.item.ast(self.db);
        match end.shape {
            Shape::Value(id) => match ast.expr(id) {
                Expr::Record(record) => {
                    let values = record.members.iter().filter_map(|member| match member {
                        Member::Field(field) => Some(Origin::value(end.item, field.value)),
                        Member::Spread { .. } | Member::Let(_) | Member::Check(_) => None,
                    });
                    values.collect()
                }
                _ => self.elements(end),
            },
            Shape::Type(id) => match ast.ty(id) {
                TypeExpr::Record(fields) => {
                    fields.iter().map(|it| Origin::ty(end.item, it.ty)).collect()
                }
                TypeExpr::Map(value) => vec![Origin::ty(end.item, *value)],
                _ => self.elements(end),
            },
        }
    }

    /// The elements of a list.
    pub(super) fn elements(&self, end: Origin) -> Vec<Origin> {
        let ast = end.item.ast(self.db);
        match end.shape {
            Shape::Value(id) => {
                let Expr::List(elements) = ast.expr(id) else { return Vec::new() };
                let elements = elements.iter().map(innermost);
                let values = elements.flat_map(|element| match element {
                    Element::Spread(value) => {
                        let lists = self.ends(Origin::value(end.item, *value)).into_iter();
                        lists.flat_map(|it| self.elements(it)).collect()
                    }
                    Element::Value(value) => vec![Origin::value(end.item, *value)],
                    Element::For { .. } | Element::If { .. } => Vec::new(),
                });
                values.collect()
            }
            Shape::Type(id) => match ast.ty(id) {
                TypeExpr::List(element) => vec![Origin::ty(end.item, *element)],
                _ => Vec::new(),
            },
        }
    }

    /// Of the expressions that stand where this one does, in the other elements of a list or in the
    /// other branch of an `if`, the first for which there is an answer.
    fn first_alike(
        &self,
        item: Item,
        id: ExprId,
        test: &dyn Fn(ExprId) -> Option<ExprId>,
    ) -> Option<ExprId> {
        let ast = item.ast(self.db);
        match self.parent(item, id) {
            Some(Parent::OfList(list)) => self.first_alike(item, list, &|list| {
                let Expr::List(elements) = ast.expr(list) else { return None };
                elements.iter().find_map(|it| match innermost(it) {
                    Element::Value(value) => test(*value),
                    _ => None,
                })
            }),
            Some(Parent::OfRecord(record, name)) => self.first_alike(item, record, &|record| {
                test(self.parents(item).value(record, &name)?)
            }),
            Some(Parent::Part(whole)) if branches(ast.expr(whole)).contains(&Some(id)) => self
                .first_alike(item, whole, &|whole| match ast.expr(whole) {
                    Expr::If { then, otherwise, .. } => test(*then).or_else(|| test(*otherwise)),
                    _ => test(whole),
                }),
            _ => test(id),
        }
    }
}

/// The two values that an expression chooses from.
fn branches(expr: &Expr) -> [Option<ExprId>; 2] {
    match expr {
        Expr::If { then, otherwise, .. } => [Some(*then), Some(*otherwise)],
        Expr::Binary { op: BinaryOp::Otherwise, left, right, .. } => [Some(*left), Some(*right)],
        _ => [None, None],
    }
}

/// What a `for` or an `if` of a list makes.
fn innermost(element: &Element) -> &Element {
    match element {
        Element::For { element, .. } | Element::If { element, .. } => innermost(element),
        Element::Value(_) | Element::Spread(_) => element,
    }
}
