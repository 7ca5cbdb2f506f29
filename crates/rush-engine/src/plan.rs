//! `rush plan`: from what was asked for to a plan, in rounds of reads.

use rush_plan::{Cause, Goal, Plan, PlanRequest, Reads, WorkspaceId, WorkspaceSettings};
use rush_project::{Project, machine_facts};
use rush_semantics::eval::{self, PlanOutcome, ROUNDS_MAX, Round};
use rush_system::workspace_id;

use crate::label::{LabelError, absolute_call};
use crate::reads::answer;
use crate::report::Report;

pub use rush_semantics::eval::{DEFAULT_TASK, InCall, UsageError};

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
        Err(without_task) => return without_task,
    };
    match in_rounds(project, goal, |request| eval::plan(project.db(), request)) {
        Some(PlanOutcome::Planned { plan, warnings }) => {
            Planned::Plan(plan, Report::new(project, &warnings))
        }
        Some(PlanOutcome::Failed(found)) => Planned::Failed(Report::new(project, &found)),
        Some(PlanOutcome::Usage(errors)) => Planned::Usage(errors),
        None => Planned::Usage(vec![too_many_rounds()]),
    }
}

/// Reads the settings of the workspace; a report if its item is wrong.
pub fn workspace_settings(project: &Project) -> Result<WorkspaceSettings, Report> {
    let settings = in_rounds(project, Goal::default(), |request| {
        eval::workspace_settings(project.db(), request)
    });
    settings.map_or_else(
        || Err(Report::default()),
        |it| it.map_err(|found| Report::new(project, &found)),
    )
}

/// Asks until everything that has to be read was read; `None` if that never ends.
fn in_rounds<T>(
    project: &Project,
    goal: Goal,
    ask: impl FnMut(&PlanRequest) -> Round<T>,
) -> Option<T> {
    let (system, root) = (&**project.system(), project.root());
    let request = PlanRequest {
        workspace: WorkspaceId(workspace_id(root)),
        goal,
        host: machine_facts(system),
        reads: Reads::new(),
        cause: Cause::user(),
    };
    eval::in_rounds(request, ask, |key| answer(system, root, key))
}

fn too_many_rounds() -> UsageError {
    UsageError {
        message: format!("planning asked for files and variables {ROUNDS_MAX} times"),
        help: Some("what is read may not depend on so many other reads".to_owned()),
        candidates: Vec::new(),
        at: None,
    }
}

fn absolute(project: &Project, mut goal: Goal) -> Result<Goal, Planned> {
    let (mut calls, mut wrong) = (Vec::with_capacity(goal.calls.len()), Vec::new());
    for call in goal.calls {
        match absolute_call(project, call) {
            Ok(call) => calls.push(call),
            Err(LabelError::Unknown(error)) => wrong.push(error),
            Err(LabelError::Broken(report)) => return Err(Planned::Failed(report)),
        }
    }
    if !wrong.is_empty() {
        return Err(Planned::Usage(wrong));
    }
    goal.calls = calls;
    Ok(goal)
}
