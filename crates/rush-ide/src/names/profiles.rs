//! Texts that name a profile: those that `profile.name` is compared with.

use rush_semantics::infer::Meaning;
use rush_semantics::names::{Namespace, declarations, files};
use rush_semantics::{Db, Item};
use rush_syntax::ast::{BinaryOp, Element, Expr, ExprId, Part};

use super::{Occurrence, Origins, Role, Walk, Where};
use crate::syntax::exprs;
use crate::target::Target;

/// The declarations of a profile: `--profile` chooses all of this name.
pub(crate) fn profiles_named(db: &dyn Db, name: &str) -> Vec<Item> {
    files(db).flat_map(|it| declarations(db, it, Namespace::Profiles, name)).copied().collect()
}

/// Whether an item does something else with `profile.name` than to compare it with texts or to write
/// it into one, so that nobody can say which texts are compared with it in the end.
pub(crate) fn hands_profile_on(db: &dyn Db, item: Item) -> bool {
    let origins = Origins::new(db);
    let walk = Walk::new(&origins, item);
    let ast = item.ast(db);
    let names = exprs(ast).filter(|(id, _)| walk.is_profile_name(*id)).count();
    let followed = exprs(ast).map(|(_, expr)| match expr {
        Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, left, right, .. } => {
            usize::from(walk.is_followed(*left, *right) || walk.is_followed(*right, *left))
        }
        Expr::Binary { op: BinaryOp::In, left, right, .. } => {
            usize::from(walk.is_followed(*left, *right))
        }
        Expr::Text(parts) | Expr::Command(parts) => {
            let is_name =
                |it: &&Part| matches!(it, Part::Hole { value, .. } if walk.is_profile_name(*value));
            parts.iter().filter(is_name).count()
        }
        _ => 0,
    });
    names > followed.sum()
}

impl Walk<'_> {
    /// The texts that `profile.name` is compared with.
    pub(super) fn compared(&mut self, op: BinaryOp, left: ExprId, right: ExprId) {
        match op {
            BinaryOp::Equal | BinaryOp::NotEqual if self.is_profile_name(left) => {
                self.profile_text(right);
            }
            BinaryOp::Equal | BinaryOp::NotEqual if self.is_profile_name(right) => {
                self.profile_text(left);
            }
            BinaryOp::In if self.is_profile_name(left) => {
                let Expr::List(elements) = self.ast.expr(right) else { return };
                for element in elements {
                    if let Element::Value(value) = element {
                        self.profile_text(*value);
                    }
                }
            }
            _ => {}
        }
    }

    /// `base[index]`
    pub(super) fn index(&mut self, base: ExprId, index: ExprId) {
        self.variable_of_base(base, index);
    }

    fn profile_text(&mut self, text: ExprId) {
        let Some((name, range)) = self.plain_text(text) else { return };
        for item in profiles_named(self.db, &name) {
            let (target, place) = (Target::Item(item), Where::Text);
            self.found.push(Occurrence { range, target, role: Role::Read, place });
        }
    }

    /// Whether the texts on the other side of a comparison are written out.
    fn is_followed(&self, name: ExprId, other: ExprId) -> bool {
        let is_text =
            |it: ExprId| matches!(self.ast.expr(it), Expr::None) || self.plain_text(it).is_some();
        self.is_profile_name(name)
            && match self.ast.expr(other) {
                Expr::List(elements) => {
                    elements.iter().all(|it| matches!(it, Element::Value(it) if is_text(*it)))
                }
                _ => is_text(other),
            }
    }

    /// `profile.name`
    fn is_profile_name(&self, id: ExprId) -> bool {
        let Expr::Field { base, name } = self.ast.expr(id) else { return false };
        name.text == "name" && self.inference.meanings.get(base) == Some(&Meaning::Profile)
    }
}
