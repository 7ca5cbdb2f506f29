//! From a name back to what it stands for: a `let`, or a function without parameters.
//!
//! At the declaration all uses get the value and the declaration goes; at a use, this one alone can
//! get it, too. Not offered where a use is a variable of a script, where a condition has narrowed the
//! name or answers what the value asks, where an annotation converts the value, or where another file
//! would have to know the names in the value.

use rush_semantics::infer::context_free::{item_removal, removal};
use rush_semantics::infer::{LocalSource, Meaning, infer};
use rush_semantics::names::{Namespace, declarations, files};
use rush_semantics::signature::{result_type, value_type};
use rush_semantics::ty::Ty;
use rush_semantics::{Db, Item};
use rush_syntax::Kind;
use rush_syntax::ast::{self, BinaryOp, Expr, ExprId, ItemKind, Member, Record};
use rustc_hash::{FxHashMap, FxHashSet};
use text_size::TextRange;

use super::scope::{guarded, guards};
use super::{ActionKind, Change, Offer, Site, words};
use crate::draft::{Parent, Parents};
use crate::names::{Occurrence, Role, Where, names_at, occurrences};
use crate::place::{FileEdit, FileRange, Placed};
use crate::references::references_to;
use crate::syntax::{exprs, indentation, reindented, size, slice};
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
pub(super) fn offers<'a>(site: &Site<'a>) -> Vec<Offer<'a>> {
    let db = site.db;
    let offset = site.placed.start + site.selection.start();
    let Some((placed, names)) = names_at(db, site.file, offset) else { return Vec::new() };
    let [name] = names.as_slice() else { return Vec::new() };
    let is_selected = site.selection.is_empty() || site.selection == name.range;
    let Some(definition) = define(db, &name.target).filter(|it| is_selected && is_plain(db, it))
    else {
        return Vec::new();
    };
    let uses = uses(db, &definition);
    let mut found = Vec::new();
    let here = uses.iter().find(|it| it.at == placed.range(db, name.range));
    if let Some(edit) = here.and_then(|it| it.edit.clone()).filter(|_| name.role == Role::Read) {
        let change = move || with_unused_imports(db, vec![edit]);
        found.push(Offer::later("inline-here", "inline this use", ActionKind::Inline, change));
    }
    let edits: Option<Vec<FileEdit>> = uses.into_iter().map(|it| it.edit).collect();
    let Some((edits, home)) = edits.zip(Placed::of(db, definition.item)) else { return found };
    let removed = home.range(db, definition.removal);
    let is_inside = |it: &FileEdit| {
        let common = removed.range.intersect(it.at.range).filter(|it| !it.is_empty());
        it.at.file == removed.file && common.is_some()
    };
    if edits.is_empty() || edits.iter().any(is_inside) {
        return found;
    }
    let title = match edits.len() {
        1 => "inline the only use and remove the declaration".to_owned(),
        count => format!("inline all {count} uses and remove the declaration"),
    };
    let change = move || {
        let mut change = with_unused_imports(db, edits);
        let at = without_blank_end(db, removed, &change.edits);
        change.edits.push(FileEdit { at, text: String::new() });
        change
    };
    found.push(Offer::later("inline-all", title, ActionKind::Inline, change));
    found
}

/// What is removed, with the blank lines above it if nothing is left below it. What another edit removes
/// of them is left to that.
fn without_blank_end(db: &dyn Db, removed: FileRange, edits: &[FileEdit]) -> FileRange {
    let Some(file) = files(db).find(|it| it.id(db) == removed.file) else { return removed };
    let text = file.text(db);
    let (above, below) = text.split_at_checked(removed.range.end().into()).unwrap_or_default();
    let above = above.get(..usize::from(removed.range.start())).unwrap_or_default();
    if !below.trim().is_empty() {
        return removed;
    }
    let blank = above.get(above.trim_end().len()..).unwrap_or_default();
    let kept = blank.find('\n').map_or(blank.len(), |it| it + 1);
    let earlier = edits.iter().filter(|it| it.at.file == removed.file).map(|it| it.at.range.end());
    let earlier = earlier.filter(|it| *it <= removed.range.start()).max().unwrap_or_default();
    let start = size(above.len() - blank.len() + kept).max(earlier);
    FileRange { range: TextRange::new(start, removed.range.end()), ..removed }
}

/// The edits, and those that remove the imports which nothing names any more after them.
fn with_unused_imports(db: &dyn Db, mut edits: Vec<FileEdit>) -> Change {
    edits.sort_by_key(|it| it.at.key());
    let is_edited = |at: FileRange| {
        let start = (at.file, at.range.start());
        let before = edits.partition_point(|it| (it.at.file, it.at.range.start()) <= start);
        let around = before.checked_sub(1).and_then(|it| edits.get(it));
        around.is_some_and(|it| it.at.file == at.file && it.at.range.contains_range(at.range))
    };
    let mut removals = Vec::new();
    for of_file in edits.chunk_by(|a, b| a.at.file == b.at.file) {
        let id = of_file.first().map(|it| it.at.file);
        let Some(file) = files(db).find(|it| Some(it.id(db)) == id) else { continue };
        let replaced: FxHashSet<&str> =
            of_file.iter().map(|it| slice(file.text(db), it.at.range)).collect();
        // Whoever is named elsewhere only is none of theirs; most imports are not even looked for.
        let is_replaced = |item: Item| {
            let name = item.ast(db).name().map(|it| it.text.as_str());
            name.is_some_and(|name| replaced.iter().any(|it| it.contains(name)))
        };
        let imports = Placed::all(db, file).filter(|it| it.item.kind(db) == Kind::Use);
        for import in imports.filter(|it| is_replaced(it.item)) {
            db.unwind_if_revision_cancelled();
            let mut named = references_to(db, &Target::Item(import.item));
            named.retain(|it| it.role == Role::Read);
            if !named.is_empty() && named.iter().all(|it| is_edited(it.at)) {
                let removal = item_removal(db, import.item).map(|it| import.range(db, it));
                removals.extend(removal.map(|at| FileEdit { at, text: String::new() }));
            }
        }
    }
    edits.extend(removals);
    Change { edits, rename: None }
}

/// What a name stands for, if it is known without running anything.
fn define(db: &dyn Db, target: &Target) -> Option<Definition> {
    let target = target.clone();
    match target {
        Target::Item(item) => {
            let names = declarations(db, item.file(db), Namespace::Values, item.name(db));
            if names.len() > 1 {
                return None;
            }
            let removal = item_removal(db, item)?;
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
    Some(removal(text, member))
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
        && annotated.is_none_or(|it| keeps_value(it) && (!is_choice(it) || it == value_ty))
        && keeps_value(value_ty)
}

/// Whether the lines of a value stay together elsewhere: only brackets hold them, and the lines of a
/// text, or what a comment says of a place, are not moved.
fn can_be_moved(value: &Expr, written: &str) -> bool {
    let has_own_lines = written.contains("\"\"\"") || written.contains("//");
    !written.contains('\n') || matches!(value, Expr::List(_)) && !has_own_lines
}

/// Whether a value has this type by itself, so that no annotation has made it something else.
fn keeps_value(ty: &Ty) -> bool {
    match ty {
        Ty::Bool | Ty::Int(_) | Ty::Duration(_) | Ty::Size(_) | Ty::Text(_) | Ty::Command => true,
        Ty::List(element) => keeps_value(element),
        Ty::Union(_) => all_texts(ty),
        _ => false,
    }
}

/// Whether a value is one of several texts: what a condition can narrow.
fn is_choice(ty: &Ty) -> bool {
    matches!(ty, Ty::Union(_))
}

fn all_texts(ty: &Ty) -> bool {
    ty.members().iter().all(|it| matches!(it, Ty::Text(_)))
}

/// A place where the name is read or written.
struct Use {
    at: FileRange,
    /// The edit that puts the value there; `None` where it would not mean the same.
    edit: Option<FileEdit>,
}

/// Where the name stands, in all files, but where it is declared.
fn uses(db: &dyn Db, definition: &Definition) -> Vec<Use> {
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
            db.unwind_if_revision_cancelled();
            let mut names = occurrences(db, placed.item);
            names.retain(|it| it.target == definition.target && it.role != Role::Declaration);
            if !names.is_empty() {
                let user = User::new(db, definition, placed);
                found.extend(
                    names.iter().map(|it| Use {
                        at: placed.range(db, it.range),
                        edit: user.replacement(it),
                    }),
                );
            }
        }
    }
    found
}

/// An item with uses, looked over once for all of them.
struct User<'a> {
    db: &'a dyn Db,
    definition: &'a Definition,
    placed: Placed,
    ast: &'a ast::Item,
    text: &'a str,
    parents: Parents,
    /// The expressions that are a name, or the `ns.name` it ends, by where that is written.
    names: FxHashMap<TextRange, ExprId>,
    /// Whether the value means here what it means where it is declared.
    is_same_here: bool,
}

impl<'a> User<'a> {
    fn new(db: &'a dyn Db, definition: &'a Definition, placed: Placed) -> Self {
        let (ast, text) = (placed.item.ast(db), placed.item.text(db));
        let name = |(id, it): (ExprId, &Expr)| match it {
            Expr::Name(_) => Some((ast.expr_range(id), id)),
            Expr::Field { name, .. } => Some((name.range, id)),
            _ => None,
        };
        let is_elsewhere = definition.item.file(db) != placed.item.file(db);
        let is_other_here = is_elsewhere && needs_names(db, definition)
            || has_taken_variable(db, definition, placed.item)
            || is_narrowed(db, definition, placed.item);
        let is_same_here = placed.item.parsed(db).errors.is_empty() && !is_other_here;
        let (parents, names) = (Parents::of(ast), exprs(ast).filter_map(name).collect());
        Self { db, definition, placed, ast, text, parents, names, is_same_here }
    }

    /// The edit that puts the value in place of a name; `None` where it would not mean the same.
    fn replacement(&self, name: &Occurrence) -> Option<FileEdit> {
        if name.place != Where::Code || name.role != Role::Read || !self.is_same_here {
            return None;
        }
        let mut used = *self.names.get(&name.range)?;
        if self.definition.is_function {
            let Some(Parent::Callee(call)) = self.parents.get(used) else { return None };
            let Expr::Call { args, .. } = self.ast.expr(*call) else { return None };
            if !args.is_empty() {
                return None;
            }
            used = *call;
        }
        if self.is_answered(used) {
            return None;
        }
        let range = self.ast.expr_range(used);
        let home = self.definition.item;
        let value = home.ast(self.db).expr(self.definition.value);
        let value_range = home.ast(self.db).expr_range(self.definition.value);
        let written = slice(home.text(self.db), value_range);
        let edit = |range: TextRange, text: String| {
            Some(FileEdit { at: self.placed.range(self.db, range), text })
        };
        if let Some(Parent::Hole(whole)) = self.parents.get(used)
            && let Some((hole, plain)) =
                words::in_hole(self.ast.expr(*whole), self.text, used, (value, written))
        {
            return edit(hole, plain);
        }
        let own = indentation(home.text(self.db), value_range.start().into());
        let written = reindented(written, own, indentation(self.text, range.start().into()))?;
        if written.contains('\n') && self.is_in_line(used) {
            return None;
        }
        let is_split = self.needs_parentheses(used, value);
        edit(range, if is_split { format!("({written})") } else { written })
    }

    /// Whether a condition around an expression is about a name that the value asks about, or the
    /// expression is part of a condition of what is about such a name: the value would be found to be
    /// always the same, or would make that so.
    fn is_answered(&self, used: ExprId) -> bool {
        let home = self.definition.item;
        let value = home.ast(self.db).expr_range(self.definition.value);
        let asks = exprs(home.ast(self.db)).any(|(id, it)| {
            let is_question = match it {
                Expr::If { .. } => true,
                Expr::Binary { op, .. } => {
                    matches!(op, BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In)
                }
                _ => false,
            };
            is_question && value.contains_range(home.ast(self.db).expr_range(id))
        });
        if !asks {
            return false;
        }
        let own = meanings(self.db, home, value);
        let around = || self.parents.ancestors(used).filter_map(|(_, parent)| parent.id());
        let range = self.ast.expr_range(used);
        let conditions = guards(self.ast, around(), range).into_iter();
        let conditions = conditions.map(|it| self.ast.expr_range(it));
        let told = conditions
            .chain(guarded(self.ast, around(), range))
            .flat_map(|it| meanings(self.db, self.placed.item, it));
        let mut told =
            told.filter(|it| home == self.placed.item || !matches!(it, Meaning::Local(_)));
        told.any(|it| own.contains(&it))
    }

    /// Whether an expression is in a hole, which ends with its line.
    fn is_in_line(&self, id: ExprId) -> bool {
        self.parents.ancestors(id).any(|(_, parent)| matches!(parent, Parent::Hole(_)))
    }

    /// Whether a value would fall apart, or be read as something else, in place of a name.
    fn needs_parentheses(&self, used: ExprId, value: &Expr) -> bool {
        let around = self.parents.get(used).and_then(Parent::id).map(|it| self.ast.expr(it));
        let is_operand = match around {
            Some(Expr::Unary { .. } | Expr::Binary { .. } | Expr::Field { .. }) => true,
            Some(Expr::Index { base, .. }) => *base == used,
            Some(Expr::If { condition, .. }) => *condition == used,
            _ => false,
        };
        let is_composed =
            matches!(value, Expr::Binary { .. } | Expr::Unary { .. } | Expr::If { .. });
        let is_number = match value {
            Expr::Int(_) | Expr::Float(_) => true,
            Expr::Duration(nanoseconds) => *nanoseconds < 0,
            _ => false,
        };
        is_operand && (is_composed || is_number)
    }
}

/// What the names of values at a range of an item mean.
fn meanings(db: &dyn Db, item: Item, range: TextRange) -> Vec<&Meaning> {
    let all = infer(db, item).meanings.iter();
    let inside = all.filter(|(id, _)| range.contains_range(item.ast(db).expr_range(*id)));
    inside.map(|(_, it)| it).filter(|it| it.is_value()).collect()
}

/// Whether the value has names that are known in its own file only.
fn needs_names(db: &dyn Db, definition: &Definition) -> bool {
    let home = definition.item;
    let value = home.ast(db).expr_range(definition.value);
    let mut meanings = infer(db, home).meanings.iter();
    meanings.any(|(id, it)| {
        value.contains_range(home.ast(db).expr_range(id)) && !matches!(it, Meaning::Builtin(_))
    })
}

/// Whether a condition of the other item says which of several texts the name is. With the value in
/// its place nobody would know.
fn is_narrowed(db: &dyn Db, definition: &Definition, at: Item) -> bool {
    let whole = infer(db, definition.item).ty(definition.value);
    let inference = infer(db, at);
    let mut names = inference.meanings.iter().filter(|(_, meaning)| match meaning {
        Meaning::Item(item) => definition.target == Target::Item(*item),
        Meaning::Local(local) => definition.target == Target::Local { item: at, local: *local },
        _ => false,
    });
    is_choice(whole)
        && names.any(|(id, _)| {
            let found = inference.ty(id);
            found != whole && all_texts(found)
        })
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
