//! What names mean, and the types and escapes that are no names.

use rush_semantics::{Db, Item};
use rush_syntax::Kind;
use rush_syntax::ast::{self, Expr, Part, Refinement, TypeExpr, TypeId};
use text_size::TextRange;

use super::{Modifiers, Token, TokenKind};
use crate::names::{Occurrence, Origins, Role, Where, occurrences_after};
use crate::syntax::{exprs, slice};
use crate::target::Target;

/// The names, primitive types and escapes of an item, in the order written.
pub(super) fn tokens(db: &dyn Db, origins: &Origins<'_>, item: Item) -> Vec<Token> {
    let ast = item.ast(db);
    let text = item.text(db);
    let mut found: Vec<Token> =
        occurrences_after(origins, item).iter().filter_map(|it| name(db, item, it)).collect();
    let named = found.len();
    types(ast, &mut found);
    escapes(ast, text, &mut found);
    if found.len() > named {
        found.sort_by_key(|it| it.range.start());
    }
    found
}

fn name(db: &dyn Db, item: Item, it: &Occurrence) -> Option<Token> {
    let (mut kind, mut modifiers) = meaning(db, &it.target)?;
    let text = item.text(db);
    let is_called = text.get(usize::from(it.range.end())..).is_some_and(|it| it.starts_with('('));
    if kind == TokenKind::Method && !is_called {
        kind = TokenKind::Field;
    }
    if it.role == Role::Declaration {
        modifiers = modifiers.and(Modifiers::DECLARATION);
    }
    if matches!(it.place, Where::Script | Where::ScriptName) {
        modifiers = modifiers.and(Modifiers::CAPTURED);
    }
    // The word an item opens with is no reference like others.
    let is_own = it.role == Role::Declaration && it.target == Target::Item(item);
    let kind = if is_own && kind == TokenKind::Kind { TokenKind::Type } else { kind };
    Some(Token { range: it.range, kind, modifiers })
}

/// What a name is; `None` for what stays a text.
fn meaning(db: &dyn Db, target: &Target) -> Option<(TokenKind, Modifiers)> {
    let library = |of: Item| {
        let is_library = of.file(db) == db.workspace().prelude(db);
        if is_library { Modifiers::DEFAULT_LIBRARY } else { Modifiers::NONE }
    };
    Some(match target {
        Target::Item(item) => {
            let (kind, modifiers) = item_kind(item.kind(db))?;
            (kind, modifiers.and(library(*item)))
        }
        Target::Parameter { .. } => (TokenKind::Parameter, Modifiers::READONLY),
        Target::Local { .. } => (TokenKind::Variable, Modifiers::READONLY),
        Target::Axis { .. } => (TokenKind::Axis, Modifiers::READONLY),
        Target::Field { owner: item, .. } | Target::Key { item, .. } => {
            (TokenKind::Field, library(*item))
        }
        Target::Tag { owner, .. } => (TokenKind::Member, library(*owner)),
        Target::Variable { .. } => (TokenKind::Field, Modifiers::NONE),
        Target::File(_) => return None,
        Target::Function(_) => (TokenKind::Function, Modifiers::DEFAULT_LIBRARY),
        Target::Member(_) => (TokenKind::Method, Modifiers::DEFAULT_LIBRARY),
        Target::Word(_) => (TokenKind::Variable, Modifiers::DEFAULT_LIBRARY),
    })
}

fn item_kind(kind: Kind) -> Option<(TokenKind, Modifiers)> {
    let value = Modifiers::READONLY.and(Modifiers::STATIC);
    Some(match kind {
        Kind::Task => (TokenKind::Task, Modifiers::NONE),
        Kind::Service => (TokenKind::Service, Modifiers::NONE),
        Kind::Template => (TokenKind::Template, Modifiers::NONE),
        Kind::Secret => (TokenKind::Secret, Modifiers::NONE),
        Kind::Profile => (TokenKind::Profile, Modifiers::NONE),
        Kind::Use => (TokenKind::Namespace, Modifiers::NONE),
        Kind::Let => (TokenKind::Variable, value),
        Kind::Param => (TokenKind::Parameter, value),
        Kind::Fn => (TokenKind::Function, Modifiers::NONE),
        Kind::Type => (TokenKind::Type, Modifiers::NONE),
        Kind::Kind => (TokenKind::Kind, Modifiers::NONE),
        _ => return None,
    })
}

/// The types that are part of the language, and the texts of unions.
fn types(ast: &ast::Item, found: &mut Vec<Token>) {
    let mut add = |range: TextRange, kind, modifiers| found.push(Token { range, kind, modifiers });
    for at in 0..ast.type_count() {
        let id = TypeId(at as u32);
        match ast.ty(id) {
            TypeExpr::Path { path, refinement } => {
                if let [name] = path.as_slice()
                    && is_primitive(&name.text)
                {
                    add(name.range, TokenKind::Type, Modifiers::DEFAULT_LIBRARY);
                }
                if let Some((Refinement::Pattern(pattern), _)) = refinement {
                    add(pattern.range, TokenKind::Pattern, Modifiers::NONE);
                }
            }
            TypeExpr::Map(_) => {
                let word = TextRange::at(ast.type_range(id).start(), 3.into());
                add(word, TokenKind::Type, Modifiers::DEFAULT_LIBRARY);
            }
            TypeExpr::Text(_) => add(ast.type_range(id), TokenKind::Member, Modifiers::NONE),
            _ => {}
        }
    }
}

fn is_primitive(name: &str) -> bool {
    matches!(
        name,
        "bool"
            | "int"
            | "float"
            | "string"
            | "duration"
            | "size"
            | "path"
            | "glob"
            | "regex"
            | "cron"
            | "command"
            | "secret"
    )
}

/// The escapes in texts.
fn escapes(ast: &ast::Item, text: &str, found: &mut Vec<Token>) {
    for (_, expr) in exprs(ast) {
        let Expr::Text(parts) = expr else { continue };
        let escapes = parts.iter().filter_map(|part| match part {
            Part::Text { range, is_escape: true, .. } => Some(*range),
            Part::Text { .. } | Part::Hole { .. } => None,
        });
        let written = escapes.filter(|it| slice(text, *it).starts_with('\\'));
        found.extend(written.map(|range| Token {
            range,
            kind: TokenKind::Escape,
            modifiers: Modifiers::NONE,
        }));
    }
}
