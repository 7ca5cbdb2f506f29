//! What the types mean that no file declares.

use rush_semantics::{Db, SourceFile, words};
use rush_syntax::ast::{TypeExpr, TypeId};
use text_size::{TextRange, TextSize};

use super::{Hover, Page};
use crate::place::Placed;

/// What there is to say about the built-in type whose name is at `offset`.
pub(super) fn hover(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<Hover> {
    let (placed, inside) = Placed::at(db, file, offset)?;
    let ast = placed.item.ast(db);
    let (range, name) = (0..ast.type_count()).find_map(|at| {
        let id = TypeId(at as u32);
        let (range, name) = match ast.ty(id) {
            TypeExpr::Path { path, .. } => match path.as_slice() {
                [name] => (name.range, name.text.as_str()),
                _ => return None,
            },
            TypeExpr::Map(_) => {
                let start = ast.type_range(id).start();
                (TextRange::at(start, TextSize::of("map")), "map")
            }
            _ => return None,
        };
        range.contains_inclusive(inside).then_some((range, name))
    })?;
    let mut page = Page::default();
    page.say_code(words::primitive(name)?);
    Some(Hover { at: placed.range(db, range), text: page.text })
}
