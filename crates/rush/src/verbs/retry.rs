//! `rush retry`: a new run of an earlier plan, without what had succeeded.

use std::sync::Arc;

use clap::Args;
use rush_engine::{Again, AgainError, Ancestry, Earlier, Lineage, RunOptions, Settled};

use super::run::dry;
use super::run::manner::{self, Manner, of_store};
use super::runs::{find, of_history, open};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::outlook::Remarks;
use crate::output::stderr;

/// Run again what did not succeed
///
/// A new run of the same plan: what succeeded counts, the rest runs. The task files are not read again; `rush replay`
/// plans anew.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush retry                       what did not succeed in the last run
  rush retry 7f3k --from build     also `build` and everything that needs it
  rush retry last --dry-run        show what would run")]
pub(crate) struct RetryArgs {
    /// The run
    #[arg(value_name = "RUN", default_value = "last")]
    run: String,
    /// Also this task and everything that needs it; may be given several times
    #[arg(long, value_name = "NODE")]
    from: Vec<String>,
    /// Only what did not succeed, which is what happens anyway
    #[arg(long, conflicts_with = "from")]
    failed: bool,
    /// Show what would run, start nothing; with `-o json` as one document
    #[arg(long, conflicts_with = "report")]
    dry_run: bool,
    #[command(flatten)]
    manner: Manner,
}

pub(crate) fn run(ctx: &Context, args: &RetryArgs) -> Result<Exit, Failure> {
    let store = open(ctx)?;
    let run = find(&store, &args.run)?;
    let earlier = Earlier::read(&store, run).map_err(|it| of_history(&it.into()))?;
    drop(store);
    earlier.expect_over().map_err(of_again)?;
    let mut from = Vec::new();
    for word in &args.from {
        from.extend(earlier.nodes_named(word).map_err(of_again)?);
    }
    let again = if from.is_empty() { Again::Unsuccessful } else { Again::From(from) };
    let root = ctx.workspace()?.root().to_owned();
    let Settled { states: settled, force } = earlier.settled(&again, &root);
    let nothing_is_left = settled.len() == earlier.plan.nodes().len();
    let options = RunOptions { settled, force, ..args.manner.options(ctx, root)? };
    if args.dry_run {
        return dry::show(ctx, &earlier.plan, &options, (args.manner.dry_format(), Remarks::All));
    }
    if nothing_is_left {
        stderr(&format!("run {} succeeded; there is nothing to run again\n", earlier.run.id));
        return Ok(Exit::DONE);
    }
    earlier.expect_variables(options.variables.keys().map(String::as_str)).map_err(of_again)?;
    let lineage = Lineage::Retry(earlier.run.id.clone());
    let ancestry = Ancestry { lineage, asked: earlier.run.asked.clone() };
    let plan = Arc::clone(&earlier.plan);
    let recording = manner::recording(ctx, &plan, &options, ancestry)?;
    args.manner.carry_out(ctx, &plan, options, recording)
}

/// Why a run can't be carried out once more, and what to do.
pub(crate) fn of_again(error: AgainError) -> Failure {
    let message = error.to_string();
    match error {
        AgainError::Store(error) => of_store(&error),
        AgainError::StillRuns { id } => Failure::usage(message)
            .help(format!("`rush logs -f {id}` follows it, `rush cancel {id}` stops it")),
        AgainError::IsLost { id } => {
            Failure::usage(message).help(format!("`rush resume {id}` goes on with it"))
        }
        AgainError::HasEnded { id } => {
            Failure::usage(message).help(format!("`rush retry {id}` runs what did not succeed"))
        }
        AgainError::VariablesMissing { names, .. } => {
            let flags: Vec<String> = names.iter().map(|it| format!("-e {it}=..")).collect();
            Failure::usage(message).help(format!("give them again: `{}`", flags.join(" ")))
        }
        AgainError::NoSuchNode { id, did_you_mean, .. } => {
            let list = format!("`rush runs show {id}` lists its tasks");
            Failure::usage(message).help(did_you_mean.unwrap_or(list))
        }
        AgainError::NotReached { .. } => Failure::refused(message),
    }
}
