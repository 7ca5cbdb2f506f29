//! The way in: everything that has to be right before anything starts, and then the run.

use std::sync::Arc;

use rush_plan::{Node, Plan};
use rush_system::System;
use tokio::sync::mpsc;

use crate::capacity::Capacity;
use crate::dispatcher::{Parts, dispatch};
use crate::environment::Environment;
use crate::error::RunError;
use crate::journal::{Emitted, Journal};
use crate::limit_group::LimitGroups;
use crate::limits;
use crate::local::LocalPlace;
use crate::options::{Answer, Ask, Control, Course, RunOptions};
use crate::os;
use crate::place::Place;
use crate::refusal::unsupported;
use crate::secrets::Secrets;
use crate::service::service_errors;
use crate::summary::RunSummary;
use crate::unit::Shared;

/// Runs a plan on this machine and returns what it came to; an error means that nothing was started.
///
/// Events go to `sink`; a reader that is slow slows the run down, one that is gone is ignored. Fastest on a runtime
/// with one thread, where no word between dispatcher and units crosses threads. May be cancelled by `control` only:
/// dropping the future kills the groups of running processes but not what left its group.
pub async fn run(
    plan: Arc<Plan>,
    options: RunOptions,
    world: Arc<dyn System>,
    sink: mpsc::Sender<Emitted>,
    control: mpsc::Receiver<Control>,
) -> Result<RunSummary, RunError> {
    refuse_unsupported(&plan)?;
    let inherited: Environment =
        options.inherited.clone().unwrap_or_else(|| std::env::vars_os().collect());
    let place = Arc::new(LocalPlace::new(options.root.clone(), &options.run, inherited.clone())?);
    let secrets = Secrets::read(&plan, &options.root, world.as_ref()).map_err(RunError::Secrets)?;
    let exceeded = limits::exceeded(&plan, &inherited, &secrets);
    if !exceeded.is_empty() {
        return Err(RunError::Limits(exceeded));
    }
    ask(&plan, &options.confirm)?;
    os::open_files::make_room_for(options.jobs);
    let (options, journal) = journal(options, place.as_ref(), world, sink);
    let parts = parts(plan, options, Arc::clone(&place) as Arc<dyn Place>, secrets, journal);
    let summary = dispatch(parts, control).await;
    place.sweep().await;
    Ok(summary)
}

/// Runs a plan at another place; questions and secrets are dealt with as by [`run`].
pub async fn run_in(
    place: Arc<dyn Place>,
    plan: Arc<Plan>,
    options: RunOptions,
    world: Arc<dyn System>,
    (sink, control): (mpsc::Sender<Emitted>, mpsc::Receiver<Control>),
) -> Result<RunSummary, RunError> {
    refuse_unsupported(&plan)?;
    let secrets = Secrets::read(&plan, &options.root, world.as_ref()).map_err(RunError::Secrets)?;
    ask(&plan, &options.confirm)?;
    let (options, journal) = journal(options, place.as_ref(), world, sink);
    Ok(dispatch(parts(plan, options, place, secrets, journal), control).await)
}

fn refuse_unsupported(plan: &Plan) -> Result<(), RunError> {
    let wrong = service_errors(plan);
    if !wrong.is_empty() {
        return Err(RunError::Services(wrong));
    }
    let refusals = unsupported(plan);
    if refusals.is_empty() { Ok(()) } else { Err(RunError::Unsupported(refusals)) }
}

/// Asks every question of the plan before anything starts, in the order in which the nodes would run.
fn ask(plan: &Plan, confirm: &Ask) -> Result<(), RunError> {
    let Ask::Person(ask) = confirm else { return Ok(()) };
    for (node, question) in plan.topological().filter_map(question) {
        let label = node.label().to_owned();
        match ask(&label, question) {
            Answer::Yes => {}
            Answer::No => return Err(RunError::Declined { label }),
            Answer::NobodyThere => return Err(RunError::NobodyToAsk { label }),
        }
    }
    Ok(())
}

fn question(node: &Node) -> Option<(&Node, &str)> {
    let task = node.as_task().filter(|task| task.skip.is_none())?;
    Some((node, task.confirm.as_deref()?))
}

fn journal(
    options: RunOptions,
    place: &dyn Place,
    world: Arc<dyn System>,
    sink: mpsc::Sender<Emitted>,
) -> (RunOptions, Journal) {
    let journal = Journal::new(options.run.clone(), place.name(), world, sink);
    (options, journal)
}

fn parts(
    plan: Arc<Plan>,
    options: RunOptions,
    place: Arc<dyn Place>,
    secrets: Secrets,
    journal: Journal,
) -> Parts {
    let shared = Shared {
        plan,
        run: options.run,
        place,
        secrets,
        variables: options.variables.into_iter().collect(),
        grace: options.grace,
        results: options.results,
        kept: options.kept,
    };
    let groups = LimitGroups::new(options.limits);
    let capacity = Capacity::new(options.jobs, &shared.plan.content().host, options.slots, groups);
    let course = Course {
        on_failure: options.on_failure,
        settled: options.settled,
        expected: options.expected,
    };
    Parts { shared: Arc::new(shared), journal, capacity, budget: None, course }
}
