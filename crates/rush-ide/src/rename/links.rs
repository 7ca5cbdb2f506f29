//! Names that mean something of another file: what stands behind a dot, and the names of arguments.
//!
//! A file sees others through namespaces alone, so what is declared elsewhere is never written by its
//! bare name. What a link means is looked up where it leads to, whatever else goes by that name around
//! the place where it is written.

use rush_syntax::ast::{Arg, Expr, Extends, Item, ItemKind, Name, TypeExpr, TypeId};
use text_size::TextRange;

use crate::syntax::exprs;

/// Whether the name at a place stands behind a dot, or before the value of an argument or a field.
pub(super) fn is_link(text: &str, at: TextRange) -> bool {
    let before = text.get(..usize::from(at.start())).unwrap_or_default();
    let after = text.get(usize::from(at.end())..).unwrap_or_default();
    let is_behind_dot = before.ends_with('.') && !before.ends_with("..");
    is_behind_dot || after.starts_with(':')
}

/// Where an item has a link of this name, be it known where that leads or not; quotes included.
pub(super) fn links(ast: &Item, name: &str) -> Vec<TextRange> {
    let mut found: Vec<&Name> = Vec::new();
    if let Some(extends) = extends(ast) {
        found.extend(behind_dots(&extends.path));
        found.extend(named(extends.args.as_deref().unwrap_or_default()));
    }
    for id in (0..ast.type_count()).map(|at| TypeId(at as u32)) {
        if let TypeExpr::Path { path, .. } = ast.ty(id) {
            found.extend(behind_dots(path));
        }
    }
    for (_, it) in exprs(ast) {
        match it {
            Expr::Field { name, .. } => found.push(name),
            Expr::Call { args, .. } => found.extend(named(args)),
            _ => {}
        }
    }
    found.into_iter().filter(|it| it.text == name).map(|it| it.range).collect()
}

/// What a declaration takes over.
pub(super) fn extends(ast: &Item) -> Option<&Extends> {
    match &ast.kind {
        ItemKind::Decl(decl) => decl.extends.as_deref(),
        _ => None,
    }
}

fn behind_dots(path: &[Name]) -> impl Iterator<Item = &Name> {
    path.iter().skip(1)
}

fn named(args: &[Arg]) -> impl Iterator<Item = &Name> {
    args.iter().filter_map(|it| it.name.as_ref())
}
