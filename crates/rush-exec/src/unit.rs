//! One node that runs: its attempts, each with its commands, then `finally`, then the look at its outputs.
//!
//! A unit is an actor. It tells the dispatcher what happens, listens to [`Stop`], and comes to exactly one
//! [`Finish`]. It does not know other nodes, the order of things or what a failure means for the run.

use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use rush_plan::{AttemptEnd, Command, LogStream, Node, NodeState, Plan, RunId, Task};
use tokio::time::Instant;

use crate::crew::Line;
use crate::display::one_line;
use crate::outcome::Outcome;
use crate::pause::Deadline;
use crate::place::{
    Fetched, Place, PlaceError, Process, ProcessEvent, Signal, Start, Usage, Variables,
};
use crate::results::{Pending, Results, Wait};
use crate::retry::{self, Tail};
use crate::secrets::Secrets;
use crate::service::KeptServices;

mod earlier;
mod output;

pub(crate) use earlier::Begin;
use earlier::Looked;

pub(crate) use output::Outlet;

/// What all units of a run share.
pub(crate) struct Shared {
    pub(crate) plan: Arc<Plan>,
    pub(crate) run: RunId,
    /// The absolute path of the workspace.
    pub(crate) root: Utf8PathBuf,
    pub(crate) place: Arc<dyn Place>,
    pub(crate) secrets: Secrets,
    pub(crate) variables: Variables,
    pub(crate) grace: Duration,
    pub(crate) results: Option<Arc<dyn Results>>,
    pub(crate) kept: KeptServices,
}

/// How urgently a run has to stop; it only ever rises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    /// Not at all.
    #[default]
    No,
    /// A person pressed Ctrl-C.
    Interrupt,
    /// Processes are asked to end.
    Terminate,
    /// Processes are killed.
    Kill,
}

/// What happened to a node.
pub(crate) enum Report {
    /// The look for an earlier result waits for somebody, or no longer does.
    Waits(Option<Wait>),
    /// No earlier result was found; the first attempt begins as soon as the unit is let in, unless it is sent back.
    Begins,
    /// A process starts.
    Started { command: u32, shown: String },
    /// A process wrote something; secrets are masked.
    Output { stream: LogStream, bytes: Vec<u8> },
    /// A service can be used from now on.
    Serving,
    /// An attempt ended; another may follow.
    AttemptEnded(AttemptEnd, Usage),
    /// There is a pause before the next attempt.
    BacksOff { delay_ms: u64 },
    /// The pause is over and there has to be room for the next attempt; the unit is told when.
    WantsBack,
    /// The next attempt begins.
    TriesAgain,
}

/// How a node ended.
pub(crate) struct Finish {
    pub(crate) state: NodeState,
    pub(crate) end: Option<AttemptEnd>,
    pub(crate) usage: Usage,
    pub(crate) warnings: Vec<String>,
    pub(crate) problem: Option<String>,
    /// What a service wrote last, where that is a part of the answer.
    pub(crate) last_lines: Vec<String>,
    /// That the same inputs gave another result before; one of the warnings.
    pub(crate) unlike_before: Option<String>,
    /// Why its result is not remembered; one of the warnings.
    pub(crate) refused: Option<String>,
}

impl Finish {
    /// Makes everything it says sentences for people.
    pub(crate) fn for_people(mut self, secrets: &Secrets) -> Self {
        self.end = self.end.map(|it| secrets.end(it));
        self.problem = self.problem.map(|it| secrets.sentence(&it));
        let sentences = self.warnings.iter_mut().chain(&mut self.last_lines);
        let sentences = sentences.chain(&mut self.unlike_before).chain(&mut self.refused);
        sentences.for_each(|it| *it = secrets.sentence(it));
        self
    }

    /// Why it failed and what it wrote last, as one text.
    pub(crate) fn whole_problem(&self) -> Option<String> {
        let mut text = self.problem.clone()?;
        if !self.last_lines.is_empty() {
            text.push_str("; its last lines:");
        }
        for line in &self.last_lines {
            text.push_str("\n    ");
            text.push_str(line);
        }
        Some(text)
    }

    /// An end in this state without any attempt.
    pub(crate) fn without_attempt(state: NodeState) -> Self {
        let usage = Usage::default();
        Self {
            state,
            end: None,
            usage,
            warnings: Vec::new(),
            problem: None,
            last_lines: Vec::new(),
            unlike_before: None,
            refused: None,
        }
    }
}

/// The attempts of a node are over.
struct Tried {
    /// The number of the last.
    attempt: u32,
    outcome: Outcome,
    /// Which outputs it lacks if its commands succeeded.
    fetched: Fetched,
}

/// A running node.
pub(crate) struct Unit {
    pub(crate) shared: Arc<Shared>,
    pub(crate) position: usize,
    pub(crate) line: Line,
    pub(crate) begin: Begin,
    /// What becomes of its result if it succeeds.
    pub(crate) pending: Option<Box<dyn Pending>>,
    /// What looking for an earlier result has to say to the person.
    pub(crate) notes: Vec<String>,
    /// When its first attempt began.
    pub(crate) started: Instant,
}

/// What is collected while commands run.
struct Gathered {
    tail: Tail,
    usage: Usage,
}

/// What the commands of an attempt have in common.
struct Situation<'a> {
    node: &'a Node,
    task: &'a Task,
    attempt: u32,
    deadline: Option<Deadline>,
    variables: Variables,
    /// From which level on a stop reaches the processes.
    stops_at: Stop,
}

impl Gathered {
    fn new(task: &Task) -> Self {
        Self { tail: Tail::new(task.retry.as_deref()), usage: Usage::default() }
    }
}

impl Unit {
    /// Runs the node to its end.
    pub(crate) async fn run(mut self) -> Finish {
        let shared = Arc::clone(&self.shared);
        let node = shared.plan.nodes().get(self.position);
        let node = node.expect("nodes are numbered by this plan");
        let task = node.as_task().expect("only tasks are given to this kind of unit");
        if self.begin == Begin::Looking {
            let claim = match self.claim().await {
                Looked::Ended(finish) => return self.end_without_attempt(*finish),
                Looked::Runs(claim) => claim,
            };
            self.use_claim(claim).await;
            self.started = Instant::now();
        }
        let mut usage = Usage::default();
        let tried = self.attempts(node, task, &mut usage).await;
        let mut finish = Finish { usage, ..Finish::without_attempt(NodeState::Cancelled) };
        finish.state = match &tried {
            Tried { outcome: Outcome::Ended(end), .. }
                if self.stop_level() > Stop::No && !end.is_success() =>
            {
                NodeState::Cancelled
            }
            Tried { outcome, .. } => state_of(outcome, task),
        };
        self.finally(node, task, &tried, &mut finish).await;
        finish.end = Some(tried.outcome.end());
        match tried.outcome {
            Outcome::Lacking(problem) => finish.problem = Some(problem),
            Outcome::Ended(_) if finish.state == NodeState::Succeeded => {
                let fetched = if task.finally.is_empty() {
                    Ok(tried.fetched)
                } else {
                    // What cleans up may have taken an output along.
                    self.shared.place.fetch(task)
                };
                take_outputs(fetched, task, &mut finish);
            }
            Outcome::Ended(_) => {}
        }
        self.record(&mut finish).await;
        finish
    }

    /// Tries until an attempt succeeds, none is left or the run stops.
    async fn attempts(&mut self, node: &Node, task: &Task, usage: &mut Usage) -> Tried {
        let mut number = 1;
        loop {
            let mut gathered = Gathered::new(task);
            if let Some(pending) = &mut self.pending {
                pending.begin_attempt();
            }
            let end = self.attempt(node, task, number, &mut gathered).await;
            *usage = usage.and(gathered.usage);
            self.tell(number, Report::AttemptEnded(end.clone(), gathered.usage)).await;
            let fetched = if end.is_success() {
                self.shared.place.fetch(task)
            } else {
                Ok(Fetched::default())
            };
            let outcome = lack(&fetched).map_or(Outcome::Ended(end), Outcome::Lacking);
            let tried = Tried { attempt: number, outcome, fetched: fetched.unwrap_or_default() };
            let pause = task
                .retry
                .as_deref()
                .and_then(|rules| retry::pause(rules, number, &tried.outcome, &gathered.tail));
            let Some(pause) = pause.filter(|_| self.stop_level() == Stop::No) else {
                return tried;
            };
            number += 1;
            self.tell(number, Report::BacksOff { delay_ms: pause.as_millis() as u64 }).await;
            if !self.pause(number, pause).await {
                return tried;
            }
        }
    }

    /// Waits until the next attempt may begin; `false` if the run stops before. Meanwhile others have the room.
    async fn pause(&self, next: u32, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.line.stopped(Some(Stop::Interrupt)) => return false,
        }
        self.tell(next, Report::WantsBack).await;
        self.is_let_in().await
    }

    /// Waits until there is room; `false` if the run stops before.
    async fn is_let_in(&self) -> bool {
        tokio::select! {
            biased;
            () = self.line.stopped(Some(Stop::Interrupt)) => false,
            () = self.line.let_in() => true,
        }
    }

    async fn attempt(
        &mut self,
        node: &Node,
        task: &Task,
        number: u32,
        gathered: &mut Gathered,
    ) -> AttemptEnd {
        if let Err(message) = self.spend().await {
            return AttemptEnd::Refused { message };
        }
        if let Err(error) = self.shared.place.prepare(task) {
            return refused(&error);
        }
        let timeout = task.timeout_ms.map(Duration::from_millis);
        let situation = Situation {
            node,
            task,
            attempt: number,
            deadline: timeout.map(Deadline::after),
            variables: Vec::new(),
            stops_at: Stop::Interrupt,
        };
        for (index, command) in (0..).zip(&task.run) {
            let end = self.command(&situation, index, command, gathered).await;
            if !end.is_success() {
                return end;
            }
            if self.stop_level() > Stop::No && index as usize + 1 < task.run.len() {
                // The command ended well before the signal reached it; the next one must not start.
                return AttemptEnd::Signaled { signal: 2 };
            }
        }
        AttemptEnd::Exited { code: 0 }
    }

    /// Runs `finally`. If it fails, a task that had succeeded has failed. Only a kill stops it.
    async fn finally(&mut self, node: &Node, task: &Task, tried: &Tried, finish: &mut Finish) {
        let mut problems = Vec::new();
        let mut gathered = Gathered { tail: Tail::new(None), usage: Usage::default() };
        let status = tried.outcome.status();
        for (index, command) in (task.run.len() as u32..).zip(&task.finally) {
            if self.stop_level() == Stop::Kill {
                break;
            }
            let timeout = task.timeout_ms.map(Duration::from_millis);
            let situation = Situation {
                node,
                task,
                attempt: tried.attempt,
                deadline: timeout.map(Deadline::after),
                variables: vec![("RUSH_STATUS".to_owned(), status.to_string())],
                stops_at: Stop::Kill,
            };
            let end = self.command(&situation, index, command, &mut gathered).await;
            if !end.is_success() {
                problems.push(format!("`finally` {}", describe(&end)));
            }
        }
        finish.usage = finish.usage.and(gathered.usage);
        if finish.state == NodeState::Succeeded && !problems.is_empty() {
            finish.state = NodeState::Failed { allowed: task.allow_failure };
            finish.problem = Some(problems.join(", "));
        } else {
            finish.warnings.append(&mut problems);
        }
    }

    async fn command(
        &mut self,
        situation: &Situation<'_>,
        index: u32,
        command: &Command,
        gathered: &mut Gathered,
    ) -> AttemptEnd {
        if self.stop_level() >= situation.stops_at {
            return AttemptEnd::Signaled { signal: 2 };
        }
        let started =
            Report::Started { command: index, shown: self.shared.secrets.summary(command) };
        self.tell(situation.attempt, started).await;
        let shared = Arc::clone(&self.shared);
        let started = shared.place.start(&Start {
            run: &shared.run,
            node: situation.node,
            task: situation.task,
            attempt: situation.attempt,
            command,
            variables: &shared.variables,
            situation: &situation.variables,
            secrets: &shared.secrets,
        });
        match started {
            Ok(process) => {
                let (end, used) = self.drive(situation, process, &mut gathered.tail).await;
                gathered.usage = gathered.usage.and(used);
                end
            }
            Err(error) => refused(&error),
        }
    }

    /// Accompanies a process to its end: hands on output, signals and the timeout.
    async fn drive(
        &mut self,
        situation: &Situation<'_>,
        mut process: Box<dyn Process>,
        tail: &mut Tail,
    ) -> (AttemptEnd, Usage) {
        let mut outlet = Outlet::new(&self.shared.secrets);
        let mut deadline = situation.deadline;
        let mut has_timed_out = false;
        let mut heard = Stop::No;
        loop {
            let stop_level = self.stop_level();
            if stop_level > heard && stop_level >= situation.stops_at {
                heard = stop_level;
                process.signal(signal_for(stop_level));
            }
            tokio::select! {
                biased;
                event = process.next() => match event {
                    ProcessEvent::Output(stream, bytes) => {
                        tail.push(stream, &bytes);
                        let shown = outlet.push(stream, bytes);
                        self.tell_output(situation.attempt, stream, shown).await;
                    }
                    ProcessEvent::LeftBehind(processes) => {
                        let when = "when the command had ended";
                        self.notes.push(left_behind(&processes, when, &self.shared.secrets));
                    }
                    ProcessEvent::Ended(end, usage) => {
                        for (stream, shown) in outlet.finish() {
                            self.tell_output(situation.attempt, stream, shown).await;
                        }
                        let end = if has_timed_out { AttemptEnd::TimedOut } else { end };
                        return (end, usage);
                    }
                },
                () = self.line.stopped(next_level(heard, situation.stops_at)) => {}
                () = Deadline::wait_for(deadline) => {
                    let signal = if has_timed_out { Signal::Kill } else { Signal::Terminate };
                    process.signal(signal);
                    deadline = (!has_timed_out).then(|| Deadline::after(self.shared.grace));
                    has_timed_out = true;
                }
            }
        }
    }

    fn stop_level(&self) -> Stop {
        self.line.stop_level()
    }

    async fn tell_output(&mut self, attempt: u32, stream: LogStream, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            if let Some(pending) = &mut self.pending {
                pending.hear(stream, &bytes);
            }
            self.tell(attempt, Report::Output { stream, bytes }).await;
        }
    }

    async fn tell(&self, attempt: u32, report: Report) {
        self.line.tell(attempt, report).await;
    }
}

/// The next level that a process has to be told of; `None` after the last one.
fn next_level(heard: Stop, stops_at: Stop) -> Option<Stop> {
    let next = match heard {
        Stop::No => Stop::Interrupt,
        Stop::Interrupt => Stop::Terminate,
        Stop::Terminate => Stop::Kill,
        Stop::Kill => return None,
    };
    Some(next.max(stops_at))
}

/// Waits for a point in time; for ever if there is none.
pub(crate) async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// A warning about processes that went on after their command, or after the run.
pub(crate) fn left_behind(processes: &[String], when: &str, secrets: &Secrets) -> String {
    let names = processes.iter().map(|it| format!("`{}`", one_line(&secrets.mask(it))));
    let names = names.collect::<Vec<_>>().join(", ");
    let verb = if processes.len() == 1 { "was" } else { "were" };
    format!("{names} still ran {when}, and {verb} stopped")
}

const fn signal_for(stop: Stop) -> Signal {
    match stop {
        Stop::No | Stop::Interrupt => Signal::Interrupt,
        Stop::Terminate => Signal::Terminate,
        Stop::Kill => Signal::Kill,
    }
}

fn refused(error: &PlaceError) -> AttemptEnd {
    AttemptEnd::Refused { message: error.to_string() }
}

fn state_of(outcome: &Outcome, task: &Task) -> NodeState {
    match outcome {
        Outcome::Ended(AttemptEnd::Exited { code: 0 }) => NodeState::Succeeded,
        Outcome::Ended(AttemptEnd::TimedOut) if !task.allow_failure => NodeState::TimedOut,
        Outcome::Ended(_) | Outcome::Lacking(_) => {
            NodeState::Failed { allowed: task.allow_failure }
        }
    }
}

/// Warns of patterns without a file, and fails what has no output any more.
fn take_outputs(fetched: Result<Fetched, PlaceError>, task: &Task, finish: &mut Finish) {
    if let Some(problem) = lack(&fetched) {
        finish.state = NodeState::Failed { allowed: task.allow_failure };
        finish.problem = Some(problem);
    }
    let empty = fetched.map(|it| it.empty).unwrap_or_default();
    finish.warnings.extend(empty.iter().map(|it| format!("the output `{it}` matches no file")));
}

/// What is said of outputs that are not there; `None` if all are.
fn lack(fetched: &Result<Fetched, PlaceError>) -> Option<String> {
    let missing = match fetched {
        Ok(fetched) => &fetched.missing,
        Err(error) => return Some(error.to_string()),
    };
    let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    let what = || format!("it succeeded but did not write its output {}", names.join(", "));
    (!names.is_empty()).then(what)
}

fn describe(end: &AttemptEnd) -> String {
    match end {
        AttemptEnd::Exited { code } => format!("exited with {code}"),
        AttemptEnd::Signaled { signal } => format!("was ended by signal {signal}"),
        AttemptEnd::TimedOut => "took too long".to_owned(),
        AttemptEnd::Lost { message } | AttemptEnd::Refused { message } => message.clone(),
        AttemptEnd::Unknown => "ended in an unknown way".to_owned(),
    }
}
