//! Why something can't be renamed, in words.

use rush_diagnostics::Diagnostic;
use rush_semantics::infer::script_sets;
use rush_semantics::{Db, Item};
use rush_syntax::Kind;
use rush_syntax::ast::Expr;

use super::again::Again;
use super::compare::{Difference, NameDifference};
use super::{Refusal, Renaming};
use crate::names::Where;
use crate::syntax::exprs;
use crate::target::Target;

/// Nobody says which literals belong to a record type without a name.
pub(super) fn without_type(name: &str) -> Refusal {
    Refusal(format!(
        "`{name}` is a field of a record whose type has no name, so Rush can't tell where else it is \
         written; declare the record as a `type`"
    ))
}

/// A field is also written where no type is given.
pub(super) fn not_followed(name: &str) -> Refusal {
    Refusal(format!(
        "the field `{name}` is also written or read where no type with a name says what it belongs \
         to; write the type there first"
    ))
}

/// The names of a record's fields are also taken as texts.
pub(super) fn read_as_text(db: &dyn Db, reader: Item, name: &str) -> Refusal {
    let reader = shown(db, reader);
    Refusal(format!("{reader} takes the name of the field `{name}` as a text, which would change"))
}

/// A text names a profile, and another part of the file is given that text.
pub(super) fn profile_handed_on(db: &dyn Db, reader: Item, name: &str) -> Refusal {
    let reader = shown(db, reader);
    Refusal(format!(
        "{reader} hands `profile.name` on, so Rush can't tell which texts \"{name}\" mean the profile"
    ))
}

/// The file would be cut into other items.
pub(super) fn other_items(new: &str) -> Refusal {
    Refusal(format!("with the name `{new}` the file would be read otherwise"))
}

/// The difference that says best what is wrong with the new name.
pub(super) fn most_telling(found: Vec<Difference>) -> Option<Difference> {
    found.into_iter().min_by_key(|it| match it {
        Difference::Name(name) if name.place != Where::Code => 0,
        Difference::New(_, finding) if finding.is_error() => 1,
        Difference::Twin(..) => 1,
        Difference::Name(_) => 2,
        Difference::New(..) => 3,
        Difference::Captures(_) => 4,
        Difference::Gone(..) => 5,
    })
}

/// What a difference comes to.
pub(super) fn of(
    db: &dyn Db,
    again: &Again<'_>,
    renaming: &Renaming,
    difference: &Difference,
) -> Refusal {
    let new = &renaming.new;
    Refusal(match difference {
        Difference::Name(it) => match it.place {
            Where::Script | Where::ScriptName => in_script(db, again, new, it),
            Where::Text => in_text(db, renaming, it),
            Where::Code => in_code(db, again, new, it),
        },
        Difference::New(item, finding) => new_finding(&shown(db, *item), finding),
        Difference::Gone(item, finding) => {
            format!("it would hide a problem of {}: {}", shown(db, *item), finding.message)
        }
        Difference::Twin(item, twin) => {
            format!("`{new}` in {} means {} already", shown(db, *item), described(db, twin))
        }
        Difference::Captures(item) => {
            format!("a script of {} would get other values with the name `{new}`", shown(db, *item))
        }
    })
}

/// A script has a variable of its own by the same name.
pub(super) fn own_name(name: &str) -> Refusal {
    Refusal(format!(
        "a script has a variable `{name}` of its own, too: give that another name there first"
    ))
}

fn new_finding(item: &str, finding: &Diagnostic) -> String {
    format!("{item} would be wrong: {}", finding.message)
}

fn in_script(db: &dyn Db, again: &Again<'_>, new: &str, it: &NameDifference) -> String {
    let item = shown(db, it.item);
    match (&it.before, &it.after) {
        (None, _) => format!("`{new}` is another variable that a script of {item} reads"),
        (Some(_), None) if sets(db, it.item, new) => {
            format!("`{new}` is a variable that the script of {item} sets")
        }
        (Some(_), None) => format!("a script of {item} could not read it as `{new}`"),
        (Some(_), Some(after)) if it.is_edited => {
            format!("`{new}` in a script of {item} means {}", described(&again.after, after))
        }
        (Some(before), Some(_)) => {
            let before = described(db, before);
            format!("`{new}` in a script of {item} means {before}, and would mean this")
        }
    }
}

fn sets(db: &dyn Db, item: Item, name: &str) -> bool {
    exprs(item.ast(db)).any(|(_, expr)| match expr {
        Expr::Script { tag, body } => script_sets(&tag.text, body).iter().any(|it| it == name),
        _ => false,
    })
}

fn in_text(db: &dyn Db, renaming: &Renaming, it: &NameDifference) -> String {
    let (item, old, new) = (shown(db, it.item), &renaming.old, &renaming.new);
    match &it.before {
        None => format!("the text \"{new}\" in {item} would mean this, too"),
        Some(before) if renaming.targets.contains(before) => {
            format!("the text \"{new}\" in {item} would not find it")
        }
        Some(before) => {
            let before = described(db, before);
            format!("the text \"{old}\" in {item} means {before}, too")
        }
    }
}

fn in_code(db: &dyn Db, again: &Again<'_>, new: &str, it: &NameDifference) -> String {
    let item = shown(db, it.item);
    match (&it.before, &it.after) {
        (_, Some(after)) if it.is_edited => {
            format!("`{new}` in {item} means {}", described(&again.after, after))
        }
        (_, None) if it.is_edited => format!("`{new}` would mean nothing in {item}"),
        (Some(before), _) => {
            let before = described(db, before);
            format!("`{new}` in {item} means {before}, and would mean this")
        }
        (None, _) => format!("`{new}` is written in {item} already, and would mean this"),
    }
}

/// An item in a sentence.
fn shown(db: &dyn Db, item: Item) -> String {
    let (kind, name) = (item.kind(db), item.name(db));
    let word = kind.word();
    match kind {
        Kind::Nothing => "the file".to_owned(),
        Kind::Workspace => "the workspace".to_owned(),
        Kind::Use => format!("the import `{name}`"),
        Kind::Let | Kind::Param | Kind::Fn | Kind::Type => format!("`{word} {name}`"),
        Kind::Check => "a `check`".to_owned(),
        Kind::Unknown => format!("the item `{name}`"),
        Kind::Kind | Kind::Task | Kind::Template | Kind::Service | Kind::Secret | Kind::Profile => {
            format!("the {word} `{name}`")
        }
    }
}

/// What a name refers to in a sentence.
fn described(db: &dyn Db, target: &Target) -> String {
    match target {
        Target::Item(item) => {
            let path = item.file(db).path(db);
            let is_ours = item.file(db) == db.workspace().prelude(db);
            let of = if is_ours { " of Rush".to_owned() } else { format!(" of {path}") };
            format!("{}{of}", shown(db, *item))
        }
        Target::Parameter { item, name } => {
            format!("the parameter `{name}` of {}", shown(db, *item))
        }
        Target::Local { item, .. } => {
            let name = target.name(db).unwrap_or_default();
            format!("the local `{name}` of {}", shown(db, *item))
        }
        Target::Axis { item, name } => format!("the axis `{name}` of {}", shown(db, *item)),
        Target::Field { owner, name } => format!("the field `{name}` of {}", shown(db, *owner)),
        Target::Key { item, name, .. } => {
            format!("the field `{name}` of a record in {}", shown(db, *item))
        }
        Target::Tag { owner, name } => format!("the variant `{name}` of {}", shown(db, *owner)),
        Target::Variable { item, name } => {
            format!("the variable `{name}` that {} sets", shown(db, *item))
        }
        Target::File(file) => format!("the file {}", file.path(db)),
        Target::Function(function) => {
            format!("the function `{}` of Rush", function.name())
        }
        Target::Member(name) | Target::Word(name) => format!("`{name}` of Rush"),
    }
}
