//! From instances to the nodes of a plan.
//!
//! Nodes wait in a queue on the heap, so that a chain of needs of any length takes linear time and
//! no stack. A node that goes wrong does not keep the others from being looked at.

mod defaults;
mod environment;
mod fields;
mod graph;
mod origin;
mod parts;
mod paths;
mod reader;
mod sequence;
mod service;
mod task;
mod workspace;

pub(super) use workspace::sound_settings;

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use rush_plan::{
    Edge, EdgeReason, Node, NodeId, Origin, SecretDeclaration, Work, WorkspacePath,
    WorkspaceSettings,
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::expansion::Cell;
use super::session::{Eval, Place, Session, Stop};
use super::trail::Mention;
use super::value::{Reference, Value};
use super::{NODES_MAX, report};
use rush_syntax::Kind;

use crate::names::package_dir;

use origin::Sources;
use sequence::Sequence;

/// What the roots and all they need come to.
pub(super) struct Lowered {
    pub(super) nodes: Vec<Node>,
    pub(super) secrets: BTreeMap<String, SecretDeclaration>,
    pub(super) settings: WorkspaceSettings,
    pub(super) origin: Origin,
}

/// A node in the making.
struct Draft {
    cell: Rc<Cell>,
    work: Work,
    edges: Vec<(Edge, Place)>,
    mentions: Vec<Mention>,
    /// What comes first if it is in the plan.
    after: Vec<(NodeId, Place)>,
    is_skipped: bool,
}

/// In boxes: a table keeps half of its places free, and has twice as many while it grows.
type Drafts = FxHashMap<NodeId, Box<Draft>>;

/// What one declaration refers to.
#[derive(Default)]
struct Links {
    edges: Vec<(Edge, Place)>,
    /// Its `steps`, if there are two or more.
    sequence: Option<Sequence>,
    after: Vec<(NodeId, Place)>,
}

/// Lowers the roots and everything they need. Each list of roots is one call of the request.
pub(super) fn lower(session: &mut Session<'_>, roots: &[Vec<NodeId>]) -> Lowered {
    let mut lowering = Lowering {
        drafts: Drafts::default(),
        order: Vec::new(),
        queue: VecDeque::new(),
        queued: FxHashSet::default(),
        sequences: Vec::new(),
        secrets: BTreeMap::new(),
    };
    for root in roots.iter().flatten() {
        lowering.enqueue(session, *root, None);
    }
    while let Some(id) = lowering.queue.pop_front() {
        if session.is_exhausted() {
            break;
        }
        lowering.node(session, id);
    }
    check_files(session);
    lowering.finish(session, roots)
}

/// File-level checks of every file the plan reached; the list may grow on the way.
fn check_files(session: &mut Session<'_>) {
    let mut at = 0;
    while let Some(&file) = session.files.get(at) {
        session.check_file(file);
        at += 1;
    }
}

struct Lowering {
    drafts: Drafts,
    order: Vec<NodeId>,
    queue: VecDeque<NodeId>,
    queued: FxHashSet<NodeId>,
    sequences: Vec<Sequence>,
    secrets: BTreeMap<String, SecretDeclaration>,
}

impl Lowering {
    fn enqueue(&mut self, session: &mut Session<'_>, id: NodeId, at: Option<Place>) {
        if !self.queued.insert(id) {
            return;
        }
        if self.queued.len() > NODES_MAX {
            let place = at.or_else(|| {
                let cell = session.cells.get(&id)?;
                Some(Place::name_of(session.db, cell.item))
            });
            if let Some(place) = place {
                let diagnostic = report::too_many_nodes(place.span(session.db));
                session.fail(diagnostic);
            }
            self.queue.clear();
            return;
        }
        self.queue.push_back(id);
    }

    fn node(&mut self, session: &mut Session<'_>, id: NodeId) {
        let Some(cell) = session.cells.get(&id).cloned() else { return };
        let (lowered, mut trail) = session.traced(|it| it.settle(|it| lower_cell(it, &cell)));
        let mentions = std::mem::take(&mut trail.mentions);
        session.follow(trail);
        session.forget_fields(cell.instance);
        let Ok((work, links, secrets)) = lowered else { return };
        for (name, secret) in secrets {
            self.secrets.insert(name, secret);
        }
        let mut edges = links.edges;
        edges.extend(
            mentions.iter().map(|it| (Edge { node: it.node, reason: EdgeReason::Outputs }, it.at)),
        );
        for (edge, place) in &edges {
            self.enqueue(session, edge.node, Some(*place));
        }
        self.sequences.extend(links.sequence);
        let is_skipped = matches!(&work, Work::Task(task) if task.skip.is_some());
        let after = links.after;
        self.order.push(id);
        let draft = Draft { cell, work, edges, mentions, after, is_skipped };
        self.drafts.insert(id, Box::new(draft));
    }

    fn finish(mut self, session: &mut Session<'_>, roots: &[Vec<NodeId>]) -> Lowered {
        self.check_skipped(session);
        let sequences = std::mem::take(&mut self.sequences);
        for sequence in &sequences {
            for (later, earlier) in sequence.pairs() {
                let Some(draft) = self.drafts.get_mut(&later) else { continue };
                let edge = Edge { node: earlier, reason: EdgeReason::Sequence };
                draft.edges.push((edge, sequence.place));
            }
        }
        for id in &self.order {
            let Some(draft) = self.drafts.get_mut(id) else { continue };
            let after = std::mem::take(&mut draft.after);
            let known = after.into_iter().filter(|(node, _)| self.queued.contains(node));
            let edges = known.map(|(node, at)| (Edge { node, reason: EdgeReason::After }, at));
            draft.edges.extend(edges);
        }
        let order = std::mem::take(&mut self.order);
        let calls = (session.request.goal.order, roots);
        sequence::put_in_order(&mut self.drafts, &order, &sequences, calls);
        if session.is_sound() {
            graph::report_circle(session, &self.drafts, &order);
        }
        let mut sources = Sources::default();
        let is_plan = session.is_sound();
        if is_plan {
            session.forget_instances();
        }
        // There may be many, so the list is not to grow beyond what it needs.
        let mut nodes = Vec::with_capacity(order.len());
        for id in &order {
            let Some(draft) = self.drafts.remove(id).filter(|_| is_plan) else { continue };
            sources.add(session, *id, draft.cell.instance);
            nodes.push(make_node(session, *draft));
        }
        Lowered {
            nodes,
            secrets: self.secrets,
            settings: workspace::settings(session),
            origin: sources.origin,
        }
    }

    /// Nobody may read the outputs of a task that does not run.
    fn check_skipped(&self, session: &mut Session<'_>) {
        for id in &self.order {
            let Some(draft) = self.drafts.get(id) else { continue };
            for mention in &draft.mentions {
                let Some(read) = self.drafts.get(&mention.node).filter(|it| it.is_skipped) else {
                    continue;
                };
                let span = mention.at.span(session.db);
                let (user, skipped) = (&draft.cell.label, &read.cell.label);
                session.fail(report::skipped_outputs(span, user, skipped));
            }
        }
    }
}

fn make_node(session: &Session<'_>, draft: Draft) -> Node {
    let cell = draft.cell;
    let mut node =
        Node::new(cell.label.clone(), cell.arguments.clone(), cell.axes.clone(), draft.work);
    let package = package_dir(session.db, cell.item.file(session.db));
    node.package = WorkspacePath::new(package).unwrap_or_default();
    let mut seen = FxHashSet::default();
    let edges = draft.edges.into_iter().map(|(edge, _)| edge);
    node.edges = edges.filter(|edge| seen.insert(*edge)).collect();
    node
}

/// What a node does, whom it waits for, and the secrets it uses.
type LoweredCell = (Work, Links, Vec<(String, SecretDeclaration)>);

fn lower_cell(session: &mut Session<'_>, cell: &Cell) -> Eval<LoweredCell> {
    session.enter(cell.item)?;
    let mut secrets = Vec::new();
    let (work, links) = if cell.item.kind(session.db) == Kind::Service {
        let (service, links) = service::lower(session, cell, &mut secrets)?;
        (Work::Service(Box::new(service)), links)
    } else {
        let (task, links) = task::lower(session, cell, &mut secrets)?;
        (Work::Task(Box::new(task)), links)
    };
    Ok((work, links, secrets))
}

impl Session<'_> {
    /// The nodes of each reference of a list, in its order.
    fn nodes_of_list(&mut self, list: &Value, at: Place) -> Eval<Vec<Vec<NodeId>>> {
        let mut nodes = Vec::with_capacity(list.elements().len());
        let mut result = Ok(());
        for element in list.elements() {
            let Value::Reference(reference) = element else { continue };
            match self.nodes_of(reference, at) {
                Ok(found) => nodes.push(found),
                Err(stop @ Stop::Suspend(_)) => return Err(stop),
                Err(stop) => result = Err(stop),
            }
        }
        result.map(|()| nodes)
    }

    /// The nodes of a list that adds none of them to the plan. What is wrong with one is told by whoever reaches it;
    /// then there is no plan.
    fn nodes_in_order(&mut self, list: &Value, at: Place) -> Eval<Vec<NodeId>> {
        let mut nodes = Vec::with_capacity(list.elements().len());
        for element in list.elements() {
            let Value::Reference(reference) = element else { continue };
            let (expansion, trail) = self.traced(|it| it.expand(reference));
            match expansion {
                Err(Stop::Failed) => {}
                expansion => {
                    self.follow(trail);
                    nodes.extend(self.selected(reference, &expansion?, at)?);
                }
            }
        }
        Ok(nodes)
    }

    /// The node of one reference to what needs nothing to be chosen.
    pub(super) fn reference_nodes(
        &mut self,
        reference: &Reference,
        at: Place,
    ) -> Eval<Vec<NodeId>> {
        self.settle(|session| session.nodes_of(reference, at))
    }
}

fn edges(nodes: &[Vec<NodeId>], reason: EdgeReason, at: Place) -> Vec<(Edge, Place)> {
    nodes.iter().flatten().map(|node| (Edge { node: *node, reason }, at)).collect()
}
