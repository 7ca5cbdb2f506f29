//! The infix operators on values. `&&`, `||` and `??` are not here: they may skip an operand.

use std::cmp::Ordering;

use rush_syntax::ast::BinaryOp;

use super::cost::own_bytes;
use super::instance::InstanceId;
use super::report;
use super::session::{Eval, Place, Session};
use super::text::pieces_of;
use super::value::{Piece, Value, push_piece};
use super::view::View;

/// Why an operation has no result.
enum Trouble {
    Overflow,
    DivisionByZero,
    /// The checker should have refused the operands.
    Operands,
}

impl Session<'_> {
    /// The result of an operator that always needs both operands.
    pub(super) fn operate(
        &mut self,
        op: BinaryOp,
        left: Value,
        right: Value,
        (owner, place): (Option<InstanceId>, Place),
    ) -> Eval<Value> {
        let view = self.view(owner);
        match op {
            BinaryOp::Add => self.pay(own_bytes(&left) + own_bytes(&right), place)?,
            BinaryOp::Equal | BinaryOp::NotEqual => self.pay_for_whole(&left, place)?,
            BinaryOp::In => self.pay_for_whole(&right, place)?,
            _ => {}
        }
        let result = match op {
            BinaryOp::Equal => Ok(Value::Bool(view.are_equal(&left, &right))),
            BinaryOp::NotEqual => Ok(Value::Bool(!view.are_equal(&left, &right))),
            BinaryOp::Less => compare(&view, (&left, &right), Ordering::is_lt),
            BinaryOp::LessEqual => compare(&view, (&left, &right), Ordering::is_le),
            BinaryOp::Greater => compare(&view, (&left, &right), Ordering::is_gt),
            BinaryOp::GreaterEqual => compare(&view, (&left, &right), Ordering::is_ge),
            BinaryOp::In => contains(&view, &left, &right),
            BinaryOp::Add => add(left, right),
            BinaryOp::Subtract => subtract(&left, &right),
            BinaryOp::Multiply => multiply(&left, &right),
            BinaryOp::Divide => divide(&left, &right),
            BinaryOp::Remainder => remainder(&left, &right),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Otherwise => Err(Trouble::Operands),
        };
        result.map_err(|trouble| {
            let span = place.span(self.db);
            match trouble {
                Trouble::Overflow => self.fail(report::overflow(span)),
                Trouble::DivisionByZero => self.fail(report::division_by_zero(span)),
                Trouble::Operands => self.unexpected(place, "operands of other types"),
            }
        })
    }
}

fn compare(
    view: &View<'_>,
    (left, right): (&Value, &Value),
    holds: impl Fn(Ordering) -> bool,
) -> Result<Value, Trouble> {
    let ordering = match (left, right) {
        (Value::Int(a), Value::Int(b))
        | (Value::Duration(a), Value::Duration(b))
        | (Value::Size(a), Value::Size(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        (Value::Int(a), Value::Float(b)) => (*a as f64).total_cmp(b),
        (Value::Float(a), Value::Int(b)) => a.total_cmp(&(*b as f64)),
        (left, right) => match (view.letters(left), view.letters(right)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => return Err(Trouble::Operands),
        },
    };
    Ok(Value::Bool(holds(ordering)))
}

fn contains(view: &View<'_>, element: &Value, collection: &Value) -> Result<Value, Trouble> {
    let found = match collection {
        Value::List(elements) => elements.iter().any(|it| view.are_equal(it, element)),
        Value::Record(record) => view.letters(element).is_some_and(|it| record.get(&it).is_some()),
        other => match (view.letters(element), view.letters(other)) {
            (Some(element), Some(text)) => text.contains(&*element),
            _ => return Err(Trouble::Operands),
        },
    };
    Ok(Value::Bool(found))
}

fn add(left: Value, right: Value) -> Result<Value, Trouble> {
    match (left, right) {
        (Value::List(a), Value::List(b)) => Ok(Value::list([&*a, &*b].concat())),
        (Value::Text(a), Value::Text(b)) => Ok(Value::text(format!("{a}{b}"))),
        (a @ (Value::SecretText(_) | Value::PlacedText(_)), b)
        | (a, b @ (Value::SecretText(_) | Value::PlacedText(_))) => {
            let mut joined = pieces(&a)?;
            pieces(&b)?.into_iter().for_each(|it| push_piece(&mut joined, it));
            Ok(Value::joined(joined))
        }
        (left, right) => arithmetic(&left, &right, i64::checked_add, |a, b| a + b),
    }
}

fn pieces(value: &Value) -> Result<Vec<Piece>, Trouble> {
    match value {
        Value::Secret(item) => Ok(vec![Piece::Secret(*item)]),
        Value::SecretText(pieces) => Ok(pieces.to_vec()),
        Value::Text(_) | Value::PlacedText(_) => pieces_of(value).ok_or(Trouble::Operands),
        _ => Err(Trouble::Operands),
    }
}

fn subtract(left: &Value, right: &Value) -> Result<Value, Trouble> {
    arithmetic(left, right, i64::checked_sub, |a, b| a - b)
}

fn multiply(left: &Value, right: &Value) -> Result<Value, Trouble> {
    match (left, right) {
        (Value::Duration(it), Value::Int(by)) | (Value::Int(by), Value::Duration(it)) => {
            it.checked_mul(*by).map(Value::Duration).ok_or(Trouble::Overflow)
        }
        (Value::Size(it), Value::Int(by)) | (Value::Int(by), Value::Size(it)) => {
            it.checked_mul(*by).map(Value::Size).ok_or(Trouble::Overflow)
        }
        (Value::Duration(it), Value::Float(by)) | (Value::Float(by), Value::Duration(it)) => {
            rounded(*it as f64 * by).map(Value::Duration)
        }
        (Value::Size(it), Value::Float(by)) | (Value::Float(by), Value::Size(it)) => {
            rounded(*it as f64 * by).map(Value::Size)
        }
        _ => arithmetic(left, right, i64::checked_mul, |a, b| a * b),
    }
}

fn divide(left: &Value, right: &Value) -> Result<Value, Trouble> {
    if is_zero(right) {
        return Err(Trouble::DivisionByZero);
    }
    match (left, right) {
        (Value::Duration(it), Value::Int(by)) => {
            it.checked_div(*by).map(Value::Duration).ok_or(Trouble::Overflow)
        }
        (Value::Size(it), Value::Int(by)) => {
            it.checked_div(*by).map(Value::Size).ok_or(Trouble::Overflow)
        }
        (Value::Duration(it), Value::Float(by)) => rounded(*it as f64 / by).map(Value::Duration),
        (Value::Size(it), Value::Float(by)) => rounded(*it as f64 / by).map(Value::Size),
        (Value::Duration(a), Value::Duration(b)) | (Value::Size(a), Value::Size(b)) => {
            Ok(Value::Float(*a as f64 / *b as f64))
        }
        _ => arithmetic(left, right, i64::checked_div, |a, b| a / b),
    }
}

fn remainder(left: &Value, right: &Value) -> Result<Value, Trouble> {
    if is_zero(right) {
        return Err(Trouble::DivisionByZero);
    }
    arithmetic(left, right, i64::checked_rem, |a, b| a % b)
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Int(it) | Value::Duration(it) | Value::Size(it) => *it == 0,
        Value::Float(it) => *it == 0.0,
        _ => false,
    }
}

fn arithmetic(
    left: &Value,
    right: &Value,
    whole: impl Fn(i64, i64) -> Option<i64>,
    real: impl Fn(f64, f64) -> f64,
) -> Result<Value, Trouble> {
    let checked = |a: &i64, b: &i64| whole(*a, *b).ok_or(Trouble::Overflow);
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => checked(a, b).map(Value::Int),
        (Value::Duration(a), Value::Duration(b)) => checked(a, b).map(Value::Duration),
        (Value::Size(a), Value::Size(b)) => checked(a, b).map(Value::Size),
        (Value::Float(a), Value::Float(b)) => finite(real(*a, *b)),
        (Value::Int(a), Value::Float(b)) => finite(real(*a as f64, *b)),
        (Value::Float(a), Value::Int(b)) => finite(real(*a, *b as f64)),
        _ => Err(Trouble::Operands),
    }
}

fn finite(value: f64) -> Result<Value, Trouble> {
    if value.is_finite() { Ok(Value::Float(value)) } else { Err(Trouble::Overflow) }
}

fn rounded(value: f64) -> Result<i64, Trouble> {
    let rounded = value.round();
    let is_small = rounded.is_finite() && rounded.abs() < i64::MAX as f64;
    if is_small { Ok(rounded as i64) } else { Err(Trouble::Overflow) }
}
