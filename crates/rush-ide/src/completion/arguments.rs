//! Names of arguments.

use rush_semantics::infer::{Callee, Meaning};
use rush_syntax::ast::{Expr, ExprId};
use smol_str::SmolStr;

use super::docs::Owner;
use super::list::{List, Rank};
use super::{Completion, CompletionKind, DocsId, Insert, Site};
use crate::draft::WORD;

impl Site<'_> {
    /// Adds the names of the arguments that a call does not have yet.
    pub(super) fn argument_names(self, call: ExprId, list: &mut List) {
        let Expr::Call { callee, args, args_range } = self.draft.ast.expr(call) else { return };
        let Some(found) = self.view.calls.get(&args_range.start()) else { return };
        let is_written = |name: &SmolStr| {
            args.iter().filter_map(|it| it.name.as_ref()).any(|it| it.text == *name)
        };
        let positional = args.iter().take_while(|it| {
            it.name.is_none()
                && !matches!(self.draft.ast.expr(it.value), Expr::Name(name) if name == WORD)
        });
        let positional = positional.count();
        let has_colon = self.is_named();
        let params = found.params.iter().skip(positional);
        let params = params.map(|it| (&it.name, &it.ty, it.is_optional, it.default));
        let axes = found.axes.iter().map(|(name, ty)| (name, ty, true, None));
        for (name, ty, is_optional, default) in params.chain(axes) {
            if is_written(name) || self.is_method(*callee) {
                continue;
            }
            let label = format!("{name}:");
            let insert = if has_colon { name.to_string() } else { format!("{name}: ") };
            let it = list.proposal(&label, CompletionKind::Field).of_type(ty);
            let docs = match &found.callee {
                Callee::Item(item) => Some(DocsId::part(self.db, *item, Owner::Item, name)),
                Callee::Named(_) => None,
            };
            let default = default.and_then(|it| self.default_text(it));
            // What must be given is first written by position; what may be, by name.
            let rank = if is_optional { Rank::Near } else { Rank::Fits };
            let (insert, filter) = (Insert::Plain(insert), Some(name.to_string()));
            list.add(rank, Completion { default, insert, filter, docs, ..it });
        }
    }

    /// Whether an argument has its name already, so that only its value can stand there.
    pub(super) fn has_argument_name(self, call: ExprId, at: usize) -> bool {
        let Expr::Call { args, .. } = self.draft.ast.expr(call) else { return false };
        args.get(at).is_some_and(|it| it.name.is_some())
    }

    /// Whether a callee is a method: those take few arguments, by position.
    fn is_method(self, callee: ExprId) -> bool {
        let is_field = matches!(self.draft.ast.expr(callee), Expr::Field { .. });
        is_field && !matches!(self.view.inference.meanings.get(&callee), Some(Meaning::Item(_)))
    }
}
