//! What a condition says about the values it compares.

use rush_syntax::ast::{BinaryOp, Expr, ExprId, UnaryOp};
use smol_str::SmolStr;

use super::context::{Context, Narrowable};
use crate::ty::{Ty, fits, is_subtype, overlaps, union, without};

impl Context<'_> {
    /// Runs `visit` knowing that `condition`, which was visited before, has the given outcome.
    pub fn assuming<T>(
        &mut self,
        condition: ExprId,
        outcome: Outcome,
        visit: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let depth = self.narrowed.len();
        self.assume(condition, outcome);
        let result = visit(self);
        self.narrowed.truncate(depth);
        result
    }

    fn assume(&mut self, condition: ExprId, outcome: Outcome) {
        match (self.ast.expr(condition), outcome) {
            (Expr::Unary { op: UnaryOp::Not, operand }, _) => self.assume(*operand, !outcome),
            (Expr::Binary { op: BinaryOp::And, left, right, .. }, Outcome::Holds)
            | (Expr::Binary { op: BinaryOp::Or, left, right, .. }, Outcome::Fails) => {
                self.assume(*left, outcome);
                self.assume(*right, outcome);
            }
            (Expr::Binary { op: BinaryOp::Equal, left, right, .. }, _) => {
                self.assume_equal(*left, *right, outcome);
            }
            (Expr::Binary { op: BinaryOp::NotEqual, left, right, .. }, _) => {
                self.assume_equal(*left, *right, !outcome);
            }
            (Expr::Binary { op: BinaryOp::In, left, right, .. }, _) => {
                if let Ty::List(element) = self.out.ty(*right).bare().clone() {
                    self.narrow(*left, &element, outcome);
                }
            }
            _ => {}
        }
    }

    fn assume_equal(&mut self, left: ExprId, right: ExprId, outcome: Outcome) {
        let (left_ty, right_ty) = (self.out.ty(left).clone(), self.out.ty(right).clone());
        self.narrow(left, &right_ty, outcome);
        self.narrow(right, &left_ty, outcome);
    }

    /// What the conditions around know of `expr`, which is a field or an index of `declared` type.
    pub fn narrowed_part(&self, expr: ExprId, declared: Ty) -> Ty {
        if self.narrowed.is_empty() || declared.is_error() {
            return declared;
        }
        let target = self.narrowable(expr);
        target.and_then(|it| self.narrowed_type(&it)).unwrap_or(declared)
    }

    /// The value that an expression which was visited before names, when it names one.
    fn narrowable(&self, expr: ExprId) -> Option<Narrowable> {
        let mut path = Vec::new();
        let mut at = expr;
        loop {
            if let Some(root) = self.out.meanings.get(&at).filter(|it| it.is_value()) {
                path.reverse();
                return Some(Narrowable { root: root.clone(), path });
            }
            let (base, step) = match self.ast.expr(at) {
                Expr::Field { base, name } => (*base, name.text.clone()),
                Expr::Index { base, index } => (*base, self.literal_key(*index)?),
                _ => return None,
            };
            path.push(step);
            at = base;
        }
    }

    /// The text of a key that is written as a text without holes.
    fn literal_key(&self, index: ExprId) -> Option<SmolStr> {
        match self.ast.expr(index) {
            Expr::Text(_) => self.out.ty(index).literal_texts()?.pop(),
            _ => None,
        }
    }

    /// Remembers that the value of `expr` is (or is not) one of `ty`.
    fn narrow(&mut self, expr: ExprId, ty: &Ty, outcome: Outcome) {
        let Some(target) = self.narrowable(expr) else { return };
        let before = self.out.ty(expr).clone();
        let after = match outcome {
            Outcome::Holds => {
                let kept = before.members().iter().flat_map(|member| common(member, ty));
                union(kept.collect())
            }
            Outcome::Fails if is_single(ty) => without(&before, ty),
            Outcome::Fails => return,
        };
        if after != Ty::Never && fits(&after, &before) != crate::ty::Fit::No {
            self.narrowed.push((target, after));
        }
    }
}

/// What a value of type `member` may be when it is also one of `ty`: a literal where one is known, such as
/// 5 of `int`.
fn common(member: &Ty, ty: &Ty) -> Vec<Ty> {
    let shared: Vec<&Ty> = ty.members().iter().filter(|it| overlaps(member, it)).collect();
    if shared.iter().all(|it| is_single(it) && is_subtype(it, member)) {
        shared.into_iter().cloned().collect()
    } else {
        vec![member.clone()]
    }
}

/// Whether every value of the type is known by its type alone, so that "not equal" removes it.
fn is_single(ty: &Ty) -> bool {
    ty.members().iter().all(|member| match member.bare() {
        Ty::None | Ty::Text(crate::ty::TextTy::Literal(_)) => true,
        Ty::Int(limits) => limits.single().is_some(),
        _ => false,
    })
}

/// Whether a condition is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is.
    Holds,
    /// It is not.
    Fails,
}

impl std::ops::Not for Outcome {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
        }
    }
}
