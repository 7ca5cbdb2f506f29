//! Texts from outside become values of a type: flags, `--set` and the environment, all alike.
//!
//! Numbers, durations and sizes are read by the parser of the language, so that what can be written
//! in a file can be given on the command line. The text forms of values are accepted too.

use rush_diagnostics::Code;
use rush_plan::Given;
use rush_syntax::ast::{Expr, ItemKind};
use rush_syntax::{Dialect, parse_item};
use smol_str::SmolStr;

use super::convert::{Problem, check};
use super::show::show;
use super::value::Value;
use super::view::View;
use crate::db::Db;
use crate::ty::{Number, TextTy, Ty, is_settable, strip_none};

/// The value of `ty` that a text stands for. Of a list it is the whole, with commas between the
/// elements, since a variable or a file can't be given twice.
pub(super) fn parse(db: &dyn Db, text: &str, ty: &Ty) -> Result<Value, Problem> {
    let wanted = strip_none(ty);
    if text == "none" && ty.may_be_none() && !holds_text(&wanted) {
        return Ok(Value::None);
    }
    if let Ty::List(element) = wanted.bare() {
        let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        let elements = parts.map(|part| parse(db, part, element)).collect::<Result<_, _>>()?;
        return Ok(Value::list(elements));
    }
    // Of several readings the first that also satisfies its refinement wins.
    let mut readings = wanted.members().iter().filter_map(|member| read(text, member));
    readings
        .find(|value| check(db, value, &wanted).is_ok())
        .ok_or_else(|| unreadable(db, text, &wanted))
}

fn holds_text(ty: &Ty) -> bool {
    ty.members().iter().any(|it| matches!(it.bare(), Ty::Text(TextTy::Any)))
}

/// The value a text stands for where this one type, no union, is expected.
fn read(text: &str, ty: &Ty) -> Option<Value> {
    match ty.bare() {
        Ty::Bool => match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        Ty::Int(_) => match number(text)? {
            value @ Value::Int(_) => Some(value),
            _ => None,
        },
        Ty::Float(_) => match number(text)? {
            Value::Int(it) => Some(Value::Float(it as f64)),
            value @ Value::Float(_) => Some(value),
            _ => None,
        },
        Ty::Duration(_) => match number(text) {
            Some(value @ Value::Duration(_)) => Some(value),
            _ => seconds(text),
        },
        Ty::Size(_) => match number(text)? {
            value @ Value::Size(_) => Some(value),
            Value::Int(it) => Some(Value::Size(it)),
            _ => None,
        },
        Ty::Text(_) => Some(Value::text(text)),
        Ty::Path => Some(Value::Path(text.into())),
        Ty::Glob if rush_plan::Glob::check(text).is_ok() => Some(Value::Glob(text.into())),
        Ty::Regex if crate::constant::regex_problem(text).is_none() => {
            Some(Value::Regex(text.into()))
        }
        Ty::Cron => Some(Value::Cron(text.into())),
        _ => None,
    }
}

/// A number, duration or size as the language writes it, with an optional sign.
fn number(text: &str) -> Option<Value> {
    let is_number = text.starts_with(|it: char| it.is_ascii_digit() || it == '-');
    let is_plain = text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it));
    if !is_number || !is_plain {
        return None;
    }
    let parsed = parse_item(&format!("let x = {text}\n"), Dialect::File);
    if !parsed.errors.is_empty() {
        return None;
    }
    let ItemKind::Let(it) = &parsed.item.kind else { return None };
    match parsed.item.expr(it.value) {
        Expr::Int(it) => Some(Value::Int(*it)),
        Expr::Float(it) => Some(Value::Float(*it)),
        Expr::Duration(it) => Some(Value::Duration(*it)),
        Expr::Size(it) => Some(Value::Size(*it)),
        _ => None,
    }
}

/// `0.5s`, the text form of durations below a second.
fn seconds(text: &str) -> Option<Value> {
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    let nanoseconds = (seconds * 1e9).round();
    (nanoseconds.abs() < i64::MAX as f64).then_some(Value::Duration(nanoseconds as i64))
}

/// Why no reading of the text fits: the problem of the reading that came nearest.
fn unreadable(db: &dyn Db, text: &str, ty: &Ty) -> Problem {
    let simple =
        |message| Problem { code: Code::TypeMismatch, message, help: None, candidates: Vec::new() };
    if !is_settable(ty) {
        let problem = simple(format!("a value of type `{ty}` can't be given as text"));
        return Problem { code: Code::UnsettableParameter, ..problem };
    }
    let reading = ty.members().iter().find_map(|member| read(text, member));
    if let Some(problem) = reading.and_then(|value| check(db, &value, ty).err()) {
        return problem;
    }
    if let Some((code, message)) = bad_pattern(text, ty) {
        return Problem { code, ..simple(message) };
    }
    let example = ty.members().first().and_then(|it| example(db, it));
    let problem = simple(format!("expected {ty}, found {text:?}"));
    Problem { help: example.map(|it| format!("write {it}")), ..problem }
}

/// What is wrong with a text where only a pattern is expected.
fn bad_pattern(text: &str, ty: &Ty) -> Option<(Code, String)> {
    match ty.bare() {
        Ty::Glob => {
            let why = rush_plan::Glob::check(text).err()?.message;
            Some((Code::BadGlob, format!("bad glob `{text}`: {why}")))
        }
        Ty::Regex => {
            let (_, why) = crate::constant::regex_problem(text)?;
            Some((Code::BadRegex, format!("bad regular expression `{text}`: {why}")))
        }
        _ => None,
    }
}

/// What could be written for a type, as the end of a sentence that begins with "write".
fn example(db: &dyn Db, ty: &Ty) -> Option<String> {
    let (what, usual) = match ty.bare() {
        Ty::Bool => return Some("`true` or `false`".to_owned()),
        Ty::Int(limits) => ("a whole number", Value::Int(limits.nearest(8))),
        Ty::Float(limits) => ("a number", Value::Float(limits.nearest(Number(0.5)).0)),
        Ty::Duration(limits) => ("a duration", Value::Duration(limits.nearest(30_000_000_000))),
        Ty::Size(limits) => ("a size", Value::Size(limits.nearest(64_000))),
        _ => return None,
    };
    // A bound that is left out of the range, or a named refinement, may forbid it.
    let shown = check(db, &usual, ty).is_ok().then(|| show(db, &View::Nowhere, &usual));
    Some(shown.map_or_else(|| what.to_owned(), |shown| format!("{what} such as `{shown}`")))
}

/// The value of `ty` that a flag was given.
pub(super) fn parse_given(db: &dyn Db, given: &Given, ty: &Ty) -> Result<Value, Problem> {
    let wanted = strip_none(ty);
    match given {
        Given::Switch(it) if check(db, &Value::Bool(*it), &wanted).is_ok() => Ok(Value::Bool(*it)),
        Given::Switch(_) => Err(refused(format!("expected a value of type {ty}"))),
        Given::Texts(texts) => parse_texts(db, texts, ty),
    }
}

/// The value of `ty` that stands for these texts, one for each time it was given. Each is one element
/// of a list, so an element may have a comma; a single empty text is the empty list.
pub(super) fn parse_texts(db: &dyn Db, texts: &[String], ty: &Ty) -> Result<Value, Problem> {
    let wanted = strip_none(ty);
    match (texts, wanted.bare()) {
        ([text], Ty::List(_)) if text.is_empty() => Ok(Value::list(Vec::new())),
        ([text], Ty::List(element))
            if text == "none" && ty.may_be_none() && !holds_text(element) =>
        {
            Ok(Value::None)
        }
        (_, Ty::List(element)) => {
            let elements = texts.iter().map(|text| parse(db, text, element));
            Ok(Value::list(elements.collect::<Result<_, _>>()?))
        }
        ([text], _) => parse(db, text, ty),
        ([], _) => Err(refused(format!("expected a value of type {ty}"))),
        _ => Err(refused(format!("{} values were given where one is expected", texts.len()))),
    }
}

fn refused(message: String) -> Problem {
    Problem { code: Code::TypeMismatch, message, help: None, candidates: Vec::new() }
}

/// The texts that a flag of this type takes each time it is written, when they are listed.
pub fn flag_choices(ty: &Ty) -> Vec<SmolStr> {
    match strip_none(ty).bare() {
        Ty::List(element) => choices(element),
        _ => choices(ty),
    }
}

/// The text forms of a type's members, for completions and messages.
pub(super) fn choices(ty: &Ty) -> Vec<SmolStr> {
    let members = strip_none(ty);
    let texts = members.members().iter().filter_map(|member| match member.bare() {
        Ty::Text(TextTy::Literal(text)) => Some(text.clone()),
        Ty::Int(limits) => limits.single().map(|it| it.to_string().into()),
        _ => None,
    });
    texts.collect()
}
