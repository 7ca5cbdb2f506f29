//! Names of profiles, where `profile.name` is compared with texts.

use rush_semantics::infer::Meaning;
use rush_semantics::names::{Namespace, file_names, files};
use rush_syntax::ast::{BinaryOp, Expr, ExprId};
use smol_str::SmolStr;

use super::Site;
use crate::draft::Parent;

impl Site<'_> {
    /// The profiles of the workspace, where an expression is compared with `profile.name`.
    pub(super) fn compared_profiles(self, expr: ExprId) -> Vec<SmolStr> {
        if !self.is_compared_with_profile(expr) {
            return Vec::new();
        }
        let names = files(self.db).flat_map(|file| {
            let names = file_names(self.db, file);
            names.names(Namespace::Profiles).cloned().collect::<Vec<_>>()
        });
        let mut names: Vec<SmolStr> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn is_compared_with_profile(self, expr: ExprId) -> bool {
        let parents = &self.draft.parents;
        let (compared, is_element) = match parents.get(expr) {
            Some(Parent::OfList(list)) => (*list, true),
            _ => (expr, false),
        };
        let Some(Parent::Part(whole)) = parents.get(compared) else { return false };
        let Expr::Binary { op, left, right, .. } = self.draft.ast.expr(*whole) else {
            return false;
        };
        let other = if compared == *left { *right } else { *left };
        let is_asked = match op {
            BinaryOp::Equal | BinaryOp::NotEqual => !is_element,
            BinaryOp::In => is_element && compared == *right,
            _ => false,
        };
        is_asked && self.is_profile_name(other)
    }

    /// `profile.name`
    fn is_profile_name(self, id: ExprId) -> bool {
        let Expr::Field { base, name } = self.draft.ast.expr(id) else { return false };
        let meaning = self.view.inference.meanings.get(base);
        name.text == "name" && meaning == Some(&Meaning::Profile)
    }
}
