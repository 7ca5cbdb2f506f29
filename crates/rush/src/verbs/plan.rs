//! `rush plan`: what a request comes to, as a plan; and plans that were written to files.

mod file;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};
use rush_engine::{Planned, Report, UnwrittenPlan, Workspace};
use rush_plan::{CallOrder, Goal, Plan};

use super::call::{CallVerb, Choice, Values};
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::memory;
use crate::output::file::Destination;
use crate::output::{plan as show, report, stderr, stdout};

pub(crate) use file::{FILE_ACTIONS, FileCli, is_file_action, load, run_file};

/// Show what would run, without running it
///
/// `rush plan show|diff|verify` work on plans that were written to files.
#[derive(Args, Debug)]
#[command(
    override_usage = "rush plan [FLAGS] [LABEL [--PARAM VALUE]..].. [-- ARG..]\n       \
                      rush plan show|diff|verify FILE..",
    after_help = "\
Examples:
  rush plan deploy --target prod               for people
  rush plan deploy --target prod --out p.json  to be run later, or elsewhere
  rush plan verify p.json                      whether the file is what was written
  rush plan diff before.json after.json        what changed between two plans"
)]
pub(crate) struct PlanArgs {
    /// Labels and calls, each followed by its own flags
    #[arg(value_name = "LABEL")]
    calls: Vec<String>,
    #[command(flatten)]
    choice: Choice,
    /// Write the plan to this file, as JSON; missing directories are made
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
    /// How the plan is written; for people, unless it goes to a file
    #[arg(short = 'o', long, value_name = "FORMAT")]
    format: Option<PlanFormat>,
    /// Also look for programs that are not there and inputs without a file
    #[arg(long)]
    preflight: bool,
}

/// How the plan is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    Text,
    /// The plan itself
    Json,
}

impl CallVerb for PlanArgs {
    const NAME: &'static str = "plan";

    fn values(&self) -> &Values {
        &self.choice.values
    }

    fn order(&self) -> CallOrder {
        self.choice.order()
    }

    fn run(self, ctx: &Context, workspace: Option<Workspace>, goal: Goal) -> Result<Exit, Failure> {
        let Some(workspace) = workspace else {
            return Err(Failure::usage("there is nothing to plan"));
        };
        if self.out.is_some() && self.format == Some(PlanFormat::Text) {
            let failure = Failure::usage("`--out` writes the plan itself, so `-o text` can't be");
            return Err(failure.help("`rush plan LABEL -o text > FILE` keeps the text for people"));
        }
        let out = self.out.as_ref().map(|it| Destination::prepare(ctx, "--out", it)).transpose()?;
        let made = match make_unwritten(ctx, &workspace, goal)? {
            Ok(made) => made,
            Err(exit) => return Ok(exit),
        };
        if self.preflight {
            // A plan is right without what this machine lacks.
            tell_if_any(ctx, &rush_engine::preflight(workspace.project()?, &made.0));
        }
        let plan = let_go(workspace, made);
        if let (Some(file), Some(path)) = (out, &self.out) {
            file.write(&*ctx.system, &plan.to_json())?;
            stderr(&format!("wrote {path}: {}\n", show::summary(&plan)));
            return Ok(Exit::DONE);
        }
        write(ctx, &plan, self.format.unwrap_or(PlanFormat::Text))?;
        Ok(Exit::DONE)
    }
}

/// Plans, and tells what is wrong if there is no plan.
pub(crate) fn make(
    ctx: &Context,
    workspace: &Workspace,
    goal: Goal,
) -> Result<Result<Box<Plan>, Exit>, Failure> {
    let made = make_unwritten(ctx, workspace, goal)?;
    Ok(made.map(|(plan, unwritten)| {
        if let Some(unwritten) = unwritten {
            unwritten.write(&plan);
        }
        plan
    }))
}

/// A plan that is remembered once there is room for that.
pub(crate) type Unwritten = (Box<Plan>, Option<UnwrittenPlan>);

/// The same, but remembering the plan is left to [`let_go`].
pub(crate) fn make_unwritten(
    ctx: &Context,
    workspace: &Workspace,
    goal: Goal,
) -> Result<Result<Unwritten, Exit>, Failure> {
    match workspace.plan_unwritten(goal)? {
        (Planned::Plan(plan, warnings), unwritten) => {
            tell_if_any(ctx, &warnings);
            Ok(Ok((plan, unwritten)))
        }
        (Planned::Failed(found), _) => {
            report::tell(ctx, &found);
            Ok(Err(Exit::USAGE))
        }
        (Planned::Usage(errors), _) => Err(Failure::of_usage(&errors)),
    }
}

/// Lets go of the workspace, of which a plan has all it needs, and remembers the plan.
pub(crate) fn let_go(workspace: Workspace, (plan, unwritten): Unwritten) -> Box<Plan> {
    if workspace.is_opened() {
        memory::free(workspace);
    }
    if let Some(unwritten) = unwritten {
        unwritten.write(&plan);
        memory::give_back();
    }
    plan
}

fn tell_if_any(ctx: &Context, found: &Report) {
    if !found.diagnostics.is_empty() {
        report::tell(ctx, found);
    }
}

/// Writes a plan as data.
fn write(ctx: &Context, plan: &Plan, format: PlanFormat) -> Result<(), Failure> {
    match format {
        PlanFormat::Json => {
            let json = plan.to_json();
            stdout(&String::from_utf8_lossy(&json))
        }
        PlanFormat::Text => {
            stdout(&show::text(plan, ctx.style(Stream::Stdout)))?;
            stderr(&format!("{}\n", show::summary(plan)));
            Ok(())
        }
    }
}
