//! `rush resume`: goes on with a run whose process is gone, under its own name.

use std::sync::Arc;

use clap::Args;
use rush_engine::{Earlier, RunOptions};

use super::retry::of_again;
use super::run::manner::Manner;
use super::runs::{find, of_history, open};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Go on with a run that was lost
///
/// When Rush was killed or the machine went down, what had ended is kept, what was running runs again, and the rest
/// follows. The run keeps its name.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush resume                      the last run
  rush resume 7f3k -j4             another one, four tasks at once")]
pub(crate) struct ResumeArgs {
    /// The run
    #[arg(value_name = "RUN", default_value = "last")]
    run: String,
    #[command(flatten)]
    manner: Manner,
}

pub(crate) fn run(ctx: &Context, args: &ResumeArgs) -> Result<Exit, Failure> {
    let store = open(ctx)?;
    let run = find(&store, &args.run)?;
    let earlier = Earlier::read(&store, run).map_err(|it| of_history(&it.into()))?;
    earlier.expect_lost().map_err(of_again)?;
    let root = ctx.workspace()?.root().to_owned();
    let options = args.manner.options(ctx, root)?;
    earlier.expect_variables(options.variables.keys().map(String::as_str)).map_err(of_again)?;
    let (id, plan) = (earlier.run.id.clone(), Arc::clone(&earlier.plan));
    let (settled, recording) = earlier.resume(store).map_err(of_again)?;
    let options = RunOptions { run: id, settled, ..options };
    args.manner.carry_out(ctx, &plan, options, Some(recording))
}
