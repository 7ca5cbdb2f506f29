//! How many files, or packages, a list of patterns matches.

use rush_semantics::Item;
use rush_semantics::kinds::kind;
use rush_semantics::layout;
use rush_semantics::names::package_dir;
use rush_semantics::ty::Ty;
use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ItemKind, Member};

use super::{HintKind, Hints, InlayHint, Padding};
use crate::constants::texts;
use crate::place::Placed;

/// How many packages are named beside their number.
const PACKAGES_SHOWN: usize = 8;

impl Hints<'_> {
    pub(super) fn matched(&mut self, placed: Placed) {
        let (db, item) = (self.db, placed.item);
        let ast = item.ast(db);
        let ItemKind::Decl(decl) = &ast.kind else { return };
        let Some(kind) = kind(db, decl.kind()) else { return };
        for member in &decl.body.members {
            let Member::Field(field) = member else { continue };
            // What a task writes is mostly not there yet.
            let is_patterns = field.name.text != "outputs"
                && kind.field(&field.name.text).is_some_and(|it| is_globs(&it.ty));
            if !is_patterns || !matches!(ast.expr(field.value), Expr::List(_) | Expr::Name(_)) {
                continue;
            }
            let Some(patterns) = texts(db, item, field.value) else { continue };
            let (label, first) = match decl.kind() {
                // There patterns mean packages.
                Kind::Workspace => self.packages(item),
                _ => self.matching(item, &patterns),
            };
            let first: Vec<String> = first.iter().map(|it| format!("- `{it}`")).collect();
            self.found.push(InlayHint {
                kind: HintKind::Files,
                at: ast.expr_range(field.value).end() + placed.start,
                label,
                tooltip: (!first.is_empty()).then(|| first.join("\n")),
                source: None,
                padding: Padding::Before,
            });
        }
    }

    /// How many files patterns match, and the first of them.
    fn matching(&self, item: Item, patterns: &[String]) -> (String, Vec<String>) {
        let found = self.files.matches(package_dir(self.db, item.file(self.db)), patterns);
        let more = if found.is_capped { "more than " } else { "" };
        let label = match found.count {
            0 => "no file".to_owned(),
            1 => format!("{more}1 file"),
            count => format!("{more}{count} files"),
        };
        (label, found.first)
    }

    /// How many packages are members of a workspace, and the first of them.
    fn packages(&self, workspace: Item) -> (String, Vec<String>) {
        let members = layout::members(workspace.text(self.db));
        let packages = self.db.workspace().packages(self.db).keys();
        let found: Vec<String> = packages
            .filter(|it| members.as_ref().is_some_and(|members| members.contains(it)))
            .map(|it| format!("//{it}"))
            .collect();
        let label = match found.len() {
            0 => "no package".to_owned(),
            1 => "1 package".to_owned(),
            count => format!("{count} packages"),
        };
        (label, found.into_iter().take(PACKAGES_SHOWN).collect())
    }
}

fn is_globs(ty: &Ty) -> bool {
    ty.members()
        .iter()
        .any(|it| matches!(it.bare(), Ty::List(element) if *element.bare() == Ty::Glob))
}
