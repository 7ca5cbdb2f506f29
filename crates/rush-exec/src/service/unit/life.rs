//! One process of a service, from its start to its end.

use std::time::Duration;

use rush_plan::AttemptEnd;
use tokio::time::Instant;

use super::super::log_watch::LogWatch;
use super::super::probe::{NotYet, Prober};
use super::asking::{Asking, ask};
use super::stranger::{another_run, answers_already};
use super::{ServiceUnit, Subject, until};
use crate::place::{PlaceError, Process, ProcessEvent, Signal, Start, Usage};
use crate::unit::{Outlet, Report, Stop};

/// How long after a kill the end of a process is waited for before it is asked again.
pub(super) const KILL_AGAIN: Duration = Duration::from_secs(1);

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
        let begun = Instant::now();
        let process = match start(unit, subject, attempt).await {
            Ok(process) => process,
            Err(ended) => return ended,
        };
        // What was asked before it began is not its time.
        let ready_by = ready_by + begun.elapsed();
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
                Event::Answer(Ok(())) => match another_run(life.unit, subject) {
                    Some(other) => life.note(other),
                    None => life.serve().await,
                },
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

/// Starts the process, unless somebody else answers in its place.
async fn start(
    unit: &mut ServiceUnit,
    subject: &Subject<'_>,
    attempt: u32,
) -> Result<Box<dyn Process>, Ended> {
    let line = &unit.line;
    let remark = tokio::select! {
        biased;
        () = line.stopped(Some(Stop::Kill)) => return Err(not_started(Why::Killed)),
        () = line.released() => return Err(not_started(Why::Asked { was_killed: false })),
        answer = answers_already(unit, subject, attempt) => answer,
    };
    let remark = remark.map_err(|problem| refused(&PlaceError::new(problem)))?;
    unit.remarks.extend(remark);
    let shared = &unit.shared;
    let process = shared.place.start(&Start {
        run: &shared.run,
        node: subject.node,
        task: &subject.task,
        attempt,
        command: &subject.service.run,
        variables: &shared.variables,
        situation: &Vec::new(),
        secrets: &shared.secrets,
    });
    process.map_err(|error| refused(&error))
}

/// The end of one that nobody wants any more before there is a process.
fn not_started(why: Why) -> Ended {
    Ended { why, ..refused(&PlaceError::new("it was not started any more")) }
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
