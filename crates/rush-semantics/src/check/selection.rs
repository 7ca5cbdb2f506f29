//! What `all(..)` and `members` select: nothing, which is allowed and hardly ever meant, or tasks that need arguments.
//!
//! A workspace without further packages is taken as one that is just begun.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use rush_diagnostics::{Diagnostic, Span};
use rush_syntax::Kind;
use rush_syntax::ast::{Arg, Element, Expr, ExprId, fixed_text};
use smol_str::SmolStr;

use crate::db::{Db, Item};
use crate::infer::context_free::name_span;
use crate::names::{
    Namespace, file_names, is_private, label, named_in_packages, package_dir, packages_matching,
    resolve,
};
use crate::report;
use crate::signature::signature;

/// The findings about the selections of one item.
pub fn selections(db: &dyn Db, item: Item) -> Vec<Diagnostic> {
    static CALL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("all("));
    // The text is asked first: most items select nothing.
    if CALL.find(item.text(db).as_bytes()).is_none()
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
    calls.filter_map(|args| selection(db, item, args)).collect()
}

/// The patterns of `members` that no package matches.
pub fn members_that_are_none(db: &dyn Db, workspace: Item) -> Vec<Diagnostic> {
    let packages = db.workspace().packages(db);
    let ast = workspace.ast(db);
    let members = ast.field("members").filter(|_| packages.len() > 1);
    let Some(Expr::List(patterns)) = members.map(|it| ast.expr(it.value)) else {
        return Vec::new();
    };
    let unmatched = patterns.iter().filter_map(|element| {
        let Element::Value(value) = element else { return None };
        let Expr::Text(parts) = ast.expr(*value) else { return None };
        let pattern = fixed_text(parts).filter(|it| !it.starts_with('!'))?;
        let is_met = !packages_matching(db, "", &pattern).is_empty();
        let at = Span::new(workspace.id(db), ast.expr_range(*value));
        let known = packages.keys().filter(|it| !it.is_empty()).map(SmolStr::as_str);
        (!is_met).then(|| report::no_package(at, &pattern, known))
    });
    unmatched.collect()
}

fn selection(db: &dyn Db, item: Item, args: &[Arg]) -> Option<Diagnostic> {
    let [packages, task] = args else { return None };
    let ast = item.ast(db);
    let (pattern, name) = (literal(ast, packages)?, literal(ast, task)?);
    let (pattern, name) = (pattern.as_str(), name.as_str());
    // What a template says belongs to the package of the task it ends up in.
    if item.kind(db) == Kind::Template && !pattern.starts_with("//") {
        return None;
    }
    let here = package_dir(db, item.file(db));
    let span = |arg: &Arg| Span::new(item.id(db), ast.expr_range(arg.value));
    let selected = named_in_packages(db, here, pattern, name);
    if !selected.is_empty() {
        return selected.into_iter().find_map(|it| incomplete(db, span(task), it));
    }
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

/// `all(..)` calls what it selects without arguments.
fn incomplete(db: &dyn Db, at: Span, selected: Item) -> Option<Diagnostic> {
    let missing: Vec<&str> =
        signature(db, selected).required().map(|it| it.name.as_str()).collect();
    let declared = name_span(db, selected)?;
    (!missing.is_empty())
        .then(|| report::incomplete_selection(at, &label(db, selected), &missing, declared))
}

/// The text of an argument that is written out, as both must be.
fn literal(ast: &rush_syntax::ast::Item, arg: &Arg) -> Option<SmolStr> {
    match (ast.expr(arg.value), &arg.name) {
        (Expr::Text(parts), None) => fixed_text(parts),
        _ => None,
    }
}
