//! Plans for people: what would run, in the order in which it could.

mod change;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rush_diagnostics::HumanStyle;
use rush_engine::{DryNode, dry_run};
use rush_plan::{NodeId, Plan, PlanDiff};

use super::names::{Names, node_name};
use super::paint::Paint;

/// Every node with its commands, each behind those it waits for.
pub(crate) fn text(plan: &Plan, style: HumanStyle) -> String {
    text_with(plan, &BTreeMap::new(), style)
}

/// The same with a remark on some of the nodes.
pub(crate) fn text_with(
    plan: &Plan,
    remarks: &BTreeMap<NodeId, String>,
    style: HumanStyle,
) -> String {
    let mut out = String::new();
    let names = Names::as_asked(plan);
    for node in dry_run(plan) {
        let remark = remarks.get(&node.node).map_or("", String::as_str);
        write_node(&mut out, (plan, &names), (&node, remark), style);
    }
    out
}

/// The counts in one line: `3 tasks, 1 service, 1 skipped`.
pub(crate) fn summary(plan: &Plan) -> String {
    let summary = plan.summary();
    let mut parts = vec![count(summary.tasks, "task")];
    if summary.services > 0 {
        parts.push(count(summary.services, "service"));
    }
    if summary.skipped > 0 {
        parts.push(format!("{} skipped", summary.skipped));
    }
    parts.join(", ")
}

fn count(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

fn write_node(
    out: &mut String,
    (plan, names): (&Plan, &Names<'_>),
    (node, remark): (&DryNode, &str),
    style: HumanStyle,
) {
    let name = Paint::Name.on(&names.of_id(node.node), style);
    let mut notes = Vec::new();
    if node.is_skipped {
        notes.push("skipped: its `when` is false".to_owned());
    }
    if !matches!(node.dir.as_str(), "" | ".") {
        notes.push(format!("in {}", node.dir));
    }
    let after = names_before(plan, node.node, names);
    if !after.is_empty() {
        notes.push(format!("after {}", after.join(", ")));
    }
    let notes = notes.iter().flat_map(|it| ["  ", it]).collect::<String>();
    let _ = writeln!(out, "{name}{}", Paint::Dim.on(&notes, style));
    if !remark.is_empty() {
        let _ = writeln!(out, "  {}", Paint::Dim.on(remark, style));
    }
    for variable in &node.env {
        let _ = writeln!(out, "  {}", Paint::Dim.on(&format!("env {variable}"), style));
    }
    if let Some(stdin) = &node.stdin {
        let _ = writeln!(out, "  {}", Paint::Dim.on(&format!("stdin {stdin:?}"), style));
    }
    for command in &node.commands {
        write_command(out, "$", command);
    }
    for command in &node.finally {
        write_command(out, "finally $", command);
    }
}

fn write_command(out: &mut String, mark: &str, command: &str) {
    for (at, line) in command.lines().enumerate() {
        let mark = if at == 0 { format!("  {mark} ") } else { "    ".to_owned() };
        let _ = writeln!(out, "{mark}{line}");
    }
}

fn names_before(plan: &Plan, node: NodeId, names: &Names<'_>) -> Vec<String> {
    let edges = plan.node(node).map(|it| it.edges.as_slice()).unwrap_or_default();
    // A node may come before another one for several reasons.
    let mut told = BTreeSet::new();
    let nodes = edges.iter().map(|it| it.node).filter(|it| told.insert(*it));
    nodes.map(|it| names.of_id(it)).collect()
}

/// What differs between two plans.
pub(crate) fn diff(before: &Plan, after: &Plan, diff: &PlanDiff, style: HumanStyle) -> String {
    let mut out = String::new();
    for (path, differs) in &diff.content {
        change::write(&mut out, (before, after), (path, differs), style);
    }
    for node in &diff.removed {
        let line = format!("- {}", node_name(before, *node));
        let _ = writeln!(out, "{}", Paint::Bad.on(&line, style));
    }
    for node in &diff.added {
        let line = format!("+ {}", node_name(after, *node));
        let _ = writeln!(out, "{}", Paint::Good.on(&line, style));
    }
    for changed in &diff.changed {
        let _ = writeln!(out, "{}", Paint::Heading.on(&node_name(after, changed.node), style));
        for (path, differs) in &changed.fields {
            change::write(&mut out, (before, after), (path, differs), style);
        }
    }
    out
}
