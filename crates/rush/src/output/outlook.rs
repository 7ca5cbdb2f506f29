//! What a run would do with a task, for people and for programs: used by `rush why` and by `--dry-run`.
//!
//! The JSON is described by `docs/schemas/outlook-1.json`.

use std::collections::BTreeMap;

use rush_engine::{Difference, Outlook, Reason};
use rush_plan::{NodeId, Plan};
use serde_json::{Map, Value, json};

use super::names::{Names, node_name};

mod texts;

/// How many reasons are listed for one task.
const REASONS_MAX: usize = 8;

/// What a run would do, in one line.
pub(crate) fn line(names: &Names<'_>, outlook: &Outlook) -> String {
    match outlook {
        Outlook::Idle => "has nothing to run".to_owned(),
        Outlook::Cached { restores: 0 } => "cached".to_owned(),
        Outlook::Cached { restores: 1 } => "cached, 1 output is put back".to_owned(),
        Outlook::Cached { restores } => format!("cached, {restores} outputs are put back"),
        Outlook::Runs(reasons) => match reasons.as_slice() {
            [] => "will run".to_owned(),
            [reason] => format!("will run because {reason}"),
            [reason, rest @ ..] => {
                format!("will run because {reason}, and {} more", rest.len())
            }
        },
        Outlook::Depends(nodes) => {
            let names: Vec<String> =
                nodes.iter().map(|it| format!("`{}`", names.of_id(*it))).collect();
            format!("will run if what {} makes is not what it was", names.join(" or "))
        }
    }
}

/// What the line leaves out: the texts that differ, and the other reasons.
pub(crate) fn more(outlook: &Outlook) -> String {
    let Outlook::Runs(reasons) = outlook else { return String::new() };
    let mut out = String::new();
    for (at, reason) in reasons.iter().take(REASONS_MAX + 1).enumerate() {
        if at > 0 {
            out.push_str(&format!("  and because {reason}\n"));
        }
        if let Reason::Differs(difference) = reason {
            out.push_str(&changed_text(difference));
        }
    }
    if let Some(left) = reasons.len().checked_sub(REASONS_MAX + 1).filter(|it| *it > 0) {
        out.push_str(&format!("  and for {left} more reasons\n"));
    }
    out
}

/// Of which nodes that do something it is said what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remarks {
    /// Of all.
    All,
    /// Of all but those that always run, which goes without saying.
    Telling,
}

/// The line of each node that does something.
pub(crate) fn lines(
    plan: &Plan,
    outlooks: &[Outlook],
    remarks: Remarks,
) -> BTreeMap<NodeId, String> {
    let nodes = plan.nodes().iter().zip(outlooks);
    let names = Names::as_asked(plan);
    let is_told = |outlook: &Outlook| match outlook {
        Outlook::Idle => false,
        Outlook::Runs(reasons) => {
            remarks == Remarks::All || !matches!(reasons.as_slice(), [Reason::NoInputs])
        }
        Outlook::Cached { .. } | Outlook::Depends(_) => true,
    };
    let told = nodes.filter(|(_, outlook)| is_told(outlook));
    told.map(|(node, outlook)| (node.id(), line(&names, outlook))).collect()
}

/// What a run would do, for programs.
pub(crate) fn json(plan: &Plan, node: NodeId, outlook: &Outlook) -> Map<String, Value> {
    let (word, detail) = match outlook {
        Outlook::Idle => ("idle", None),
        Outlook::Cached { restores } => ("cached", Some(("restores", json!(restores)))),
        Outlook::Runs(reasons) => ("runs", Some(("reasons", reasons.iter().map(reason).collect()))),
        Outlook::Depends(nodes) => ("depends", Some(("on", json!(nodes)))),
    };
    let mut fields = told(plan, node, word);
    if let Some((name, value)) = detail {
        fields.insert(name.to_owned(), value);
    }
    fields
}

/// The same of a task that had succeeded in the run that is done again.
pub(crate) fn settled(plan: &Plan, node: NodeId) -> Map<String, Value> {
    told(plan, node, "settled")
}

fn told(plan: &Plan, node: NodeId, outlook: &str) -> Map<String, Value> {
    Map::from_iter([
        ("node".to_owned(), json!(node)),
        ("name".to_owned(), node_name(plan, node).into()),
        ("outlook".to_owned(), outlook.into()),
    ])
}

fn reason(reason: &Reason) -> Value {
    let mut fields = Map::from_iter([
        ("reason".to_owned(), reason.code().into()),
        ("message".to_owned(), reason.to_string().into()),
    ]);
    if let Reason::Differs(it) = reason {
        fields.extend(difference(it));
    }
    fields.into()
}

/// The lines of a text that differ, one a line; empty if no text is known.
pub(crate) fn changed_text(difference: &Difference) -> String {
    let lines = texts::lines(difference);
    lines.iter().flat_map(|it| ["      ", it, "\n"]).collect()
}

/// What differs from the last result, for programs.
pub(crate) fn difference(difference: &Difference) -> Map<String, Value> {
    let Difference { kind, name, change, before, now } = difference;
    let mut fields = Map::from_iter([
        ("kind".to_owned(), kind.name().into()),
        ("name".to_owned(), name.as_str().into()),
        ("change".to_owned(), change.name().into()),
    ]);
    for (field, text) in [("before", before), ("now", now)] {
        fields.extend(text.iter().map(|it| (field.to_owned(), it.as_str().into())));
    }
    fields
}
