//! `rush profile`: where the time of a run went, and how long tasks usually take.

use std::time::Duration;

use clap::{Args, ValueEnum};
use rush_engine::{
    Earlier, HistoryError, PastRuns, Profile, Store, Wanted, find_run, past_of_task, so_far,
    timestamp,
};
use rush_plan::Timestamp;

use super::runs::{age, find, find_label, nothing_called, of_history, open};
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::names::{Names, short_names};
use crate::output::profile::{Profiled, csv, html, json, prometheus, text, trace};
use crate::output::stdout;

/// Show where the time went
///
/// Of a run: what decided how long it took, what each task used and waited for, and how that compares with earlier
/// runs. Of a task: how it did in all of them.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush profile                     the last run
  rush profile build --since 7d    the task `build` over a week
  rush profile last -o html > run.html
  rush profile last -o trace > run.json   for chrome://tracing or Perfetto
  rush profile last -o prometheus")]
pub(crate) struct ProfileArgs {
    /// A run or a task
    #[arg(value_name = "RUN|TASK", default_value = "last")]
    word: String,
    /// Compare with runs of this time only
    #[arg(long, value_name = "TIME", value_parser = age)]
    since: Option<Duration>,
    /// How the profile is written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: ProfileFormat,
}

/// How a profile is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ProfileFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// Comma-separated values, a task a line
    Csv,
    /// The text format of Prometheus
    Prometheus,
    /// A trace of the run for chrome://tracing or Perfetto
    Trace,
    /// A page with a timeline of the run
    Html,
}

pub(crate) fn run(ctx: &Context, args: &ProfileArgs) -> Result<Exit, Failure> {
    let store = open(ctx)?;
    let now = timestamp(ctx.system.now());
    let since = args.since.map(|it| Timestamp(now.0.saturating_sub(it.as_micros() as i64)));
    let wanted = Wanted::parse(&args.word);
    if let Some(label) = find_label(&store, &wanted)? {
        return task(ctx, &store, args, (&label, &wanted, since));
    }
    let run = match find_run(&store, &args.word) {
        Err(HistoryError::NoSuchRun { word }) => {
            let message = format!("no run and no task that ran is called `{word}`");
            return Err(nothing_called(&store, &word, message));
        }
        _ => so_far(find(&store, &args.word)?, now),
    };
    let earlier = Earlier::read(&store, run).map_err(|it| of_history(&it.into()))?;
    let past = PastRuns::read(&store, since).map_err(|it| of_history(&it.into()))?;
    let profile = Profile::of_run(&store, &earlier, &past).map_err(|it| of_history(&it.into()))?;
    let names = match args.format {
        ProfileFormat::Text | ProfileFormat::Html => Names::of(&earlier.plan).all(),
        ProfileFormat::Json
        | ProfileFormat::Csv
        | ProfileFormat::Prometheus
        | ProfileFormat::Trace => short_names(&earlier.plan),
    };
    let it = Profiled { earlier: &earlier, profile: &profile, names };
    stdout(&match args.format {
        ProfileFormat::Text => text::run(&it, ctx.style(Stream::Stdout)),
        ProfileFormat::Json => json::run(&it),
        ProfileFormat::Csv => csv::run(&it),
        ProfileFormat::Prometheus => prometheus::run(&it),
        ProfileFormat::Trace => trace::run(&it),
        ProfileFormat::Html => html::run(&it),
    })?;
    Ok(Exit::DONE)
}

fn task(
    ctx: &Context,
    store: &Store,
    args: &ProfileArgs,
    (label, wanted, since): (&str, &Wanted, Option<Timestamp>),
) -> Result<Exit, Failure> {
    let past = past_of_task(store, label, (wanted, since));
    let tasks = past.map_err(|it| of_history(&it.into()))?;
    let text = match args.format {
        ProfileFormat::Text => text::past(&tasks, ctx.style(Stream::Stdout)),
        ProfileFormat::Json => json::past(&tasks),
        ProfileFormat::Csv => csv::past(&tasks),
        ProfileFormat::Prometheus => prometheus::past(&tasks),
        ProfileFormat::Trace | ProfileFormat::Html => {
            let message = format!("`{}` is a task, and a timeline shows one run", args.word);
            return Err(
                Failure::usage(message).help("name a run, or use `-o text`, `json` or `csv`")
            );
        }
    };
    stdout(&text)?;
    Ok(Exit::DONE)
}
