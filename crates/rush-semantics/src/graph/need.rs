//! The fix of RUSH0508: the task that writes, added to the `needs` of the one that reads.

use rush_diagnostics::{Edit, Fix, TextRange, TextSize};
use rush_syntax::ast::{Expr, Member};

use super::site::reference;
use super::{Call, Known};
use crate::db::{Db, Item};
use crate::names::with_bases;
use crate::report;

/// The fix, where `needs` is a list that is written out, or absent, and every call of the reader would need
/// the same call.
pub fn add_need(db: &dyn Db, reader: Item, writer: &Call) -> Option<Fix> {
    let need = reference(db, reader, writer)?;
    let declaration = reader.ast(db).decl()?;
    let is_called_with = |it: &Known| !matches!(it, Known::Default);
    if writer.args.iter().any(is_called_with) && is_a_family(db, reader) {
        return None;
    }
    let text: &str = reader.text(db);
    let (at, insert) = match declaration.body.field("needs") {
        Some(field) => {
            let ast = reader.ast(db);
            let Expr::List(_) = ast.expr(field.value) else { return None };
            behind_last(text, ast.expr_range(field.value), &need)?
        }
        None if inherits_needs(db, reader) => return None,
        None => first_member(text, declaration.body.range, &need)?,
    };
    let edit = Edit::replace(&reader.id(db), TextRange::empty(at), insert);
    Some(report::add_need(&need, edit))
}

/// Whether one declaration stands for several nodes.
fn is_a_family(db: &dyn Db, reader: Item) -> bool {
    let mut all = with_bases(db, reader).filter_map(|item| item.ast(db).decl());
    all.any(|it| it.params.iter().flatten().next().is_some() || it.body.field("matrix").is_some())
}

/// Writing the field would replace what a template has, and a spread may have it too.
fn inherits_needs(db: &dyn Db, reader: Item) -> bool {
    with_bases(db, reader).filter_map(|item| item.ast(db).decl()).any(|declaration| {
        let mut members = declaration.body.members.iter();
        declaration.body.field("needs").is_some()
            || members.any(|it| matches!(it, Member::Spread { .. }))
    })
}

/// Where to insert one more element into a list, and what.
fn behind_last(text: &str, list: TextRange, need: &str) -> Option<(TextSize, String)> {
    let close = list.end().checked_sub(TextSize::of(']'))?;
    let inside = text.get(usize::from(list.start())..usize::from(close))?;
    let before = inside.trim_end();
    let at = list.start() + TextSize::of(before);
    let is_split = inside.get(before.len()..).is_some_and(|it| it.contains('\n'));
    let insert = if is_split {
        let line = before.rsplit('\n').next().unwrap_or_default();
        let indent: String = line.chars().take_while(|it| it.is_whitespace()).collect();
        let indent = if before == "[" { indent_of(text, list.start()) + "  " } else { indent };
        format!("\n{indent}{need}")
    } else if before == "[" {
        need.to_owned()
    } else if before.ends_with(',') {
        format!(" {need}")
    } else {
        format!(", {need}")
    };
    Some((at, insert))
}

/// Where to insert the field `needs` into a body, and what.
fn first_member(text: &str, body: TextRange, need: &str) -> Option<(TextSize, String)> {
    let at = body.start() + TextSize::of('{');
    let close = body.end().checked_sub(TextSize::of('}'))?;
    let inside = text.get(usize::from(at)..usize::from(close))?;
    let insert = if inside.trim().is_empty() && !inside.contains('\n') {
        format!(" needs: [{need}]{}", if inside.is_empty() { " " } else { "" })
    } else if inside.contains('\n')
        && inside.split('\n').next().is_some_and(|it| it.trim().is_empty())
    {
        format!("\n{}  needs: [{need}]", indent_of(text, body.start()))
    } else {
        format!(" needs: [{need}],")
    };
    Some((at, insert))
}

/// The white space the line of an offset starts with.
fn indent_of(text: &str, at: TextSize) -> String {
    let before = text.get(..usize::from(at)).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.chars().take_while(|it| it.is_whitespace()).collect()
}
