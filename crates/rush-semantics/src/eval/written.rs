//! The fields and commands of a declaration as they are written, in it or in what it extends.
//!
//! For who looks at a source without planning it: nothing is evaluated, so what a parameter decides stays open.
//! Defaults of a workspace or a profile belong to these, and are not found here.

use std::ops::Range;

use rush_syntax::ast::{self, Element, Expr, ExprId, Member, Part};
use smol_str::SmolStr;

use crate::db::{Db, Item};
use crate::kinds::kind;
use crate::names::with_bases;

/// A field that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenField {
    /// Its name.
    pub name: SmolStr,
    /// The source of its value, without the indentation of its place.
    pub source: String,
    /// The keys of a record that is written out.
    pub keys: Vec<SmolStr>,
    /// Where it is written: the declaration itself or one that it extends.
    pub item: Item,
}

/// A command that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrittenCommand {
    /// A program with its arguments, without the quotes around them.
    Argv(String),
    /// A script.
    Script {
        /// Its language.
        tag: SmolStr,
        /// Its text.
        text: String,
    },
    /// Something that comes to commands: a condition, a call, a list with `for`.
    Value(String),
}

/// The fields of a declaration in the order of its kind; one that is merged stands once for each place it is
/// written in, its own before those of what it extends.
pub fn written_fields(db: &dyn Db, item: Item) -> Vec<WrittenField> {
    let Some(kind) = kind(db, item.kind(db)) else { return Vec::new() };
    let mut found = Vec::new();
    for field in &kind.fields {
        let places = with_bases(db, item)
            .filter_map(|place| Some((place, place.ast(db).field(&field.name)?.value)));
        let count = if field.is_merge { usize::MAX } else { 1 };
        found.extend(places.take(count).map(|(place, value)| WrittenField {
            name: field.name.clone(),
            source: source(place.ast(db), place.text(db), value),
            keys: keys(place.ast(db), value),
            item: place,
        }));
    }
    found
}

/// What a declaration runs; nothing when it runs nothing.
pub fn written_commands(db: &dyn Db, item: Item) -> Vec<WrittenCommand> {
    let found =
        with_bases(db, item).find_map(|item| Some((item, item.ast(db).field("run")?.value)));
    let Some((item, value)) = found else { return Vec::new() };
    let mut commands = Vec::new();
    collect(item.ast(db), item.text(db), value, &mut commands);
    commands
}

fn collect(ast: &ast::Item, text: &str, value: ExprId, commands: &mut Vec<WrittenCommand>) {
    match ast.expr(value) {
        Expr::None | Expr::Missing => {}
        Expr::Command(_) => commands.push(WrittenCommand::Argv(argv(slice(ast, text, value)))),
        Expr::Script { tag, body } => {
            let text = body.iter().map(|part| match part {
                Part::Text { value, .. } => value.as_str(),
                Part::Hole { .. } => "",
            });
            let text = text.collect();
            commands.push(WrittenCommand::Script { tag: tag.text.clone(), text });
        }
        Expr::List(elements) if elements.iter().all(|it| matches!(it, Element::Value(_))) => {
            for element in elements {
                if let Element::Value(value) = element {
                    collect(ast, text, *value, commands);
                }
            }
        }
        _ => commands.push(WrittenCommand::Value(source(ast, text, value))),
    }
}

/// A command without its quotes, its lines without what they are indented by.
fn argv(source: &str) -> String {
    let inner = source.strip_prefix("argv\"\"\"").and_then(|it| it.strip_suffix("\"\"\""));
    match inner {
        Some(lines) => {
            let lines = lines.lines().map(str::trim).filter(|it| !it.is_empty());
            lines.collect::<Vec<_>>().join("\n")
        }
        None => source.trim_matches('`').to_owned(),
    }
}

fn keys(ast: &ast::Item, value: ExprId) -> Vec<SmolStr> {
    let Expr::Record(record) = ast.expr(value) else { return Vec::new() };
    let keys = record.members.iter().filter_map(|it| match it {
        Member::Field(field) => Some(field.name.text.clone()),
        Member::Let(_) | Member::Check(_) | Member::Spread { .. } => None,
    });
    keys.collect()
}

fn slice<'t>(ast: &ast::Item, text: &'t str, value: ExprId) -> &'t str {
    text.get(Range::<usize>::from(ast.expr_range(value))).unwrap_or_default()
}

/// The source of a value, its further lines without the indentation of the line it begins in. A text over several
/// lines would become another one, so it stays as it is.
fn source(ast: &ast::Item, text: &str, value: ExprId) -> String {
    let source = slice(ast, text, value);
    if source.contains("\"\"\"") {
        return source.to_owned();
    }
    let before = text.get(..usize::from(ast.expr_range(value).start())).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let indented = line.len() - line.trim_start_matches([' ', '\t']).len();
    let indentation = line.get(..indented).unwrap_or_default();
    let lines = source.lines().enumerate().map(|(at, line)| match at {
        0 => line,
        _ => line.strip_prefix(indentation).unwrap_or(line),
    });
    lines.collect::<Vec<_>>().join("\n")
}
