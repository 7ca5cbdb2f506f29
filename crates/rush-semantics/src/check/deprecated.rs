//! What its doc says is not to be used any more: a line that begins with `Deprecated:`.

use rush_diagnostics::{Diagnostic, Span, TextRange};
use rush_syntax::ast::{Expr, ExprId, Name, TypeExpr, TypeId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::db::{DEPRECATED, Db, Item, SourceFile};
use crate::infer::{Meaning, infer};
use crate::names::{base_of, files, import_target, resolve, resolve_type};
use crate::report;

/// What the doc of an item says to use instead, if it says that the item is not to be used; may be empty.
pub fn deprecation(db: &dyn Db, item: Item) -> Option<&SmolStr> {
    deprecated(db, item.file(db)).get(&item)
}

/// The items of a file that are not to be used any more, with what is said of it.
#[salsa::tracked(returns(ref))]
fn deprecated(db: &dyn Db, file: SourceFile) -> FxHashMap<Item, SmolStr> {
    let said = |item: &Item| {
        let doc = item.ast(db).doc.as_ref()?;
        Some((*item, reason(&doc.text)?))
    };
    file.items(db).iter().filter(|it| it.mentions(db).deprecated).filter_map(said).collect()
}

#[salsa::tracked]
fn is_any_deprecated(db: &dyn Db) -> bool {
    files(db).any(|file| !deprecated(db, file).is_empty())
}

/// The paragraph of a doc behind the mark.
fn reason(doc: &str) -> Option<SmolStr> {
    let mut lines = doc.lines().skip_while(|it| !it.trim_start().starts_with(DEPRECATED));
    let first = lines.next()?.trim_start().strip_prefix(DEPRECATED)?;
    let rest = lines.take_while(|it| !it.trim().is_empty());
    let words = std::iter::once(first).chain(rest).flat_map(str::split_whitespace);
    Some(words.collect::<Vec<_>>().join(" ").into())
}

/// The uses of such items in a file. Who is not to be used himself may use them.
pub fn uses(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic> {
    if !is_any_deprecated(db) {
        return Vec::new();
    }
    let users = file.items(db).iter().filter(|it| deprecation(db, **it).is_none());
    users.flat_map(|item| uses_of(db, *item)).collect()
}

fn uses_of(db: &dyn Db, item: Item) -> Vec<Diagnostic> {
    let ast = item.ast(db);
    let in_expressions = infer(db, item).meanings.iter().filter_map(|(expr, meaning)| {
        let Meaning::Item(used) = meaning else { return None };
        Some((name_range(ast, expr)?, *used))
    });
    let base = ast.decl().and_then(|it| it.extends.as_ref()).and_then(|it| it.path.last());
    let base = base.map(|it| it.range).zip(base_of(db, item));
    let types = (0..ast.type_count()).filter_map(|at| {
        let TypeExpr::Path { path, .. } = ast.ty(TypeId(at as u32)) else { return None };
        Some((path.last()?.range, named_type(db, item.file(db), path)?))
    });
    let mut found: Vec<Diagnostic> = in_expressions
        .chain(base)
        .chain(types)
        .filter_map(|(range, used)| {
            let reason = deprecation(db, used)?;
            Some(report::deprecated(Span::new(item.id(db), range), used.name(db), reason))
        })
        .collect();
    found.sort_by_key(|it| it.primary.span.range.start());
    found
}

fn named_type(db: &dyn Db, file: SourceFile, path: &[Name]) -> Option<Item> {
    match path {
        [name] => resolve_type(db, file, &name.text),
        [import, name] => {
            let target = import_target(db, resolve(db, file, &import.text)?)?;
            resolve_type(db, target, &name.text)
        }
        _ => None,
    }
}

/// Where an expression that names an item writes its name.
fn name_range(ast: &rush_syntax::ast::Item, expr: ExprId) -> Option<TextRange> {
    match ast.expr(expr) {
        Expr::Name(_) => Some(ast.expr_range(expr)),
        Expr::Field { name, .. } => Some(name.range),
        _ => None,
    }
}
