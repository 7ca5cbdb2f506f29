//! All calls of the workspace and how they wait for each other; reachability, when it is asked for.
//!
//! Two relations are kept apart. *Certain* edges are there in every plan that has the task: they put
//! two tasks into one plan, and they make circles. *Possible* edges are all there may be: a path
//! along them orders two tasks. So whatever is unknown makes the rules silent, never wrong.

use std::collections::hash_map::Entry;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::facts::{completed, facts_of};
use super::lists::Lists;
use super::reach::Memo;
use super::{Arguments, Call, Edge, GraphFacts, Known, Reason, Site};
use crate::db::{Db, Item};
use crate::names::files;

/// How many calls of one declaration are told apart.
const CALLS_MAX: usize = 64;

/// The number of a call in its network.
pub type NodeId = u32;

/// All calls of a workspace.
pub struct Network<'db> {
    pub db: &'db dyn Db,
    /// The database whose question is answered.
    asker: &'db dyn Db,
    nodes: Vec<Node<'db>>,
    /// For each declaration its first call: the one without arguments, if it is part of the graph.
    roots: FxHashMap<Item, NodeId>,
    /// The other calls of declarations that have some.
    variants: FxHashMap<Item, Vec<NodeId>>,
    ids: FxHashMap<Call, NodeId>,
    /// For each node the nodes that certainly have it in their plan, directly.
    parents: Lists<NodeId>,
    /// For each node what it may wait for, directly.
    possible: Lists<NodeId>,
    /// For each node what it certainly waits for.
    links: Lists<Link<'db>>,
    /// Of the steps of one task, each with the one behind it.
    steps: Vec<(NodeId, NodeId)>,
    memo: Memo,
}

/// A call and what it adds to the graph; its arguments are those of the facts.
pub struct Node<'db> {
    pub item: Item,
    pub facts: &'db GraphFacts,
}

impl Node<'_> {
    /// The call by itself.
    pub fn call(&self) -> Call {
        Call { item: self.item, args: self.facts.args.clone() }
    }

    /// Whether two calls can't be the same.
    pub fn differs_from(&self, other: &Self) -> bool {
        let mut args = self.facts.args.iter().zip(&other.facts.args);
        self.item != other.item || args.any(|(left, right)| left.differs_from(right))
    }

    /// The arguments in which two calls of one declaration are not the same.
    pub fn differing(&self, other: &Self) -> Arguments {
        if self.item != other.item {
            return Arguments::ANY;
        }
        let pairs = self.facts.args.iter().zip(&other.facts.args).enumerate();
        let differing = pairs.filter(|(_, (left, right))| left != right);
        differing.fold(Arguments::NONE, |all, (at, _)| all.and(Arguments::only(at)))
    }
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

/// The edges of a network, in the order in which they are found.
#[derive(Default)]
struct Edges<'db> {
    parents: Vec<(NodeId, NodeId)>,
    possible: Vec<(NodeId, NodeId)>,
    links: Vec<(NodeId, Link<'db>)>,
    steps: Vec<Step<'db>>,
}

impl<'db> Network<'db> {
    /// The network of every task and service, and of the calls they make; see [`Network::give_way`] for who asks.
    pub fn of_workspace(db: &'db dyn Db, asker: &'db dyn Db) -> Self {
        let items = files(db).flat_map(|file| file.items(db).iter().copied());
        let items: Vec<Item> = items.filter(|it| super::is_node(db, *it)).collect();
        let mut network = Self {
            db,
            asker,
            nodes: Vec::with_capacity(items.len()),
            roots: FxHashMap::with_capacity_and_hasher(items.len(), FxBuildHasher),
            variants: FxHashMap::default(),
            ids: FxHashMap::default(),
            parents: Lists::default(),
            possible: Lists::default(),
            links: Lists::default(),
            steps: Vec::new(),
            memo: Memo::default(),
        };
        for item in items {
            network.give_way();
            network.add(item, super::graph_facts(db, item));
        }
        let mut edges = Edges::default();
        let mut next = 0;
        while (next as usize) < network.nodes.len() {
            network.give_way();
            network.connect(next, &mut edges);
            next += 1;
        }
        let steps = std::mem::take(&mut edges.steps);
        for step in &steps {
            network.order(step, &mut edges);
        }
        network.steps = steps.iter().map(|it| (it.first, it.then)).collect();
        network.parents = Lists::new(network.len(), &edges.parents);
        network.possible = Lists::new(network.len(), &edges.possible);
        network.links = Lists::new(network.len(), &edges.links);
        network
    }

    /// Ends the search when somebody waits to write to the database that asked. A search looks at pairs of tasks, of
    /// which there may be many, and asks no query in between that would hear of it; so each of its steps calls this.
    pub fn give_way(&self) {
        self.asker.unwind_if_revision_cancelled();
    }

    /// The node an edge leads to.
    fn target(&mut self, call: &Call) -> NodeId {
        // Most calls leave everything to the defaults: then nothing needs to be made to find it.
        if let Some((root, node)) = self.root(call.item)
            && is_completed_by(call, &node.facts.args)
        {
            return root;
        }
        self.node(completed(self.db, call))
    }

    fn node(&mut self, call: Call) -> NodeId {
        if let Some((root, node)) = self.root(call.item)
            && node.facts.args == call.args
        {
            return root;
        }
        if let Some(&known) = self.ids.get(&call) {
            return known;
        }
        let unknown = vec![Known::Unknown; call.args.len()];
        if self.calls_of(call.item).count() >= CALLS_MAX && call.args != unknown {
            return self.node(Call { item: call.item, args: unknown });
        }
        let facts = facts_of(self.db, &call);
        let id = self.add(call.item, facts);
        self.ids.insert(call, id);
        id
    }

    fn root(&self, item: Item) -> Option<(NodeId, &Node<'db>)> {
        let root = *self.roots.get(&item)?;
        Some((root, self.get(root)?))
    }

    fn add(&mut self, item: Item, facts: &'db GraphFacts) -> NodeId {
        let id = self.nodes.len() as NodeId;
        match self.roots.entry(item) {
            Entry::Vacant(root) => drop(root.insert(id)),
            Entry::Occupied(_) => self.variants.entry(item).or_default().push(id),
        }
        self.nodes.push(Node { item, facts });
        id
    }

    fn connect(&mut self, from: NodeId, edges: &mut Edges<'db>) {
        let Some(facts) = self.get(from).map(|it| it.facts) else { return };
        let mut before: Vec<(NodeId, &'db Edge)> = Vec::new();
        for edge in &facts.edges {
            let to = self.target(&edge.target);
            edges.possible.push((from, to));
            if edge.reason == Reason::Steps {
                for (earlier, other) in before.iter().rev() {
                    let is_certain = edge.is_certain && other.is_certain;
                    let site = &edge.site;
                    let step = Step { of: from, first: *earlier, then: to, is_certain, site };
                    edges.steps.push(step);
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
                    edges.parents.push((to, from));
                }
                edges.links.push((from, Link { to, kind, site: &edge.site }));
            }
        }
    }

    /// Adds what a list of steps means for the steps themselves.
    fn order(&self, step: &Step<'db>, edges: &mut Edges<'db>) {
        if step.first == step.then {
            return;
        }
        let Some(then) = self.get(step.then) else { return };
        let same = self.calls_of(then.item).filter(|it| {
            *it == step.then || self.get(*it).is_some_and(|it| !it.differs_from(then))
        });
        edges.possible.extend(same.map(|it| (it, step.first)));
        if step.is_certain {
            let kind = LinkKind::StepOf(step.of);
            edges.links.push((step.then, Link { to: step.first, kind, site: step.site }));
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
        self.links.of(id)
    }

    /// The calls of one declaration.
    pub fn calls_of(&self, item: Item) -> impl Iterator<Item = NodeId> {
        let variants = self.variants.get(&item).into_iter().flatten();
        self.roots.get(&item).into_iter().chain(variants).copied()
    }

    /// What certainly has a node in its plan, directly.
    pub fn parents(&self, id: NodeId) -> &[NodeId] {
        self.parents.of(id)
    }

    /// What a node may wait for, directly.
    pub fn possible(&self, id: NodeId) -> &[NodeId] {
        self.possible.of(id)
    }

    /// Of the steps of one task, each with the one behind it. What the later brings along waits as well, unless the
    /// earlier waits for it.
    pub fn steps(&self) -> &[(NodeId, NodeId)] {
        &self.steps
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
