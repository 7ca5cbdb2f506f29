//! What can be named everywhere: the matrix, the base, the host and the profile, and their parts.

use rush_semantics::infer::word_type;
use rush_semantics::kinds::kind;
use rush_semantics::ty::{Ty, strip_none};
use rush_syntax::ast::ExprId;

use super::items::writes;
use super::list::{List, Rank};
use super::wanted::Wanted;
use super::{Completion, CompletionKind, DocsId, Site};

impl Site<'_> {
    /// Adds the matrix, the base, the host and the profile.
    pub(super) fn surroundings(self, wanted: &Wanted, expr: ExprId, list: &mut List) {
        // A matrix does not speak of its own cells.
        let is_in_matrix = self.draft.parents.field_of(expr).is_some_and(|it| it == "matrix");
        let axes = if is_in_matrix { &[] } else { self.view.axes.as_slice() };
        for (axis, ty) in axes {
            let it = list.proposal(&format!("matrix.{axis}"), CompletionKind::Local).of_type(ty);
            list.add(wanted.rank(ty, Rank::Near), it);
        }
        for name in ["host", "profile"] {
            let Some(Ty::Record(record)) = word_type(name) else { continue };
            for field in &record.fields {
                let it = part(name, &field.name, &field.ty, list);
                add_part(it.documented(DocsId::member(&field.name)), &field.ty, wanted, list);
            }
            whole(name, wanted, list);
        }
        if !axes.is_empty() {
            whole("matrix", wanted, list);
        }
        if let Some(base) = self.view.base {
            let kind = kind(self.db, base.kind(self.db));
            let fields = kind.iter().flat_map(|it| &it.fields);
            // What it runs is no data.
            let is_data = |ty: &Ty| ty.members().iter().all(|it| *it.bare() != Ty::Command);
            for field in fields.filter(|it| is_data(&it.ty) && writes(self.db, base, &it.name)) {
                let ty = strip_none(&field.ty);
                let it = part("base", &field.name, &ty, list);
                add_part(it, &ty, wanted, list);
            }
            whole("base", wanted, list);
        }
    }
}

fn part(whole: &str, name: &str, ty: &Ty, list: &List) -> Completion {
    list.proposal(&format!("{whole}.{name}"), CompletionKind::Field).of_type(ty)
}

/// Adds a part of a word that only has parts, where it is known that it fits.
fn add_part(it: Completion, ty: &Ty, wanted: &Wanted, list: &mut List) {
    let is_known = matches!(wanted, Wanted::Of(_) | Wanted::Elements) && !ty.is_error();
    if is_known && wanted.rank(ty, Rank::Fits) == Rank::Fits {
        list.add(Rank::HasParts, it);
    }
}

/// Adds a word that only has parts; those that are known to fit are there themselves.
fn whole(name: &str, wanted: &Wanted, list: &mut List) {
    let rank = match wanted {
        Wanted::Of(_) | Wanted::Elements => Rank::Other,
        Wanted::Anything | Wanted::Scalar | Wanted::Arguments => Rank::HasParts,
    };
    let it = list.proposal(name, CompletionKind::Namespace);
    list.add(rank, it.documented(DocsId::word(name)));
}
