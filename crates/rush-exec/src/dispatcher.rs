//! Decides what starts, what is skipped and when the run is over; owns the states of all nodes.
//!
//! An actor: it hears its units, the person (`Control`) and the clock, and tells the journal. It never waits for
//! a process or for a slow reader of events while there is something else to hear.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rush_plan::{
    EventBody, Node, NodeId, NodeState, NoteLevel, Plan, RunOutcome, SkipReason, Task,
    WaitingReason,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::capacity::Capacity;
use crate::journal::{Journal, Subject};
use crate::options::{Control, FailurePolicy};
use crate::place::Usage;
use crate::results::{AtOnce, Hit};
use crate::schedule::{Consequence, Schedule};
use crate::state::States;
use crate::summary::{Interruption, NodeSummary, RunSummary};
use crate::unit::{Begin, Finish, Message, Report, Shared, Stop, Unit, sleep_until};

/// How many messages of units wait to be heard.
const MAILBOX_MESSAGES_MAX: usize = 64;

/// What the dispatcher is made of.
pub(crate) struct Parts {
    pub(crate) shared: Arc<Shared>,
    pub(crate) journal: Journal,
    pub(crate) jobs: usize,
    pub(crate) on_failure: FailurePolicy,
}

/// Runs the plan to its end.
pub(crate) async fn dispatch(parts: Parts, control: mpsc::Receiver<Control>) -> RunSummary {
    let mut dispatcher = Dispatcher::new(parts, control);
    dispatcher.begin();
    dispatcher.run().await;
    dispatcher.end().await
}

/// Why nothing new starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Brake {
    /// It does.
    Off,
    /// A node failed.
    Failure(Instant),
    /// Something outside stopped the run.
    Stopped(Interruption, Instant),
}

struct Dispatcher {
    shared: Arc<Shared>,
    journal: Journal,
    on_failure: FailurePolicy,
    states: States,
    schedule: Schedule,
    capacity: Capacity,
    records: Vec<Record>,
    brake: Brake,
    stop: watch::Sender<Stop>,
    stop_listener: watch::Receiver<Stop>,
    control: mpsc::Receiver<Control>,
    mailbox: mpsc::Sender<Message>,
    messages: mpsc::Receiver<Message>,
    units: JoinSet<()>,
    /// Which node each unit runs, until it has finished.
    running: HashMap<tokio::task::Id, usize>,
    bugs: Vec<String>,
}

/// What is remembered of a node for the summary.
#[derive(Default)]
struct Record {
    started: Duration,
    duration: Duration,
    attempts: u32,
    finish: Option<Finish>,
}

impl Dispatcher {
    fn new(parts: Parts, control: mpsc::Receiver<Control>) -> Self {
        let plan = &parts.shared.plan;
        let schedule = Schedule::new(plan);
        let initial = (0..plan.nodes().len()).map(|node| match schedule.remaining(node) {
            0 => NodeState::Ready,
            remaining => NodeState::Waiting { reason: WaitingReason::Needs { remaining } },
        });
        let (mailbox, messages) = mpsc::channel(MAILBOX_MESSAGES_MAX);
        let (stop, stop_listener) = watch::channel(Stop::No);
        Self {
            states: States::new(initial.collect()),
            capacity: Capacity::new(parts.jobs, &plan.content().host),
            records: plan.nodes().iter().map(|_| Record::default()).collect(),
            schedule,
            shared: parts.shared,
            journal: parts.journal,
            on_failure: parts.on_failure,
            brake: Brake::Off,
            stop,
            stop_listener,
            control,
            mailbox,
            messages,
            units: JoinSet::new(),
            running: HashMap::new(),
            bugs: Vec::new(),
        }
    }

    fn begin(&mut self) {
        let plan = Arc::clone(&self.shared.plan);
        self.journal.note(EventBody::RunStarted {
            workspace: plan.workspace().clone(),
            plan: plan.digests().content,
            cause: plan.cause().clone(),
            nodes: plan.nodes().len() as u32,
        });
        for node in plan.nodes() {
            let body = EventBody::NodeAdded { label: node.label().to_owned(), kind: node.kind() };
            self.journal.note_node(Subject { node: node.id(), attempt: None }, body);
        }
        for position in 0..plan.nodes().len() {
            let state = self.states.get(position).clone();
            let is_ready = state == NodeState::Ready;
            self.note_state(position, state);
            if is_ready {
                self.schedule.push(position);
            }
        }
    }

    async fn run(&mut self) {
        loop {
            self.start_ready();
            if self.running.is_empty() {
                break;
            }
            let insistence = self.insistence();
            tokio::select! {
                biased;
                Some(control) = self.control.recv() => self.hear(control),
                Some(level) = insist(insistence) => self.raise(level),
                () = self.journal.deliver(), if !self.journal.is_delivered() => {}
                Some(message) = self.messages.recv(),
                    if self.journal.has_room() || self.is_stopping() => self.receive(message),
                Some(joined) = self.units.join_next_with_id() => self.join(joined),
            }
        }
    }

    /// Ends the journal and sums up.
    async fn end(mut self) -> RunSummary {
        let left: Vec<usize> = self
            .states
            .iter()
            .filter(|(_, state)| !state.is_final())
            .map(|(node, _)| node)
            .collect();
        for node in left {
            self.change(node, NodeState::Cancelled);
        }
        let counts = self.states.counts();
        let outcome = self.outcome();
        let remarks = self.shared.results.as_ref().map(|results| results.finish());
        for message in remarks.unwrap_or_default() {
            self.journal.note(EventBody::Noted { level: NoteLevel::Warning, message });
        }
        self.journal.note(EventBody::RunEnded { outcome, counts });
        let duration = self.journal.elapsed();
        while !self.journal.is_delivered() {
            tokio::select! {
                biased;
                // Whoever asks a second time does not want to wait for a slow reader either.
                Some(control) = self.control.recv() => {
                    self.hear(control);
                    if *self.stop.borrow() == Stop::Kill { break }
                }
                () = self.journal.deliver() => {}
            }
        }
        let interruption = match self.brake {
            Brake::Stopped(interruption, _) => Some(interruption),
            Brake::Off | Brake::Failure(_) => None,
        };
        let plan = Arc::clone(&self.shared.plan);
        let records = std::mem::take(&mut self.records);
        let nodes = plan.nodes().iter().zip(records).enumerate();
        let nodes = nodes.map(|(position, (node, record))| {
            summarise(node, self.states.get(position).clone(), record)
        });
        RunSummary {
            run: self.shared.run.clone(),
            outcome,
            interruption,
            counts,
            nodes: nodes.collect(),
            duration,
            bugs: self.bugs,
        }
    }

    fn outcome(&self) -> RunOutcome {
        let is_good = |state: &NodeState| state.is_satisfied();
        match self.brake {
            Brake::Stopped(..) => RunOutcome::Interrupted,
            Brake::Off | Brake::Failure(_) if self.states.iter().all(|(_, it)| is_good(it)) => {
                RunOutcome::Succeeded
            }
            Brake::Off | Brake::Failure(_) => RunOutcome::Failed,
        }
    }

    /// Starts what can start now.
    fn start_ready(&mut self) {
        let mut held_back = Vec::new();
        while self.brake == Brake::Off
            && let Some(position) = self.schedule.pop()
        {
            let plan = Arc::clone(&self.shared.plan);
            let Some(task) = task_at(&plan, position) else { continue };
            if let Some(state) = settled_at_once(task) {
                self.settle(position, state);
                continue;
            }
            let begin = match self.earlier(position) {
                AtOnce::Hit(hit) => {
                    self.use_hit(position, hit);
                    continue;
                }
                AtOnce::Look => Begin::Looking,
                AtOnce::Run => Begin::Running,
            };
            if self.capacity.is_full() {
                held_back.push(position);
                break;
            }
            match self.capacity.obstacle(task) {
                Some(reason) => {
                    self.wait_for(position, reason);
                    held_back.push(position);
                }
                None => self.start(position, task, begin),
            }
        }
        for position in held_back {
            self.schedule.push(position);
        }
    }

    /// What is known of an earlier result without waiting.
    fn earlier(&self, position: usize) -> AtOnce {
        self.shared.results.as_ref().map_or(AtOnce::Run, |results| results.at_once(position))
    }

    /// Ends a node whose result is there.
    fn use_hit(&mut self, position: usize, hit: Hit) {
        let subject = Subject { node: self.id(position), attempt: None };
        if let Some(mut log) = hit.log {
            while let Ok(Some((stream, bytes))) = log.next() {
                let body = EventBody::AttemptOutput { stream, text: String::new() };
                self.journal.note_output(subject, body, bytes);
            }
        }
        for message in hit.notes {
            let body = EventBody::Noted { level: NoteLevel::Warning, message };
            self.journal.note_node(subject, body);
        }
        self.settle(position, NodeState::Cached);
    }

    fn start(&mut self, position: usize, task: &Task, begin: Begin) {
        if matches!(self.states.get(position), NodeState::Waiting { .. }) {
            self.change(position, NodeState::Ready);
        }
        self.capacity.take(task);
        match begin {
            Begin::Running => self.begin_attempts(position),
            // It stays ready until it is known that it has to run.
            Begin::Looking => {}
        }
        let unit = Unit {
            shared: Arc::clone(&self.shared),
            position,
            mailbox: self.mailbox.clone(),
            stop: self.stop_listener.clone(),
            begin,
            pending: None,
            notes: Vec::new(),
            started: Instant::now(),
        };
        let handle = self.units.spawn(unit.run());
        self.running.insert(handle.id(), position);
    }

    fn begin_attempts(&mut self, position: usize) {
        self.change(position, NodeState::Running { attempt: 1 });
        let started = self.journal.elapsed();
        if let Some(record) = self.records.get_mut(position) {
            record.started = started;
            record.attempts = 1;
        }
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

    /// Ends a node that has nothing to execute.
    fn settle(&mut self, position: usize, state: NodeState) {
        if matches!(self.states.get(position), NodeState::Waiting { .. }) {
            self.change(position, NodeState::Ready);
        }
        if state == NodeState::Succeeded {
            self.change(position, NodeState::Running { attempt: 1 });
        }
        self.change(position, state);
        self.follow(position);
    }

    /// Draws the consequences of a final state, also those of the consequences.
    fn follow(&mut self, position: usize) {
        let mut ended = vec![position];
        while let Some(position) = ended.pop() {
            let is_satisfied = self.states.get(position).is_satisfied();
            let is_cancelled = *self.states.get(position) == NodeState::Cancelled;
            let cause = self.id(position);
            for consequence in self.schedule.end(position, is_satisfied) {
                match consequence {
                    Consequence::Free(next) if !self.states.get(next).is_final() => {
                        self.free(next);
                    }
                    // What needs a cancelled node was not let down by it: the run ends before it.
                    Consequence::Broken(_) if is_cancelled => {}
                    Consequence::Broken(next) if !self.states.get(next).is_final() => {
                        let reason = SkipReason::Needs { node: cause };
                        self.change(next, NodeState::Skipped { reason });
                        ended.push(next);
                    }
                    Consequence::Free(_) | Consequence::Broken(_) => {}
                }
            }
        }
    }

    fn free(&mut self, position: usize) {
        let plan = Arc::clone(&self.shared.plan);
        let obstacle = task_at(&plan, position).and_then(|task| self.capacity.obstacle(task));
        match obstacle {
            Some(reason) => self.change(position, NodeState::Waiting { reason }),
            None => self.change(position, NodeState::Ready),
        }
        self.schedule.push(position);
    }

    fn receive(&mut self, message: Message) {
        let Message { node: position, attempt, report } = message;
        let subject =
            Subject { node: self.id(position), attempt: (attempt > 0).then_some(attempt) };
        match report {
            Report::Begins => self.begin_attempts(position),
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
                let usage = usage.record();
                self.journal.note_node(subject, EventBody::AttemptEnded { end, usage });
            }
            Report::Serving => self.change(position, NodeState::Serving { attempt }),
            Report::BacksOff { delay_ms } => {
                self.change(position, NodeState::BackingOff { attempt, delay_ms });
            }
            Report::TriesAgain => {
                self.change(position, NodeState::Running { attempt });
                if let Some(record) = self.records.get_mut(position) {
                    record.attempts = attempt;
                }
            }
            Report::Finished(finish) => self.finish(position, *finish),
        }
    }

    fn finish(&mut self, position: usize, finish: Finish) {
        self.running.retain(|_, running| *running != position);
        let plan = Arc::clone(&self.shared.plan);
        if let Some(task) = task_at(&plan, position) {
            self.capacity.give_back(task);
        }
        let state = finish.state.clone();
        let elapsed = self.journal.elapsed();
        if let Some(record) = self.records.get_mut(position) {
            record.duration = elapsed.saturating_sub(record.started);
            record.finish = Some(finish);
        }
        let is_failure = !state.is_satisfied() && state != NodeState::Cancelled;
        self.note_remarks(position);
        self.change(position, state);
        self.follow(position);
        if is_failure {
            self.react_to_failure();
        }
    }

    /// Tells what a person should know beside the state, before the state ends the node.
    fn note_remarks(&mut self, position: usize) {
        let Some(finish) = self.records.get(position).and_then(|it| it.finish.as_ref()) else {
            return;
        };
        let warnings = finish.warnings.iter().map(|it| (NoteLevel::Warning, it.clone()));
        let problem = finish.problem.iter().map(|it| (NoteLevel::Problem, it.clone()));
        let remarks: Vec<_> = warnings.chain(problem).collect();
        let subject = Subject { node: self.id(position), attempt: None };
        for (level, message) in remarks {
            self.journal.note_node(subject, EventBody::Noted { level, message });
        }
    }

    /// Lets nothing new start, as far as the person wants it so.
    fn react_to_failure(&mut self) {
        if self.brake != Brake::Off || self.on_failure == FailurePolicy::KeepGoing {
            return;
        }
        self.brake = Brake::Failure(Instant::now());
        let waiting = self
            .states
            .iter()
            .filter(|(_, state)| matches!(state, NodeState::Waiting { .. } | NodeState::Ready));
        let waiting: Vec<usize> = waiting.map(|(node, _)| node).collect();
        self.schedule.drain();
        for node in waiting {
            self.change(node, NodeState::Skipped { reason: SkipReason::RunFailed });
        }
        if self.on_failure == FailurePolicy::FailFast {
            self.raise(Stop::Terminate);
        }
    }

    fn hear(&mut self, control: Control) {
        let (interruption, stop) = match control {
            Control::Interrupt => (Interruption::Interrupted, Stop::Interrupt),
            Control::Terminate => (Interruption::Terminated, Stop::Terminate),
        };
        if self.is_stopping() && matches!(self.brake, Brake::Stopped(..)) {
            self.raise(Stop::Kill);
            return;
        }
        self.brake = Brake::Stopped(interruption, Instant::now());
        for node in self.schedule.drain() {
            self.change(node, NodeState::Cancelled);
        }
        self.raise(stop);
    }

    /// When to insist, and how, if something was asked to end: after half of the grace time more firmly (a shell may
    /// lose an interrupt that comes just before it starts a program), and at its end for good.
    fn insistence(&self) -> Option<(Instant, Stop)> {
        let asked = match self.brake {
            Brake::Stopped(_, asked) => asked,
            Brake::Failure(asked) if self.on_failure == FailurePolicy::FailFast => asked,
            Brake::Off | Brake::Failure(_) => return None,
        };
        match *self.stop.borrow() {
            Stop::No | Stop::Kill => None,
            Stop::Interrupt => Some((asked + self.shared.grace / 2, Stop::Terminate)),
            Stop::Terminate => Some((asked + self.shared.grace, Stop::Kill)),
        }
    }

    fn is_stopping(&self) -> bool {
        *self.stop.borrow() > Stop::No
    }

    fn raise(&mut self, level: Stop) {
        self.stop.send_if_modified(|current| {
            let is_more = level > *current;
            *current = level.max(*current);
            is_more
        });
    }

    /// A unit that ends without a word died of an error in Rush.
    fn join(&mut self, joined: Result<(tokio::task::Id, ()), tokio::task::JoinError>) {
        let Err(error) = joined else { return };
        if let Some(position) = self.running.get(&error.id()).copied() {
            self.bugs.push(error.to_string());
            let state = NodeState::Failed { allowed: false };
            let problem = Some("an error in Rush itself".to_owned());
            let usage = Usage::default();
            self.finish(
                position,
                Finish { state, end: None, usage, warnings: Vec::new(), problem },
            );
        }
    }

    fn change(&mut self, position: usize, state: NodeState) {
        if state.is_final()
            && let Some(results) = &self.shared.results
        {
            results.ended(position, &state);
        }
        self.states.change(position, state.clone());
        self.note_state(position, state);
    }

    fn note_state(&mut self, position: usize, state: NodeState) {
        let attempt = match &state {
            NodeState::Running { attempt }
            | NodeState::BackingOff { attempt, .. }
            | NodeState::Serving { attempt } => Some(*attempt),
            NodeState::Waiting { .. }
            | NodeState::Ready
            | NodeState::Succeeded
            | NodeState::Cached
            | NodeState::Failed { .. }
            | NodeState::TimedOut
            | NodeState::Skipped { .. }
            | NodeState::Cancelled
            | NodeState::Unknown => None,
        };
        let subject = Subject { node: self.id(position), attempt };
        self.journal.note_node(subject, EventBody::NodeChanged(state));
    }

    fn id(&self, position: usize) -> NodeId {
        let node = self.shared.plan.nodes().get(position);
        node.expect("nodes are numbered by this plan").id()
    }
}

fn task_at(plan: &Plan, position: usize) -> Option<&Task> {
    plan.nodes().get(position).and_then(Node::as_task)
}

/// The state of a task that starts no process.
fn settled_at_once(task: &Task) -> Option<NodeState> {
    if task.skip.is_some() {
        return Some(NodeState::Skipped { reason: SkipReason::When });
    }
    let is_empty = task.run.is_empty() && task.finally.is_empty() && task.outputs.is_empty();
    is_empty.then_some(NodeState::Succeeded)
}

async fn insist(insistence: Option<(Instant, Stop)>) -> Option<Stop> {
    sleep_until(insistence.map(|(time, _)| time)).await;
    insistence.map(|(_, level)| level)
}

fn summarise(node: &Node, state: NodeState, record: Record) -> NodeSummary {
    let Record { started, duration, attempts, finish } = record;
    let finish = finish.unwrap_or(Finish {
        state: state.clone(),
        end: None,
        usage: Usage::default(),
        warnings: Vec::new(),
        problem: None,
    });
    NodeSummary {
        node: node.id(),
        label: node.label().to_owned(),
        state,
        attempts,
        end: finish.end,
        started,
        duration,
        usage: finish.usage,
        warnings: finish.warnings,
        problem: finish.problem,
    }
}
