//! Parameters of services.
//!
//! `postgres(5433).port` says itself which service is meant. `postgres.port` means the one that the task at
//! work needs, wherever it is written: in the task, in a template, in a function or a `let` of a file.

use std::rc::Rc;

use rush_diagnostics::{Code, Diagnostic};
use rush_syntax::Kind;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::instance::InstanceId;
use super::memo::Memo;
use super::session::{Eval, Place, Scope, Session, Stop, Unit};
use super::trail::Trail;
use super::value::{Reference, Value};
use crate::check;
use crate::db::{Db, Item};
use crate::report;

/// The fields that bring a service along.
const NEEDING: [&str; 2] = ["needs", "steps"];
/// How often the lists of what is needed are worked out before they count as a circle, beside once for each service
/// that is asked for; each time, one more service of a chain is known.
const ROUNDS_MAX: usize = 32;

/// Calls of services.
type Calls = Vec<Rc<Reference>>;

/// What a task or a service is taken to need while the lists that say so are worked out.
pub(super) struct Assumption {
    asker: InstanceId,
    /// The calls that are in the lists, as far as they are known.
    calls: Calls,
    /// Whether a service that is not among them has its defaults; else nobody knows yet what it has.
    is_whole: bool,
    /// The services that were asked for, each once.
    asked: Vec<Asked>,
    /// What was worked out under this assumption, and may be otherwise under another.
    pub(super) memo: FxHashMap<Unit, Memo>,
}

/// A parameter that is read by the name of its service.
#[derive(Clone)]
struct Asked {
    service: Item,
    name: SmolStr,
    place: Place,
}

impl Assumption {
    /// What was answered otherwise than these calls have it.
    fn mistake(&self, calls: &Calls) -> Option<&Asked> {
        self.asked.iter().find(|it| call_of(it.service, &self.calls) != call_of(it.service, calls))
    }

    /// Whether everybody who asked got an answer.
    fn has_answered(&self) -> bool {
        self.is_whole || self.asked.iter().all(|it| call_of(it.service, &self.calls).is_some())
    }
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
        self.trail.is_asking = true;
        let call = match scope.asker {
            Some(asker) => self.call_by(asker, &Asked { service, name: name.clone(), place })?,
            None => None,
        };
        if let Some(call) = call {
            return self.service_parameter(&call, name, place);
        }
        if let Some(own) = scope.asker.filter(|it| self.instance(*it).item == service) {
            return self.parameter_of(own, name, place);
        }
        self.warn_of_unneeded(scope, (service, name), place);
        let bare = Reference { item: service, args: Vec::new(), axes: Vec::new() };
        self.service_parameter(&bare, name, place)
    }

    /// What is written in a declaration was seen when that was checked; what is shared was not.
    fn warn_of_unneeded(
        &mut self,
        scope: &Scope<'db>,
        (service, name): (Item, &SmolStr),
        place: Place,
    ) {
        let (span, service) = (place.span(self.db), service.name(self.db));
        let is_this = |it: &Diagnostic| {
            it.code == Code::UnneededService && span.range.contains_range(it.primary.span.range)
        };
        if check::item_diagnostics(self.db, scope.item).iter().any(is_this) {
            return;
        }
        let warning = match scope.asker.map(|it| self.instance(it).item.kind(self.db)) {
            Some(Kind::Task | Kind::Service) => report::service_unneeded(span, service),
            // Its `defaults` are worked out for each that gets them.
            Some(Kind::Workspace) => return,
            _ => report::service_default(span, service, name),
        };
        self.warn(warning);
    }

    /// The first call of a service among those a task or a service needs.
    fn call_by(&mut self, asker: InstanceId, asked: &Asked) -> Eval<Option<Rc<Reference>>> {
        let Some(assumption) = self.assumption.as_mut().filter(|it| it.asker == asker) else {
            let needed = self.force(&Unit::Needed(asker))?;
            let needed = needed.as_ref().map(Value::elements).unwrap_or_default();
            return Ok(calls_among(self.db, needed).find(|it| it.item == asked.service));
        };
        self.trail.is_provisional = true;
        if assumption.asked.iter().all(|it| it.service != asked.service) {
            assumption.asked.push(asked.clone());
        }
        match call_of(asked.service, &assumption.calls) {
            None if !assumption.is_whole => Err(Stop::Unknown),
            call => Ok(call.cloned()),
        }
    }

    /// The calls of services that a task or a service needs; called through its unit.
    pub(super) fn needed_value(&mut self, asker: InstanceId) -> Eval<Value> {
        let at = Place::name_of(self.db, self.instance(asker).item);
        let (calls, known) = self.nested(at, |it| it.apart(|it| it.in_rounds(asker)))?;
        for (unit, memo) in known {
            self.remember(unit, memo, false);
        }
        Ok(Value::list(calls.into_iter().map(Value::Reference).collect()))
    }

    /// What stands in the lists may itself ask for a service that they bring. So they are worked out in rounds, each
    /// with the services that the one before came to, until one comes to what it was told. At first nothing is known,
    /// and what asks is left out; what no round brings has its defaults. Only what the last one found is told.
    fn in_rounds(&mut self, asker: InstanceId) -> Eval<(Calls, FxHashMap<Unit, Memo>)> {
        let (mut calls, mut is_whole) = (Calls::new(), false);
        let mut rounds = 0;
        loop {
            rounds += 1;
            let ((found, round), trail) = self.traced(|it| it.round(asker, calls, is_whole));
            calls = match found {
                Ok(found) => found,
                // It may fail for what is not known yet.
                Err(Stop::Failed | Stop::Unknown) if !round.has_answered() => round.calls.clone(),
                Err(stop) => {
                    self.follow_round(trail);
                    return Err(stop);
                }
            };
            match round.mistake(&calls) {
                Some(asked) if rounds >= ROUNDS_MAX + round.asked.len() => {
                    return Err(self.fail_to_settle(asker, asked));
                }
                Some(_) => {}
                None if round.has_answered() => {
                    self.follow_round(trail);
                    return Ok((calls, round.memo));
                }
                None => is_whole = true,
            }
        }
    }

    fn fail_to_settle(
        &mut self,
        asker: InstanceId,
        Asked { service, name, place }: &Asked,
    ) -> Stop {
        let asker = self.instance(asker).item.name(self.db);
        let (span, service) = (place.span(self.db), service.name(self.db));
        self.fail(super::report::needs_hang_on_themselves(span, asker, service, name))
    }

    /// What is read is mentioned by who has the lists, and what a settled round says is no longer an assumption.
    fn follow_round(&mut self, round: Trail) {
        let mentions = Vec::new();
        self.follow(Trail { mentions, is_provisional: false, ..round });
    }

    fn round(
        &mut self,
        asker: InstanceId,
        calls: Calls,
        is_whole: bool,
    ) -> (Eval<Calls>, Assumption) {
        let (asked, memo) = (Vec::new(), FxHashMap::default());
        self.assumption = Some(Assumption { asker, calls, is_whole, asked, memo });
        let found = self.settle_round(|session| session.calls_in_lists(asker));
        let round = self.assumption.take();
        (found, round.expect("whoever takes an assumption away puts it back"))
    }

    fn calls_in_lists(&mut self, asker: InstanceId) -> Eval<Calls> {
        let mut calls = Calls::new();
        for field in NEEDING {
            let list = self.force(&Unit::Field(asker, SmolStr::new_static(field)))?;
            let elements = list.as_ref().map(Value::elements).unwrap_or_default();
            calls.extend(calls_among(self.db, elements));
        }
        Ok(calls)
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
        self.parameter_of(id, name, place)
    }

    fn parameter_of(&mut self, id: InstanceId, name: &SmolStr, place: Place) -> Eval<Value> {
        // Another try would be about another instance.
        match self.settle(|session| session.parameter(id, name))? {
            Some(value) => Ok(value),
            None => Err(self.unexpected(place, "a parameter that is not there")),
        }
    }
}

fn call_of(service: Item, calls: &[Rc<Reference>]) -> Option<&Rc<Reference>> {
    calls.iter().find(|it| it.item == service)
}

fn calls_among(db: &dyn Db, elements: &[Value]) -> impl Iterator<Item = Rc<Reference>> {
    elements.iter().filter_map(move |it| match it {
        Value::Reference(it) if it.item.kind(db) == Kind::Service => Some(Rc::clone(it)),
        _ => None,
    })
}
