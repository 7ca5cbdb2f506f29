//! `rush logs`: what tasks wrote, also while they write it.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::time::Duration;

use clap::{Args, ValueEnum};
use rush_diagnostics::Color;
use rush_engine::{
    Earlier, HistoryError, LineFilter, LineMerger, LineReader, LogLine, Prefix, RunRecord, Store,
    Visit, Wanted, find_run, has_status, is_running, last_run_of,
};
use rush_plan::{Call, LogStream, NodeId};
use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use super::call::PastVerb;
use super::runs::{count, find, nothing_called, of_history, open};
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::names::{Names, short_names};
use crate::output::stderr;

/// Show what tasks wrote
///
/// Without words, that of the last run. A word that is no run is a task, in the last run in which it ran.
#[derive(Args, Debug)]
#[command(
    override_usage = "rush logs [FLAGS] [RUN] [TASK [--PARAM VALUE]..] [-- ARG..]",
    after_help = "\
Examples:
  rush logs                        everything the last run wrote
  rush logs 7f3k                   the same of another run
  rush logs build                  the task `build`, where it ran last
  rush logs build --crate api      the same of the task with this argument
  rush logs last~1 build           one run earlier
  rush logs --status failed --tail 50
  rush logs -f                     follow a run that goes on
  rush logs last -o json           one JSON object a line"
)]
pub(crate) struct LogsArgs {
    /// A run, a task with its own flags, or both
    #[arg(value_name = "RUN|TASK")]
    calls: Vec<String>,
    /// Go on until the run ends
    #[arg(short, long)]
    follow: bool,
    /// Only of tasks that ended so
    #[arg(long, value_name = "STATUS")]
    status: Option<StatusChoice>,
    /// Only of this attempt
    #[arg(long, value_name = "N", value_parser = attempt, allow_negative_numbers = true)]
    attempt: Option<u32>,
    /// Only lines that match a regular expression
    #[arg(long, value_name = "RE", value_parser = regex)]
    grep: Option<rush_engine::LinePattern>,
    /// Only the last lines
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    tail: Option<usize>,
    /// Without colours and other sequences for terminals
    #[arg(long)]
    strip_ansi: bool,
    /// How the lines are written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: LogsFormat,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StatusChoice {
    /// Badly, timeouts included
    Failed,
    /// Well
    Succeeded,
    /// Its result was there
    Cached,
    /// It took too long
    TimedOut,
    /// It was stopped
    Cancelled,
    /// It has not ended
    Running,
}

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogsFormat {
    /// As the task wrote them, with its name in front where there are several
    Text,
    /// One JSON object a line
    Json,
}

/// How often a run that goes on is looked at.
const PAUSE: Duration = Duration::from_millis(100);

fn regex(text: &str) -> Result<rush_engine::LinePattern, String> {
    rush_engine::LinePattern::parse(text)
}

fn attempt(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|it| *it > 0);
    number.ok_or_else(|| "attempts are counted from 1".to_owned())
}

impl PastVerb for LogsArgs {
    const NAME: &'static str = "logs";

    fn run(self, ctx: &Context, words: Vec<Call>) -> Result<Exit, Failure> {
        show(ctx, &self, &words)
    }
}

fn show(ctx: &Context, args: &LogsArgs, words: &[Call]) -> Result<Exit, Failure> {
    let store = open(ctx)?;
    let (run, task) = chosen(&store, words)?;
    let earlier = Earlier::read(&store, run).map_err(|it| of_history(&it.into()))?;
    let positions = positions(&earlier, task.as_ref(), args)?;
    if positions.as_ref().is_some_and(Vec::is_empty) {
        let id = &earlier.run.id;
        stderr(&format!(
            "no task of run {id} ended so; `rush runs show {id}` tells how each did\n"
        ));
        return Ok(Exit::DONE);
    }
    let filter = LineFilter {
        positions: positions.unwrap_or_default(),
        attempt: args.attempt,
        pattern: args.grep.clone(),
        tail: args.tail,
        is_plain: args.strip_ansi,
    };
    let mut writer = Writer::new(ctx, &earlier, args, filter.positions.len());
    let mut reader = LineReader::new(filter);
    let mut is_going_on = args.follow;
    loop {
        let now = store.refreshed(&earlier.run).map_err(|it| of_history(&it.into()))?;
        // Asked before reading: what is written before a run ends is then read.
        is_going_on &= now.as_ref().is_some_and(is_running);
        let read = reader.read(&store, &earlier.run, |line| writer.write(&line));
        read.map_err(|it| of_history(&it.into()))?;
        if !is_going_on || writer.is_over() {
            break;
        }
        writer.flush();
        std::thread::sleep(PAUSE);
    }
    reader.finish(|line| writer.write(&line));
    if writer.is_empty && args.grep.is_none() && args.tail != Some(0) {
        let id = &earlier.run.id;
        stderr(&match args.attempt {
            Some(attempt) => format!("no attempt {attempt} in run {id} wrote anything\n"),
            None => format!("nothing was written in run {id}\n"),
        });
    }
    writer.finish()
}

/// The run that the words mean, and the task if they name one.
fn chosen(store: &Store, words: &[Call]) -> Result<(RunRecord, Option<Wanted>), Failure> {
    match words {
        [] => Ok((find(store, "last")?, None)),
        [word] => {
            let wanted = Wanted::of(word);
            match last_run_of(store, &wanted).map_err(|it| of_history(&it.into()))? {
                Some(run) => Ok((run, Some(wanted))),
                None => Ok((named_alone(store, &wanted)?, None)),
            }
        }
        [run, task] => Ok((find(store, &Wanted::of(run).to_string())?, Some(Wanted::of(task)))),
        [_, _, more, ..] => {
            let message = format!("`{}` is one word too many", more.label);
            Err(Failure::usage(message).help("name a run, a task, or a run and one of its tasks"))
        }
    }
}

/// The run that a word names, which names no task that ran.
fn named_alone(store: &Store, wanted: &Wanted) -> Result<RunRecord, Failure> {
    let word = wanted.to_string();
    match find_run(store, &word) {
        Err(HistoryError::NoSuchRun { .. }) if wanted.has_arguments() => {
            let message = format!("`{word}` did not run as far as is remembered");
            let help =
                format!("`rush logs {}` takes the last run with any arguments", wanted.label());
            Err(Failure::usage(message).help(help))
        }
        Err(HistoryError::NoSuchRun { word }) => {
            let message = format!("no run and no task that ran is called `{word}`");
            Err(nothing_called(store, &word, message))
        }
        found => found.map_err(|it| of_history(&it)),
    }
}

/// The nodes whose lines are wanted; `None` for all.
fn positions(
    earlier: &Earlier,
    task: Option<&Wanted>,
    args: &LogsArgs,
) -> Result<Option<Vec<u32>>, Failure> {
    if task.is_none() && args.status.is_none() {
        return Ok(None);
    }
    let named = match task {
        Some(task) => Some(earlier.nodes_wanted(task).map_err(super::retry::of_again)?),
        None => None,
    };
    let word = args.status.map(|it| match it {
        StatusChoice::Failed => "failed",
        StatusChoice::Succeeded => "succeeded",
        StatusChoice::Cached => "cached",
        StatusChoice::TimedOut => "timed_out",
        StatusChoice::Cancelled => "cancelled",
        StatusChoice::Running => "running",
    });
    let wanted = earlier.nodes.iter().filter(|node| {
        named.as_ref().is_none_or(|it| it.contains(&node.node))
            && word.is_none_or(|it| has_status(node, it))
    });
    Ok(Some(wanted.map(|it| it.position).collect()))
}

/// Writes lines to standard output.
struct Writer<'a> {
    earlier: &'a Earlier,
    format: LogsFormat,
    names: BTreeMap<NodeId, String>,
    merger: LineMerger<u32>,
    missing: u64,
    is_empty: bool,
    failed: Option<std::io::Error>,
}

impl<'a> Writer<'a> {
    fn new(ctx: &Context, earlier: &'a Earlier, args: &LogsArgs, chosen: usize) -> Self {
        let names = match args.format {
            LogsFormat::Text => Names::of(&earlier.plan).all(),
            LogsFormat::Json => short_names(&earlier.plan),
        };
        let is_alone = chosen == 1 || earlier.nodes.len() == 1;
        let prefix = match ctx.style(Stream::Stdout).color {
            _ if is_alone => Prefix::Raw,
            Color::Always => Prefix::Coloured,
            Color::Never => Prefix::Plain,
        };
        let width = names.values().map(|it| it.width()).max().unwrap_or_default();
        let merger = LineMerger::new(prefix, width.min(24));
        Self {
            earlier,
            format: args.format,
            names,
            merger,
            missing: 0,
            is_empty: true,
            failed: None,
        }
    }

    fn is_over(&self) -> bool {
        self.failed.is_some()
    }

    fn write(&mut self, line: &LogLine) -> Visit {
        self.missing += line.missing;
        self.is_empty = false;
        let node = self.earlier.nodes.get(line.position as usize).map(|it| it.node);
        let name = node.and_then(|it| self.names.get(&it)).map_or("", String::as_str);
        let mut out = Vec::new();
        match self.format {
            LogsFormat::Text => self.merger.push(&line.position, name, &line.bytes, &mut out),
            LogsFormat::Json => {
                let stream = if line.stream == LogStream::Stderr { "stderr" } else { "stdout" };
                let document = json!({
                    "node": node,
                    "name": name,
                    "attempt": line.attempt,
                    "stream": stream,
                    "at_ns": line.at_ns,
                    "text": String::from_utf8_lossy(&line.bytes),
                    "missing_bytes": line.missing,
                });
                out = format!("{document}\n").into_bytes();
            }
        }
        match std::io::stdout().lock().write_all(&out) {
            Ok(()) => Visit::Next,
            Err(error) => {
                self.failed = Some(error);
                Visit::Stop
            }
        }
    }

    fn flush(&mut self) {
        if let Err(error) = std::io::stdout().lock().flush() {
            self.failed = Some(error);
        }
    }

    fn finish(mut self) -> Result<Exit, Failure> {
        for position in 0..self.earlier.nodes.len() as u32 {
            let mut out = Vec::new();
            self.merger.finish(&position, &mut out);
            if !out.is_empty() && self.failed.is_none() {
                self.failed = std::io::stdout().lock().write_all(&out).err();
            }
        }
        self.flush();
        if self.missing > 0 {
            let missing = self.missing;
            stderr(&format!("warning: {missing} bytes could not be stored and are missing\n"));
        }
        match self.failed {
            None => Ok(Exit::DONE),
            Some(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::BrokenPipe),
            Some(error) => {
                Err(Failure::refused(format!("could not write to standard output: {error}")))
            }
        }
    }
}
