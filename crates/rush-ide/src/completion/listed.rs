//! Names of the world in a list of texts: variables of `pass_env`, programs of `tools`.

use rush_semantics::names::files;
use rush_semantics::outside::{Outside, outside, outside_of, texts_in};
use rush_syntax::ast::ExprId;
use smol_str::SmolStr;

use super::list::{List, Rank};
use super::{Completion, CompletionKind, Insert, Site};
use crate::draft::{Parent, WORD};
use crate::place::FileRange;

/// How many items of the workspace are looked at.
const ITEMS_MAX: usize = 2_000;

impl<'a> Site<'a> {
    /// Adds what the list of a field may name and does not yet.
    pub(super) fn listed_names(self, elements: ExprId, whole: FileRange, list: &mut List) {
        let (names, kind) = match self.field_of_task(elements).map(SmolStr::as_str) {
            Some("pass_env") => (self.known_variables(), CompletionKind::Variable),
            Some("tools") => (self.known_programs(), CompletionKind::Program),
            Some(_) | None => return,
        };
        let written = texts_in(&self.draft.ast, elements);
        for name in names.into_iter().filter(|it| !written.contains(it)) {
            let it = list.proposal(&name, kind);
            let insert = Insert::Plain(crate::syntax::escaped(&name));
            list.add(Rank::Near, Completion { insert, replaces: whole, ..it });
        }
    }

    /// The field around an expression, if it is one of the declaration or of its `defaults`.
    fn field_of_task(self, expr: ExprId) -> Option<&'a SmolStr> {
        let parents = &self.draft.parents;
        let is_defaults = |record| matches!(parents.get(record), Some(Parent::OfDeclaration(it)) if it == "defaults");
        let mut around = parents.ancestors(expr).map(|it| it.1);
        around.find_map(|parent| match parent {
            Parent::OfDeclaration(name) => Some(Some(name)),
            Parent::OfRecord(record, name) => Some(is_defaults(*record).then_some(name)),
            _ => None,
        })?
    }

    /// What the other items of the workspace name: what this one extends, those of the file, those of other files.
    pub(super) fn others(self) -> impl Iterator<Item = &'a Outside> {
        let (db, own, own_file) = (self.db, self.draft.placed.item, self.draft.file(self.db));
        let others = files(db).filter(move |it| *it != own_file);
        let all =
            std::iter::once(own_file).chain(others).flat_map(|it| it.items(db).iter().copied());
        let items = self.view.base.into_iter().chain(all).filter(move |it| *it != own);
        items.take(ITEMS_MAX).map(|it| outside(db, it))
    }

    /// The programs that are run or listed as `tools`.
    pub(super) fn known_programs(self) -> Vec<SmolStr> {
        let mut found = outside_of(&self.draft.ast).programs;
        found.extend(self.others().flat_map(|it| &it.programs).cloned());
        different(found)
    }

    /// The variables that scripts here read, and those that others set or let through.
    fn known_variables(self) -> Vec<SmolStr> {
        let mut found = self.variables_read();
        found.extend(outside_of(&self.draft.ast).passed);
        found.extend(self.others().flat_map(|it| it.passed.iter().chain(&it.set)).cloned());
        different(found)
    }
}

/// Each of some names once, but those that are being written.
fn different(mut names: Vec<SmolStr>) -> Vec<SmolStr> {
    names.retain(|it| !it.is_empty() && !it.contains(WORD));
    names.sort_unstable();
    names.dedup();
    names
}
