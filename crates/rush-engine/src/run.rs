//! `rush run`: hands a plan to the executor and passes on what happens.

use std::sync::Arc;

use rush_exec::{Control, Emitted, RunError, RunOptions, RunSummary};
use rush_plan::{Plan, RunId};
use rush_system::System;
use tokio::runtime::Builder;
use tokio::sync::mpsc;

/// How many events may wait for whoever shows them; more slow the run down.
const EVENTS_MAX: usize = 1024;

/// Why a run could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum RunFailure {
    /// Nothing was started.
    #[error(transparent)]
    Refused(#[from] RunError),
    /// The machine has no room for what a run needs itself.
    #[error("could not prepare the run: {0}")]
    Runtime(#[from] std::io::Error),
}

/// Runs a plan to its end. `heard` is told of each event and of each signal, in order.
pub fn run(
    plan: Plan,
    options: RunOptions,
    system: Arc<dyn System>,
    mut on_event: impl FnMut(&Emitted),
    on_signal: impl Fn(Control) + Send + 'static,
) -> Result<RunSummary, RunFailure> {
    // One thread is fastest: the dispatcher and its units then never cross one.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let (sink, mut events) = mpsc::channel(EVENTS_MAX);
        let (control, heard) = mpsc::channel(8);
        let signals = tokio::spawn(rush_exec::forward_signals(control, on_signal));
        let mut running =
            std::pin::pin!(rush_exec::run(Arc::new(plan), options, system, sink, heard));
        let outcome = loop {
            tokio::select! {
                biased;
                Some(event) = events.recv() => on_event(&event),
                outcome = &mut running => break outcome,
            }
        };
        while let Ok(event) = events.try_recv() {
            on_event(&event);
        }
        signals.abort();
        Ok(outcome?)
    })
}

/// A name for a new run, unique among the runs of this machine.
pub fn new_run_id(system: &dyn System) -> RunId {
    let since = system.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    RunId::new(format!("{:x}-{:x}", since.as_micros(), std::process::id()))
}
