//! Nodes as people call them: by their labels, with the arguments that say which is meant.
//!
//! All arguments of a node are a part of its identity, defaults too; read aloud they would hide what matters. Programs
//! get [`node_name`] and [`short_names`], which do not depend on how much a person wants to read.

use std::collections::{BTreeMap, BTreeSet};

use rush_engine::Wanted;
use rush_plan::{Node, NodeId, Plan, Value};
use rustc_hash::{FxBuildHasher, FxHashMap};

/// A node with all its arguments, without the mark of the root package.
pub(crate) fn node_name(plan: &Plan, node: NodeId) -> String {
    let name = plan.node(node).map(ToString::to_string).unwrap_or_default();
    name.strip_prefix("//:").map(str::to_owned).unwrap_or(name)
}

/// The name of each node for programs: its label if no other node has the same, else with all its arguments.
pub(crate) fn short_names(plan: &Plan) -> BTreeMap<NodeId, String> {
    let names = Names::of(plan);
    let name = |node: &Node| match names.labels.get(node.label()) {
        Some(label) if label.is_shared => node_name(plan, node.id()),
        Some(_) | None => bare(node.label()).to_owned(),
    };
    plan.nodes().iter().map(|node| (node.id(), name(node))).collect()
}

/// The names of the nodes of one plan.
pub(crate) struct Names<'a> {
    plan: &'a Plan,
    labels: FxHashMap<&'a str, Label<'a>>,
    /// The arguments that were asked for.
    asked: FxHashMap<NodeId, BTreeSet<String>>,
}

/// What the nodes of one label have in common.
struct Label<'a> {
    first: &'a Node,
    is_shared: bool,
    /// The arguments and axes in which they differ.
    telling: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    /// Names with the arguments in which nodes of one label differ.
    pub(crate) fn of(plan: &'a Plan) -> Self {
        let mut labels: FxHashMap<&str, Label<'_>> =
            FxHashMap::with_capacity_and_hasher(plan.nodes().len(), FxBuildHasher);
        for node in plan.nodes() {
            labels
                .entry(node.label())
                .and_modify(|it| it.take_in(node))
                .or_insert_with(|| Label::of(node));
        }
        Self { plan, labels, asked: FxHashMap::default() }
    }

    /// The same, where what was asked for has also the arguments it was asked for with.
    pub(crate) fn as_asked(plan: &'a Plan) -> Self {
        let goal = &plan.content().goal;
        let mut names = Self::of(plan);
        for root in plan.roots() {
            let mut asked = BTreeSet::new();
            for call in &goal.calls {
                asked.extend(Wanted::of(call).given_in(root).unwrap_or_default());
            }
            let rest = || goal.rest.iter().cloned().map(Value::Text).collect();
            if !goal.rest.is_empty() {
                let rest = Value::List(rest());
                let found = root.arguments().iter().find(|(_, value)| **value == rest);
                asked.extend(found.map(|(name, _)| name.to_owned()));
            }
            names.asked.insert(root.id(), asked);
        }
        names
    }

    /// The name of one of the nodes.
    pub(crate) fn name(&self, node: &Node) -> String {
        let mut name = bare(node.label()).to_owned();
        let mut separator = "(";
        let telling = self.labels.get(node.label()).map(|it| &it.telling);
        let asked = self.asked.get(&node.id());
        for (argument, value) in node.arguments().iter().chain(node.cell().iter()) {
            if telling.is_some_and(|it| it.contains(argument))
                || asked.is_some_and(|it| it.contains(argument))
            {
                let value = value.seen_from(&node.package);
                name.push_str(&format!("{separator}{argument}: {value}"));
                separator = ", ";
            }
        }
        if separator != "(" {
            name.push(')');
        }
        name
    }

    /// The same for whoever only knows its id.
    pub(crate) fn of_id(&self, node: NodeId) -> String {
        self.plan.node(node).map(|it| self.name(it)).unwrap_or_default()
    }

    /// All names.
    pub(crate) fn all(&self) -> BTreeMap<NodeId, String> {
        self.plan.nodes().iter().map(|it| (it.id(), self.name(it))).collect()
    }
}

impl<'a> Label<'a> {
    const fn of(first: &'a Node) -> Self {
        Self { first, is_shared: false, telling: BTreeSet::new() }
    }

    fn take_in(&mut self, node: &'a Node) {
        self.is_shared = true;
        let first = self.first;
        for (ours, theirs) in [(first.arguments(), node.arguments()), (first.cell(), node.cell())] {
            let names = ours.names().chain(theirs.names());
            let differing = names.filter(|it| ours.get(it) != theirs.get(it));
            self.telling.extend(differing);
        }
    }
}

/// A label without the mark of the root package.
fn bare(label: &str) -> &str {
    label.strip_prefix("//:").unwrap_or(label)
}
