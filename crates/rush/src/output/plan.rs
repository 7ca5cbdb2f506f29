//! Plans for people: what would run, in the order in which it could.

mod change;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rush_diagnostics::HumanStyle;
use rush_engine::{DryNode, dry_run};
use rush_plan::{Node, NodeId, Plan, PlanDiff};
use rustc_hash::{FxBuildHasher, FxHashMap};

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
    for node in dry_run(plan) {
        let remark = remarks.get(&node.node).map_or("", String::as_str);
        write_node(&mut out, plan, (&node, remark), style);
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

fn write_node(out: &mut String, plan: &Plan, (node, remark): (&DryNode, &str), style: HumanStyle) {
    let name = Paint::Name.on(&node_name(plan, node.node), style);
    let mut notes = Vec::new();
    if node.is_skipped {
        notes.push("skipped: its `when` is false".to_owned());
    }
    if !matches!(node.dir.as_str(), "" | ".") {
        notes.push(format!("in {}", node.dir));
    }
    let after = names_before(plan, node.node);
    if !after.is_empty() {
        notes.push(format!("after {}", after.join(", ")));
    }
    let notes = notes.iter().flat_map(|it| ["  ", it]).collect::<String>();
    let _ = writeln!(out, "{name}{}", Paint::Dim.on(&notes, style));
    if !remark.is_empty() {
        let _ = writeln!(out, "  {remark}");
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

/// A node as people call it: without the mark of the root package.
pub(crate) fn node_name(plan: &Plan, node: NodeId) -> String {
    let name = plan.node(node).map(ToString::to_string).unwrap_or_default();
    name.strip_prefix("//:").map(str::to_owned).unwrap_or(name)
}

/// The shortest name that tells a node from the others of its plan: its label, if that is enough.
pub(crate) fn short_names(plan: &Plan) -> BTreeMap<NodeId, String> {
    let names = ShortNames::of(plan);
    plan.nodes().iter().map(|node| (node.id(), names.name(node))).collect()
}

/// The same for whoever does not want all of them, or not in their order.
pub(crate) struct ShortNames<'a> {
    plan: &'a Plan,
    /// Whether a label is that of several nodes.
    labels: FxHashMap<&'a str, bool>,
}

impl<'a> ShortNames<'a> {
    /// Those of the nodes of this plan.
    pub(crate) fn of(plan: &'a Plan) -> Self {
        let mut labels = FxHashMap::with_capacity_and_hasher(plan.nodes().len(), FxBuildHasher);
        for node in plan.nodes() {
            labels.entry(node.label()).and_modify(|is_shared| *is_shared = true).or_insert(false);
        }
        Self { plan, labels }
    }

    /// The name of one of the nodes.
    pub(crate) fn name(&self, node: &Node) -> String {
        match self.labels.get(node.label()) {
            Some(false) => node.label().strip_prefix("//:").unwrap_or(node.label()).to_owned(),
            Some(true) | None => node_name(self.plan, node.id()),
        }
    }
}

fn names_before(plan: &Plan, node: NodeId) -> Vec<String> {
    let edges = plan.node(node).map(|it| it.edges.as_slice()).unwrap_or_default();
    let mut names: Vec<String> = edges.iter().map(|it| node_name(plan, it.node)).collect();
    names.dedup();
    names
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
