//! Where the names of fields become texts: `vars.keys()`, `"x" in vars`, `env: vars`.
//!
//! There a field with another name is no mistake, but another value.

use rush_semantics::infer::{Inference, infer};
use rush_semantics::ty::Ty;
use rush_semantics::{Db, Item};
use rush_syntax::ast::{BinaryOp, Expr, ExprId, Member};

use super::expressions::declared_field;
use super::origin::{Origin, Origins};
use crate::syntax::exprs;
use crate::target::Target;

/// Whether an item makes a text of the name of a field.
pub(crate) fn reads_as_text(db: &dyn Db, item: Item, field: &Target) -> bool {
    let inference = infer(db, item);
    let search = Search { db, item, field, inference, origins: Origins::new(db) };
    exprs(item.ast(db)).any(|(id, expr)| search.reads(id, expr))
}

struct Search<'a> {
    db: &'a dyn Db,
    item: Item,
    field: &'a Target,
    inference: &'a Inference,
    origins: Origins<'a>,
}

impl Search<'_> {
    fn reads(&self, id: ExprId, expr: &Expr) -> bool {
        let is_taken_over =
            |ty: &Ty| has_map(ty) && self.is_in(&self.origins.of(self.item, id), ty);
        if let Some(base) = self.keys_of(expr) {
            return self.is_of(base);
        }
        match expr {
            Expr::Binary { op: BinaryOp::In, right, .. } => self.is_of(*right),
            // What stands in a literal is looked at by itself.
            Expr::Record(record) => {
                let is_map = self.inference.ty(id).members().iter().any(is_map)
                    || self.inference.conversions.get(&id).is_some_and(is_map);
                is_map
                    && record.members.iter().any(|member| match member {
                        Member::Spread { value, .. } => self.is_of(*value),
                        Member::Field(_) | Member::Let(_) | Member::Check(_) => false,
                    })
            }
            Expr::List(_) => false,
            _ => self.inference.conversions.get(&id).is_some_and(is_taken_over),
        }
    }

    /// What a call of `.keys()` is about; a field may have that name, too.
    fn keys_of(&self, expr: &Expr) -> Option<ExprId> {
        let Expr::Call { callee, .. } = expr else { return None };
        match self.item.ast(self.db).expr(*callee) {
            Expr::Field { base, name } if name.text == "keys" => Some(*base),
            _ => None,
        }
    }

    /// Whether a value may have the field.
    fn is_of(&self, value: ExprId) -> bool {
        self.has(&self.origins.of(self.item, value))
    }

    fn has(&self, ends: &[Origin]) -> bool {
        let Some(name) = self.field.name(self.db) else { return false };
        let holders = ends.iter().flat_map(|it| self.origins.holders(*it, &name));
        holders.into_iter().any(|it| declared_field(self.db, it, &name) == *self.field)
    }

    /// Whether the field is in what becomes a map where a value is taken as of this type.
    fn is_in(&self, ends: &[Origin], ty: &Ty) -> bool {
        let parts = |of: &dyn Fn(Origin) -> Vec<Origin>, ty: &Ty| {
            let parts = ends.iter().flat_map(|it| of(*it));
            has_map(ty) && self.is_in(&self.origins.all_ends(parts), ty)
        };
        ty.members().iter().any(|member| match member.bare() {
            Ty::Map(value) => self.has(ends) || parts(&|it| self.origins.entries(it), value),
            Ty::List(element) => parts(&|it| self.origins.elements(it), element),
            Ty::Record(record) => record
                .fields
                .iter()
                .any(|field| parts(&|it| self.origins.values(it, &field.name), &field.ty)),
            _ => false,
        })
    }
}

fn is_map(ty: &Ty) -> bool {
    matches!(ty.bare(), Ty::Map(_))
}

fn has_map(ty: &Ty) -> bool {
    ty.members().iter().any(|member| match member.bare() {
        Ty::Map(_) => true,
        Ty::List(element) => has_map(element),
        Ty::Record(record) => record.fields.iter().any(|it| has_map(&it.ty)),
        _ => false,
    })
}
