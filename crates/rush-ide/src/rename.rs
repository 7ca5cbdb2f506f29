//! Gives something another name, everywhere, or says why that can't be.

mod clash;

use rush_semantics::{Db, SourceFile};
use rush_syntax::{Dialect, SyntaxKind};
use text_size::TextSize;

use crate::names::{Occurrence, names_at, occurrences};
use crate::place::{FileEdit, FileRange, Placed};
use crate::references::references_to;
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
    if !is_name(name) {
        return Err(Refusal(format!("`{name}` is no name: write letters, digits and `_`")));
    }
    let references = references_to(db, &target);
    clash::check(db, &target, name, &references)?;
    let edits = references.into_iter().map(|it| FileEdit { at: it.at, text: name.to_owned() });
    Ok(edits.collect())
}

fn renamable(
    db: &dyn Db,
    file: SourceFile,
    offset: TextSize,
) -> Result<(FileRange, Target), Refusal> {
    let Some((placed, names)) = names_at(db, file, offset) else {
        return Err(Refusal("there is no name here that can be changed".to_owned()));
    };
    let [Occurrence { range, target, .. }] = names.as_slice() else {
        return Err(Refusal(
            "this names more than one task; rename each where it is declared".to_owned(),
        ));
    };
    let shown = &placed.item.text(db)[std::ops::Range::<usize>::from(*range)];
    let is_ours = target.home().is_some_and(|it| it.file(db) == db.workspace().prelude(db));
    match target {
        Target::File(_) => Err(Refusal("this is a file; rename the file itself".to_owned())),
        Target::Function(_) | Target::Member(_) | Target::Word(_) => {
            Err(Refusal(format!("`{shown}` belongs to Rush and can't be renamed")))
        }
        _ if is_ours => Err(Refusal(format!("`{shown}` belongs to Rush and can't be renamed"))),
        _ => Ok((placed.range(db, *range), target.clone())),
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
    tree.token_count() == 1 && tree.token(0).is_some_and(|it| it.kind == SyntaxKind::Ident)
}

/// All names of the items of a file, with their items.
fn names_of_file(db: &dyn Db, file: SourceFile) -> impl Iterator<Item = (Placed, Occurrence)> {
    Placed::all(db, file)
        .flat_map(|placed| occurrences(db, placed.item).into_iter().map(move |it| (placed, it)))
}

#[cfg(test)]
mod tests;
