//! `check` members and items: what the author demands of values, tested when they are known.

use rush_diagnostics::Diagnostic;
use rush_syntax::Kind;
use rush_syntax::ast::{BinaryOp, Check, Expr, ExprId, ItemKind, Member, UnaryOp};

use super::instance::InstanceId;
use super::report;
use super::session::{Eval, Scope, Session, Stop};
use super::show::show;
use super::value::Value;
use crate::db::SourceFile;

/// How many operands a message shows.
const SHOWN_OPERANDS_MAX: usize = 8;

impl<'db> Session<'db> {
    /// Tests one check.
    pub(super) fn check(&mut self, scope: &mut Scope<'db>, check: &Check) -> Eval<()> {
        if self.condition(scope, check.condition)? {
            return Ok(());
        }
        let message = match self.eval(scope, check.message)? {
            it @ (Value::Text(_) | Value::PlacedText(_)) => self.view(scope.owner).text(&it),
            _ => None,
        };
        let message = message.unwrap_or_else(|| "this must be true".to_owned());
        let span = scope.place(check.condition).span(self.db);
        let mut diagnostic = report::check_failed(span, &message);
        let mut operands = Vec::new();
        collect_operands(scope, check.condition, &mut operands);
        for operand in operands.into_iter().take(SHOWN_OPERANDS_MAX) {
            diagnostic = self.show_operand(scope, operand, diagnostic)?;
        }
        Err(self.fail(diagnostic))
    }

    fn show_operand(
        &mut self,
        scope: &mut Scope<'db>,
        operand: ExprId,
        diagnostic: Diagnostic,
    ) -> Eval<Diagnostic> {
        let value = match self.eval(scope, operand) {
            Ok(value) => show(self.db, &self.view(scope.owner), &value),
            // What is wrong with it, or has to be read for it, is told without it.
            Err(Stop::Failed | Stop::Needs) => return Ok(diagnostic),
            Err(stop) => return Err(stop),
        };
        let range = scope.ast.expr_range(operand);
        let source = scope.item.text(self.db).get(std::ops::Range::<usize>::from(range));
        let note = format!("`{}` is {value}", source.unwrap_or_default());
        let is_there = diagnostic.notes.contains(&note);
        Ok(if is_there { diagnostic } else { diagnostic.note(note) })
    }

    /// Tests the checks of a declaration and of what it extends.
    pub(super) fn check_members(&mut self, id: InstanceId) -> Eval<()> {
        let mut result = Ok(());
        for id in self.chain(id) {
            let item = self.instance(id).item;
            let mut scope = self.scope(item, Some(id))?;
            let members = scope.ast.decl().map(|it| it.body.members.as_slice());
            for member in members.unwrap_or_default() {
                if let Member::Check(check) = member {
                    match self.check(&mut scope, check) {
                        Err(stop @ Stop::Suspend(_)) => return Err(stop),
                        Err(stop) => result = Err(stop),
                        Ok(()) => {}
                    }
                }
            }
        }
        result
    }

    /// Tests the checks at the level of a file.
    pub(super) fn check_file(&mut self, file: SourceFile) {
        for &item in file.items(self.db).iter() {
            if item.kind(self.db) != Kind::Check {
                continue;
            }
            // What is wrong was reported; the next check may still say something.
            let _ = self.settle(|session| {
                let mut scope = session.scope(item, None)?;
                match &scope.ast.kind {
                    ItemKind::Check(check) => session.check(&mut scope, check),
                    _ => Ok(()),
                }
            });
        }
    }
}

/// The operands whose values explain a condition, from left to right, literals left out.
fn collect_operands(scope: &Scope<'_>, condition: ExprId, out: &mut Vec<ExprId>) {
    let mut waiting = vec![condition];
    while let Some(id) = waiting.pop() {
        match scope.ast.expr(id) {
            Expr::Binary { op: BinaryOp::And | BinaryOp::Or, left, right, .. } => {
                waiting.extend([*right, *left]);
            }
            Expr::Binary { left, right, .. } => {
                let shown = [*left, *right].into_iter().filter(|it| !is_literal(scope, *it));
                out.extend(shown);
            }
            Expr::Unary { op: UnaryOp::Not, operand } => waiting.push(*operand),
            _ if !is_literal(scope, id) => out.push(id),
            _ => {}
        }
    }
}

fn is_literal(scope: &Scope<'_>, id: ExprId) -> bool {
    matches!(
        scope.ast.expr(id),
        Expr::Missing
            | Expr::None
            | Expr::Bool(_)
            | Expr::Int(_)
            | Expr::Float(_)
            | Expr::Duration(_)
            | Expr::Size(_)
            | Expr::Text(_)
            | Expr::List(_)
            | Expr::Record(_)
    )
}
