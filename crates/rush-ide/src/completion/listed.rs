//! Names of the world in a list of texts: variables of `pass_env`, programs of `tools`.
//!
//! Nobody declares them, so those that the workspace names already are the best guesses there are.

use rush_semantics::Item;
use rush_syntax::ast::{self, Element, Expr, ExprId, Member, fixed_text};
use smol_str::SmolStr;

use super::list::{List, Rank};
use super::{Completion, CompletionKind, Insert, Site};
use crate::draft::WORD;
use crate::place::FileRange;
use crate::syntax::exprs;

/// How many items of other files are looked at.
const ITEMS_MAX: usize = 2_000;

impl Site<'_> {
    /// Adds what the list of a field may name and does not yet.
    pub(super) fn listed_names(self, elements: ExprId, whole: FileRange, list: &mut List) {
        let (names, kind) = match self.field_around(elements).map(SmolStr::as_str) {
            Some("pass_env") => (self.known_variables(), CompletionKind::Variable),
            Some("tools") => (self.known_programs(), CompletionKind::Program),
            Some(_) | None => return,
        };
        let mut written = Vec::new();
        add_elements(&self.draft.ast, elements, &mut written);
        for name in names.into_iter().filter(|it| !written.contains(it)) {
            let it = list.proposal(&name, kind);
            let insert = Insert::Plain(super::literals::escaped(&name));
            list.add(Rank::Near, Completion { insert, replaces: whole, ..it });
        }
    }

    /// The declarations of the workspace but this one: those nearby, what this one extends, others.
    pub(super) fn others(self) -> impl Iterator<Item = Item> {
        let (db, own) = (self.db, self.draft.file(self.db));
        let is_declaration = move |it: &Item| it.ast(db).decl().is_some();
        let nearest = self.nearest(|it| is_declaration(&it));
        let files = db.workspace().packages(db).values().filter(move |it| **it != own);
        let items = files.flat_map(move |it| it.items(db).iter().copied()).take(ITEMS_MAX);
        nearest.into_iter().chain(self.view.base).chain(items.filter(is_declaration))
    }

    /// The variables that scripts here read, and those that others set or let through.
    fn known_variables(self) -> Vec<SmolStr> {
        let mut found = self.variables_read();
        add_listed(&self.draft.ast, "pass_env", &mut found);
        for item in self.others() {
            add_listed(item.ast(self.db), "pass_env", &mut found);
            found.extend(super::free_names::keys_of_field(item.ast(self.db), "env"));
        }
        found.retain(|it| !it.contains(WORD));
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Adds the texts in the lists of every field of this name, in a declaration or in `defaults`.
pub(super) fn add_listed(ast: &ast::Item, field: &str, found: &mut Vec<SmolStr>) {
    let records = exprs(ast).filter_map(|(_, it)| match it {
        Expr::Record(record) => Some(&**record),
        _ => None,
    });
    let all = ast.decl().map(|it| &it.body).into_iter().chain(records);
    for member in all.flat_map(|it| &it.members) {
        if let Member::Field(it) = member
            && it.name.text == field
        {
            add_elements(ast, it.value, found);
        }
    }
}

/// Adds the texts in a list.
fn add_elements(ast: &ast::Item, list: ExprId, found: &mut Vec<SmolStr>) {
    let Expr::List(elements) = ast.expr(list) else { return };
    found.extend(elements.iter().filter_map(|it| match it {
        Element::Value(value) => match ast.expr(*value) {
            Expr::Text(parts) => fixed_text(parts),
            _ => None,
        },
        Element::Spread(_) | Element::For { .. } | Element::If { .. } => None,
    }));
}
