//! RUSH0502: a task that reads the outputs of one that never runs.

use rush_diagnostics::Diagnostic;

use super::facts::completed;
use super::network::Network;
use super::site::{label, mention_span, span};
use super::{Call, Finding, Reason, Site, When};
use crate::db::Db;
use crate::report;

/// A task reads outputs that nobody writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    reader: Call,
    of: Call,
    site: Site,
}

impl Skipped {
    pub fn report(&self, db: &dyn Db) -> Diagnostic {
        let item = self.site.item;
        let when = Site { item: self.of.item, field: "when".into(), element: None };
        report::skipped_outputs(
            mention_span(db, &self.site, self.of.item),
            &label(db, item, &self.reader),
            &label(db, item, &self.of),
            span(db, &when),
        )
    }
}

/// Every certain reading of outputs of a task whose `when` is false.
pub fn find(network: &Network<'_>) -> Vec<Finding> {
    let mut found: Vec<Skipped> = Vec::new();
    for (_, node) in network.nodes().filter(|(_, it)| it.facts.when == When::Always) {
        let reads = node.facts.edges.iter();
        for edge in reads.filter(|it| it.reason == Reason::Outputs && it.is_certain) {
            network.give_way();
            let of = completed(network.db, &edge.target);
            let facts = super::facts::facts_of(network.db, &of);
            let is_new = found.iter().all(|it| it.site != edge.site || it.of.item != of.item);
            if facts.when == When::Never && is_new {
                let reader = node.call();
                found.push(Skipped { reader, of, site: edge.site.clone() });
            }
        }
    }
    found.into_iter().map(Finding::Skipped).collect()
}
