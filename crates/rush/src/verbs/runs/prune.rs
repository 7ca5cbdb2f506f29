//! `rush runs prune`: forgets old runs, as the settings say or as was typed.

use std::time::Duration;

use clap::Args;
use rush_engine::{Retention, RunRecord, is_running, retention, size_bytes, timestamp};
use serde_json::{Value, json};

use super::{RunsFormat, age, bytes, of_history, open, shown};
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::amount::local_time;
use crate::output::paint::Paint;
use crate::output::table::{self, Cell};
use crate::output::{stderr, stdout};

/// What is kept.
#[derive(Args, Debug)]
pub(super) struct PruneArgs {
    /// Keep the latest so many
    #[arg(long, value_name = "N", value_parser = count)]
    keep: Option<u64>,
    /// Forget what is older
    #[arg(long, value_name = "TIME", value_parser = age)]
    older_than: Option<Duration>,
    /// Keep the latest that take at most this together
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_size: Option<u64>,
    /// Show what would be forgotten, forget nothing
    #[arg(long)]
    dry_run: bool,
    /// How the forgotten runs are written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "table")]
    format: RunsFormat,
}

/// Reads a whole number.
pub(crate) fn count(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "use a whole number".to_owned())
}

pub(super) fn run(ctx: &Context, args: &PruneArgs) -> Result<Exit, Failure> {
    let mut store = open(ctx)?;
    let failed = |it: rush_engine::StoreError| of_history(&it.into());
    let old = store.forgettable(&kept(ctx, args)?, is_running).map_err(failed)?;
    if !args.dry_run {
        for run in &old {
            store.forget(run).map_err(failed)?;
        }
        if !old.is_empty() {
            store.compact().map_err(failed)?;
        }
    }
    match args.format {
        RunsFormat::Json => {
            let runs: Vec<Value> = old.iter().map(shown::json).collect();
            let document = json!({ "version": 1, "forgotten": !args.dry_run, "runs": runs });
            stdout(&format!("{document:#}\n"))?;
        }
        RunsFormat::Table => {
            let rows: Vec<Vec<Cell>> = old.iter().map(row).collect();
            stdout(&table::render(&rows, ctx.style(Stream::Stdout)))?;
            let word = if args.dry_run { "would be forgotten" } else { "forgotten" };
            let runs =
                if old.len() == 1 { "1 run".to_owned() } else { format!("{} runs", old.len()) };
            stderr(&format!("{runs} {word}\n"));
        }
    }
    Ok(Exit::DONE)
}

/// What was typed; where nothing was, the settings.
fn kept(ctx: &Context, args: &PruneArgs) -> Result<Retention, Failure> {
    let now = timestamp(ctx.system.now());
    if args.keep.is_none() && args.older_than.is_none() && args.max_size.is_none() {
        let Some(history) = ctx.settings()?.history() else {
            return Err(Failure::usage("`history` is off, so nothing says what is to be kept")
                .help("`rush runs prune --keep 0` forgets everything"));
        };
        return Ok(retention(&history, now));
    }
    let since = args.older_than.map(|it| rush_plan::Timestamp(now.0 - it.as_micros() as i64));
    Ok(Retention { count_max: args.keep, since, bytes_max: args.max_size })
}

fn row(run: &RunRecord) -> Vec<Cell> {
    vec![
        Cell::painted(run.id.to_string(), Paint::Name),
        Cell::plain(local_time(run.started)),
        Cell::plain(format!("{} KB", size_bytes(run).div_ceil(1000))),
        Cell::plain(shown::asked(run)),
    ]
}
