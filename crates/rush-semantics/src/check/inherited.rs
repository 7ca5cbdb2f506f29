//! What a declaration takes over that does not go with what it writes itself.

use rush_diagnostics::{Diagnostic, Span, TextRange};
use rush_syntax::ast::{Decl, Expr, Member};

use crate::db::{Db, Item};
use crate::infer::infer;
use crate::names::bases;
use crate::order::is_circular;
use crate::report;

/// The fields whose scripts get values as variables.
const SCRIPTS: [&str; 2] = ["run", "finally"];

/// The keys of its own `env` that a script it takes over gets as values.
pub fn clashing_variables(db: &dyn Db, item: Item, decl: &Decl) -> Vec<Diagnostic> {
    let env = decl.body.field("env").map(|it| item.ast(db).expr(it.value));
    let (Some(Expr::Record(env)), true) = (env, decl.extends.is_some()) else { return Vec::new() };
    if is_circular(db, item) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for field in SCRIPTS.into_iter().filter(|it| decl.body.field(it).is_none()) {
        let writes =
            |it: &Item| it.ast(db).decl()?.body.field(field).map(|field| (*it, field.range));
        let Some((base, range)) = bases(db, item).find_map(|it| writes(&it)) else { continue };
        for member in &env.members {
            let Member::Field(key) = member else { continue };
            if let Some(script) = capturing(db, base, range, &key.name.text) {
                let at = Span::new(item.id(db), key.name.range);
                found.push(
                    report::script_and_env(at, &key.name.text)
                        .because(Span::new(base.id(db), script), "by this script"),
                );
            }
        }
    }
    found
}

/// The first script in a part of an item that gets a value of this name.
fn capturing(db: &dyn Db, item: Item, part: TextRange, name: &str) -> Option<TextRange> {
    let ast = item.ast(db);
    let captures = infer(db, item).captures.iter();
    let capturing =
        captures.filter(|(_, names)| names.iter().any(|(captured, _)| captured == name));
    let places = capturing.map(|(script, _)| ast.expr_range(*script));
    places.filter(|it| part.contains_range(*it)).min_by_key(|it| it.start())
}
