//! How a run is carried out: the flags that `run`, `retry`, `replay` and `resume` share, and what they do.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};
use rush_diagnostics::HumanStyle;
use rush_engine::{
    Ancestry, Audience, Control, FailurePolicy, GuardProgram, Heard, Jobserver, JobserverForm,
    LogMode as Logs, Pace, Recording, Run, RunFailure, RunOptions, RunSummary, StoreError,
    exit_status, new_run_id,
};
use rush_plan::{Cause, LogMode, Plan, RunOutcome};

use super::confirm::{self, Answers};
use super::dry::DryFormat;
use super::report;
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::events::{Display, Outlook, Shown};
use crate::output::paint::Paint;
use crate::output::stderr;
use crate::verbs::call::{pair, variable};
use crate::verbs::ps;

/// How a run is carried out.
#[derive(Args, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag somebody types")]
pub(crate) struct Manner {
    /// How many tasks run at once; without a number, that of the processors
    #[arg(short, long, value_name = "N", num_args = 0..=1, default_missing_value = "", value_parser = jobs)]
    jobs: Option<Jobs>,
    /// Set a variable for all tasks
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// After a failure, go on with what does not depend on it
    #[arg(long, conflicts_with = "fail_fast")]
    keep_going: bool,
    /// After a failure, end what is running
    #[arg(long)]
    fail_fast: bool,
    /// How much there is of a slot that tasks take with `resources.slots`; else as the setting
    /// `slots` says, else 1
    #[arg(long, value_name = "NAME=N", value_parser = slot)]
    slots: Vec<(String, u64)>,
    #[command(flatten)]
    answers: Answers,
    /// How the output of tasks is shown
    #[arg(long, value_name = "MODE")]
    log: Option<LogChoice>,
    /// Write a report of the run to a file; missing directories are made
    #[arg(long, value_name = "junit=FILE")]
    report: Option<report::Target>,
    /// How the run is told
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: RunFormat,
}

/// How many tasks run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Jobs {
    /// As many as there are processors.
    Processors,
    /// So many.
    Count(usize),
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

/// What shows a run.
pub(super) struct Showing {
    pub(super) display: Display,
    short_id: Option<String>,
}

impl Showing {
    pub(super) fn hear(&mut self, heard: Heard<'_>) {
        match heard {
            Heard::Event(emitted) => self.display.hear(emitted),
            Heard::Tick => self.display.tick(),
            // Who watches keeps them up itself.
            Heard::Using(service) if service.supervisor == std::process::id() => {}
            Heard::Using(service) => stderr(&ps::used(service)),
            Heard::Warning(message) => stderr(&format!("warning: {message}\n")),
        }
    }
}

impl Manner {
    /// Runs a plan, shows what happens, and says what it came to.
    pub(crate) fn carry_out(
        &self,
        ctx: &Context,
        plan: &Arc<Plan>,
        options: RunOptions,
        recording: Option<Recording>,
    ) -> Result<Exit, Failure> {
        let (mut showing, run) = self.prepare(ctx, plan, options, recording)?;
        let system = ctx.system.clone();
        let hear = |heard: Heard<'_>| showing.hear(heard);
        let summary = rush_engine::run(run, system, hear, tell_signal).map_err(refused)?;
        self.conclude(ctx, plan, &summary, &mut showing)?;
        Ok(Exit::of_run(exit_status(&summary)))
    }

    /// A run that is ready to begin, and what shows it.
    pub(super) fn prepare(
        &self,
        ctx: &Context,
        plan: &Arc<Plan>,
        mut options: RunOptions,
        recording: Option<Recording>,
    ) -> Result<(Showing, Run), Failure> {
        let (shown, pace) = match self.format {
            RunFormat::Json => (Shown::Events, Pace::Everything),
            RunFormat::Text => (Shown::Output(self.log_mode(ctx)?), Pace::Results),
        };
        if let Some(recording) = &recording {
            options.expected = recording.expected();
        }
        self.tell_unused_slots(plan);
        let short_id = recording.as_ref().map(|it| it.short_id.clone());
        let outlook =
            Outlook { jobs: options.jobs, expected: &options.expected, root: &options.root };
        let display = Display::new(ctx, plan, shown, &outlook);
        let unread = ctx.unread.clone();
        let run = Run { plan: Arc::clone(plan), options, recording, pace, unread };
        Ok((Showing { display, short_id }, run))
    }

    /// A slot that nobody takes is a slip of the fingers more often than not.
    fn tell_unused_slots(&self, plan: &Plan) {
        let tasks = plan.nodes().iter().filter_map(rush_plan::Node::as_task);
        let taken: BTreeSet<&str> =
            tasks.flat_map(|it| it.resources.slots.keys()).map(String::as_str).collect();
        for (name, units) in self.slots.iter().filter(|it| !taken.contains(it.0.as_str())) {
            let near = rush_diagnostics::nearest(name, taken.iter().copied()).question("");
            let near = near.map(|it| format!("; {it}")).unwrap_or_default();
            stderr(&format!(
                "warning: `--slots {name}={units}`: no task of this run takes `{name}`{near}\n"
            ));
        }
    }

    /// Says what a run came to.
    pub(super) fn conclude(
        &self,
        ctx: &Context,
        plan: &Arc<Plan>,
        summary: &RunSummary,
        showing: &mut Showing,
    ) -> Result<(), Failure> {
        showing.display.finish(plan, summary, &*ctx.system);
        let is_read = self.format == RunFormat::Text && !ctx.unread.is_told();
        if let Some(id) = showing.short_id.as_ref().filter(|_| is_read) {
            stderr(&next_words(summary, id, ctx.style(Stream::Stderr)));
        }
        if let Some(target) = &self.report {
            target.write(ctx, plan, summary, &showing.display)?;
        }
        match showing.display.lost_output() {
            Some(error) => Err(Failure::refused(format!(
                "what was written is not complete: could not write to standard output: {error}"
            ))),
            None => Ok(()),
        }
    }

    /// In which form it is told what would run.
    pub(crate) fn dry_format(&self) -> DryFormat {
        match self.format {
            RunFormat::Text => DryFormat::Text,
            RunFormat::Json => DryFormat::Json,
        }
    }

    /// The file that a report is written to, as typed.
    pub(super) fn report_file(&self) -> Option<&Utf8Path> {
        self.report.as_ref().map(report::Target::file)
    }

    /// The choices for a run in a workspace.
    pub(crate) fn options(&self, ctx: &Context, root: Utf8PathBuf) -> Result<RunOptions, Failure> {
        if let Some(target) = &self.report {
            target.prepare(ctx)?;
        }
        if self.log.is_some() && self.format == RunFormat::Json {
            let message = "`--log` is about text for people, and `-o json` has every line";
            return Err(Failure::usage(message).help("leave out one of them"));
        }
        let settings = ctx.settings()?;
        let jobs = match self.jobs {
            None => settings.jobs(&*ctx.system),
            Some(Jobs::Processors) => ctx.system.host().cpus as usize,
            Some(Jobs::Count(jobs)) => jobs,
        };
        let on_failure = if self.fail_fast {
            FailurePolicy::FailFast
        } else if self.keep_going || settings.keeps_going() {
            FailurePolicy::KeepGoing
        } else {
            FailurePolicy::StartNothing
        };
        Ok(RunOptions {
            jobs: jobs.max(1),
            on_failure,
            slots: settings.slots().into_iter().chain(self.slots.iter().cloned()).collect(),
            variables: self.env.iter().cloned().collect::<BTreeMap<_, _>>(),
            guard: GuardProgram::of_this_program(),
            audience: self.audience(ctx)?,
            jobserver: match settings.jobserver() {
                Jobserver::Pipe => JobserverForm::Pipe,
                Jobserver::Fifo => JobserverForm::Fifo,
            },
            ..RunOptions::new(
                new_run_id(&*ctx.system),
                root,
                self.answers.ask(),
                Arc::new(rush_engine::own_environment()),
            )
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
        let set = ctx.settings()?.log_mode();
        Ok(chosen.or_else(|| {
            set.map(|it| match it {
                Logs::Stream => LogMode::Stream,
                Logs::Grouped => LogMode::Grouped,
                Logs::Quiet => LogMode::Quiet,
            })
        }))
    }
}

/// The plan with who asked for it: a machine that builds for others says so by `CI`.
pub(super) fn caused(plan: Plan) -> Plan {
    let is_ci = plan.content().host.ci && plan.cause() == &Cause::user();
    if is_ci { plan.caused_by(Cause::of_kind("ci")) } else { plan }
}

/// Where a run is written down; nowhere if the user wants that, or with a warning if it can't be.
pub(crate) fn recording(
    ctx: &Context,
    plan: &Arc<Plan>,
    options: &RunOptions,
    ancestry: Ancestry,
) -> Result<Option<Recording>, Failure> {
    let history = ctx.settings()?.history();
    match Recording::prepare(&*ctx.system, plan, options, (ancestry, history)) {
        Ok(recording) => Ok(recording),
        // What a newer Rush wrote must neither be changed nor be left with a gap.
        Err(error @ StoreError::Newer { .. }) => Err(of_store(&error)),
        Err(error) => {
            stderr(&format!("warning: the run is not remembered: {error}; {}\n", error.help()));
            Ok(None)
        }
    }
}

/// Why the memory of runs can't be used, and what to do.
pub(crate) fn of_store(error: &StoreError) -> Failure {
    Failure::refused(error.to_string()).help(error.help())
}

/// What to type next: after a failure how to see it and how to go on, else how to see what was written.
fn next_words(summary: &RunSummary, id: &str, style: HumanStyle) -> String {
    match summary.outcome {
        RunOutcome::Succeeded if !Stream::Stderr.is_terminal() => String::new(),
        RunOutcome::Succeeded => {
            format!("{}\n", Paint::Dim.on(&format!("`rush logs {id}` shows it again"), style))
        }
        RunOutcome::Failed | RunOutcome::Interrupted | RunOutcome::Unknown => format!(
            "`rush logs {id}` shows what it wrote, `rush retry {id}` runs what did not succeed\n"
        ),
    }
}

/// Reads what follows `-j`.
fn jobs(text: &str) -> Result<Jobs, String> {
    match (text, text.parse()) {
        ("", _) => Ok(Jobs::Processors),
        (_, Ok(count @ 1..=1024)) => Ok(Jobs::Count(count)),
        _ => Err("use a whole number from 1 to 1024, or `-j` alone for as many as there are \
                  processors"
            .to_owned()),
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

/// Why a run could not be carried out, and what to do.
pub(crate) fn refused(failure: RunFailure) -> Failure {
    match failure {
        RunFailure::Refused(error) => error.into(),
        RunFailure::Services(error) => crate::verbs::ps::failure(error),
        RunFailure::Store(error) => of_store(&error),
        RunFailure::TooLate | RunFailure::Runtime(_) => Failure::refused(failure.to_string()),
    }
}

pub(crate) fn tell_signal(control: Control) {
    match control {
        // Nothing runs yet that could be killed, and the failure says the rest.
        Control::Interrupt | Control::Terminate if confirm::is_asking() => stderr("\n"),
        Control::Interrupt => stderr("\nstopping .. once more to kill what does not stop\n"),
        Control::EndService(_) | Control::LogLost(_) => {}
        Control::Terminate => stderr("stopping ..\n"),
    }
}
