//! All calls of the workspace and how they wait for each other; reachability, when it is asked for.
//!
//! Two relations are kept apart. *Certain* edges are there in every plan that has the task: they put
//! two tasks into one plan, and they make circles. *Possible* edges are all there may be: a path
//! along them orders two tasks. So whatever is unknown makes the rules silent, never wrong.

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::facts::{completed, facts_of};
use super::reach::Memo;
use super::{Call, Edge, GraphFacts, Known, Reason, Site};
use crate::db::{Db, Item};
use crate::names::files;

/// How many calls of one declaration are told apart.
const CALLS_MAX: usize = 64;

/// The number of a call in its network.
pub type NodeId = u32;

/// All calls of a workspace.
pub struct Network<'db> {
    pub db: &'db dyn Db,
    nodes: Vec<Node<'db>>,
    ids: FxHashMap<Call, NodeId>,
    by_item: FxHashMap<Item, Vec<NodeId>>,
    /// For each node the nodes that certainly have it in their plan, directly.
    parents: Vec<Vec<NodeId>>,
    /// For each node what it may wait for, directly.
    possible: Vec<Vec<NodeId>>,
    /// For each node what it certainly waits for.
    links: Vec<Vec<Link<'db>>>,
    memo: Memo,
}

/// A call and what it adds to the graph.
pub struct Node<'db> {
    pub call: Call,
    pub facts: &'db GraphFacts,
}

/// A certain edge.
#[derive(Clone, Copy)]
pub struct Link<'db> {
    pub to: NodeId,
    pub kind: LinkKind,
    pub site: &'db Site,
}

/// What makes an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// The task needs the other one.
    Needs,
    /// The task waits if the other one is in the plan.
    After,
    /// This task lists both as steps, one behind the other.
    StepOf(NodeId),
}

impl<'db> Network<'db> {
    /// The network of every task and service, and of the calls they make.
    pub fn of_workspace(db: &'db dyn Db) -> Self {
        let items = files(db).flat_map(|file| file.items(db).iter().copied());
        let items: Vec<Item> = items.filter(|it| super::is_node(db, *it)).collect();
        let mut network = Self {
            db,
            nodes: Vec::with_capacity(items.len()),
            ids: FxHashMap::default(),
            by_item: FxHashMap::with_capacity_and_hasher(items.len(), FxBuildHasher),
            parents: Vec::with_capacity(items.len()),
            possible: Vec::with_capacity(items.len()),
            links: Vec::with_capacity(items.len()),
            memo: Memo::default(),
        };
        for item in items {
            let facts = super::graph_facts(db, item);
            network.add(Call { item, args: facts.args.clone() }, facts);
        }
        let mut steps = Vec::new();
        let mut next = 0;
        while (next as usize) < network.nodes.len() {
            network.connect(next, &mut steps);
            next += 1;
        }
        for step in &steps {
            network.order(step);
        }
        network
    }

    /// The node an edge leads to.
    fn target(&mut self, call: &Call) -> NodeId {
        // Most calls leave everything to the defaults: then nothing needs to be made to find it.
        if let Some([root, ..]) = self.by_item.get(&call.item).map(Vec::as_slice)
            && let Some(node) = self.get(*root)
            && is_completed_by(call, &node.call.args)
        {
            return *root;
        }
        self.node(completed(self.db, call))
    }

    fn node(&mut self, call: Call) -> NodeId {
        if let Some([root, ..]) = self.by_item.get(&call.item).map(Vec::as_slice)
            && self.get(*root).is_some_and(|it| it.call.args == call.args)
        {
            return *root;
        }
        if let Some(&known) = self.ids.get(&call) {
            return known;
        }
        let same = self.by_item.get(&call.item).map_or(0, Vec::len);
        let unknown = vec![Known::Unknown; call.args.len()];
        if same >= CALLS_MAX && call.args != unknown {
            return self.node(Call { item: call.item, args: unknown });
        }
        let facts = facts_of(self.db, &call);
        self.add(call, facts)
    }

    fn add(&mut self, call: Call, facts: &'db GraphFacts) -> NodeId {
        let id = self.nodes.len() as NodeId;
        let same = self.by_item.entry(call.item).or_default();
        if !same.is_empty() {
            self.ids.insert(call.clone(), id);
        }
        same.push(id);
        self.nodes.push(Node { call, facts });
        self.parents.push(Vec::new());
        self.possible.push(Vec::new());
        self.links.push(Vec::new());
        id
    }

    fn connect(&mut self, from: NodeId, steps: &mut Vec<Step<'db>>) {
        let Some(facts) = self.get(from).map(|it| it.facts) else { return };
        let mut before: Vec<(NodeId, &'db Edge)> = Vec::new();
        for edge in &facts.edges {
            let to = self.target(&edge.target);
            push(&mut self.possible, from, to);
            if edge.reason == Reason::Steps {
                for (earlier, other) in before.iter().rev() {
                    let is_certain = edge.is_certain && other.is_certain;
                    let site = &edge.site;
                    steps.push(Step { of: from, first: *earlier, then: to, is_certain, site });
                    if other.is_certain {
                        break;
                    }
                }
                before.push((to, edge));
            }
            if edge.is_certain {
                let kind = match edge.reason {
                    Reason::After => LinkKind::After,
                    Reason::Needs | Reason::Steps | Reason::Outputs => LinkKind::Needs,
                };
                if kind == LinkKind::Needs {
                    push(&mut self.parents, to, from);
                }
                push(&mut self.links, from, Link { to, kind, site: &edge.site });
            }
        }
    }

    /// Adds what a list of steps means for the steps themselves.
    fn order(&mut self, step: &Step<'db>) {
        if step.first == step.then {
            return;
        }
        let Some(then) = self.get(step.then).map(|it| it.call.clone()) else { return };
        for same in self.by_item.get(&then.item).cloned().unwrap_or_default() {
            if same == step.then || self.get(same).is_some_and(|it| may_equal(&it.call, &then)) {
                push(&mut self.possible, same, step.first);
            }
        }
        if step.is_certain {
            let kind = LinkKind::StepOf(step.of);
            push(&mut self.links, step.then, Link { to: step.first, kind, site: step.site });
        }
    }

    /// A node.
    pub fn get(&self, id: NodeId) -> Option<&Node<'db>> {
        self.nodes.get(id as usize)
    }

    /// All nodes: first each declaration as it is called without arguments, then other calls.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node<'db>)> {
        (0..).zip(&self.nodes)
    }

    /// What a node certainly waits for.
    pub fn links(&self, id: NodeId) -> &[Link<'db>] {
        self.links.get(id as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// The calls of one declaration.
    pub fn calls_of(&self, item: Item) -> &[NodeId] {
        self.by_item.get(&item).map(Vec::as_slice).unwrap_or_default()
    }

    /// What certainly has a node in its plan, directly.
    pub fn parents(&self, id: NodeId) -> &[NodeId] {
        self.parents.get(id as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// What a node may wait for, directly.
    pub fn possible(&self, id: NodeId) -> &[NodeId] {
        self.possible.get(id as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// What was found out about reachability.
    pub fn memo(&self) -> &Memo {
        &self.memo
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }
}

/// One step of a task behind another one.
struct Step<'db> {
    of: NodeId,
    first: NodeId,
    then: NodeId,
    is_certain: bool,
    site: &'db Site,
}

/// Whether a call, with these defaults in place of what is left out, is the one without arguments.
fn is_completed_by(call: &Call, defaults: &[Known]) -> bool {
    call.args.len() == defaults.len()
        && call.args.iter().zip(defaults).all(|(given, default)| match given {
            // See `completed`: what must be given and is not is unknown.
            Known::Default => !matches!(default, Known::Symbol(..)),
            given => given == default,
        })
}

/// Whether two calls may be the same one, without being known to be.
pub fn may_equal(left: &Call, right: &Call) -> bool {
    !left.differs_from(right)
}

fn push<T>(lists: &mut [Vec<T>], at: NodeId, value: T) {
    if let Some(list) = lists.get_mut(at as usize) {
        list.push(value);
    }
}
