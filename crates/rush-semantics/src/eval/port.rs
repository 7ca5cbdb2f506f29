//! RUSH0705 in a plan: two services that are up at once, and that listen on the same port.
//!
//! Here every port is known. Services are up at once if one task has both behind it, or if somebody asked for both.
//! Services of which each has tasks of its own are no finding: the first may have ended before the second begins.

use std::collections::BTreeMap;

use rush_plan::{Node, NodeId, Probe, Work};
use rustc_hash::{FxHashMap, FxHashSet};

use super::session::{Place, Session};
use crate::graph::local_port;
use crate::report;

/// Reports each service whose port another one has, once. The roots are what somebody asked for.
pub(super) fn check(session: &mut Session<'_>, nodes: &[Node], roots: &[Vec<NodeId>]) {
    let mut by_port: BTreeMap<i64, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        if let Some(port) = port(node) {
            by_port.entry(port).or_default().push(node);
        }
    }
    by_port.retain(|_, services| services.len() > 1);
    if by_port.is_empty() {
        return;
    }
    let dependants = Dependants::of(nodes, roots);
    for (port, services) in by_port {
        let behind: Vec<_> = services.iter().map(|it| dependants.above(it.id())).collect();
        let mut known = services.iter().zip(&behind);
        while let Some((second, above)) = known.next_back() {
            let clash = known.clone().find(|(_, it)| it.meets(above));
            if let Some((first, _)) = clash {
                clashes(session, port, (first, second));
            }
        }
    }
}

fn clashes(session: &mut Session<'_>, port: i64, (first, second): (&Node, &Node)) {
    let (Some(here), Some(there)) = (ready(session, second), ready(session, first)) else { return };
    let (here, there) = (here.span(session.db), there.span(session.db));
    session.fail(report::port_clash(here, port, there, &first.to_string()));
}

fn ready(session: &mut Session<'_>, node: &Node) -> Option<Place> {
    let instance = session.cells.get(&node.id())?.instance;
    Some(session.field_or_name_place(instance, "ready"))
}

/// The port on which a service is asked whether it is ready.
fn port(node: &Node) -> Option<i64> {
    let Work::Service(service) = &node.work else { return None };
    match &service.ready.as_ref()?.probe {
        Probe::Tcp { port } => Some(i64::from(*port)),
        Probe::Http { url, .. } => local_port(url),
        Probe::Exec { .. } | Probe::Log { .. } => None,
    }
}

/// Who needs what.
struct Dependants {
    /// For each node those that need it.
    of: FxHashMap<NodeId, Vec<NodeId>>,
    /// The services that somebody asked for, who has them up for as long as he likes.
    asked: FxHashSet<NodeId>,
}

/// Who has a service behind it.
struct Above {
    /// The service and all that need it, also through others.
    nodes: FxHashSet<NodeId>,
    /// Whether a service is among them that somebody asked for.
    is_asked: bool,
}

impl Dependants {
    fn of(nodes: &[Node], roots: &[Vec<NodeId>]) -> Self {
        let mut of: FxHashMap<NodeId, Vec<NodeId>> = FxHashMap::default();
        for node in nodes {
            for edge in node.edges.iter().filter(|it| it.reason.is_requirement()) {
                of.entry(edge.node).or_default().push(node.id());
            }
        }
        let is_service = |it: &&Node| matches!(it.work, Work::Service(_));
        let services: FxHashSet<NodeId> = nodes.iter().filter(is_service).map(Node::id).collect();
        let roots = roots.iter().flatten().copied();
        Self { of, asked: roots.filter(|it| services.contains(it)).collect() }
    }

    fn above(&self, node: NodeId) -> Above {
        let mut nodes = FxHashSet::from_iter([node]);
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            let next = self.of.get(&node).into_iter().flatten();
            open.extend(next.copied().filter(|it| nodes.insert(*it)));
        }
        let is_asked = !nodes.is_disjoint(&self.asked);
        Above { nodes, is_asked }
    }
}

impl Above {
    /// Whether there is a time when both services are up.
    fn meets(&self, other: &Self) -> bool {
        self.is_asked && other.is_asked || !self.nodes.is_disjoint(&other.nodes)
    }
}
