//! From a task to a template with the fields that others may share.
//!
//! Offered in the head of a task that extends nothing, or for selected fields of one. What runs, what
//! it waits for, and what needs its parameters stays in the task.

use rush_semantics::infer::context_free::removal;
use rush_syntax::Kind;
use rush_syntax::ast::{Decl, Expr, Field, ItemKind, Member};
use text_size::{TextRange, TextSize};

use super::{ActionKind, Change, Offer, Site};
use crate::syntax::{exprs, slice};

/// Fields that belong to one task.
const OWN: &[&str] = &[
    "run", "finally", "needs", "steps", "after", "matrix", "outputs", "depfile", "confirm", "when",
];

/// The offer at a task.
pub(super) fn offer<'a>(site: &'a Site<'a>) -> Option<Offer<'a>> {
    let ItemKind::Decl(decl) = &site.ast.kind else { return None };
    let name = decl.name.as_ref()?;
    if decl.kind() != Kind::Task || decl.extends.is_some() || !decl.body.is_complete {
        return None;
    }
    let body = TextRange::new(decl.body.range.start() + TextSize::of('{'), decl.body.range.end());
    let in_head = site.selection.end() <= decl.body.range.start()
        && site.selection.start() >= decl.kind.range.start();
    let in_body = !site.selection.is_empty() && body.contains_range(site.selection);
    if !in_head && !in_body {
        return None;
    }
    let fields: Vec<&Field> = shared(site, decl)
        .filter(|it| in_head || site.selection.contains_range(it.range))
        .collect();
    // In what extends something, `base` is what it extends.
    let reads_base =
        exprs(site.ast).any(|(_, it)| matches!(it, Expr::Name(name) if name == "base"));
    if fields.is_empty() || reads_base {
        return None;
    }
    let title = "extract a template from this task";
    let name = name.text.as_str();
    Some(Offer::later("extract-template", title, ActionKind::Extract, move || {
        change(site, (decl, name), &fields)
    }))
}

/// The edits, once the template has a name.
fn change(site: &Site<'_>, (decl, name): (&Decl, &str), fields: &[&Field]) -> Change {
    let template = site.fresh_name(&format!("{name}_base"));
    let wholes: Vec<TextRange> = fields.iter().map(|it| whole(site.text, it)).collect();
    let lines: Vec<String> = wholes.iter().map(|it| text_of(site, *it)).collect();
    let start = site.start();
    let text = format!("template {template} {{\n  {}\n}}\n\n", lines.join("\n  "));
    let mut edits = vec![site.edit(TextRange::empty(start), text)];
    let head = TextRange::new(decl.kind.range.start(), decl.body.range.start());
    let head_end = head.start() + TextSize::of(slice(site.text, head).trim_end());
    edits.push(site.edit(TextRange::empty(head_end), format!(" extends {template}")));
    for range in merged(wholes.iter().map(|it| removal(site.text, *it)).collect()) {
        edits.push(site.edit(range, ""));
    }
    let place = TextRange::at(TextSize::of("template "), TextSize::of(&*template));
    Change::naming(edits, (0, place))
}

/// The fields that mean the same in a template.
fn shared<'a>(site: &Site<'a>, decl: &'a Decl) -> impl Iterator<Item = &'a Field> {
    let is_shared = |field: &&Field| {
        let value = site.ast.expr_range(field.value);
        let runs = exprs(site.ast).any(|(id, it)| {
            matches!(it, Expr::Script { .. } | Expr::Command(_))
                && value.contains_range(site.ast.expr_range(id))
        });
        let text = slice(site.text, field.range);
        // A body of text would move with another indentation.
        let moves = !text.contains("\"\"\"") && !text.contains("//");
        !OWN.contains(&field.name.text.as_str()) && !runs && moves && !site.needs_item(value)
    };
    let fields: Vec<&Field> = decl
        .body
        .members
        .iter()
        .filter_map(|member| match member {
            Member::Field(it) => Some(it),
            _ => None,
        })
        .filter(is_shared)
        .collect();
    fields.into_iter()
}

/// A field with what is said of it, for a line of its own, two deep.
fn text_of(site: &Site<'_>, whole: TextRange) -> String {
    let indentation = crate::syntax::indentation(site.text, whole.start().into());
    let written = slice(site.text, whole).trim_end_matches([',', ' ']);
    let lines = written.lines().map(|line| line.strip_prefix(indentation).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n  ")
}

/// A field with its docs, and with the comments in the lines above it.
fn whole(text: &str, field: &Field) -> TextRange {
    let documented = field.doc.as_ref().map_or(field.range, |it| it.range.cover(field.range));
    let mut start = usize::from(documented.start());
    let line = crate::syntax::line_start(text, start);
    if !text.get(line..start).unwrap_or_default().trim().is_empty() {
        return documented;
    }
    let above = text.get(..line).unwrap_or_default();
    let mut at = line;
    for line in above.split_inclusive('\n').rev().take_while(|it| is_comment(it)) {
        at -= line.len();
        start = at + line.len() - line.trim_start().len();
    }
    TextRange::new(crate::syntax::size(start), documented.end())
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Ranges that touch, as one.
fn merged(mut ranges: Vec<TextRange>) -> Vec<TextRange> {
    ranges.sort_by_key(|it| it.start());
    let mut found: Vec<TextRange> = Vec::new();
    for range in ranges {
        match found.last_mut() {
            Some(last) if last.end() >= range.start() => *last = last.cover(range),
            _ => found.push(range),
        }
    }
    found
}
