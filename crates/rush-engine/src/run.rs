//! `rush run`: hands a plan to the executor and passes on what happens.

use std::sync::Arc;
use std::time::Duration;

use rush_exec::{Control, Emitted, RunError, RunOptions, RunSummary, TableAhead};
use rush_plan::Plan;
use rush_store::StoreError;
use rush_system::System;
use tokio::runtime::Builder;
use tokio::sync::mpsc;

use crate::chronicle::Chronicle;
use crate::gate::Pace;
use crate::history::Recording;
use crate::results::open_results;
use crate::services::{ServiceStatus, ServicesError, keep};
use crate::unread::Unread;

/// How many events may wait for whoever shows them; more slow the run down.
const EVENTS_MAX: usize = 128;

/// How many words may wait for a run.
pub(crate) const CONTROLS_MAX: usize = 8;

/// Why a run could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum RunFailure {
    /// Nothing was started.
    #[error(transparent)]
    Refused(#[from] RunError),
    /// A service is up and can't be used.
    #[error(transparent)]
    Services(#[from] ServicesError),
    /// The run can't be remembered as it has to be.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process continues the run.
    #[error("the run is continued by another process")]
    TooLate,
    /// The machine has no room for what a run needs itself.
    #[error("could not prepare the run: {0}")]
    Runtime(#[from] std::io::Error),
}

/// How often a listener hears that time passes.
pub(crate) const TICK: Duration = Duration::from_millis(250);

/// What whoever follows a run hears.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// Something happened.
    Event(&'a Emitted),
    /// Some time has passed.
    Tick,
    /// A service that another Rush keeps up is used.
    Using(&'a ServiceStatus),
    /// Something about the run's memory went wrong; the run goes on.
    Warning(&'a str),
}

/// What is to be run, and what is to be remembered of it.
pub struct Run {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The choices for this run.
    pub options: RunOptions,
    /// Where the run is written down; without it nothing is remembered.
    pub recording: Option<Recording>,
    /// What is told only once it is written down.
    pub pace: Pace,
    /// Ends the run, as a request to terminate would.
    pub unread: Unread,
}

/// Runs a plan to its end. `hear` is told of each event, in order, and of time; `on_signal` of each signal.
pub fn run(
    run: Run,
    system: Arc<dyn System>,
    hear: impl FnMut(Heard<'_>),
    on_signal: impl Fn(Control) + Send + 'static,
) -> Result<RunSummary, RunFailure> {
    // One thread is fastest: the dispatcher and its units then never cross one.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let (control, heard) = mpsc::channel(CONTROLS_MAX);
        let own = control.clone();
        let signals = tokio::spawn(rush_exec::forward_signals(control, on_signal));
        let outcome = run_told(run, system, hear, (own, heard)).await;
        signals.abort();
        outcome
    })
}

/// The same for somebody who has a runtime, and words for the run of their own, which go into the given channel.
pub(crate) async fn run_told(
    run: Run,
    system: Arc<dyn System>,
    mut hear: impl FnMut(Heard<'_>),
    (control, heard): (mpsc::Sender<Control>, mpsc::Receiver<Control>),
) -> Result<RunSummary, RunFailure> {
    let Run { plan, mut options, recording, pace, unread } = run;
    if options.results.is_none() {
        options.results = open_results(&plan, &options, &*system, TableAhead::default());
    }
    let (sink, mut events) = mpsc::channel(EVENTS_MAX);
    // Held until the run has ended: it watches the services that others keep up.
    let keeping = keep(&plan, &options.root, &system, &options.variables).await?;
    options.kept.clone_from(&keeping.kept);
    keeping.statuses.iter().for_each(|it| hear(Heard::Using(it)));
    let stopper = control.clone();
    let mut unread = std::pin::pin!(unread.told());
    let mut chronicle = Chronicle::begin(recording, pace, control)?.ok_or(RunFailure::TooLate)?;
    let mut running = std::pin::pin!(rush_exec::run(plan, options, system, sink, heard));
    let mut ticks = tokio::time::interval(TICK);
    let mut is_read = true;
    let outcome = loop {
        tokio::select! {
            biased;
            () = &mut unread, if is_read => {
                is_read = false;
                // A run with so many words waiting was told to stop.
                let _ = stopper.try_send(Control::Terminate);
            }
            () = chronicle.committed() => chronicle.release(&mut hear),
            Some(event) = events.recv(), if chronicle.has_room() => {
                chronicle.take(event, &mut hear);
                // Those that wait behind it come along: asking everybody else takes longer than an event.
                for _ in 1..EVENTS_MAX {
                    let Some(event) = chronicle.has_room().then(|| events.try_recv().ok()).flatten()
                    else {
                        break;
                    };
                    chronicle.take(event, &mut hear);
                }
            }
            _ = ticks.tick() => hear(Heard::Tick),
            outcome = &mut running => break outcome,
        }
    };
    while let Ok(event) = events.try_recv() {
        chronicle.take(event, &mut hear);
    }
    chronicle.finish(&mut hear);
    Ok(outcome?)
}
