//! Where a value that is written in a `let` or a function becomes what it is meant as.
//!
//! `let sources = ["src/**"]` is a list of texts; only `inputs: sources` makes patterns of them. So
//! the value is followed to where its names are read. What becomes of it as an argument is not followed.

use rush_semantics::infer::{LocalId, LocalSource, infer};
use rush_semantics::names::files;
use rush_semantics::ty::Ty;
use rush_semantics::{Db, Item};
use rush_syntax::ast::{BinaryOp, Expr, ExprId, ItemKind};

use crate::draft::{Parent, Parents};
use crate::names::{Role, Where, occurrences};
use crate::place::Placed;
use crate::references::some_references_to;
use crate::syntax::exprs;
use crate::target::Target;

/// How many names are followed.
const NAMES_MAX: usize = 16;
/// How many places are enough where a name is written.
const READS_MAX: usize = 64;

/// A place where a value is taken as a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Whose place it is.
    pub(crate) item: Item,
    /// What stands there: the value, something it is part of, or a name for that.
    pub(crate) value: ExprId,
    /// What it is taken as.
    pub(crate) ty: Ty,
}

/// The places where a value, or what it is part of, is taken as a wanted type; for a value that has one
/// where it is written, only that place.
pub(crate) fn taken(
    db: &dyn Db,
    item: Item,
    value: ExprId,
    is_wanted: fn(&Ty) -> bool,
) -> Vec<Taken> {
    let mut search = Search { db, is_wanted, found: Vec::new(), names: Vec::new() };
    search.follow(item, value);
    search.follow_names()
}

/// The places where what a name stands for, or what that is part of, is taken as a wanted type.
pub(crate) fn taken_by_name(db: &dyn Db, name: Target, is_wanted: fn(&Ty) -> bool) -> Vec<Taken> {
    Search { db, is_wanted, found: Vec::new(), names: vec![name] }.follow_names()
}

struct Search<'a> {
    db: &'a dyn Db,
    is_wanted: fn(&Ty) -> bool,
    found: Vec<Taken>,
    /// The names the value has, each once.
    names: Vec<Target>,
}

impl Search<'_> {
    /// Goes from a value to what it is part of: to where that is taken, or to the name it gets.
    fn follow(&mut self, item: Item, value: ExprId) {
        let db = self.db;
        let (ast, inference, parents) = (item.ast(db), infer(db, item), Parents::of(item.ast(db)));
        let mut id = value;
        loop {
            let conversion = inference.conversions.get(&id);
            let ty = conversion.unwrap_or_else(|| inference.ty(id));
            if (self.is_wanted)(ty) {
                self.found.push(Taken { item, value: id, ty: ty.clone() });
                return;
            }
            if conversion.is_some() {
                return;
            }
            if let Some(name) = named(db, item, id) {
                return self.note(name);
            }
            id = match parents.get(id) {
                Some(Parent::OfList(list)) => *list,
                Some(Parent::Callee(call)) => *call,
                Some(Parent::Part(whole)) => match ast.expr(*whole) {
                    Expr::If { condition, .. } if *condition != id => *whole,
                    Expr::Binary { op: BinaryOp::Add | BinaryOp::Otherwise, .. } => *whole,
                    _ => return,
                },
                Some(Parent::OfRecord(record, field)) => {
                    field_of(db, item, *record, field).into_iter().for_each(|it| self.note(it));
                    return;
                }
                _ => return,
            };
        }
    }

    /// Goes to where the names are read that were met, and those that are met there.
    fn follow_names(mut self) -> Vec<Taken> {
        let mut at = 0;
        while let Some(name) = self.names.get(at).filter(|_| at < NAMES_MAX).cloned() {
            for (user, read) in reads(self.db, &name) {
                self.follow(user, read);
            }
            at += 1;
        }
        self.found
    }

    fn note(&mut self, name: Target) {
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }
}

/// The name that has exactly this value.
fn named(db: &dyn Db, item: Item, value: ExprId) -> Option<Target> {
    match &item.ast(db).kind {
        ItemKind::Let(it) if it.value == value => return Some(Target::Item(item)),
        ItemKind::Fn { body, .. } if *body == value => return Some(Target::Item(item)),
        _ => {}
    }
    let mut locals = infer(db, item).locals.iter();
    let local = locals.position(|it| it.source == LocalSource::Let(value))?;
    Some(Target::Local { item, local: LocalId(local as u32) })
}

/// The field of a record that has a type of its own only.
fn field_of(db: &dyn Db, item: Item, record: ExprId, field: &str) -> Option<Target> {
    let Expr::Record(record) = item.ast(db).expr(record) else { return None };
    let written = record.field(field)?.name.range;
    let mut names = occurrences(db, item).into_iter().filter(|it| written.contains_range(it.range));
    names.find(|it| matches!(it.target, Target::Key { .. })).map(|it| it.target)
}

/// The expressions that read a name.
fn reads(db: &dyn Db, name: &Target) -> Vec<(Item, ExprId)> {
    let found = some_references_to(db, name, READS_MAX).into_iter();
    let read = found.filter(|it| it.role == Role::Read && it.place == Where::Code);
    let read = read.filter_map(|it| {
        let file = files(db).find(|file| file.id(db) == it.at.file)?;
        let (placed, _) = Placed::at(db, file, it.at.range.start())?;
        let ast = placed.item.ast(db);
        let (id, _) = exprs(ast).find(|(id, expr)| {
            let range = match expr {
                Expr::Name(_) => ast.expr_range(*id),
                Expr::Field { name, .. } => name.range,
                _ => return false,
            };
            placed.range(db, range) == it.at
        })?;
        Some((placed.item, id))
    });
    read.collect()
}
