//! The services of a supervisor, each with its state as the events of its run tell it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rush_exec::{
    Emitted, KeptState, ServiceBasis, ServiceFingerprint, ServiceLog, SupervisorDirectory,
    service_port, service_processes,
};
use rush_plan::{
    EventBody, Node, NodeId, NodeState, NoteLevel, Plan, RunId, SkipReason, Task, Timestamp,
};
use rush_system::System;
use tokio::sync::watch;

use crate::services::status::{ServiceState, ServiceStatus};

/// All services that are up, were asked for, or failed.
pub(super) struct Entries {
    directory: SupervisorDirectory,
    services: BTreeMap<NodeId, Entry>,
    /// The output of each node, also of the tasks that services need.
    logs: HashMap<NodeId, ServiceLog>,
}

/// What a service is started with.
pub(super) struct Beginning {
    pub(super) fingerprint: ServiceFingerprint,
    /// None if nothing is remembered of what it needs.
    pub(super) basis: Option<ServiceBasis>,
}

/// One service.
pub(super) struct Entry {
    status: ServiceStatus,
    pub(super) run: RunId,
    pub(super) fingerprint: ServiceFingerprint,
    /// What it was started on, once that is known.
    basis: Option<Arc<ServiceBasis>>,
    /// Told to runs that use it.
    kept: watch::Sender<KeptState>,
    /// The services that it reaches through what it needs.
    pub(super) reaches: BTreeSet<NodeId>,
}

impl Entries {
    pub(super) fn new(directory: SupervisorDirectory) -> Self {
        Self { directory, services: BTreeMap::new(), logs: HashMap::new() }
    }

    /// A service that is alive.
    pub(super) fn alive(&self, node: NodeId) -> Option<&Entry> {
        self.services.get(&node).filter(|it| it.status.state.is_alive())
    }

    /// All services that are alive.
    pub(super) fn all_alive(&self) -> impl Iterator<Item = (NodeId, &Entry)> {
        let entries = self.services.iter().map(|(node, entry)| (*node, entry));
        entries.filter(|(_, entry)| entry.status.state.is_alive())
    }

    /// Adds the services of a run that begins.
    pub(super) fn add(
        &mut self,
        plan: &Plan,
        run: &RunId,
        fingerprints: BTreeMap<NodeId, ServiceFingerprint>,
        now: Timestamp,
    ) {
        for (id, fingerprint) in fingerprints {
            let Some(node) = plan.node(id) else { continue };
            let Some(service) = node.as_service() else { continue };
            let status = ServiceStatus {
                node: id,
                label: node.label().to_owned(),
                call: node.to_string(),
                state: ServiceState::Starting,
                since: now,
                restarts: 0,
                process: None,
                port: service_port(service),
                memory_bytes: None,
                log: self.directory.log(&log_name(plan, id)).into_string(),
                problem: None,
                supervisor: std::process::id(),
            };
            let kept = watch::Sender::new(KeptState::Starting);
            let reaches = reached_services(plan, id);
            self.logs.remove(&id);
            self.services.insert(
                id,
                Entry { status, run: run.clone(), fingerprint, basis: None, kept, reaches },
            );
        }
    }

    /// Notes what a service was started with.
    pub(super) fn renew(&mut self, node: NodeId, run: &RunId, beginning: Beginning) {
        if let Some(entry) = self.services.get_mut(&node).filter(|it| it.run == *run) {
            entry.fingerprint = beginning.fingerprint;
            entry.basis = beginning.basis.map(Arc::new);
        }
    }

    /// Takes in an event, and returns the service that it changed.
    pub(super) fn hear(
        &mut self,
        emitted: &Emitted,
        plan: &Plan,
        system: &dyn System,
    ) -> Option<NodeId> {
        let node = emitted.event.node?;
        match &emitted.event.body {
            EventBody::AttemptOutput { .. } => {
                self.log(node, plan, &emitted.bytes);
                None
            }
            EventBody::Noted { level: NoteLevel::Problem, message } => {
                let entry =
                    self.services.get_mut(&node).filter(|it| it.run == emitted.event.run)?;
                entry.status.problem = Some(message.clone());
                None
            }
            EventBody::AttemptEnded { end: rush_plan::AttemptEnd::Refused { message }, .. } => {
                let entry =
                    self.services.get_mut(&node).filter(|it| it.run == emitted.event.run)?;
                entry.status.problem = Some(message.clone());
                None
            }
            EventBody::NodeChanged(state) => {
                let entry =
                    self.services.get_mut(&node).filter(|it| it.run == emitted.event.run)?;
                entry.change(state, plan, now(system)).then_some(node)
            }
            EventBody::RunStarted { .. }
            | EventBody::RunEnded { .. }
            | EventBody::NodeAdded { .. }
            | EventBody::AttemptStarted { .. }
            | EventBody::AttemptEnded { .. }
            | EventBody::Noted { .. }
            | EventBody::Unknown => None,
        }
    }

    fn log(&mut self, node: NodeId, plan: &Plan, bytes: &[u8]) {
        if !self.logs.contains_key(&node) {
            // Without a log a service is as good; what it writes is in the events, too.
            let path = self.directory.log(&log_name(plan, node));
            let Ok(log) = ServiceLog::begin(path) else { return };
            self.logs.insert(node, log);
        }
        if let Some(log) = self.logs.get_mut(&node) {
            log.write(bytes);
        }
    }

    /// Notes the end of a run, and returns the services that went with it. `refusal` says why it never began.
    pub(super) fn end_run(
        &mut self,
        run: &RunId,
        refusal: Option<&str>,
        system: &dyn System,
    ) -> Vec<NodeId> {
        let mut changed = Vec::new();
        for (node, entry) in &mut self.services {
            if entry.run != *run || !entry.status.state.is_alive() {
                continue;
            }
            entry.status.problem = refusal.map(str::to_owned);
            let state = refusal.map_or(ServiceState::Stopped, |_| ServiceState::Failed);
            entry.set(state, now(system));
            changed.push(*node);
        }
        changed
    }

    /// A service, however it is.
    pub(super) fn get(&self, node: NodeId) -> Option<&Entry> {
        self.services.get(&node)
    }

    /// Forgets a service if it was ended; one that failed is remembered.
    pub(super) fn forget_stopped(&mut self, node: NodeId) {
        if self.services.get(&node).is_some_and(|it| it.status.state == ServiceState::Stopped) {
            self.services.remove(&node);
        }
    }

    /// How all services are, with their processes.
    pub(super) fn statuses(&self) -> Vec<ServiceStatus> {
        let runs: BTreeMap<NodeId, RunId> =
            self.all_alive().map(|(node, entry)| (node, entry.run.clone())).collect();
        let processes = service_processes(&runs);
        let entries = self.services.values().map(|entry| {
            let process = processes.get(&entry.status.node);
            ServiceStatus {
                process: process.map(|it| it.process),
                memory_bytes: process.map(|it| it.memory_bytes),
                ..entry.status.clone()
            }
        });
        let mut statuses: Vec<ServiceStatus> = entries.collect();
        statuses.sort_by(|a, b| a.call.cmp(&b.call));
        statuses
    }
}

impl Entry {
    /// How it is, as far as it is known without asking the operating system.
    pub(super) const fn status(&self) -> &ServiceStatus {
        &self.status
    }

    /// What it was started on, if that is known.
    pub(super) const fn basis(&self) -> Option<&Arc<ServiceBasis>> {
        self.basis.as_ref()
    }

    /// What runs that use it are told.
    pub(super) fn kept(&self) -> watch::Receiver<KeptState> {
        self.kept.subscribe()
    }

    /// Follows the state of its node; returns whether that is a change for people.
    fn change(&mut self, state: &NodeState, plan: &Plan, now: Timestamp) -> bool {
        let next = match state {
            NodeState::Waiting { .. } | NodeState::Ready => ServiceState::Starting,
            NodeState::Running { attempt } => {
                self.status.restarts = attempt.saturating_sub(1);
                if *attempt > 1 { ServiceState::Restarting } else { ServiceState::Starting }
            }
            NodeState::Serving { .. } => ServiceState::Up,
            NodeState::BackingOff { .. } => ServiceState::Restarting,
            NodeState::Succeeded | NodeState::Cached | NodeState::Cancelled => {
                ServiceState::Stopped
            }
            NodeState::Failed { .. } | NodeState::TimedOut => ServiceState::Failed,
            NodeState::Skipped { reason } => {
                self.status.problem.get_or_insert_with(|| skipped(reason, plan));
                ServiceState::Failed
            }
            NodeState::Unknown => return false,
        };
        let is_change = next != self.status.state;
        if is_change {
            self.set(next, now);
        }
        is_change
    }

    fn set(&mut self, state: ServiceState, now: Timestamp) {
        self.status.state = state;
        self.status.since = now;
        let kept = match state {
            ServiceState::Starting | ServiceState::Restarting => KeptState::Starting,
            ServiceState::Up => {
                self.status.problem = None;
                KeptState::Up(self.basis.clone())
            }
            ServiceState::Failed => {
                let problem = self.status.problem.clone();
                KeptState::Gone(problem.unwrap_or_else(|| "it failed".to_owned()))
            }
            ServiceState::Stopped => KeptState::Gone("it was ended".to_owned()),
        };
        self.kept.send_replace(kept);
    }
}

fn skipped(reason: &SkipReason, plan: &Plan) -> String {
    match reason {
        SkipReason::Needs { node } => {
            let label = plan.node(*node).map_or_else(String::new, |it| format!("`{}`", it.label()));
            format!("it needs {label}, which failed")
        }
        SkipReason::When | SkipReason::RunFailed | SkipReason::NotNeeded | SkipReason::Unknown => {
            "something before it failed".to_owned()
        }
    }
}

/// All services from which one gets to this one, by any of the edges that need something.
pub(in crate::services) fn reached_services(plan: &Plan, from: NodeId) -> BTreeSet<NodeId> {
    let mut found = reached(plan, from);
    found.retain(|it| plan.node(*it).is_some_and(|it| it.as_service().is_some()));
    found
}

/// All nodes to which one gets from this one, by any of the edges that need something.
pub(in crate::services) fn reached(plan: &Plan, from: NodeId) -> BTreeSet<NodeId> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(node) = open.pop().and_then(|it| plan.node(it)) {
        let needed = node.edges.iter().filter(|it| it.reason.is_requirement());
        open.extend(needed.map(|it| it.node).filter(|it| seen.insert(*it)));
    }
    seen
}

/// The tasks that a node needs itself, and the members of groups among them.
pub(in crate::services) fn needed_tasks(plan: &Plan, from: NodeId) -> BTreeSet<NodeId> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(node) = open.pop().and_then(|it| plan.node(it)) {
        let is_group = |it: &Task| it.run.is_empty() && it.outputs.is_empty();
        for needed in node.edges.iter().filter(|it| it.reason.is_requirement()) {
            let task = plan.node(needed.node).and_then(Node::as_task);
            if let Some(task) = task.filter(|_| seen.insert(needed.node))
                && is_group(task)
            {
                open.push(needed.node);
            }
        }
    }
    seen
}

/// The name of a node's log: readable, and unlike that of any other.
fn log_name(plan: &Plan, node: NodeId) -> String {
    let Some(node) = plan.node(node) else { return node.to_string() };
    let label = node.label().trim_start_matches('/').trim_start_matches(':');
    let label: String = label
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() || it == '_' { it } else { '.' })
        .collect();
    if node.arguments().is_empty() && node.cell().is_empty() {
        return label;
    }
    let id = node.id().to_string();
    format!("{label}-{}", id.get(..8).unwrap_or(&id))
}

pub(super) fn now(system: &dyn System) -> Timestamp {
    let since = system.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
