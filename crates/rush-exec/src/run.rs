//! The way in: everything that has to be right before anything starts, and then the run.

use std::sync::Arc;

use rush_plan::{Node, Plan};
use rush_system::System;
use tokio::sync::mpsc;

use crate::capacity::Capacity;
use crate::confirm::ask_unless_stopped;
use crate::dispatcher::{Parts, dispatch};
use crate::environment::Environment;
use crate::error::RunError;
use crate::jobserver::Jobserver;
use crate::journal::{Emitted, Journal};
use crate::limit_group::LimitGroups;
use crate::limits;
use crate::local::LocalPlace;
use crate::options::{Audience, Control, Course, RunOptions};
use crate::os;
use crate::place::{Place, PlaceError};
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
    mut control: mpsc::Receiver<Control>,
) -> Result<RunSummary, RunError> {
    refuse_services(&plan)?;
    let inherited = Arc::clone(&options.inherited);
    let budget = Jobserver::open(&inherited, options.jobs, options.jobserver);
    let budget = Arc::new(budget.map_err(|error| {
        PlaceError::new(format_args!("what runs at once can't be shared with commands: {error}"))
    })?);
    let place = local_place(&plan, &options, &inherited)?.sharing(&budget);
    let place: Arc<dyn Place> = Arc::new(place);
    let secrets = Secrets::read(&plan, &options.root, world.as_ref()).map_err(RunError::Secrets)?;
    let exceeded = limits::exceeded(&plan, &inherited, &secrets);
    if !exceeded.is_empty() {
        return Err(RunError::Limits(exceeded));
    }
    ask_unless_stopped(&plan, &options.confirm, &options.settled, &mut control).await?;
    os::open_files::make_room_for(options.jobs);
    let (options, journal) = journal(options, place.as_ref(), world, sink);
    let mut parts = parts(plan, options, place, secrets, journal);
    parts.budget = Some(budget);
    Ok(dispatch(parts, control).await)
}

/// This machine, for one run.
fn local_place(
    plan: &Plan,
    options: &RunOptions,
    inherited: &Environment,
) -> Result<LocalPlace, PlaceError> {
    let place = LocalPlace::new(options.root.clone(), &options.run, inherited)?;
    let place = place.guarded_by(options.guard.clone());
    let is_alone = plan.nodes().iter().filter(|node| has_command(node)).take(2).count() == 1;
    let is_watched = is_alone && options.audience == Audience::Person;
    Ok(if is_watched { place.shown_on_terminal() } else { place })
}

fn has_command(node: &Node) -> bool {
    node.as_service().is_some()
        || node.as_task().is_some_and(|task| {
            task.skip.is_none() && !(task.run.is_empty() && task.finally.is_empty())
        })
}

/// Runs a plan at another place; questions and secrets are dealt with as by [`run`].
pub async fn run_in(
    place: Arc<dyn Place>,
    plan: Arc<Plan>,
    options: RunOptions,
    world: Arc<dyn System>,
    (sink, mut control): (mpsc::Sender<Emitted>, mpsc::Receiver<Control>),
) -> Result<RunSummary, RunError> {
    let secrets = Secrets::read(&plan, &options.root, world.as_ref()).map_err(RunError::Secrets)?;
    ask_unless_stopped(&plan, &options.confirm, &options.settled, &mut control).await?;
    let (options, journal) = journal(options, place.as_ref(), world, sink);
    Ok(dispatch(parts(plan, options, place, secrets, journal), control).await)
}

fn refuse_services(plan: &Plan) -> Result<(), RunError> {
    let wrong = service_errors(plan);
    if wrong.is_empty() { Ok(()) } else { Err(RunError::Services(wrong)) }
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
        root: options.root,
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
