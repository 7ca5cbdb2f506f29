//! `rush runs diff`: what differs between two runs, in their plans and in how their tasks ended.

use std::collections::BTreeMap;

use clap::Args;
use rush_engine::{Earlier, NodeRecord, status_word};
use rush_plan::NodeId;
use serde_json::{Value, json};

use super::shown;
use super::{RunsFormat, find, of_history, open};
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::names::short_names;
use crate::output::paint::Paint;
use crate::output::plan as show;
use crate::output::table::{self, Cell};
use crate::output::{stderr, stdout};

/// Which runs are compared.
#[derive(Args, Debug)]
pub(super) struct DiffArgs {
    /// The earlier run
    #[arg(value_name = "RUN", default_value = "last~1")]
    before: String,
    /// The later run
    #[arg(value_name = "RUN", default_value = "last")]
    after: String,
    /// How the difference is written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "table")]
    format: RunsFormat,
}

/// A node that ended differently.
struct Changed<'a> {
    name: &'a str,
    before: Option<&'a NodeRecord>,
    after: Option<&'a NodeRecord>,
}

pub(super) fn run(ctx: &Context, args: &DiffArgs) -> Result<Exit, Failure> {
    let store = open(ctx)?;
    let read = |word: &str| -> Result<Earlier, Failure> {
        Earlier::read(&store, find(&store, word)?).map_err(|it| of_history(&it.into()))
    };
    let (before, after) = (read(&args.before)?, read(&args.after)?);
    let mut names = short_names(&before.plan);
    names.extend(short_names(&after.plan));
    let changed = changed(&before, &after, &names);
    let plans = before.plan.diff(&after.plan);
    match args.format {
        RunsFormat::Json => {
            let tasks: Vec<Value> = changed.iter().map(json_of).collect();
            let document = json!({
                "version": 1,
                "before": shown::json(&before.run),
                "after": shown::json(&after.run),
                "plan": plans,
                "tasks": tasks,
            });
            stdout(&format!("{document:#}\n"))?;
        }
        RunsFormat::Table => {
            let style = ctx.style(Stream::Stdout);
            if !plans.is_empty() {
                stdout(&show::diff(&before.plan, &after.plan, &plans, style))?;
            }
            let rows: Vec<Vec<Cell>> = changed.iter().map(row).collect();
            stdout(&table::render(&rows, style))?;
            if plans.is_empty() && changed.is_empty() {
                stderr("both runs did the same and ended alike\n");
            }
        }
    }
    Ok(if plans.is_empty() && changed.is_empty() { Exit::DONE } else { Exit::FAILED })
}

fn changed<'a>(
    before: &'a Earlier,
    after: &'a Earlier,
    names: &'a BTreeMap<NodeId, String>,
) -> Vec<Changed<'a>> {
    let of = |earlier: &'a Earlier| -> BTreeMap<NodeId, &'a NodeRecord> {
        earlier.nodes.iter().map(|it| (it.node, it)).collect()
    };
    let (old, new) = (of(before), of(after));
    let word = |it: Option<&&NodeRecord>| it.map(|it| status_word(&it.state));
    let mut changed: Vec<Changed<'_>> = names
        .iter()
        .filter(|(node, _)| word(old.get(*node)) != word(new.get(*node)))
        .map(|(node, name)| Changed {
            name,
            before: old.get(node).copied(),
            after: new.get(node).copied(),
        })
        .collect();
    changed.sort_by_key(|it| it.name);
    changed
}

fn state(node: Option<&NodeRecord>) -> String {
    let Some(node) = node else { return "absent".to_owned() };
    let time = node.wall_ns().map(|it| format!(" in {}", shown::time(it))).unwrap_or_default();
    format!("{}{time}", status_word(&node.state).replace('_', " "))
}

fn row(it: &Changed<'_>) -> Vec<Cell> {
    vec![
        Cell::painted(it.name, Paint::Name),
        Cell::plain(state(it.before)),
        Cell::plain("->"),
        Cell::plain(state(it.after)),
    ]
}

fn json_of(it: &Changed<'_>) -> Value {
    let side = |node: Option<&NodeRecord>| node.map(|node| shown::node_json(it.name, node, &[]));
    json!({ "name": it.name, "before": side(it.before), "after": side(it.after) })
}
