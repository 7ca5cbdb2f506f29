//! The calls of one service in `needs`, and whether they are calls of one instance. Arguments are only
//! compared where both are written as constants.

use rush_syntax::ast::{self, Element, Expr, ExprId, fixed_text};
use smol_str::SmolStr;

use super::Meaning;
use super::context::Context;
use crate::db::Item;
use crate::signature::{match_args, signature};

/// A value that is written out.
#[derive(PartialEq)]
pub(super) enum Constant {
    None,
    Bool(bool),
    Number(f64),
    Duration(i64),
    Size(i64),
    Text(SmolStr),
}

impl Context<'_> {
    /// The first call of a service in `needs`, and the first of another instance; `None` when there are no such two,
    /// or the list is not written out.
    pub(super) fn differing_calls(&self, service: Item) -> Option<[ExprId; 2]> {
        let Expr::List(elements) = self.ast.expr(self.own_field("needs")?) else { return None };
        let mut calls = elements.iter().filter_map(|element| {
            let Element::Value(value) = element else { return None };
            let (named, args) = match self.ast.expr(*value) {
                Expr::Call { callee, args, .. } => (callee, args.as_slice()),
                _ => (value, &[][..]),
            };
            if self.out.meanings.get(named) != Some(&Meaning::Item(service)) {
                return None;
            }
            Some((*value, self.constant_arguments(service, args)?))
        });
        let (first, args) = calls.next()?;
        let (other, _) = calls.find(|(_, it)| *it != args)?;
        Some([first, other])
    }

    /// What each parameter of a service is in a call; `None` unless all are constants.
    fn constant_arguments(&self, service: Item, args: &[ast::Arg]) -> Option<Vec<Constant>> {
        let names = signature(self.db, service).params.iter().map(|it| it.name.as_str());
        let given = match_args(names, &[], args).by_param;
        let declared = self.ast_of(service);
        let params = declared.decl().and_then(|it| it.params.as_deref()).unwrap_or_default();
        let pairs = params.iter().zip(given);
        let constants = pairs.map(|(param, given)| match (given, param.default) {
            (Some(given), _) => constant(self.ast, given),
            (None, Some(default)) => constant(declared, default),
            (None, None) => None,
        });
        constants.collect()
    }
}

/// The value of an expression that is written out.
pub(super) fn constant(ast: &ast::Item, id: ExprId) -> Option<Constant> {
    Some(match ast.expr(id) {
        Expr::None => Constant::None,
        Expr::Bool(it) => Constant::Bool(*it),
        Expr::Int(it) => Constant::Number(*it as f64),
        Expr::Float(it) => Constant::Number(*it),
        Expr::Duration(it) => Constant::Duration(*it),
        Expr::Size(it) => Constant::Size(*it),
        Expr::Text(parts) => Constant::Text(fixed_text(parts)?),
        _ => return None,
    })
}
