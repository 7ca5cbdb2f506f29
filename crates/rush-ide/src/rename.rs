//! Gives something another name, everywhere, or says why that can't be.
//!
//! A name may be changed when every use then still means what it meant. That is not looked up in a
//! list of clashes: the edits are made in a scratch database, and what may have come to mean something
//! else is resolved and checked again there. So anything the compiler knows counts, also what it will
//! learn later. Which places are edited, and which are asked again, is decided here; whether the
//! author likes the new name is not.

mod again;
mod compare;
mod doubt;
mod links;
mod reason;
mod word;

use rush_semantics::{Db, Item, SourceFile};
use rush_syntax::{Dialect, Kind};
use smol_str::SmolStr;
use text_size::TextSize;

use crate::names::{
    Occurrence, Where, hands_profile_on, is_ambiguous, names_at, occurrences, profiles_named,
};
use crate::place::{FileEdit, FileRange, Placed};
use crate::references::{Reference, references_to};
use crate::target::Target;

/// Why something can't be renamed, as a sentence for the author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

/// A name that can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamable {
    /// Where the cursor is in it.
    pub at: FileRange,
    /// The name.
    pub name: String,
}

/// Whether the name at `offset` can be changed, and to what it is set now.
pub fn prepare_rename(
    db: &dyn Db,
    file: SourceFile,
    offset: TextSize,
) -> Result<Renamable, Refusal> {
    let (at, target) = renamable(db, file, offset)?;
    let name = target.name(db).unwrap_or_default().to_string();
    if matches!(target, Target::Field { .. } | Target::Key { .. }) {
        compare::check_texts(db, &target)?;
        // A record is also written where nobody says which type it has. Whether that is so for this
        // field, a name that nobody uses tells.
        let renaming = Renaming::new(db, target, word::fresh(db, &name));
        compare::check(db, &renaming).map_err(|_| reason::not_followed(&name))?;
    }
    Ok(Renamable { at, name })
}

/// The edits that rename what is at `offset`, in all files, by file and place.
pub fn rename(
    db: &dyn Db,
    file: SourceFile,
    offset: TextSize,
    name: &str,
) -> Result<Vec<FileEdit>, Refusal> {
    let (_, target) = renamable(db, file, offset)?;
    if target.name(db).is_some_and(|it| it == name) {
        return Ok(Vec::new());
    }
    let renaming = Renaming::new(db, target, name.into());
    let is_fit = if renaming.is_of_key() { is_word(name) } else { is_name(name) };
    if !is_fit && !renaming.is_quoted_everywhere(db, name) {
        return Err(Refusal(format!("`{name}` is no name: write letters, digits and `_`")));
    }
    if renaming.references.iter().any(|it| it.place == Where::ScriptName) {
        return Err(reason::own_name(&renaming.old));
    }
    renaming.targets.iter().try_for_each(|it| compare::check_texts(db, it))?;
    compare::check(db, &renaming)?;
    Ok(renaming.edits().collect())
}

/// A new name for something.
struct Renaming {
    /// What gets it; more than one where one name chooses all, as with profiles.
    targets: Vec<Target>,
    /// Its name so far.
    old: SmolStr,
    /// The new one.
    new: SmolStr,
    /// Where it is named, by file and place.
    references: Vec<Reference>,
}

impl Renaming {
    fn new(db: &dyn Db, target: Target, new: SmolStr) -> Self {
        let old = target.name(db).unwrap_or_default();
        let targets = match &target {
            Target::Item(item) if is_profile(db, *item) => {
                profiles_named(db, &old).into_iter().map(Target::Item).collect()
            }
            _ => vec![target],
        };
        let mut references: Vec<Reference> =
            targets.iter().flat_map(|it| references_to(db, it)).collect();
        references.sort_by_key(|it| it.at.key());
        references.dedup_by_key(|it| it.at);
        Self { targets, old, new, references }
    }

    fn edits(&self) -> impl Iterator<Item = FileEdit> {
        self.references.iter().map(|it| FileEdit { at: it.at, text: self.new.to_string() })
    }

    /// Whether it is a field of a record, which every word can name.
    fn is_of_key(&self) -> bool {
        self.targets.iter().all(|it| matches!(it, Target::Field { .. } | Target::Key { .. }))
    }

    /// Whether every place has quotes, between which the new name can be written as it is.
    fn is_quoted_everywhere(&self, db: &dyn Db, name: &str) -> bool {
        let is_plain = |it: char| !it.is_control() && !matches!(it, '"' | '\\' | '$');
        let is_quoted = |it: &Reference| {
            let file = rush_semantics::names::files(db).find(|file| file.id(db) == it.at.file);
            let text = file.map(|it| it.text(db)).map(AsRef::as_ref).unwrap_or_default();
            let (start, end) = (usize::from(it.at.range.start()), usize::from(it.at.range.end()));
            let before = text.get(..start).is_some_and(|it| it.ends_with('"'));
            before && text.get(end..).is_some_and(|it| it.starts_with('"'))
        };
        !name.is_empty() && name.chars().all(is_plain) && self.references.iter().all(is_quoted)
    }
}

fn is_profile(db: &dyn Db, item: Item) -> bool {
    item.kind(db) == Kind::Profile
}

fn renamable(
    db: &dyn Db,
    file: SourceFile,
    offset: TextSize,
) -> Result<(FileRange, Target), Refusal> {
    let Some((placed, names)) = names_at(db, file, offset) else {
        return Err(Refusal("there is no name here that can be changed".to_owned()));
    };
    let is_of_profile =
        |it: &Occurrence| matches!(it.target, Target::Item(item) if is_profile(db, item));
    let (range, target) = match names.as_slice() {
        [Occurrence { range, target, .. }] => (*range, target),
        [Occurrence { range, target, .. }, ..] if names.iter().all(is_of_profile) => {
            (*range, target)
        }
        _ => {
            return Err(Refusal(
                "this names more than one thing; rename each where it is declared".to_owned(),
            ));
        }
    };
    let shown = &placed.item.text(db)[std::ops::Range::<usize>::from(range)];
    let is_ours = target.home().is_some_and(|it| it.file(db) == db.workspace().prelude(db));
    let of_rush = || Err(Refusal(format!("`{shown}` belongs to Rush and can't be renamed")));
    match target {
        Target::File(_) => Err(Refusal("this is a file; rename the file itself".to_owned())),
        _ if is_ours => of_rush(),
        Target::Function(_) | Target::Word(_) => of_rush(),
        Target::Member(_) => Err(reason::without_type(shown)),
        Target::Field { owner, name } => {
            named_field(db, *owner, name)?;
            Ok((placed.range(db, range), target.clone()))
        }
        Target::Item(item) if is_profile(db, *item) => {
            followed_profile(db, item.name(db))?;
            Ok((placed.range(db, range), target.clone()))
        }
        _ => Ok((placed.range(db, range), target.clone())),
    }
}

/// Only the fields of a type with a name are followed to where they are written and read.
fn named_field(db: &dyn Db, owner: Item, name: &str) -> Result<(), Refusal> {
    if owner.kind(db) != Kind::Type {
        return Err(reason::without_type(name));
    }
    if is_ambiguous(db, owner, name) {
        let shown = owner.name(db);
        return Err(Refusal(format!("`{shown}` declares more than one field `{name}`")));
    }
    Ok(())
}

/// A profile is chosen by a text. Where that text is handed on, no one knows what it is compared with.
fn followed_profile(db: &dyn Db, name: &str) -> Result<(), Refusal> {
    let all = || rush_semantics::names::files(db).flat_map(|file| Placed::all(db, file));
    let mentions = |it: &Placed, text: &str| word::count(it.item.text(db), text) > 0;
    let hands_on = all().filter(|it| mentions(it, "profile"));
    let Some(reader) = hands_on.map(|it| it.item).find(|it| hands_profile_on(db, *it)) else {
        return Ok(());
    };
    let is_text = |placed: Placed| {
        let followed: Vec<_> = occurrences(db, placed.item);
        word::texts(placed.item.ast(db), name)
            .any(|at| !followed.iter().any(|it| it.place == Where::Text && it.range == at))
    };
    match all().filter(|it| mentions(it, name)).find(|it| is_text(*it)) {
        Some(_) => Err(reason::profile_handed_on(db, reader, name)),
        None => Ok(()),
    }
}

/// Whether a text can stand where a name is declared: the parser is asked.
fn is_name(text: &str) -> bool {
    let source = format!("let {text} = 1\n");
    let slices = rush_syntax::split(&source, rush_semantics::kinds::KIND_NAMES);
    let parsed = rush_syntax::parse_item(&source, Dialect::File);
    let is_whole = parsed.item.name().is_some_and(|it| it.text == text);
    slices.len() == 1 && parsed.errors.is_empty() && is_whole && is_word(text)
}

/// Whether it is one token, so that nothing hides in it.
fn is_word(text: &str) -> bool {
    let tree = rush_syntax::parse_tree(text, Dialect::File);
    tree.token_count() == 1 && tree.token(0).is_some_and(|it| it.kind.is_word())
}

#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;
