//! From the text of a workspace and a request to a plan.
//!
//! A pure function of the database and the request: what has to be read from the outside world is
//! asked for ([`Round::Needs`]), and the caller answers and asks again. Only what the request
//! reaches is looked at, so a mistake elsewhere in the workspace is in nobody's way.

mod argument;
mod builtin;
mod call;
mod check_item;
mod convert;
mod cost;
mod describe;
mod expansion;
mod expr;
mod given;
mod instance;
mod label;
mod lower;
mod memo;
mod operator;
mod parse_text;
mod port;
mod preview;
mod race;
mod report;
mod request;
mod rounds;
mod schema;
mod service;
mod session;
mod show;
mod text;
mod trail;
mod value;
mod view;
mod written;

#[cfg(test)]
mod tests;

use std::ops::Range;

use rush_diagnostics::Diagnostic;
use rush_plan::{Content, Goal, Plan, PlanDraft, PlanRequest, RecordedRead, WorkspaceSettings};

use crate::check;
use crate::db::Db;

pub use call::known_method;
pub use describe::{AxisDescription, Description, ParamDescription, default_source, describe};
pub use label::{LabelError, UnknownLabel, find, runnable, short_label};
pub use parse_text::flag_choices;
pub use preview::{Preview, preview};
pub use request::DEFAULT_TASK;
pub use rounds::{ROUNDS_MAX, Round, in_rounds};
pub use schema::parameter_schema;
pub use written::{WrittenCommand, WrittenField, written_commands, written_fields};

use session::{Place, Session};

/// How many steps one planning may take.
const STEPS_MAX: u64 = 1_000_000;
/// How many nodes a plan may have.
const NODES_MAX: usize = 100_000;
/// How deeply expressions and calls may be nested, together.
const DEPTH_MAX: u32 = 320;
/// Below this depth a definition is not computed in place, but first and by itself.
const SUSPEND_DEPTH: u32 = 32;

/// What became of a request.
#[derive(Clone, Debug)]
pub enum PlanOutcome {
    /// A plan.
    Planned {
        /// The plan.
        plan: Box<Plan>,
        /// What may be a mistake, but does not keep the plan from being right.
        warnings: Vec<Diagnostic>,
    },
    /// Something the request reaches is wrong.
    Failed(Vec<Diagnostic>),
    /// The request itself is wrong.
    Usage(Vec<UsageError>),
}

/// A mistake in what was typed on the command line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UsageError {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// What could stand there instead.
    pub candidates: Vec<String>,
    /// Where it is, if it is in a call as it was typed.
    pub at: Option<InCall>,
}

/// A place in a call as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InCall {
    /// The call.
    pub call: String,
    /// The place, in bytes.
    pub range: Range<usize>,
}

impl UsageError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, candidates: Vec::new(), at: None }
    }
}

/// Reads the settings of the workspace by themselves, the defaults where there is no `workspace` item;
/// what is wrong in that item. Whatever else is wrong is in nobody's way.
pub fn workspace_settings(
    db: &dyn Db,
    request: &PlanRequest,
) -> Round<Result<WorkspaceSettings, Vec<Diagnostic>>> {
    check::prepare(db);
    let mut session = Session::new(db, request);
    let settings = lower::sound_settings(&mut session);
    let errors = session.findings().errors;
    match settings {
        _ if !errors.is_empty() => Round::Done(Err(errors)),
        Ok(settings) if session.missing.is_empty() => Round::Done(Ok(settings)),
        _ => {
            session.missing.sort();
            Round::Needs(session.missing)
        }
    }
}

/// Plans a request.
pub fn plan(db: &dyn Db, request: &PlanRequest) -> Round<PlanOutcome> {
    check::prepare(db);
    let mut session = Session::new(db, request);
    let roots = request::roots(&mut session);
    let found = session.findings();
    if !found.usage.is_empty() {
        return Round::Done(PlanOutcome::Usage(found.usage));
    }
    let lowered = lower::lower(&mut session, &roots);
    race::check(&mut session, &lowered.nodes);
    port::check(&mut session, &lowered.nodes, &roots);
    let found = session.findings();
    if !found.usage.is_empty() {
        return Round::Done(PlanOutcome::Usage(found.usage));
    }
    if !found.errors.is_empty() {
        return Round::Done(PlanOutcome::Failed(found.errors));
    }
    if !session.missing.is_empty() {
        session.missing.sort();
        return Round::Needs(session.missing);
    }
    session.forget_values();
    let mut root_ids = Vec::new();
    for id in roots.into_iter().flatten() {
        if !root_ids.contains(&id) {
            root_ids.push(id);
        }
    }
    let reads = session.reads.iter();
    let reads = reads.map(|(key, digest)| RecordedRead { key: key.clone(), digest: *digest });
    let content = Content {
        goal: Goal::clone(&request.goal),
        host: request.host.clone(),
        reads: reads.collect(),
        settings: lowered.settings,
        secrets: lowered.secrets,
        roots: root_ids,
        nodes: lowered.nodes,
    };
    let draft = PlanDraft {
        workspace: request.workspace.clone(),
        cause: request.cause.clone(),
        content,
        origin: lowered.origin,
    };
    Round::Done(finish(&session, draft, found.warnings))
}

fn finish(session: &Session<'_>, draft: PlanDraft, warnings: Vec<Diagnostic>) -> PlanOutcome {
    match draft.build() {
        Ok(plan) => PlanOutcome::Planned { plan: Box::new(plan), warnings },
        Err(error) => {
            // Values the checker can't know, such as a NUL character in a variable.
            let item = session.cells.values().map(|it| it.item).min_by_key(|it| it.id(session.db));
            match item {
                Some(item) => {
                    let span = Place::name_of(session.db, item).span(session.db);
                    PlanOutcome::Failed(vec![report::impossible_plan(span, &error.to_string())])
                }
                None => PlanOutcome::Usage(vec![UsageError::new(error.to_string())]),
            }
        }
    }
}
