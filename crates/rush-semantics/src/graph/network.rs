//! All calls of the workspace and how they wait for each other; reachability, when it is asked for.
//!
//! Two relations are kept apart. *Certain* edges are there in every plan that has the task: they put
//! two tasks into one plan, and they make circles. *Possible* edges are all there may be: a path
//! along them orders two tasks. So whatever is unknown makes the rules silent, never wrong.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::facts::{completed, facts_of, root_call};
use super::{Call, Edge, GraphFacts, Known, Reason, Site, When};
use crate::db::{Db, Item};
use crate::names::files;

/// How many calls of one declaration are told apart.
const CALLS_MAX: usize = 64;
/// How many sets of tasks are remembered at once.
const SETS_MAX: usize = 512;
/// How many tasks all searches together may look at, so that an editor gets an answer in time.
const VISITS_MAX: usize = 20_000_000;

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
    ancestors: RefCell<FxHashMap<NodeId, Rc<NodeSet>>>,
    reached: RefCell<FxHashMap<NodeId, Rc<Reached>>>,
    visits: Cell<usize>,
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

/// A set of nodes.
#[derive(Debug)]
pub struct NodeSet {
    words: Vec<u64>,
}

struct Reached {
    nodes: NodeSet,
    /// Whether anything else may be reached too.
    is_open: bool,
}

impl NodeSet {
    fn new(nodes: usize) -> Self {
        Self { words: vec![0; nodes.div_ceil(64)] }
    }

    /// Adds a node; says whether it is new.
    fn insert(&mut self, node: NodeId) -> bool {
        let bit = 1 << (node % 64);
        match self.words.get_mut(node as usize / 64) {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                true
            }
            _ => false,
        }
    }

    /// Whether a node is in the set.
    pub fn contains(&self, node: NodeId) -> bool {
        self.words.get(node as usize / 64).is_some_and(|it| it & (1 << (node % 64)) != 0)
    }

    fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(left, right)| left & right != 0)
    }

    fn retain(&mut self, other: &Self) {
        for (left, right) in self.words.iter_mut().zip(&other.words) {
            *left &= right;
        }
    }
}

impl<'db> Network<'db> {
    /// The network of every task and service, and of the calls they make.
    pub fn of_workspace(db: &'db dyn Db) -> Self {
        let mut network = Self {
            db,
            nodes: Vec::new(),
            ids: FxHashMap::default(),
            by_item: FxHashMap::default(),
            parents: Vec::new(),
            possible: Vec::new(),
            links: Vec::new(),
            ancestors: RefCell::default(),
            reached: RefCell::default(),
            visits: Cell::new(0),
        };
        for item in files(db).flat_map(|file| file.items(db).iter().copied()) {
            let is_node = matches!(item.kind(db).as_str(), "task" | "service");
            if is_node && !item.name(db).is_empty() {
                network.node(root_call(db, item));
            }
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

    fn node(&mut self, call: Call) -> NodeId {
        if let Some(&known) = self.ids.get(&call) {
            return known;
        }
        let same = self.by_item.get(&call.item).map_or(0, Vec::len);
        let unknown = vec![Known::Unknown; call.args.len()];
        if same >= CALLS_MAX && call.args != unknown {
            return self.node(Call { item: call.item, args: unknown });
        }
        let id = self.nodes.len() as NodeId;
        self.by_item.entry(call.item).or_default().push(id);
        self.ids.insert(call.clone(), id);
        self.nodes.push(Node { facts: facts_of(self.db, &call), call });
        self.parents.push(Vec::new());
        self.possible.push(Vec::new());
        self.links.push(Vec::new());
        id
    }

    fn connect(&mut self, from: NodeId, steps: &mut Vec<Step<'db>>) {
        let Some(facts) = self.get(from).map(|it| it.facts) else { return };
        let mut before: Vec<(NodeId, &'db Edge)> = Vec::new();
        for edge in &facts.edges {
            let to = self.node(completed(self.db, &edge.target));
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

    /// Whether some plan certainly has all of these.
    pub fn share_a_plan(&self, nodes: &[NodeId]) -> bool {
        let mut sets = nodes.iter().map(|it| self.ancestors(*it));
        let Some(first) = sets.next() else { return false };
        let rest: Vec<_> = sets.collect();
        match rest.as_slice() {
            [] => true,
            [second] => first.meets(second),
            more => {
                let mut common = NodeSet { words: first.words.clone() };
                more.iter().for_each(|it| common.retain(it));
                common.words.iter().any(|it| *it != 0)
            }
        }
    }

    /// Whether one of two may wait for the other.
    pub fn may_be_ordered(&self, first: NodeId, second: NodeId) -> bool {
        self.may_reach(first, second) || self.may_reach(second, first)
    }

    fn may_reach(&self, from: NodeId, to: NodeId) -> bool {
        let reached = self.reached(from);
        if reached.is_open || reached.nodes.contains(to) {
            return true;
        }
        let Some(target) = self.get(to) else { return true };
        let same = self.by_item.get(&target.call.item).map(Vec::as_slice).unwrap_or_default();
        same.iter().any(|it| {
            reached.nodes.contains(*it)
                && *it != from
                && self.get(*it).is_some_and(|it| may_equal(&it.call, &target.call))
        })
    }

    /// The node and everything that certainly has it in its plan. A task whose `when` may be false
    /// counts where it is the one that was asked for.
    fn ancestors(&self, of: NodeId) -> Rc<NodeSet> {
        if let Some(known) = self.ancestors.borrow().get(&of) {
            return known.clone();
        }
        let mut found = NodeSet::new(self.nodes.len());
        found.insert(of);
        let mut open = vec![of];
        while let Some(node) = open.pop() {
            for &parent in self.parents.get(node as usize).into_iter().flatten() {
                let runs = self.get(parent).map_or(When::Never, |it| it.facts.when);
                if runs == When::Never || !found.insert(parent) {
                    continue;
                }
                self.visits.set(self.visits.get() + 1);
                if runs == When::Always {
                    open.push(parent);
                }
            }
        }
        let found = Rc::new(found);
        remember(&self.ancestors, of, &found);
        found
    }

    fn reached(&self, from: NodeId) -> Rc<Reached> {
        if let Some(known) = self.reached.borrow().get(&from) {
            return known.clone();
        }
        let mut nodes = NodeSet::new(self.nodes.len());
        let mut is_open = self.is_exhausted();
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            is_open |= self.get(node).is_none_or(|it| it.facts.is_open);
            if is_open {
                break;
            }
            for &next in self.possible.get(node as usize).into_iter().flatten() {
                self.visits.set(self.visits.get() + 1);
                if nodes.insert(next) {
                    open.push(next);
                }
            }
        }
        let reached = Rc::new(Reached { nodes, is_open });
        remember(&self.reached, from, &reached);
        reached
    }

    /// Whether so much was searched that the rules fall silent; the plan is checked again.
    pub fn is_exhausted(&self) -> bool {
        self.visits.get() > VISITS_MAX
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

/// Whether two calls may be the same one, without being known to be.
fn may_equal(left: &Call, right: &Call) -> bool {
    !left.differs_from(right)
}

fn push<T>(lists: &mut [Vec<T>], at: NodeId, value: T) {
    if let Some(list) = lists.get_mut(at as usize) {
        list.push(value);
    }
}

fn remember<T>(memo: &RefCell<FxHashMap<NodeId, Rc<T>>>, of: NodeId, value: &Rc<T>) {
    let mut memo = memo.borrow_mut();
    if memo.len() >= SETS_MAX {
        memo.clear();
    }
    memo.insert(of, value.clone());
}
