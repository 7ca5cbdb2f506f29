//! Methods and operators on values that are known while a file is checked.
//!
//! It knows nothing of plans: what is not known stays so, and what a plan would report is no value here.

use rush_syntax::ast::BinaryOp;

use super::Known;
use super::term::Texts;
use super::value::Value;
use crate::eval::known_method;

/// `base.name(args)`
pub fn method(base: &Value, name: &str, args: &[Value]) -> Value {
    let args: Vec<Known> = args.iter().map(Value::known).collect();
    match known_method(&base.known(), name, &args) {
        Some(found) => {
            let texts = if name == "parent" { Texts::Paths } else { Texts::Patterns };
            Value::of_known(&found, texts)
        }
        None => Value::Unknown,
    }
}

/// An operator that needs both of its sides, except `+` and `==`.
pub fn operator(op: BinaryOp, left: &Value, right: &Value) -> Value {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => {
            comparison(op, left, right).unwrap_or_else(|| arithmetic(op, *left, *right))
        }
        (Value::Amount(left), Value::Amount(right)) => {
            comparison(op, left, right).unwrap_or(Value::Unknown)
        }
        (left, right @ Value::List(_)) if op == BinaryOp::In => contains(right, left),
        (left, right) => match (left.whole_text(), right.whole_text()) {
            (Some(left), Some(right)) => comparison(op, &left, &right).unwrap_or(Value::Unknown),
            _ => Value::Unknown,
        },
    }
}

fn comparison<T: Ord>(op: BinaryOp, left: &T, right: &T) -> Option<Value> {
    Some(Value::Bool(match op {
        BinaryOp::Less => left < right,
        BinaryOp::LessEqual => left <= right,
        BinaryOp::Greater => left > right,
        BinaryOp::GreaterEqual => left >= right,
        _ => return None,
    }))
}

fn arithmetic(op: BinaryOp, left: i64, right: i64) -> Value {
    let result = match op {
        BinaryOp::Subtract => left.checked_sub(right),
        BinaryOp::Multiply => left.checked_mul(right),
        BinaryOp::Divide => left.checked_div(right),
        BinaryOp::Remainder => left.checked_rem(right),
        _ => None,
    };
    result.map_or(Value::Unknown, Value::Int)
}

fn contains(list: &Value, wanted: &Value) -> Value {
    let Value::List(list) = list else { return Value::Unknown };
    if list.is_open || list.items.iter().any(|it| !it.is_certain) {
        return Value::Unknown;
    }
    let found: Option<Vec<bool>> = list.items.iter().map(|it| it.value.equals(wanted)).collect();
    found.map_or(Value::Unknown, |found| Value::Bool(found.contains(&true)))
}
