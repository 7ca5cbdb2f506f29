//! Those who wait for something of a supervisor's services.

use std::collections::BTreeSet;
use std::sync::Arc;

use rush_exec::ServiceBasis;
use rush_plan::NodeId;
use tokio::sync::mpsc;

use super::message::{InUse, Reply};
use super::status::{ServiceState, ServiceStatus};

/// How many answers wait for one who asked; whoever is slower is let go.
pub(super) const REPLIES_MAX: usize = 256;

/// Somebody who is told of changes.
pub(super) struct Follower {
    services: BTreeSet<NodeId>,
    until: Until,
    reply: mpsc::Sender<Reply>,
}

/// How long somebody is told of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Until each service can be used or has failed.
    Settled,
    /// Until each has ended.
    Ended,
    /// Until they hang up.
    HungUp,
}

impl Follower {
    pub(super) fn new(
        services: impl IntoIterator<Item = NodeId>,
        until: Until,
        reply: mpsc::Sender<Reply>,
    ) -> Self {
        Self { services: services.into_iter().collect(), until, reply }
    }

    /// Tells of a change; returns whether more is to be told.
    pub(super) fn hear(
        &mut self,
        status: &ServiceStatus,
        basis: Option<&Arc<ServiceBasis>>,
    ) -> bool {
        if !self.services.contains(&status.node) {
            return !self.reply.is_closed();
        }
        let is_last = match (self.until, status.state) {
            (Until::HungUp, _) | (_, ServiceState::Starting | ServiceState::Restarting) => false,
            (Until::Settled, ServiceState::Up) => true,
            (Until::Ended, ServiceState::Up) => false,
            (Until::Settled | Until::Ended, ServiceState::Failed | ServiceState::Stopped) => true,
        };
        if is_last {
            self.services.remove(&status.node);
        }
        let status = status.clone();
        let reply = match self.until {
            Until::HungUp => Reply::Used(InUse { status, basis: basis.cloned() }),
            Until::Settled | Until::Ended => Reply::Changed(status),
        };
        let is_told = self.reply.try_send(reply).is_ok();
        is_told && !self.services.is_empty()
    }
}
