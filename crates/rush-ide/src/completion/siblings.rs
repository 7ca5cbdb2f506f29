//! What declarations nearby do, as a guess at what is wanted here.

use rush_semantics::Item;
use rush_syntax::ast::{Expr, ItemKind, Member, Record};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Site;

/// How many declarations are looked at.
const SIBLINGS_MAX: usize = 64;
/// How many of their values are proposed.
const VALUES_MAX: usize = 5;

impl<'a> Site<'a> {
    /// The nearest declarations of the same kind in the file, the item itself excluded.
    pub(super) fn siblings(self) -> Vec<Item> {
        let kind = match &self.draft.ast.kind {
            ItemKind::Decl(decl) => decl.kind(),
            _ => self.draft.placed.item.kind(self.db),
        };
        self.nearest(|it| it.kind(self.db) == kind)
    }

    /// The nearest items of the file that are wanted, the item itself excluded.
    pub(super) fn nearest(self, is_wanted: impl Fn(Item) -> bool) -> Vec<Item> {
        let (db, own) = (self.db, self.draft.placed.item);
        let items = self.draft.file(db).items(db);
        let at = items.iter().position(|it| *it == own).unwrap_or_default();
        let before = items.get(..at).unwrap_or_default().iter().rev();
        let after = items.get(at + 1..).unwrap_or_default().iter();
        let is_wanted = |it: &&Item| is_wanted(**it);
        let before = before.filter(is_wanted).take(SIBLINGS_MAX / 2);
        before.chain(after.filter(is_wanted).take(SIBLINGS_MAX / 2)).copied().collect()
    }

    /// How often siblings write each field: of themselves, or of the record in `field`.
    pub(super) fn used_fields(self, field: Option<&str>) -> FxHashMap<&'a SmolStr, usize> {
        let mut used = FxHashMap::default();
        for item in self.siblings() {
            let ast = item.ast(self.db);
            let ItemKind::Decl(decl) = &ast.kind else { continue };
            let record = match field {
                None => Some(&decl.body),
                Some(field) => ast.record_in(&decl.body, field),
            };
            for name in record.into_iter().flat_map(names) {
                *used.entry(name).or_insert(0) += 1;
            }
        }
        used
    }

    /// The numbers, durations and sizes that siblings give a field, the most used first.
    pub(super) fn used_values(self, field: &str) -> Vec<String> {
        let mut used: FxHashMap<&str, usize> = FxHashMap::default();
        for item in self.siblings() {
            let ast = item.ast(self.db);
            let Some(value) = ast.field(field).map(|it| it.value) else { continue };
            let is_number = matches!(
                ast.expr(value),
                Expr::Int(_) | Expr::Float(_) | Expr::Duration(_) | Expr::Size(_)
            );
            let range = std::ops::Range::<usize>::from(ast.expr_range(value));
            if let Some(text) = item.text(self.db).get(range).filter(|_| is_number) {
                *used.entry(text).or_insert(0) += 1;
            }
        }
        let mut used: Vec<(&str, usize)> = used.into_iter().collect();
        used.sort_unstable_by_key(|(text, count)| (std::cmp::Reverse(*count), *text));
        used.into_iter().take(VALUES_MAX).map(|(text, _)| text.to_owned()).collect()
    }
}

/// The names of the fields of a record.
pub(super) fn names(record: &Record) -> impl Iterator<Item = &SmolStr> {
    record.members.iter().filter_map(|member| match member {
        Member::Field(field) => Some(&field.name.text),
        _ => None,
    })
}
