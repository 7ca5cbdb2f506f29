//! RUSH0705 in a plan: two services that one task has behind it, and that listen on the same port.
//!
//! Here every port is known. Services of which each has tasks of its own are no finding: the first may have
//! ended before the second begins.

use std::collections::BTreeMap;

use rush_plan::{Node, NodeId, Probe, Work};
use rustc_hash::{FxHashMap, FxHashSet};

use super::session::{Place, Session};
use crate::graph::local_port;
use crate::report;

/// Reports each service whose port another one has, once.
pub(super) fn check(session: &mut Session<'_>, nodes: &[Node]) {
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
    let dependants = Dependants::of(nodes);
    for (port, services) in by_port {
        let behind: Vec<_> = services.iter().map(|it| dependants.above(it.id())).collect();
        let mut known = services.iter().zip(&behind);
        while let Some((second, above)) = known.next_back() {
            let clash = known.clone().find(|(_, it)| !it.is_disjoint(above));
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

/// For each node those that need it.
struct Dependants(FxHashMap<NodeId, Vec<NodeId>>);

impl Dependants {
    fn of(nodes: &[Node]) -> Self {
        let mut all: FxHashMap<NodeId, Vec<NodeId>> = FxHashMap::default();
        for node in nodes {
            for edge in node.edges.iter().filter(|it| it.reason.is_requirement()) {
                all.entry(edge.node).or_default().push(node.id());
            }
        }
        Self(all)
    }

    /// A node and everything that has it behind it.
    fn above(&self, node: NodeId) -> FxHashSet<NodeId> {
        let mut found = FxHashSet::from_iter([node]);
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            let next = self.0.get(&node).into_iter().flatten();
            open.extend(next.copied().filter(|it| found.insert(*it)));
        }
        found
    }
}
