//! From a name back to what it stands for: a `let`, or a function without parameters.
//!
//! At the declaration all uses get the value and the declaration goes; at a use, this one alone can
//! get it, too. Not offered where a use is a variable of a script, where a condition has narrowed the
//! name, where an annotation converts the value, or where another file would have to know the names
//! in the value.

use rush_semantics::infer::{LocalSource, Meaning, infer};
use rush_semantics::names::{Namespace, declarations, files};
use rush_semantics::signature::{result_type, value_type};
use rush_semantics::ty::Ty;
use rush_semantics::{Db, Item};
use rush_syntax::Kind;
use rush_syntax::ast::{self, Expr, ExprId, ItemKind, Member, Record};
use text_size::TextRange;

use super::{ActionKind, Offer, Site, words};
use crate::names::{Occurrence, Role, Where, names_at, occurrences};
use crate::place::{FileEdit, FileRange, Placed};
use crate::references::references_to;
use crate::syntax::{exprs, indentation, reindented, slice};
use crate::target::Target;

/// A name and what it stands for.
struct Definition {
    target: Target,
    item: Item,
    value: ExprId,
    /// Whether it is a function, so that a use has brackets.
    is_function: bool,
    /// What goes with the declaration, in the text of its item.
    removal: TextRange,
}

/// The offers for the name at the selection.
pub(super) fn offers(site: &Site<'_>) -> Vec<Offer<'static>> {
    let offset = site.placed.start + site.selection.start();
    let Some((placed, names)) = names_at(site.db, site.file, offset) else { return Vec::new() };
    let [name] = names.as_slice() else { return Vec::new() };
    let is_selected = site.selection.is_empty() || site.selection == name.range;
    let Some(definition) =
        define(site.db, &name.target).filter(|it| is_selected && is_plain(site.db, it))
    else {
        return Vec::new();
    };
    let uses = uses(site.db, &definition);
    let edits: Vec<Option<FileEdit>> =
        uses.iter().map(|(at, it)| replacement(site.db, &definition, *at, it)).collect();
    let mut found = Vec::new();
    let here = uses.iter().position(|(at, it)| at.item == placed.item && it.range == name.range);
    if let Some(Some(edit)) = here.and_then(|it| edits.get(it))
        && name.role == Role::Read
    {
        let mut edits = vec![edit.clone()];
        edits.extend(unused_imports(site.db, &edits));
        found.push(Offer::new("inline-here", "inline this use", ActionKind::Inline, edits));
    }
    let all: Option<Vec<FileEdit>> = edits.into_iter().collect();
    let Some((mut all, home)) = all.zip(Placed::of(site.db, definition.item)) else { return found };
    let count = all.len();
    let is_nested = all.iter().any(|it| {
        it.at.file == home.item.file(site.db).id(site.db)
            && (definition.removal + home.start)
                .intersect(it.at.range)
                .is_some_and(|it| !it.is_empty())
    });
    if count > 0 && !is_nested {
        all.extend(unused_imports(site.db, &all));
        let at = home.range(site.db, definition.removal);
        all.push(FileEdit { at, text: String::new() });
        let title = match count {
            1 => "inline the only use and remove the declaration".to_owned(),
            _ => format!("inline all {count} uses and remove the declaration"),
        };
        found.push(Offer::new("inline-all", title, ActionKind::Inline, all));
    }
    found
}

/// The edits that remove the imports which nothing names any more after the given ones.
fn unused_imports(db: &dyn Db, edits: &[FileEdit]) -> Vec<FileEdit> {
    let is_edited = |at: FileRange| {
        edits.iter().any(|it| it.at.file == at.file && it.at.range.contains_range(at.range))
    };
    let mut found = Vec::new();
    for file in files(db).filter(|file| edits.iter().any(|it| it.at.file == file.id(db))) {
        let replaced: Vec<&str> = edits
            .iter()
            .filter(|it| it.at.file == file.id(db))
            .map(|it| slice(file.text(db), it.at.range))
            .collect();
        // Whoever is named elsewhere only is none of theirs; most imports are not even looked for.
        let is_replaced = |item: Item| {
            let name = item.ast(db).name().map(|it| it.text.as_str());
            name.is_some_and(|name| replaced.iter().any(|it| it.contains(name)))
        };
        let imports = Placed::all(db, file).filter(|it| it.item.kind(db) == Kind::Use);
        for import in imports.filter(|it| is_replaced(it.item)) {
            let target = Target::Item(import.item);
            let mut named = references_to(db, &target);
            named.retain(|it| it.role == Role::Read);
            if !named.is_empty() && named.iter().all(|it| is_edited(it.at)) {
                let whole = TextRange::up_to(text_size::TextSize::of(&**import.item.text(db)));
                found.push(FileEdit { at: import.range(db, whole), text: String::new() });
            }
        }
    }
    found
}

/// What a name stands for, if it is known without running anything.
fn define(db: &dyn Db, target: &Target) -> Option<Definition> {
    let target = target.clone();
    match target {
        Target::Item(item) => {
            let removal = TextRange::up_to(text_size::TextSize::of(&**item.text(db)));
            let (value, is_function) = match &item.ast(db).kind {
                ItemKind::Let(it) => (it.value, false),
                ItemKind::Fn { params, body, .. } if params.is_empty() => (*body, true),
                _ => return None,
            };
            Some(Definition { target, item, value, is_function, removal })
        }
        Target::Local { item, local } => {
            let locals = &infer(db, item).locals;
            let LocalSource::Let(value) = locals.get(local.0 as usize)?.source else { return None };
            let removal = statement(item.ast(db), item.text(db), value)?;
            Some(Definition { target, item, value, is_function: false, removal })
        }
        _ => None,
    }
}

/// The whole `let` that has this value, with its line.
fn statement(ast: &ast::Item, text: &str, value: ExprId) -> Option<TextRange> {
    let declared = |record: &Record| {
        record.members.iter().find_map(|member| match member {
            Member::Let(it) if it.value == value => Some(it.range),
            _ => None,
        })
    };
    let body = match &ast.kind {
        ItemKind::Decl(decl) => declared(&decl.body),
        _ => None,
    };
    let member = body.or_else(|| {
        exprs(ast).find_map(|(_, it)| match it {
            Expr::Record(record) => declared(record),
            _ => None,
        })
    })?;
    Some(rush_semantics::infer::context_free::removal(text, member))
}

/// Whether the value means the same wherever it stands.
fn is_plain(db: &dyn Db, definition: &Definition) -> bool {
    let item = definition.item;
    let (ast, text, inference) = (item.ast(db), item.text(db), infer(db, item));
    let range = ast.expr_range(definition.value);
    if !item.parsed(db).errors.is_empty()
        || inference.diagnostics.iter().any(rush_diagnostics::Diagnostic::is_error)
    {
        return false;
    }
    let annotated = match (&definition.target, &ast.kind) {
        (Target::Item(_), ItemKind::Let(it)) => it.ty.map(|_| value_type(db, item)),
        (Target::Item(_), ItemKind::Fn { result, .. }) => result.map(|_| result_type(db, item)),
        (Target::Local { local, .. }, _) => inference.locals.get(local.0 as usize).map(|it| &it.ty),
        _ => None,
    };
    let inside = |id: &ExprId| range.contains_range(ast.expr_range(*id));
    let has_own_place = exprs(ast).any(|(id, it)| {
        inside(&id)
            && (matches!(it, Expr::Record(_) | Expr::Script { .. } | Expr::None | Expr::Missing)
                || matches!(inference.meanings.get(&id), Some(Meaning::Tag(_)))
                || inference.conversions.contains_key(&id))
    });
    let value_ty = inference.ty(definition.value);
    !has_own_place
        && can_be_moved(ast.expr(definition.value), slice(text, range))
        && annotated.is_none_or(keeps_value)
        && keeps_value(value_ty)
}

/// Whether the lines of a value stay together elsewhere: only brackets hold them, and the lines of a
/// text, or what a comment says of a place, are not moved.
fn can_be_moved(value: &Expr, written: &str) -> bool {
    let has_own_lines = written.contains("\"\"\"") || written.contains("//");
    !written.contains('\n') || matches!(value, Expr::List(_)) && !has_own_lines
}

/// Whether a value has this type by itself, so that no annotation has made it something else, and
/// no condition can have narrowed it.
fn keeps_value(ty: &Ty) -> bool {
    match ty {
        Ty::Bool | Ty::Int(_) | Ty::Duration(_) | Ty::Size(_) | Ty::Text(_) | Ty::Command => true,
        Ty::List(element) => {
            keeps_value(element) || matches!(**element, Ty::Union(_)) && all_texts(element)
        }
        _ => false,
    }
}

fn all_texts(ty: &Ty) -> bool {
    ty.members().iter().all(|it| matches!(it, Ty::Text(_)))
}

/// Where the name is read, in all files.
fn uses(db: &dyn Db, definition: &Definition) -> Vec<(Placed, Occurrence)> {
    let name = definition.target.name(db).unwrap_or_default();
    let mut found = Vec::new();
    let is_own = matches!(definition.target, Target::Local { .. });
    for file in files(db) {
        for placed in Placed::all(db, file) {
            let may_use = if is_own {
                placed.item == definition.item
            } else {
                placed.item.text(db).contains(name.as_str())
            };
            if !may_use {
                continue;
            }
            let names = occurrences(db, placed.item).into_iter();
            let reads =
                names.filter(|it| it.target == definition.target && it.role != Role::Declaration);
            found.extend(reads.map(|it| (placed, it)));
        }
    }
    found
}

/// The edit that puts the value in place of a use; `None` where it would not mean the same.
fn replacement(
    db: &dyn Db,
    definition: &Definition,
    at: Placed,
    name: &Occurrence,
) -> Option<FileEdit> {
    if name.place != Where::Code || name.role != Role::Read || !at.item.parsed(db).errors.is_empty()
    {
        return None;
    }
    let (ast, text) = (at.item.ast(db), at.item.text(db));
    let (mut used, mut range) = use_at(ast, name.range)?;
    if definition.is_function {
        let (call, args) = exprs(ast).find_map(|(id, it)| match it {
            Expr::Call { callee, args, .. } if *callee == used => Some((id, args)),
            _ => None,
        })?;
        if !args.is_empty() {
            return None;
        }
        (used, range) = (call, ast.expr_range(call));
    }
    let home = definition.item;
    let value = home.ast(db).expr(definition.value);
    let value_range = home.ast(db).expr_range(definition.value);
    let is_elsewhere = home.file(db) != at.item.file(db);
    let inference = infer(db, home);
    let names = exprs(home.ast(db))
        .filter(|(id, _)| value_range.contains_range(home.ast(db).expr_range(*id)));
    let mut meanings = names.filter_map(|(id, _)| inference.meanings.get(&id));
    let needs_names = meanings.any(|it| !matches!(it, Meaning::Builtin(_)));
    if is_elsewhere && needs_names {
        return None;
    }
    if has_taken_variable(db, definition, at.item) {
        return None;
    }
    let written = slice(home.text(db), value_range);
    if let Some((hole, plain)) = words::in_hole(ast, text, used, value, written) {
        return Some(FileEdit { at: at.range(db, hole), text: plain });
    }
    let own = indentation(home.text(db), value_range.start().into());
    let written = reindented(written, own, indentation(text, range.start().into()))?;
    if written.contains('\n') && is_in_line(ast, range) {
        return None;
    }
    let new = if needs_parentheses(ast, used, value) { format!("({written})") } else { written };
    Some(FileEdit { at: at.range(db, range), text: new })
}

/// Whether the value has a variable of a `for` that something in the other item is called, too.
fn has_taken_variable(db: &dyn Db, definition: &Definition, at: Item) -> bool {
    let home = definition.item;
    let value = home.ast(db).expr_range(definition.value);
    let own =
        exprs(home.ast(db)).filter(|(id, _)| value.contains_range(home.ast(db).expr_range(*id)));
    let variables: Vec<&str> = own
        .filter_map(|(_, it)| match it {
            Expr::List(elements) => Some(elements),
            _ => None,
        })
        .flatten()
        .flat_map(super::scope::variables)
        .collect();
    let locals = &infer(db, at).locals;
    // In its own item a variable is found once more: as itself.
    let once = usize::from(home == at);
    variables.iter().any(|name| {
        let own = variables.iter().filter(|it| *it == name).count() * once;
        locals.iter().filter(|it| it.name == *name).count() > own
            || !declarations(db, at.file(db), Namespace::Values, name).is_empty()
    })
}

/// Whether a place is in a hole, which ends with its line.
fn is_in_line(ast: &ast::Item, range: TextRange) -> bool {
    exprs(ast).any(|(id, it)| {
        matches!(it, Expr::Text(_) | Expr::Command(_)) && ast.expr_range(id).contains_range(range)
    })
}

/// Whether a value would fall apart, or be read as something else, in place of a name.
fn needs_parentheses(ast: &ast::Item, used: ExprId, value: &Expr) -> bool {
    let is_operand = exprs(ast).any(|(_, it)| match it {
        Expr::Unary { operand, .. } => *operand == used,
        Expr::Binary { left, right, .. } => *left == used || *right == used,
        Expr::Field { base, .. } | Expr::Index { base, .. } => *base == used,
        Expr::If { condition, .. } => *condition == used,
        _ => false,
    });
    let is_composed = matches!(value, Expr::Binary { .. } | Expr::Unary { .. } | Expr::If { .. });
    let is_number = match value {
        Expr::Int(_) | Expr::Float(_) => true,
        Expr::Duration(nanoseconds) => *nanoseconds < 0,
        _ => false,
    };
    is_operand && (is_composed || is_number)
}

/// The expression a name is, or the `ns.name` it ends.
fn use_at(ast: &ast::Item, name: TextRange) -> Option<(ExprId, TextRange)> {
    let found = exprs(ast).find(|(id, it)| match it {
        Expr::Name(_) => ast.expr_range(*id) == name,
        Expr::Field { name: field, .. } => field.range == name,
        _ => false,
    });
    found.map(|(id, _)| (id, ast.expr_range(id)))
}
