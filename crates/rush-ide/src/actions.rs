//! What an editor can change on request: fixes of what is wrong, and refactorings.
//!
//! - `code_actions(db, file, range, is_wanted) -> Vec<Action>`: what is possible at a selection,
//!   without edits.
//! - `changes(db, file, range, is_wanted) -> Vec<(Action, Change)>`: the same, with all edits.
//! - `resolve_action(db, file, range, id) -> Option<Change>`: the edits of one of them; `file` and
//!   `range` are those it was offered for.
//!
//! An action is plain data, so it may be kept until somebody chooses it. A refactoring is offered
//! only where it keeps the meaning for certain: where types could change, names be hidden, or a
//! script see another variable, it is not there.

mod command_script;
mod everything;
mod extract_let;
mod extract_template;
mod fixes;
mod formatted;
mod inline;
mod quotes;
mod scope;
mod trial;
mod words;

#[cfg(test)]
pub(crate) mod property;
#[cfg(test)]
mod tests;

use rush_diagnostics::Code;
use rush_semantics::{Db, Item, SourceFile};
use rush_syntax::ast::{self, ExprId};
use text_size::{TextRange, TextSize};

use crate::formatting::organise_imports;
use crate::place::{FileEdit, FileRange, Placed};

#[cfg(test)]
pub(crate) use everything::EVERYTHING;

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// By what it is found again.
    pub id: String,
    /// What it does, as an imperative.
    pub title: String,
    /// What it is.
    pub kind: ActionKind,
    /// For a fix, what it mends.
    pub mends: Option<Mended>,
    /// Whether it is surely what is wanted.
    pub is_preferred: bool,
}

/// A finding that an action mends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// Its code.
    pub code: Code,
    /// Its primary place.
    pub at: FileRange,
    /// Its message.
    pub message: String,
}

/// What an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActionKind {
    /// Mends a finding.
    QuickFix,
    /// Mends all findings of a code in the file.
    FixAll,
    /// Mends all that can certainly be mended in the file, whatever is selected.
    FixEverything,
    /// Moves code to a place of its own.
    Extract,
    /// Moves code to where it is used.
    Inline,
    /// Writes the same in another way.
    Rewrite,
    /// Sorts the imports and removes those that are not used.
    OrganiseImports,
}

impl ActionKind {
    /// Its name in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            Self::QuickFix => "quickfix",
            Self::FixAll | Self::FixEverything => "source.fixAll.rush",
            Self::Extract => "refactor.extract",
            Self::Inline => "refactor.inline",
            Self::Rewrite => "refactor.rewrite",
            Self::OrganiseImports => "source.organizeImports",
        }
    }
}

/// What an action changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The edits; they do not overlap.
    pub edits: Vec<FileEdit>,
    /// The new name that the user may want to change next, in the text after the edits.
    pub rename: Option<FileRange>,
}

/// An action, and how its edits are made.
struct Offer<'a> {
    action: Action,
    change: Edits<'a>,
}

/// The edits of an offer.
enum Edits<'a> {
    /// They were needed to know that it can be offered.
    Known(Change),
    /// They are made when it is chosen.
    Later(Box<dyn FnOnce() -> Change + 'a>),
}

impl<'a> Offer<'a> {
    fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        kind: ActionKind,
        edits: Vec<FileEdit>,
    ) -> Self {
        let change = Edits::Known(Change { edits, rename: None });
        Self { change, ..Self::later(id, title, kind, Change::default) }
    }

    /// An offer whose edits take more than it takes to know that there are some.
    fn later(
        id: impl Into<String>,
        title: impl Into<String>,
        kind: ActionKind,
        change: impl FnOnce() -> Change + 'a,
    ) -> Self {
        let action =
            Action { id: id.into(), title: title.into(), kind, mends: None, is_preferred: false };
        Self { action, change: Edits::Later(Box::new(change)) }
    }

    /// The edits, if they are known already.
    fn known(&self) -> Option<&Change> {
        match &self.change {
            Edits::Known(change) => Some(change),
            Edits::Later(_) => None,
        }
    }

    fn change(self) -> Change {
        match self.change {
            Edits::Known(change) => change,
            Edits::Later(make) => make(),
        }
    }
}

impl Change {
    /// Edits with a name that was made up: the number of the edit that has it, and its place in the
    /// text of that edit.
    fn naming(edits: Vec<FileEdit>, (edit, name): (usize, TextRange)) -> Self {
        let Some(at) = edits.get(edit).map(|it| it.at) else {
            return Self { edits, rename: None };
        };
        let before = edits.iter().enumerate().filter(|(other, it)| {
            *other != edit && it.at.file == at.file && it.at.range.end() <= at.range.start()
        });
        let (mut added, mut removed) = (TextSize::new(0), TextSize::new(0));
        for (_, it) in before {
            added += TextSize::of(&*it.text);
            removed += it.at.range.len();
        }
        let range = name + (at.range.start() + added - removed);
        Self { rename: Some(FileRange { file: at.file, range }), edits }
    }
}

/// Where actions are asked for.
struct Site<'a> {
    db: &'a dyn Db,
    file: SourceFile,
    /// The item the selection starts in.
    placed: Placed,
    ast: &'a ast::Item,
    /// Its text.
    text: &'a str,
    /// The selection, counted from the start of the item and without the blanks around it.
    selection: TextRange,
}

impl<'a> Site<'a> {
    fn new(db: &'a dyn Db, file: SourceFile, selection: TextRange) -> Option<Self> {
        let (placed, start) = Placed::at(db, file, selection.start())?;
        let item: Item = placed.item;
        let text: &str = item.text(db);
        let end = (start + selection.len()).min(TextSize::of(text));
        let written = crate::syntax::slice(text, TextRange::new(start, end));
        let blank = TextSize::of(written) - TextSize::of(written.trim_start());
        let kept = TextSize::of(written.trim());
        let selection = TextRange::at(if kept == 0.into() { start } else { start + blank }, kept);
        Some(Self { db, file, placed, ast: item.ast(db), text, selection })
    }

    fn item(&self) -> Item {
        self.placed.item
    }

    /// An edit of this item.
    fn edit(&self, range: TextRange, text: impl Into<String>) -> FileEdit {
        FileEdit { at: self.placed.range(self.db, range), text: text.into() }
    }

    fn source(&self, expr: ExprId) -> &'a str {
        crate::syntax::slice(self.text, self.ast.expr_range(expr))
    }

    /// Where something can be written before the item: in front of its comments and docs.
    fn start(&self) -> TextSize {
        let is_before = |it: char| it.is_whitespace() || it == '\u{feff}';
        TextSize::of(self.text) - TextSize::of(self.text.trim_start_matches(is_before))
    }

    /// Whether the item is written without mistakes, so that it can be rewritten.
    fn is_sound(&self) -> bool {
        self.item().parsed(self.db).errors.is_empty()
    }
}

/// What is possible at a selection, of the kinds that are wanted.
pub fn code_actions(
    db: &dyn Db,
    file: SourceFile,
    range: TextRange,
    is_wanted: impl Fn(ActionKind) -> bool,
) -> Vec<Action> {
    let site = Site::new(db, file, range).filter(Site::is_sound);
    let found = offers(db, file, range, site.as_ref(), |it| is_wanted(it.kind));
    found.into_iter().map(|it| it.action).collect()
}

/// What is possible at a selection, of the kinds that are wanted, with all edits: for an editor that
/// can't ask for those of one action.
pub fn changes(
    db: &dyn Db,
    file: SourceFile,
    range: TextRange,
    is_wanted: impl Fn(ActionKind) -> bool,
) -> Vec<(Action, Change)> {
    let site = Site::new(db, file, range).filter(Site::is_sound);
    let found = offers(db, file, range, site.as_ref(), |it| is_wanted(it.kind));
    found.into_iter().map(|it| (it.action.clone(), change(db, file, it))).collect()
}

/// The edits of an action that was offered for this selection; `None` when it is offered no more.
pub fn resolve_action(db: &dyn Db, file: SourceFile, range: TextRange, id: &str) -> Option<Change> {
    let site = Site::new(db, file, range).filter(Site::is_sound);
    let found = offers(db, file, range, site.as_ref(), |it| it.id == id);
    found.into_iter().next().map(|it| change(db, file, it))
}

/// The edits of an offer for a file, as they are written in there.
fn change(db: &dyn Db, file: SourceFile, offer: Offer<'_>) -> Change {
    db.unwind_if_revision_cancelled();
    let is_whole_file =
        matches!(offer.action.kind, ActionKind::OrganiseImports | ActionKind::FixEverything);
    let mut change = offer.change();
    if !is_whole_file && file.text(db).contains("\r\n") {
        change.edits.iter_mut().for_each(keep_line_ends);
    }
    if is_whole_file { change } else { formatted::formatted(db, change) }
}

/// What is wanted of what can be offered; the refactorings at a site, if there is one.
fn offers<'a>(
    db: &'a dyn Db,
    file: SourceFile,
    range: TextRange,
    site: Option<&'a Site<'a>>,
    is_wanted: impl Fn(&Action) -> bool,
) -> Vec<Offer<'a>> {
    let mut found = fixes::offers(db, file, range);
    found.extend(site.into_iter().flat_map(refactorings));
    leave_out_repeated(&mut found);
    let imports = organise_imports(db, file);
    if !imports.is_empty() {
        let title = "sort the imports and remove unused ones";
        found.push(Offer::new("organise-imports", title, ActionKind::OrganiseImports, imports));
    }
    // A trial is what takes time: only what somebody asks for is worth it.
    found.retain(|it| is_wanted(&it.action));
    fixes::leave_out_harmful(db, &mut found);
    found.extend(everything::offer(db, file, is_wanted));
    found
}

/// The offers that are no fixes.
fn refactorings<'a>(site: &'a Site<'a>) -> Vec<Offer<'a>> {
    let mut found = extract_let::offers(site);
    found.extend(extract_template::offer(site));
    found.extend(inline::offers(site));
    found.extend(command_script::offers(site));
    found.extend(quotes::offers(site));
    found
}

/// Keeps the first of those that do the same: a rewriting that also mends something is offered as a
/// fix, and two findings at one place may have one fix.
fn leave_out_repeated(offers: &mut Vec<Offer<'_>>) {
    let mut seen: Vec<Vec<FileEdit>> = Vec::new();
    offers.retain(|offer| {
        let is_one = matches!(offer.action.kind, ActionKind::QuickFix | ActionKind::Rewrite);
        let Some(change) = offer.known().filter(|_| is_one) else { return true };
        let is_new = !seen.contains(&change.edits);
        seen.extend(is_new.then(|| change.edits.clone()));
        is_new
    });
}

/// Writes the line ends of an edit as the file has them.
fn keep_line_ends(edit: &mut FileEdit) {
    if edit.text.contains('\n') {
        edit.text = edit.text.replace("\r\n", "\n").replace('\n', "\r\n");
    }
}
