//! `rush list`: what can be run here.

use camino::Utf8Path;
use clap::{Args, ValueEnum};
use rush_diagnostics::HumanStyle;
use rush_engine::{ListedTask, Listing, Which};
use serde_json::json;

use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::paint::Paint;
use crate::output::table::{self, Cell};
use crate::output::{stderr, stdout};

/// List what can be run
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush list                        tasks with their parameters
  rush list --all                  private tasks, templates and services too
  rush list -o names               one label a line, for scripts")]
pub(crate) struct ListArgs {
    /// How the list is written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "table")]
    format: ListFormat,
    /// Private tasks, templates and services too
    #[arg(long)]
    all: bool,
}

/// How the list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// For people
    Table,
    /// One JSON document
    Json,
    /// One label a line
    Names,
}

pub(crate) fn run(ctx: &Context, args: &ListArgs) -> Result<Exit, Failure> {
    let which = if args.all { Which::All } else { Which::Public };
    let workspace = ctx.workspace()?;
    let (style, columns) = (ctx.style(Stream::Stdout), Stream::Stdout.columns());
    let form = match args.format {
        ListFormat::Table => format!("table {style:?} {columns:?}"),
        ListFormat::Json => "json".to_owned(),
        ListFormat::Names => "names".to_owned(),
    };
    let listed = workspace.listed_text(which, &form, |listing| match args.format {
        ListFormat::Table => table((style, columns), listing),
        ListFormat::Json => json(workspace.root(), listing),
        ListFormat::Names => listing.tasks.iter().flat_map(|it| [it.name.as_str(), "\n"]).collect(),
    })?;
    stdout(&listed.text)?;
    tell_broken(listed.broken);
    Ok(Exit::DONE)
}

/// Says on one line that items were left out, if any were.
pub(crate) fn tell_broken(broken: usize) {
    match broken {
        0 => {}
        1 => stderr("1 item has an error and is left out; `rush check` shows it\n"),
        _ => stderr(&format!(
            "{broken} items have errors and are left out; `rush check` shows them\n"
        )),
    }
}

fn table((style, columns): (HumanStyle, Option<usize>), listing: &Listing) -> String {
    let rows: Vec<Vec<Cell>> = listing
        .tasks
        .iter()
        .map(|task| {
            let name = Cell::painted(task.name.clone(), Paint::Name);
            let summary = task.summary.clone().unwrap_or_default();
            vec![name, Cell::plain(usage(task)), Cell::painted(summary, Paint::Dim)]
        })
        .collect();
    table::render_within(&rows, style, columns)
}

/// The flags of a task in short: what must be given, then what can be.
fn usage(task: &ListedTask) -> String {
    let kind = (task.kind != "task").then(|| format!("({})", task.kind));
    let (required, optional): (Vec<_>, Vec<_>) = task.params.iter().partition(|it| it.is_required);
    let required = required.iter().map(|it| it.usage());
    let optional = optional.iter().map(|it| format!("[{}]", it.usage()));
    kind.into_iter().chain(required).chain(optional).collect::<Vec<_>>().join(" ")
}

/// `file` of a task is relative to `root`.
fn json(root: &Utf8Path, listing: &Listing) -> String {
    let tasks: Vec<_> = listing
        .tasks
        .iter()
        .map(|task| {
            let params: Vec<_> = task
                .params
                .iter()
                .map(|it| json!({ "name": it.name, "type": it.ty, "required": it.is_required }))
                .collect();
            json!({
                "name": task.name,
                "label": task.label,
                "kind": task.kind,
                "summary": task.summary,
                "params": params,
                "file": task.place.0,
                "line": task.place.1,
            })
        })
        .collect();
    let document =
        json!({ "version": 1, "root": root.as_str(), "tasks": tasks, "broken": listing.broken });
    format!("{document:#}\n")
}
