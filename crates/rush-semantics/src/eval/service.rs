//! Parameters of services.
//!
//! `postgres(5433).port` says itself which service is meant. `postgres.port` means the one that the task at
//! work needs, wherever it is written: in the task, in a template, in a function or a `let` of a file.

use std::rc::Rc;

use rush_diagnostics::Code;
use smol_str::SmolStr;

use super::instance::InstanceId;
use super::session::{Eval, Place, Scope, Session, Unit};
use super::value::{Reference, Value};
use crate::check;
use crate::db::Item;
use crate::report;

/// The fields that bring a service along.
const NEEDING: [&str; 2] = ["needs", "steps"];

/// The calls in a list that is being made.
pub(super) struct Listed {
    /// Whose body has the list.
    instance: InstanceId,
    /// The task or service that will have it.
    asker: InstanceId,
    field: &'static str,
    calls: Vec<Rc<Reference>>,
}

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
        let was_provisional = std::mem::take(&mut self.is_provisional);
        let call = match scope.asker {
            Some(asker) => self.call_by(asker, service)?,
            None => None,
        };
        let is_made = self.is_provisional;
        self.is_provisional |= was_provisional;
        if let Some(call) = call {
            return self.service_parameter(&call, name, place);
        }
        if !is_made {
            self.warn_of_unneeded(scope.item, service, place);
        }
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

    /// The first call of a service among those a task or a service needs; while its list is being made, among those
    /// that are in it already.
    fn call_by(&mut self, asker: InstanceId, service: Item) -> Eval<Option<Rc<Reference>>> {
        for field in NEEDING {
            let unit = Unit::Field(asker, SmolStr::new_static(field));
            let found = if self.is_running(&unit) {
                self.is_provisional = true;
                let listed = self.listed.iter().filter(|it| it.asker == asker && it.field == field);
                listed.flat_map(|it| &it.calls).find(|it| it.item == service).cloned()
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

    /// Whether a unit is a list of those that are needed; then from here on its elements are noted.
    pub(super) fn begin_list(&mut self, unit: &Unit) -> bool {
        let Unit::Field(instance, name) = unit else { return false };
        let Some(field) = NEEDING.into_iter().find(|it| name == it) else { return false };
        let asker = self.instance(*instance).whole;
        self.listed.push(Listed { instance: *instance, asker, field, calls: Vec::new() });
        true
    }

    /// Notes elements of the list that is being made.
    pub(super) fn note_listed(&mut self, scope: &Scope<'db>, elements: &[Value]) {
        if let Some(listed) = self.listed_by(scope) {
            let calls = elements.iter().filter_map(|it| match it {
                Value::Reference(it) => Some(Rc::clone(it)),
                _ => None,
            });
            listed.calls.extend(calls);
        }
    }

    /// What was noted in the list that this scope makes; nothing while it works out something else.
    fn listed_by(&mut self, scope: &Scope<'db>) -> Option<&mut Listed> {
        let last = self.listed.last_mut()?;
        let is_it = scope.instance == Some(last.instance)
            && matches!(self.running.last(), Some(Unit::Field(it, name))
                if *it == last.instance && name == last.field);
        is_it.then_some(last)
    }

    /// Runs what makes no elements of a list, such as the arguments of a call.
    pub(super) fn beside_list<T>(
        &mut self,
        scope: &mut Scope<'db>,
        work: impl FnOnce(&mut Self, &mut Scope<'db>) -> Eval<T>,
    ) -> Eval<T> {
        let before = self.listed_by(scope).map(|it| it.calls.len());
        let result = work(self, scope);
        if let (Some(before), Some(listed)) = (before, self.listed_by(scope)) {
            listed.calls.truncate(before);
        }
        result
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
