//! Where a text was written that is wrong where it is used.
//!
//! `let sources = ["**.rs"]` is fine until `inputs: sources` makes globs of it. The finding is at
//! the use; this finds the literal, by syntax alone and only for texts that are wrong, so that no
//! sound item depends on the body of another one.

use std::ops::Range;

use rush_diagnostics::{Diagnostic, Span, TextRange};
use rush_syntax::ast::{self, Expr, ExprId, ItemKind, Part};

use super::LocalSource;
use super::context::Context;
use super::literal::place;
use crate::db::{Db, Item};
use crate::names::{import_target, resolve};

/// How many definitions are followed from the use to the literal.
const DEFINITIONS_MAX: usize = 64;

/// A part of an item in which the literal may stand.
type Area = (Item, TextRange);

impl Context<'_> {
    /// Adds the place of the literal to a finding about `text`, of which `range` is wrong.
    pub fn with_origin(
        &self,
        found: Diagnostic,
        id: ExprId,
        (text, range): (&str, Range<usize>),
    ) -> Diagnostic {
        match self.origin(id, text, range) {
            Some(span) if span != found.primary.span => found.because(span, "it is written here"),
            _ => found,
        }
    }

    fn origin(&self, id: ExprId, text: &str, range: Range<usize>) -> Option<Span> {
        if matches!(self.ast.expr(id), Expr::Text(_)) {
            return None;
        }
        let mut areas: Vec<Area> = vec![(self.item, self.ast.expr_range(id))];
        let mut at = 0;
        while let Some(&(item, area)) = areas.get(at) {
            let ast = item.ast(self.db);
            for expr in exprs(ast, area) {
                match ast.expr(expr) {
                    Expr::Text(parts) if is_text(parts, text) => {
                        let (start, end) = (place(parts, range.start)?, place(parts, range.end)?);
                        let inside = TextRange::new(start, end.max(start));
                        let whole = ast.expr_range(expr);
                        let all = range.start == 0 && range.end == text.len();
                        let shown = if all { whole } else { inside };
                        return Some(Span::new(item.id(self.db), shown));
                    }
                    Expr::Name(name) => {
                        let next = self.definition(item, name);
                        areas.extend(next.filter(|it| !areas.contains(it)));
                    }
                    Expr::Field { base, name } => {
                        let next = imported(self.db, item, ast.expr(*base), &name.text);
                        areas.extend(next.filter(|it| !areas.contains(it)));
                    }
                    _ => {}
                }
            }
            at += 1;
            if at == DEFINITIONS_MAX {
                return None;
            }
        }
        None
    }

    fn definition(&self, item: Item, name: &str) -> Option<Area> {
        if item == self.item
            && let Some(local) = self.local(name)
        {
            return match self.out.locals.get(local.0 as usize)?.source {
                LocalSource::Let(value) | LocalSource::For(value) => {
                    Some((item, self.ast.expr_range(value)))
                }
                LocalSource::Parameter(_) => None,
            };
        }
        value_of(self.db, resolve(self.db, item.file(self.db), name)?)
    }
}

/// Whether the literal has no holes and this value.
fn is_text(parts: &[Part], text: &str) -> bool {
    let mut rest = text;
    for part in parts {
        let Part::Text { value, .. } = part else { return false };
        let Some(after) = rest.strip_prefix(value.as_str()) else { return false };
        rest = after;
    }
    rest.is_empty()
}

/// The expressions that lie in a part of an item.
fn exprs(ast: &ast::Item, area: TextRange) -> impl Iterator<Item = ExprId> + '_ {
    let all = (0..ast.expr_count()).map(|at| ExprId(at as u32));
    all.filter(move |it| area.contains_range(ast.expr_range(*it)))
}

/// What `namespace.name` is defined as.
fn imported(db: &dyn Db, item: Item, base: &Expr, name: &str) -> Option<Area> {
    let Expr::Name(namespace) = base else { return None };
    let file = import_target(db, resolve(db, item.file(db), namespace)?)?;
    value_of(db, resolve(db, file, name)?)
}

fn value_of(db: &dyn Db, item: Item) -> Option<Area> {
    let ast = item.ast(db);
    let value = match &ast.kind {
        ItemKind::Let(it) => it.value,
        ItemKind::Param(it) => it.default?,
        _ => return None,
    };
    Some((item, ast.expr_range(value)))
}
