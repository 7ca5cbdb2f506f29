//! Names of the world outside that items write: programs, variables.
//!
//! Nobody declares them, so those that the items of a workspace name are the best guess at what another one may name.

use rush_syntax::ast::{self, Element, Expr, ExprId, Member, Part, Record, fixed_text};
use smol_str::SmolStr;

use crate::db::{Db, Item};

/// What an item names of the world outside, as often as it does so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outside {
    /// The programs that it runs or lists as `tools`.
    pub programs: Vec<SmolStr>,
    /// The variables that it lets through.
    pub passed: Vec<SmolStr>,
    /// The variables that it sets.
    pub set: Vec<SmolStr>,
}

/// What an item names of the world outside, kept for those who are written beside it.
#[salsa::tracked(returns(ref))]
pub fn outside(db: &dyn Db, item: Item) -> Outside {
    outside_of(item.ast(db))
}

/// What an item names of the world outside.
pub fn outside_of(ast: &ast::Item) -> Outside {
    let exprs = (0..ast.expr_count() as u32).map(|at| ast.expr(ExprId(at)));
    let commands = exprs.filter_map(|it| match it {
        Expr::Command(parts) => first_word(parts),
        _ => None,
    });
    let mut found = Outside { programs: commands.collect(), ..Outside::default() };
    for record in records(ast) {
        found.programs.extend(texts(ast, record, "tools"));
        found.passed.extend(texts(ast, record, "pass_env"));
        found.set.extend(keys(ast, record, "env"));
    }
    found
}

/// The records with the fields of a task: that of a declaration, and its `defaults`.
fn records(ast: &ast::Item) -> impl Iterator<Item = &Record> {
    let body = ast.decl().map(|it| &it.body);
    let defaults = body.and_then(|it| ast.record_in(it, "defaults"));
    body.into_iter().chain(defaults)
}

/// The keys of the record in a field.
fn keys<'a>(
    ast: &'a ast::Item,
    record: &'a Record,
    field: &str,
) -> impl Iterator<Item = SmolStr> + use<'a> {
    let members = ast.record_in(record, field).into_iter().flat_map(|it| &it.members);
    members.filter_map(|it| match it {
        Member::Field(it) => Some(it.name.text.clone()),
        Member::Let(_) | Member::Check(_) | Member::Spread { .. } => None,
    })
}

/// The texts of the list in a field.
fn texts(ast: &ast::Item, record: &Record, field: &str) -> Vec<SmolStr> {
    record.field(field).map(|it| texts_in(ast, it.value)).unwrap_or_default()
}

/// The texts that stand in a list themselves.
pub fn texts_in(ast: &ast::Item, list: ExprId) -> Vec<SmolStr> {
    let Expr::List(elements) = ast.expr(list) else { return Vec::new() };
    let texts = elements.iter().filter_map(|it| match it {
        Element::Value(value) => match ast.expr(*value) {
            Expr::Text(parts) => fixed_text(parts),
            _ => None,
        },
        Element::Spread(_) | Element::For { .. } | Element::If { .. } => None,
    });
    texts.collect()
}

/// The program that a command names, if it does so without quotes and values.
fn first_word(parts: &[Part]) -> Option<SmolStr> {
    let Part::Text { value, .. } = parts.first()? else { return None };
    let (word, is_whole) = match value.trim_start().split_once(char::is_whitespace) {
        Some((word, _)) => (word, true),
        None => (value.trim(), parts.len() == 1),
    };
    let is_name = is_whole && !word.contains(['"', '\'', '\\']);
    is_name.then(|| SmolStr::from(word))
}
