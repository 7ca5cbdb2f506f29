//! Services that stay up between the runs of one process, and are started anew when something about them changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use camino::Utf8PathBuf;
use rush_exec::{Emitted, GuardProgram, ServiceFingerprint, service_fingerprints};
use rush_plan::{EdgeReason, EventBody, Glob, Node, NodeId, NodeState, Plan, program_files};
use rush_system::System;
use tokio::sync::mpsc;

use super::follow::REPLIES_MAX;
use super::message::{Reply, Request, UpRequest};
use super::server::{Attendant, Supervision, needed_tasks, reached, reached_services};
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
    /// What ended well beside the services since they were last asked for.
    succeeded: Arc<Mutex<BTreeSet<NodeId>>>,
    output: (mpsc::Sender<Emitted>, mpsc::Receiver<Emitted>),
}

/// What a run wants of services.
pub(crate) struct Wanted<'a> {
    /// The plan, whose questions are answered.
    pub(crate) plan: &'a Plan,
    pub(crate) variables: &'a BTreeMap<String, String>,
    pub(crate) guard: Option<&'a GuardProgram>,
    /// The tasks that may make something else than they did.
    pub(crate) stale: &'a BTreeSet<NodeId>,
}

/// What became of the services of a plan.
#[derive(Default)]
pub(crate) struct Provided {
    /// Those that were started, with how they are.
    pub(crate) started: Vec<ServiceStatus>,
    /// Those that were ended since they changed.
    pub(crate) renewed: BTreeSet<NodeId>,
    /// The tasks that ran for them, just now, and ended well.
    pub(crate) done: BTreeSet<NodeId>,
}

impl Attended {
    pub(crate) fn new(system: Arc<dyn System>, root: Utf8PathBuf) -> Self {
        let output = mpsc::channel(OUTPUT_MAX);
        Self { system, root, attendant: None, succeeded: Arc::default(), output }
    }

    /// Waits for the next output of a service.
    pub(crate) async fn output(&mut self) -> Emitted {
        match self.output.1.recv().await {
            Some(emitted) => emitted,
            None => std::future::pending().await,
        }
    }

    /// Sees to it that the services of a plan are up as the plan wants them, and no others. One that is made of what
    /// tasks make that run again is ended first, and begins with what those make. Does nothing where another process
    /// keeps services up: then the run uses those.
    pub(crate) async fn provide(&mut self, asked: &Wanted<'_>) -> Provided {
        let Wanted { plan, variables, guard, stale } = *asked;
        let mut provided = Provided::default();
        let has_services = plan.nodes().iter().any(|it| it.as_service().is_some());
        if !has_services && self.attendant.is_none() {
            return provided;
        }
        let Some(asker) = self.asker(guard) else { return provided };
        let listed: Vec<_> = variables.clone().into_iter().collect();
        let wanted = service_fingerprints(plan, &self.root, &*self.system, &listed);
        let (mut up, mut outdated) = find(&asker, &wanted).await;
        outdated.extend(up.iter().filter(|it| is_made_by(plan, **it, stale)));
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
            // What needs them has ended with them.
            up = find(&asker, &wanted).await.0;
        }
        // What is behind services that stay up is left to the run, which looks at it as at anything else.
        let Some(part) = part_to_start(plan, &up) else { return provided };
        self.succeeded.lock().unwrap_or_else(PoisonError::into_inner).clear();
        provided.started = self.up(&asker, &part, variables).await;
        if provided.started.iter().all(|it| it.state == ServiceState::Up) {
            // Others are run again, so that it is told how they end.
            let succeeded = self.succeeded.lock().unwrap_or_else(PoisonError::into_inner);
            let tasks = part.nodes().iter().filter(|it| it.as_task().is_some()).map(Node::id);
            provided.done = tasks.filter(|it| succeeded.contains(it)).collect();
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
            let succeeded = Arc::clone(&self.succeeded);
            let hear = move |heard: Heard<'_>| {
                let Heard::Event(emitted) = heard else { return };
                match (&emitted.event.body, emitted.event.node) {
                    // Nobody waits for a screen: what has no room is in the service's log.
                    (EventBody::AttemptOutput { .. }, _) => drop(sink.try_send(emitted.clone())),
                    (
                        EventBody::NodeChanged(NodeState::Succeeded | NodeState::Cached),
                        Some(it),
                    ) => {
                        succeeded.lock().unwrap_or_else(PoisonError::into_inner).insert(it);
                    }
                    _ => {}
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

/// Which of these services are up as they are wanted, and which differently.
async fn find(
    asker: &Asker,
    wanted: &BTreeMap<NodeId, ServiceFingerprint>,
) -> (BTreeSet<NodeId>, BTreeSet<NodeId>) {
    let (mut up, mut outdated) = (BTreeSet::new(), BTreeSet::new());
    for reply in ask(asker, Request::Use { services: wanted.clone() }, Answers::First).await {
        if let Reply::Using { same, different } = reply {
            up.extend(same.iter().map(|it| it.status.node));
            outdated.extend(different.iter().map(|(status, _)| status.node));
        }
    }
    (up, outdated)
}

/// Whether one of these tasks makes what a service is made of: it needs the task, and the result is remembered, or the
/// service runs or reads what the task makes.
fn is_made_by(plan: &Plan, service: NodeId, tasks: &BTreeSet<NodeId>) -> bool {
    let Some(declared) = plan.node(service).and_then(Node::as_service) else { return false };
    let mut reads = globs(declared.inputs.as_deref().unwrap_or_default());
    let program = declared.run.program();
    let files = program.map(|it| program_files(it, &declared.dir, &declared.bin));
    reads.extend(files.iter().flatten().map(Glob::literal));
    let needed = needed_tasks(plan, service);
    let makers = reached(plan, service).into_iter().filter(|it| tasks.contains(it));
    let mut makers = makers.filter_map(|it| Some((it, plan.node(it)?.as_task()?)));
    makers.any(|(maker, task)| {
        let made = globs(&task.outputs);
        let is_known = task.inputs.is_some() && needed.contains(&maker);
        is_known && !made.is_empty()
            || made.iter().any(|made| reads.iter().any(|it| it.intersects(made)))
    })
}

/// The patterns with all below what they match, without the exclusions.
fn globs(texts: &[String]) -> Vec<Glob> {
    let globs = texts.iter().filter_map(|it| Glob::parse(it).ok());
    globs.filter(|it| !it.is_negated()).map(|it| it.with_contents()).collect()
}

/// The part of a plan that brings up the services that are not, `None` if all are. Of services that are up it has
/// themselves and the services behind them, and none of the tasks there.
fn part_to_start(plan: &Plan, up: &BTreeSet<NodeId>) -> Option<Plan> {
    let services = plan.nodes().iter().filter(|it| it.as_service().is_some()).map(Node::id);
    let missing: Vec<NodeId> = services.filter(|it| !up.contains(it)).collect();
    if missing.is_empty() {
        return None;
    }
    let mut draft = plan.clone().into_draft();
    for node in draft.content.nodes.iter_mut().filter(|it| up.contains(&it.id())) {
        let behind = reached_services(plan, node.id());
        node.edges.clear();
        behind.into_iter().for_each(|it| node.add_edge(it, EdgeReason::Needs));
    }
    let edges: HashMap<NodeId, Vec<NodeId>> = draft.content.nodes.iter().map(edges_of).collect();
    let mut reached: BTreeSet<NodeId> = missing.iter().copied().collect();
    let mut open = missing.clone();
    while let Some(node) = open.pop() {
        let before = edges.get(&node).into_iter().flatten().copied();
        open.extend(before.filter(|it| reached.insert(*it)));
    }
    draft.content.roots = missing;
    draft.content.nodes.retain(|it| reached.contains(&it.id()));
    draft.build().ok()
}

fn edges_of(node: &Node) -> (NodeId, Vec<NodeId>) {
    (node.id(), node.edges.iter().map(|it| it.node).collect())
}
