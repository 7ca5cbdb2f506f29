//! Services are not started for what is done already.
//!
//! A task that waits for nothing but services is looked at *ahead*: if its earlier result is there, it needs none. If
//! it has to run, its services are *wanted*, and so are those that these need; only then do they start. So is from the
//! beginning what the person named. A service that nobody holds any more before it began is not needed. It does not know
//! how results are found.

use std::sync::Arc;

use rush_plan::{NodeState, SkipReason, Work};

use super::starting::end_at_once;
use super::{Away, Brake, Dispatcher, task_at};
use crate::results::AtOnce;
use crate::service::reaches;
use crate::unit::{Begin, Stop};

impl Dispatcher {
    /// Looks ahead at whatever waits for services alone, and wants the services that the person named.
    pub(super) fn begin_services(&mut self) {
        let plan = Arc::clone(&self.shared.plan);
        let services = (0..).zip(plan.nodes()).filter(|it| it.1.as_service().is_some());
        let services: Vec<usize> = services.map(|it| it.0).collect();
        for service in &services {
            if self.holders.is_kept(*service) {
                self.want(*service);
            } else if self.holders.is_free(*service) {
                self.unneeded.push(*service);
            }
        }
        for service in services {
            let behind: Vec<usize> = self.schedule.after(service).collect();
            for next in behind {
                let task = task_at(&plan, next).filter(|it| it.skip.is_none());
                if task.is_some_and(|it| it.inputs.is_none() || self.shared.results.is_none()) {
                    self.want_for(next);
                }
                self.look_ahead(next);
            }
        }
    }

    /// Everything before this node has ended or can be used.
    pub(super) fn set_free(&mut self, position: usize) {
        let Some(record) = self.records.get(position) else { return };
        match (record.is_ahead, record.away) {
            (true, Away::Lacking) => self.come_back(position),
            // It is in the queue, or its unit looks.
            (true, _) => {}
            (false, _) => self.free.push_back(position),
        }
        self.look_ahead_behind(position);
    }

    /// Looks at a task whose services are the only ones it waits for.
    pub(super) fn look_ahead(&mut self, position: usize) {
        if self.brake != Brake::Off || self.states.get(position).is_final() {
            return;
        }
        let plan = Arc::clone(&self.shared.plan);
        let Some(node) = plan.nodes().get(position) else { return };
        let task = match &node.work {
            Work::Service(_) => return self.look_ahead_behind(position),
            Work::Task(task) => task,
        };
        let is_ahead = self.records.get(position).is_some_and(|it| it.is_ahead);
        let is_known = is_ahead || self.wanted.contains(&position);
        if is_known || self.schedule.remaining(position) == 0 || !self.waits_for_services(position)
        {
            return;
        }
        match end_at_once(task) {
            Some(state @ NodeState::Skipped { .. }) => return self.settle(position, state),
            // It stands for its services.
            Some(_) => return self.want_for(position),
            None => {}
        }
        match self.at_once(position) {
            AtOnce::Hit(hit) => self.use_hit(position, hit),
            AtOnce::Look => {
                if let Some(record) = self.records.get_mut(position) {
                    record.is_ahead = true;
                }
                self.has_news = true;
                self.queue(position, Begin::Looking);
            }
            AtOnce::Run => self.want_for(position),
        }
    }

    fn look_ahead_behind(&mut self, service: usize) {
        let nodes = self.shared.plan.nodes();
        if nodes.get(service).is_none_or(|it| it.as_service().is_none()) {
            return;
        }
        let behind: Vec<usize> = self.schedule.after(service).collect();
        for next in behind {
            self.look_ahead(next);
        }
    }

    /// Whether a node waits for services alone, which wait for nothing but services themselves.
    fn waits_for_services(&self, position: usize) -> bool {
        let plan = &self.shared.plan;
        let Some(node) = plan.nodes().get(position) else { return false };
        let front = self.fronts.of(position);
        let mut others = node.edges.iter().filter_map(|edge| {
            let before = plan.position(edge.node)?;
            (!reaches(edge.reason) || front.binary_search(&before).is_err()).then_some(before)
        });
        others.all(|it| self.has_ended_or_serves(it))
            && front.iter().all(|it| self.has_ended_or_serves(*it) || self.waits_for_services(*it))
    }

    fn has_ended_or_serves(&self, position: usize) -> bool {
        let has_served = self.records.get(position).is_some_and(|it| it.has_served);
        has_served || self.states.get(position).is_final()
    }

    /// Whether a service that a node names is not up yet.
    pub(super) fn lacks_services(&self, position: usize) -> bool {
        self.records.get(position).is_some_and(|it| it.is_ahead)
            && self.schedule.remaining(position) > 0
    }

    /// A task has to run for certain.
    fn want_for(&mut self, position: usize) {
        self.wanted.insert(position);
        self.want_services_of(position);
    }

    /// Wants the services that a node uses, also those behind tasks that may be answered.
    pub(super) fn want_services_of(&mut self, position: usize) {
        for service in self.fronts.of(position).to_vec() {
            self.want(service);
        }
    }

    fn want(&mut self, service: usize) {
        if !self.wanted.insert(service) {
            return;
        }
        self.want_services_of(service);
        let is_free = self.schedule.remaining(service) == 0;
        if is_free && !self.states.get(service).is_final() && !self.free.contains(&service) {
            self.has_news = true;
            self.free.push_back(service);
        }
    }

    /// Wants a service that others only come after, once nothing goes on before it is known whether somebody needs it;
    /// `false` if there is none.
    pub(super) fn want_what_is_waited_for(&mut self) -> bool {
        let plan = Arc::clone(&self.shared.plan);
        let mut services = (0..).zip(plan.nodes()).filter(|it| it.1.as_service().is_some());
        let is_waited_for = |service: usize| {
            self.is_queued(service)
                && self.schedule.remaining(service) == 0
                && !self.wanted.contains(&service)
        };
        let found = services.find(|it| self.brake == Brake::Off && is_waited_for(it.0));
        found.inspect(|it| self.want(it.0)).is_some()
    }

    /// A task runs, so what needs it will hardly be answered: its services start meanwhile.
    pub(super) fn want_services_behind(&mut self, position: usize) {
        if !self.schedule.tells_closer() || self.brake != Brake::Off {
            return;
        }
        let behind: Vec<usize> = self.schedule.after(position).collect();
        for next in behind {
            if task_at(&self.shared.plan, next).is_some_and(|it| it.skip.is_none()) {
                self.want_services_of(next);
            }
        }
    }

    /// Nobody holds a service any more.
    pub(super) fn let_go(&mut self, service: usize) {
        if self.crew.has(service) {
            self.crew.release(service);
        } else if self.is_queued(service) {
            self.has_news = true;
            self.unneeded.push(service);
        }
    }

    /// Ends the services that were let go before they began.
    pub(super) fn end_unneeded(&mut self) {
        while let Some(service) = self.unneeded.pop() {
            if !self.is_queued(service) {
                continue;
            }
            self.free.retain(|it| *it != service);
            self.change(service, NodeState::Skipped { reason: SkipReason::NotNeeded });
            self.follow(service);
        }
    }

    /// Whether a task was looked at ahead and has neither begun nor ended.
    pub(super) fn is_ahead(&self, position: usize) -> bool {
        self.records.get(position).is_some_and(|it| it.is_ahead && it.attempts == 0)
            && !self.states.get(position).is_final()
    }

    /// What a node needs that has not begun will never be there.
    pub(super) fn let_down(&mut self, position: usize, by: usize) {
        self.waiting.remove(position);
        if self.crew.has(position) {
            if let Some(record) = self.records.get_mut(position) {
                record.let_down_by.get_or_insert(by);
            }
            return self.crew.stop_one(position, Stop::Interrupt);
        }
        self.schedule.remove(position);
        self.free.retain(|it| *it != position);
        let reason = SkipReason::Needs { node: self.id(by) };
        self.change(position, NodeState::Skipped { reason });
        self.follow(position);
    }
}
