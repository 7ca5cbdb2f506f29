//! `rush runs show`: one run, task by task.

use std::fmt::Write as _;

use clap::Args;
use rush_engine::{AttemptRecord, Earlier, NodeRecord, Store, so_far, status_word, timestamp};
use rush_plan::{EventBody, NodeState, SkipReason};
use serde_json::{Value, json};

use super::shown::{self, Status};
use super::{RunsFormat, find, of_history, open};
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::amount::local_time;
use crate::output::names::{Names, short_names};
use crate::output::paint::Paint;
use crate::output::stdout;
use crate::output::table::{self, Cell};

/// Which run is shown.
#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// The run
    #[arg(value_name = "RUN", default_value = "last")]
    run: String,
    /// Also what each task waited for, and every event
    #[arg(long)]
    events: bool,
    /// How the run is written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "table")]
    format: RunsFormat,
}

/// How many nodes that did nothing are listed one by one.
const IDLE_LISTED_MAX: usize = 20;

pub(super) fn run(ctx: &Context, args: &ShowArgs) -> Result<Exit, Failure> {
    let store = open(ctx)?;
    let run = so_far(find(&store, &args.run)?, timestamp(ctx.system.now()));
    let earlier = Earlier::read(&store, run).map_err(|it| of_history(&it.into()))?;
    let attempts = store.attempts(&earlier.run).map_err(|it| of_history(&it.into()))?;
    let events = if args.events { events(&store, &earlier)? } else { Vec::new() };
    let text = match args.format {
        RunsFormat::Json => document(&store, &earlier, &attempts, &events)?,
        RunsFormat::Table => {
            let mut text = table(ctx, &store, &earlier, &attempts)?;
            events.iter().for_each(|it| {
                let _ = writeln!(text, "{it}");
            });
            text
        }
    };
    stdout(&text)?;
    Ok(Exit::DONE)
}

/// The recorded events as they were told, output with its text.
fn events(store: &Store, earlier: &Earlier) -> Result<Vec<Value>, Failure> {
    let read = store.events(&earlier.run, &earlier.plan, 0);
    let events = read.map_err(|it| of_history(&it.into()))?;
    let told = events.into_iter().map(|it| {
        let mut value = serde_json::to_value(&it.event).unwrap_or_default();
        if let (EventBody::AttemptOutput { .. }, Value::Object(fields)) =
            (&it.event.body, &mut value)
        {
            fields.remove("text");
            fields.insert("log_start".to_owned(), json!(it.log_start));
            fields.insert("log_length".to_owned(), json!(it.log_length));
        }
        value
    });
    Ok(told.collect())
}

fn of_node<'a>(attempts: &'a [AttemptRecord], node: &NodeRecord) -> Vec<&'a AttemptRecord> {
    let start = attempts.partition_point(|it| it.position < node.position);
    attempts.iter().skip(start).take_while(|it| it.position == node.position).collect()
}

fn document(
    store: &Store,
    earlier: &Earlier,
    attempts: &[AttemptRecord],
    events: &[Value],
) -> Result<String, Failure> {
    let names = short_names(&earlier.plan);
    let nodes = earlier.nodes.iter().map(|node| {
        let name = names.get(&node.node).map_or("", String::as_str);
        shown::node_json(name, node, &of_node(attempts, node))
    });
    let children = store.children(&earlier.run.id).map_err(|it| of_history(&it.into()))?;
    let children: Vec<_> = children.iter().map(|it| it.id.to_string()).collect();
    let mut document = json!({
        "version": 1,
        "run": shown::json(&earlier.run),
        "children": children,
        "tasks": nodes.collect::<Vec<_>>(),
    });
    if let (false, Value::Object(fields)) = (events.is_empty(), &mut document) {
        fields.insert("events".to_owned(), json!(events));
    }
    Ok(format!("{document:#}\n"))
}

fn table(
    ctx: &Context,
    store: &Store,
    earlier: &Earlier,
    attempts: &[AttemptRecord],
) -> Result<String, Failure> {
    let style = ctx.style(Stream::Stdout);
    let mut out = head(ctx, store, earlier)?;
    let names = Names::of(&earlier.plan).all();
    let mut idle = 0;
    let mut rows = Vec::new();
    let mut nodes: Vec<&NodeRecord> = earlier.nodes.iter().collect();
    // As they began; what did not begin comes last.
    nodes.sort_by_key(|it| (it.started_ns.is_none(), it.started_ns, it.position));
    for node in nodes {
        let tries = of_node(attempts, node);
        if tries.is_empty() && node.started_ns.is_none() {
            idle += 1;
            if idle > IDLE_LISTED_MAX {
                continue;
            }
        }
        let name = names.get(&node.node).map_or("", String::as_str);
        rows.push(row(name, (node, Status::of(&earlier.run)), &tries, &names));
    }
    out.push_str(&table::render(&rows, style));
    if idle > IDLE_LISTED_MAX {
        let _ = writeln!(out, "and {} more that did not run here", idle - IDLE_LISTED_MAX);
    }
    Ok(out)
}

fn head(ctx: &Context, store: &Store, earlier: &Earlier) -> Result<String, Failure> {
    let (style, run) = (ctx.style(Stream::Stdout), &earlier.run);
    let status = Status::of(run);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "run {}  {}  {}",
        Paint::Name.on(run.id.as_str(), style),
        status.paint().on(status.word(), style),
        shown::asked(run)
    );
    let time = shown::time(run.elapsed_ns);
    // Nobody knows how long a run went on that is not heard of any more.
    let went_on = if status == Status::Lost { "last heard of after" } else { "took" };
    let began = local_time(run.started);
    let _ = writeln!(out, "began {began}, {went_on} {time}: {}", shown::counts(run));
    for child in store.children(&run.id).map_err(|it| of_history(&it.into()))? {
        let word = Status::of(&child).word();
        let _ = writeln!(out, "followed by run {}: {word}", child.id);
    }
    if status == Status::Lost {
        let _ = writeln!(out, "its process is gone; `rush resume {}` goes on with it", run.id);
    }
    out.push('\n');
    Ok(out)
}

fn row(
    name: &str,
    (node, run): (&NodeRecord, Status),
    tries: &[&AttemptRecord],
    names: &std::collections::BTreeMap<rush_plan::NodeId, String>,
) -> Vec<Cell> {
    let word = match &node.state {
        // Nothing goes on in a run that is over, whatever was written down last.
        NodeState::Waiting { .. } | NodeState::Ready if run != Status::Running => "not started",
        NodeState::Running { .. } | NodeState::Serving { .. } | NodeState::BackingOff { .. }
            if run != Status::Running =>
        {
            "lost"
        }
        state => status_word(state),
    };
    let paint = match node.state {
        NodeState::Succeeded | NodeState::Cached => Paint::Good,
        NodeState::Failed { .. } | NodeState::TimedOut => Paint::Bad,
        _ => Paint::Dim,
    };
    let end = tries.last().and_then(|it| it.end.as_ref()).filter(|it| !it.is_success());
    let note = match &node.state {
        NodeState::Skipped { reason: SkipReason::Needs { node } } => {
            let name = names.get(node).map_or("another", String::as_str);
            format!("`{name}` did not succeed")
        }
        NodeState::Skipped { reason: SkipReason::When } => "its `when` is false".to_owned(),
        NodeState::Skipped { reason: SkipReason::NotNeeded } => {
            "what needs it was done without it".to_owned()
        }
        NodeState::BackingOff { .. } | NodeState::Waiting { .. } if run != Status::Running => {
            String::new()
        }
        NodeState::BackingOff { attempt, .. } => format!("before attempt {attempt}"),
        NodeState::Waiting { reason } => shown::waits_for(reason),
        _ => end.map(shown::end).unwrap_or_default(),
    };
    let note = match tries.len() {
        0 | 1 => note,
        count => format!("{count} attempts{}{note}", if note.is_empty() { "" } else { ", " }),
    };
    vec![
        Cell::painted(name, Paint::Name),
        Cell::painted(word.replace('_', " "), paint),
        Cell::plain(node.wall_ns().map(shown::time).unwrap_or_default()),
        Cell::plain(note),
    ]
}
