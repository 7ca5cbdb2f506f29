//! The same text between other quotes: `"..."`, `r"..."` and `"""`.
//!
//! Offered at a text without a selection, and only where not a character changes.

use rush_syntax::ast::{Expr, ExprId, Part};

use super::{ActionKind, Offer, Site};
use crate::syntax::{exprs, indentation};

/// The offers for the text at the cursor.
pub(super) fn offers(site: &Site<'_>) -> Vec<Offer<'static>> {
    let holds = |id: ExprId| {
        let range = site.ast.expr_range(id);
        range.contains_range(site.selection) && range.end() > site.selection.start()
    };
    let mut texts: Vec<(ExprId, &[Part])> = exprs(site.ast)
        .filter(|(id, _)| holds(*id))
        .filter_map(|(id, it)| match it {
            Expr::Text(parts) => Some((id, parts.as_slice())),
            _ => None,
        })
        .collect();
    texts.sort_by_key(|(id, _)| site.ast.expr_range(*id).len());
    let Some((id, parts)) = texts.first().copied() else { return Vec::new() };
    let written = site.source(id);
    let mut found = Vec::new();
    let mut add = |name: &str, title: &str, text: Option<String>| {
        let offer = |text: String| {
            let edits = vec![site.edit(site.ast.expr_range(id), text)];
            Offer::new(name, title, ActionKind::Rewrite, edits)
        };
        found.extend(text.filter(|it| it != written).map(offer));
    };
    let is_block = written.contains("\"\"\"");
    let is_raw = written.starts_with('r');
    if !is_block && !is_raw && written.contains('\\') {
        add("text-to-raw", "write it without escapes: `r\"`", raw(parts));
    }
    if is_raw || is_block {
        add("text-to-plain", "write it on one line with escapes", escaped(site, parts));
    }
    if !is_block {
        add("text-to-block", "write it over several lines: `\"\"\"`", block(site, id, parts));
    }
    found
}

/// The value of a text without holes.
fn value(parts: &[Part]) -> Option<String> {
    let texts = parts.iter().map(|part| match part {
        Part::Text { value, .. } => Some(value.as_str()),
        Part::Hole { .. } => None,
    });
    texts.collect()
}

fn raw(parts: &[Part]) -> Option<String> {
    let value = value(parts)?;
    let fits = !value.contains('"') && !value.chars().any(char::is_control);
    fits.then(|| format!("r\"{value}\""))
}

fn escaped(site: &Site<'_>, parts: &[Part]) -> Option<String> {
    let mut text = String::from("\"");
    for part in parts {
        match part {
            Part::Text { value, .. } => value.chars().for_each(|sign| push(&mut text, sign)),
            Part::Hole { range, .. } => {
                let hole = crate::syntax::slice(site.text, *range);
                if hole.contains('\n') {
                    return None;
                }
                text.push_str(hole);
            }
        }
    }
    text.push('"');
    Some(text)
}

/// A sign as it is written between double quotes.
fn push(text: &mut String, sign: char) {
    match sign {
        '\\' | '"' | '$' => text.extend(['\\', sign]),
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        control if control.is_control() => text.extend(control.escape_unicode()),
        other => text.push(other),
    }
}

/// The text with a line for each of its lines; only for those that have some.
fn block(site: &Site<'_>, id: ExprId, parts: &[Part]) -> Option<String> {
    let is_inner = site
        .around(id)
        .iter()
        .any(|it| matches!(site.ast.expr(*it), Expr::Text(_) | Expr::Command(_)));
    let base = indentation(site.text, site.ast.expr_range(id).start().into());
    let mut body = String::new();
    for part in parts {
        match part {
            Part::Hole { range, .. } => body.push_str(crate::syntax::slice(site.text, *range)),
            Part::Text { value, .. } => {
                for sign in value.chars() {
                    match sign {
                        '\n' => body.push('\n'),
                        '"' => body.push('"'),
                        other => push(&mut body, other),
                    }
                }
            }
        }
    }
    let lines: Vec<&str> = body.split('\n').collect();
    // The first and the last blank line, and white space around lines, would not survive.
    let is_fit = lines.len() > 1
        && !is_inner
        && !body.contains("\"\"\"")
        && lines.first().is_some_and(|it| !it.starts_with([' ', '\t']))
        && lines.iter().all(|it| !it.ends_with([' ', '\t']))
        && lines.last().is_some_and(|it| !it.is_empty())
        && lines.first().is_some_and(|it| !it.is_empty());
    let lines =
        lines.iter().map(|it| if it.is_empty() { String::new() } else { format!("{base}  {it}") });
    is_fit.then(|| format!("\"\"\"\n{}\n{base}\"\"\"", lines.collect::<Vec<_>>().join("\n")))
}
