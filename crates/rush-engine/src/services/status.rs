//! How a service is, as its supervisor sees it.

use rush_plan::{NodeId, Timestamp};
use serde::{Deserialize, Serialize};

/// One service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceStatus {
    /// Its identity.
    pub node: NodeId,
    /// Its label.
    pub label: String,
    /// Its label with its arguments.
    pub call: String,
    /// How it is.
    pub state: ServiceState,
    /// Since when it is so.
    pub since: Timestamp,
    /// How often it was started again.
    pub restarts: u32,
    /// Its first process, while there is one.
    pub process: Option<u32>,
    /// The port of this machine by which it is probed.
    pub port: Option<u16>,
    /// The memory of all its processes, while there are some.
    pub memory_bytes: Option<u64>,
    /// The file with its output.
    pub log: String,
    /// Why it failed.
    pub problem: Option<String>,
    /// The Rush that keeps it up.
    pub supervisor: u32,
}

/// How a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// It can't be used yet.
    Starting,
    /// It can be used.
    Up,
    /// It ended by itself and will start again.
    Restarting,
    /// It ended, and stays so.
    Failed,
    /// It was ended.
    Stopped,
}

impl ServiceState {
    /// Whether it has processes, or soon will.
    pub const fn is_alive(self) -> bool {
        match self {
            Self::Starting | Self::Up | Self::Restarting => true,
            Self::Failed | Self::Stopped => false,
        }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Up => "up",
            Self::Restarting => "restarting",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

/// The label typed, seen from the package around: whether it means this service.
pub(super) fn is_meant(status: &ServiceStatus, typed: &str, package: &str) -> bool {
    if typed == status.label || typed == status.call {
        return true;
    }
    let Some((of, name)) = status.label.strip_prefix("//").and_then(|it| it.split_once(':')) else {
        return false;
    };
    let arguments = status.call.strip_prefix(&status.label).unwrap_or_default();
    let (typed, given) = typed.split_at(typed.find('(').unwrap_or(typed.len()));
    let is_called = typed == status.label
        || typed.replace('-', "_") == name && (of == package || of.is_empty());
    is_called && (given.is_empty() || are_given(arguments, given))
}

/// Whether arguments as typed, with or without the names of their parameters, are those of a call.
fn are_given(arguments: &str, typed: &str) -> bool {
    let mut left = split(arguments);
    split(typed).iter().all(|wanted| {
        let value = |it: &str| it.split_once(": ").map_or(it.to_owned(), |(_, it)| it.to_owned());
        let named = left.iter().position(|it| it == wanted);
        let found = named.or_else(|| left.iter().position(|it| value(it) == *wanted));
        found.map(|it| left.remove(it)).is_some()
    }) && left.is_empty()
}

/// The arguments between brackets, each without the space around it.
fn split(arguments: &str) -> Vec<String> {
    let inner = arguments.trim().trim_start_matches('(').trim_end_matches(')');
    let (mut parts, mut is_text, mut depth) = (vec![String::new()], false, 0_u32);
    for char in inner.chars() {
        match char {
            '"' => is_text = !is_text,
            '[' | '{' | '(' if !is_text => depth += 1,
            ']' | '}' | ')' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        match parts.last_mut() {
            Some(part) if char != ',' || is_text || depth > 0 => part.push(char),
            _ => parts.push(String::new()),
        }
    }
    let parts = parts.iter().map(|it| it.trim()).filter(|it| !it.is_empty());
    parts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn check(typed: &str, package: &str, expect: bool) {
        let label = "//web:dev_server".to_owned();
        let status = ServiceStatus {
            node: NodeId::of(&label, &BTreeMap::new(), &BTreeMap::new()),
            call: format!("{label}(port: 80)"),
            label,
            state: ServiceState::Up,
            since: Timestamp(0),
            restarts: 0,
            process: None,
            port: None,
            memory_bytes: None,
            log: String::new(),
            problem: None,
            supervisor: 1,
        };
        assert_eq!(is_meant(&status, typed, package), expect, "{typed} from {package}");
    }

    #[test]
    fn arguments_are_those_of_a_call_with_or_without_names() {
        let check = |arguments: &str, typed: &str, expect: bool| {
            assert_eq!(are_given(arguments, typed), expect, "{arguments} {typed}");
        };
        check("", "()", true);
        check("(a: \"x, y\", b: [1, 2])", "(\"x, y\", [1, 2])", true);
        check("(a: \"x, y\", b: [1, 2])", "([1, 2], a: \"x, y\")", true);
        check("(a: 1, b: 1)", "(1)", false);
    }

    #[test]
    fn a_service_is_meant_by_its_label_its_call_or_its_name_nearby() {
        check("//web:dev_server", "", true);
        check("//web:dev_server(port: 80)", "api", true);
        check("dev-server", "web", true);
        check("dev_server(port: 80)", "web", true);
        check("dev_server(port: 81)", "web", false);
        check("dev_server", "api", false);
        check("dev_server(80)", "web", true);
        check("dev-server( port: 80 )", "web", true);
        check("//web:dev_server(80)", "api", true);
        check("dev_server()", "web", false);
        check("dev_server(80, 81)", "web", false);
        check("server", "web", false);
    }
}
