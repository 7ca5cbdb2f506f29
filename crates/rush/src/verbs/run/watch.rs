//! `rush run --watch`: what is shown and planned for a run that begins again and again.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use camino::Utf8PathBuf;
use rush_engine::{
    Ancestry, Control, Emitted, Ending, FileChange, Happened, Heard, Lineage, News, Occasion,
    Replanned, Rerun, Reuse, Run, RunError, RunFailure, RunSummary, WatchEnd, WatchFailure,
    WatchFront, WatchMode, Watching, Workspace,
};
use rush_plan::{Cause, Goal, Node, NodeId, NodeState, Plan};

use super::manner::{self, Showing, refused};
use super::{RunArgs, tell_skipped, tell_unreached};
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::names::Names;
use crate::output::paint::Paint;
use crate::output::{self, stderr};
use crate::verbs::{plan, ps};

/// How many changed files are named.
const FILES_MAX: usize = 3;

/// How many tasks are named.
const TASKS_MAX: usize = 3;

/// What is shown of a watch, and what it is made of.
struct Front<'a> {
    args: &'a RunArgs,
    /// With the settings as they are now; they are read again for each plan.
    ctx: Context,
    goal: Goal,
    root: Utf8PathBuf,
    /// How the run is shown that goes on or was the last.
    current: Option<Showing>,
    has_planned: bool,
    /// How many items had an error that the plan does not need, when that was told last.
    broken: usize,
    /// Why it was hopeless from the beginning.
    hopeless: Option<Failure>,
}

/// Runs tasks again and again until somebody ends it.
pub(super) fn run(
    args: &RunArgs,
    ctx: &Context,
    workspace: &Workspace,
    goal: Goal,
) -> Result<Exit, Failure> {
    let root = workspace.root().to_owned();
    let start = ctx.start()?;
    let start = ctx.system.canonicalize(&start).unwrap_or(start);
    let watching = Watching {
        root: root.clone(),
        mode: if args.poll { WatchMode::Polled } else { WatchMode::Told },
        own_files: args.manner.report_file().map(|it| start.join(it)).into_iter().collect(),
        hears_keys: Stream::Stderr.is_terminal(),
        reuse: if args.force || !args.force_task.is_empty() {
            Reuse::Nothing
        } else {
            Reuse::Unchanged
        },
        unread: ctx.unread.clone(),
    };
    let current = None;
    let fresh = ctx.with_settings_anew();
    let mut front = Front {
        args,
        ctx: fresh,
        goal,
        root,
        current,
        has_planned: false,
        broken: 0,
        hopeless: None,
    };
    let end = rush_engine::watch(watching, ctx.system.clone(), &mut front);
    match end.map_err(|error| cannot_watch(&error))? {
        WatchEnd::Quit => Ok(Exit::DONE),
        WatchEnd::Interrupted => Ok(Exit::of_run(130)),
        WatchEnd::Terminated => Ok(Exit::of_run(143)),
        WatchEnd::Hopeless => {
            Err(front.hopeless.unwrap_or_else(|| Failure::usage("there is nothing to run")))
        }
    }
}

fn cannot_watch(error: &WatchFailure) -> Failure {
    Failure::refused(error.to_string())
}

impl WatchFront for Front<'_> {
    fn plan(&mut self) -> Replanned {
        self.ctx = self.ctx.with_settings_anew();
        let planned = self.try_plan();
        let is_first = !std::mem::replace(&mut self.has_planned, true);
        match planned {
            Ok(Some(plan)) => Replanned::Plan(plan),
            Ok(None) => Replanned::Broken,
            // What was typed was never right: no change of a file is to be waited for.
            Err(failure) if is_first => {
                self.hopeless = Some(failure);
                Replanned::Hopeless
            }
            Err(failure) => {
                output::fail(&self.ctx, failure);
                Replanned::Broken
            }
        }
    }

    fn begin(
        &mut self,
        plan: &Arc<Plan>,
        occasion: Occasion<'_>,
        settled: HashMap<NodeId, NodeState>,
    ) -> Option<Run> {
        match occasion {
            Occasion::First => tell_skipped(plan),
            Occasion::Asked => self.say(&format!("running {}", roots(plan))),
            Occasion::Changed(files) => {
                self.say(&format!("{}; running {}", sentence(files), roots(plan)));
            }
        }
        match self.try_begin(plan, occasion, settled) {
            Ok((showing, run)) => {
                self.current = Some(showing);
                Some(run)
            }
            Err(failure) => {
                output::fail(&self.ctx, failure);
                None
            }
        }
    }

    fn hear(&mut self, heard: Heard<'_>) {
        if let Some(showing) = &mut self.current {
            showing.hear(heard);
        }
    }

    fn hear_service(&mut self, emitted: &Emitted) {
        if let Some(showing) = &mut self.current {
            showing.display.hear_output(emitted);
        }
    }

    fn cancelled(&mut self) {
        self.current = None;
    }

    fn ended(&mut self, plan: &Arc<Plan>, outcome: Result<RunSummary, RunFailure>, _: Ending) {
        let Some(showing) = &mut self.current else { return };
        let concluded = match outcome {
            Ok(summary) => self.args.manner.conclude(&self.ctx, plan, &summary, showing),
            Err(RunFailure::Refused(error @ RunError::NobodyToAsk { .. })) => {
                self.hopeless = Some(error.into());
                return;
            }
            Err(failure) => Err(refused(failure)),
        };
        if let Err(failure) = concluded {
            output::fail(&self.ctx, failure);
        }
    }

    fn tell(&mut self, news: News<'_>) {
        match news {
            News::NothingToRun(files) => {
                self.say(&format!("{}; nothing to run", sentence(files)));
            }
            News::Idle { files, hears_keys } => {
                let files = count(files, "file");
                let keys = if hears_keys { "; r runs again, q quits" } else { "" };
                self.say(&format!("watching {files}{keys}"));
            }
            News::Overtaken { files, rerun } => {
                let what = match rerun {
                    Rerun::AtOnce => "stopping what runs",
                    Rerun::WhenQuiet => "this run goes on until it is quiet for a while",
                    Rerun::Never => "this run goes on, since that happens in every run",
                };
                self.say(&format!("{}; {what}", sentence(files)));
            }
            News::Stopping(Control::Interrupt) => self.say("stopping; Ctrl-C kills what does not stop"),
            News::Stopping(_) => self.say("stopping"),
            News::Settling(files) => self.say(&format!(
                "{} in many runs in a row; the next begins when it is quiet for a while",
                sentence(files)
            )),
            News::Restless(files) => self.say(&format!(
                "{} changed in every run, so it is not run again for that: does a task write it? list what tasks \
                 write in `outputs`",
                named(files.iter().map(String::as_str))
            )),
            News::Service { status, is_renewed } => {
                let sentence = ps::sentence(status, self.ctx.style(Stream::Stderr));
                let why = if is_renewed { "it changed, so it was started anew: " } else { "" };
                self.say(&format!("{why}{}", sentence.trim_end()));
            }
            News::Trouble(error) => self.say(&format!("warning: {error}")),
        }
    }
}

impl Front<'_> {
    /// Plans anew; `None` if the task files have errors, which are told.
    fn try_plan(&mut self) -> Result<Option<Arc<Plan>>, Failure> {
        let workspace = self.ctx.workspace()?;
        let planned = plan::make(&self.ctx, &workspace, self.goal.clone())?;
        if planned.is_ok() {
            let broken = workspace.broken_items()?;
            if std::mem::replace(&mut self.broken, broken) != broken {
                tell_unreached(broken);
            }
        }
        Ok(planned.ok().map(|it| Arc::new(it.caused_by(Cause::of_kind("watch")))))
    }

    fn try_begin(
        &self,
        plan: &Arc<Plan>,
        occasion: Occasion<'_>,
        settled: HashMap<NodeId, NodeState>,
    ) -> Result<(Showing, Run), Failure> {
        let mut options = self.args.options(&self.ctx, plan, self.root.clone())?;
        options.settled = settled;
        if matches!(occasion, Occasion::Asked) {
            // Who wants it again does not want to read what it said before.
            options.force.add(asked_for(plan).into_iter().map(Node::label));
        }
        let asked = rush_engine::asked(&plan.content().goal);
        let ancestry = Ancestry { lineage: Lineage::Run, asked };
        let recording = manner::recording(&self.ctx, plan, &options, ancestry)?;
        self.args.manner.prepare(&self.ctx, plan, options, recording)
    }

    /// Says something beside the output of tasks.
    fn say(&mut self, text: &str) {
        let line = format!("{}\n", Paint::Dim.on(text, self.ctx.style(Stream::Stderr)));
        match &mut self.current {
            Some(showing) => showing.display.say(&line),
            None => stderr(&line),
        }
    }
}

/// What happened to files: "`src/a.c` and 2 more changed".
fn sentence(files: &[FileChange]) -> String {
    let words = |happened| {
        let those: Vec<&str> =
            files.iter().filter(|it| it.happened == happened).map(|it| it.path.as_str()).collect();
        (!those.is_empty()).then(|| (named(those.iter().copied()), those.len()))
    };
    let mut parts = Vec::new();
    if let Some((files, _)) = words(Happened::Changed) {
        parts.push(format!("{files} changed"));
    }
    if let Some((files, count)) = words(Happened::Appeared) {
        parts.push(format!("{files} {} new", if count == 1 { "is" } else { "are" }));
    }
    if let Some((files, count)) = words(Happened::Vanished) {
        parts.push(format!("{files} {} gone", if count == 1 { "is" } else { "are" }));
    }
    parts.join(", ")
}

/// Some names, and how many more there are.
fn named<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(FILES_MAX);
    let mut text = names.take(FILES_MAX).collect::<Vec<_>>().join(", ");
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

/// What was asked for; of a task that only groups others, those.
fn asked_for(plan: &Plan) -> Vec<&Node> {
    let mut open: Vec<&Node> = plan.roots().collect();
    let mut seen: BTreeSet<NodeId> = open.iter().map(|it| it.id()).collect();
    let mut found = Vec::new();
    while let Some(node) = open.pop() {
        found.push(node);
        if node.as_task().is_some_and(|it| it.run.is_empty()) {
            let grouped = node.edges.iter().filter(|it| it.reason.is_requirement());
            let grouped = grouped.filter_map(|it| plan.node(it.node));
            open.extend(grouped.filter(|it| seen.insert(it.id())));
        }
    }
    found
}

/// The tasks that were asked for.
fn roots(plan: &Plan) -> String {
    let names = Names::as_asked(plan);
    let names: Vec<String> = plan.roots().map(|it| names.name(it)).collect();
    match names.len() {
        0..=TASKS_MAX => names.join(", "),
        count => count_of(count, &names),
    }
}

fn count_of(all: usize, names: &[String]) -> String {
    let shown = names.get(..TASKS_MAX).unwrap_or_default().join(", ");
    format!("{shown} and {} more", all - TASKS_MAX)
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
