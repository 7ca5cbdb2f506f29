//! `rush lsp`: the language server, which editors start.

mod history;
mod linter;

use std::sync::Arc;

use camino::Utf8PathBuf;
use clap::Args;
use rush_engine::WatchMode;
use rush_lsp::{Ended, Options, Recorder, ReplayError, Replayed};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::memory;
use crate::output::stdout;
use history::StoredHistory;
use linter::ShellCheck;

/// Start the language server, for editors
///
/// Speaks the language server protocol over standard input and output.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush lsp                         what an editor is told to start
  rush lsp --record talk.jsonl     the same, with everything that is said written down
  rush lsp --replay talk.jsonl     say it again, and compare what is answered now")]
pub(crate) struct LspArgs {
    /// Write what editor and server say to each other to FILE, one JSON document a line
    ///
    /// It holds the texts of open files.
    #[arg(long, value_name = "FILE")]
    record: Option<Utf8PathBuf>,
    /// Say what the editor said in FILE, and exit with 1 if an answer differs
    ///
    /// Files that were not open are read as they are now.
    #[arg(long, value_name = "FILE", conflicts_with = "record")]
    replay: Option<Utf8PathBuf>,
    /// Accepted for editors that pass it; standard streams are all there is
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(crate) fn run(ctx: &Context, args: &LspArgs) -> Result<Exit, Failure> {
    let LspArgs { record, replay, stdio: _ } = args;
    let mut options = Options::new(ctx.system.clone());
    options.history = Arc::new(StoredHistory::new(ctx.system.clone()));
    options.linter = Arc::new(ShellCheck);
    options.give_back = memory::give_back;
    if let Some(path) = replay {
        return run_replay(ctx, path, options);
    }
    options.watch = Some(WatchMode::Told);
    options.record = record.as_ref().map(|path| recorder(ctx, path)).transpose()?;
    let ended = rush_lsp::serve_stdio(options);
    let ended = ended.map_err(|error| {
        Failure::refused(format!("the language server could not start: {error}"))
    })?;
    if ended == Ended::Unheard {
        return Err(Failure::failed(
            "nothing that came is a message of the language server protocol",
        )
        .help("an editor starts `rush lsp` and speaks to it; there is nothing to type here"));
    }
    Ok(Exit::of_run(ended.exit_status()))
}

#[allow(
    clippy::disallowed_methods,
    reason = "a record grows while the server runs, and is there when it crashes"
)]
fn recorder(ctx: &Context, path: &Utf8PathBuf) -> Result<Recorder, Failure> {
    let path = ctx.absolute(path)?;
    let file = std::fs::File::create(&path)
        .map_err(|error| Failure::refused(format!("could not write `{path}`: {error}")))?;
    Ok(Recorder::new(file))
}

fn run_replay(ctx: &Context, path: &Utf8PathBuf, options: Options) -> Result<Exit, Failure> {
    let bytes = ctx.read(path)?;
    let record = String::from_utf8_lossy(&bytes);
    let replayed = rush_lsp::replay(options, &record).map_err(|error| match error {
        ReplayError::NoRecord { .. } => Failure::usage(format!("`{path}`: {error}")),
        ReplayError::NoServer(_) => Failure::refused(error.to_string()),
    })?;
    stdout(&summary(&replayed))?;
    Ok(if replayed.differences.is_empty() { Exit::DONE } else { Exit::FAILED })
}

fn summary(replayed: &Replayed) -> String {
    let Replayed { compared, differences, is_cut } = replayed;
    let cut = if *is_cut { "the last message is cut off and was left out\n" } else { "" };
    if differences.is_empty() {
        return format!("{cut}{compared} answers are as they were\n");
    }
    let count = differences.len();
    format!("{}\n\n{cut}{count} of {compared} answers differ\n", differences.join("\n"))
}
