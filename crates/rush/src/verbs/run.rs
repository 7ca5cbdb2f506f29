//! `rush run`: runs tasks, from the source or from a plan.

pub(crate) mod confirm;
pub(crate) mod dry;
mod force;
pub(crate) mod manner;
mod report;
mod watch;

use std::sync::Arc;

use camino::Utf8PathBuf;
use clap::Args;
use rush_engine::{Ancestry, Force, Lineage, RunOptions, TableAhead, Workspace};
use rush_plan::{CallOrder, Goal, Plan};

use super::call::{CallVerb, Choice, Values};
use super::plan;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::names::Names;
use crate::output::outlook::Remarks;
use crate::output::stderr;
use manner::Manner;

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
  rush run test --watch                    again whenever a file changes that it reads
  rush run test -- -k name                 to the task's `...args`

`rush build` is short for `rush run build`."
)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct RunArgs {
    /// Labels and calls, each followed by its own flags
    #[arg(value_name = "LABEL")]
    calls: Vec<String>,
    #[command(flatten)]
    choice: Choice,
    /// Run a plan that was written by `rush plan --out`; what shapes a plan can't be given with it
    #[arg(long, value_name = "FILE")]
    plan: Option<Utf8PathBuf>,
    /// Run every task, even if its result is there
    #[arg(long)]
    force: bool,
    /// Run this task even if its result is there; may be given several times
    #[arg(long, value_name = "LABEL", conflicts_with = "force")]
    force_task: Vec<String>,
    /// Show what would run, start nothing; with `-o json` as one document
    #[arg(long, conflicts_with = "report")]
    dry_run: bool,
    /// Run again whenever something changes that the tasks read; `r` runs again, `q` quits
    #[arg(long, conflicts_with_all = ["plan", "dry_run"])]
    watch: bool,
    /// Notice changes by looking again and again, where the file system does not tell of them
    #[arg(long, requires = "watch")]
    poll: bool,
    #[command(flatten)]
    manner: Manner,
}

impl CallVerb for RunArgs {
    const NAME: &'static str = "run";

    fn values(&self) -> &Values {
        &self.choice.values
    }

    fn order(&self) -> CallOrder {
        self.choice.order()
    }

    fn has_plan_file(&self) -> bool {
        self.plan.is_some()
    }

    fn run(self, ctx: &Context, workspace: Option<Workspace>, goal: Goal) -> Result<Exit, Failure> {
        let ahead = self.read_results(ctx, workspace.as_ref());
        let plan_file = self.plan.as_deref();
        let (plan, root) = match (plan_file, workspace) {
            (Some(file), _) => {
                let root = ctx.root()?;
                ctx.load_settings(root.as_deref())?;
                let plan = plan::load(ctx, file)?;
                tell_skipped(&plan);
                (plan, root.map_or_else(|| ctx.start(), Ok)?)
            }
            (None, Some(workspace)) if self.watch => {
                return watch::run(&self, ctx, &workspace, goal);
            }
            (None, Some(workspace)) => match self.planned(ctx, workspace, goal)? {
                Ok(planned) => planned,
                Err(exit) => return Ok(exit),
            },
            (None, None) => return Err(Failure::usage("there is nothing to run")),
        };
        if self.dry_run {
            let options = self.options(ctx, &plan, root)?;
            return dry::show(
                ctx,
                &Arc::new(plan),
                &options,
                (self.manner.dry_format(), Remarks::Telling),
            );
        }
        let mut options = self.options(ctx, &plan, root)?;
        let plan = Arc::new(manner::caused(plan));
        options.results = rush_engine::open_results(&plan, &options, &*ctx.system, ahead);
        let asked = rush_engine::asked(&plan.content().goal);
        let ancestry = Ancestry { lineage: Lineage::Run, asked };
        let recording = manner::recording(ctx, &plan, &options, ancestry)?;
        // The process ends with the run. To take apart what is large would only take time.
        std::mem::forget((Arc::clone(&plan), options.results.clone()));
        self.manner.carry_out(ctx, &plan, options, recording)
    }
}

impl RunArgs {
    /// Begins to read what is known of results if the plan will be there in a moment; while the task files are
    /// compiled, it would only lie around.
    fn read_results(&self, ctx: &Context, workspace: Option<&Workspace>) -> TableAhead {
        let is_near =
            workspace.filter(|it| !self.dry_run && !self.force && !self.watch && !it.is_opened());
        let read = |it: &Workspace| rush_engine::read_results(&*ctx.system, it.root());
        is_near.map(read).unwrap_or_default()
    }

    /// The plan for what was asked for, and the root of its workspace, which is let go of: a run may take
    /// hours, and all that it needs of the task files is in the plan.
    fn planned(
        &self,
        ctx: &Context,
        workspace: Workspace,
        goal: Goal,
    ) -> Result<Result<(Plan, Utf8PathBuf), Exit>, Failure> {
        let made = match plan::make_unwritten(ctx, &workspace, goal)? {
            Ok(made) => made,
            Err(exit) => return Ok(Err(exit)),
        };
        tell_skipped(&made.0);
        if !self.dry_run {
            tell_unreached(workspace.broken_items()?);
        }
        let root = workspace.root().to_owned();
        Ok(Ok((*plan::let_go(workspace, made), root)))
    }

    fn options(
        &self,
        ctx: &Context,
        plan: &Plan,
        root: Utf8PathBuf,
    ) -> Result<RunOptions, Failure> {
        let force = if self.force {
            Force::All
        } else {
            force::labels(&self.force_task, plan, (&root, &ctx.start()?))?
        };
        Ok(RunOptions { force, ..self.manner.options(ctx, root)? })
    }
}

/// A task that was named itself and is not to run deserves a word.
fn tell_skipped(plan: &Plan) {
    for node in plan.roots() {
        if node.as_task().is_some_and(|it| it.skip.is_some()) {
            let name = Names::as_asked(plan).name(node);
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
