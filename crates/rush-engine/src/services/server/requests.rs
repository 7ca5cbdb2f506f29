//! What a supervisor does when it is asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rush_exec::{
    Ask, Control, FailurePolicy, KeptServices, RunOptions, ServiceFingerprint, TableAhead,
    own_environment, service_fingerprints,
};
use rush_plan::{NodeId, Plan, RunId};
use rush_store::{Lineage, Recorded, Recorder, StoreError};
use rush_system::System;
use tokio::sync::mpsc;

use super::entry::now;
use super::{Active, CONTROLS_MAX, Server, Variables};
use crate::history::{Ancestry, Recording, asked, new_run_id};
use crate::results::open_results;
use crate::services::ServicesError;
use crate::services::follow::{Follower, Until};
use crate::services::message::{InUse, Reply, Request, UpRequest};
use crate::services::status::ServiceStatus;
use crate::services::surroundings::Surroundings;

impl Server {
    pub(super) fn answer(&mut self, request: Request, reply: mpsc::Sender<Reply>) {
        let answer = match request {
            Request::Status => Reply::Status(self.entries.statuses()),
            Request::Up(up) => return self.answer_up(up, &reply),
            Request::Down { services } => return self.answer_down(services, reply),
            Request::Use { services } => return self.answer_use(services, reply),
        };
        // Whoever asked and went away does not want to know.
        let _ = reply.try_send(answer);
    }

    fn answer_up(&mut self, up: UpRequest, reply: &mpsc::Sender<Reply>) {
        let UpRequest { plan, variables, environment } = up;
        let started = match Plan::from_json(plan.as_bytes()) {
            Ok(plan) => {
                let plan = Arc::new(plan);
                self.start_for(&plan, variables, environment, reply)
            }
            Err(error) => {
                let help = "another version of Rush keeps the services up; `rush down` ends it";
                Err(told(format!("the plan can't be read: {error}"), help))
            }
        };
        if let Err(error) = started {
            let (message, help) = match error {
                ServicesError::Told { message, help } => (message, help),
                other => (other.to_string(), None),
            };
            let _ = reply.try_send(Reply::Refused { message, help });
        }
    }

    fn start_for(
        &mut self,
        plan: &Arc<Plan>,
        variables: Variables,
        environment: BTreeMap<String, String>,
        reply: &mpsc::Sender<Reply>,
    ) -> Result<(), ServicesError> {
        let mut wanted: BTreeSet<NodeId> = plan.roots().map(rush_plan::Node::id).collect();
        let before: Vec<ServiceStatus> = wanted
            .iter()
            .filter_map(|it| self.entries.alive(*it))
            .map(|it| it.status().clone())
            .collect();
        let (_, complaint) = self.start(Arc::clone(plan), variables, Some(environment))?;
        for status in before {
            if status.state == crate::services::ServiceState::Up {
                wanted.remove(&status.node);
            }
            let _ = reply.try_send(Reply::Already(status));
        }
        if let Some(complaint) = complaint {
            let _ = reply.try_send(Reply::Warning(complaint));
        }
        if !wanted.is_empty() {
            self.followers.push(Follower::new(wanted, Until::Settled, reply.clone()));
        }
        Ok(())
    }

    /// Starts the services of a plan that are not up, in a run of their own. Returns also why that is not remembered.
    pub(super) fn start(
        &mut self,
        plan: Arc<Plan>,
        variables: Variables,
        environment: Option<BTreeMap<String, String>>,
    ) -> Result<(RunId, Option<String>), ServicesError> {
        let run = new_run_id(&*self.system);
        let system: Arc<dyn System> = match &environment {
            Some(it) => Arc::new(Surroundings::new(Arc::clone(&self.system), it.clone())),
            None => Arc::clone(&self.system),
        };
        let listed: Vec<_> = variables.clone().into_iter().collect();
        let mut fingerprints = service_fingerprints(&plan, &self.root, &*system, &listed);
        let kept = self.keep(&mut fingerprints)?;
        if plan.roots().all(|it| kept.contains_key(&it.id())) {
            return Ok((run, None));
        }
        self.entries.add(&plan, &run, fingerprints, now(&*self.system));
        let inherited = environment.map_or_else(own_environment, |it| {
            it.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
        });
        let mut options = RunOptions {
            on_failure: FailurePolicy::KeepGoing,
            jobs: self.system.host().cpus.max(1) as usize,
            variables,
            guard: self.guard.clone(),
            kept,
            ..RunOptions::new(run.clone(), self.root.clone(), Ask::AlwaysYes, Arc::new(inherited))
        };
        let results = open_results(&plan, &options, &*system, TableAhead::default());
        options.results.clone_from(&results);
        let (recorder, complaint) = match self.recorder(&plan, &options) {
            Ok(recorder) => (recorder, None),
            Err(error) => {
                let help = error.help();
                (None, Some(format!("the run is not remembered: {error}; {help}")))
            }
        };
        complaint.iter().for_each(|it| self.complain(it.clone()));
        let (control, heard) = mpsc::channel(CONTROLS_MAX);
        let running =
            rush_exec::run(Arc::clone(&plan), options, system.clone(), self.sink.clone(), heard);
        let active = Active { control, plan, system, variables: listed, results, recorder };
        self.active.insert(run.clone(), active);
        let name = run.clone();
        self.runs.spawn(async move { (name, running.await) });
        Ok((run, complaint))
    }

    fn complain(&self, complaint: String) {
        // We hold the other end ourselves.
        let _ = self.complaints.0.send(complaint);
    }

    /// Begins to write a run down. What can't be remembered can be kept up all the same.
    fn recorder(
        &self,
        plan: &Arc<Plan>,
        options: &RunOptions,
    ) -> Result<Option<Recorder>, StoreError> {
        let asked = format!("up {}", asked(&plan.content().goal));
        let ancestry = Ancestry { lineage: Lineage::Run, asked };
        let history = self.history;
        let prepared = Recording::prepare(&*self.system, plan, options, (ancestry, history))?;
        let Some(recording) = prepared else { return Ok(None) };
        let complaints = self.complaints.0.clone();
        let mut has_lost = false;
        recording.begin(move |recorded| {
            let complaint = match recorded {
                Recorded::UpTo(_) => return,
                // One is enough to know of; a service may write for weeks.
                Recorded::LogLost { .. } if has_lost => return,
                Recorded::LogLost { error, .. } => {
                    has_lost = true;
                    format!("a part of the log is missing: {error}; {}", error.help())
                }
                Recorded::GivenUp(error) => {
                    format!("the run is not remembered further: {error}; {}", error.help())
                }
            };
            // A supervisor that has ended tells nobody any more.
            let _ = complaints.send(complaint);
        })
    }

    /// Takes out those services that are up, and refuses if one is up differently.
    fn keep(
        &self,
        wanted: &mut BTreeMap<NodeId, ServiceFingerprint>,
    ) -> Result<KeptServices, ServicesError> {
        let mut kept = HashMap::new();
        for (node, fingerprint) in &*wanted {
            let Some(entry) = self.entries.alive(*node) else { continue };
            let differences = entry.fingerprint.differences(fingerprint);
            if !differences.is_empty() {
                return Err(different(entry.status(), &differences));
            }
            kept.insert(*node, entry.kept());
        }
        wanted.retain(|node, _| !kept.contains_key(node));
        Ok(kept)
    }

    /// Ends services and what needs them.
    fn answer_down(&mut self, services: Vec<NodeId>, reply: mpsc::Sender<Reply>) {
        let asked: BTreeSet<NodeId> = services.into_iter().collect();
        let alive = self.entries.all_alive();
        let is_concerned = |node: NodeId, reaches: &BTreeSet<NodeId>| {
            asked.contains(&node) || !reaches.is_disjoint(&asked)
        };
        let concerned: Vec<(NodeId, RunId)> = alive
            .filter(|(node, entry)| is_concerned(*node, &entry.reaches))
            .map(|(node, entry)| (node, entry.run.clone()))
            .collect();
        if concerned.is_empty() {
            return;
        }
        let nodes = concerned.iter().map(|(node, _)| *node);
        self.followers.push(Follower::new(nodes, Until::Ended, reply));
        for (node, run) in concerned {
            if let Some(active) = self.active.get(&run) {
                let _ = active.control.try_send(Control::EndService(node));
            }
        }
    }

    fn answer_use(
        &mut self,
        services: BTreeMap<NodeId, ServiceFingerprint>,
        reply: mpsc::Sender<Reply>,
    ) {
        let (mut same, mut different) = (Vec::new(), Vec::new());
        for (node, fingerprint) in services {
            let Some(entry) = self.entries.alive(node) else { continue };
            let differences = entry.fingerprint.differences(&fingerprint);
            let status = entry.status().clone();
            if differences.is_empty() {
                same.push(InUse { status, basis: entry.basis().cloned() });
            } else {
                different.push((status, differences));
            }
        }
        let nodes: Vec<NodeId> = same.iter().map(|it| it.status.node).collect();
        let _ = reply.try_send(Reply::Using { same, different });
        if !nodes.is_empty() {
            self.followers.push(Follower::new(nodes, Until::HungUp, reply));
        }
    }
}

fn told(message: String, help: &str) -> ServicesError {
    ServicesError::Told { message, help: Some(help.to_owned()) }
}

/// A service is up, but not as it is meant.
pub(in crate::services) fn different(
    status: &ServiceStatus,
    differences: &[String],
) -> ServicesError {
    let message = format!(
        "`{}` is up, but was started differently: {} changed since",
        status.call,
        differences.join(", ")
    );
    told(message, &format!("end it with `rush down {}`, and start it again", status.label))
}
