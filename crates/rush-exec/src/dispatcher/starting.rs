//! From "everything before it has ended" to a unit at work, or to an end without one.

use std::sync::Arc;

use rush_plan::{EventBody, NodeState, SkipReason, Task, WaitingReason, Work};
use tokio::time::Instant;

use super::{Away, Brake, Dispatcher, WAITING_LOOKS_MAX, task_at};
use crate::capacity::Shortage;
use crate::journal::Subject;
use crate::results::{AtOnce, Hit};
use crate::service::ServiceUnit;
use crate::unit::{Begin, Finish, Stop, Unit};
use crate::waiting_room::Claim;

impl Dispatcher {
    /// Starts what can start now.
    pub(super) fn start_ready(&mut self) {
        if !std::mem::take(&mut self.has_news) {
            return;
        }
        if self.capacity.running() == 0 {
            // Tokens that a killed command took along come back before anything new wants one.
            self.keep_tokens();
        }
        // What ends at once does so as fast as its events are taken, and no word from outside waits for it.
        self.end_unneeded();
        while self.brake == Brake::Off
            && self.journal.has_room()
            && let Some(position) = self.free.pop_front()
        {
            self.admit(position);
            self.end_unneeded();
        }
        self.has_news |= !self.free.is_empty();
        self.wants_token = false;
        // After a failure only those are left that make a pause, and they are no new ones.
        if self.stop == Stop::No {
            self.start_those_who_waited();
            self.start_from_queue();
        }
        if self.brake == Brake::Off {
            self.tell_ready();
        }
        self.keep_tokens();
    }

    /// A node that was away with its unit wants again what it gave back.
    pub(super) fn come_back(&mut self, position: usize) {
        // Who has not begun when something failed was told to end.
        if self.brake == Brake::Off || self.is_pausing(position) {
            self.has_news = true;
            self.wait(position, Shortage::Worker);
        }
    }

    /// Gives back the tokens that no running node needs.
    fn keep_tokens(&self) {
        if let Some(budget) = &self.budget {
            budget.keep_for(self.capacity.running());
        }
    }

    /// Whether one more node may run, apart from what it wants itself.
    fn has_room(&mut self) -> bool {
        if self.capacity.is_full() {
            return false;
        }
        let more = self.capacity.running() + 1;
        self.wants_token = self.budget.as_ref().is_some_and(|budget| !budget.admits(more));
        !self.wants_token
    }

    /// Ends a node that has nothing to execute or whose result is there; queues any other.
    fn admit(&mut self, position: usize) {
        let plan = Arc::clone(&self.shared.plan);
        let Some(node) = plan.nodes().get(position) else { return };
        let task = match &node.work {
            Work::Service(_) => return self.start_service(position),
            Work::Task(task) => task,
        };
        if let Some(state) = end_at_once(task) {
            return self.settle(position, state);
        }
        match self.at_once(position) {
            AtOnce::Hit(hit) => self.use_hit(position, hit),
            AtOnce::Look => self.queue(position, Begin::Looking),
            AtOnce::Run => self.queue(position, Begin::Running),
        }
    }

    /// What can be said of an earlier result without looking for it.
    pub(super) fn at_once(&self, position: usize) -> AtOnce {
        self.shared.results.as_ref().map_or(AtOnce::Run, |it| it.at_once(position))
    }

    pub(super) fn queue(&mut self, position: usize, begin: Begin) {
        if let Some(record) = self.records.get_mut(position) {
            record.begin = Some(begin);
        }
        self.schedule.push(position);
        self.admitted.push(position);
    }

    /// Ends a node whose result is there. That it was ready is not worth an event.
    pub(super) fn use_hit(&mut self, position: usize, hit: Hit) {
        let subject = Subject { node: self.id(position), attempt: None };
        if let Some(mut log) = hit.log {
            while let Ok(Some((stream, bytes))) = log.next() {
                let body = EventBody::AttemptOutput { stream, text: String::new() };
                self.journal.note_output(subject, body, bytes);
            }
        }
        if !hit.notes.is_empty() {
            let known = Finish::without_attempt(NodeState::Cached);
            let finish = Finish { warnings: hit.notes, ..known }.for_people(&self.shared.secrets);
            self.note_remarks(position, &finish);
            if let Some(record) = self.records.get_mut(position) {
                record.finish = Some(Box::new(finish));
            }
        }
        if matches!(self.states.get(position), NodeState::Waiting { .. }) {
            self.states.change(position, NodeState::Ready);
        }
        self.change(position, NodeState::Cached);
        self.follow(position);
    }

    /// Ends a node that has nothing to execute.
    pub(super) fn settle(&mut self, position: usize, state: NodeState) {
        if matches!(self.states.get(position), NodeState::Waiting { .. }) {
            self.change(position, NodeState::Ready);
        }
        if state == NodeState::Succeeded {
            self.change(position, NodeState::Running { attempt: 1 });
        }
        self.change(position, state);
        self.follow(position);
    }

    /// Lets those go who waited for something that is there now, the most urgent of each queue first.
    fn start_those_who_waited(&mut self) {
        let plan = Arc::clone(&self.shared.plan);
        for shortage in self.waiting.shortages() {
            while let Some(position) = self.waiting.first(&shortage)
                && let Some(task) = task_at(&plan, position)
                && self.has_room()
            {
                match self.try_take(position, task) {
                    Ok(()) => {
                        self.waiting.pop(&shortage);
                        self.start(position);
                    }
                    Err(still) if still == shortage => break,
                    Err(other) => {
                        self.waiting.pop(&shortage);
                        self.wait(position, other);
                    }
                }
            }
        }
    }

    fn start_from_queue(&mut self) {
        let plan = Arc::clone(&self.shared.plan);
        while !self.schedule.is_idle()
            && self.has_room()
            && let Some(position) = self.schedule.pop()
            && let Some(task) = task_at(&plan, position)
        {
            // Nobody is let past those who wait for the same already.
            let taken = match self.waiting.queue_for(task) {
                Some(shortage) => Err(shortage.clone()),
                None => self.try_take(position, task),
            };
            match taken {
                Ok(()) => self.start(position),
                Err(shortage) => self.wait(position, shortage),
            }
        }
    }

    /// Takes what a node needs to start or to go on.
    fn try_take(&mut self, position: usize, task: &Task) -> Result<(), Shortage> {
        if let Some(service) = self.lacking_service(position) {
            return Err(Shortage::Service(service));
        }
        let begin = self.records.get(position).and_then(|it| it.begin);
        let is_look = begin == Some(Begin::Looking)
            && matches!(self.away(position), Away::No | Away::Lacking);
        if is_look && self.waiting_looks >= WAITING_LOOKS_MAX {
            return Err(Shortage::Looks);
        }
        self.capacity.try_take(position, task)
    }

    /// A service that a node needs and that ended and has not come back yet.
    pub(super) fn lacking_service(&self, position: usize) -> Option<usize> {
        self.holders.needed_by(position).find(|service| match self.states.get(*service) {
            NodeState::Running { .. } | NodeState::BackingOff { .. } => true,
            NodeState::Serving { .. }
            | NodeState::Waiting { .. }
            | NodeState::Ready
            | NodeState::Succeeded
            | NodeState::Cached
            | NodeState::Failed { .. }
            | NodeState::TimedOut
            | NodeState::Skipped { .. }
            | NodeState::Cancelled
            | NodeState::Unknown => false,
        })
    }

    /// Tells which of the new nodes wait for nothing but a worker.
    fn tell_ready(&mut self) {
        for position in std::mem::take(&mut self.admitted) {
            let state = self.states.get(position);
            if matches!(state, NodeState::Waiting { reason: WaitingReason::Needs { .. } }) {
                self.change(position, NodeState::Ready);
            }
        }
    }

    fn wait(&mut self, position: usize, shortage: Shortage) {
        if let Some(reason) = shortage.reason() {
            self.wait_for(position, reason);
        }
        if matches!(shortage, Shortage::Service(_)) && self.away(position) == Away::Waiting {
            self.look_again(position);
        }
        let urgency = self.schedule.urgency(position);
        let claim = match self.away(position) {
            Away::No => Claim::New(urgency),
            Away::Pausing | Away::Lacking | Away::Waiting => Claim::Back(urgency),
        };
        self.waiting.push(shortage, claim, position);
    }

    /// Says what a node waits for, unless it was said already or it is ready for people anyway.
    fn wait_for(&mut self, position: usize, reason: WaitingReason) {
        let state = NodeState::Waiting { reason };
        if matches!(self.states.get(position), NodeState::Waiting { .. })
            && *self.states.get(position) != state
        {
            self.change(position, state);
        }
    }

    /// Who waits for a service has nothing that others may wait for, so the look is made again when that is up.
    pub(super) fn look_again(&mut self, position: usize) {
        self.waits_no_more(position);
        self.go_away(position, Away::Lacking);
        self.crew.send_back(position);
    }

    /// Lets the unit of a node that was away go on, which has taken again what it needs.
    fn go_on(&mut self, position: usize, was: Away) {
        match (was, self.states.get(position)) {
            // It looks once more.
            (Away::Lacking, _) => {}
            (_, NodeState::BackingOff { attempt, .. }) => self.begin_another(position, *attempt),
            _ => self.begin_attempts(position),
        }
        self.crew.let_in(position);
    }

    /// Puts a unit to work for a node that has taken what it needs, or lets it go on.
    fn start(&mut self, position: usize) {
        let was = self.set_away(position, Away::No);
        if was != Away::No {
            return self.go_on(position, was);
        }
        if matches!(self.states.get(position), NodeState::Waiting { .. }) {
            self.change(position, NodeState::Ready);
        }
        let begin = self.records.get(position).and_then(|it| it.begin).unwrap_or(Begin::Running);
        match begin {
            Begin::Running => self.begin_attempts(position),
            // It stays ready until it is known that it has to run.
            Begin::Looking => {}
        }
        let shared = Arc::clone(&self.shared);
        self.crew.start(position, |line| {
            let started = Instant::now();
            let (pending, notes) = (None, Vec::new());
            Box::pin(Unit { shared, position, line, begin, pending, notes, started }.run())
        });
    }

    /// Puts a service to work once somebody needs it for certain. It takes no worker: what it does is to wait.
    pub(super) fn start_service(&mut self, position: usize) {
        let has_begun = self.records.get(position).is_some_and(|it| it.attempts > 0);
        if has_begun || !self.wanted.contains(&position) {
            return;
        }
        if matches!(self.states.get(position), NodeState::Waiting { .. }) {
            self.change(position, NodeState::Ready);
        }
        self.begin_attempts(position);
        let shared = Arc::clone(&self.shared);
        let kept = shared.kept.get(&self.id(position)).cloned();
        let remarks = Vec::new();
        self.crew.start(position, |line| {
            Box::pin(ServiceUnit { shared, position, line, kept, remarks }.run())
        });
    }

    pub(super) fn begin_attempts(&mut self, position: usize) {
        self.change(position, NodeState::Running { attempt: 1 });
        let started = self.journal.elapsed();
        if let Some(record) = self.records.get_mut(position) {
            record.started = started;
            record.attempts = 1;
        }
        self.want_services_behind(position);
    }
}

/// The state of a task that starts no process.
pub(super) fn end_at_once(task: &Task) -> Option<NodeState> {
    if task.skip.is_some() {
        return Some(NodeState::Skipped { reason: SkipReason::When });
    }
    let is_empty = task.run.is_empty() && task.finally.is_empty() && task.outputs.is_empty();
    is_empty.then_some(NodeState::Succeeded)
}
