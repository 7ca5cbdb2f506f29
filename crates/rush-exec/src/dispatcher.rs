//! Decides what starts, what is skipped and when the run is over; owns the states of all nodes.
//!
//! An actor: it hears its units, the person (`Control`) and the clock, and tells the journal. It never waits for
//! a process or for a slow reader of events while there is something else to hear.
//!
//! A node that may start is *admitted*: it ends at once if nothing is to execute or its result is there, else it
//! queues by urgency and *starts* when there is room. The unit of a service says [`Report::Serving`] when it can be
//! used; its dependants go on then, and when the last of them has ended it is released and ends.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use rush_plan::{
    AttemptEnd, EventBody, Node, NodeId, NodeState, Plan, RunOutcome, Task, WaitingReason,
};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::capacity::Capacity;
use crate::crew::Crew;
use crate::jobserver::Jobserver;
use crate::journal::{Journal, Subject};
use crate::options::{Control, Course, FailurePolicy};
use crate::schedule::{Consequence, Schedule};
use crate::service::{Fronts, Holders};
use crate::state::States;
use crate::summary::{NodeSummary, RunSummary};
use crate::unit::{Begin, Finish, Shared, Stop, left_behind, sleep_until};
use crate::waiting_room::WaitingRoom;

mod ahead;
mod brake;
mod ending;
mod starting;

use brake::Brake;

/// How often it is tried again to enter a `limit` group whose places other processes have.
const LIMIT_PAUSE: Duration = Duration::from_millis(50);

/// How many nodes may wait at a time for what other runs have. Each of them has a thread that waits.
const WAITING_LOOKS_MAX: usize = 64;

/// What the dispatcher is made of.
pub(crate) struct Parts {
    pub(crate) shared: Arc<Shared>,
    pub(crate) journal: Journal,
    pub(crate) capacity: Capacity,
    /// The budget that is shared with make, cargo and the like; each node beyond the first takes a token of it.
    pub(crate) budget: Option<Arc<Jobserver>>,
    pub(crate) course: Course,
}

/// Runs the plan to its end.
pub(crate) async fn dispatch(parts: Parts, control: mpsc::Receiver<Control>) -> RunSummary {
    let mut dispatcher = Dispatcher::new(parts, control);
    dispatcher.begin().await;
    dispatcher.run().await;
    dispatcher.end().await
}

struct Dispatcher {
    shared: Arc<Shared>,
    journal: Journal,
    on_failure: FailurePolicy,
    states: States,
    schedule: Schedule,
    capacity: Capacity,
    budget: Option<Arc<Jobserver>>,
    /// Whether a node could start if the budget had a token.
    wants_token: bool,
    crew: Crew,
    /// Nodes that may start and were not looked at yet.
    free: VecDeque<usize>,
    /// Nodes that were looked at in this round and have to run.
    admitted: Vec<usize>,
    waiting: WaitingRoom,
    /// How many nodes are away and wait for another Rush or another node.
    waiting_looks: usize,
    /// Whether something happened that may let a node start.
    has_news: bool,
    records: Vec<Record>,
    brake: Brake,
    stop: Stop,
    control: mpsc::Receiver<Control>,
    /// Room for what follows from an end; kept to be used again.
    consequences: Vec<Consequence>,
    holders: Holders,
    fronts: Fronts,
    /// Services that somebody needs for certain, and tasks that will run for certain.
    wanted: HashSet<usize>,
    /// Services that nobody holds any more and that never began.
    unneeded: Vec<usize>,
    /// When those that lost a service are killed if they did not end.
    kill_broken_at: Option<Instant>,
    bugs: Vec<String>,
}

/// What is remembered of a node.
#[derive(Default)]
struct Record {
    started: Duration,
    duration: Duration,
    attempts: u32,
    /// How its unit is to begin, once it was asked whether its result is there.
    begin: Option<Begin>,
    away: Away,
    /// Whether its earlier result was looked for before its services were up.
    is_ahead: bool,
    /// The node for whose sake it can't run, if that turned out while its unit was there already.
    let_down_by: Option<usize>,
    /// Whether it is a service that could be used.
    has_served: bool,
    /// What took away something it can't do without while it ran.
    broken_by: Option<Breakage>,
    finish: Option<Box<Finish>>,
}

/// Why a node waits with a unit but without what it had taken, which it gave back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Away {
    /// It does not.
    #[default]
    No,
    /// It makes a pause between two attempts.
    Pausing,
    /// It has to run, and a service that it needs is not up yet.
    Lacking,
    /// It looks for an earlier result, and another Rush or another node has what it needs for that.
    Waiting,
}

/// What a node lost while it ran.
enum Breakage {
    /// A service that it needs; with what is said of that.
    Service(Loss),
    /// The room on the disk for what it says.
    Log,
}

/// What is said of a node that lost something.
#[derive(Clone)]
struct Loss {
    problem: String,
    /// What the service that is gone wrote last.
    last_lines: Vec<String>,
}

impl Dispatcher {
    fn new(parts: Parts, control: mpsc::Receiver<Control>) -> Self {
        let Course { on_failure, settled, expected } = parts.course;
        let plan = &parts.shared.plan;
        let fronts = Fronts::new(plan);
        let schedule = Schedule::new(plan, &fronts, &expected);
        let initial = plan.nodes().iter().enumerate().map(|(position, node)| {
            // A service of an earlier run is gone, however that ended.
            let settled = settled.get(&node.id()).filter(|_| node.as_task().is_some());
            match (settled, schedule.remaining(position)) {
                (Some(NodeState::Succeeded), _) => NodeState::Cached,
                (Some(state), _) if state.is_final() => state.clone(),
                (_, remaining) => NodeState::Waiting { reason: WaitingReason::Needs { remaining } },
            }
        });
        let holders = Holders::new(plan, &parts.shared.kept);
        Self {
            states: States::new(initial.collect()),
            records: plan.nodes().iter().map(|_| Record::default()).collect(),
            schedule,
            shared: parts.shared,
            journal: parts.journal,
            on_failure,
            capacity: parts.capacity,
            budget: parts.budget,
            wants_token: false,
            crew: Crew::default(),
            free: VecDeque::new(),
            admitted: Vec::new(),
            waiting: WaitingRoom::default(),
            waiting_looks: 0,
            has_news: true,
            brake: Brake::Off,
            stop: Stop::No,
            control,
            consequences: Vec::new(),
            holders,
            fronts,
            wanted: HashSet::new(),
            unneeded: Vec::new(),
            kill_broken_at: None,
            bugs: Vec::new(),
        }
    }

    /// Tells which nodes there are. That a node waits for what it needs goes without saying.
    async fn begin(&mut self) {
        let plan = Arc::clone(&self.shared.plan);
        self.journal.note(EventBody::RunStarted {
            workspace: plan.workspace().clone(),
            plan: plan.digests().content,
            cause: plan.cause().clone(),
            nodes: plan.nodes().len() as u32,
        });
        for node in plan.nodes() {
            let (label, name) = (node.label().to_owned(), node.to_string());
            let body = EventBody::NodeAdded { label, name, kind: node.kind() };
            self.journal.note_node(Subject { node: node.id(), attempt: None }, body);
            if !self.journal.has_room() {
                self.journal.deliver().await;
            }
        }
        let is_settled = |it: &usize| self.states.get(*it).is_final();
        let (settled, open): (Vec<usize>, Vec<usize>) =
            (0..plan.nodes().len()).partition(is_settled);
        self.free.extend(open.into_iter().filter(|it| self.schedule.remaining(*it) == 0));
        for position in settled {
            self.settle_earlier(position);
        }
        self.begin_services();
    }

    async fn run(&mut self) {
        loop {
            self.start_ready();
            let waits_for_others = self.stop == Stop::No && self.waiting.has_groups();
            let has_more = self.brake == Brake::Off && !self.free.is_empty();
            let is_idle = !waits_for_others && !has_more;
            // What serves may do so for ever: nothing comes of waiting for it.
            if is_idle && self.only_serves() && self.want_what_is_waited_for() {
                continue;
            }
            if is_idle && self.crew.is_empty() {
                break;
            }
            let insistence = self.insistence();
            let look_again = waits_for_others.then(|| Instant::now() + LIMIT_PAUSE);
            tokio::select! {
                biased;
                Some(control) = self.control.recv() => self.hear(control),
                Some(level) = insist(insistence) => self.insist(level),
                () = sleep_until(self.kill_broken_at) => self.kill_broken(),
                () = self.journal.deliver(), if !self.journal.is_delivered() => {}
                (position, heard) = self.crew.next(),
                    if self.journal.has_room() || self.stop > Stop::No => self.take(position, heard),
                () = sleep_until(look_again) => self.has_news = true,
                () = wait_for_token(self.budget.as_deref()), if self.wants_token => self.has_news = true,
            }
            self.journal.take_turns().await;
        }
    }

    /// Whether there is nothing at work but services that are up.
    fn only_serves(&self) -> bool {
        self.crew.are_all(|it| matches!(self.states.get(it), NodeState::Serving { .. }))
    }

    /// Ends the journal and sums up.
    async fn end(mut self) -> RunSummary {
        for position in 0..self.records.len() {
            if !self.states.get(position).is_final() {
                self.bugs.push(format!(
                    "`{}` never began",
                    self.shared.plan.nodes().get(position).map_or("", |it| it.label())
                ));
                self.change(position, NodeState::Cancelled);
            }
        }
        let left = self.shared.place.sweep().await;
        // Who stops a run expects that something still ran.
        if !left.is_empty() && self.stop == Stop::No {
            self.warn(None, &left_behind(&left, "when the run had ended", &self.shared.secrets));
        }
        let remarks = self.shared.results.as_ref().map(|results| results.finish());
        let remarks = remarks.into_iter().flatten().chain(self.capacity.take_problem());
        let remarks = remarks.chain(self.shared.place.take_remark());
        for message in remarks.collect::<Vec<_>>() {
            self.warn(None, &message);
        }
        let counts = self.states.counts();
        let outcome = self.outcome();
        self.journal.note(EventBody::RunEnded { outcome, counts });
        let duration = self.journal.elapsed();
        self.deliver_rest().await;
        let plan = Arc::clone(&self.shared.plan);
        let records = std::mem::take(&mut self.records);
        let nodes = plan.nodes().iter().zip(records).enumerate();
        let nodes = nodes.map(|(position, (node, record))| {
            summarise(node, self.states.get(position).clone(), record)
        });
        RunSummary {
            run: self.shared.run.clone(),
            outcome,
            interruption: self.interruption(),
            counts,
            nodes: nodes.collect(),
            duration,
            bugs: self.bugs,
        }
    }

    async fn deliver_rest(&mut self) {
        while !self.journal.is_delivered() {
            tokio::select! {
                biased;
                // Whoever asks a second time does not want to wait for a slow reader either.
                Some(control) = self.control.recv() => {
                    self.hear(control);
                    if self.stop == Stop::Kill { break }
                }
                () = self.journal.deliver() => {}
            }
        }
    }

    fn outcome(&self) -> RunOutcome {
        let is_good = |state: &NodeState| state.is_satisfied();
        if self.interruption().is_some() {
            RunOutcome::Interrupted
        } else if self.states.iter().all(|(_, state)| is_good(state)) {
            RunOutcome::Succeeded
        } else {
            RunOutcome::Failed
        }
    }

    /// Changes a state and tells it.
    fn change(&mut self, position: usize, state: NodeState) {
        self.states.change(position, state.clone());
        self.tell_state(position, state);
    }

    /// Tells a state, to the journal and, if it is final, to those who wait for it.
    fn tell_state(&mut self, position: usize, state: NodeState) {
        if state.is_final() {
            if let Some(results) = &self.shared.results {
                results.ended(position, &state);
            }
            for service in self.holders.end(position) {
                self.let_go(service);
            }
        }
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

async fn wait_for_token(budget: Option<&Jobserver>) {
    match budget {
        Some(budget) => budget.wait().await,
        None => std::future::pending().await,
    }
}

async fn insist(insistence: Option<(Instant, Stop)>) -> Option<Stop> {
    sleep_until(insistence.map(|(time, _)| time)).await;
    insistence.map(|(_, level)| level)
}

fn summarise(node: &Node, state: NodeState, record: Record) -> NodeSummary {
    let Record { started, duration, attempts, finish, .. } = record;
    let finish = finish.map_or_else(|| Finish::without_attempt(state.clone()), |it| *it);
    let Finish { end, usage, warnings, problem, last_lines, unlike_before, refused, .. } = finish;
    let end: Option<AttemptEnd> = end;
    NodeSummary {
        node: node.id(),
        label: node.label().to_owned(),
        state,
        attempts,
        end,
        started,
        duration,
        usage,
        warnings,
        problem,
        last_lines,
        unlike_before,
        refused,
    }
}
