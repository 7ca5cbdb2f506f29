//! What differs between two plans, field by field, in the words of a task file where there are any.
//!
//! Of lists only what came and went is shown; commands as they would be typed, nodes by their names.

use std::fmt::Write as _;
use std::time::Duration;

use rush_diagnostics::HumanStyle;
use rush_engine::command_line;
use rush_plan::{Change, Command, NodeId, Plan};
use serde_json::Value;

use crate::output::amount::duration;
use crate::output::names::node_name;
use crate::output::paint::Paint;

/// Writes one field that differs between two plans.
pub(super) fn write(
    out: &mut String,
    (before, after): (&Plan, &Plan),
    (path, change): (&str, &Change),
    style: HumanStyle,
) {
    let path = path.strip_prefix("work.task.").unwrap_or(path);
    let path = path.strip_prefix("work.service.").unwrap_or(path);
    let name = match path {
        "edges" => "after",
        _ => path.strip_suffix("_ms").unwrap_or(path),
    };
    let is_time = path.ends_with("_ms");
    let (gone, come) = sides(change);
    for (mark, paint, plan, values) in
        [("-", Paint::Bad, before, gone), ("+", Paint::Good, after, come)]
    {
        for value in values {
            let text = if is_time { time(value) } else { shown(plan, value) };
            // What has several lines goes on below its name.
            let text = text.replace('\n', "\n    ");
            let _ = writeln!(out, "{}", paint.on(&format!("  {mark} {name}: {text}"), style));
        }
    }
}

/// The values that only one side has; of lists their elements, unless only their order differs.
fn sides(change: &Change) -> (Vec<&Value>, Vec<&Value>) {
    let elements = |side: &'_ Option<Value>| match side {
        Some(Value::Array(elements)) => Some(elements.clone()),
        None => Some(Vec::new()),
        Some(_) => None,
    };
    let is_list =
        [&change.before, &change.after].into_iter().any(|it| matches!(it, Some(Value::Array(_))));
    if let (true, Some(old), Some(new)) =
        (is_list, elements(&change.before), elements(&change.after))
    {
        let gone: Vec<&Value> =
            list(change.before.as_ref()).filter(|it| !new.contains(it)).collect();
        let come: Vec<&Value> =
            list(change.after.as_ref()).filter(|it| !old.contains(it)).collect();
        if !gone.is_empty() || !come.is_empty() {
            return (gone, come);
        }
    }
    (change.before.iter().collect(), change.after.iter().collect())
}

fn list(side: Option<&Value>) -> impl Iterator<Item = &Value> {
    side.into_iter().filter_map(Value::as_array).flatten()
}

fn time(value: &Value) -> String {
    match value.as_u64() {
        Some(ms) => duration(Duration::from_millis(ms)),
        None => value.to_string(),
    }
}

/// A value as people would write it.
fn shown(plan: &Plan, value: &Value) -> String {
    if let Ok(command) = serde_json::from_value::<Command>(value.clone()) {
        return command_line(&command);
    }
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => node(plan, value).unwrap_or_else(|| text.clone()),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(|it| shown(plan, it)).collect();
            format!("[{}]", elements.join(", "))
        }
        // Texts and paths are written as such.
        Value::Object(fields) if fields.len() == 1 && fields.keys().all(|it| is_plain(it)) => {
            fields.values().map(|it| shown(plan, it)).collect()
        }
        Value::Object(fields) => {
            match (fields.get("node").and_then(|it| node(plan, it)), fields.get("reason")) {
                (Some(name), Some(Value::String(reason))) => format!("{name} ({reason})"),
                _ => {
                    let fields =
                        fields.iter().map(|(name, it)| format!("{name}: {}", shown(plan, it)));
                    format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
                }
            }
        }
    }
}

/// The name of a node that a value is the id of.
fn node(plan: &Plan, value: &Value) -> Option<String> {
    let id: NodeId = serde_json::from_value(value.clone()).ok()?;
    plan.node(id).map(|_| node_name(plan, id))
}

fn is_plain(kind: &str) -> bool {
    matches!(kind, "text" | "path")
}
