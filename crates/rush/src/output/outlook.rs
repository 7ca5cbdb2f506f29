//! Words for what a run would do with a task: used by `rush why` and by `rush run --dry-run`.

use std::collections::BTreeMap;

use rush_engine::Outlook;
use rush_plan::{NodeId, Plan};

use super::plan::node_name;

/// How many reasons are listed for one task.
const REASONS_MAX: usize = 8;

/// What a run would do, in one line.
pub(crate) fn line(plan: &Plan, outlook: &Outlook) -> String {
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
                nodes.iter().map(|it| format!("`{}`", node_name(plan, *it))).collect();
            format!("will run if what {} makes is not what it was", names.join(" or "))
        }
    }
}

/// The reasons that the line leaves out.
pub(crate) fn more(outlook: &Outlook) -> String {
    let Outlook::Runs(reasons) = outlook else { return String::new() };
    let mut out = String::new();
    for reason in reasons.iter().skip(1).take(REASONS_MAX) {
        out.push_str(&format!("  and because {reason}\n"));
    }
    if let Some(left) = reasons.len().checked_sub(REASONS_MAX + 1).filter(|it| *it > 0) {
        out.push_str(&format!("  and for {left} more reasons\n"));
    }
    out
}

/// The line of each node that does something.
pub(crate) fn lines(plan: &Plan, outlooks: &[Outlook]) -> BTreeMap<NodeId, String> {
    let nodes = plan.nodes().iter().zip(outlooks);
    let busy = nodes.filter(|(_, outlook)| **outlook != Outlook::Idle);
    busy.map(|(node, outlook)| (node.id(), line(plan, outlook))).collect()
}

/// A time span in its largest unit.
pub(crate) fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
