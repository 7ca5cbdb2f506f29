//! Asking the probe of a service, once.
//!
//! When to ask again and what an answer means is decided by whoever asks.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rush_plan::{AttemptEnd, Command, Probe};
use tokio::time::Instant;

use super::super::log_watch::LogWatch;
use super::super::probe::{NotYet, Prober, TRY_MAX, try_http, try_tcp};
use super::life::KILL_AGAIN;
use super::{ServiceUnit, Subject, until};
use crate::place::{ProcessEvent, Signal, Start};
use crate::unit::{Outlet, Shared};

/// A question and the answer to come.
pub(super) type Asking = Pin<Box<dyn Future<Output = Result<(), NotYet>> + Send>>;

/// Begins to ask; nothing for a probe that listens.
pub(super) fn ask(unit: &ServiceUnit, subject: &Subject<'_>, attempt: u32) -> Option<Asking> {
    match subject.conduct.prober.clone()? {
        Prober::Tcp(port) => Some(Box::pin(async move { try_tcp(port).await })),
        Prober::Http(url, status) => Some(Box::pin(async move { try_http(&url, status).await })),
        Prober::Exec => {
            let (shared, position) = (Arc::clone(&unit.shared), unit.position);
            Some(Box::pin(async move { try_command(&shared, position, attempt, TRY_MAX).await }))
        }
        Prober::Log(_) => None,
    }
}

/// Runs the command of an `exec` probe; what it writes is shown only as a part of the answer.
pub(super) async fn try_command(
    shared: &Shared,
    position: usize,
    attempt: u32,
    limit: Duration,
) -> Result<(), NotYet> {
    let node = shared.plan.nodes().get(position).ok_or("there is no such service")?;
    let service = node.as_service().ok_or("it is no service")?;
    let probe = service.ready.as_ref().map(|it| &it.probe);
    let Some(Probe::Exec { run: command }) = probe else { return Ok(()) };
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
    let mut kill_at = Instant::now() + limit;
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
    let how =
        if is_killed { format!("did not end within {} s", limit.as_secs()) } else { how(end) };
    Err(refusal(shared, command, &how, watch.last_lines().pop()))
}

fn refusal(shared: &Shared, command: &Command, how: &str, said: Option<String>) -> NotYet {
    let name = shared.secrets.summary(command);
    let said = said.map(|it| format!(" ({it})")).unwrap_or_default();
    format!("`{name}`: {how}{said}")
}

fn how(end: AttemptEnd) -> String {
    match end {
        AttemptEnd::Exited { code } => format!("exit status {code}"),
        AttemptEnd::Signaled { signal } => format!("signal {signal}"),
        AttemptEnd::Lost { message } | AttemptEnd::Refused { message } => message,
        AttemptEnd::TimedOut | AttemptEnd::Unknown => "no success".to_owned(),
    }
}
