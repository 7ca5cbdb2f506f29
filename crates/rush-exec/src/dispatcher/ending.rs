//! What units tell, how nodes end, and what that means for other nodes.

use std::sync::Arc;

use rush_plan::{EventBody, NodeState, NoteLevel, Plan, SkipReason, WaitingReason};

use super::{Away, Brake, Breakage, Dispatcher, Loss, task_at};
use crate::crew::Heard;
use crate::journal::Subject;
use crate::results::Wait;
use crate::schedule::Consequence;
use crate::unit::{Finish, Report, Stop};

impl Dispatcher {
    /// Deals with a word of a unit.
    pub(super) fn take(&mut self, position: usize, heard: Heard) {
        match heard {
            Heard::Told { attempt, report } => self.receive(position, attempt, report),
            Heard::Finished(finish) => self.finish(position, finish),
            Heard::Died(message) => {
                self.bugs.push(message);
                let state = NodeState::Failed { allowed: false };
                let problem = Some("an error in Rush itself".to_owned());
                self.finish(position, Finish { problem, ..Finish::without_attempt(state) });
            }
        }
    }

    fn receive(&mut self, position: usize, attempt: u32, report: Report) {
        let subject =
            Subject { node: self.id(position), attempt: (attempt > 0).then_some(attempt) };
        match report {
            // It was looking for an earlier result while something failed, so it must not run any more.
            Report::Begins if self.brake != Brake::Off => {
                self.crew.stop_one(position, Stop::Interrupt);
            }
            Report::Begins if self.lacks_services(position) => {
                self.look_again(position);
                self.want_services_of(position);
            }
            Report::Begins if self.lacking_service(position).is_some() => {
                self.look_again(position);
                self.come_back(position);
            }
            Report::Begins if self.away(position) == Away::Waiting => {
                self.waits_no_more(position);
                self.come_back(position);
            }
            Report::Begins => {
                self.begin_attempts(position);
                self.crew.let_in(position);
            }
            // What it waits for may take as long as the run that has failed.
            Report::Waits(_) if self.brake != Brake::Off => {
                self.crew.stop_one(position, Stop::Interrupt);
            }
            // It goes on looking, and has to take what it gave back if it comes to run.
            Report::Waits(None) => self.waits_no_more(position),
            Report::Waits(Some(wait)) => {
                if self.away(position) == Away::No {
                    self.go_away(position, Away::Waiting);
                }
                if let Wait::Long(process) = wait {
                    let reason = WaitingReason::Another { process };
                    self.change(position, NodeState::Waiting { reason });
                }
            }
            Report::Started { command, shown } => {
                self.journal.note_node(subject, EventBody::AttemptStarted { command, shown });
            }
            Report::Output { stream, bytes } => {
                // While the run is being stopped, a reader that can't keep up loses output, not the stop.
                if self.journal.has_room() {
                    let body = EventBody::AttemptOutput { stream, text: String::new() };
                    self.journal.note_output(subject, body, bytes);
                }
            }
            Report::AttemptEnded(end, usage) => {
                let end = self.shared.secrets.end(end);
                let usage = usage.record();
                self.journal.note_node(subject, EventBody::AttemptEnded { end, usage });
            }
            Report::Serving => {
                self.change(position, NodeState::Serving { attempt });
                self.serve(position);
            }
            Report::BacksOff { delay_ms } => {
                self.change(position, NodeState::BackingOff { attempt, delay_ms });
                self.go_away(position, Away::Pausing);
            }
            Report::WantsBack if self.is_service(position) => self.let_service_in(position),
            Report::WantsBack => self.come_back(position),
            Report::TriesAgain => self.begin_another(position, attempt),
        }
    }

    pub(super) fn begin_another(&mut self, position: usize, attempt: u32) {
        self.change(position, NodeState::Running { attempt });
        if let Some(record) = self.records.get_mut(position) {
            record.attempts = attempt;
        }
    }

    /// A node that waits leaves what it took to others.
    pub(super) fn go_away(&mut self, position: usize, why: Away) {
        let plan = Arc::clone(&self.shared.plan);
        let Some(task) = task_at(&plan, position) else { return };
        if self.set_away(position, why) == Away::No {
            self.capacity.give_back(position, task);
        }
        self.has_news = true;
    }

    pub(super) fn away(&self, position: usize) -> Away {
        self.records.get(position).map(|it| it.away).unwrap_or_default()
    }

    /// Notes why a node is away, and returns why it was.
    pub(super) fn set_away(&mut self, position: usize, why: Away) -> Away {
        let Some(record) = self.records.get_mut(position) else { return Away::No };
        let before = std::mem::replace(&mut record.away, why);
        self.waiting_looks += usize::from(why == Away::Waiting);
        self.waiting_looks -= usize::from(before == Away::Waiting);
        before
    }

    /// Whatever a look waited for, it is over.
    pub(super) fn waits_no_more(&mut self, position: usize) {
        if matches!(self.states.get(position), NodeState::Waiting { .. }) {
            self.change(position, NodeState::Ready);
        }
    }

    fn is_service(&self, position: usize) -> bool {
        self.shared.plan.nodes().get(position).is_some_and(|it| it.as_service().is_some())
    }

    /// Lets a service start again, once those are back that it needs itself.
    fn let_service_in(&mut self, position: usize) {
        let is_lacking = self.lacking_service(position).is_some();
        self.set_away(position, if is_lacking { Away::Lacking } else { Away::No });
        if !is_lacking {
            self.crew.let_in(position);
        }
    }

    /// A service can be used: what needs it may start; that happens once, however often it starts again.
    fn serve(&mut self, position: usize) {
        // Those that were to start while it was away can start now.
        self.has_news = true;
        for user in self.holders.reaching(position).to_vec() {
            if self.is_service(user) && self.away(user) == Away::Lacking {
                self.let_service_in(user);
            }
        }
        let Some(record) = self.records.get_mut(position) else { return };
        if !std::mem::replace(&mut record.has_served, true) {
            self.follow(position);
            if self.holders.hand_on(position) {
                self.let_go(position);
            }
        }
    }

    fn finish(&mut self, position: usize, finish: Finish) {
        let mut finish = finish.for_people(&self.shared.secrets);
        self.has_news = true;
        let plan = Arc::clone(&self.shared.plan);
        let elapsed = self.journal.elapsed();
        match (task_at(&plan, position), self.set_away(position, Away::No)) {
            (Some(task), Away::No) => self.capacity.give_back(position, task),
            (Some(_), _) => self.waiting.remove(position),
            (None, _) => {}
        }
        if finish.state == NodeState::Cached {
            self.waits_no_more(position);
        }
        let Some(record) = self.records.get_mut(position) else { return };
        if record.attempts > 0 {
            record.duration = elapsed.saturating_sub(record.started);
        }
        let has_served = record.has_served;
        self.adjust(position, &plan, &mut finish);
        let state = finish.state.clone();
        self.note_remarks(position, &finish);
        if let Some(record) = self.records.get_mut(position) {
            record.finish = Some(Box::new(finish));
        }
        let is_failure = is_failure(&state);
        self.change(position, state);
        if has_served {
            self.end_service(position, &plan, is_failure);
        } else {
            self.follow(position);
        }
        if is_failure {
            self.react_to_failure();
        }
    }

    /// Tells what a person should know beside the state, before the state ends the node.
    pub(super) fn note_remarks(&mut self, position: usize, finish: &Finish) {
        let subject = Subject { node: self.id(position), attempt: None };
        let warnings = finish.warnings.iter().map(|it| (NoteLevel::Warning, it.clone()));
        let problem = finish.whole_problem().map(|it| (NoteLevel::Problem, it));
        for (level, message) in warnings.chain(problem) {
            let body = EventBody::Noted { level, message };
            self.journal.note_node(subject, body);
        }
    }

    /// Warns of something that no unit says.
    pub(super) fn warn(&mut self, position: Option<usize>, message: &str) {
        let message = self.shared.secrets.sentence(message);
        let body = EventBody::Noted { level: NoteLevel::Warning, message };
        match position {
            Some(position) => {
                let subject = Subject { node: self.id(position), attempt: None };
                self.journal.note_node(subject, body);
            }
            None => self.journal.note(body),
        }
    }

    /// Draws the consequences of an end known from an earlier run.
    pub(super) fn settle_earlier(&mut self, position: usize) {
        let state = self.states.get(position).clone();
        let has_failed = is_failure(&state);
        self.tell_state(position, state);
        self.follow(position);
        if has_failed {
            self.react_to_failure();
        }
    }

    /// Draws the consequences of an end, or of a service that can be used; also those of the consequences.
    pub(super) fn follow(&mut self, position: usize) {
        self.has_news = true;
        let mut ended = vec![position];
        let mut consequences = std::mem::take(&mut self.consequences);
        while let Some(position) = ended.pop() {
            let is_satisfied = self.states.get(position).is_satisfied();
            let is_cancelled = *self.states.get(position) == NodeState::Cancelled;
            self.schedule.end(position, is_satisfied, &mut consequences);
            for consequence in consequences.drain(..) {
                match consequence {
                    Consequence::Free(next) if !self.states.get(next).is_final() => {
                        self.set_free(next);
                    }
                    Consequence::Closer(next) => self.look_ahead(next),
                    // What needs a cancelled node was not let down by it: the run ends before it.
                    Consequence::Broken(_) if is_cancelled => {}
                    Consequence::Broken(next) if self.is_ahead(next) => {
                        self.let_down(next, position);
                    }
                    Consequence::Broken(next) if !self.states.get(next).is_final() => {
                        let reason = SkipReason::Needs { node: self.id(position) };
                        self.change(next, NodeState::Skipped { reason });
                        ended.push(next);
                    }
                    Consequence::Free(_) | Consequence::Broken(_) => {}
                }
            }
        }
        self.consequences = consequences;
    }

    /// A service that could be used has ended. If it died, those that use it fail, and those to come are skipped.
    fn end_service(&mut self, position: usize, plan: &Plan, has_died: bool) {
        if !has_died {
            return;
        }
        let loss = self.loss_of(position, plan);
        for user in self.holders.reaching(position).to_vec() {
            let is_open = !self.states.get(user).is_final();
            let Some(record) = self.records.get_mut(user).filter(|_| is_open) else { continue };
            if record.attempts == 0 {
                self.let_down(user, position);
                continue;
            }
            record.broken_by.get_or_insert_with(|| Breakage::Service(loss.clone()));
            self.waiting.remove(user);
            self.end_broken(user);
            self.crew.release(user);
        }
    }
}

impl Dispatcher {
    /// Makes the end of a unit that of its node: one that lost a service or its log has failed, and one that only looked for an
    /// earlier result when something failed did not run.
    fn adjust(&mut self, position: usize, plan: &Plan, finish: &mut Finish) {
        let Some(record) = self.records.get_mut(position) else { return };
        let task = task_at(plan, position);
        let has_run = record.attempts > 0;
        let let_down_by = record.let_down_by.take().filter(|_| !has_run);
        let loss = match record.broken_by.take() {
            // A service that lost another ends well when it is asked to, and is lost all the same.
            Some(Breakage::Service(loss)) => {
                Some(loss).filter(|_| finish.state == NodeState::Cancelled || task.is_none())
            }
            Some(Breakage::Log) => Some(Loss {
                problem: "what it says can't be kept: no space is left on the disk".to_owned(),
                last_lines: Vec::new(),
            }),
            None => None,
        };
        if let Some(node) = let_down_by.filter(|_| finish.state == NodeState::Cancelled) {
            finish.state = NodeState::Skipped { reason: SkipReason::Needs { node: self.id(node) } };
        } else if let Some(loss) = loss.filter(|_| has_run) {
            finish.state = NodeState::Failed { allowed: task.is_some_and(|it| it.allow_failure) };
            finish.problem = Some(loss.problem);
            finish.last_lines = loss.last_lines;
        } else if finish.state == NodeState::Cancelled
            && !has_run
            && matches!(self.brake, Brake::Failure(_))
        {
            finish.state = NodeState::Skipped { reason: SkipReason::RunFailed };
        }
    }

    /// What is said of those that needed a service that died.
    fn loss_of(&self, service: usize, plan: &Plan) -> Loss {
        let label = plan.nodes().get(service).map_or("", |it| it.label());
        let finish = self.records.get(service).and_then(|it| it.finish.as_ref());
        let problem = finish.and_then(|it| it.problem.as_deref()).unwrap_or("it ended");
        Loss {
            problem: format!("the service `{label}`, which it needs, is gone: {problem}"),
            last_lines: finish.map(|it| it.last_lines.clone()).unwrap_or_default(),
        }
    }

    /// Kills those that lost a service and did not end when they were asked to.
    pub(super) fn kill_broken(&mut self) {
        self.kill_broken_at = None;
        let records = &self.records;
        let is_broken =
            |position: usize| records.get(position).is_some_and(|it| it.broken_by.is_some());
        self.crew.stop_some(Stop::Kill, is_broken);
    }
}

fn is_failure(state: &NodeState) -> bool {
    state.has_failed() && !state.is_satisfied()
}
