//! One process of a service, from its start to its end.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rush_plan::AttemptEnd;
use tokio::time::Instant;

use super::super::log_watch::LogWatch;
use super::super::port::{Listening, busy};
use super::super::probe::{NotYet, Prober, TRY_MAX, try_http, try_tcp};
use super::{ServiceUnit, Subject, until};
use crate::display::one_line;
use crate::os;
use crate::place::{PlaceError, Process, ProcessEvent, Signal, Start, Usage};
use crate::unit::{Outlet, Report, Shared, Stop};

/// How long after a kill the end of a process is waited for before it is asked again.
const KILL_AGAIN: Duration = Duration::from_secs(1);

/// How a process of a service ended.
pub(super) struct Ended {
    pub(super) end: AttemptEnd,
    pub(super) usage: Usage,
    /// How long it could be used; none if it never could.
    pub(super) served: Option<Duration>,
    pub(super) why: Why,
    pub(super) last_lines: Vec<String>,
}

/// Why it ended.
pub(super) enum Why {
    /// By itself, or it did not even start.
    ByItself,
    /// Nobody needed it any more.
    Asked { was_killed: bool },
    /// It was not ready in time: the probe's last answer.
    NotReady(NotYet),
    /// The whole run was killed.
    Killed,
}

/// One process of a service.
pub(super) struct Life<'a> {
    unit: &'a mut ServiceUnit,
    subject: &'a Subject<'a>,
    attempt: u32,
    process: Box<dyn Process>,
    outlet: Option<Outlet>,
    watch: LogWatch,
    phase: Phase,
}

type Asking = Pin<Box<dyn Future<Output = Result<(), NotYet>> + Send>>;

/// How far it is.
enum Phase {
    /// It runs and can't be used yet.
    Starting { deadline: Instant, asking: Option<Asking>, next: Option<Instant>, answer: NotYet },
    /// It can be used.
    Serving { since: Instant },
    /// It was asked to end.
    Ending { why: Why, served: Option<Duration>, kill_at: Instant },
}

/// What wakes a life up.
enum Event {
    Process(ProcessEvent),
    Answer(Result<(), NotYet>),
    Time,
    Released,
    Kill,
}

impl<'a> Life<'a> {
    /// Starts the process and accompanies it to its end.
    pub(super) async fn live(
        unit: &'a mut ServiceUnit,
        subject: &'a Subject<'a>,
        (attempt, ready_by): (u32, Instant),
    ) -> Ended {
        let shown = unit.shared.secrets.summary(&subject.service.run);
        unit.tell(attempt, Report::Started { command: 0, shown }).await;
        let process = match start(unit, subject, attempt) {
            Ok(process) => process,
            Err(error) => return refused(&error),
        };
        let prober = subject.conduct.prober.as_ref();
        let mut life = Self {
            process,
            outlet: Some(Outlet::new(&unit.shared.secrets)),
            watch: LogWatch::new(prober.and_then(Prober::wanted_line)),
            phase: Phase::Starting {
                deadline: ready_by,
                asking: None,
                next: Some(Instant::now()),
                answer: prober.map(Prober::first_answer).unwrap_or_default(),
            },
            unit,
            subject,
            attempt,
        };
        if prober.is_none() {
            life.serve().await;
        }
        loop {
            match life.event().await {
                Event::Process(ProcessEvent::Output(stream, bytes)) => {
                    let shown = life.outlet.as_mut().map(|it| it.push(stream, bytes));
                    let shown = shown.unwrap_or_default();
                    life.watch.push(stream, &shown);
                    life.unit.tell_output(attempt, stream, shown).await;
                    if life.watch.has_matched() && life.is_starting() {
                        life.serve().await;
                    }
                }
                // A service that ends has failed, and says so; what it leaves is ended with it.
                Event::Process(ProcessEvent::LeftBehind(_)) => {}
                Event::Process(ProcessEvent::Ended(end, usage)) => {
                    return life.finish(end, usage).await;
                }
                Event::Answer(Ok(())) => life.serve().await,
                Event::Answer(Err(not_yet)) => life.note(not_yet),
                Event::Time => life.advance(),
                Event::Released => life.ask_to_end(Why::Asked { was_killed: false }),
                Event::Kill => {
                    life.process.signal(Signal::Kill);
                    life.ending(Why::Killed, KILL_AGAIN);
                }
            }
        }
    }

    async fn event(&mut self) -> Event {
        let (time, is_ending, is_killed) = match &self.phase {
            Phase::Starting { deadline, asking, next, .. } => {
                let next = next.filter(|_| asking.is_none());
                (Some(next.map_or(*deadline, |it| it.min(*deadline))), false, false)
            }
            Phase::Serving { .. } => (None, false, false),
            Phase::Ending { why, kill_at, .. } => {
                (Some(*kill_at), true, matches!(why, Why::Killed))
            }
        };
        let answer = async {
            match &mut self.phase {
                Phase::Starting { asking: Some(asking), .. } => asking.as_mut().await,
                Phase::Starting { .. } | Phase::Serving { .. } | Phase::Ending { .. } => {
                    std::future::pending().await
                }
            }
        };
        let line = &self.unit.line;
        tokio::select! {
            biased;
            event = self.process.next() => Event::Process(event),
            () = line.stopped(Some(Stop::Kill)), if !is_killed => Event::Kill,
            () = line.released(), if !is_ending => Event::Released,
            answer = answer => Event::Answer(answer),
            () = until(time) => Event::Time,
        }
    }

    fn is_starting(&self) -> bool {
        matches!(self.phase, Phase::Starting { .. })
    }

    async fn serve(&mut self) {
        self.phase = Phase::Serving { since: Instant::now() };
        self.unit.tell(self.attempt, Report::Serving).await;
    }

    /// Remembers why it is not ready, and when to ask again.
    fn note(&mut self, not_yet: NotYet) {
        if let Phase::Starting { asking, next, answer, .. } = &mut self.phase {
            *asking = None;
            *next = Some(Instant::now() + self.subject.conduct.every);
            *answer = not_yet;
        }
    }

    /// Does what is due by the clock: the next question, the end of patience, the kill.
    fn advance(&mut self) {
        let now = Instant::now();
        match &mut self.phase {
            Phase::Starting { deadline, answer, .. } if now >= *deadline => {
                let why = Why::NotReady(std::mem::take(answer));
                self.ask_to_end(why);
            }
            Phase::Starting { asking, next, .. } => {
                *next = None;
                *asking = ask(self.unit, self.subject, self.attempt);
            }
            Phase::Serving { .. } => {}
            Phase::Ending { why, kill_at, .. } => {
                if let Why::Asked { was_killed } = why {
                    *was_killed = true;
                }
                *kill_at = now + KILL_AGAIN;
                self.process.signal(Signal::Kill);
            }
        }
    }

    fn ask_to_end(&mut self, why: Why) {
        self.process.signal(self.subject.conduct.signal);
        self.ending(why, self.subject.conduct.grace);
    }

    fn ending(&mut self, why: Why, patience: Duration) {
        let served = self.served();
        self.phase = Phase::Ending { why, served, kill_at: Instant::now() + patience };
    }

    fn served(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Starting { .. } => None,
            Phase::Serving { since } => Some(since.elapsed()),
            Phase::Ending { served, .. } => *served,
        }
    }

    async fn finish(mut self, end: AttemptEnd, usage: Usage) -> Ended {
        for (stream, shown) in self.outlet.take().map(Outlet::finish).into_iter().flatten() {
            self.watch.push(stream, &shown);
            self.unit.tell_output(self.attempt, stream, shown).await;
        }
        let served = self.served();
        let why = match self.phase {
            Phase::Starting { .. } | Phase::Serving { .. } => Why::ByItself,
            Phase::Ending { why, .. } => why,
        };
        Ended { end, usage, served, why, last_lines: self.watch.last_lines() }
    }
}

/// Starts the process, unless somebody else has its port.
fn start(
    unit: &ServiceUnit,
    subject: &Subject<'_>,
    attempt: u32,
) -> Result<Box<dyn Process>, PlaceError> {
    let port = subject.conduct.prober.as_ref().and_then(Prober::local_port);
    if let Some(port) = port
        && let Listening::Somebody(mut holder) = os::port_holder::find(port)
    {
        holder.command = holder.command.map(|it| one_line(&unit.shared.secrets.mask(&it)));
        let is_same = holder.is_same(subject.node.label(), unit.shared.root.as_str());
        let busy = busy(port, &holder);
        return Err(PlaceError::new(match subject.node.label().trim_start_matches("//:") {
            label if is_same => format!(
                "{busy}; another run has it up for itself, and `rush up --detach {label}` keeps one up for all runs"
            ),
            _ => busy,
        }));
    }
    let shared = &unit.shared;
    shared.place.start(&Start {
        run: &shared.run,
        node: subject.node,
        task: &subject.task,
        attempt,
        command: &subject.service.run,
        variables: &shared.variables,
        situation: &Vec::new(),
        secrets: &shared.secrets,
    })
}

fn refused(error: &PlaceError) -> Ended {
    Ended {
        end: AttemptEnd::Refused { message: error.to_string() },
        usage: Usage::default(),
        served: None,
        why: Why::ByItself,
        last_lines: Vec::new(),
    }
}

/// Begins to ask; nothing for a probe that listens.
fn ask(unit: &ServiceUnit, subject: &Subject<'_>, attempt: u32) -> Option<Asking> {
    match subject.conduct.prober.clone()? {
        Prober::Tcp(port) => Some(Box::pin(async move { try_tcp(port).await })),
        Prober::Http(url, status) => Some(Box::pin(async move { try_http(&url, status).await })),
        Prober::Exec => {
            let (shared, position) = (Arc::clone(&unit.shared), unit.position);
            Some(Box::pin(async move { try_command(&shared, position, attempt).await }))
        }
        Prober::Log(_) => None,
    }
}

/// Runs the command of an `exec` probe; what it writes is shown only as a part of the answer.
async fn try_command(shared: &Shared, position: usize, attempt: u32) -> Result<(), NotYet> {
    let node = shared.plan.nodes().get(position).ok_or("there is no such service")?;
    let service = node.as_service().ok_or("it is no service")?;
    let probe = service.ready.as_ref().map(|it| &it.probe);
    let Some(rush_plan::Probe::Exec { run: command }) = probe else { return Ok(()) };
    let mut process = shared
        .place
        .start(&Start {
            run: &shared.run,
            node,
            task: &super::as_task(service),
            attempt,
            command,
            variables: &shared.variables,
            situation: &Vec::new(),
            secrets: &shared.secrets,
        })
        .map_err(|error| error.to_string())?;
    let mut outlet = Outlet::new(&shared.secrets);
    let mut watch = LogWatch::new(None);
    let mut kill_at = Instant::now() + TRY_MAX;
    let mut is_killed = false;
    let end = loop {
        tokio::select! {
            biased;
            event = process.next() => match event {
                ProcessEvent::Output(stream, bytes) => {
                    let shown = outlet.push(stream, bytes);
                    watch.push(stream, &shown);
                }
                ProcessEvent::LeftBehind(_) => {}
                ProcessEvent::Ended(end, _) => break end,
            },
            () = until(Some(kill_at)) => {
                process.signal(Signal::Kill);
                is_killed = true;
                kill_at += KILL_AGAIN;
            }
        }
    };
    if end.is_success() {
        return Ok(());
    }
    for (stream, shown) in outlet.finish() {
        watch.push(stream, &shown);
    }
    let name = shared.secrets.summary(command);
    let how = match end {
        _ if is_killed => format!("did not end within {} s", TRY_MAX.as_secs()),
        AttemptEnd::Exited { code } => format!("exit status {code}"),
        AttemptEnd::Signaled { signal } => format!("signal {signal}"),
        AttemptEnd::Lost { message } | AttemptEnd::Refused { message } => message,
        AttemptEnd::TimedOut | AttemptEnd::Unknown => "no success".to_owned(),
    };
    let said = watch.last_lines().pop().map(|it| format!(" ({it})")).unwrap_or_default();
    Err(format!("`{name}`: {how}{said}"))
}
