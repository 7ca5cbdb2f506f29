//! What is said between a supervisor and others, one value a message.

use std::collections::BTreeMap;
use std::sync::Arc;

use rush_exec::{ServiceBasis, ServiceFingerprint};
use rush_plan::NodeId;
use serde::{Deserialize, Serialize};

use super::status::ServiceStatus;

/// What a supervisor is asked; one question a conversation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Request {
    /// How the services are.
    Status,
    /// Start what this plan is for, and keep it up.
    Up(UpRequest),
    /// End these services, and what needs them.
    Down {
        /// Which.
        services: Vec<NodeId>,
    },
    /// Use these services if they are up, and be told when they change, until the conversation ends.
    Use {
        /// Which, and how they would be started.
        services: BTreeMap<NodeId, ServiceFingerprint>,
    },
}

/// What a supervisor has to know to start services. Whoever asks has had the questions of the plan answered.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct UpRequest {
    /// The plan, as its own JSON.
    pub(super) plan: String,
    /// The variables of the command line.
    pub(super) variables: BTreeMap<String, String>,
    /// The environment of whoever asks, which the services inherit.
    pub(super) environment: BTreeMap<String, String>,
}

/// How a service is that a run uses.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct InUse {
    pub(super) status: ServiceStatus,
    /// What it was started on, if that is known.
    pub(super) basis: Option<Arc<ServiceBasis>>,
}

/// What a supervisor answers; the conversation ends after the last answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// How all services are.
    Status(Vec<ServiceStatus>),
    /// Which of the services are up, and which are up differently, with the parts that differ.
    Using {
        /// Those that can be used.
        same: Vec<InUse>,
        /// Those that can't.
        different: Vec<(ServiceStatus, Vec<String>)>,
    },
    /// A service was up before it was asked for.
    Already(ServiceStatus),
    /// A service is in a new state.
    Changed(ServiceStatus),
    /// The same for whoever uses it.
    Used(InUse),
    /// It is done, and something about the memory of it went wrong.
    Warning(String),
    /// It can't be done.
    Refused {
        /// Why.
        message: String,
        /// What to do.
        help: Option<String>,
    },
}
