//! What running a plan asks of a reader beyond starting commands in order.
//!
//! The list of a plan follows from its content, so a plan can't ask for less than it uses.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SecretDeclaration;
use crate::{CacheMode, Node, SecretMount, Work};

/// Something a reader must be able to do, or refuse the plan by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// `allow_failure`
    AllowFailure,
    /// `cache`, and `inputs` that turn it on
    Cache,
    /// `confirm`
    Confirm,
    /// `depfile`
    Depfile,
    /// `finally`
    Finally,
    /// `interactive`
    Interactive,
    /// `limit`
    Limit,
    /// `log`
    Log,
    /// `resources`
    Resources,
    /// `retry`
    Retry,
    /// `secret` in `env` or `stdin`
    Secret,
    /// `mount: "file"` of a secret
    SecretFile,
    /// `service`
    Service,
    /// `timeout`
    Timeout,
}

impl Feature {
    /// Every feature this build knows, sorted.
    pub const ALL: [Self; 14] = [
        Self::AllowFailure,
        Self::Cache,
        Self::Confirm,
        Self::Depfile,
        Self::Finally,
        Self::Interactive,
        Self::Limit,
        Self::Log,
        Self::Resources,
        Self::Retry,
        Self::Secret,
        Self::SecretFile,
        Self::Service,
        Self::Timeout,
    ];

    /// The name in the plan; also the field or kind of the language that asks for it, where there is one.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AllowFailure => "allow_failure",
            Self::Cache => "cache",
            Self::Confirm => "confirm",
            Self::Depfile => "depfile",
            Self::Finally => "finally",
            Self::Interactive => "interactive",
            Self::Limit => "limit",
            Self::Log => "log",
            Self::Resources => "resources",
            Self::Retry => "retry",
            Self::Secret => "secret",
            Self::SecretFile => "secret_file",
            Self::Service => "service",
            Self::Timeout => "timeout",
        }
    }

    /// The feature of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Whether running this node asks for it.
    pub fn is_used_by(self, node: &Node) -> bool {
        let task = match &node.work {
            Work::Service(service) => {
                return match self {
                    Self::Service => true,
                    Self::Secret => service.env.values().any(crate::EnvValue::has_secret),
                    _ => false,
                };
            }
            Work::Task(task) => task,
        };
        match self {
            Self::AllowFailure => task.allow_failure,
            Self::Cache => task.cache.mode != CacheMode::Off,
            Self::Confirm => task.confirm.is_some(),
            Self::Depfile => task.depfile.is_some(),
            Self::Finally => !task.finally.is_empty(),
            Self::Interactive => task.interactive,
            Self::Limit => task.limit.is_some(),
            Self::Log => task.log.is_some(),
            Self::Resources => !crate::is_default(&task.resources),
            Self::Retry => task.retry.is_some(),
            Self::Secret => {
                task.env.values().any(crate::EnvValue::has_secret)
                    || task.stdin.as_ref().is_some_and(crate::Stdin::has_secret)
            }
            Self::SecretFile | Self::Service => false,
            Self::Timeout => task.timeout_ms.is_some(),
        }
    }
}

/// The features that some nodes ask for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct UsedFeatures([bool; Feature::ALL.len()]);

impl UsedFeatures {
    /// Adds what running a node asks for. Nodes are many and far apart, so each is looked at once.
    pub(super) fn note(&mut self, node: &Node) {
        for (feature, is_used) in Feature::ALL.iter().zip(&mut self.0) {
            *is_used = *is_used || feature.is_used_by(node);
        }
    }

    /// Adds what other nodes ask for.
    pub(super) fn add(&mut self, others: Self) {
        self.0.iter_mut().zip(others.0).for_each(|(it, other)| *it |= other);
    }

    /// What a content with these nodes and secrets asks for, sorted.
    pub(super) fn required(self, secrets: &BTreeMap<String, SecretDeclaration>) -> Vec<Feature> {
        let has_file = secrets.values().any(|secret| secret.mount == SecretMount::File);
        let is_used = |(feature, is_used)| is_used || feature == Feature::SecretFile && has_file;
        let used = Feature::ALL.into_iter().zip(self.0).filter(|it| is_used(*it));
        used.map(|(feature, _)| feature).collect()
    }
}
