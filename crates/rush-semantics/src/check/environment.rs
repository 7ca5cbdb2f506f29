//! `$NAME` in the values of `env`, which no shell ever sees.

use rush_diagnostics::{Diagnostic, Span, TextRange};
use rush_syntax::Kind;
use rush_syntax::ast::{Decl, Expr, Item as Ast, Member, Part, Record};

use crate::db::{Db, Item};
use crate::names::resolve;
use crate::report::{self, Unexpanded};

/// What is set wherever a shell runs.
const OF_SHELLS: [&str; 2] = ["PATH", "HOME"];

/// The variables that would have to be expanded in the `env` of a declaration.
pub fn unexpanded(db: &dyn Db, (item, ast): (Item, &Ast), decl: &Decl) -> Vec<Diagnostic> {
    let env = decl.body.field("env").map(|it| ast.expr(it.value));
    let Some(Expr::Record(env)) = env else { return Vec::new() };
    let mut found = Vec::new();
    for member in &env.members {
        let Member::Field(field) = member else { continue };
        let Expr::Text(parts) = ast.expr(field.value) else { continue };
        let place = std::ops::Range::<usize>::from(ast.expr_range(field.value));
        let source = item.text(db).get(place).unwrap_or_default();
        // Several lines are mostly a script or a file for another program, which has its own `$`.
        if source.starts_with('r') || source.contains('\n') {
            continue;
        }
        for (name, range) in dollars(parts) {
            let meant = match name {
                "PATH" if field.name.text == "PATH" => Unexpanded::Path,
                name if is_value(db, item, decl, name) => Unexpanded::Value,
                name if OF_SHELLS.contains(&name) || is_variable(env, name) => Unexpanded::Outside,
                // `$ORIGIN` of a linker, say.
                _ => continue,
            };
            found.push(report::unexpanded(Span::new(item.id(db), range), name, meant));
        }
    }
    found
}

/// Whether a variable of `env` has the name, the one that is given a value included.
fn is_variable(env: &Record, name: &str) -> bool {
    env.members.iter().any(|it| matches!(it, Member::Field(it) if it.name.text == name))
}

fn is_value(db: &dyn Db, item: Item, decl: &Decl, name: &str) -> bool {
    let params = decl.params.as_deref().unwrap_or_default();
    let is_param = params.iter().filter_map(|it| it.name.as_ref()).any(|it| it.text == name);
    let is_let = || {
        decl.body.members.iter().any(|it| match it {
            Member::Let(it) => it.name.as_ref().is_some_and(|it| it.text == name),
            _ => false,
        })
    };
    let is_of_file = || {
        resolve(db, item.file(db), name)
            .is_some_and(|it| matches!(it.kind(db), Kind::Let | Kind::Param))
    };
    is_param || is_let() || is_of_file()
}

/// Each `$NAME` that is written without an escape.
fn dollars(parts: &[Part]) -> Vec<(&str, TextRange)> {
    let mut found = Vec::new();
    for part in parts {
        let Part::Text { value, is_escape: false, .. } = part else { continue };
        for (at, _) in value.match_indices('$') {
            let rest = value.get(at + 1..).unwrap_or_default();
            let is_part = |it: char| it.is_ascii_alphanumeric() || it == '_';
            let name = rest.split(|it| !is_part(it)).next().unwrap_or_default();
            let is_second = value.get(..at).is_some_and(|it| it.ends_with('$'));
            if !is_second && name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_') {
                let end = at + 1 + name.len();
                found.push((name, TextRange::new(part.place(at), part.place(end))));
            }
        }
    }
    found
}
