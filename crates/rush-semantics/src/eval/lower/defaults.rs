//! The value a field has in the end: its own, a template's, the profile's, the workspace's, or the
//! default of its kind, in this order.

use std::rc::Rc;

use rush_syntax::Kind;
use rush_syntax::ast::{Expr, Member};
use smol_str::SmolStr;

use super::super::instance::{InstanceId, overlay};
use super::super::report;
use super::super::session::{Eval, Place, Session, Unit};
use super::super::value::Value;
use crate::db::Item;
use crate::kinds::{KindField, kind};
use crate::names::package_dir;

impl Session<'_> {
    /// The value of a field after everything is merged.
    pub(in super::super) fn effective(&mut self, id: InstanceId, name: &SmolStr) -> Eval<Value> {
        let db = self.db;
        let item = self.instance(id).item;
        let Some(field) = kind(db, item.kind(db)).and_then(|it| it.field(name)) else {
            return Ok(Value::None);
        };
        let own = if self.is_written(id, name) {
            self.force(&Unit::Field(id, name.clone()))?
        } else {
            None
        };
        let is_joined = name == "bin";
        let value =
            if item.kind(db).takes_defaults() && (own.is_none() || field.is_merge || is_joined) {
                self.with_defaults(id, own, field)?
            } else {
                own
            };
        let value = self.filled(id, field, value)?;
        let package = self.package_of(id);
        self.keep_inside(&value, package, |it| it.field_or_name_place(id, name))?;
        Ok(value)
    }

    /// A field with the default of its kind.
    fn filled(&mut self, id: InstanceId, field: &KindField, value: Option<Value>) -> Eval<Value> {
        let item = self.instance(id).item;
        let name = &field.name;
        match (value, field.default) {
            (Some(value), _) if field.is_merge => {
                let place = self.field_or_name_place(id, name);
                self.convert(value, &field.ty, (Some(id), place))
            }
            (Some(value), _) => Ok(value),
            (None, Some(default)) => self.kind_default(field, default),
            (None, None) if field.ty.may_be_none() => Ok(Value::None),
            (None, None) => {
                let span = Place::name_of(self.db, item).span(self.db);
                Err(self.fail(report::missing_field(span, item.kind(self.db).word(), name)))
            }
        }
    }

    fn kind_default(&mut self, field: &KindField, default: crate::ty::DefaultRef) -> Eval<Value> {
        let value = self.default_value(default)?;
        let ast = default.item.ast(self.db);
        // Most defaults are `none` or `[]`, and nothing is there to convert.
        match ast.expr(default.expr) {
            Expr::None | Expr::Bool(_) | Expr::Int(_) => Ok(value),
            _ => {
                let place = Place { item: default.item, range: ast.expr_range(default.expr) };
                self.convert(value, &field.ty, (None, place))
            }
        }
    }

    /// Whether a field may be written somewhere in a declaration and what it extends.
    fn is_written(&mut self, id: InstanceId, name: &str) -> bool {
        let db = self.db;
        self.chain(id).into_iter().any(|id| {
            let item = self.instance(id).item;
            let members = item.ast(db).decl().map(|it| it.body.members.iter());
            members.into_iter().flatten().any(|member| match member {
                Member::Field(field) => field.name.text == name,
                Member::Spread { .. } => true,
                Member::Let(_) | Member::Check(_) => false,
            })
        })
    }

    /// Puts what the profile and the workspace say beneath what the task says.
    fn with_defaults(
        &mut self,
        id: InstanceId,
        own: Option<Value>,
        field: &KindField,
    ) -> Eval<Option<Value>> {
        let mut value = own;
        let (task, asker) = (self.instance(id).item, self.instance(id).whole);
        for &source in self.default_sources(task).iter() {
            if value.is_some() && !field.is_merge && field.name != "bin" {
                break;
            }
            if !has_default(self.db, source, &field.name) {
                continue;
            }
            let of = |asker| Unit::Defaults(source, field.name.clone(), asker);
            let under = self.shared(of(None), Some(of(Some(asker))))?;
            value = match (value, under) {
                (Some(over), Some(under)) if field.is_merge => Some(overlay(&under, &over)),
                (Some(over), Some(under)) => {
                    Some(Value::list([over.elements(), under.elements()].concat()))
                }
                (value, under) => value.or(under.filter(|it| *it != Value::None)),
            };
        }
        Ok(value)
    }

    /// The items whose `defaults` count for a task, the strongest first.
    fn default_sources(&mut self, task: Item) -> Rc<[Item]> {
        let package = package_dir(self.db, task.file(self.db));
        if let Some(known) = self.default_sources.get(package) {
            return Rc::clone(known);
        }
        let packages = self.db.workspace().packages(self.db);
        let files = [packages.get(package), packages.get("")];
        let profiles = files.into_iter().flatten().filter_map(|file| self.profile_in(*file));
        let mut sources: Vec<Item> = profiles.chain(self.workspace_item()).collect();
        sources.dedup();
        let sources: Rc<[Item]> = sources.into();
        self.default_sources.insert(package.clone(), Rc::clone(&sources));
        sources
    }

    /// The items whose `defaults` count for a declaration, as far as its kind has any.
    pub(super) fn origin_defaults(&mut self, item: Item) -> Rc<[Item]> {
        if item.kind(self.db).takes_defaults() { self.default_sources(item) } else { Rc::default() }
    }

    /// The `workspace` item of the root.
    pub(super) fn workspace_item(&self) -> Option<Item> {
        crate::check::workspace_item(self.db)
    }

    /// One field of `defaults`; called through its unit.
    pub(in super::super) fn defaults_value(
        &mut self,
        item: Item,
        name: &SmolStr,
        asker: Option<InstanceId>,
    ) -> Eval<Option<Value>> {
        let mut scope = self.scope(item, None)?;
        scope.asker = asker;
        let ast = scope.ast;
        let Some(defaults) = ast.field("defaults") else { return Ok(None) };
        let field = kind(self.db, Kind::Task).and_then(|it| it.field(name));
        let value = match ast.expr(defaults.value) {
            Expr::Record(record) => match record.field(name).map(|it| it.value) {
                Some(expr) if field.is_some_and(|it| it.is_merge) => {
                    Some(self.eval_unfilled(&mut scope, expr)?)
                }
                Some(expr) => Some(self.eval(&mut scope, expr)?),
                None => {
                    let whole = self.record(&mut scope, record)?;
                    whole.as_record().and_then(|it| it.get(name)).cloned()
                }
            },
            _ => {
                let whole = self.eval(&mut scope, defaults.value)?;
                let value = whole.as_record().and_then(|it| it.get(name)).cloned();
                value.filter(|it| *it != Value::None)
            }
        };
        let place = Place { item, range: defaults.range };
        match (value, field) {
            (Some(value), Some(field)) if !field.is_merge && value != Value::None => {
                self.convert(value, &field.ty, (None, place)).map(Some)
            }
            (value, _) => Ok(value),
        }
    }
}

/// Whether `defaults` may have the field; cheap, because it is asked for every field of every task.
fn has_default(db: &dyn crate::db::Db, item: Item, name: &str) -> bool {
    let ast = item.ast(db);
    let defaults = ast.field("defaults");
    match defaults.map(|it| ast.expr(it.value)) {
        None => false,
        Some(Expr::Record(record)) => record.members.iter().any(|member| match member {
            Member::Field(field) => field.name.text == name,
            Member::Spread { .. } => true,
            Member::Let(_) | Member::Check(_) => false,
        }),
        Some(_) => true,
    }
}
