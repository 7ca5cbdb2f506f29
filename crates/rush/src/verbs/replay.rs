//! `rush replay`: the request of an earlier run, planned anew, maybe with other values.

use std::sync::Arc;

use clap::Args;
use rush_engine::{Ancestry, Earlier, Form, Lineage, Workspace};
use rush_plan::{Given, Goal, Texts};

use super::call::pair;
use super::plan;
use super::retry::of_again;
use super::run::dry;
use super::run::manner::{self, Manner};
use super::runs::{find, of_history, open};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::outlook::Remarks;

/// Ask again for what an earlier run was asked for
///
/// The task files are read again, so this is what the same words would do now. Nothing of the earlier run counts but
/// what the cache has.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush replay                      the last run once more
  rush replay 7f3k --param crate=api
  rush replay last --dry-run       show what would run")]
pub(crate) struct ReplayArgs {
    /// The run
    #[arg(value_name = "RUN", default_value = "last")]
    run: String,
    /// Give a parameter another value; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    param: Vec<(String, String)>,
    /// Set a `param` of the task files
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Show what would run, start nothing; with `-o json` as one document
    #[arg(long, conflicts_with = "report")]
    dry_run: bool,
    #[command(flatten)]
    manner: Manner,
}

pub(crate) fn run(ctx: &Context, args: &ReplayArgs) -> Result<Exit, Failure> {
    let store = open(ctx)?;
    let run = find(&store, &args.run)?;
    let earlier = Earlier::read(&store, run).map_err(|it| of_history(&it.into()))?;
    drop(store);
    let workspace = ctx.workspace()?;
    let goal = edited(&workspace, earlier.plan.content().goal.clone(), args)?;
    let plan = match plan::make(ctx, &workspace, goal)? {
        Ok(plan) => Arc::new(*plan),
        Err(exit) => return Ok(exit),
    };
    let options = args.manner.options(ctx, workspace.root().to_owned())?;
    if args.dry_run {
        return dry::show(ctx, &plan, &options, (args.manner.dry_format(), Remarks::Telling));
    }
    earlier.expect_variables(options.variables.keys().map(String::as_str)).map_err(of_again)?;
    let lineage = Lineage::Replay(earlier.run.id.clone());
    let ancestry = Ancestry { lineage, asked: rush_engine::asked(&plan.content().goal) };
    let recording = manner::recording(ctx, &plan, &options, ancestry)?;
    args.manner.carry_out(ctx, &plan, options, recording)
}

/// The request with the values that were typed in place of its own.
fn edited(workspace: &Workspace, mut goal: Goal, args: &ReplayArgs) -> Result<Goal, Failure> {
    goal.set.extend(Texts::by_name(&args.set));
    for (name, values) in Texts::by_name(&args.param) {
        let mut takers = 0;
        for call in &mut goal.calls {
            let flags = workspace.task_flags(&call.label)??;
            let Some(flag) =
                flags.iter().find(|it| it.name.replace('-', "_") == name.replace('-', "_"))
            else {
                continue;
            };
            let given = match (flag.form, values.as_slice()) {
                (Form::Switch, [value]) if value == "true" => Given::Switch(true),
                (Form::Switch, [value]) if value == "false" => Given::Switch(false),
                (_, values) => Given::Texts(values.to_vec()),
            };
            call.params.insert(flag.name.clone(), given);
            takers += 1;
        }
        if takers == 0 {
            let message = format!("no task of the run has a parameter `{name}`");
            return Err(Failure::usage(message).help("`rush run LABEL --help` shows what it takes"));
        }
    }
    Ok(goal)
}
