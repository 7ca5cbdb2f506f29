//! `rush explain`: the page of a code, a kind or a field.

use clap::Args;

use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{markdown, stdout};

/// Explain a finding, a kind, or a field of a kind
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush explain RUSH0204            why a finding is one, with a good example
  rush explain task                the fields of a kind
  rush explain task.retry          what one field is for")]
pub(crate) struct ExplainArgs {
    /// A code, a kind, or `kind.field`
    #[arg(value_name = "CODE|KIND|KIND.FIELD")]
    word: String,
}

pub(crate) fn run(ctx: &Context, args: &ExplainArgs) -> Result<Exit, Failure> {
    let page = rush_engine::explain(&args.word)
        .map_err(|error| Failure::usage(error.to_string()).help(error.help()))?;
    stdout(&markdown::render(&page, ctx.style(Stream::Stdout)))?;
    Ok(Exit::DONE)
}
