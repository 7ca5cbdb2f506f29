//! Where the thing under the cursor is declared, and where its type is.

use rush_semantics::infer::infer;
use rush_semantics::kinds::kind;
use rush_semantics::signature::{signature, value_type};
use rush_semantics::ty::Ty;
use rush_semantics::types::lower_type;
use rush_semantics::{Db, Item, SourceFile};
use text_size::TextSize;

use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ParamDecl, TypeExpr, TypeId};

use crate::names::{Shape, names_at};
use crate::place::FileRange;
use crate::target::{Declared, Target};

/// Where a name leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Navigation {
    /// The name under the cursor.
    pub origin: FileRange,
    /// Where that is declared.
    pub targets: Vec<Declared>,
}

/// Where the name at `offset` is declared: also in the prelude, and from a script to the parameter it
/// reads. For a task in `all(..)` it is every task that is meant.
pub fn definition(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<Navigation> {
    navigate(db, file, offset, |target| target.declared(db))
}

/// Where the type of the name at `offset` is declared.
pub fn type_definition(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<Navigation> {
    navigate(db, file, offset, |target| {
        let item = declaring_item(db, &type_of(db, target)?)?;
        Target::Item(item).declared(db)
    })
}

fn navigate(
    db: &dyn Db,
    file: SourceFile,
    offset: TextSize,
    lead: impl Fn(&Target) -> Option<Declared>,
) -> Option<Navigation> {
    let (placed, names) = names_at(db, file, offset)?;
    let origin = placed.range(db, names.first()?.range);
    let targets: Vec<Declared> = names.iter().filter_map(|it| lead(&it.target)).collect();
    (!targets.is_empty()).then_some(Navigation { origin, targets })
}

/// The type of what a name refers to; `None` for what has none.
pub(crate) fn type_of(db: &dyn Db, target: &Target) -> Option<Ty> {
    match target {
        Target::Item(item) => match item.kind(db) {
            Kind::Let | Kind::Param => Some(value_type(db, *item).clone()),
            Kind::Fn => Some(rush_semantics::signature::result_type(db, *item).clone()),
            Kind::Type => None,
            Kind::Secret => Some(Ty::Secret),
            kind @ (Kind::Task | Kind::Service) => Some(Ty::Kind(kind)),
            _ => None,
        },
        Target::Parameter { item, name } => {
            let signature = signature(db, *item);
            Some(signature.params.get(signature.position(name)?)?.ty.clone())
        }
        Target::Local { item, local } => {
            Some(infer(db, *item).locals.get(local.0 as usize)?.ty.clone())
        }
        Target::Axis { item, name } => {
            let axes = rush_semantics::signature::matrix_axes(db, *item);
            Some(axes.iter().find(|(axis, _)| axis == name)?.1.clone())
        }
        Target::Field { owner, name } => field_type(db, *owner, name),
        Target::Key { item, shape: Shape::Type(ty), name } => {
            let field = key_declaration(db, *item, *ty, name)?;
            Some(lower_type(db, *item, field.ty, &mut Vec::new()))
        }
        Target::Key { item, shape: Shape::Value(record), name } => {
            let Expr::Record(record) = item.ast(db).expr(*record) else { return None };
            Some(infer(db, *item).ty(record.field(name)?.value).clone())
        }
        Target::Variable { .. }
        | Target::Tag { .. }
        | Target::File(_)
        | Target::Function(_)
        | Target::Member(_)
        | Target::Word(_) => None,
    }
}

/// The type of a field of a kind, of a record type or of a tag.
fn field_type(db: &dyn Db, owner: Item, name: &str) -> Option<Ty> {
    if let Some(kind) = kind(db, Kind::of(owner.name(db))).filter(|it| it.item == owner) {
        return Some(kind.field(name)?.ty.clone());
    }
    let ty = rush_semantics::types::declared_type(db, owner);
    ty.members().iter().find_map(|member| match member.bare() {
        Ty::Record(record) => record.field(name).map(|it| it.ty.clone()),
        Ty::Tag(tag) => tag.fields.iter().find(|it| it.name == name).map(|it| it.ty.clone()),
        _ => None,
    })
}

/// The field of a record type, as it is declared.
pub(crate) fn key_declaration<'a>(
    db: &'a dyn Db,
    item: Item,
    ty: TypeId,
    name: &str,
) -> Option<&'a ParamDecl> {
    let TypeExpr::Record(fields) = item.ast(db).ty(ty) else { return None };
    fields.iter().find(|it| it.name.as_ref().is_some_and(|it| it.text == name))
}

/// The item that declares a type, or that of the elements of a list, or the first of a union.
fn declaring_item(db: &dyn Db, ty: &Ty) -> Option<Item> {
    match ty {
        Ty::Alias(alias) => Some(alias.item),
        Ty::Decl { item, .. } => Some(*item),
        Ty::Kind(of) => Some(kind(db, *of)?.item),
        Ty::List(element) | Ty::Map(element) => declaring_item(db, element),
        Ty::Union(members) => members.iter().find_map(|it| declaring_item(db, it)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
