//! Values that are plain to see: what hints count without evaluating anything.

use rush_semantics::infer::{Meaning, infer};
use rush_semantics::{Db, Item};
use rush_syntax::Kind;
use rush_syntax::ast::{Element, Expr, ExprId, ItemKind, fixed_text};
use smol_str::SmolStr;

/// How many names are followed from one list to the next.
const DEPTH_MAX: usize = 8;

/// A value that is written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Constant {
    /// A text without holes.
    Text(SmolStr),
    /// Another value, as it is written.
    Other(SmolStr),
}

/// The elements of a list, when each is written out somewhere.
pub(crate) fn elements(db: &dyn Db, item: Item, list: ExprId) -> Option<Vec<Constant>> {
    let mut found = Vec::new();
    collect(db, item, list, DEPTH_MAX, &mut found)?;
    Some(found)
}

/// The texts of a list, when each of its elements is written out somewhere; those that are no text are
/// left out, and a list without any is none.
pub(crate) fn texts(db: &dyn Db, item: Item, list: ExprId) -> Option<Vec<String>> {
    let texts = elements(db, item, list)?.into_iter().filter_map(|it| match it {
        Constant::Text(text) => Some(text.to_string()),
        Constant::Other(_) => None,
    });
    let texts: Vec<String> = texts.collect();
    (!texts.is_empty()).then_some(texts)
}

fn collect(
    db: &dyn Db,
    item: Item,
    list: ExprId,
    depth: usize,
    found: &mut Vec<Constant>,
) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    match item.ast(db).expr(list) {
        Expr::List(elements) => {
            for element in elements {
                match element {
                    Element::Value(value) => found.push(constant(db, item, *value)?),
                    Element::Spread(value) => collect(db, item, *value, depth, found)?,
                    Element::For { .. } | Element::If { .. } => return None,
                }
            }
            Some(())
        }
        Expr::Name(_) | Expr::Field { .. } => {
            let inference = infer(db, item);
            match inference.meanings.get(&list) {
                Some(Meaning::Item(target)) => match &target.ast(db).kind {
                    ItemKind::Let(it) => collect(db, *target, it.value, depth, found),
                    _ => None,
                },
                Some(Meaning::Local(local)) => {
                    match inference.locals.get(local.0 as usize)?.source {
                        rush_semantics::infer::LocalSource::Let(value) => {
                            collect(db, item, value, depth, found)
                        }
                        _ => None,
                    }
                }
                _ => values_of_type(db, item, list, found),
            }
        }
        _ => None,
    }
}

/// `Crate.values`
fn values_of_type(db: &dyn Db, item: Item, list: ExprId, found: &mut Vec<Constant>) -> Option<()> {
    let Expr::Field { name, base } = item.ast(db).expr(list) else { return None };
    let inference = infer(db, item);
    let Some(Meaning::Item(declared)) = inference.meanings.get(base) else { return None };
    if name.text != "values" || declared.kind(db) != Kind::Type {
        return None;
    }
    let texts = rush_semantics::types::declared_type(db, *declared).literal_texts()?;
    found.extend(texts.into_iter().map(Constant::Text));
    Some(())
}

/// A value, when it is written out.
pub(crate) fn constant(db: &dyn Db, item: Item, value: ExprId) -> Option<Constant> {
    let ast = item.ast(db);
    match ast.expr(value) {
        Expr::Text(parts) => fixed_text(parts).map(Constant::Text),
        Expr::None
        | Expr::Bool(_)
        | Expr::Int(_)
        | Expr::Float(_)
        | Expr::Duration(_)
        | Expr::Size(_) => {
            let range = std::ops::Range::<usize>::from(ast.expr_range(value));
            Some(Constant::Other(SmolStr::from(item.text(db).get(range)?)))
        }
        _ => None,
    }
}
