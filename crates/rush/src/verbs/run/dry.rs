//! `--dry-run`: what a run would do, and of each task whether its result is there already.

use std::collections::HashMap;
use std::sync::Arc;

use rush_engine::{DryNode, Outlook, RunOptions, dry_run};
use rush_plan::{Node, NodeId, Plan};
use serde_json::{Value, json};

use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::outlook::{self, Remarks};
use crate::output::{plan as show, stderr, stdout};

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DryFormat {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// Shows what a run with these choices would do. Nothing is started.
pub(crate) fn show(
    ctx: &Context,
    plan: &Arc<Plan>,
    options: &RunOptions,
    (format, remarks): (DryFormat, Remarks),
) -> Result<Exit, Failure> {
    let outlooks = rush_engine::outlooks(plan, options, &*ctx.system);
    match format {
        DryFormat::Text => {
            let mut remarks = outlook::lines(plan, &outlooks, remarks);
            for (node, remark) in &mut remarks {
                if options.settled.contains_key(node) {
                    "succeeded before".clone_into(remark);
                }
            }
            stdout(&show::text_with(plan, &remarks, ctx.style(Stream::Stdout)))?;
            let settled = match options.settled.len() {
                0 => String::new(),
                count => format!(", {count} of them succeeded before"),
            };
            stderr(&format!("{}{settled}; nothing was started\n", show::summary(plan)));
        }
        DryFormat::Json => stdout(&document(plan, options, &outlooks))?,
    }
    Ok(Exit::DONE)
}

/// The tasks in the order in which they could run.
fn document(plan: &Plan, options: &RunOptions, outlooks: &[Outlook]) -> String {
    let outlooks: HashMap<NodeId, &Outlook> =
        plan.nodes().iter().map(Node::id).zip(outlooks).collect();
    // Where nothing can be looked up, everything runs.
    let unknown = Outlook::Runs(Vec::new());
    let task = |dry: &DryNode| {
        let mut known = if options.settled.contains_key(&dry.node) {
            outlook::settled(plan, dry.node)
        } else {
            let outlook = outlooks.get(&dry.node).copied().unwrap_or(&unknown);
            outlook::json(plan, dry.node, outlook)
        };
        known.extend(work(plan, dry));
        Value::Object(known)
    };
    let tasks: Vec<Value> = dry_run(plan).iter().map(task).collect();
    format!("{:#}\n", json!({ "version": 1, "tasks": tasks }))
}

/// What a task would do.
fn work(plan: &Plan, dry: &DryNode) -> impl Iterator<Item = (String, Value)> {
    let edges = plan.node(dry.node).map(|it| it.edges.as_slice()).unwrap_or_default();
    let mut after: Vec<String> = edges.iter().map(|it| it.node.to_string()).collect();
    after.dedup();
    let fields = [
        ("label", json!(dry.label)),
        ("skipped", json!(dry.is_skipped)),
        ("after", json!(after)),
        ("dir", json!(dry.dir)),
        ("env", json!(dry.env)),
        ("stdin", json!(dry.stdin)),
        ("commands", json!(dry.commands)),
        ("finally", json!(dry.finally)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value))
}
