//! How many files a list of patterns matches.

use rush_semantics::kinds::kind;
use rush_semantics::names::package_dir;
use rush_semantics::ty::Ty;
use rush_syntax::ast::{Expr, ItemKind, Member};

use super::{HintKind, Hints, InlayHint, Padding};
use crate::constants::{Constant, elements};
use crate::place::Placed;

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
            let Some(patterns) = elements(db, item, field.value) else { continue };
            let patterns: Vec<String> = patterns
                .into_iter()
                .filter_map(|it| match it {
                    Constant::Text(text) => Some(text.to_string()),
                    Constant::Other(_) => None,
                })
                .collect();
            if patterns.is_empty() {
                continue;
            }
            let found = self.files.matches(package_dir(db, item.file(db)), &patterns);
            let more = if found.is_capped { "more than " } else { "" };
            let label = match found.count {
                0 => "no file".to_owned(),
                1 => format!("{more}1 file"),
                count => format!("{more}{count} files"),
            };
            let first: Vec<String> = found.first.iter().map(|it| format!("- `{it}`")).collect();
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
}

fn is_globs(ty: &Ty) -> bool {
    ty.members()
        .iter()
        .any(|it| matches!(it.bare(), Ty::List(element) if *element.bare() == Ty::Glob))
}
