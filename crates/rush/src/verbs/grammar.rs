//! `rush grammar`: the grammar of task files, for people and for programs that write them.

use clap::Args;
use rush_engine::Notation;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::stdout;

/// Print the grammar of task files
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush grammar                     as people read it
  rush grammar --gbnf > rush.gbnf  for a model that is to write task files:
                                   llama-cli --grammar-file rush.gbnf

The GBNF takes only what has the form of a task file; `rush check` says whether it means something.")]
pub(crate) struct GrammarArgs {
    /// In EBNF, which is what is printed without a flag
    #[arg(long, conflicts_with = "gbnf")]
    ebnf: bool,
    /// In GBNF, with white space and the letters of the tokens
    #[arg(long)]
    gbnf: bool,
}

pub(crate) fn run(args: &GrammarArgs) -> Result<Exit, Failure> {
    let notation = if args.gbnf { Notation::Gbnf } else { Notation::Ebnf };
    stdout(&rush_engine::grammar(notation))?;
    Ok(Exit::DONE)
}
