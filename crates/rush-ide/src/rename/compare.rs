//! Whether every use means after a rename what it meant before.

use rush_diagnostics::{Code, Diagnostic};
use rush_semantics::check::{file_diagnostics, item_diagnostics};
use rush_semantics::infer::infer;
use rush_semantics::names::files;
use rush_semantics::signature::{matrix_axes, signature};
use rush_semantics::{Db, Item, SourceFile};
use text_size::{TextRange, TextSize};

use super::again::Again;
use super::doubt::in_doubt;
use super::{Refusal, Renaming, reason, word};
use crate::names::{Occurrence, Where, occurrences, reads_as_text};
use crate::place::Placed;
use crate::target::Target;

/// Findings about how a name looks. The author chose it, and the warning is the answer to that.
const ABOUT_STYLE: [Code; 2] = [Code::VerbName, Code::FlagName];

/// What is another thing after the edits.
pub(super) enum Difference {
    /// A name, in an item.
    Name(NameDifference),
    /// A finding that was not there.
    New(Item, Box<Diagnostic>),
    /// A finding that is no more.
    Gone(Item, Box<Diagnostic>),
    /// What values a script gets.
    Captures(Item),
    /// Something of this name that would not be told from the renamed: a parameter and an axis.
    Twin(Item, Target),
}

/// A name that means something else.
pub(super) struct NameDifference {
    /// The item it is in.
    pub(super) item: Item,
    /// In which language it is written.
    pub(super) place: Where,
    /// Whether the rename writes it.
    pub(super) is_edited: bool,
    /// What it means before.
    pub(super) before: Option<Target>,
    /// What it means after, in the scratch database.
    pub(super) after: Option<Target>,
}

/// Makes the edits elsewhere and asks what may mean something else again.
pub(super) fn check(db: &dyn Db, renaming: &Renaming) -> Result<(), Refusal> {
    let doubt = in_doubt(db, renaming);
    let Some(again) = Again::new(db, renaming, &doubt) else {
        return Err(reason::other_items(&renaming.new));
    };
    let mut found = Vec::new();
    for placed in &doubt {
        db.unwind_if_revision_cancelled();
        let Some(sides) = Sides::new(db, renaming, &again, *placed) else { continue };
        sides.names(&mut found);
        sides.captures(&mut found);
        sides.twin_axis(&mut found);
        sides.findings(&mut found);
        twins(db, renaming, placed.item, &mut found);
    }
    of_files(db, renaming, &again, &mut found);
    match reason::most_telling(found) {
        Some(difference) => Err(reason::of(db, &again, renaming, &difference)),
        None => Ok(()),
    }
}

/// Looks for items that make a text of the name of a field: they would come to another value.
pub(super) fn check_texts(db: &dyn Db, target: &Target) -> Result<(), Refusal> {
    if !matches!(target, Target::Field { .. } | Target::Key { .. }) {
        return Ok(());
    }
    let mut items = files(db).flat_map(|file| file.items(db).iter().copied());
    let reader = items.find(|item| {
        db.unwind_if_revision_cancelled();
        reads_as_text(db, *item, target)
    });
    match reader {
        Some(reader) => Err(reason::read_as_text(db, reader, &target.name(db).unwrap_or_default())),
        None => Ok(()),
    }
}

/// What an item names that has the new name already and could not be told from what gets it.
fn twins(db: &dyn Db, renaming: &Renaming, item: Item, out: &mut Vec<Difference>) {
    let twins: Vec<Target> = renaming.targets.iter().flat_map(|it| renaming.twins(it)).collect();
    if twins.is_empty() || word::count(item.text(db), &renaming.new) == 0 {
        return;
    }
    let found = occurrences(db, item).into_iter().find(|it| twins.contains(&it.target));
    out.extend(found.map(|it| Difference::Twin(item, it.target)));
}

impl Renaming {
    /// What would be the same as a target once it has the new name.
    fn twins(&self, target: &Target) -> Vec<Target> {
        let name = self.new.clone();
        match target {
            // Calls give values to parameters and axes alike.
            Target::Parameter { item, .. } | Target::Axis { item, .. } => vec![
                Target::Parameter { item: *item, name: name.clone() },
                Target::Axis { item: *item, name },
            ],
            Target::Field { owner, .. } => vec![Target::Field { owner: *owner, name }],
            Target::Key { item, shape, .. } => {
                vec![Target::Key { item: *item, shape: *shape, name }]
            }
            Target::Tag { owner, .. } => vec![Target::Tag { owner: *owner, name }],
            Target::Variable { item, .. } => vec![Target::Variable { item: *item, name }],
            Target::Item(_)
            | Target::Local { .. }
            | Target::File(_)
            | Target::Function(_)
            | Target::Member(_)
            | Target::Word(_) => Vec::new(),
        }
    }
}

/// How places of an item move.
struct Shift {
    /// Where the edited names start, counted from the start of the item.
    edits: Vec<TextSize>,
    old: TextSize,
    new: TextSize,
}

impl Shift {
    fn of(db: &dyn Db, renaming: &Renaming, placed: Placed) -> Self {
        let file = placed.item.file(db).id(db);
        let end = placed.start + TextSize::of(&**placed.item.text(db));
        let from = renaming
            .references
            .partition_point(|it| (it.at.file, it.at.range.start()) < (file, placed.start));
        let rest = renaming.references.iter().skip(from);
        let own = rest.take_while(|it| it.at.file == file && it.at.range.start() < end);
        let edits = own.map(|it| it.at.range.start() - placed.start).collect();
        let size = |it: &str| TextSize::of(it);
        Self { edits, old: size(&renaming.old), new: size(&renaming.new) }
    }

    fn offset(&self, at: TextSize) -> TextSize {
        let edits = TextSize::new(self.edits.partition_point(|it| *it < at) as u32);
        let edits = u32::from(edits);
        at + TextSize::new(u32::from(self.new) * edits) - TextSize::new(u32::from(self.old) * edits)
    }

    fn range(&self, range: TextRange) -> TextRange {
        TextRange::new(self.offset(range.start()), self.offset(range.end()))
    }

    fn is_edited(&self, at: TextSize) -> bool {
        self.edits.binary_search(&at).is_ok()
    }
}

/// An item before and after.
struct Sides<'a> {
    db: &'a dyn Db,
    renaming: &'a Renaming,
    again: &'a Again<'a>,
    shift: Shift,
    before: Item,
    /// The same in the scratch database.
    after: Item,
}

impl<'a> Sides<'a> {
    /// `None` for what is not in the scratch database.
    fn new(
        db: &'a dyn Db,
        renaming: &'a Renaming,
        again: &'a Again<'a>,
        placed: Placed,
    ) -> Option<Self> {
        let after = again.item(placed.item)?;
        let shift = Shift::of(db, renaming, placed);
        Some(Self { db, renaming, again, shift, before: placed.item, after })
    }

    /// What its names refer to, those in scripts included.
    fn names(&self, out: &mut Vec<Difference>) {
        let mut after = occurrences(&self.again.after, self.after);
        for it in occurrences(self.db, self.before) {
            let range = self.shift.range(it.range);
            let wanted = self.again.target(&it.target);
            let means_same = |other: &Target| Some(other) == wanted.as_ref();
            let is_same = |other: &Occurrence| {
                other.range == range && other.place == it.place && means_same(&other.target)
            };
            if let Some(at) = after.iter().position(is_same) {
                after.remove(at);
                continue;
            }
            let at = after.iter().position(|other| other.range == range);
            // What means the same and stands otherwise is a name that its script gives a variable of its own.
            let after = at.map(|at| after.remove(at).target).filter(|it| !means_same(it));
            out.push(Difference::Name(NameDifference {
                item: self.before,
                place: it.place,
                is_edited: self.shift.is_edited(it.range.start()),
                before: Some(it.target),
                after,
            }));
        }
        out.extend(after.into_iter().map(|it| {
            Difference::Name(NameDifference {
                item: self.before,
                place: it.place,
                is_edited: false,
                before: None,
                after: Some(it.target),
            })
        }));
    }

    /// How many values its scripts get.
    fn captures(&self, out: &mut Vec<Difference>) {
        let count = |db: &dyn Db, item: Item| -> usize {
            infer(db, item).captures.values().map(Vec::len).sum()
        };
        if count(self.db, self.before) != count(&self.again.after, self.after) {
            out.push(Difference::Captures(self.before));
        }
    }

    /// A parameter and an axis that both have the new name: calls could not tell one from the other.
    fn twin_axis(&self, out: &mut Vec<Difference>) {
        let (after, name) = (&self.again.after, &self.renaming.new);
        let is_axis = matrix_axes(after, self.after).iter().any(|(axis, _)| axis == name);
        if !is_axis || signature(after, self.after).position(name).is_none() {
            return;
        }
        let (item, name) = (self.before, name.clone());
        let twin = match signature(self.db, item).position(&name) {
            Some(_) => Target::Parameter { item, name },
            None => Target::Axis { item, name },
        };
        out.push(Difference::Twin(item, twin));
    }

    /// What a finding says, but for the name that changes, and for what somebody may have meant: that is
    /// sought among all names.
    fn said(&self, finding: &Diagnostic) -> String {
        let message = finding.message.split("; did you mean").next().unwrap_or_default();
        word::open(message, [&self.renaming.old, &self.renaming.new])
    }

    /// What is wrong with the item.
    fn findings(&self, out: &mut Vec<Difference>) {
        let item = self.before;
        let before = item_diagnostics(self.db, item);
        let after = item_diagnostics(&self.again.after, self.after);
        let mut rest: Vec<&Diagnostic> = after.iter().filter(|it| is_about_meaning(it)).collect();
        for finding in before.iter().filter(|it| is_about_meaning(it)) {
            let range = self.shift.range(finding.primary.span.range);
            let said = self.said(finding);
            let same = |it: &&Diagnostic| {
                it.code == finding.code && it.primary.span.range == range && self.said(it) == said
            };
            match rest.iter().position(same) {
                Some(at) => {
                    rest.remove(at);
                }
                None => out.push(Difference::Gone(item, Box::new(finding.clone()))),
            }
        }
        out.extend(rest.into_iter().map(|it| Difference::New(item, Box::new(it.clone()))));
    }
}

/// What only a look at a whole file finds.
fn of_files(db: &dyn Db, renaming: &Renaming, again: &Again<'_>, out: &mut Vec<Difference>) {
    let homes = renaming.targets.iter().filter_map(Target::home).map(|it| it.file(db));
    let mut homes: Vec<SourceFile> = homes.filter(|it| files(db).any(|file| file == *it)).collect();
    homes.dedup();
    for file in homes {
        let Some(new) = again.file(file) else { continue };
        let unused = |db: &dyn Db, file| {
            let found = file_diagnostics(db, file).into_iter();
            found.filter(|it| it.code == Code::UnusedImport).collect::<Vec<_>>()
        };
        let (before, after): (Vec<_>, Vec<_>) = (unused(db, file), unused(&again.after, new));
        let item = |_: &Diagnostic| file.items(db).first().copied();
        if before.len() < after.len() {
            let first = after.into_iter().next();
            out.extend(first.and_then(|it| Some(Difference::New(item(&it)?, Box::new(it)))));
        } else if after.len() < before.len() {
            let first = before.into_iter().next();
            out.extend(first.and_then(|it| Some(Difference::Gone(item(&it)?, Box::new(it)))));
        }
    }
}

fn is_about_meaning(finding: &Diagnostic) -> bool {
    !ABOUT_STYLE.contains(&finding.code)
}
