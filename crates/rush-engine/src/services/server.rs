//! The supervisor: carries out the plans of `rush up`, answers questions, and ends with its last service.
//!
//! One loop owns everything; runs, conversations and signals are heard through channels. What a service is doing is
//! learned from the events of its run, as every other reader of them would.

mod entry;
mod requests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use rush_exec::{
    Connection, Control, Emitted, GuardProgram, Results, RunError, RunSummary, SupervisorClaim,
    SupervisorDirectory, service_fingerprint,
};
use rush_plan::{EventBody, NodeId, NodeState, Plan, RunId};
use rush_project::History;
use rush_store::Recorder;
use rush_system::{StateDirectory, System};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::ServicesError;
use super::client::Up;
use super::follow::{Follower, REPLIES_MAX};
use super::message::{Reply, Request};
use crate::run::{Heard, TICK};
use crate::unread::Unread;
use entry::{Beginning, Entries};
pub(super) use entry::{needed_tasks, reached, reached_services};
pub(super) use requests::different;

/// How many events of all runs may wait.
const EVENTS_MAX: usize = 1024;

/// How many words may wait for one run.
const CONTROLS_MAX: usize = 64;

/// How many questions may wait.
const QUESTIONS_MAX: usize = 64;

/// How long a supervisor without anything to do waits for its first question.
const FIRST_QUESTION_MAX: Duration = Duration::from_secs(30);

/// How long those who still listen are waited for at the end.
const LAST_WORDS_MAX: Duration = Duration::from_secs(2);

/// What a supervisor is for.
pub struct Supervision {
    /// The root of the workspace.
    pub root: Utf8PathBuf,
    /// What ends the services if the supervisor is killed.
    pub guard: Option<GuardProgram>,
    /// How much is remembered of runs; `None` remembers nothing.
    pub history: Option<History>,
    /// What it is to start by itself; `None` waits for others to ask.
    pub first: Option<Up>,
    /// Ends all services, as a request to terminate would.
    pub unread: Unread,
}

/// A question, and where the answers go.
pub(super) type Question = (Request, mpsc::Sender<Reply>);

/// How long a supervisor stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tenure {
    /// Until its last service has ended.
    ServicesLast,
    /// Until it is told to go.
    Told,
}

/// What a supervisor listens to besides those who call.
struct Ears {
    tenure: Tenure,
    heard: mpsc::Receiver<Control>,
    asker: mpsc::Sender<Question>,
    questions: mpsc::Receiver<Question>,
}

/// A run that goes on.
struct Active {
    control: mpsc::Sender<Control>,
    plan: Arc<Plan>,
    /// Whose variables and files its services are given, and the variables that were set for the run.
    system: Arc<dyn System>,
    variables: Vec<(String, String)>,
    /// What is remembered of what its services need.
    results: Option<Arc<dyn Results>>,
    /// Where it is written down, like any other run.
    recorder: Option<Recorder>,
}

struct Server {
    system: Arc<dyn System>,
    root: Utf8PathBuf,
    guard: Option<GuardProgram>,
    history: Option<History>,
    /// Why something is not remembered, for whoever hears this supervisor; its threads tell it, too.
    complaints: (mpsc::UnboundedSender<String>, mpsc::UnboundedReceiver<String>),
    unread: Unread,
    entries: Entries,
    followers: Vec<Follower>,
    active: HashMap<RunId, Active>,
    runs: JoinSet<(RunId, Result<RunSummary, RunError>)>,
    sink: mpsc::Sender<Emitted>,
    /// What services are started with, which takes reading what they read.
    beginnings: JoinSet<(RunId, NodeId, Option<Beginning>)>,
    /// What became of services meanwhile: nobody is told that one can be used before it is known what it is.
    held: BTreeMap<(RunId, NodeId), Vec<Emitted>>,
    /// The run of what it was started for, if that was told from the beginning.
    first: Option<RunId>,
    outcome: Option<Result<RunSummary, RunError>>,
}

/// Keeps services up until the last has ended. `hear` is told what becomes of the services it was started for, and of
/// time; `on_signal` hears signals. Returns what the first run came to, if there was one.
pub fn supervise(
    mut supervision: Supervision,
    system: Arc<dyn System>,
    hear: impl FnMut(Heard<'_>),
    on_signal: impl Fn(Control) + Send + 'static,
) -> Result<Option<RunSummary>, ServicesError> {
    if let Some(up) = &supervision.first {
        // Before signals are taken: at a question they do what they do in every program.
        rush_exec::ask(&up.plan, &up.confirm, &HashMap::new())?;
    }
    let state = StateDirectory::open(&*system, &supervision.root)?;
    let directory = SupervisorDirectory::of(state.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let claim = directory.claim().map_err(|error| {
            ServicesError::of_claim(error, directory.find().map(|it| it.process))
        })?;
        let (sink, events) = mpsc::channel(EVENTS_MAX);
        let first = supervision.first.take();
        let mut server = Server::new(supervision, directory, sink, system);
        if let Some(first) = first {
            let (run, _) = server.start(Arc::new(first.plan), first.variables, None)?;
            server.first = Some(run);
        }
        let (signal_sender, heard) = mpsc::channel(CONTROLS_MAX);
        let signals = tokio::spawn(rush_exec::forward_signals(signal_sender, on_signal));
        let (asker, questions) = mpsc::channel::<Question>(QUESTIONS_MAX);
        let ears = Ears { tenure: Tenure::ServicesLast, heard, asker, questions };
        server.serve(&claim, events, hear, ears).await;
        signals.abort();
        server.outcome.transpose().map_err(ServicesError::from)
    })
}

/// A supervisor within this process, on a thread of its own, that stays until it is told to go. It is asked like any
/// other, only without a detour.
pub(crate) struct Attendant {
    pub(super) asker: mpsc::Sender<Question>,
    control: mpsc::Sender<Control>,
    thread: std::thread::JoinHandle<()>,
}

impl Attendant {
    /// Becomes the supervisor of a workspace. `hear` is told of everything, on that thread.
    pub(crate) fn begin(
        supervision: Supervision,
        system: Arc<dyn System>,
        hear: impl FnMut(Heard<'_>) + Send + 'static,
    ) -> Result<Self, ServicesError> {
        let state = StateDirectory::open(&*system, &supervision.root)?;
        let directory = SupervisorDirectory::of(state.path());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let claim = directory.claim().map_err(|error| {
            ServicesError::of_claim(error, directory.find().map(|it| it.process))
        })?;
        drop(entered);
        let (control, heard) = mpsc::channel(CONTROLS_MAX);
        let (asker, questions) = mpsc::channel::<Question>(QUESTIONS_MAX);
        let ears = Ears { tenure: Tenure::Told, heard, asker: asker.clone(), questions };
        let serve = move || {
            runtime.block_on(async move {
                let (sink, events) = mpsc::channel(EVENTS_MAX);
                let mut server = Server::new(supervision, directory, sink, system);
                server.serve(&claim, events, hear, ears).await;
            });
        };
        let thread = std::thread::Builder::new().name("rush services".to_owned()).spawn(serve)?;
        Ok(Self { asker, control, thread })
    }

    /// Ends all services; once more kills those that do not end.
    pub(crate) fn stop(&self) {
        // Who has so many words waiting was told to stop.
        let _ = self.control.try_send(Control::Interrupt);
    }

    /// Whether all have ended.
    pub(crate) fn is_gone(&self) -> bool {
        self.thread.is_finished()
    }
}

impl Server {
    fn new(
        supervision: Supervision,
        directory: SupervisorDirectory,
        sink: mpsc::Sender<Emitted>,
        system: Arc<dyn System>,
    ) -> Self {
        Self {
            system,
            root: supervision.root,
            entries: Entries::new(directory),
            guard: supervision.guard,
            history: supervision.history,
            complaints: mpsc::unbounded_channel(),
            unread: supervision.unread,
            followers: Vec::new(),
            active: HashMap::new(),
            runs: JoinSet::new(),
            sink,
            beginnings: JoinSet::new(),
            held: BTreeMap::new(),
            first: None,
            outcome: None,
        }
    }

    async fn serve(
        &mut self,
        claim: &SupervisorClaim,
        mut events: mpsc::Receiver<Emitted>,
        mut hear: impl FnMut(Heard<'_>),
        ears: Ears,
    ) {
        let Ears { tenure, mut heard, asker, mut questions } = ears;
        let mut may_go = tenure == Tenure::ServicesLast;
        let mut conversations = JoinSet::new();
        let mut ticks = tokio::time::interval(TICK);
        let mut patience = Box::pin(tokio::time::sleep(FIRST_QUESTION_MAX));
        let unread = self.unread.clone();
        let mut unread = std::pin::pin!(unread.told());
        let mut is_read = true;
        loop {
            tokio::select! {
                biased;
                () = &mut unread, if is_read => {
                    is_read = false;
                    self.tell_all(Control::Terminate);
                }
                Some(complaint) = self.complaints.1.recv() => hear(Heard::Warning(&complaint)),
                Some(control) = heard.recv() => {
                    self.tell_all(control);
                    may_go = true;
                    if self.runs.is_empty() {
                        break;
                    }
                }
                Some(emitted) = events.recv() => {
                    if tenure == Tenure::Told {
                        hear(Heard::Event(&emitted));
                    }
                    self.pass_on(&emitted, &mut hear);
                }
                Some(taken) = self.beginnings.join_next() => {
                    if let Ok((run, node, beginning)) = taken {
                        self.renew(&(run, node), beginning);
                    }
                }
                Some(ended) = self.runs.join_next() => {
                    while let Ok(emitted) = events.try_recv() {
                        self.pass_on(&emitted, &mut hear);
                    }
                    self.end(ended);
                    if self.runs.is_empty() && may_go {
                        break;
                    }
                }
                Some((request, reply)) = questions.recv() => {
                    self.answer(request, reply);
                }
                Ok(connection) = claim.listener().accept() => {
                    conversations.spawn(converse(connection, asker.clone()));
                }
                Some(_) = conversations.join_next() => {}
                () = &mut patience, if self.runs.is_empty() && may_go => break,
                _ = ticks.tick(), if self.first.is_some() => hear(Heard::Tick),
            }
        }
        self.followers.clear();
        drop(questions);
        let last_words = async { while conversations.join_next().await.is_some() {} };
        // Somebody who does not listen must not keep a supervisor alive.
        let _ = tokio::time::timeout(LAST_WORDS_MAX, last_words).await;
    }

    fn pass_on(&mut self, emitted: &Emitted, hear: &mut impl FnMut(Heard<'_>)) {
        if self.first.as_ref() == Some(&emitted.event.run) {
            hear(Heard::Event(emitted));
        }
        let Some(active) = self.active.get(&emitted.event.run) else { return };
        if let Some(recorder) = &active.recorder {
            recorder.hear(&emitted.event, &emitted.bytes);
        }
        let plan = Arc::clone(&active.plan);
        let Some(node) = emitted.event.node else { return };
        let key = (emitted.event.run.clone(), node);
        let is_service = plan.node(node).is_some_and(|it| it.as_service().is_some());
        let is_start =
            matches!(&emitted.event.body, EventBody::NodeChanged(NodeState::Running { .. }));
        // What it needs has ended by now, and may have made what it reads.
        if is_service && is_start && !self.held.contains_key(&key) {
            let (root, system) = (self.root.clone(), Arc::clone(&active.system));
            let (variables, results) = (active.variables.clone(), active.results.clone());
            let run = key.0.clone();
            self.beginnings.spawn_blocking(move || {
                let fingerprint = service_fingerprint(&plan, node, &root, &*system, &variables);
                let basis = || results?.basis(plan.position(node)?).ok();
                let taken = fingerprint.map(|it| Beginning { fingerprint: it, basis: basis() });
                (run, node, taken)
            });
            self.held.insert(key, vec![emitted.clone()]);
        } else if let Some(held) = self.held.get_mut(&key)
            && !matches!(&emitted.event.body, EventBody::AttemptOutput { .. })
        {
            held.push(emitted.clone());
        } else {
            self.take_in(emitted, &plan);
        }
    }

    fn take_in(&mut self, emitted: &Emitted, plan: &Plan) {
        if let Some(node) = self.entries.hear(emitted, plan, &*self.system) {
            self.tell_followers(node);
        }
    }

    /// Notes what a service was started with, and then what became of it meanwhile.
    fn renew(&mut self, key: &(RunId, NodeId), beginning: Option<Beginning>) {
        if let Some(beginning) = beginning {
            self.entries.renew(key.1, &key.0, beginning);
        }
        let plan = self.active.get(&key.0).map(|it| Arc::clone(&it.plan));
        let held = self.held.remove(key).unwrap_or_default();
        if let Some(plan) = plan {
            held.iter().for_each(|it| self.take_in(it, &plan));
        }
    }

    fn end(
        &mut self,
        ended: Result<(RunId, Result<RunSummary, RunError>), tokio::task::JoinError>,
    ) {
        // A run that dies of an error in Rush takes its services with it: they fall to the guard.
        let Ok((run, outcome)) = ended else { return };
        let held: Vec<_> = self.held.keys().filter(|it| it.0 == run).cloned().collect();
        held.iter().for_each(|it| self.renew(it, None));
        let refusal = outcome.as_ref().err().map(ToString::to_string);
        for node in self.entries.end_run(&run, refusal.as_deref(), &*self.system) {
            self.tell_followers(node);
        }
        if let Some(recorder) = self.active.remove(&run).and_then(|it| it.recorder) {
            recorder.finish();
        }
        if self.first.as_ref() == Some(&run) {
            self.outcome = Some(outcome);
        }
    }

    fn tell_followers(&mut self, node: NodeId) {
        let Some(entry) = self.entries.get(node) else { return };
        self.followers.retain_mut(|follower| follower.hear(entry.status(), entry.basis()));
        self.entries.forget_stopped(node);
    }

    fn tell_all(&self, control: Control) {
        for active in self.active.values() {
            // A run with so many words waiting has been told to stop already.
            let _ = active.control.try_send(control);
        }
    }
}

/// One conversation: a question, and answers until there are no more or nobody listens.
async fn converse(mut connection: Connection, asker: mpsc::Sender<Question>) {
    let Ok(Some(request)) = connection.receive::<Request>().await else { return };
    let (reply, mut replies) = mpsc::channel(REPLIES_MAX);
    if asker.send((request, reply)).await.is_err() {
        return;
    }
    drop(asker);
    while let Some(reply) = replies.recv().await {
        if connection.send(&reply).await.is_err() {
            return;
        }
    }
}

/// The variables of one `rush up`.
type Variables = BTreeMap<String, String>;
