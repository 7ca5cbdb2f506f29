//! `if c then a else b`, cut at its words by hand, so that conditions may nest without a grammar that
//! calls itself.

use text_size::TextRange;

use super::Parser;
use super::expr::Node;
use crate::ast::{Expr, ExprId};
use crate::error;
use crate::kind::SyntaxKind;
use crate::token::DEPTH_MAX;

impl Parser {
    /// `if c then a else b`, cut at its words.
    pub(super) fn condition(
        &mut self,
        from: usize,
        end: usize,
        target: Option<ExprId>,
        depth: usize,
    ) -> (ExprId, usize) {
        let range = self.bytes(from, end);
        let whole = self.place(Node { expr: Expr::Missing, range, open: None }, target);
        if depth > DEPTH_MAX {
            self.errors.push(error::too_deep(range));
            return (whole, end);
        }
        let then_at = self.matching(from + 1, end, SyntaxKind::ThenWord);
        let (condition, stop) = self.branch(from + 1, then_at.unwrap_or(end), depth);
        let Some(then_at) = then_at else {
            return self.lone_if(whole, condition, (from, stop), end);
        };
        self.expect_branch_end(stop, then_at, "then");
        let else_at = self.matching(then_at + 1, end, SyntaxKind::ElseWord);
        let (then, stop) = self.branch(then_at + 1, else_at.unwrap_or(end), depth);
        let (otherwise, stop) = if let Some(else_at) = else_at {
            self.expect_branch_end(stop, else_at, "else");
            self.branch(else_at + 1, end, depth)
        } else {
            self.missing_else(from, stop);
            let at = self.bytes(stop, stop);
            (self.new_expr(Expr::Missing, at), stop)
        };
        self.set_expr(whole, Expr::If { condition, then, otherwise });
        if let Some(place) = self.expr_ranges.get_mut(whole.0 as usize) {
            let start = range.start();
            let tail = self.tokens.get(stop.wrapping_sub(1)).map_or(start, |it| it.range().end());
            *place = TextRange::new(start, tail.max(start));
        }
        (whole, stop)
    }

    fn lone_if(
        &mut self,
        whole: ExprId,
        condition: ExprId,
        place: (usize, usize),
        end: usize,
    ) -> (ExprId, usize) {
        let (from, stop) = place;
        self.missing_then(from, stop, end);
        let at = self.bytes(stop, stop);
        let then = self.new_expr(Expr::Missing, at);
        let otherwise = self.new_expr(Expr::Missing, at);
        self.set_expr(whole, Expr::If { condition, then, otherwise });
        (whole, end)
    }

    fn branch(&mut self, from: usize, end: usize, depth: usize) -> (ExprId, usize) {
        if self.kind(from, end) == Some(SyntaxKind::IfWord) {
            return self.condition(from, end, None, depth + 1);
        }
        let (node, stop) = self.operators(from, end);
        (self.place(node, None), stop)
    }

    /// The `then` or `else` of the `if` before `from`, past those of conditions inside.
    pub(super) fn matching(&self, from: usize, end: usize, word: SyntaxKind) -> Option<usize> {
        let mut inner = 0_u32;
        let mut at = from;
        while at < end {
            match self.kind(at, end)? {
                kind if kind == word && inner == 0 => return Some(at),
                SyntaxKind::IfWord => inner += 1,
                SyntaxKind::ElseWord => inner = inner.checked_sub(1)?,
                _ => {}
            }
            at = self.after(at);
        }
        None
    }
}
