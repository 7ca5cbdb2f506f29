//! `rush cancel`: asks a run that goes on to stop.

use clap::Args;

use super::retry::of_again;
use super::runs::{find, open};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::stderr;

/// Stop a run that goes on
///
/// As Ctrl-C where it was started: once asks its tasks to end, once more kills them.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush cancel                      the last run
  rush cancel 7f3k")]
pub(crate) struct CancelArgs {
    /// The run
    #[arg(value_name = "RUN", default_value = "last")]
    run: String,
}

pub(crate) fn run(ctx: &Context, args: &CancelArgs) -> Result<Exit, Failure> {
    let store = open(ctx)?;
    let run = find(&store, &args.run)?;
    rush_engine::cancel(&run).map_err(of_again)?;
    stderr(&format!("run {} was asked to stop\n", run.id));
    Ok(Exit::DONE)
}
