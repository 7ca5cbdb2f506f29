//! Values as people write them, for messages.

use std::fmt::Write as _;

use super::value::{Record, Value};
use super::view::View;
use crate::db::Db;
use crate::ty;

/// How many characters of a value a message shows.
const SHOWN_CHARS_MAX: usize = 120;

/// The names of declarations, and from where paths are seen.
type Site<'a> = (&'a dyn Db, &'a View<'a>);

/// The value as it would be written in a source, shortened.
pub(super) fn show(db: &dyn Db, view: &View<'_>, value: &Value) -> String {
    let mut text = String::new();
    write((db, view), value, &mut text);
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn write((db, view): Site<'_>, value: &Value, out: &mut String) {
    if out.len() > SHOWN_CHARS_MAX * 4 {
        return;
    }
    // Writing to a String can't fail.
    let _ = match value {
        Value::None => write!(out, "none"),
        Value::Bool(it) => write!(out, "{it}"),
        Value::Int(it) => write!(out, "{it}"),
        Value::Float(it) => write!(out, "{it:?}"),
        Value::Duration(it) => write!(out, "{}", ty::duration(*it)),
        Value::Size(it) => write!(out, "{}", ty::size(*it)),
        Value::Text(it) | Value::Regex(it) | Value::Cron(it) => write!(out, "{it:?}"),
        Value::PlacedText(_) | Value::Path(_) | Value::Glob(_) => {
            write!(out, "{:?}", view.letters(value).unwrap_or_default())
        }
        Value::Secret(item) => write!(out, "{}", item.name(db)),
        Value::SecretText(_) => write!(out, "a text with a secret"),
        Value::Command(_) => write!(out, "a command"),
        Value::Reference(it) => write!(out, "{}", it.item.name(db)),
        Value::List(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write((db, view), element, out);
            }
            out.push(']');
            Ok(())
        }
        Value::Record(record) => {
            write_fields((db, view), record, ("{ ", " }"), out);
            Ok(())
        }
        Value::Tag(tag) => {
            out.push_str(&tag.name);
            write_fields((db, view), &tag.fields, ("(", ")"), out);
            Ok(())
        }
    };
}

fn write_fields(site: Site<'_>, record: &Record, (open, close): (&str, &str), out: &mut String) {
    if record.len() == 0 {
        out.push_str(open.trim());
        out.push_str(close.trim());
        return;
    }
    out.push_str(open);
    for (at, (name, value)) in record.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { ", " });
        out.push_str(name);
        out.push_str(": ");
        write(site, value, out);
    }
    out.push_str(close);
}
