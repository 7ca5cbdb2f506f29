//! `rush up`: keeps services up, in the foreground or in a process of its own.

use std::collections::{BTreeMap, HashMap};

use clap::{Args, ValueEnum};
use rush_engine::{
    Asked, Emitted, GuardProgram, Heard, ListedTask, Progress, ServiceState, ServiceStatus,
    Starter, Supervision, Up, UsageError, Which, Workspace, exit_status, services, supervise,
    up_detached,
};
use rush_plan::{Call, CallOrder, EventBody, Goal, LogMode, NodeState, Plan};

use super::call::{CallVerb, Choice, Values, variable};
use super::run::confirm::Answers;
use super::run::manner::tell_signal;
use super::{plan, ps};
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::{Failure, quoted};
use crate::output::events::{Display, Outlook, Shown};
use crate::output::names::Names;
use crate::output::{stderr, stdout};

/// Keep services up
///
/// Starts the services and what they need, and keeps them up until Ctrl-C, or with `--detach` until
/// `rush down`. A `rush run` that needs one of them uses it and does not end it. Without a label:
/// the services of the package around you, at the root those of the whole workspace.
#[derive(Args, Debug)]
#[command(
    override_usage = "rush up [FLAGS] [SERVICE [--PARAM VALUE]..]..",
    after_help = "\
Examples:
  rush up                                  all services, until Ctrl-C
  rush up postgres --port 5433             one, with a flag of its own
  rush up --detach postgres redis          return when both can be used
  rush ps                                  what is up
  rush down                                end all of them"
)]
pub(crate) struct UpArgs {
    /// Labels and calls of services, each followed by its own flags
    #[arg(value_name = "SERVICE")]
    calls: Vec<String>,
    #[command(flatten)]
    choice: Choice,
    /// Return when they can be used, and leave them up
    #[arg(short, long)]
    detach: bool,
    /// Set a variable for all of them
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    #[command(flatten)]
    answers: Answers,
    /// How it is told
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: UpFormat,
}

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum UpFormat {
    /// For people
    Text,
    /// One JSON event a line; with `--detach` one JSON document
    Json,
}

/// The words that make the program a supervisor.
pub(crate) const SUPERVISE: &str = "keep-services-up";

/// Keep services up for others; started by `rush up --detach`
#[derive(Args, Debug)]
pub(crate) struct SuperviseArgs {
    /// The root of the workspace
    root: camino::Utf8PathBuf,
}

impl CallVerb for UpArgs {
    const NAME: &'static str = "up";
    const NEEDS_CALLS: bool = false;

    fn not_there(workspace: &Workspace, label: &str, _: UsageError) -> Failure {
        let services = match declared(workspace) {
            Ok(services) => services,
            Err(failure) => return failure,
        };
        let names: Vec<&str> = services.iter().map(|it| it.name.as_str()).collect();
        let word = Call::new(label).label;
        if names.is_empty() {
            return Failure::usage(format!("no service is named `{word}`, and there is no other"));
        }
        let help = rush_diagnostics::nearest(&word, names.iter().copied()).question("");
        let help = help.unwrap_or_else(|| format!("possible: {}", quoted(&names)));
        Failure::usage(format!("no service is named `{word}`")).help(help)
    }

    fn values(&self) -> &Values {
        &self.choice.values
    }

    fn order(&self) -> CallOrder {
        self.choice.order()
    }

    fn run(
        self,
        ctx: &Context,
        workspace: Option<Workspace>,
        mut goal: Goal,
    ) -> Result<Exit, Failure> {
        let Some(workspace) = &workspace else {
            return Err(Failure::usage("there is no service to start"));
        };
        if goal.calls.is_empty() {
            goal.calls = all_services(workspace)?;
            goal.order = CallOrder::Parallel;
        }
        let plan = match plan::make(ctx, workspace, goal)? {
            Ok(plan) => *plan,
            Err(exit) => return Ok(exit),
        };
        refuse_tasks(&plan)?;
        let variables: BTreeMap<String, String> = self.env.iter().cloned().collect();
        let up = Up { plan, variables, confirm: self.answers.ask() };
        if self.detach {
            self.detached(ctx, workspace, &up)
        } else {
            self.foreground(ctx, workspace, up)
        }
    }
}

impl UpArgs {
    fn foreground(&self, ctx: &Context, workspace: &Workspace, up: Up) -> Result<Exit, Failure> {
        let shown = match self.format {
            // What is held back until a service ends would be held back for ever.
            UpFormat::Text => Shown::Output(Some(LogMode::Stream)),
            UpFormat::Json => Shown::Events,
        };
        let plan = up.plan.clone();
        let (jobs, expected) = (ctx.settings()?.jobs(&*ctx.system), HashMap::new());
        let outlook = Outlook { jobs, expected: &expected, root: workspace.root() };
        let mut display = Display::new(ctx, &plan, shown, &outlook);
        let supervision = Supervision {
            root: workspace.root().to_owned(),
            guard: GuardProgram::of_this_program(),
            history: ctx.settings()?.history(),
            first: Some(up),
            unread: ctx.unread.clone(),
        };
        let hear = |heard: Heard<'_>| match heard {
            Heard::Tick => display.tick(),
            Heard::Using(service) => stderr(&ps::used(service)),
            Heard::Warning(message) => stderr(&format!("warning: {message}\n")),
            Heard::Event(emitted) => {
                display.hear(emitted);
                if self.format == UpFormat::Text {
                    tell_state(&plan, emitted);
                }
            }
        };
        let outcome = supervise(supervision, ctx.system.clone(), hear, tell_signal);
        let summary = outcome.map_err(ps::failure)?;
        let Some(summary) = summary else { return Ok(Exit::DONE) };
        display.finish(&plan, &summary, &*ctx.system);
        Ok(Exit::of_run(exit_status(&summary)))
    }

    fn detached(&self, ctx: &Context, workspace: &Workspace, up: &Up) -> Result<Exit, Failure> {
        let asked = Asked { root: workspace.root(), package: "", system: &*ctx.system };
        let program = std::env::current_exe().map_err(|error| {
            Failure::refused(format!("the program itself can't be found: {error}"))
        })?;
        let starter = Starter { program, words: vec![SUPERVISE.to_owned()] };
        let style = ctx.style(Stream::Stderr);
        let mut tell = |progress: Progress<'_>| match progress {
            Progress::Status(status) if self.format == UpFormat::Text => {
                stderr(&ps::sentence(status, style));
            }
            Progress::Status(_) => {}
            Progress::Warning(message) => stderr(&format!("warning: {message}\n")),
        };
        let statuses = up_detached(&asked, up, &starter, &mut tell).map_err(ps::failure)?;
        if self.format == UpFormat::Json {
            stdout(&ps::json(&with_processes(&asked, statuses.clone())))?;
        }
        let is_up = statuses.iter().all(|it| it.state == ServiceState::Up);
        Ok(if is_up { Exit::DONE } else { Exit::FAILED })
    }
}

/// The same services with what only their supervisor can see of them now.
fn with_processes(asked: &Asked<'_>, mut statuses: Vec<ServiceStatus>) -> Vec<ServiceStatus> {
    let seen = services(asked).unwrap_or_default();
    for status in &mut statuses {
        if let Some(seen) = seen.iter().find(|it| it.node == status.node) {
            (status.process, status.memory_bytes) = (seen.process, seen.memory_bytes);
        }
    }
    statuses
}

/// Keeps services up for others, until the last has ended.
pub(crate) fn run_supervisor(ctx: &Context, args: &SuperviseArgs) -> Result<Exit, Failure> {
    ctx.load_settings(Some(&args.root))?;
    let supervision = Supervision {
        root: args.root.clone(),
        guard: GuardProgram::of_this_program(),
        history: ctx.settings()?.history(),
        first: None,
        unread: ctx.unread.clone(),
    };
    // Its standard error is the log that it is asked about.
    let hear = |heard: Heard<'_>| {
        if let Heard::Warning(message) = heard {
            stderr(&format!("warning: {message}\n"));
        }
    };
    let outcome = supervise(supervision, ctx.system.clone(), hear, |_| {});
    outcome.map_err(ps::failure)?;
    Ok(Exit::DONE)
}

/// All services of the workspace.
pub(super) fn declared(workspace: &Workspace) -> Result<Vec<ListedTask>, Failure> {
    let listed = workspace.list(Which::All)?.tasks;
    Ok(listed.into_iter().filter(|it| it.kind == "service").collect())
}

/// The services of the package around, at the root those of the whole workspace.
fn all_services(workspace: &Workspace) -> Result<Vec<Call>, Failure> {
    let services = declared(workspace)?;
    let package = workspace.project()?.package().to_owned();
    let mut calls = Vec::new();
    let mut left_out = Vec::new();
    for service in &services {
        let Some((of, name)) = service.label.trim_start_matches("//").split_once(':') else {
            continue;
        };
        if name.starts_with('_') || !package.is_empty() && of != package {
            continue;
        }
        match service.params.iter().find(|it| it.is_required) {
            Some(param) => left_out.push(format!(
                "`{}` is left out: it needs `{}`\n",
                service.name,
                param.usage()
            )),
            None => calls.push(Call::new(&service.label)),
        }
    }
    left_out.iter().for_each(|it| stderr(it));
    if calls.is_empty() {
        let message = if left_out.is_empty() {
            "there is no service here"
        } else {
            "no service can be started without a word about it"
        };
        return Err(Failure::usage(message).help("`rush list --all` shows what there is"));
    }
    Ok(calls)
}

/// Only services can be kept up.
fn refuse_tasks(plan: &Plan) -> Result<(), Failure> {
    let Some(task) = plan.roots().find(|it| it.as_task().is_some()) else { return Ok(()) };
    let name = Names::as_asked(plan).name(task);
    let message = format!("`{name}` is a task, and only services are kept up");
    Err(Failure::usage(message).help(format!("`rush run {}` runs it", task.label())))
}

/// Says when a service can be used.
fn tell_state(plan: &Plan, emitted: &Emitted) {
    let EventBody::NodeChanged(state) = &emitted.event.body else { return };
    let Some(node) = emitted.event.node else { return };
    match state {
        NodeState::Serving { .. } => {
            stderr(&format!("`{}` is up\n", Names::of(plan).of_id(node)));
        }
        NodeState::Waiting { .. }
        | NodeState::Ready
        | NodeState::Running { .. }
        | NodeState::BackingOff { .. }
        | NodeState::Succeeded
        | NodeState::Cached
        | NodeState::Failed { .. }
        | NodeState::TimedOut
        | NodeState::Skipped { .. }
        | NodeState::Cancelled
        | NodeState::Unknown => {}
    }
}
