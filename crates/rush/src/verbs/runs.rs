//! `rush runs`: what ran here, how it ended, and what is remembered of it.

mod diff;
mod prune;
mod show;
pub(crate) mod shown;

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use rush_engine::{
    HistoryError, RunRecord, Store, Wanted, label_of, open_history, parse_age, parse_bytes,
    runs_of, so_far, timestamp,
};
use serde_json::{Value, json};

use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::amount::local_time;
use crate::output::paint::Paint;
use crate::output::table::{self, Cell};
use crate::output::{stderr, stdout};
use shown::Status;

/// Show what ran here
///
/// A run is named by the beginning of its name, by `last`, or by `last~1` for the one before.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  rush runs                        the latest runs
  rush runs list --failed --since 7d
  rush runs show last              one run, task by task
  rush runs diff last~1 last       what differs between two runs
  rush runs prune --keep 50        forget all but the latest 50"
)]
pub(crate) struct RunsArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: ListArgs,
}

/// What is done with runs.
#[derive(Debug, Subcommand)]
enum Action {
    /// List runs, the latest first
    List(ListArgs),
    /// Show one run, task by task
    Show(show::ShowArgs),
    /// Show what differs between two runs; exit with 1 if anything does
    Diff(diff::DiffArgs),
    /// Forget old runs
    Prune(prune::PruneArgs),
}

/// Which runs are listed.
#[derive(Args, Debug)]
struct ListArgs {
    /// Only runs with this task
    #[arg(long, value_name = "LABEL")]
    task: Option<String>,
    /// Only runs that did not succeed
    #[arg(long)]
    failed: bool,
    /// Only runs that began in this time
    #[arg(long, value_name = "TIME", value_parser = age)]
    since: Option<Duration>,
    /// At most so many
    #[arg(short = 'n', long, value_name = "N", default_value = "20", value_parser = count, allow_negative_numbers = true)]
    count: usize,
    /// How the runs are written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "table")]
    format: RunsFormat,
}

/// How runs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunsFormat {
    /// For people
    Table,
    /// One JSON document
    Json,
}

/// Reads a time such as `7d`.
pub(crate) fn age(text: &str) -> Result<Duration, String> {
    parse_age(text).ok_or_else(|| "write it as `30m`, `12h` or `7d`".to_owned())
}

/// Reads an amount of bytes.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    parse_bytes(text).ok_or_else(|| "write it as `500MB` or `1GB`".to_owned())
}

pub(crate) fn run(ctx: &Context, args: &RunsArgs) -> Result<Exit, Failure> {
    match &args.action {
        None => list(ctx, &args.list),
        Some(Action::List(args)) => list(ctx, args),
        Some(Action::Show(args)) => show::run(ctx, args),
        Some(Action::Diff(args)) => diff::run(ctx, args),
        Some(Action::Prune(args)) => prune::run(ctx, args),
    }
}

/// Opens the memory of the workspace around.
pub(crate) fn open(ctx: &Context) -> Result<Store, Failure> {
    let workspace = ctx.workspace()?;
    open_history(&*ctx.system, workspace.root()).map_err(|error| of_history(&error))
}

/// The run that a word means.
pub(crate) fn find(store: &Store, word: &str) -> Result<RunRecord, Failure> {
    rush_engine::find_run(store, word).map_err(|error| of_history(&error))
}

/// The label of the task that a word means, if one of that name ran.
pub(super) fn find_label(store: &Store, wanted: &Wanted) -> Result<Option<String>, Failure> {
    label_of(store, wanted).map_err(|it| of_history(&it.into()))
}

/// A word that means nothing that ran; `message` says so.
pub(super) fn nothing_called(store: &Store, word: &str, message: String) -> Failure {
    let labels = store.labels().unwrap_or_default();
    let names = labels.iter().map(|it| it.strip_prefix("//:").unwrap_or(it));
    let failure = Failure::usage(message);
    match rush_diagnostics::nearest(word, names.chain(["last"])).question("") {
        Some(question) => failure.help(question),
        None => failure.help("`rush runs` lists what ran"),
    }
}

/// Reads how many are wanted.
pub(super) fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "use a whole number such as `20`".to_owned())
}

/// Why there is nothing to read, or a word means no run.
pub(crate) fn of_history(error: &HistoryError) -> Failure {
    let message = error.to_string();
    match error {
        HistoryError::Store(error) => super::run::manner::of_store(error),
        HistoryError::NothingYet => Failure::usage(message).help("`rush run LABEL` runs something"),
        HistoryError::NoSuchRun { word } => {
            Failure::usage(message).help(match rush_diagnostics::suggest(word, ["last"]) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`rush runs` lists them; `last` is the latest".to_owned(),
            })
        }
        HistoryError::Ambiguous { runs, .. } => {
            let lines = runs
                .iter()
                .map(|it| format!("  {}  {}  {}", it.id, local_time(it.started), it.asked));
            let lines: Vec<String> = lines.collect();
            Failure::usage(message).help(format!("type more of its name:\n{}", lines.join("\n")))
        }
    }
}

/// The runs that are asked for, the latest first.
fn chosen(ctx: &Context, store: &Store, args: &ListArgs) -> Result<Vec<RunRecord>, Failure> {
    // Filters leave out some, so more are read than are shown.
    let read_max = if args.failed || args.since.is_some() { usize::MAX >> 1 } else { args.count };
    let runs = match &args.task {
        None => store.runs(read_max),
        Some(word) => {
            let wanted = Wanted::parse(word);
            let Some(label) = find_label(store, &wanted)? else {
                return Err(nothing_called(store, word, format!("no run had a task `{word}`")));
            };
            runs_of(store, (&label, &wanted), read_max)
        }
    };
    let now = timestamp(ctx.system.now());
    let since = args.since.map(|it| now.0.saturating_sub(it.as_micros() as i64));
    let mut runs = runs.map_err(|it| of_history(&it.into()))?;
    runs.retain(|run| {
        since.is_none_or(|it| run.started.0 >= it) && !(args.failed && Status::of(run).is_good())
    });
    runs.truncate(args.count);
    Ok(runs.into_iter().map(|it| so_far(it, now)).collect())
}

fn list(ctx: &Context, args: &ListArgs) -> Result<Exit, Failure> {
    let workspace = ctx.workspace()?;
    let store = match open_history(&*ctx.system, workspace.root()) {
        Ok(store) => store,
        // An empty list is an answer.
        Err(error @ HistoryError::NothingYet) => {
            match args.format {
                RunsFormat::Json => {
                    stdout(&format!("{:#}\n", json!({ "version": 1, "runs": [] })))?;
                }
                RunsFormat::Table => stderr(&format!("{error}\n")),
            }
            return Ok(Exit::DONE);
        }
        Err(error) => return Err(of_history(&error)),
    };
    let runs = chosen(ctx, &store, args)?;
    match args.format {
        RunsFormat::Json => {
            let runs: Vec<Value> = runs.iter().map(shown::json).collect();
            stdout(&format!("{:#}\n", json!({ "version": 1, "runs": runs })))?;
        }
        RunsFormat::Table => {
            let style = ctx.style(Stream::Stdout);
            let rows = runs.iter().map(|run| {
                let status = Status::of(run);
                let id = store.short_id(&run.id).unwrap_or_else(|_| run.id.to_string());
                vec![
                    Cell::painted(id, Paint::Name),
                    Cell::painted(status.word(), status.paint()),
                    Cell::plain(local_time(run.started)),
                    Cell::plain(shown::time(run.elapsed_ns)),
                    Cell::plain(shown::counts(run)),
                    Cell::plain(shown::asked(run)),
                ]
            });
            stdout(&table::render(&rows.collect::<Vec<_>>(), style))?;
        }
    }
    Ok(Exit::DONE)
}
