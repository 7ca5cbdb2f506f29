//! RUSH0705: two services of one plan that listen on the same port.

use std::collections::BTreeMap;

use rush_diagnostics::Diagnostic;

use super::network::{Network, NodeId};
use super::site::{label, span};
use super::{Call, Finding, Site};
use crate::db::Db;
use crate::report;

/// How many services of one port are compared.
const SERVICES_MAX: usize = 200;

/// Two services use one port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortClash {
    port: i64,
    first: Call,
    second: Call,
}

impl PortClash {
    pub fn report(&self, db: &dyn Db) -> Diagnostic {
        let place =
            |call: &Call| span(db, &Site { item: call.item, field: "ready".into(), element: None });
        let other = label(db, self.second.item, &self.first);
        report::port_clash(place(&self.second), self.port, place(&self.first), &other)
    }
}

/// Every service whose port another one of the same plan has, once.
pub fn find(network: &Network<'_>) -> Vec<Finding> {
    let mut by_port: BTreeMap<i64, Vec<NodeId>> = BTreeMap::new();
    for (id, node) in network.nodes() {
        if let Some(port) = node.facts.port {
            by_port.entry(port).or_default().push(id);
        }
    }
    let mut found = Vec::new();
    for (port, services) in by_port {
        let services: Vec<NodeId> = services.into_iter().take(SERVICES_MAX).collect();
        for (at, &second) in services.iter().enumerate() {
            let clash = services.iter().take(at).find_map(|&first| clash(network, first, second));
            found.extend(clash.map(|(first, second)| PortClash { port, first, second }));
        }
    }
    found.into_iter().map(Finding::Port).collect()
}

fn clash(network: &Network<'_>, first: NodeId, second: NodeId) -> Option<(Call, Call)> {
    network.give_way();
    let (left, right) = (network.get(first)?, network.get(second)?);
    let is_clash = left.differs_from(right) && network.share_a_plan(&[first, second]);
    is_clash.then(|| (left.call(), right.call()))
}
