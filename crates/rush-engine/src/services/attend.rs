//! Services that stay up between the runs of one process, and are started anew when something about them changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::Utf8PathBuf;
use rush_exec::{Emitted, GuardProgram, service_fingerprints};
use rush_plan::{EventBody, Node, NodeId, Plan};
use rush_system::System;
use tokio::sync::mpsc;

use super::follow::REPLIES_MAX;
use super::message::{Reply, Request, UpRequest};
use super::server::{Attendant, Supervision};
use super::status::{ServiceState, ServiceStatus};
use crate::run::Heard;
use crate::unread::Unread;

/// How much output may wait to be shown.
const OUTPUT_MAX: usize = 1024;

/// The services of a process that runs again and again.
pub(crate) struct Attended {
    system: Arc<dyn System>,
    root: Utf8PathBuf,
    attendant: Option<Attendant>,
    output: (mpsc::Sender<Emitted>, mpsc::Receiver<Emitted>),
}

/// What became of the services of a plan.
#[derive(Default)]
pub(crate) struct Provided {
    /// Those that were started, with how they are.
    pub(crate) started: Vec<ServiceStatus>,
    /// Those that were ended since they changed.
    pub(crate) renewed: BTreeSet<NodeId>,
    /// The tasks that ran for them, just now.
    pub(crate) done: BTreeSet<NodeId>,
}

impl Attended {
    pub(crate) fn new(system: Arc<dyn System>, root: Utf8PathBuf) -> Self {
        Self { system, root, attendant: None, output: mpsc::channel(OUTPUT_MAX) }
    }

    /// Waits for the next output of a service.
    pub(crate) async fn output(&mut self) -> Emitted {
        match self.output.1.recv().await {
            Some(emitted) => emitted,
            None => std::future::pending().await,
        }
    }

    /// Sees to it that the services of a plan, whose questions are answered, are up as the plan wants them, and no
    /// others. Does nothing where another
    /// process keeps services up: then the run uses those.
    pub(crate) async fn provide(
        &mut self,
        plan: &Plan,
        variables: &BTreeMap<String, String>,
        guard: Option<&GuardProgram>,
    ) -> Provided {
        let mut provided = Provided::default();
        let part = services_part(plan);
        if part.is_none() && self.attendant.is_none() {
            return provided;
        }
        let Some(asker) = self.asker(guard) else { return provided };
        let listed: Vec<_> = variables.clone().into_iter().collect();
        let wanted = service_fingerprints(plan, &self.root, &*self.system, &listed);
        let (mut outdated, mut up) = (BTreeSet::new(), BTreeSet::new());
        for reply in ask(&asker, Request::Use { services: wanted.clone() }, Answers::First).await {
            if let Reply::Using { same, different } = reply {
                up.extend(same.iter().map(|it| it.node));
                outdated.extend(different.iter().map(|(status, _)| status.node));
            }
        }
        provided.renewed.clone_from(&outdated);
        for reply in ask(&asker, Request::Status, Answers::First).await {
            if let Reply::Status(statuses) = reply {
                let others = statuses.iter().filter(|it| !wanted.contains_key(&it.node));
                outdated.extend(others.map(|it| it.node));
            }
        }
        if !outdated.is_empty() {
            let services = outdated.into_iter().collect();
            ask(&asker, Request::Down { services }, Answers::All).await;
        }
        // Where nothing has to start, nothing ran: what changed of the tasks behind a service is left to the run.
        let Some(part) = part.filter(|_| wanted.keys().any(|it| !up.contains(it))) else {
            return provided;
        };
        provided.started = self.up(&asker, &part, variables).await;
        if provided.started.iter().all(|it| it.state == ServiceState::Up) {
            let tasks = part.nodes().iter().filter(|it| it.as_task().is_some());
            provided.done = tasks.map(Node::id).collect();
        }
        provided
    }

    async fn up(
        &self,
        asker: &Asker,
        part: &Plan,
        variables: &BTreeMap<String, String>,
    ) -> Vec<ServiceStatus> {
        let request = Request::Up(UpRequest {
            plan: String::from_utf8_lossy(&part.to_json()).into_owned(),
            variables: variables.clone(),
            environment: self.system.env_vars(),
        });
        let mut last = BTreeMap::new();
        for reply in ask(asker, request, Answers::All).await {
            if let Reply::Changed(status) = reply {
                last.insert(status.node, status);
            }
        }
        last.into_values().collect()
    }

    fn asker(&mut self, guard: Option<&GuardProgram>) -> Option<Asker> {
        if self.attendant.as_ref().is_none_or(Attendant::is_gone) {
            let supervision = Supervision {
                root: self.root.clone(),
                guard: guard.cloned(),
                history: None,
                first: None,
                unread: Unread::default(),
            };
            let sink = self.output.0.clone();
            let hear = move |heard: Heard<'_>| {
                if let Heard::Event(emitted) = heard
                    && matches!(emitted.event.body, EventBody::AttemptOutput { .. })
                {
                    // Nobody waits for a screen: what has no room is in the service's log.
                    let _ = sink.try_send(emitted.clone());
                }
            };
            let begun = Attendant::begin(supervision, Arc::clone(&self.system), hear);
            self.attendant = begun.inspect_err(|error| tracing::debug!("{error}")).ok();
        }
        self.attendant.as_ref().map(|it| it.asker.clone())
    }

    /// Ends all of them; once more kills those that do not end.
    pub(crate) fn stop(&self) {
        if let Some(attendant) = &self.attendant {
            attendant.stop();
        }
    }

    /// Whether none is left.
    pub(crate) fn is_gone(&self) -> bool {
        self.attendant.as_ref().is_none_or(Attendant::is_gone)
    }
}

type Asker = mpsc::Sender<super::server::Question>;

/// Which answers somebody waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    First,
    All,
}

async fn ask(asker: &Asker, request: Request, answers: Answers) -> Vec<Reply> {
    let (reply, mut replies) = mpsc::channel(REPLIES_MAX);
    if asker.send((request, reply)).await.is_err() {
        return Vec::new();
    }
    let mut heard = Vec::new();
    while let Some(reply) = replies.recv().await {
        heard.push(reply);
        if answers == Answers::First {
            break;
        }
    }
    heard
}

/// The part of a plan that its services are; `None` without any.
fn services_part(plan: &Plan) -> Option<Plan> {
    let services = plan.nodes().iter().filter(|it| it.as_service().is_some()).map(Node::id);
    let services: Vec<NodeId> = services.collect();
    if services.is_empty() {
        return None;
    }
    let mut reached: BTreeSet<NodeId> = services.iter().copied().collect();
    let mut open = services.clone();
    while let Some(node) = open.pop().and_then(|it| plan.node(it)) {
        open.extend(node.edges.iter().map(|it| it.node).filter(|it| reached.insert(*it)));
    }
    let mut draft = plan.clone().into_draft();
    draft.content.roots = services;
    draft.content.nodes.retain(|it| reached.contains(&it.id()));
    draft.build().ok()
}
