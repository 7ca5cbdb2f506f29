//! The commands of a declaration as they are written, for one that runs something else each time.

use rush_semantics::names::with_bases;
use rush_semantics::{Db, Item};
use rush_syntax::ast::{self, Element, Expr, ExprId, Part};

use crate::syntax::{indentation, reindented, slice};

/// A block of code: its language and its text.
pub(super) type Block = (String, String);

/// What a declaration runs, as it or what it extends writes it; nothing when it runs nothing.
pub(super) fn commands(db: &dyn Db, item: Item) -> Vec<Block> {
    let found =
        with_bases(db, item).find_map(|item| Some((item, item.ast(db).field("run")?.value)));
    let Some((item, value)) = found else { return Vec::new() };
    let mut blocks = Vec::new();
    value_blocks(item.ast(db), item.text(db), value, &mut blocks);
    blocks
}

fn value_blocks(ast: &ast::Item, text: &str, value: ExprId, blocks: &mut Vec<Block>) {
    let source = slice(text, ast.expr_range(value));
    match ast.expr(value) {
        Expr::None | Expr::Missing => {}
        Expr::Command(_) => blocks.push(("sh".to_owned(), command(source))),
        Expr::Script { tag, body } => {
            let text = body.iter().map(|part| match part {
                Part::Text { value, .. } => value.as_str(),
                Part::Hole { .. } => "",
            });
            blocks.push((tag.text.to_string(), super::first_lines(&text.collect::<String>())));
        }
        Expr::List(elements) if elements.iter().all(|it| matches!(it, Element::Value(_))) => {
            for element in elements {
                if let Element::Value(value) = element {
                    value_blocks(ast, text, *value, blocks);
                }
            }
        }
        _ => {
            let own = indentation(text, ast.expr_range(value).start().into());
            let source = reindented(source, own, "").unwrap_or_else(|| source.to_owned());
            blocks.push(("rush-tasks".to_owned(), super::first_lines(&source)));
        }
    }
}

/// A command without its quotes, its lines without what they are indented by.
fn command(source: &str) -> String {
    let inner = source.strip_prefix("argv\"\"\"").and_then(|it| it.strip_suffix("\"\"\""));
    match inner {
        Some(lines) => {
            let lines: Vec<&str> =
                lines.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
            super::first_lines(&lines.join("\n"))
        }
        None => source.trim_matches('`').to_owned(),
    }
}
