//! The side that asks: finds the supervisor of a workspace, or starts it, and listens to its answers.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8Path;
use rush_exec::{
    Ask, Connection, KeptServices, KeptState, RunError, SupervisorAddress, SupervisorDirectory,
    service_errors, service_fingerprints, start_detached,
};
use rush_plan::{NodeId, Plan};
use rush_system::{StateDirectory, System};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::ServicesError;
use super::message::{InUse, Reply, Request, UpRequest};
use super::server::different;
use super::status::{ServiceState, ServiceStatus, is_meant};
use crate::wanted::Wanted;

/// How often it is looked whether a supervisor that was started is there.
const LOOK_PAUSE: Duration = Duration::from_millis(10);

/// How long a supervisor may take to be there.
const START_MAX: Duration = Duration::from_secs(10);

/// How often a question is put anew to another supervisor because the one before ended just then.
const ATTEMPTS_MAX: usize = 3;

/// Services to keep up.
pub struct Up {
    /// The plan whose roots they are.
    pub plan: Plan,
    /// The variables of the command line.
    pub variables: BTreeMap<String, String>,
    /// Who answers what the tasks ask that the services need; asked before anything is started.
    pub confirm: Ask,
}

/// What is told while services are started in another process.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// How a service is now.
    Status(&'a ServiceStatus),
    /// Something about the memory of it went wrong; the services are up all the same.
    Warning(&'a str),
}

/// Whose services are meant.
pub struct Asked<'a> {
    /// The root of the workspace.
    pub root: &'a Utf8Path,
    /// The package around whoever asks.
    pub package: &'a str,
    /// The world.
    pub system: &'a dyn System,
}

/// How the program is started as a supervisor.
pub struct Starter {
    /// The program.
    pub program: PathBuf,
    /// The words that make it one.
    pub words: Vec<String>,
}

impl Asked<'_> {
    fn directory(&self) -> Option<SupervisorDirectory> {
        let state = StateDirectory::find(self.system, self.root)?;
        Some(SupervisorDirectory::of(state.path()))
    }

    /// The supervisor, if there is one; one of another version can't be talked to.
    fn supervisor(&self) -> Result<Option<SupervisorAddress>, ServicesError> {
        self.directory().and_then(|it| it.find()).map(of_our_version).transpose()
    }
}

/// Refuses a supervisor that speaks another language than we do.
fn of_our_version(supervisor: SupervisorAddress) -> Result<SupervisorAddress, ServicesError> {
    if supervisor.version == SupervisorDirectory::VERSION {
        return Ok(supervisor);
    }
    Err(ServicesError::OtherVersion { process: supervisor.process })
}

/// Returns the services that are up or failed, sorted; none if nobody keeps any up.
pub fn services(asked: &Asked<'_>) -> Result<Vec<ServiceStatus>, ServicesError> {
    let Some(supervisor) = asked.supervisor()? else { return Ok(Vec::new()) };
    block_on(async {
        // One that ended while it was asked keeps nothing up.
        let Ok(mut connection) = supervisor.connect().await else { return Ok(Vec::new()) };
        let mut statuses = Vec::new();
        if ask(&mut connection, &supervisor, &Request::Status).await.is_err() {
            return Ok(statuses);
        }
        while let Ok(Some(reply)) = hear(&mut connection, &supervisor).await {
            if let Reply::Status(found) = reply {
                statuses = found;
            }
        }
        Ok(statuses)
    })
}

/// Ends services, and those that need them; all if none is named. Tells each that has ended and returns how many.
pub fn down(
    asked: &Asked<'_>,
    named: &[Wanted],
    mut on_change: impl FnMut(&ServiceStatus),
) -> Result<usize, ServicesError> {
    let alive: Vec<ServiceStatus> =
        services(asked)?.into_iter().filter(|it| it.state.is_alive()).collect();
    let meant = meant(&alive, named, asked.package)?;
    let Some(supervisor) = asked.supervisor()?.filter(|_| !meant.is_empty()) else { return Ok(0) };
    block_on(async {
        let Ok(mut connection) = supervisor.connect().await else { return Ok(0) };
        ask(&mut connection, &supervisor, &Request::Down { services: meant }).await?;
        let mut count = 0;
        while let Some(reply) = hear(&mut connection, &supervisor).await? {
            if let Reply::Changed(status) = reply
                && !status.state.is_alive()
            {
                count += 1;
                on_change(&status);
            }
        }
        Ok(count)
    })
}

/// The calls of the services that are up, if none of them is meant.
pub fn not_up(asked: &Asked<'_>, wanted: &Wanted) -> Result<Option<Vec<String>>, ServicesError> {
    let alive: Vec<ServiceStatus> =
        services(asked)?.into_iter().filter(|it| it.state.is_alive()).collect();
    let is_up = alive.iter().any(|it| is_meant(it, wanted, asked.package));
    Ok((!is_up).then(|| alive.into_iter().map(|it| it.call).collect()))
}

/// The services that are meant.
fn meant(
    alive: &[ServiceStatus],
    named: &[Wanted],
    package: &str,
) -> Result<Vec<NodeId>, ServicesError> {
    if named.is_empty() {
        return Ok(alive.iter().map(|it| it.node).collect());
    }
    let mut nodes = Vec::new();
    for wanted in named {
        let before = nodes.len();
        let found = alive.iter().filter(|it| is_meant(it, wanted, package));
        nodes.extend(found.map(|it| it.node));
        if nodes.len() == before {
            return Err(ServicesError::NotUp { label: wanted.to_string() });
        }
    }
    Ok(nodes)
}

/// Starts services in the supervisor of the workspace, which is started if there is none. Tells what happens, and
/// returns how each service is when all can be used or have failed.
pub fn up_detached(
    asked: &Asked<'_>,
    up: &Up,
    starter: &Starter,
    mut tell: impl FnMut(Progress<'_>),
) -> Result<Vec<ServiceStatus>, ServicesError> {
    let wrong = service_errors(&up.plan);
    if !wrong.is_empty() {
        return Err(RunError::Services(wrong).into());
    }
    rush_exec::ask(&up.plan, &up.confirm, &HashMap::new())?;
    let state = StateDirectory::open(asked.system, asked.root)?;
    let directory = SupervisorDirectory::of(state.path());
    let request = Request::Up(UpRequest {
        plan: String::from_utf8_lossy(&up.plan.to_json()).into_owned(),
        variables: up.variables.clone(),
        environment: asked.system.env_vars(),
    });
    block_on(async {
        for _ in 0..ATTEMPTS_MAX {
            let (supervisor, mut connection) = reach(asked, &directory, starter).await?;
            // A supervisor that ends just now hangs up without a word; the next one will answer.
            if connection.send(&request).await.is_err() {
                continue;
            }
            let mut last: BTreeMap<NodeId, ServiceStatus> = BTreeMap::new();
            while let Some(reply) = hear(&mut connection, &supervisor).await? {
                match reply {
                    Reply::Already(status) | Reply::Changed(status) => {
                        tell(Progress::Status(&status));
                        last.insert(status.node, status);
                    }
                    Reply::Warning(message) => tell(Progress::Warning(&message)),
                    Reply::Refused { message, help } => {
                        return Err(ServicesError::Told { message, help });
                    }
                    Reply::Status(_) | Reply::Using { .. } | Reply::Used(_) => {}
                }
            }
            if !last.is_empty() {
                return Ok(last.into_values().collect());
            }
        }
        Err(ServicesError::NotStarted { log: directory.own_log() })
    })
}

/// Reaches the supervisor, starting it if there is none.
async fn reach(
    asked: &Asked<'_>,
    directory: &SupervisorDirectory,
    starter: &Starter,
) -> Result<(SupervisorAddress, Connection), ServicesError> {
    let deadline = tokio::time::Instant::now() + START_MAX;
    let mut is_started = false;
    while tokio::time::Instant::now() < deadline {
        if let Some(supervisor) = directory.find().map(of_our_version).transpose()?
            && let Ok(connection) = supervisor.connect().await
        {
            return Ok((supervisor, connection));
        }
        if !is_started {
            is_started = true;
            directory.create().map_err(ServicesError::Runtime)?;
            let words: Vec<String> =
                starter.words.iter().cloned().chain([asked.root.to_string()]).collect();
            start_detached(&starter.program, &words, &directory.own_log())?;
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    }
    Err(ServicesError::NotStarted { log: directory.own_log() })
}

/// The services of a plan that are up already, and what keeps watching them.
pub(crate) struct Keeping {
    pub(crate) kept: KeptServices,
    /// Those services, for people.
    pub(crate) statuses: Vec<ServiceStatus>,
    watcher: Option<JoinHandle<()>>,
}

impl Drop for Keeping {
    fn drop(&mut self) {
        if let Some(watcher) = &self.watcher {
            watcher.abort();
        }
    }
}

/// Finds out which services of a plan are up. One that is up differently is an error.
pub(crate) async fn keep(
    plan: &Plan,
    root: &Utf8Path,
    system: &Arc<dyn System>,
    variables: &BTreeMap<String, String>,
) -> Result<Keeping, ServicesError> {
    let nothing = Keeping { kept: HashMap::new(), statuses: Vec::new(), watcher: None };
    if !plan.nodes().iter().any(|it| it.as_service().is_some()) {
        return Ok(nothing);
    }
    let asked = Asked { root, package: "", system: &**system };
    let Some(supervisor) = asked.supervisor()? else { return Ok(nothing) };
    let Ok(mut connection) = supervisor.connect().await else { return Ok(nothing) };
    let listed: Vec<_> = variables.clone().into_iter().collect();
    let services = service_fingerprints(plan, root, &**system, &listed);
    // One that ends just now hangs up, and its services have ended before.
    if ask(&mut connection, &supervisor, &Request::Use { services }).await.is_err() {
        return Ok(nothing);
    }
    let reply = hear(&mut connection, &supervisor).await;
    let Ok(Some(Reply::Using { same, different: others })) = reply else { return Ok(nothing) };
    if let Some((status, parts)) = others.first() {
        return Err(different(status, parts));
    }
    let mut senders = HashMap::new();
    let mut kept = HashMap::new();
    for used in &same {
        let (sender, receiver) = watch::channel(kept_state(used));
        senders.insert(used.status.node, sender);
        kept.insert(used.status.node, receiver);
    }
    let watcher = tokio::spawn(async move {
        // When the supervisor hangs up the senders go, which says that it is gone.
        while let Ok(Some(reply)) = connection.receive::<Reply>().await {
            if let Reply::Used(used) = reply
                && let Some(sender) = senders.get(&used.status.node)
            {
                sender.send_replace(kept_state(&used));
            }
        }
    });
    let statuses = same.into_iter().map(|it| it.status).collect();
    Ok(Keeping { kept, statuses, watcher: Some(watcher) })
}

fn kept_state(used: &InUse) -> KeptState {
    let InUse { status, basis } = used;
    match status.state {
        ServiceState::Starting | ServiceState::Restarting => KeptState::Starting,
        ServiceState::Up => KeptState::Up(basis.clone()),
        ServiceState::Failed => {
            KeptState::Gone(status.problem.clone().unwrap_or_else(|| "it failed".to_owned()))
        }
        ServiceState::Stopped => KeptState::Gone("it was ended".to_owned()),
    }
}

async fn ask(
    connection: &mut Connection,
    supervisor: &SupervisorAddress,
    request: &Request,
) -> Result<(), ServicesError> {
    let process = supervisor.process;
    connection.send(request).await.map_err(|source| ServicesError::NoAnswer { process, source })
}

async fn hear(
    connection: &mut Connection,
    supervisor: &SupervisorAddress,
) -> Result<Option<Reply>, ServicesError> {
    let process = supervisor.process;
    connection.receive().await.map_err(|source| ServicesError::NoAnswer { process, source })
}

fn block_on<T>(asking: impl Future<Output = Result<T, ServicesError>>) -> Result<T, ServicesError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(asking)
}
