//! Selections by `all(..)` that select nothing, which is allowed and hardly ever meant.
//!
//! A workspace without further packages is taken as one that is just begun.

use rush_diagnostics::{Diagnostic, Span};
use rush_syntax::Kind;
use rush_syntax::ast::{Arg, Expr, ExprId, fixed_text};
use smol_str::SmolStr;

use crate::db::{Db, Item};
use crate::names::{
    Namespace, file_names, is_private, named_in_packages, package_dir, packages_matching, resolve,
};
use crate::report;

/// The findings about the selections of one item.
pub fn empty_selections(db: &dyn Db, item: Item) -> Vec<Diagnostic> {
    // The text is asked first: most items select nothing.
    let may_select = item.text(db).contains("all(");
    if !may_select
        || db.workspace().packages(db).len() < 2
        || resolve(db, item.file(db), "all").is_some()
    {
        return Vec::new();
    }
    let ast = item.ast(db);
    let calls = (0..ast.expr_count()).filter_map(|at| match ast.expr(ExprId(at as u32)) {
        Expr::Call { callee, args, .. } => {
            let is_all = matches!(ast.expr(*callee), Expr::Name(name) if name == "all");
            is_all.then_some(args.as_slice())
        }
        _ => None,
    });
    calls.filter_map(|args| empty_selection(db, item, args)).collect()
}

fn empty_selection(db: &dyn Db, item: Item, args: &[Arg]) -> Option<Diagnostic> {
    let [packages, task] = args else { return None };
    let ast = item.ast(db);
    let (pattern, name) = (literal(ast, packages)?, literal(ast, task)?);
    let (pattern, name) = (pattern.as_str(), name.as_str());
    // What a template says belongs to the package of the task it ends up in.
    if item.kind(db) == Kind::Template && !pattern.starts_with("//") {
        return None;
    }
    let here = package_dir(db, item.file(db));
    if !named_in_packages(db, here, pattern, name).is_empty() {
        return None;
    }
    let span = |arg: &Arg| Span::new(item.id(db), ast.expr_range(arg.value));
    let matching = packages_matching(db, here, pattern);
    if matching.is_empty() {
        let known = db.workspace().packages(db).keys().map(SmolStr::as_str);
        return Some(report::no_package(span(packages), pattern, known));
    }
    let files = matching.iter().map(|(_, file)| file_names(db, *file));
    let known = files.flat_map(|it| it.names(Namespace::Values).map(SmolStr::as_str));
    let known = known.filter(|it| !is_private(it));
    Some(report::no_selected(span(task), pattern, name, known))
}

/// The text of an argument that is written out, as both must be.
fn literal(ast: &rush_syntax::ast::Item, arg: &Arg) -> Option<SmolStr> {
    match (ast.expr(arg.value), &arg.name) {
        (Expr::Text(parts), None) => fixed_text(parts),
        _ => None,
    }
}
