//! What a new name would collide with: a name that is taken, or one that would mean something else.

use rush_semantics::infer::{infer, script_reads, script_sets};
use rush_semantics::kinds::kind;
use rush_semantics::names::{Namespace, declarations, is_private, resolve};
use rush_semantics::signature::{matrix_axes, signature};
use rush_semantics::{Db, Item};
use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ExprId};

use super::{Refusal, names_of_file};
use crate::names::{Where, occurrences};
use crate::place::FileRange;
use crate::references::Reference;
use crate::target::Target;

/// Words that mean something of Rush wherever they stand.
const WORDS: &[&str] = &["base", "host", "matrix", "profile"];

/// Says why `target` can't be called `name`, if it can't.
pub(super) fn check(
    db: &dyn Db,
    target: &Target,
    name: &str,
    references: &[Reference],
) -> Result<(), Refusal> {
    if WORDS.contains(&name) {
        return refuse(format!("`{name}` means something of Rush already"));
    }
    match target {
        Target::Item(item) => check_item(db, *item, name, references),
        Target::Parameter { item, .. } => {
            if signature(db, *item).position(name).is_some() {
                return refuse(format!("`{}` has a parameter `{name}` already", item.name(db)));
            }
            check_local(db, *item, name)
        }
        Target::Local { item, .. } => check_local(db, *item, name),
        Target::Variable { item, .. } => check_variable(db, *item, name),
        Target::Axis { item, .. } => {
            if matrix_axes(db, *item).iter().any(|(axis, _)| axis == name) {
                refuse(format!("the matrix has an axis `{name}` already"))
            } else {
                Ok(())
            }
        }
        Target::Field { owner, name: old } => check_field(db, *owner, old, name),
        Target::Tag { owner, .. } => check_tag(db, *owner, name),
        Target::File(_) | Target::Function(_) | Target::Member(_) | Target::Word(_) => Ok(()),
    }
}

fn refuse(message: String) -> Result<(), Refusal> {
    Err(Refusal(message))
}

fn check_item(
    db: &dyn Db,
    item: Item,
    name: &str,
    references: &[Reference],
) -> Result<(), Refusal> {
    let file = item.file(db);
    let namespace = Namespace::of(item.kind(db));
    if let Some(other) = declarations(db, file, namespace, name).first() {
        let path = file.path(db);
        return refuse(format!("`{path}` has a {} `{name}` already", other.kind(db)));
    }
    let id = file.id(db);
    if is_private(name) && references.iter().any(|it| it.at.file != id) {
        return refuse(format!("other files use it, and `{name}` would be private to this one"));
    }
    if namespace != Namespace::Values {
        return Ok(());
    }
    let is_value = item.kind(db).is_value();
    for (placed, it) in names_of_file(db, file) {
        let is_own = matches!(it.target, Target::Local { .. } | Target::Parameter { .. });
        let is_declared_here = is_own && it.target.home() == Some(placed.item);
        if !is_declared_here || it.target.name(db).is_none_or(|it| it != name) {
            continue;
        }
        let is_seen = is_value || uses(db, placed.item, item, references);
        if is_seen {
            return refuse(format!("`{}` has a `{name}` of its own", placed.item.name(db)));
        }
    }
    by_label(db, item, references)
}

/// Whether an item names another.
fn uses(db: &dyn Db, item: Item, other: Item, references: &[Reference]) -> bool {
    let (file, target) = (item.file(db).id(db), Target::Item(other));
    references.iter().any(|it| it.at.file == file)
        && item != other
        && occurrences(db, item).iter().any(|it| it.target == target)
}

/// A task that is found by its name, among others of that name, can't leave them alone.
fn by_label(db: &dyn Db, item: Item, references: &[Reference]) -> Result<(), Refusal> {
    let target = Target::Item(item);
    for reference in references.iter().filter(|it| it.place == Where::Text) {
        if names_others(db, reference.at, &target) {
            let name = item.name(db);
            return refuse(format!(
                "`all(.., \"{name}\")` finds it together with other tasks of this name"
            ));
        }
    }
    Ok(())
}

fn names_others(db: &dyn Db, at: FileRange, target: &Target) -> bool {
    let file = rush_semantics::names::files(db).find(|it| it.id(db) == at.file);
    let names = file.and_then(|file| crate::names::names_at(db, file, at.range.start()));
    names.is_some_and(|(_, names)| names.iter().any(|it| it.target != *target))
}

/// A parameter, `let` or `for` variable.
fn check_local(db: &dyn Db, item: Item, name: &str) -> Result<(), Refusal> {
    let owner = item.name(db);
    if infer(db, item).locals.iter().any(|it| it.name == name) {
        return refuse(format!("`{owner}` has a `{name}` already"));
    }
    if let Some(other) = resolve(db, item.file(db), name) {
        let is_value = other.kind(db).is_value();
        let is_used = occurrences(db, item).iter().any(|it| it.target == Target::Item(other));
        if is_value || is_used {
            return refuse(format!("it would hide the {} `{name}`", other.kind(db)));
        }
    }
    check_scripts(db, item, name)
}

fn check_variable(db: &dyn Db, item: Item, name: &str) -> Result<(), Refusal> {
    let target = Target::Variable { item, name: name.into() };
    if occurrences(db, item).iter().any(|it| it.target == target) {
        return refuse(format!("`env` sets `{name}` already"));
    }
    if infer(db, item).locals.iter().any(|it| it.name == name) {
        return refuse(format!("`{}` has a `{name}` already", item.name(db)));
    }
    check_scripts(db, item, name)
}

/// A script that reads or sets a variable of the new name would begin to see the value, or hide it.
fn check_scripts(db: &dyn Db, item: Item, name: &str) -> Result<(), Refusal> {
    let ast = item.ast(db);
    for id in (0..ast.expr_count()).map(|at| ExprId(at as u32)) {
        let Expr::Script { tag, body } = ast.expr(id) else { continue };
        if script_sets(&tag.text, body).iter().any(|it| it == name) {
            return refuse(format!("a script sets a variable `{name}` of its own"));
        }
        if script_reads(&tag.text, body).iter().any(|it| it.name == name) {
            return refuse(format!("a script reads another variable `{name}`"));
        }
    }
    Ok(())
}

fn check_field(db: &dyn Db, owner: Item, old: &str, name: &str) -> Result<(), Refusal> {
    if kind(db, Kind::of(owner.name(db))).is_some_and(|it| it.item == owner) {
        return refuse(format!("`{old}` belongs to Rush and can't be renamed"));
    }
    let shown = owner.name(db);
    if crate::names::is_ambiguous(db, owner, old) {
        return refuse(format!("`{shown}` declares more than one field `{old}`"));
    }
    let field = Target::Field { owner, name: name.into() };
    if occurrences(db, owner).iter().any(|it| it.target == field) {
        refuse(format!("`{shown}` has a field `{name}` already"))
    } else {
        Ok(())
    }
}

fn check_tag(db: &dyn Db, owner: Item, name: &str) -> Result<(), Refusal> {
    let taken = Target::Tag { owner, name: name.into() };
    if occurrences(db, owner).iter().any(|it| it.target == taken) {
        refuse(format!("`{}` has a variant `{name}` already", owner.name(db)))
    } else {
        Ok(())
    }
}
