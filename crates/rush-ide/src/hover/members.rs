//! Texts that are one of a few: the others, and what they are for.

use rush_semantics::infer::view;
use rush_semantics::kinds::kind;
use rush_semantics::ty::{TextTy, Ty};
use rush_semantics::{Db, SourceFile};
use rush_syntax::ast::{Expr, ExprId, ItemKind, TypeExpr, TypeId, fixed_text};
use text_size::{TextRange, TextSize};

use super::{Hover, Page, literal, slice};
use crate::draft::{Parent, Parents};
use crate::place::Placed;

/// What there is to say about the member of a union of texts at `offset`.
pub(super) fn hover(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<Hover> {
    let (placed, inside) = Placed::at(db, file, offset)?;
    declared(db, placed, inside).or_else(|| written(db, placed, inside))
}

/// Where a type lists its members.
fn declared(db: &dyn Db, placed: Placed, inside: TextSize) -> Option<Hover> {
    let (item, ast) = (placed.item, placed.item.ast(db));
    let ItemKind::Type { name, ty } = &ast.kind else { return None };
    let is_text = |id: &TypeId| matches!(ast.ty(*id), TypeExpr::Text(_));
    let types = (0..ast.type_count()).map(|at| TypeId(at as u32)).filter(is_text);
    let at = types.map(|id| ast.type_range(id)).find(|it| it.contains_inclusive(inside))?;
    let mut page = Page::default();
    let name = name.as_ref()?.text.as_str();
    page.code(&format!("type {name} = {}", slice(db, item, ast.type_range(*ty))));
    page.doc(ast.doc.as_ref());
    Some(Hover { at: placed.range(db, at), text: page.text })
}

/// Where one of them is a value.
fn written(db: &dyn Db, placed: Placed, inside: TextSize) -> Option<Hover> {
    let (item, ast) = (placed.item, placed.item.ast(db));
    let id = literal::innermost(ast, inside)?;
    let Expr::Text(parts) = ast.expr(id) else { return None };
    let text = fixed_text(parts)?;
    let parents = Parents::of(ast);
    let view = view(db, item, (ast, item.text(db)), TextRange::default());
    let expected = |id: &ExprId| view.expected.get(id);
    let compared = || match parents.get(id)? {
        Parent::Part(whole) => match ast.expr(*whole) {
            Expr::Binary { left, right, .. } => {
                let other = if *left == id { right } else { left };
                Some(view.inference.ty(*other))
            }
            _ => None,
        },
        _ => None,
    };
    let is_one = |ty: &&Ty| {
        let is_it = |it: &Ty| matches!(it.bare(), Ty::Text(TextTy::Literal(one)) if *one == text);
        ty.members().len() > 1 && ty.members().iter().any(is_it)
    };
    let ty = expected(&id).filter(is_one).or_else(|| compared().filter(is_one))?;
    let texts = ty.members().iter().filter(|it| !matches!(it, Ty::None));
    let texts: Vec<String> = texts.map(ToString::to_string).collect();
    let mut page = Page::default();
    page.code(&format!("{}: {}", slice(db, item, ast.expr_range(id)), texts.join(" | ")));
    match (ty, parents.get(id)) {
        (Ty::Alias(alias), _) => {
            page.doc(alias.item.ast(db).doc.as_ref());
            page.say(&format!("member of `{}`", alias.name));
        }
        (_, Some(Parent::OfDeclaration(name))) => {
            let field = kind(db, ast.decl()?.kind()).and_then(|it| it.field(name));
            field.into_iter().for_each(|it| page.say(&it.doc));
        }
        _ => {}
    }
    Some(Hover { at: placed.range(db, ast.expr_range(id)), text: page.text })
}
