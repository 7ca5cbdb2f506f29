//! `rush run`: runs tasks, from the source or from a plan.

mod confirm;
mod force;
mod report;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::Arc;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};
use rush_engine::{
    Ask, Audience, Control, FailurePolicy, Force, GuardProgram, Heard, Jobserver, JobserverForm,
    LogMode as Logs, RunFailure, RunOptions, Setting, Value, Workspace, exit_status, new_run_id,
};
use rush_plan::{Goal, LogMode, Plan};

use super::call::{CallVerb, Choice, pair};
use super::plan;
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::events::{Display, Outlook, Shown};
use crate::output::{plan as show, stderr, stdout};

/// Run tasks
///
/// A flag that is not listed here belongs to the label before it: `rush run LABEL --help` shows
/// those of a task. What follows `--` goes to the `...args` parameter of the last label.
#[derive(Args, Debug)]
#[command(
    override_usage = "rush run [FLAGS] [LABEL [--PARAM VALUE]..].. [-- ARG..]\n       \
                      rush run [FLAGS] --plan FILE",
    after_help = "\
Examples:
  rush run build --crate api --release     a task with flags of its own
  rush run build test --filter parser -j4  two tasks, one after the other
  rush run 'build(*)' --keep-going         every member of a listed parameter
  rush run deploy --dry-run                show the commands, start nothing
  rush run test -- -k name                 to the task's `...args`

`rush build` is short for `rush run build`."
)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag somebody types")]
pub(crate) struct RunArgs {
    /// Labels and calls, each followed by its own flags
    #[arg(value_name = "LABEL")]
    calls: Vec<String>,
    #[command(flatten)]
    choice: Choice,
    /// Run a plan that was written by `rush plan --out`
    #[arg(long, value_name = "FILE")]
    plan: Option<Utf8PathBuf>,
    /// How many tasks run at once; without a number, that of the processors
    #[arg(short, long, value_name = "N", num_args = 0..=1, default_missing_value = "0")]
    jobs: Option<u32>,
    /// Set a variable for all tasks
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = pair)]
    env: Vec<(String, String)>,
    /// After a failure, go on with what does not depend on it
    #[arg(long, conflicts_with = "fail_fast")]
    keep_going: bool,
    /// After a failure, end what is running
    #[arg(long)]
    fail_fast: bool,
    /// Run every task, even if its result is there
    #[arg(long)]
    force: bool,
    /// Run this task even if its result is there; may be given several times
    #[arg(long, value_name = "LABEL", conflicts_with = "force")]
    force_task: Vec<String>,
    /// How much there is of a slot that tasks take with `resources.slots`; 1 if not told
    #[arg(long, value_name = "NAME=N", value_parser = slot)]
    slots: Vec<(String, u64)>,
    /// Show what would run, start nothing
    #[arg(long)]
    dry_run: bool,
    /// Answer yes to every question
    #[arg(long)]
    yes: bool,
    /// How the output of tasks is shown
    #[arg(long, value_name = "MODE")]
    log: Option<LogChoice>,
    /// Write a report of the run to a file
    #[arg(long, value_name = "junit=FILE")]
    report: Option<report::Target>,
    /// How the run is told
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: RunFormat,
}

/// How the output of tasks is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogChoice {
    /// Line by line, as it comes
    Stream,
    /// Task by task, when each has ended
    Grouped,
    /// Only of tasks that fail
    Quiet,
}

/// How the run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RunFormat {
    /// For people
    Text,
    /// One JSON event a line
    Json,
}

impl CallVerb for RunArgs {
    const NAME: &'static str = "run";

    fn choice(&self) -> &Choice {
        &self.choice
    }

    fn has_plan_file(&self) -> bool {
        self.plan.is_some()
    }

    fn run(
        self,
        ctx: &Context,
        workspace: Option<&Workspace>,
        goal: Goal,
    ) -> Result<Exit, Failure> {
        let (plan, root) = match (&self.plan, workspace) {
            (Some(file), _) => {
                let root = ctx.root()?;
                ctx.load_settings(root.as_deref())?;
                let plan = plan::load(ctx, file)?;
                (plan, root.map_or_else(|| ctx.start(), Ok)?)
            }
            (None, Some(workspace)) => match plan::make(ctx, workspace, goal)? {
                Ok(plan) => (*plan, workspace.root().to_owned()),
                Err(exit) => return Ok(exit),
            },
            (None, None) => return Err(Failure::usage("there is nothing to run")),
        };
        tell_skipped(&plan);
        if self.dry_run {
            stdout(&show::text(&plan, ctx.style(Stream::Stdout)))?;
            stderr(&format!("{}; nothing was started\n", show::summary(&plan)));
            return Ok(Exit::DONE);
        }
        if let Some(workspace) = workspace {
            tell_unreached(workspace.broken_items()?);
        }
        self.start(ctx, &Arc::new(plan), root)
    }
}

impl RunArgs {
    fn start(&self, ctx: &Context, plan: &Arc<Plan>, root: Utf8PathBuf) -> Result<Exit, Failure> {
        let options = self.options(ctx, plan, root)?;
        let shown = match self.format {
            RunFormat::Json => Shown::Events,
            RunFormat::Text => Shown::Output(self.log_mode(ctx)?),
        };
        let outlook = Outlook { jobs: options.jobs, expected: &options.expected };
        let mut display = Display::new(ctx, plan, shown, &outlook);
        let system = ctx.system.clone();
        let hear = |heard: Heard<'_>| match heard {
            Heard::Event(emitted) => display.hear(emitted),
            Heard::Tick => display.tick(),
        };
        let outcome = rush_engine::run(Arc::clone(plan), options, system, hear, tell_signal);
        let summary = outcome.map_err(refused)?;
        display.finish(plan, &summary, &*ctx.system);
        if let Some(target) = &self.report {
            target.write(ctx, plan, &summary, &display)?;
        }
        Ok(Exit::of_run(exit_status(&summary)))
    }

    fn options(
        &self,
        ctx: &Context,
        plan: &Plan,
        root: Utf8PathBuf,
    ) -> Result<RunOptions, Failure> {
        let settings = ctx.settings()?;
        let jobs = match self.jobs {
            None => settings.jobs(),
            Some(0) => ctx.system.host().cpus as usize,
            Some(jobs) => jobs as usize,
        };
        let on_failure = if self.fail_fast {
            FailurePolicy::FailFast
        } else if self.keep_going || settings.keeps_going() {
            FailurePolicy::KeepGoing
        } else {
            FailurePolicy::StartNothing
        };
        let force = match self.force {
            true => Force::All,
            false => force::labels(&self.force_task, plan, (&root, &ctx.start()?))?,
        };
        Ok(RunOptions {
            jobs: jobs.max(1),
            on_failure,
            force,
            slots: self.slots.iter().cloned().collect(),
            variables: self.env.iter().cloned().collect::<BTreeMap<_, _>>(),
            guard: GuardProgram::of_this_program(),
            audience: self.audience(ctx)?,
            jobserver: match settings.jobserver() {
                Jobserver::Pipe => JobserverForm::Pipe,
                Jobserver::Fifo => JobserverForm::Fifo,
            },
            confirm: if self.yes { Ask::AlwaysYes } else { Ask::Person(Box::new(confirm::ask)) },
            ..RunOptions::new(new_run_id(&*ctx.system), root)
        })
    }

    /// A person looks on if output and errors go to a terminal as they come.
    fn audience(&self, ctx: &Context) -> Result<Audience, Failure> {
        let is_streamed = matches!(self.log_mode(ctx)?, None | Some(LogMode::Stream));
        let is_text = matches!(self.format, RunFormat::Text);
        let is_terminal = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        let is_person = is_text && is_streamed && is_terminal;
        Ok(if is_person { Audience::Person } else { Audience::Nobody })
    }

    /// The flag, else the setting; what a task says about itself comes after both.
    fn log_mode(&self, ctx: &Context) -> Result<Option<LogMode>, Failure> {
        let chosen = self.log.map(|it| match it {
            LogChoice::Stream => LogMode::Stream,
            LogChoice::Grouped => LogMode::Grouped,
            LogChoice::Quiet => LogMode::Quiet,
        });
        let settings = ctx.settings()?;
        let set = match settings.get(Setting::LogMode) {
            Some((Value::LogMode(mode), _)) => mode,
            _ => None,
        };
        Ok(chosen.or_else(|| {
            set.map(|it| match it {
                Logs::Stream => LogMode::Stream,
                Logs::Grouped => LogMode::Grouped,
                Logs::Quiet => LogMode::Quiet,
            })
        }))
    }
}

/// Splits `name=number`.
fn slot(text: &str) -> Result<(String, u64), String> {
    let (name, units) = pair(text)?;
    match units.parse() {
        Ok(units) if units > 0 => Ok((name, units)),
        _ => Err(format!("`{units}` is no number of 1 or more")),
    }
}

fn refused(failure: RunFailure) -> Failure {
    match failure {
        RunFailure::Refused(error) => Failure::of_status(error.exit_status(), error.to_string()),
        RunFailure::Services(error) => super::ps::failure(error),
        RunFailure::Runtime(_) => Failure::refused(failure.to_string()),
    }
}

/// A task that was named itself and is not to run deserves a word.
fn tell_skipped(plan: &Plan) {
    for node in plan.roots() {
        if node.as_task().is_some_and(|it| it.skip.is_some()) {
            let name = show::node_name(plan, node.id());
            stderr(&format!("`{name}` is skipped: its `when` is false\n"));
        }
    }
}

fn tell_unreached(broken: usize) {
    match broken {
        0 => {}
        1 => stderr("1 item that is not needed here has an error; `rush check` shows it\n"),
        _ => stderr(&format!(
            "{broken} items that are not needed here have errors; `rush check` shows them\n"
        )),
    }
}

pub(super) fn tell_signal(control: Control) {
    match control {
        Control::Interrupt => stderr("\nstopping .. once more to kill what does not stop\n"),
        Control::EndService(_) => {}
        Control::Terminate => stderr("stopping ..\n"),
    }
}
