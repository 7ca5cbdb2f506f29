//! Where a finding is, and what its tasks are called: looked up only when there is one.

use rush_diagnostics::{Span, TextRange};
use rush_syntax::Kind;
use rush_syntax::ast::{Element, Expr, ExprId, Member};

use super::facts::root_call;
use super::{Call, Known, Site};
use crate::db::{Db, Item};
use crate::infer::infer;
use crate::names;
use crate::order::children;
use crate::signature::signature;
use crate::ty::Ty;

/// The place of a site; the declaration's name when it is written nowhere in the body.
pub fn span(db: &dyn Db, site: &Site) -> Span {
    let ast = site.item.ast(db);
    let range = match (value(db, site), site.element) {
        (Some(value), Some(at)) => match ast.expr(value) {
            Expr::List(elements) => elements
                .get(at as usize)
                .map_or_else(|| ast.expr_range(value), |it| ast.expr_range(innermost(it))),
            _ => ast.expr_range(value),
        },
        (Some(value), None) => ast.expr_range(value),
        (None, _) => ast.name().map_or_else(TextRange::default, |name| name.range),
    };
    Span::new(site.item.id(db), range)
}

/// The place inside a site where the outputs of a task are mentioned.
pub fn mention_span(db: &dyn Db, site: &Site, of: Item) -> Span {
    let ast = site.item.ast(db);
    let inference = infer(db, site.item);
    let mut open: Vec<ExprId> = value(db, site).into_iter().collect();
    while let Some(id) = open.pop() {
        if let Expr::Field { base, name } = ast.expr(id)
            && name.text == "outputs"
            && matches!(inference.ty(*base).bare(), Ty::Decl { item, .. } if *item == of)
        {
            return Span::new(site.item.id(db), ast.expr_range(id));
        }
        children(ast.expr(id), &mut open);
    }
    span(db, site)
}

fn value(db: &dyn Db, site: &Site) -> Option<ExprId> {
    let decl = site.item.ast(db).decl()?;
    if let Some(field) = decl.body.field(&site.field) {
        return Some(field.value);
    }
    decl.body.members.iter().find_map(|member| match member {
        Member::Let(it) if it.name.as_ref().is_some_and(|it| it.text == site.field) => {
            Some(it.value)
        }
        _ => None,
    })
}

fn innermost(element: &Element) -> ExprId {
    let mut element = element;
    loop {
        match element {
            Element::Value(value) | Element::Spread(value) => return *value,
            Element::For { element: inner, .. } | Element::If { element: inner, .. } => {
                element = inner;
            }
        }
    }
}

/// How a call is written in messages about an item: short for its own file, else the whole label.
pub fn label(db: &dyn Db, from: Item, call: &Call) -> String {
    let name = if from.file(db) == call.item.file(db) {
        call.item.name(db).to_string()
    } else {
        names::label(db, call.item)
    };
    with_args(db, name, call)
}

/// How an item refers to a call in code; `None` when there is no way without an import.
pub fn reference(db: &dyn Db, from: Item, call: &Call) -> Option<String> {
    let (here, there) = (from.file(db), call.item.file(db));
    let name = call.item.name(db);
    let is_plain = *call == root_call(db, call.item);
    let is_writable =
        |it: &Known| it.is_constant() && !matches!(it, Known::Amount(_) | Known::List(_));
    if !call.is_constant() || !is_plain && !call.args.iter().all(is_writable) {
        return None;
    }
    if here == there {
        return Some(with_args(db, name.to_string(), call));
    }
    if names::is_private(name) {
        return None;
    }
    let import = here.items(db).iter().find(|item| {
        item.kind(db) == Kind::Use && names::import_target(db, **item) == Some(there)
    })?;
    Some(with_args(db, format!("{}.{name}", import.name(db)), call))
}

fn with_args(db: &dyn Db, name: String, call: &Call) -> String {
    if *call == root_call(db, call.item) {
        return name;
    }
    let args = call.args.iter().map(|it| match it {
        Known::Symbol(item, at) => {
            let param = signature(db, *item).params.get(*at as usize);
            param.map_or_else(|| "..".to_owned(), |it| it.name.to_string())
        }
        it => written(it),
    });
    format!("{name}({})", args.collect::<Vec<_>>().join(", "))
}

fn written(value: &Known) -> String {
    match value {
        Known::Unknown | Known::Default | Known::Amount(_) | Known::Symbol(..) => "..".to_owned(),
        Known::None => "none".to_owned(),
        Known::Bool(value) => value.to_string(),
        Known::Int(value) => value.to_string(),
        Known::Text(text) => {
            let text = text.replace('\\', r"\\").replace('"', "\\\"").replace('$', r"\$");
            format!("\"{}\"", text.replace('\n', r"\n").replace('\t', r"\t").replace('\r', r"\r"))
        }
        Known::List(items) => {
            format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", "))
        }
    }
}
