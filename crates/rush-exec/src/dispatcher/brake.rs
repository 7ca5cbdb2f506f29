//! What keeps new nodes from starting and makes running ones end: a failure, or a word from outside.

use rush_plan::{NodeId, NodeState, SkipReason};
use tokio::time::Instant;

use super::{Away, Breakage, Dispatcher};
use crate::options::{Control, FailurePolicy};
use crate::summary::Interruption;
use crate::unit::Stop;

/// Why nothing new starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brake {
    /// It does.
    Off,
    /// A node failed.
    Failure(Instant),
    /// Something outside stopped the run.
    Stopped(Interruption, Instant),
}

impl Dispatcher {
    pub(super) fn interruption(&self) -> Option<Interruption> {
        match self.brake {
            Brake::Stopped(interruption, _) => Some(interruption),
            Brake::Off | Brake::Failure(_) => None,
        }
    }

    /// Lets nothing new start after a failure, as far as the person wants it so.
    pub(super) fn react_to_failure(&mut self) {
        if self.brake != Brake::Off || self.on_failure == FailurePolicy::KeepGoing {
            return;
        }
        self.brake = Brake::Failure(Instant::now());
        self.empty_queues();
        // Services that nobody but the person wants would go on for ever.
        self.let_go_of_services();
        self.end_queued(&NodeState::Skipped { reason: SkipReason::RunFailed });
        // One that is looked up in the cache may still turn out to be there.
        let records = &self.records;
        let is_kept_waiting = |node: usize| {
            records.get(node).is_some_and(|it| matches!(it.away, Away::Lacking | Away::Waiting))
        };
        self.crew.stop_some(Stop::Interrupt, is_kept_waiting);
        if self.on_failure == FailurePolicy::FailFast {
            self.raise(Stop::Terminate);
        }
    }

    pub(super) fn hear(&mut self, control: Control) {
        let (interruption, stop) = match control {
            Control::Interrupt => (Interruption::Interrupted, Stop::Interrupt),
            Control::Terminate => (Interruption::Terminated, Stop::Terminate),
            Control::EndService(service) => return self.end_kept_service(service),
            Control::LogLost(node) => return self.break_off(node),
        };
        if self.interruption().is_some() {
            self.raise(Stop::Kill);
            return;
        }
        self.brake = Brake::Stopped(interruption, Instant::now());
        self.empty_queues();
        self.end_queued(&NodeState::Cancelled);
        self.let_go_of_services();
        self.raise(stop);
    }

    /// Services that the person asked for are no longer needed for that.
    fn let_go_of_services(&mut self) {
        for service in self.holders.let_go_of_all() {
            self.let_go(service);
        }
    }

    /// Ends a task whose output can't be kept. One that has ended did so before anybody knew.
    fn break_off(&mut self, task: NodeId) {
        let mut nodes = self.shared.plan.nodes().iter();
        let found = nodes.position(|node| node.id() == task && node.as_task().is_some());
        let Some(position) = found.filter(|it| self.crew.has(*it)) else { return };
        if let Some(record) = self.records.get_mut(position) {
            record.broken_by.get_or_insert(Breakage::Log);
        }
        self.end_broken(position);
    }

    /// Asks the unit of a node that lost something to end; it is killed if it does not.
    pub(super) fn end_broken(&mut self, position: usize) {
        self.crew.stop_one(position, Stop::Terminate);
        let kill_at = Instant::now() + self.shared.grace;
        self.kill_broken_at.get_or_insert(kill_at);
    }

    /// The person does not need a service any more, nor what needs it. One that has not started never will.
    fn end_kept_service(&mut self, service: NodeId) {
        let nodes = self.shared.plan.nodes();
        let Some(position) = nodes.iter().position(|node| node.id() == service) else { return };
        for service in self.holders.let_go(position) {
            if self.crew.has(service) {
                self.crew.release(service);
            } else if self.is_queued(service) {
                self.free.retain(|it| *it != service);
                self.change(service, NodeState::Cancelled);
                self.follow(service);
            }
        }
    }

    /// Whether nobody has begun with a node, whatever it waits for. What has a unit is ended by that.
    pub(super) fn is_queued(&self, position: usize) -> bool {
        !self.states.get(position).is_final() && !self.crew.has(position)
    }

    /// Whether a node makes a pause between two attempts.
    pub(super) fn is_pausing(&self, position: usize) -> bool {
        is_pausing(self.states.get(position))
    }

    /// Ends the nodes that nobody has begun with, so that services know that nobody will need them.
    fn end_queued(&mut self, end: &NodeState) {
        let nodes = 0..self.records.len();
        for node in nodes.filter(|it| self.is_queued(*it)).collect::<Vec<_>>() {
            self.change(node, end.clone());
        }
    }

    /// Lets nobody start any more. Who makes a pause between two attempts has started.
    fn empty_queues(&mut self) {
        self.schedule.clear();
        self.free.clear();
        let states = &self.states;
        self.waiting.retain(|it| is_pausing(states.get(it)));
    }

    /// When to insist, and how, if something was asked to end: after half of the grace time more firmly (a shell may
    /// lose an interrupt that comes just before it starts a program), and at its end for good.
    pub(super) fn insistence(&self) -> Option<(Instant, Stop)> {
        let asked = match self.brake {
            Brake::Stopped(_, asked) => asked,
            Brake::Failure(asked) if self.on_failure == FailurePolicy::FailFast => asked,
            Brake::Off | Brake::Failure(_) => return None,
        };
        match self.stop {
            Stop::No | Stop::Kill => None,
            Stop::Interrupt => Some((asked + self.shared.grace / 2, Stop::Terminate)),
            Stop::Terminate => Some((asked + self.shared.grace, Stop::Kill)),
        }
    }

    /// Insists without anybody having asked for it. Services have a grace of their own and are spared.
    pub(super) fn insist(&mut self, level: Stop) {
        self.stop = self.stop.max(level);
        let nodes = self.shared.plan.nodes();
        let is_task =
            |position: usize| nodes.get(position).is_some_and(|it| it.as_task().is_some());
        self.crew.stop_some(self.stop, is_task);
    }

    pub(super) fn raise(&mut self, level: Stop) {
        self.stop = self.stop.max(level);
        self.crew.stop_all(self.stop);
    }
}

const fn is_pausing(state: &NodeState) -> bool {
    matches!(state, NodeState::BackingOff { .. })
}
