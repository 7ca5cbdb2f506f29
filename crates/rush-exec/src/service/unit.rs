//! The life of one service in one run: started, probed, in service, started again, ended when asked.
//!
//! A unit is an actor, like that of a task: it tells the dispatcher what happens and comes to exactly one
//! [`Finish`]. It does not know who needs the service. Ctrl-C does not reach it: what needs it ends first, and then
//! it is asked by the dispatcher; only a kill is for everybody.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rush_plan::{AttemptEnd, LogStream, Node, NodeId, NodeState, Service, Task};
use tokio::sync::watch;
use tokio::time::Instant;

use super::restart::{Next, Restarts};
use super::{Conduct, ServiceBasis, as_task};
use crate::crew::Line;
use crate::place::Usage;
use crate::unit::{Finish, Report, Shared, Stop};

mod asking;
mod life;
mod stranger;

use life::{Ended, Life, Why};
use stranger::in_the_way;

/// How a service is that another Rush keeps up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptState {
    /// It was started and can't be used yet.
    Starting,
    /// It can be used. With what it was started on, if that is known.
    Up(Option<Arc<ServiceBasis>>),
    /// It is gone, for this reason.
    Gone(String),
}

/// A service that another Rush keeps up, as it is at any time.
pub type Kept = watch::Receiver<KeptState>;

/// The services that other Rushes keep up and this run uses.
pub type KeptServices = HashMap<NodeId, Kept>;

/// A running service.
pub(crate) struct ServiceUnit {
    pub(crate) shared: Arc<Shared>,
    pub(crate) position: usize,
    pub(crate) line: Line,
    /// Set if it is up already, and not ours to end.
    pub(crate) kept: Option<Kept>,
    /// What is to be told of it once it has ended.
    pub(crate) remarks: Vec<String>,
}

/// What there is to know about the service while it lives.
struct Subject<'a> {
    node: &'a Node,
    service: &'a Service,
    task: Task,
    conduct: Conduct,
}

impl ServiceUnit {
    /// Runs the service to its end.
    pub(crate) async fn run(mut self) -> Finish {
        let shared = Arc::clone(&self.shared);
        let node = shared.plan.nodes().get(self.position);
        let node = node.expect("nodes are numbered by this plan");
        let service = node.as_service().expect("only services are given to this kind of unit");
        let mut finish = match (self.kept.take(), Conduct::of(service)) {
            (Some(kept), _) => self.use_kept(kept).await,
            (None, Ok(conduct)) => {
                let task = as_task(service);
                self.lives(&Subject { node, service, task, conduct }).await
            }
            // Refused before the run began; see `service_errors`.
            (None, Err((_, message))) => failed(None, Usage::default(), message),
        };
        finish.warnings.append(&mut self.remarks);
        finish
    }

    /// Uses a service that is up, until nobody needs it or it goes away.
    async fn use_kept(&mut self, mut kept: Kept) -> Finish {
        let mut is_told = false;
        loop {
            let state = kept.borrow_and_update().clone();
            match state {
                KeptState::Gone(reason) => {
                    let problem = format!("it was kept up by another Rush, and is gone: {reason}");
                    return failed(None, Usage::default(), problem);
                }
                KeptState::Up(basis) if !is_told => {
                    if let Err(problem) = self.is_as_meant(basis).await {
                        return failed(None, Usage::default(), problem);
                    }
                    is_told = true;
                    self.tell(1, Report::Serving).await;
                }
                KeptState::Up(_) | KeptState::Starting => {}
            }
            let changed = tokio::select! {
                biased;
                () = self.line.released() => {
                    let state = if is_told { NodeState::Succeeded } else { NodeState::Cancelled };
                    return ended(state, None, Usage::default());
                }
                () = self.line.stopped(Some(Stop::Kill)) => {
                    return ended(NodeState::Cancelled, None, Usage::default());
                }
                changed = kept.changed() => changed,
            };
            if changed.is_err() {
                let problem = "the Rush that kept it up is gone".to_owned();
                return failed(None, Usage::default(), problem);
            }
        }
    }

    /// Says why a service that is up is not the one that is meant: what it was started on was made anew since. Where
    /// nobody can tell, no result of what needs it is remembered.
    async fn is_as_meant(&self, then: Option<Arc<ServiceBasis>>) -> Result<(), String> {
        let Some(results) = self.shared.results.clone() else { return Ok(()) };
        let position = self.position;
        let asked = Arc::clone(&results);
        let now = tokio::task::spawn_blocking(move || asked.basis(position)).await;
        let (Some(then), Ok(Ok(now))) = (then, now) else {
            results.doubt(position);
            return Ok(());
        };
        let differences = then.differences(&now);
        if !differences.is_empty() {
            let node = self.shared.plan.nodes().get(position);
            let label = node.map(Node::label).unwrap_or_default();
            let what = differences.join(", ");
            return Err(format!(
                "it is up, but {what} changed since it was started; end it with `rush down {label}`, and start it again"
            ));
        }
        if !then.doubts(&now).is_empty() {
            results.doubt(position);
        }
        Ok(())
    }

    /// Starts it, and again as its policy wants.
    async fn lives(&mut self, subject: &Subject<'_>) -> Finish {
        let mut restarts = Restarts::new(subject.service.restart);
        let mut used = Usage::default();
        let (mut attempt, mut has_served) = (1, false);
        // Starting again is no second chance: what could not be used all the while is not ready in time.
        let mut ready_by = Instant::now() + subject.conduct.timeout;
        loop {
            let Ended { end, usage, served, why, last_lines } =
                Life::live(self, subject, (attempt, ready_by)).await;
            if served.is_some() {
                has_served = true;
                ready_by = Instant::now() + subject.conduct.timeout;
            }
            used = used.and(usage);
            self.tell(attempt, Report::AttemptEnded(end.clone(), usage)).await;
            let (end, warning) = match why {
                Why::Asked { was_killed } => {
                    let state =
                        if has_served { NodeState::Succeeded } else { NodeState::Cancelled };
                    let mut finish = ended(state, Some(end), used);
                    finish.warnings.extend(was_killed.then(|| too_slow(&subject.conduct)));
                    return finish;
                }
                Why::Killed => return ended(NodeState::Cancelled, Some(end), used),
                Why::NotReady(answer) => {
                    let waited = shown(subject.conduct.timeout);
                    let problem = format!("it was not ready within {waited}: {answer}");
                    let problem = with_holder(problem, in_the_way(self, subject));
                    return Finish { last_lines, ..failed(Some(end), used, problem) };
                }
                Why::ByItself => {
                    let next = restarts.after(&end, served.unwrap_or_default());
                    match next {
                        Next::Again(pause) if Instant::now() + pause >= ready_by => {
                            let waited = shown(subject.conduct.timeout);
                            (end, format!(", and was not ready within {waited}"))
                        }
                        Next::Again(pause) => {
                            attempt += 1;
                            match self.back_off(attempt, pause).await {
                                Pause::Over { waited } => ready_by += waited,
                                // Nobody needs what it would have been started for.
                                Pause::Released if has_served => {
                                    return ended(NodeState::Succeeded, Some(end), used);
                                }
                                Pause::Released | Pause::Killed => {
                                    return ended(NodeState::Cancelled, Some(end), used);
                                }
                            }
                            continue;
                        }
                        Next::Never => (end, String::new()),
                        Next::GivenUp(count) => {
                            (end, format!(", and {count} restarts in a row did not help"))
                        }
                    }
                }
            };
            let problem = by_itself(&end, served) + &warning;
            let holder = if served.is_none() { in_the_way(self, subject) } else { None };
            let problem = with_holder(problem, holder);
            let finish = match end {
                // It never started; the end says why.
                AttemptEnd::Refused { .. } => {
                    Finish { problem: None, ..failed(Some(end), used, problem) }
                }
                end => Finish { last_lines, ..failed(Some(end), used, problem) },
            };
            return finish;
        }
    }

    /// Waits before another start, in the end for services that it needs and that are being started again.
    async fn back_off(&mut self, attempt: u32, pause: Duration) -> Pause {
        self.tell(attempt, Report::BacksOff { delay_ms: pause.as_millis() as u64 }).await;
        let come_back = async {
            tokio::time::sleep(pause).await;
            let begun = Instant::now();
            self.tell(attempt, Report::WantsBack).await;
            self.line.let_in().await;
            begun.elapsed()
        };
        let waited = tokio::select! {
            biased;
            () = self.line.released() => return Pause::Released,
            () = self.line.stopped(Some(Stop::Kill)) => return Pause::Killed,
            waited = come_back => waited,
        };
        self.tell(attempt, Report::TriesAgain).await;
        Pause::Over { waited }
    }

    async fn tell_output(&self, attempt: u32, stream: LogStream, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.tell(attempt, Report::Output { stream, bytes }).await;
        }
    }

    async fn tell(&self, attempt: u32, report: Report) {
        self.line.tell(attempt, report).await;
    }
}

/// How the wait before another start ended.
enum Pause {
    Over {
        /// For how long it waited for other services, which is no time it took itself.
        waited: Duration,
    },
    /// Nobody needs it any more.
    Released,
    Killed,
}

fn ended(state: NodeState, end: Option<AttemptEnd>, usage: Usage) -> Finish {
    Finish { end, usage, ..Finish::without_attempt(state) }
}

fn failed(end: Option<AttemptEnd>, usage: Usage, problem: String) -> Finish {
    let state = NodeState::Failed { allowed: false };
    Finish { problem: Some(problem), ..ended(state, end, usage) }
}

fn by_itself(end: &AttemptEnd, served: Option<Duration>) -> String {
    let how = match end {
        AttemptEnd::Exited { code } => format!("exit status {code}"),
        AttemptEnd::Signaled { signal } => format!("signal {signal}"),
        AttemptEnd::TimedOut => "it took too long".to_owned(),
        AttemptEnd::Lost { message } | AttemptEnd::Refused { message } => message.clone(),
        AttemptEnd::Unknown => "in an unknown way".to_owned(),
    };
    match served {
        Some(served) => format!("it ended by itself after {} of service: {how}", shown(served)),
        None => format!("it ended before it was ready: {how}"),
    }
}

/// Why it did not come up, with who has its port.
fn with_holder(problem: String, holder: Option<String>) -> String {
    match holder {
        Some(holder) if !problem.contains(&holder) => format!("{problem}; {holder}"),
        Some(_) | None => problem,
    }
}

fn too_slow(conduct: &Conduct) -> String {
    format!("it did not end within its `stop.grace` of {} and was killed", shown(conduct.grace))
}

/// A duration with the precision that matters here.
fn shown(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        1..60 => format!("{:.1} s", duration.as_secs_f64()).replace(".0 s", " s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// Waits for a point in time.
async fn until(time: Option<Instant>) {
    crate::unit::sleep_until(time).await;
}
