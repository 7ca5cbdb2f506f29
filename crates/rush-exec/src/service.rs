//! Services: processes that run beside what needs them.
//!
//! What a plan declares becomes a [`Conduct`]: how to tell that the service can be used, and how it is ended. The
//! life of one service is in `service/unit.rs`; when it begins and when nobody needs it any more is decided by the
//! dispatcher.

use std::borrow::Cow;
use std::time::Duration;

use rush_plan::{Node, Plan, Service, Task, Work};

use crate::place::Signal;

mod basis;
mod fingerprint;
mod front;
mod holders;
mod http;
mod log_watch;
pub(crate) mod port;
mod probe;
mod restart;
mod unit;

pub use basis::ServiceBasis;
pub use fingerprint::{ServiceFingerprint, service_fingerprint, service_fingerprints};
pub(crate) use front::Fronts;
pub(crate) use holders::{Holders, reaches};
pub(crate) use unit::ServiceUnit;
pub use unit::{Kept, KeptServices, KeptState};

use probe::Prober;

/// How long a service may take to be ready if it does not say.
const READY_MAX: Duration = Duration::from_mins(1);

/// The shortest pause between two tries, whatever a task file says.
const EVERY_MIN: Duration = Duration::from_millis(10);

/// How one service is treated, read from what it declares.
#[derive(Clone, Debug)]
pub(crate) struct Conduct {
    /// How to tell that it can be used; without it, that it was started is enough.
    prober: Option<Prober>,
    every: Duration,
    timeout: Duration,
    signal: Signal,
    grace: Duration,
}

/// A declaration of a service that can't be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{label}`: {message}")]
pub struct ServiceError {
    /// The label of the service.
    pub label: String,
    /// The field, for looking up where it was written.
    pub field: &'static str,
    /// What is wrong, and what to do.
    pub message: String,
}

/// Returns what is wrong with the services of a plan, in the order of its nodes.
pub fn service_errors(plan: &Plan) -> Vec<ServiceError> {
    let services = plan.nodes().iter().filter_map(|node| Some((node, node.as_service()?)));
    let conducts = services.map(|(node, service)| (node, Conduct::of(service)));
    let wrong = conducts.filter_map(|(node, conduct)| Some((node, conduct.err()?)));
    wrong
        .map(|(node, (field, message))| ServiceError {
            label: node.label().to_owned(),
            field,
            message,
        })
        .collect()
}

/// The port of this machine by which a service is probed, if it is.
pub fn service_port(service: &Service) -> Option<u16> {
    Conduct::of(service).ok()?.prober?.local_port()
}

impl Conduct {
    fn of(service: &Service) -> Result<Self, (&'static str, String)> {
        let ready = service.ready.as_ref();
        let prober =
            ready.map(|it| Prober::of(&it.probe)).transpose().map_err(|it| ("ready", it))?;
        let signal = Signal::from_name(&service.stop.signal).ok_or_else(|| {
            let message = format!(
                "`stop.signal` is `{}`, which is no signal Rush sends; it knows SIGTERM, SIGINT, SIGQUIT, \
                 SIGHUP, SIGUSR1, SIGUSR2 and SIGKILL",
                service.stop.signal
            );
            ("stop", message)
        })?;
        Ok(Self {
            prober,
            every: ready.map_or(EVERY_MIN, |it| Duration::from_millis(it.every_ms).max(EVERY_MIN)),
            timeout: ready.map_or(READY_MAX, |it| Duration::from_millis(it.timeout_ms)),
            signal,
            grace: Duration::from_millis(service.stop.grace_ms),
        })
    }
}

/// What a node executes, as a task: nothing if it is skipped.
pub(crate) fn task_of(node: &Node) -> Option<Cow<'_, Task>> {
    match &node.work {
        Work::Task(task) => task.skip.is_none().then_some(Cow::Borrowed(&**task)),
        Work::Service(service) => Some(Cow::Owned(as_task(service))),
    }
}

/// A service as a place sees it: a task with one command. Nothing of it is ever cached, so it inherits everything.
pub(crate) fn as_task(service: &Service) -> Task {
    Task {
        run: vec![service.run.clone()],
        dir: service.dir.clone(),
        env: service.env.clone(),
        env_files: service.env_files.clone(),
        pass_env: service.pass_env.clone(),
        bin: service.bin.clone(),
        ..Task::default()
    }
}
