//! Lines and columns of nodes and their fields, for messages of whoever runs the plan.

use rush_diagnostics::{Source, TextSize};
use rush_plan::{FieldPositions, NodeId, NodeOrigin, Origin, Position, WorkspacePath};
use rush_syntax::ast::{Expr, Member};
use rustc_hash::FxHashMap;

use super::super::instance::{InstanceId, decl_of};
use super::super::session::{Place, Session};
use crate::db::{Item, SourceFile};

/// The origins found so far, and the files they are in.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) origin: Origin,
    files: FxHashMap<SourceFile, Indexed>,
}

struct Indexed {
    source: Source,
    starts: FxHashMap<Item, TextSize>,
    number: u32,
}

impl Sources {
    /// Notes where a node and its fields are written.
    pub(super) fn add(&mut self, session: &mut Session<'_>, node: NodeId, id: InstanceId) {
        let db = session.db;
        let item = session.instance(id).item;
        let at = self.position(session, Place::name_of(db, item));
        let mut origin = NodeOrigin { at, fields: FieldPositions::default() };
        // From the farthest to the nearest: the nearest place of a field is the one that counts.
        for id in session.chain(id).into_iter().rev() {
            let item = session.instance(id).item;
            let ast = item.ast(db);
            let Some(decl) = decl_of(&ast.kind) else { continue };
            for member in &decl.body.members {
                let Member::Field(field) = member else { continue };
                let name = field.name.text.to_string();
                if let Expr::Record(record) = ast.expr(field.value) {
                    for member in &record.members {
                        let Member::Field(inner) = member else { continue };
                        let path = format!("{name}.{}", inner.name.text);
                        let place = Place { item, range: inner.range };
                        origin.fields.insert(path, self.position(session, place));
                    }
                }
                let place = Place { item, range: field.range };
                origin.fields.insert(name, self.position(session, place));
            }
        }
        self.origin.insert(node, origin);
    }

    fn position(&mut self, session: &Session<'_>, place: Place) -> Position {
        let db = session.db;
        let file = place.item.file(db);
        let origin = &mut self.origin;
        let indexed = self.files.entry(file).or_insert_with(|| {
            let path = WorkspacePath::new(file.path(db)).unwrap_or_default();
            let starts = file.items(db).iter().copied().zip(file.starts(db).iter().copied());
            Indexed {
                source: Source::new(file.path(db).as_str(), file.text(db).clone()),
                starts: starts.collect(),
                number: origin.file(&path),
            }
        });
        let start = indexed.starts.get(&place.item).copied().unwrap_or_default();
        let at = indexed.source.position(start + place.range.start());
        Position { file: indexed.number, line: at.line, column: at.column }
    }
}
