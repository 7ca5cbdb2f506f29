//! `rush lsp`: the language server, which editors start.

use clap::Args;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Start the language server, for editors
///
/// Speaks the language server protocol over standard input and output.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush lsp                         what an editor is told to start")]
pub(crate) struct LspArgs {
    /// Accepted for editors that pass it; standard streams are all there is
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(crate) fn run(ctx: &Context, args: &LspArgs) -> Result<Exit, Failure> {
    let LspArgs { stdio: _ } = args;
    let ended = rush_lsp::serve_stdio(rush_lsp::Options::new(ctx.system.clone()));
    let ended = ended.map_err(|error| {
        Failure::refused(format!("the language server could not start: {error}"))
    })?;
    Ok(Exit::of_run(ended.exit_status()))
}
