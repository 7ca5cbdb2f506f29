//! `rush plan`: from what was asked for to a plan, in rounds of reads.

use rush_plan::{Cause, Goal, Plan, PlanRequest, ReadKey, Reads, WorkspaceId, WorkspaceSettings};
use rush_project::{Project, machine_facts};
use rush_semantics::eval::{self, PlanOutcome, SettingsOutcome};
use rush_system::workspace_id;

use crate::label::absolute_call;
use crate::reads::answer;
use crate::report::Report;

pub use rush_semantics::eval::{DEFAULT_TASK, InCall, UsageError};

/// How often planning may ask for more; each round depends on what the one before read.
const ROUNDS_MAX: usize = 100;

/// What became of a request.
#[derive(Debug)]
pub enum Planned {
    /// A plan, and what may be a mistake.
    Plan(Box<Plan>, Report),
    /// Something that the request reaches is wrong.
    Failed(Report),
    /// The request itself is wrong.
    Usage(Vec<UsageError>),
}

/// Plans what was asked for. Bare labels are those of where the caller stands.
#[tracing::instrument(level = "info", skip_all)]
pub fn plan(project: &Project, goal: Goal) -> Planned {
    let goal = match absolute(project, goal) {
        Ok(goal) => goal,
        Err(errors) => return Planned::Usage(errors),
    };
    let planned = in_rounds(project, goal, |request| match eval::plan(project.db(), request) {
        PlanOutcome::Needs(keys) => Round::Needs(keys),
        PlanOutcome::Planned { plan, warnings } => {
            Round::Done(Planned::Plan(plan, Report::new(project, &warnings)))
        }
        PlanOutcome::Failed(found) => Round::Done(Planned::Failed(Report::new(project, &found))),
        PlanOutcome::Usage(errors) => Round::Done(Planned::Usage(errors)),
    });
    planned.unwrap_or_else(|| Planned::Usage(vec![too_many_rounds()]))
}

/// Reads the settings of the workspace; a report if its item is wrong.
pub fn workspace_settings(project: &Project) -> Result<WorkspaceSettings, Report> {
    let settings = in_rounds(project, Goal::default(), |request| {
        match eval::workspace_settings(project.db(), request) {
            SettingsOutcome::Needs(keys) => Round::Needs(keys),
            SettingsOutcome::Settings(settings) => Round::Done(Ok(settings)),
            SettingsOutcome::Failed(found) => Round::Done(Err(Report::new(project, &found))),
        }
    });
    settings.unwrap_or_else(|| Err(Report::default()))
}

/// What one round of a question came to.
enum Round<T> {
    Needs(Vec<ReadKey>),
    Done(T),
}

/// Asks until everything that has to be read was read; `None` if that never ends.
fn in_rounds<T>(
    project: &Project,
    goal: Goal,
    mut ask: impl FnMut(&PlanRequest) -> Round<T>,
) -> Option<T> {
    let (system, root) = (&**project.system(), project.root());
    let mut request = PlanRequest {
        workspace: WorkspaceId(workspace_id(root)),
        goal,
        host: machine_facts(system),
        reads: Reads::new(),
        cause: Cause::user(),
    };
    for _ in 0..ROUNDS_MAX {
        match ask(&request) {
            Round::Done(answer) => return Some(answer),
            Round::Needs(keys) => {
                let answers = keys.into_iter().map(|key| {
                    let value = answer(system, root, &key);
                    (key, value)
                });
                request.reads.extend(answers);
            }
        }
    }
    None
}

fn too_many_rounds() -> UsageError {
    UsageError {
        message: format!("planning asked for files and variables {ROUNDS_MAX} times"),
        help: Some("what is read may not depend on so many other reads".to_owned()),
        candidates: Vec::new(),
        at: None,
    }
}

fn absolute(project: &Project, mut goal: Goal) -> Result<Goal, Vec<UsageError>> {
    let calls = goal.calls.into_iter().map(|call| absolute_call(project, call));
    let (sound, wrong): (Vec<_>, Vec<_>) = calls.partition(Result::is_ok);
    let wrong: Vec<UsageError> = wrong.into_iter().filter_map(Result::err).collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    goal.calls = sound.into_iter().filter_map(Result::ok).collect();
    Ok(goal)
}
