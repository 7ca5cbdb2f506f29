//! Parameters of services.
//!
//! `postgres(5433).port` says itself which service is meant. `postgres.port` means the one that the task at
//! work needs, wherever it is written: in the task, in a template, in a function or a `let` of a file.

use std::rc::Rc;

use rush_diagnostics::Code;
use rush_syntax::ast::{Element, Expr};
use smol_str::SmolStr;

use super::instance::InstanceId;
use super::session::{Eval, Place, Scope, Session, Unit};
use super::value::{Reference, Value};
use crate::check;
use crate::db::Item;
use crate::infer::Meaning;
use crate::report;

/// The fields that bring a service along.
const NEEDING: [&str; 2] = ["needs", "steps"];

impl<'db> Session<'db> {
    /// `postgres.port` by name: as the call of it in `needs` says, else its default.
    pub(super) fn needed_service_parameter(
        &mut self,
        scope: &Scope<'db>,
        service: Item,
        name: &SmolStr,
        place: Place,
    ) -> Eval<Value> {
        self.is_asking = true;
        let call = match scope.asker {
            Some(asker) => self.call_by(asker, service)?,
            None => None,
        };
        if let Some(call) = call {
            return self.service_parameter(&call, name, place);
        }
        self.warn_of_unneeded(scope.item, service, place);
        let bare = Reference { item: service, args: Vec::new(), axes: Vec::new() };
        self.service_parameter(&bare, name, place)
    }

    /// What is written in a declaration was seen when that was checked; what is shared was not.
    fn warn_of_unneeded(&mut self, reader: Item, service: Item, place: Place) {
        let found = check::item_diagnostics(self.db, reader).iter();
        if found.clone().any(|it| it.code == Code::UnneededService) {
            return;
        }
        let warning = report::service_unneeded(place.span(self.db), service.name(self.db));
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// The first call of a service among those a task or a service needs.
    fn call_by(&mut self, asker: InstanceId, service: Item) -> Eval<Option<Rc<Reference>>> {
        for field in NEEDING {
            let unit = Unit::Field(asker, SmolStr::new_static(field));
            let found = if self.is_running(&unit) {
                self.written_call(asker, field, service)?
            } else {
                let needed = self.force(&unit)?;
                let elements = needed.as_ref().map(Value::elements).unwrap_or_default();
                elements.iter().find_map(|it| call_of(service, it))
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The same while the list is being worked out: one of its elements reads a parameter of another.
    fn written_call(
        &mut self,
        asker: InstanceId,
        field: &str,
        service: Item,
    ) -> Eval<Option<Rc<Reference>>> {
        for instance in self.chain(asker) {
            let mut scope = self.scope(self.instance(instance).item, Some(instance))?;
            let Some(field) = scope.ast.field(field) else { continue };
            let Expr::List(elements) = scope.ast.expr(field.value) else { break };
            for element in elements {
                let Element::Value(value) = element else { continue };
                let named = match scope.ast.expr(*value) {
                    Expr::Call { callee, .. } => callee,
                    _ => value,
                };
                if scope.inference.meanings.get(named) == Some(&Meaning::Item(service)) {
                    let value = self.eval(&mut scope, *value)?;
                    return Ok(call_of(service, &value));
                }
            }
            break;
        }
        Ok(None)
    }

    /// `postgres(5433).port`
    pub(super) fn service_parameter(
        &mut self,
        call: &Reference,
        name: &SmolStr,
        place: Place,
    ) -> Eval<Value> {
        self.enter(call.item)?;
        let id = self.instantiate(call);
        match self.parameter(id, name)? {
            Some(value) => Ok(value),
            None => Err(self.unexpected(place, "a parameter that is not there")),
        }
    }
}

fn call_of(service: Item, value: &Value) -> Option<Rc<Reference>> {
    match value {
        Value::Reference(it) if it.item == service => Some(Rc::clone(it)),
        _ => None,
    }
}
