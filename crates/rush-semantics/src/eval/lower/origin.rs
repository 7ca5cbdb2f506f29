//! Lines and columns of nodes and their fields, for messages of whoever runs the plan.

use rush_diagnostics::{Source, TextSize};
use rush_plan::{FieldPositions, NodeId, NodeOrigin, Origin, Position, WorkspacePath};
use rush_syntax::ast::{Decl, Expr, Member};
use rustc_hash::FxHashMap;

use super::super::instance::InstanceId;
use super::super::session::{Place, Session};
use super::super::value::Record;
use crate::db::{Item, SourceFile};

/// The field whose entries come from several layers.
const ENV: &str = "env";

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
        for source in session.origin_defaults(item).iter().rev() {
            let ast = source.ast(db);
            let defaults = ast.field("defaults");
            if let Some(Expr::Record(record)) = defaults.map(|it| ast.expr(it.value)) {
                self.members(session, *source, &record.members, &mut origin.fields);
            }
        }
        for id in session.chain(id).into_iter().rev() {
            let item = session.instance(id).item;
            let Some(decl) = item.ast(db).decl() else { continue };
            self.members(session, item, &decl.body.members, &mut origin.fields);
            self.computed_variables(session, (id, decl), &mut origin.fields);
        }
        self.origin.insert(node, origin);
    }

    /// Notes the fields of a body or of `defaults`, and the entries of those that are records.
    fn members(
        &mut self,
        session: &Session<'_>,
        item: Item,
        members: &[Member],
        fields: &mut FieldPositions,
    ) {
        let ast = item.ast(session.db);
        for member in members {
            let Member::Field(field) = member else { continue };
            let name = field.name.text.to_string();
            if let Expr::Record(record) = ast.expr(field.value) {
                for member in &record.members {
                    let Member::Field(inner) = member else { continue };
                    let path = format!("{name}.{}", inner.name.text);
                    let place = Place { item, range: inner.range };
                    fields.insert(path, self.position(session, place));
                }
            }
            let place = Place { item, range: field.range };
            fields.insert(name, self.position(session, place));
        }
    }

    /// Notes the variables that an `env` has which is not written out entry by entry.
    fn computed_variables(
        &mut self,
        session: &mut Session<'_>,
        (id, decl): (InstanceId, &Decl),
        fields: &mut FieldPositions,
    ) {
        let item = session.instance(id).item;
        let Some(field) = decl.body.field(ENV) else { return };
        let written: Vec<&str> = match item.ast(session.db).expr(field.value) {
            Expr::Record(record) => {
                let is_plain = record.members.iter().all(|it| matches!(it, Member::Field(_)));
                if is_plain {
                    return;
                }
                let entries = record.members.iter().filter_map(|member| match member {
                    Member::Field(inner) => Some(inner.name.text.as_str()),
                    Member::Let(_) | Member::Check(_) | Member::Spread { .. } => None,
                });
                entries.collect()
            }
            _ => Vec::new(),
        };
        let at = self.position(session, Place { item, range: field.range });
        let value = session.settle(|session| session.own_env(id));
        let Ok(Some(value)) = value else { return };
        for (name, _) in value.as_record().into_iter().flat_map(Record::iter) {
            if !written.contains(&name.as_str()) {
                fields.insert(format!("{ENV}.{name}"), at);
            }
        }
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
